"""The operators and functions that an expression may use (the whitelist), and the values that they take."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

from cnncost import dims
from cnncost.spec import limits
from cnncost.spec.items import Item

COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: dims.same,
    ast.NotEq: dims.differ,
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
        raise ValueError("`ndigits` must be between -12 and 12")
    return round(number, ndigits)


def whole(number: Any) -> Any:
    """Python's `int`; of symbols too, which are positive."""
    if not dims.is_symbolic(number):
        return int(number)
    import sympy

    return sympy.floor(sympy.nsimplify(number, rational=True))


def ceil(number: Any) -> Any:
    """The next whole number upwards, as `math.ceil`."""
    return dims.ceil_div(number, 1) if dims.is_symbolic(number) else math.ceil(number)


def least(*values: Any) -> Any:
    """Python's `min`; of symbols and arrays too."""
    sizes = len(values) > 1 and all(map(dims.is_size, values))
    return reduce(dims.minimum, values) if sizes else min(*values)


def most(*values: Any) -> Any:
    """Python's `max`; of symbols and arrays too."""
    sizes = len(values) > 1 and all(map(dims.is_size, values))
    return reduce(dims.maximum, values) if sizes else max(*values)


def log2(number: float) -> float:
    """The logarithm of base 2, as `math.log2`."""
    if number <= 0:
        raise ValueError("a logarithm takes a number above 0")
    return math.log2(number)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": least,
    "max": most,
    "abs": abs,
    "round": rounded,
    "int": whole,
    "ceil": ceil,
    "len": len,
    "sum": sum,
    "log2": log2,
    "prod": dims.product,
    "make_divisible": make_divisible,
}

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
    "Starred": "`*` or `**` before a value",
    "Slice": "a slice with a step",
}


def list_fault(value: tuple[Any, ...]) -> str:
    """The limit that a list exceeds, if any; nested lists count in full, even if they are shared."""
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
    return isinstance(value, float) or dims.is_size(value)


def describe(value: Any) -> str:
    """A value in the words of the spec."""
    if isinstance(value, Item):
        return "a layer"
    if isinstance(value, tuple):
        return "a list"
    if isinstance(value, str):
        return f"the text {value!r}"
    return repr(value)
