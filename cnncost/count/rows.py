"""NetworkCost to rows: what a table shows of a network, folded so that nothing is lost.

In-place layers join the row of the layer before them; `depth` joins the layers of a stage. A row
is the sum of its layers, so that a column always adds up to the total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import log2
from typing import Any

from cnncost.count.profile import LayerCost, NetworkCost, Totals, add_up
from cnncost.dims import Shape, product
from cnncost.layers.shapes import CHANNELS, Letters
from cnncost.network.graph import Graph, Node, axes_into, channel_axis, entering_axes


@dataclass(frozen=True, eq=False, repr=False)
class Row:
    """One line of a table: a layer and what is folded into it, or a whole stage.

    `main` is the layer that names kernel, stride and padding; None for a row of
    several layers.
    """

    label: str
    costs: tuple[LayerCost, ...]
    main: LayerCost | None
    graph: Graph

    @cached_property
    def totals(self) -> Totals:
        """The sum of the row's layers."""
        return add_up(self.costs)

    @property
    def known(self) -> bool:
        """Whether the work of all its layers is known."""
        return all(cost.node.layer.cost_known for cost in self.costs)

    @property
    def type(self) -> str:
        """The main layer's type, or how many layers the row holds."""
        return self.main.type if self.main else f"{len(self.costs)} layers"

    @property
    def in_shape(self) -> Shape | None:
        """The shape that enters the row, its channels or features first; None where several enter."""
        node = self.costs[0].node
        if len(node.in_shapes) != 1:
            return None
        return channels_first(node.in_shape, entering_axes(node, self.graph.axes))

    @property
    def spatial(self) -> set[Letters]:
        """What the axes of its maps and sequences are, less the channels: ('H', 'W'), ('L',)."""
        axes = self.graph.axes
        found = (*axes_into(self.costs[0].node, axes), axes[self.last.name])
        return {tuple(letter for letter in letters if letter not in CHANNELS) for letters in found} - {()}

    @property
    def last(self) -> LayerCost:
        """The layer whose output leaves the row: in-place ones leave the main layer's as it is."""
        return self.main or self.costs[-1]

    @property
    def out_shape(self) -> Shape:
        """The shape that leaves the row, its channels or features first."""
        return channels_first(self.last.out_shape, self.graph.axes[self.last.name])

    @property
    def receptive_field(self) -> Any:
        """The field of the row's output."""
        return self.last.receptive_field

    @property
    def shares(self) -> str | None:
        """The earlier item whose weights all of the row's weighted layers use: `cls3` of `cls3.conv`."""
        return shared_by(self.costs)

    def argument(self, name: str) -> Any:
        """An argument of the main layer; None where it has none."""
        return self.main.node.layer.argument(name) if self.main else None


def shared_by(costs: Iterable[LayerCost]) -> str | None:
    """The earlier item whose weights all of some layers use, if they have any; None for their own."""
    used = {shared_item(cost.node) for cost in costs if cost.weights}
    return used.pop() if len(used) == 1 else None


def shared_item(node: Node) -> str | None:
    """The item whose weights a node uses: of `cls4.conv` and `cls3.conv` it is `cls3`; None for its own."""
    if not node.shares:
        return None
    there, here = node.shares.split("."), node.name.split(".")
    while len(there) > 1 and len(here) > 1 and there[-1] == here[-1]:
        there.pop()
        here.pop()
    return ".".join(there)


def channels_first(shape: Shape, letters: Letters) -> Shape:
    """The shape with its channels or features in front: 768×197 of 197 tokens, 96×56×56 of 56×56×96."""
    at = channel_axis(letters)
    return (shape[at], *shape[:at], *shape[at + 1 :])


def last_map(profile: NetworkCost) -> LayerCost | None:
    """The last layer whose output has several positions: what a global pooling leaves is no map."""
    axes = profile.graph.axes
    for cost in reversed(profile.counted):
        if product(channels_first(cost.out_shape, axes[cost.name])[1:]) > 1:
            return cost
    return None


def part_of_input(graph: Graph, leaving: Shape) -> str:
    """The size of maps, channels first, as a part of the input's: `1/4` of 55×55 or 56×56, else `vectors`.

    It is rounded to a power of two. Tokens count as the square that they would fill: 196 of them are
    1/16 of 224×224.
    """
    entering = channels_first(graph.input_shape, graph.axes[graph.first_input])
    positions = product(leaving[1:])
    if positions == 1:
        return "vectors"
    halvings = round(log2(product(entering[1:]) / positions) / max(len(entering) - 1, 1))
    return f"1/{2**halvings}" if halvings >= 0 else f"{2**-halvings}/1"


