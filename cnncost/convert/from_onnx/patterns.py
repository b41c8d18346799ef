"""What exporters write as several operators, put together again: GELU, SiLU, LayerNorm, attention.

A pattern is an operator with a pattern for each of its operands: a name stands for any tensor, the same one
wherever the name comes again, a name with `#` for any number, and a number for itself.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product as combinations
from typing import Any

from cnncost.convert.operations import Operation, Value
from cnncost.convert.table.entry import beside

Pattern = Any
OPERANDS = ("self", "other", "exponent")
EITHER_ORDER = ("add", "mul")


@dataclass
class Found:
    """What a pattern's names are, and the operations that it takes in."""

    names: dict[str, Any] = field(default_factory=dict)
    operations: tuple[Operation, ...] = ()

    def but(self, name: str, value: Any) -> Found | None:
        """The same with another name; None where that is something else already."""
        known = self.names.get(name, value)
        if known is not value and getattr(known, "name", known) != getattr(value, "name", value):
            return None
        return Found({**self.names, name: value}, self.operations)


class Patterns:
    """Looks for patterns among operations."""

    def __init__(self, operations: Sequence[Operation], outputs: Sequence[Value]) -> None:
        self.operations = operations
        self.uses = Counter(value.name for operation in operations for value in operation.inputs)
        self.uses.update(value.name for value in outputs)
        self.makers = {result.name: operation for operation in operations for result in operation.results}

    def joined(self) -> list[Operation]:
        """The operations with each pattern as what it means, the larger patterns first."""
        gone: set[int] = set()
        instead: dict[int, list[Operation]] = {}
        for operation in self.operations[::-1]:
            if id(operation) in gone:
                continue
            for found, made in self.meanings(operation):
                inner = [each for each in found.operations if each is not operation]
                if not gone & {*map(id, inner)} and self.inside(inner, found.operations):
                    gone.update(map(id, inner))
                    instead[id(operation)] = made
                    break
        return [new for old in self.operations if id(old) not in gone for new in instead.get(id(old), [old])]

    def meanings(self, operation: Operation) -> Iterator[tuple[Found, list[Operation]]]:
        """What an operation may be the end of."""
        for pattern, meaning in BY_END.get(operation.operator, ()):
            for found in self.matches(pattern, operation.out, Found()):
                made = meaning(operation, found)
                if made:
                    yield found, made

    def inside(self, inner: Sequence[Operation], whole: Sequence[Operation]) -> bool:
        """Whether nothing else uses what is left out."""
        within = Counter(value.name for each in {id(o): o for o in whole}.values() for value in each.inputs)
        return all(self.uses[each.out.name] == within[each.out.name] for each in inner)

    def matches(self, pattern: Pattern, value: Any, found: Found) -> Iterator[Found]:
        """Each way in which a value is what a pattern says."""
        if isinstance(pattern, str):
            number = isinstance(value, (int, float))
            if pattern.startswith("#") is number and (more := found.but(pattern, value)):
                yield more
        elif isinstance(pattern, (int, float)):
            if isinstance(value, (int, float)) and math.isclose(value, pattern, rel_tol=1e-3):
                yield found
        elif isinstance(value, Value) and (maker := self.makers.get(value.name)):
            operator, *parts = pattern
            operands = [maker.arguments[name] for name in OPERANDS if name in maker.arguments]
            if maker.operator != operator or len(operands) != len(parts):
                return
            taken = Found(found.names, (*found.operations, maker))
            for order in (parts, parts[::-1]) if operator in EITHER_ORDER else (parts,):
                yield from self.all_match(order, operands, taken)

    def all_match(self, parts: Sequence[Pattern], values: Sequence[Any], found: Found) -> Iterator[Found]:
        """Each way in which values are what patterns say, one by one."""
        if not parts:
            yield found
            return
        for first in self.matches(parts[0], values[0], found):
            yield from self.all_match(parts[1:], values[1:], first)


