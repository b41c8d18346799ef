"""Units: each layer with the in-place layers after it, and the edges between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from cnncost.charts.families import layer_family
from cnncost.count.profile import LayerCost, NetworkCost, Totals, add_up
from cnncost.count.rows import Row, host, in_scope
from cnncost.dims import Shape
from cnncost.layers.base import Layer

OUTSIDE = -1
"""The number of the network's input among a unit's sources."""


@dataclass(frozen=True, eq=False)
class LayerUnit:
    """A layer and the layers that overwrite its output.

    `sources` are the numbers of the units that feed it, OUTSIDE for the network's input; `shape` is its
    output's, channels first.
    """

    number: int
    costs: tuple[LayerCost, ...]
    sources: tuple[int, ...]
    shape: Shape

    @property
    def main(self) -> LayerCost:
        """The layer that gives the unit its name."""
        return self.costs[0]

    @property
    def layer(self) -> Layer:
        """The main layer itself."""
        return self.main.node.layer

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The parts of its name."""
        return tuple(self.main.name.split("."))

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """Its layers without Identity; units with equal layers are equal."""
        near = [cost for cost in self.costs[1:] if cost.node.stage == self.main.node.stage]
        return (self.layer, *(cost.node.layer for cost in near if cost.type != "Identity"))

    @cached_property
    def family(self) -> str:
        """The family of its main layer."""
        return layer_family(self.layer)

    @cached_property
    def kind(self) -> tuple[str, object]:
        """Its type and kernel, regardless of its width."""
        return self.main.type, getattr(self.layer, "kernel_size", None)

    @property
    def works(self) -> bool:
        """Whether it is a convolution, pool, attention or linear layer."""
        return self.family in ("conv", "pool", "linear", "attention")

    @property
    def pooled(self) -> bool:
        """Whether its output has a single position, of any number of channels."""
        return all(n == 1 for n in self.shape[1:])

    @property
    def totals(self) -> Totals:
        """What it costs."""
        return add_up(self.costs)


def units_of(profile: NetworkCost) -> tuple[LayerUnit, ...]:
    """The units of a network in the order of computation, without side heads."""
    groups = with_norms(host(cost for cost in profile.costs if not cost.node.aux))
    home = {cost.name: i for i, group in enumerate(groups) for cost in group}
    home |= dict.fromkeys(profile.graph.inputs, OUTSIDE)
    units = []
    for i, group in enumerate(groups):
        feeds = dict.fromkeys(home[name] for cost in group for name in cost.node.inputs if name in home)
        shape = Row("", tuple(group), group[0], profile.graph).out_shape
        units.append(LayerUnit(i, tuple(group), tuple(source for source in feeds if source != i), shape))
    return tuple(units)


def with_norms(groups: list[list[LayerCost]]) -> list[list[LayerCost]]:
    """The groups, with a norm in its own scope (`norm.BatchNorm2d`) joined to the layer before it."""
    home = {cost.name: i for i, group in enumerate(groups) for cost in group}
    users: dict[int, set[int]] = {}
    for i, group in enumerate(groups):
        for name in {name for cost in group for name in cost.node.inputs if name in home}:
            users.setdefault(home[name], set()).add(i)
    into = {i: i for i in range(len(groups))}
    for i, group in enumerate(groups):
        before = home.get(group[0].node.source)
        if before is None or not group[0].in_place or users[before] - {before} != {i}:
            continue
        if not groups[before][0].in_place and in_scope(groups[before][0], group[0]):
            into[i] = into[before]
    result: dict[int, list[LayerCost]] = {}
    for i, group in enumerate(groups):
        result.setdefault(into[i], []).extend(group)
    return list(result.values())


@dataclass(frozen=True)
class SideHead:
    """A head that is used in training only: its name, the unit that it leaves, and what it costs."""

    name: str
    source: int
    totals: Totals


def side_heads(profile: NetworkCost, units: Sequence[LayerUnit]) -> list[SideHead]:
    """The side heads of a network, named by the first part of their names that no other layer has."""
    home = {cost.name: unit.number for unit in units for cost in unit.costs}
    stages = {cost.node.stage for unit in units for cost in unit.costs}
    heads: dict[str, list[LayerCost]] = {}
    for cost in profile.costs:
        if cost.node.aux:
            parts = 2 if cost.node.stage in stages else 1
            heads.setdefault(".".join(cost.name.split(".")[:parts]), []).append(cost)
    return [
        SideHead(name, home.get(costs[0].node.source, OUTSIDE), add_up(costs))
        for name, costs in heads.items()
    ]
