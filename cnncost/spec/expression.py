"""The call notation: parses and evaluates the allowed subset of Python expressions, nothing else.

An expression is parsed with `ast` and walked by hand over a whitelist. Its value is a plain value
(a number, a string, a list, a symbol) or an *item*: a call, a chain, a repeat, a merge or a ref,
not yet expanded into layers.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from cnncost import dims
from cnncost.errors import CnncostError, Place, SpecError, did_you_mean
from cnncost.spec import limits

# Items: what an expression of layers evaluates to


class Template(Protocol):
    """Something that a spec can call: a layer type or a block."""

    @property
    def name(self) -> str: ...


class Item:
    """What stands for layers. It compares by identity and shows itself short: items may share parts,
    so that one of a few lines unfolds to millions."""

    def __repr__(self) -> str:
        return "a layer"


@dataclass(frozen=True, eq=False, repr=False)
class Call(Item):
    """A layer or a block with its arguments; a bare name is a call without arguments."""

    template: Template
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    expression: Expression | None = None  # where it is written: None for the name by itself
    node: ast.AST | None = None

    @property
    def bare(self) -> bool:
        """Whether it has no arguments."""
        return not self.args and not self.kwargs

    @property
    def place(self) -> Place | None:
        """Where it stands."""
        return self.expression.at(self.node) if self.expression and self.node else None

    def place_of(self, argument: str | int) -> Place | None:
        """Where an argument stands: by its name, or the number of a positional one."""
        if not self.expression or not isinstance(self.node, ast.Call):
            return self.place
        if isinstance(argument, int):
            return self.expression.at(self.node.args[argument])
        keyword = next((k for k in self.node.keywords if k.arg == argument), None)
        return self.expression.at(keyword or self.node)


@dataclass(frozen=True, eq=False, repr=False)
class Chain(Item):
    """Items one after the other: `a >> b`."""

    items: tuple[Any, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Repeat(Item):
    """`n * item`."""

    times: int
    item: Any
    place: Place


@dataclass(frozen=True, eq=False, repr=False)
class Merge(Item):
    """`add`, `concat` or `multiply` with its named branches."""

    kind: str
    branches: Mapping[str, Any]
    place: Place


@dataclass(frozen=True, eq=False, repr=False)
class Ref(Item):
    """`ref(name)`: an earlier output, by name."""

    name: str
    place: Place


@dataclass(frozen=True, eq=False, repr=False)
class Expression:
    """A parsed expression and where it stands."""

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

    def typed(self, node: ast.AST) -> str:
        """A part of the expression as it was typed, cut for an error message."""
        return shorten(ast.get_source_segment(self.text, node) or self.text)


def located(before: str, place: Place, rows: tuple[str, ...]) -> Place:
    """The place behind so much of a text that starts at `place`.

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
    """Parse one expression that is written at `place`, on one line or on several `rows`.

    Raises:
        SpecError: it is too long, too deep, or no expression of the notation.
    """
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
        return Fault("nothing is written here: a layer or a value belongs here")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "invalid escape sequence" and the like
            tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        before = text.split("\n")[: (error.lineno or 1) - 1]
        offset = sum(len(line) + 1 for line in before) + (error.offset or 1) - 1
        message = f"`{shorten(text)}` is not a call, a chain or a value: {error.msg}"
        return Fault(message, min(max(offset, 0), len(text)))
    except (ValueError, MemoryError, RecursionError):
        return Fault(f"`{shorten(text)}` is not a call, a chain or a value: it cannot be read")
    size = parts(tree)
    return (
        Parsed(tree, size)
        if size
        else Fault(f"an expression nested more than {limits.EXPRESSION_DEPTH} deep")
    )


_remembered = lru_cache(maxsize=4096)(_parsed)


def parts(tree: ast.expr) -> int:
    """How many parts the tree has, or 0 if it is too deep to walk; `a >> b >> c` is one level."""
    level: list[ast.AST] = [tree]
    size = 0
    for _ in range(limits.EXPRESSION_DEPTH):
        size += len(level)
        below: list[ast.AST] = []
        for node in level:
            if is_chain(node):
                node = unchain(node)
                size += len(node.elts)
            below.extend(ast.iter_child_nodes(node))
        level = [node for node in below if isinstance(node, (ast.expr, ast.keyword))]
        if not level:
            return size
    return 0


