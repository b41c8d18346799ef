"""The main path: the longest chain of layers from the input to the output, and what is seen along it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from cnncost.count.depth import longest_path
from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.count.receptive_field import Field
from cnncost.layers.base import CHANNELS


def main_path(profile: NetworkCost) -> list[LayerCost]:
    """The longest chain of layers to the output; of equally long ones the one that sees most."""
    return longest_path(
        profile.counted, is_step, lambda cost: widest(cost.receptive_field), profile.graph.output
    )


def is_step(cost: LayerCost) -> bool:
    """Whether a layer makes a network deeper: it has multiply-adds, or looks at several positions."""
    node = cost.node
    if node.layer.in_place or len(node.inputs) > 1:
        return False
    reach = node.layer.reach(node.in_shapes[0], node.out_shape)
    return bool(cost.work.macs) or any(one is not None for one in reach or ())


def widest(field: Field | None) -> int:
    """The size of a field along the axis where it is largest; 0 where it is not told."""
    return max((int(axis.size) for axis in field), default=0) if field else 0


@dataclass(frozen=True)
class Step:
    """A layer of the main path: how far along it, and the field behind it and the merges that follow.

    `size` is in input positions, along the axis where it is largest; `jump` the distance between
    neighbouring outputs, None where there is only one.
    """

    number: int
    cost: LayerCost
    size: int
    jump: Any


def steps(profile: NetworkCost) -> Iterator[Step]:
    """The steps of the main path whose field is told."""
    path = main_path(profile)
    starts = [i for i, cost in enumerate(path) if is_step(cost)]
    for number, (start, end) in enumerate(pairwise([*starts, len(path)]), start=1):
        seen = [cost for cost in path[start:end] if cost.receptive_field]
        if path[start].receptive_field:
            yield Step(
                number, path[start], max(widest(c.receptive_field) for c in seen), jump(path[start], profile)
            )


def jump(cost: LayerCost, profile: NetworkCost) -> Any:
    """The larger jump of a layer's field; None where there is one output alone."""
    if not cost.receptive_field or all(n == 1 for n in places_of(cost, profile)):
        return None
    return max(axis.jump for axis in cost.receptive_field)


def places_of(cost: LayerCost, profile: NetworkCost) -> tuple[int, ...]:
    """How many outputs there are along each axis of the field."""
    letters = profile.graph.axes[cost.name]
    return tuple(n for n, letter in zip(cost.out_shape, letters, strict=True) if letter not in CHANNELS)


def untold(profile: NetworkCost) -> LayerCost | None:
    """The first layer of the main path behind which there are positions, but no field is told."""
    letters = profile.graph.axes
    return next(
        (
            cost
            for cost in main_path(profile)
            if cost.receptive_field is None and set(letters[cost.name]) - set(CHANNELS)
        ),
        None,
    )
