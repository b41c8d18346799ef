"""How deep a network is: its layers with weights, along the longest path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cnncost.count.profile import LayerCost


def is_weighted(cost: LayerCost) -> bool:
    """Whether a layer has weights to multiply by: attention alone multiplies its inputs, and adds biases."""
    return cost.macs != 0 and any(name.endswith("weight") for name in cost.weights)


def longest_path(
    costs: Sequence[LayerCost],
    is_step: Callable[[LayerCost], bool] = is_weighted,
    rather: Callable[[LayerCost], Any] = lambda _: 0,
    end: str | None = None,
) -> list[LayerCost]:
    """The layers along the path with most steps: layers with weights to multiply by, by default.

    A shortcut with a projection is not on it: the path next to it has more layers.

    Args:
        costs: layers in the order of computation.
        is_step: whether a layer makes a path longer.
        rather: of equally long paths the one whose last layer has most of this, else the first.
        end: the name of the layer where it ends; if left out, the layer with the most steps before it.
    """
    by_name = {cost.name: cost for cost in costs}
    rank: dict[str, tuple[int, Any]] = {}
    before: dict[str, str | None] = {}
    for cost in costs:
        known = [source for source in cost.node.inputs if source in rank]
        last = before[cost.name] = max(known, key=rank.__getitem__, default=None)
        rank[cost.name] = (rank[last][0] if last else 0) + is_step(cost), rather(cost)
    name = end if end is not None else max(rank, key=rank.__getitem__, default=None)
    path: list[LayerCost] = []
    while name in by_name:
        path.append(by_name[name])
        name = before[name]
    return path[::-1]


def depth(costs: Sequence[LayerCost]) -> int:
    """The layers with weights to multiply by, along the longest path: 50 of ResNet-50."""
    return sum(map(is_weighted, longest_path(costs)))