def is_chain(node: ast.AST) -> bool:
    """Whether the node is `a >> b`."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.RShift)


def unchain(node: ast.AST) -> ast.Tuple:
    """The links of `a >> b >> c`, side by side."""
    links: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.RShift):
        links.append(node.right)
        node = node.left
    links.append(node)  # type: ignore[arg-type]
    return ast.Tuple(links[::-1], ast.Load())


def shorten(text: str, width: int = 60) -> str:
    """The text, cut for an error message; what a terminal would obey is made visible."""
    text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in " ".join(text[: 9 * width].split()))
    return text if len(text) <= width else text[: width - 1] + "…"


# Evaluation

COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: dims.same,
    ast.NotEq: lambda a, b: not dims.same(a, b),
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
SIGNS = {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**"}
MERGE_KINDS = ("add", "concat", "multiply")


def make_divisible(value: float, divisor: int = 8, min_value: Any = None) -> int:
    """Round channels to a multiple of `divisor`, never down by more than a tenth.

    Source: the MobileNet v2 and v3 reference code; torchvision's `_make_divisible`.
    """
    least = divisor if min_value is None else min_value
    rounded = max(least, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


def rounded(number: Any, ndigits: Any = None) -> Any:
    """Python's `round`; it raises 10 to the power of `ndigits`, so these are few."""
    if ndigits is not None and not -12 <= ndigits <= 12:
        raise ValueError("`ndigits` must lie between -12 and 12")
    return round(number, ndigits)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "round": rounded,
    "int": int,
    "len": len,
    "sum": sum,
    "make_divisible": make_divisible,
}


