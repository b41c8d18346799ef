"""The call notation: parses and evaluates the allowed subset of Python expressions, nothing else.

An expression is parsed with `ast` and walked by hand over a whitelist. Its value is a plain value
(a number, a string, a list, a symbol) or an *item*: a call, a chain, a repeat, a merge or a ref,
not yet expanded into layers.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Call:
    """A layer or a block with its arguments; a bare name is a call without arguments."""

    template: Template
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    place: Place


@dataclass(frozen=True)
class Chain:
    """Items one after the other: `a >> b`."""

    items: tuple[Any, ...]


@dataclass(frozen=True)
class Repeat:
    """`n * item`."""

    times: int
    item: Any
    place: Place


@dataclass(frozen=True)
class Merge:
    """`add`, `concat` or `multiply` with its named branches."""

    kind: str
    branches: Mapping[str, Any]
    place: Place


@dataclass(frozen=True)
class Ref:
    """`ref(name)`: an earlier output, by name."""

    name: str
    place: Place


ITEMS = (Call, Chain, Repeat, Merge, Ref)


@dataclass(frozen=True)
class Expression:
    """A parsed expression and where it stands."""

    text: str
    tree: ast.expr
    place: Place
    inline: bool = True  # one line as typed: columns inside it are exact

    def at(self, node: ast.AST) -> Place:
        """The place of a part of the expression."""
        if not self.inline or getattr(node, "lineno", 1) != 1:
            return self.place
        offset = len(self.text.encode()[: getattr(node, "col_offset", 0)].decode(errors="ignore"))
        return Place(self.place.source, self.place.line, self.place.column + offset, self.place.text)


def parse(text: str, place: Place, inline: bool = True) -> Expression:
    """Parse one expression.

    Raises:
        SpecError: it is too long, too deep, or no expression of the notation.
    """
    if len(text) > limits.EXPRESSION_CHARACTERS:
        raise SpecError(f"an expression of more than {limits.EXPRESSION_CHARACTERS} characters", place)
    tree = _tree(text)
    if isinstance(tree, str):
        raise SpecError(tree, place)
    if isinstance(tree, tuple):
        message, offset = tree
        inside = Place(place.source, place.line, place.column + offset, place.text) if inline else place
        raise SpecError(message, inside)
    return Expression(text, tree, place, inline)


@lru_cache(maxsize=4096)
def _tree(text: str) -> ast.expr | str | tuple[str, int]:
    """The tree, or what is wrong with the text (and at which character)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "invalid escape sequence" and the like
            tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        offset = max((error.offset or 1) - 1, 0) if (error.lineno or 1) == 1 else 0
        return f"`{shorten(text)}` is not a call, a chain or a value: {error.msg}", min(offset, len(text))
    except (ValueError, MemoryError, RecursionError) as error:
        return f"`{shorten(text)}` cannot be read: {error or 'too deeply nested'}"
    return tree if depth_within(tree) else f"an expression nested more than {limits.EXPRESSION_DEPTH} deep"


