"""The main path: the longest chain of layers from the input to the output, and its receptive fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from cnncost.count.depth import longest_path
from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.count.receptive_field import Field
from cnncost.layers.shapes import CHANNELS


def main_path(profile: NetworkCost) -> list[LayerCost]:
    """The longest chain of layers to the output; of equally long ones that with the largest field."""
    return longest_path(
        profile.counted, is_step, lambda cost: field_size(cost.receptive_field), profile.graph.output
    )


def is_step(cost: LayerCost) -> bool:
    """Whether a layer makes a network deeper: it has multiply-adds, or looks at several positions."""
    node = cost.node
    if node.layer.in_place or len(node.inputs) > 1:
        return False
    reach = node.layer.reach(node.in_shape, node.out_shape)
    return bool(cost.work.macs) or any(axis is not None for axis in reach or ())


def field_size(field: Field | None) -> int:
    """The size of a field along its largest axis; 0 if it is unknown."""
    return max((int(axis.size) for axis in field), default=0) if field else 0


@dataclass(frozen=True)
class PathStep:
    """A layer of the main path: its number along it, and its field, merges that follow included.

    `size` is in input positions, along the largest axis; `jump` is the distance between neighbouring
    outputs, None if there is only one.
    """

    number: int
    cost: LayerCost
    size: int
    jump: Any


def steps(profile: NetworkCost) -> Iterator[PathStep]:
    """The steps of the main path with a known field."""
    path = main_path(profile)
    starts = [i for i, cost in enumerate(path) if is_step(cost)]
    for number, (start, end) in enumerate(pairwise([*starts, len(path)]), start=1):
        field = path[start].receptive_field
        if field:
            single = all(n == 1 for n in positions_of(path[start], profile))
            size = max(field_size(cost.receptive_field) for cost in path[start:end])
            yield PathStep(number, path[start], size, None if single else max(axis.jump for axis in field))


def positions_of(cost: LayerCost, profile: NetworkCost) -> tuple[int, ...]:
    """How many outputs a layer has along each axis of its field."""
    letters = profile.graph.axes[cost.name]
    return tuple(n for n, letter in zip(cost.out_shape, letters, strict=True) if letter not in CHANNELS)


def first_unknown(profile: NetworkCost) -> LayerCost | None:
    """The first layer of the main path that has positions but no known field."""
    letters = profile.graph.axes
    return next(
        (
            cost
            for cost in main_path(profile)
            if cost.receptive_field is None and set(letters[cost.name]) - set(CHANNELS)
        ),
        None,
    )