def fold(profile: NetworkCost, depth: int | None = None, every: bool = False) -> list[Row]:
    """The rows of a table.

    Args:
        depth: join what shares the first `depth` parts of its name; None for one row per layer.
        every: one row per node, in-place layers too.
    """
    costs, graph = profile.counted, profile.graph
    if every:
        return [Row(cost.name, (cost,), cost, graph) for cost in costs]
    hosted = host(costs, graph.axes)
    if depth is not None:
        return [stage_row(*group, graph) for group in by_stage(hosted, depth)]
    labels = labels_of(hosted)
    return [Row(label, tuple(group), group[0], graph) for label, group in zip(labels, hosted, strict=True)]


def host(costs: Iterable[LayerCost], axes: Mapping[str, Letters] | None = None) -> list[list[LayerCost]]:
    """Each layer with the in-place layers that follow it, by edges.

    What is counted of an in-place layer stays in its own scope: the batch norm at the head of a
    residual branch does not join the layer before the branch. One that counts nothing joins anyway.
    With the graph's `axes`, a layer that changes the shape that a table shows, such as Slice, stays
    by itself: the row before it keeps its own output shape.
    """
    groups: list[list[LayerCost]] = []
    home: dict[str, list[LayerCost]] = {}
    for cost in costs:
        joins = cost.in_place and not (axes and changes_shape(cost.node, axes))
        group = home.get(cost.node.source) if joins else None
        if group is not None and in_scope(cost, group[0]) and not group[0].in_place:
            group.append(cost)
        elif group is not None and counts_nothing(cost):
            group.insert(1, cost)  # not at the end, where a stage's output is read
        else:
            group = [cost]
            groups.append(group)
        home[cost.name] = group
    return groups


def changes_shape(node: Node, axes: Mapping[str, Letters]) -> bool:
    """Whether the shape that leaves a node is another than the one that enters, channels first."""
    if not node.inputs or node.in_shape == node.out_shape:
        return False
    entering = channels_first(node.in_shape, entering_axes(node, axes))
    return entering != channels_first(node.out_shape, axes[node.name])


def in_scope(cost: LayerCost, main: LayerCost) -> bool:
    """Whether `main` is inside the block of `cost`: `conv1.conv_bn.Conv2d` and `conv1.ReLU`."""
    scope, dot, _ = cost.name.rpartition(".")
    return main.name.startswith(scope + dot)


def counts_nothing(cost: LayerCost) -> bool:
    """Whether a layer adds nothing to any column."""
    return not (
        cost.node.shares or cost.params or cost.buffers or cost.flops or cost.macs or cost.memory_bytes
    )


def by_stage(groups: list[list[LayerCost]], depth: int) -> list[tuple[str, list[LayerCost]]]:
    """Neighbouring groups of the same first `depth` name parts, joined."""
    stages: list[tuple[str, list[LayerCost]]] = []
    for group in groups:
        stage = ".".join(group[0].name.split(".")[:depth])
        if stages and stages[-1][0] == stage:
            stages[-1][1].extend(group)
        else:
            stages.append((stage, list(group)))
    return stages


def stage_row(label: str, costs: list[LayerCost], graph: Graph) -> Row:
    """The row of a stage, with a main layer if all others follow it in place and keep its shape."""
    rest = [cost for cost in costs if not cost.in_place or changes_shape(cost.node, graph.axes)]
    main = rest[0] if len(rest) == 1 else costs[0] if len(costs) == 1 else None
    return Row(label, tuple(costs), main, graph)


def labels_of(groups: list[list[LayerCost]]) -> list[str]:
    """Each group's name: the shortest stage that holds this group alone, or its first node's name."""
    holders: dict[str, int] = {}
    for i, group in enumerate(groups):
        for path in prefixes(group[0].name):
            holders[path] = i if holders.get(path, i) == i else -1
    return [
        next((path for path in prefixes(group[0].name) if holders[path] == i), group[0].name)
        for i, group in enumerate(groups)
    ]


def prefixes(name: str) -> list[str]:
    """`a`, `a.b` and `a.b.c` of `a.b.c`."""
    parts = name.split(".")
    return [".".join(parts[:i]) for i in range(1, len(parts) + 1)]
