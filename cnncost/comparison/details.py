"""What differs in one layer between two networks: its arguments, its in-place layers, its input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from itertools import zip_longest
from typing import Any

from cnncost.count.rows import Row, channels_first
from cnncost.dims import Shape
from cnncost.layers.arguments import spelled
from cnncost.layers.base import Layer
from cnncost.network.graph import axes_into


@dataclass(frozen=True)
class Detail:
    """One thing that differs in a layer, or in several layers that change in the same way.

    `what` is an argument (``groups``, ``Dropout.p`` of a follower), ``type``, ``follower``, ``input
    channels``, ``input size`` or ``input``, ``output size``, ``inputs`` (how many), ``from`` (which) or
    ``weights of`` (which item, where they are used again).
    `changes` are pairs of before and after; several where numbers of different layers grow by the
    same factor, or where only the inputs of the layers differ.
    """

    what: str
    changes: tuple[tuple[Any, Any], ...]

    @property
    def numbers(self) -> bool:
        """Whether every change is from one positive number to another."""
        return all(type(n) is int and n > 0 for change in self.changes for n in change)

    @property
    def factor(self) -> Fraction | None:
        """The factor by which all numbers grow; None where it is not the same, or they are no numbers."""
        factors = {Fraction(after, before) for before, after in self.changes} if self.numbers else set()
        return factors.pop() if len(factors) == 1 else None

    @property
    def step(self) -> int | None:
        """What is added to all numbers; None where it is not the same, or they are no numbers."""
        steps = {after - before for before, after in self.changes} if self.numbers else set()
        return steps.pop() if len(steps) == 1 else None


def detail(what: str, before: Any, after: Any) -> Detail:
    """One thing that differs in one layer."""
    return Detail(what, ((before, after),))


def row_details(a: Row, b: Row) -> tuple[Detail, ...]:
    """What differs in a layer and its followers, in its inputs, and in the size of its output."""
    own = [*layer_details(a.costs[0].node.layer, b.costs[0].node.layer), *follower_details(a, b)]
    entering = input_details(in_shapes(a), in_shapes(b))
    leaving = shape_details("output", a.out_shape, b.out_shape) if own else []
    if bool(a.shares) != bool(b.shares):
        own.append(detail("weights of", a.shares or "its own", b.shares or "its own"))
    return (*own, *entering, *(one for one in leaving if one.what != "output channels"))


def layer_details(a: Layer, b: Layer, owner: str = "") -> list[Detail]:
    """The arguments that differ, or the type; whole numbers as they are, others as a spec writes them."""
    if type(a).__name__ != type(b).__name__:
        return [detail("type", str(a), str(b))]
    old_rules, new_rules = a.rules, b.rules
    rules = [
        detail(f"{type(a).__name__}.{rule}", old_rules.get(rule), new_rules.get(rule))
        for rule in {**old_rules, **new_rules}
        if old_rules.get(rule) != new_rules.get(rule)
    ]

    def written(layer: Layer, value: Any) -> Any:
        return value if type(value) is int else spelled(value, layer.equal_axes_once)

    new = b.arguments()
    return rules + [
        detail(owner + name, written(a, old), written(b, new[name]))
        for name, old in a.arguments().items()
        if old != new.get(name, old)
    ]


def follower_details(a: Row, b: Row) -> Iterator[Detail]:
    """What differs in the layers that follow in place: which there are, and their arguments."""
    old, new = followers(a), followers(b)
    a_types, b_types = ([type(layer).__name__ for layer in layers] for layers in (old, new))
    matcher = SequenceMatcher(None, a_types, b_types, autojunk=False)
    for tag, i, end_i, j, end_j in matcher.get_opcodes():
        if tag == "equal":
            for one, other in zip(old[i:end_i], new[j:end_j], strict=True):
                yield from layer_details(one, other, f"{type(one).__name__}.")
        else:
            for one, other in zip_longest(old[i:end_i], new[j:end_j]):
                yield detail("follower", one and str(one), other and str(other))


def followers(row: Row) -> list[Layer]:
    """The layers that follow a row's first one; an Identity, such as the next block's shortcut, is none."""
    return [cost.node.layer for cost in row.costs[1:] if cost.type != "Identity"]


def in_shapes(row: Row) -> list[Shape]:
    """The shapes that enter a row, channels first."""
    node = row.costs[0].node
    axes = axes_into(node, row.graph.axes)
    return [channels_first(shape, letters) for shape, letters in zip(node.in_shapes, axes, strict=True)]


def input_details(a: Sequence[Shape], b: Sequence[Shape]) -> list[Detail]:
    """What differs in the inputs, or how many there are."""
    if len(a) != len(b):
        return [detail("inputs", len(a), len(b))]
    found = [one for pair in zip(a, b, strict=True) for one in shape_details("input", *pair)]
    return list(dict.fromkeys(found))


def shape_details(what: str, a: Shape, b: Shape) -> list[Detail]:
    """What differs in two shapes: the channels and the size of square maps, else the whole shape."""
    if len(a) != len(b) or not (len(set(a[1:])) == len(set(b[1:])) <= 1 or a[1:] == b[1:]):
        return [detail(what, a, b)]
    found = [detail(f"{what} channels", a[0], b[0])] if a[0] != b[0] else []
    return [*found, detail(f"{what} size", a[1], b[1])] if a[1:] != b[1:] else found