def activation(operator: str, **arguments: Any) -> Callable[[Operation, Found], list[Operation]]:
    """A function of each value of x."""

    def meaning(end: Operation, found: Found) -> list[Operation]:
        return [replace(end, operator=operator, arguments={"self": found.names["x"], **arguments})]

    return meaning


def layer_norm(end: Operation, found: Found) -> list[Operation]:
    """The last axis by its own mean and variance."""
    x, weight, bias = found.names["x"], found.names.get("weight"), found.names.get("bias")
    shape = x.full[-1:]
    last = all(
        each["dim"] in ([-1], [len(x.full) - 1]) and each["keepdim"]
        for each in found.operations
        if each.operator == "mean"
    )
    if not last or any(w is not None and (not w.parameter or w.full != shape) for w in (weight, bias)):
        return []
    given = {
        "input": x,
        "weight": weight,
        "bias": bias,
        "normalized_shape": shape,
        "eps": found.names["#eps"],
    }
    return [replace(end, operator="layer_norm", arguments=given)]


def attention(end: Operation, found: Found) -> list[Operation]:
    """Queries, keys and values: the keys are turned once more, as attention turns them itself."""
    names = found.names
    query, turned = names["q"], names["k"]
    softmax = next(each for each in found.operations if each.operator == "softmax")
    rank = len(turned.full)
    if softmax["dim"] not in (-1, rank - 1) or rank < 3:
        return []
    scale = math.prod(names[name] for name in ("#q", "#k", "#s") if name in names) / names.get("#d", 1)
    full = (*turned.full[:-2], turned.full[-1], turned.full[-2])
    key = beside((turned,), full, f"{end.out.name}/key")
    order = [*range(rank - 2), rank - 1, rank - 2]
    turn = replace(end, operator="permute", arguments={"self": turned, "dims": order}, results=(key,))
    given = {
        "query": query,
        "key": key,
        "value": names["v"],
        "attn_mask": names.get("mask"),
        "scale": float(scale),
    }
    return [turn, replace(end, operator="scaled_dot_product_attention", arguments=given)]


def attentions() -> Iterator[Pattern]:
    """Attention, with the ways in which its scores are scaled and masked."""
    queries, keys = ("q", ("mul", "q", "#q"), ("div", "q", "#d")), ("k", ("mul", "k", "#k"))
    around = (lambda s: s, lambda s: ("mul", s, "#s"), lambda s: ("div", s, "#d"))
    for query, key, scaled, masked in combinations(queries, keys, around, (True, False)):
        scores = scaled(("matmul", query, key))
        yield ("matmul", ("softmax", ("add", scores, "mask") if masked else scores), "v")


CENTRED = ("sub", "x", ("mean", "x"))
ROOT = math.sqrt(2)
ERF = ("add", ("erf", ("div", "x", ROOT)), 1)
NORMED = [
    ("div", CENTRED, ("sqrt", ("add", ("mean", square), "#eps")))
    for square in (("pow", CENTRED, 2), ("mul", CENTRED, CENTRED))
]
PATTERNS: list[tuple[Pattern, Callable[[Operation, Found], list[Operation]]]] = [
    *((pattern, attention) for pattern in sorted(attentions(), key=lambda p: -len(str(p)))),
    *((("add", ("mul", normed, "weight"), "bias"), layer_norm) for normed in NORMED),
    *((normed, layer_norm) for normed in NORMED),
    (("mul", ("mul", "x", ERF), 0.5), activation("gelu", approximate="none")),
    (("mul", ("mul", "x", 0.5), ERF), activation("gelu", approximate="none")),
    (("mul", "x", ("mul", ERF, 0.5)), activation("gelu", approximate="none")),
    (("mul", "x", ("sigmoid", "x")), activation("silu")),
    (("mul", "x", ("hardsigmoid", "x")), activation("hardswish")),
    (("mul", "x", ("tanh", ("softplus", "x"))), activation("mish")),
]
"""What patterns mean; of several that fit, the first."""
BY_END = {end: [each for each in PATTERNS if each[0][0] == end] for end in {each[0][0] for each in PATTERNS}}
"""The patterns by the operator that they end with."""
