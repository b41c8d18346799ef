"""The call notation, parsed: a subset of Python expressions, and the place of each part."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from keyword import iskeyword

from cnncost.errors import Place, SpecError
from cnncost.spec import limits


@dataclass(frozen=True, eq=False, repr=False)
class Expression:
    """A parsed expression and its place."""

    text: str
    tree: ast.expr
    place: Place
    rows: tuple[str, ...] = ()  # the lines that it is written on, where it is more than one
    size: int = 1  # how many parts it has: what it costs to evaluate

    def at(self, node: ast.AST) -> Place:
        """The place of a part of the expression."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        before = self.text.split("\n")[: line - 1]
        last = self.text.split("\n")[line - 1].encode()[:column].decode()
        return located("".join([*before, last]), self.place, self.rows)

    def width(self, node: ast.AST | None) -> int:
        """How many characters a part has."""
        return len((node and ast.get_source_segment(self.text, node)) or self.text)

    def typed(self, node: ast.AST) -> str:
        """A part of the expression as it was typed, cut for an error message."""
        return shorten(ast.get_source_segment(self.text, node) or self.text)


def located(before: str, place: Place, rows: tuple[str, ...]) -> Place:
    """The place after `before`, of a text that starts at `place`.

    On several `rows` spaces are not as typed (YAML folds lines), so the other characters are counted.
    """
    if not rows:
        return place.right(len(before))
    left = len("".join(before.split()))
    for i, row in enumerate(rows):
        for column in range(0 if i else place.column - 1, len(row)):
            if not row[column].isspace():
                if left == 0:
                    return Place(place.source, place.line + i, column + 1, row)
                left -= 1
    return place


def parse(text: str, place: Place, rows: tuple[str, ...] = ()) -> Expression:
    """Parse one expression that is written at `place`, on one line or on several `rows`."""
    if len(text) > limits.EXPRESSION_CHARACTERS:
        raise SpecError(f"an expression of more than {limits.EXPRESSION_CHARACTERS} characters", place)
    place = located(text[: len(text) - len(text.lstrip())], place, rows)
    text = text.strip()
    parsed = _remembered(text) if len(text) <= 200 else _parsed(text)
    if isinstance(parsed, Fault):
        raise SpecError(parsed.message, located(text[: parsed.offset], place, rows))
    return Expression(text, parsed.tree, place, rows, parsed.size)


@dataclass(frozen=True, eq=False)
class Parsed:
    """The tree of a text and how many parts it has."""

    tree: ast.expr
    size: int


@dataclass(frozen=True)
class Fault:
    """What is wrong with a text, and at which character."""

    message: str
    offset: int = 0


def _parsed(text: str) -> Parsed | Fault:
    """The tree, or what is wrong with the text."""
    if not text:
        return Fault("nothing is written here: write a layer or a value")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "invalid escape sequence" and the like
            tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        before = text.split("\n")[: (error.lineno or 1) - 1]
        offset = sum(len(line) + 1 for line in before) + (error.offset or 1) - 1
        hint = "; a path in `ref` needs quotes" if "ref(" in text and "." in text else reserved(text)
        message = f"`{shorten(text)}` is not a call, a chain or a value: {fault_of(text) or error.msg}{hint}"
        return Fault(message, min(max(offset, 0), len(text)))
    except (ValueError, MemoryError, RecursionError):
        return Fault(f"`{shorten(text)}` is not a call, a chain or a value: it cannot be read")
    size = parts(tree)
    return (
        Parsed(tree, size)
        if size
        else Fault(f"an expression nested more than {limits.EXPRESSION_DEPTH} deep")
    )


def fault_of(text: str) -> str:
    """What to write instead of a text that comes from Python; an empty text if it is nothing known."""
    from cnncost.spec.text_habits import habit_of_text

    return shorten(habit_of_text(text), 200)


def reserved(text: str) -> str:
    """A hint if a name in the text is a word of Python, such as `global` or `lambda`."""
    words = [
        word for word in re.findall(r"[^\W\d]\w*", text) if iskeyword(word) and word not in PART_OF_NOTATION
    ]
    return f"; `{words[0]}` is a word of Python and cannot be a name" if words else ""


PART_OF_NOTATION = ("if", "else", "and", "or", "not", "in", "is", "None", "True", "False")


_remembered = lru_cache(maxsize=4096)(_parsed)


def parts(tree: ast.expr) -> int:
    """How many parts the tree has, or 0 if it is too deep to walk; `a >> b >> c` is one level."""
    level: list[ast.AST] = [tree]
    size = 0
    for _ in range(limits.EXPRESSION_DEPTH):
        size += len(level)
        below: list[ast.AST] = []
        for node in level:
            links = links_of(node)
            size += len(links)
            below.extend(links or ast.iter_child_nodes(node))
        level = [node for node in below if isinstance(node, (ast.expr, ast.keyword))]
        if not level:
            return size
    return 0


@lru_cache(maxsize=8192)
def counts_copies(tree: ast.expr) -> bool:
    """Whether the tree depends on the number of the copy: by `index`, or by `{}` in a `ref`."""
    return any(
        (isinstance(node, ast.Name) and node.id == "index")
        or (isinstance(node, ast.Constant) and isinstance(node.value, str) and "{}" in node.value)
        for node in ast.walk(tree)
    )


def names_in(tree: ast.AST) -> frozenset[str]:
    """The names that occur in the tree."""
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


@lru_cache(maxsize=32768)
def links_of(node: ast.AST) -> tuple[ast.expr, ...]:
    """The links of `a >> b >> c`, side by side; none of what is no chain."""
    links = list[ast.expr]()
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.RShift):
        links.append(node.right)
        node = node.left
    return (node, *reversed(links)) if links else ()  # type: ignore[arg-type]


def visible(text: str) -> str:
    """The text on one line; what a terminal would obey is written out."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in " ".join(text.split()))


def shorten(text: str, width: int = 60) -> str:
    """The text, cut for an error message; what a terminal would obey is made visible."""
    text = visible(text[: 9 * width])
    return text if len(text) <= width else text[: width - 1] + "…"