def depth_within(tree: ast.expr) -> bool:
    """Whether the tree is shallow enough to walk; `a >> b >> c` counts as one level."""
    level = [tree]
    for _ in range(limits.EXPRESSION_DEPTH):
        below: list[ast.AST] = []
        for node in level:
            below.extend(ast.iter_child_nodes(unchain(node) if is_chain(node) else node))
        level = [node for node in below if isinstance(node, (ast.expr, ast.keyword))]  # type: ignore[misc]
        if not level:
            return True
    return False


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
    """The text, cut for an error message."""
    text = " ".join(text.split())
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


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "round": round,
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

    def __init__(self, expression: Expression, names: Mapping[str, Any], known: Callable[[], list[str]]) -> None:
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
        raise self.fail(node, f"`{shorten(ast.unparse(node))}` is not part of the notation")

    def visit_Name(self, node: ast.Name) -> Any:
        if "__" in node.id:
            raise self.fail(node, f"`{node.id}`: names with `__` are not part of the notation")
        try:
            return self.names[node.id]
        except KeyError:
            raise self.fail(node, self.unknown(node.id)) from None

    def unknown(self, name: str) -> str:
        if name in FUNCTIONS or name in MERGE_KINDS or name == "ref":
            return f"`{name}` must be called: `{name}(…)`"
        what = "no such layer" if name[:1].isupper() else "no such layer, block or param"
        return f"{name}: {what}{did_you_mean(name, self.known())}"

    def visit_Tuple(self, node: ast.Tuple) -> tuple[Any, ...]:
        return tuple(self.visit(element) for element in node.elts)

    def visit_List(self, node: ast.List) -> tuple[Any, ...]:
        return tuple(self.visit(element) for element in node.elts)

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        return self.visit(node.body if self.truth(node.test) else node.orelse)

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        wanted = isinstance(node.op, ast.Or)
        return any(self.truth(v) for v in node.values) if wanted else all(self.truth(v) for v in node.values)

    def truth(self, node: ast.expr) -> bool:
        value = self.visit(node)
        if isinstance(value, ITEMS):
            raise self.fail(node, "a layer is neither true nor false")
        try:
            return bool(value)
        except TypeError:
            raise self.fail(node, f"`{shorten(ast.unparse(node))}` depends on a symbol: neither true nor false") from None

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        if isinstance(node.op, ast.Not):
            return not self.truth(node.operand)
        value = self.visit(node.operand)
        if isinstance(node.op, ast.Invert) or not is_number(value):
            raise self.fail(node, f"`{shorten(ast.unparse(node))}` is not part of the notation")
        return -value if isinstance(node.op, ast.USub) else value

    def visit_Compare(self, node: ast.Compare) -> bool:
        values = [self.visit(value) for value in (node.left, *node.comparators)]
        if any(isinstance(value, ITEMS) for value in values):
            return self.compare_items(node, values)
        try:
            return all(
                bool(COMPARISONS[type(op)](a, b))
                for op, a, b in zip(node.ops, values, values[1:], strict=False)
            )
        except TypeError:
            shown = shorten(ast.unparse(node))
            if any(map(dims.is_symbolic, values)):
                raise self.fail(node, f"`{shown}` depends on a symbol: neither true nor false") from None
            raise self.fail(node, f"`{shown}` compares values that have no order") from None

    def compare_items(self, node: ast.Compare, values: list[Any]) -> bool:
        """A param may hold a block or a layer: it compares by its name, `block == bottleneck`."""
        keys = [v.template.name if isinstance(v, Call) and not v.args and not v.kwargs else v for v in values]
        if len(keys) != 2 or not isinstance(node.ops[0], (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)):
            raise self.fail(node, "layers and blocks compare with == and != only")
        return (keys[0] == keys[1]) is isinstance(node.ops[0], (ast.Eq, ast.Is))

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        value, index = self.visit(node.value), self.visit(node.slice)
        if not isinstance(value, tuple) or not isinstance(index, int):
            raise self.fail(node, f"`{shorten(ast.unparse(node))}`: only a list can be indexed, by a whole number")
        try:
            return value[index]
        except IndexError:
            raise self.fail(node, f"`{shorten(ast.unparse(node))}`: the list has {len(value)} items") from None

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        if is_chain(node):
            return self.chain(node)
        left, right = self.visit(node.left), self.visit(node.right)
        if isinstance(right, ITEMS) or isinstance(left, ITEMS):
            return self.repeat(node, left, right)
        return self.arithmetic(node, left, right)

    def chain(self, node: ast.BinOp) -> Chain:
        links = unchain(node).elts
        items = [self.visit(link) for link in links]
        for i, (item, link) in enumerate(zip(items, links, strict=True)):
            if item is not None and not isinstance(item, ITEMS):
                raise self.fail(link, f"`{shorten(ast.unparse(link))}` is a value, not a layer: `>>` joins layers")
            if i and isinstance(item, Ref):
                raise self.fail(link, "`ref` starts a chain: it must come first")
        return Chain(tuple(items))

    def repeat(self, node: ast.BinOp, times: Any, item: Any) -> Repeat:
        if not isinstance(node.op, ast.Mult) or isinstance(times, ITEMS):
            raise self.fail(node, "layers join with `>>` and repeat with `n * layer`")
        if not isinstance(times, int) or isinstance(times, bool):
            raise self.fail(node.left, f"a repeat needs a whole number, got {times!r}")
        if not 0 <= times <= limits.REPEATS:
            raise self.fail(node.left, f"a repeat of {times}: it must lie between 0 and {limits.REPEATS}")
        return Repeat(times, item, self.expression.at(node))

    def arithmetic(self, node: ast.BinOp, left: Any, right: Any) -> Any:
        lists = isinstance(left, tuple) and isinstance(right, tuple) and isinstance(node.op, ast.Add)
        shown = shorten(ast.unparse(node))
        if type(node.op) not in ARITHMETIC or not (lists or (is_number(left) and is_number(right))):
            raise self.fail(node, f"`{shown}`: {describe(left)} and {describe(right)} cannot be combined so")
        if isinstance(node.op, ast.Pow):
            self.check_power(node, left, right)
        try:
            return self.limited(node, ARITHMETIC[type(node.op)](left, right))
        except ZeroDivisionError:
            raise self.fail(node, f"`{shown}` divides by zero") from None
        except (ArithmeticError, ValueError, TypeError) as error:
            raise self.fail(node, f"`{shown}`: {error}") from None

    def check_power(self, node: ast.BinOp, base: Any, exponent: Any) -> None:
        """Refuse a power before it is computed: 9**9**9 has 370 million digits."""
        if isinstance(base, int) and isinstance(exponent, int):
            if base.bit_length() * max(exponent, 0) > 2 * limits.INTEGER.bit_length():
                raise self.fail(node, f"`{shorten(ast.unparse(node))}` is larger than {limits.INTEGER}")

    def limited(self, node: ast.AST, value: Any) -> Any:
        if isinstance(value, (int, float)) and not abs(value) <= limits.INTEGER:
            raise self.fail(node, f"a number beyond {limits.INTEGER}")
        if isinstance(value, tuple) and len(value) > limits.LIST_ITEMS:
            raise self.fail(node, f"a list of more than {limits.LIST_ITEMS} items")
        if isinstance(value, complex):
            raise self.fail(node, "a complex number")
        return value

    def visit_Call(self, node: ast.Call) -> Any:
        if not isinstance(node.func, ast.Name):
            if isinstance(node.func, ast.Attribute):
                raise self.fail(node.func, f"{FORBIDDEN['Attribute']} is not part of the notation")
            raise self.fail(node, f"`{shorten(ast.unparse(node))}`: only a named layer, block or function is called")
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
        if called.args or called.kwargs:
            raise self.fail(node, f"`{node.func.id}` has its arguments already")
        return Call(called.template, args, kwargs, self.expression.at(node))

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
        return Merge(kind, kwargs, self.expression.at(node))

    def function(self, node: ast.Call, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            if any(isinstance(v, ITEMS) for v in (*args, *kwargs.values())):
                raise TypeError("a layer is not a value")
            if name in ("min", "max") and any(map(dims.is_symbolic, args)):
                return (dims.minimum if name == "min" else dims.maximum)(*args)
            return self.limited(node, FUNCTIONS[name](*args, **kwargs))
        except CnncostError:
            raise
        except (ArithmeticError, ValueError, TypeError) as error:
            raise self.fail(node, f"`{shorten(ast.unparse(node))}`: {error}") from None


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


def is_number(value: Any) -> bool:
    """Whether arithmetic may touch the value."""
    return (isinstance(value, (int, float)) and not isinstance(value, bool)) or dims.is_symbolic(value)


def describe(value: Any) -> str:
    """A value in the words of the spec."""
    if isinstance(value, ITEMS):
        return "a layer"
    if isinstance(value, tuple):
        return "a list"
    if isinstance(value, str):
        return f"the text {value!r}"
    return repr(value)
