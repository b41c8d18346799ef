"""NetworkCost to units: each layer with what follows it in place, and the edges between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from cnncost.charts.families import layer_family
from cnncost.count.profile import LayerCost, NetworkCost, Totals, add_up
from cnncost.count.rows import Row, host, in_scope
from cnncost.dims import Shape
from cnncost.layers.base import Layer
from cnncost.network.graph import INPUT

OUTSIDE = -1
"""The number that stands for the network's input among a unit's sources."""


@dataclass(frozen=True, eq=False)
class Unit:
    """One box of a drawing: a layer, and what overwrites its output.

    `sources` are the numbers of the units that feed it, OUTSIDE for the network's input; `shape`
    leaves it, channels first.
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
        """Its layers, those that do nothing left out: units of equal ones are alike."""
        near = [cost for cost in self.costs[1:] if cost.node.stage == self.main.node.stage]
        return (self.layer, *(cost.node.layer for cost in near if cost.type != "Identity"))

    @cached_property
    def family(self) -> str:
        """The family of its main layer, as the theme colours it."""
        return layer_family(self.layer)

    @cached_property
    def kind(self) -> tuple[str, object]:
        """What it is, whatever its width: its type and kernel."""
        return self.main.type, getattr(self.layer, "kernel_size", None)

    @property
    def works(self) -> bool:
        """Whether it does the work: a convolution, a pool, attention, a linear layer."""
        return self.family in ("conv", "pool", "linear", "attention")

    @property
    def pooled(self) -> bool:
        """Whether nothing of the map's extent is left: of its channels at most."""
        return all(n == 1 for n in self.shape[1:])

    @property
    def totals(self) -> Totals:
        """What it costs."""
        return add_up(self.costs)


def units_of(profile: NetworkCost) -> tuple[Unit, ...]:
    """The units of a network in the order of computation, side heads left out."""
    groups = joined(host(cost for cost in profile.costs if not cost.node.aux))
    home = {cost.name: i for i, group in enumerate(groups) for cost in group} | {INPUT: OUTSIDE}
    return tuple(
        Unit(
            i, tuple(group), sources(i, group, home), Row("", tuple(group), group[0], profile.graph).out_shape
        )
        for i, group in enumerate(groups)
    )


def sources(number: int, group: Sequence[LayerCost], home: dict[str, int]) -> tuple[int, ...]:
    """The units that feed a group, each once."""
    found = [home[name] for cost in group for name in cost.node.inputs if name in home]
    return tuple(dict.fromkeys(source for source in found if source != number))


def joined(groups: list[list[LayerCost]]) -> list[list[LayerCost]]:
    """The groups, with a norm in a scope of its own (`norm.BatchNorm2d`) joined to the layer before it."""
    home = {cost.name: i for i, group in enumerate(groups) for cost in group}
    users: dict[int, set[int]] = {}
    for i, group in enumerate(groups):
        for name in {name for cost in group for name in cost.node.inputs if name in home}:
            users.setdefault(home[name], set()).add(i)
    into = {i: i for i in range(len(groups))}
    for i, group in enumerate(groups):
        before = home.get(group[0].node.inputs[0])
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


def side_heads(profile: NetworkCost, units: Sequence[Unit]) -> list[SideHead]:
    """The side heads of a network by the first part of their names that is theirs alone."""
    home = {cost.name: unit.number for unit in units for cost in unit.costs}
    own = {cost.node.stage for unit in units for cost in unit.costs}
    heads: dict[str, list[LayerCost]] = {}
    for cost in profile.costs:
        if cost.node.aux:
            heads.setdefault(
                ".".join(cost.name.split(".")[: 1 if cost.node.stage not in own else 2]), []
            ).append(cost)
    return [
        SideHead(name, home.get(costs[0].node.inputs[0], OUTSIDE), add_up(costs))
        for name, costs in heads.items()
    ]