class Evaluator:
    """Evaluates one expression in a scope of named values.

    `names` looks a name up and raises KeyError for an unknown one; `known` lists the names for
    suggestions.
    """

    def __init__(
        self, expression: Expression, names: Mapping[str, Any], known: Callable[[], list[str]]
    ) -> None:
        self.expression = expression
        self.names = names
        self.known = known

    def value(self) -> Any:
        """The expression's value: plain, or an item.

        Raises:
            SpecError: an unknown name, an operation that is not allowed or does not work.
        """
        return self.visit(self.expression.tree)

    def fail(self, node: ast.AST, message: str) -> SpecError:
        return SpecError(message, self.expression.at(node))

    def visit(self, node: ast.AST) -> Any:
        method = getattr(self, f"visit_{type(node).__name__}", None)
        if method is None:
            raise self.fail(node, f"{FORBIDDEN.get(type(node).__name__, 'this')} is not part of the notation")
        return method(node)

    def visit_Constant(self, node: ast.Constant) -> Any:
        value = node.value
        if value is None or isinstance(value, (bool, str)):
            return value
        if isinstance(value, (int, float)):
            return self.limited(node, value)
        raise self.fail(node, f"`{self.expression.typed(node)}` is not part of the notation")

    def visit_Name(self, node: ast.Name) -> Any:
        if "__" in node.id:
            raise self.fail(node, f"`{node.id}`: names with `__` are not part of the notation")
        try:
            value = self.names[node.id]
        except KeyError:
            raise self.fail(node, unknown(node.id, self.known())) from None
        if isinstance(value, Call) and value.expression is None:
            return Call(value.template, (), {}, self.expression, node)
        return value

    def visit_Tuple(self, node: ast.Tuple | ast.List) -> Any:
        return self.limited(node, tuple(self.visit(element) for element in node.elts))

    visit_List = visit_Tuple

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        return self.visit(node.body if self.truth(node.test) else node.orelse)

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        wanted = isinstance(node.op, ast.Or)
        return any(self.truth(v) for v in node.values) if wanted else all(self.truth(v) for v in node.values)

    def truth(self, node: ast.expr) -> bool:
        value = self.visit(node)
        if isinstance(value, Item):
            raise self.fail(node, "a layer is neither true nor false")
        try:
            return bool(value)
        except TypeError:
            raise self.fail(
                node, f"`{self.expression.typed(node)}` depends on a symbol: neither true nor false"
            ) from None

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        if isinstance(node.op, ast.Not):
            return not self.truth(node.operand)
        value = self.visit(node.operand)
        if isinstance(node.op, ast.Invert) or not is_number(value):
            raise self.fail(node, f"`{self.expression.typed(node)}` is not part of the notation")
        return -value if isinstance(node.op, ast.USub) else value

    def visit_Compare(self, node: ast.Compare) -> bool:
        values = [self.visit(value) for value in (node.left, *node.comparators)]
        if any(isinstance(value, Item) for value in values):
            return self.compare_items(node, values)
        try:
            return all(
                bool(COMPARISONS[type(op)](a, b))
                for op, a, b in zip(node.ops, values, values[1:], strict=False)
            )
        except TypeError:
            shown = self.expression.typed(node)
            if any(map(dims.is_symbolic, values)):
                raise self.fail(node, f"`{shown}` depends on a symbol: neither true nor false") from None
            raise self.fail(node, f"`{shown}` compares values that have no order") from None

    def compare_items(self, node: ast.Compare, values: list[Any]) -> bool:
        """A param may hold a block or a layer: it compares by its name, `block == bottleneck`."""
        keys = [v.template.name if isinstance(v, Call) and v.bare else v for v in values]
        if len(keys) != 2 or not isinstance(node.ops[0], (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)):
            raise self.fail(node, "layers and blocks compare with == and != only")
        return (keys[0] == keys[1]) is isinstance(node.ops[0], (ast.Eq, ast.Is))

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        value, index = self.visit(node.value), self.visit(node.slice)
        if not isinstance(value, tuple) or not isinstance(index, int):
            raise self.fail(
                node, f"`{self.expression.typed(node)}`: only a list can be indexed, by a whole number"
            )
        try:
            return value[index]
        except IndexError:
            raise self.fail(
                node, f"`{self.expression.typed(node)}`: the list has {len(value)} items"
            ) from None

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        if is_chain(node):
            return self.chain(node)
        left, right = self.visit(node.left), self.visit(node.right)
        nothing = right is None and isinstance(node.op, ast.Mult)
        if isinstance(right, Item) or isinstance(left, Item) or nothing:
            return self.repeat(node, left, right)
        return self.arithmetic(node, left, right)

    def chain(self, node: ast.BinOp) -> Chain:
        links = unchain(node).elts
        items = [self.visit(link) for link in links]
        for i, (item, link) in enumerate(zip(items, links, strict=True)):
            if item is not None and not isinstance(item, Item):
                raise self.fail(
                    link, f"`{self.expression.typed(link)}` is a value, not a layer: `>>` joins layers"
                )
            if i and isinstance(item, Ref):
                raise self.fail(link, "`ref` starts a chain: it must come first")
        return Chain(tuple(items))

    def repeat(self, node: ast.BinOp, times: Any, item: Any) -> Repeat | None:
        if not isinstance(node.op, ast.Mult) or isinstance(times, Item):
            raise self.fail(node, "layers join with `>>` and repeat with `n * layer`")
        if not isinstance(times, int) or isinstance(times, bool):
            raise self.fail(node.left, f"a repeat needs a whole number, got {times!r}")
        if not 0 <= times <= limits.REPEATS:
            raise self.fail(node.left, f"a repeat of {times}: it must lie between 0 and {limits.REPEATS}")
        return Repeat(times, item, self.expression.at(node)) if item is not None else None

    def arithmetic(self, node: ast.BinOp, left: Any, right: Any) -> Any:
        lists = isinstance(left, tuple) and isinstance(right, tuple) and isinstance(node.op, ast.Add)
        if type(node.op) not in ARITHMETIC or not (lists or (is_number(left) and is_number(right))):
            shown = self.expression.typed(node)
            raise self.fail(node, f"`{shown}`: {describe(left)} and {describe(right)} cannot be combined so")
        if isinstance(node.op, ast.Pow):
            self.check_power(node, left, right)
        try:
            return self.limited(node, ARITHMETIC[type(node.op)](left, right))
        except ZeroDivisionError:
            raise self.fail(node, f"`{self.expression.typed(node)}` divides by zero") from None
        except OverflowError:
            raise self.fail(
                node, f"`{self.expression.typed(node)}` is larger than {limits.INTEGER}"
            ) from None
        except (ArithmeticError, ValueError, TypeError) as error:
            raise self.fail(node, f"`{self.expression.typed(node)}`: {error}") from None

    def check_power(self, node: ast.BinOp, base: Any, exponent: Any) -> None:
        """Refuse a power before it is computed: 9**9**9 has 370 million digits."""
        bits = base.bit_length() if isinstance(base, int) else 1
        known = isinstance(exponent, int) and not isinstance(base, float)
        if known and bits * max(exponent, 0) > 2 * limits.INTEGER.bit_length():
            raise self.fail(node, f"`{self.expression.typed(node)}` is larger than {limits.INTEGER}")

    def limited(self, node: ast.AST, value: Any) -> Any:
        if isinstance(value, (int, float)) and not abs(value) <= limits.INTEGER:
            raise self.fail(node, f"a number beyond {limits.INTEGER}")
        if isinstance(value, tuple) and (fault := list_fault(value)):
            raise self.fail(node, fault)
        if isinstance(value, complex):
            raise self.fail(node, "a complex number")
        if dims.is_symbolic(value) and value.is_number:  # F - F is zero, not a symbol
            if not value.is_Integer:
                raise self.fail(node, f"`{self.expression.typed(node)}` is no whole number")
            return self.limited(node, int(value))
        return value

    def visit_Call(self, node: ast.Call) -> Any:
        if not isinstance(node.func, ast.Name):
            if isinstance(node.func, ast.Attribute):
                raise self.fail(node.func, f"{FORBIDDEN['Attribute']} is not part of the notation")
            raise self.fail(
                node, f"`{self.expression.typed(node)}`: only a named layer, block or function is called"
            )
        name = node.func.id
        if name == "ref":
            return self.ref(node)
        for part in (*node.args, *node.keywords):
            if isinstance(part, ast.Starred) or (isinstance(part, ast.keyword) and part.arg is None):
                raise self.fail(node, "`*` and `**` arguments are not part of the notation")
        args = tuple(self.visit(argument) for argument in node.args)
        kwargs = {str(k.arg): self.visit(k.value) for k in node.keywords}
        if name in MERGE_KINDS:
            return self.merge(node, name, args, kwargs)
        if name in FUNCTIONS and name not in self.names:
            return self.function(node, name, args, kwargs)
        return self.call(node, self.visit(node.func), args, kwargs)

    def call(self, node: ast.Call, called: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        assert isinstance(node.func, ast.Name)
        if not isinstance(called, Call):
            raise self.fail(node, f"`{node.func.id}` is {describe(called)}, not a layer or a block")
        if not called.bare:
            raise self.fail(node, f"`{node.func.id}` has its arguments already")
        return Call(called.template, args, kwargs, self.expression, node)

    def ref(self, node: ast.Call) -> Ref:
        if len(node.args) != 1 or node.keywords:
            raise self.fail(node, "`ref` takes one name: `ref(enc1)`")
        name = node.args[0]
        if isinstance(name, ast.Name):
            return Ref(name.id, self.expression.at(name))
        value = self.visit(name) if isinstance(name, ast.Constant) else None
        if not isinstance(value, str):
            raise self.fail(name, "`ref` takes a name, `ref(enc1)`, or a path in quotes, `ref('stage1.0')`")
        return Ref(value, self.expression.at(name))

    def merge(self, node: ast.Call, kind: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Merge:
        if args or len(kwargs) < 2:
            raise self.fail(node, f"`{kind}` takes two or more named branches: `{kind}(a=…, b=…)`")
        for keyword in node.keywords:
            if (branch := kwargs[str(keyword.arg)]) is not None and not isinstance(branch, Item):
                raise self.fail(keyword, f"branch `{keyword.arg}` is {describe(branch)}, not a layer")
        return Merge(kind, kwargs, self.expression.at(node))

    def function(self, node: ast.Call, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            if any(isinstance(v, Item) for v in (*args, *kwargs.values())):
                raise TypeError("a layer is not a value")
            if name in ("min", "max") and any(map(dims.is_symbolic, args)):
                return (dims.minimum if name == "min" else dims.maximum)(*args)
            return self.limited(node, FUNCTIONS[name](*args, **kwargs))
        except CnncostError:
            raise
        except ZeroDivisionError:
            raise self.fail(node, f"`{self.expression.typed(node)}` divides by zero") from None
        except (ArithmeticError, ValueError, TypeError) as error:
            raise self.fail(node, f"`{self.expression.typed(node)}`: {error}") from None


FORBIDDEN = {
    "Attribute": "attribute access",
    "Lambda": "a lambda",
    "ListComp": "a comprehension",
    "SetComp": "a comprehension",
    "DictComp": "a comprehension",
    "GeneratorExp": "a comprehension",
    "JoinedStr": "an f-string",
    "Dict": "a dictionary",
    "Set": "a set",
    "NamedExpr": "an assignment",
    "Await": "await",
    "Yield": "yield",
    "YieldFrom": "yield",
    "Starred": "a starred value",
    "Slice": "a slice",
}


def unknown(name: str, known: Iterable[str]) -> str:
    """What to say of a name that stands for nothing."""
    if name in FUNCTIONS or name in MERGE_KINDS or name == "ref":
        return f"`{name}` must be called: `{name}(…)`"
    what = "no such layer" if name[:1].isupper() else "no such layer, block or param"
    return f"{shorten(name)}: {what}{did_you_mean(name, known)}"


def list_fault(value: tuple[Any, ...]) -> str:
    """What is too much in a list, if anything; lists within it count in full, however they are shared."""
    level, items = [value], 0
    for _ in range(limits.LIST_DEPTH):
        items += sum(map(len, level))
        if items > limits.LIST_ITEMS:
            return f"a list of more than {limits.LIST_ITEMS} items"
        level = [part for part_of in level for part in part_of if isinstance(part, tuple)]
        if not level:
            return ""
    return f"lists nested more than {limits.LIST_DEPTH} deep"


def is_number(value: Any) -> bool:
    """Whether arithmetic may touch the value."""
    return (isinstance(value, (int, float)) and not isinstance(value, bool)) or dims.is_symbolic(value)


def describe(value: Any) -> str:
    """A value in the words of the spec."""
    if isinstance(value, Item):
        return "a layer"
    if isinstance(value, tuple):
        return "a list"
    if isinstance(value, str):
        return f"the text {value!r}"
    return repr(value)
