"""What values are, and what to say of names and values that do not fit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnncost import dims
from cnncost.errors import did_you_mean
from cnncost.layers import MERGES
from cnncost.spec import limits
from cnncost.spec.expression import shorten
from cnncost.spec.functions import FUNCTIONS, MERGE_KINDS
from cnncost.spec.items import INDEX, Item

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
    "Slice": "a slice with a step",
}


MERGE_NAMES = {name: word for word, name in MERGES.items()}
TEXTS = (
    "same",
    "valid",
    "zeros",
    "reflect",
    "replicate",
    "circular",
    "nearest",
    "linear",
    "bilinear",
    "trilinear",
)
LITERALS = {"true": "True", "false": "False", "none": "None", "null": "None"}


def unknown(name: str, known: Iterable[str]) -> str:
    """What to say of a name that stands for nothing."""
    if name in FUNCTIONS or name in MERGE_KINDS or name == "ref":
        return f"`{name}` must be called: `{name}(…)`"
    if name == INDEX:
        return "`index` is the number of a copy: it stands behind `n *`, as in `4 * stage(widths[index])`"
    if name in MERGE_NAMES:
        return f"{name}: a merge is written `{MERGE_NAMES[name]}:`, with branches that have names"
    if name in TEXTS:
        return f"{name}: a text stands in quotes: '{name}'"
    if name in LITERALS:
        return f"{name}: no such layer, block or param; did you mean {LITERALS[name]}?"
    what = "no such layer" if name[:1].isupper() else "no such layer, block or param"
    return f"{shorten(name)}: {what}{did_you_mean(name, [*known, *LITERALS.values()], cutoff=0.72)}"


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
