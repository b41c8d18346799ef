"""Each deviation at each place of a network, with the values of the given numbers.

A trial is kept as the few nodes that it replaces: what it adds to a sum is an exact difference, counted once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import log2
from typing import Any

from cnncost.deviation.asked import Asked, Values
from cnncost.deviation.declaring import Deviation, Edit, NodeChange, Nodes
from cnncost.deviation.deviations import of_kind
from cnncost.deviation.measure import Tally
from cnncost.deviation.numbered import Replaced, same_node
from cnncost.deviation.regions import Region, regions_of
from cnncost.deviation.sentences import Where
from cnncost.deviation.target import Target
from cnncost.network.graph import Node

ALONE = 2
"""Added to the cost of a mistake that is made in one layer and not in the others."""

ELSEWHERE = 1
"""Added to the cost of a deviation in a layer that no given number covers."""

EVERYWHERE = 3
"""Added to the cost of other arguments in every layer: that is another network."""

SORTS = {"row": 0, "block": 1, "type": 0, "kept": 2, "end": 0}
"""Added to the cost of a change of a region of this sort."""


@dataclass(frozen=True, eq=False)
class Trial:
    """A deviation at one place, or at equal places: the replaced nodes, and the numbers that it gives.

    `at_node` is what is done at each node, if it is the same; `labels` name the equal places.
    """

    deviation: Deviation
    where: Where
    nodes: Replaced
    cost: float
    labels: tuple[str, ...] = ()
    at_node: NodeChange | None = None
    values: Values = ()
    tallies: dict[frozenset[int], Tally] = field(default_factory=dict)

    def tally(self, target: Target) -> Tally:
        """What it changes in a number's part, worked out once."""
        if target.part not in self.tallies:
            self.tallies[target.part] = target.tally(self.nodes)
        return self.tallies[target.part]


class Trials:
    """All trials for some given numbers."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.net = asked.net
        self.classes: dict[Any, int] = {}
        self.class_of_kind: dict[int, int] = {}

    @cached_property
    def all(self) -> list[Trial]:
        """Every trial that makes a difference to a number."""
        valued = map(self.valued, self.untried())
        return [trial for trial in valued if trial.values != self.asked.base]

    def systematic(self) -> Iterator[Trial]:
        """The mistakes in a formula that are made in every layer."""
        for deviation in self.relevant("layer"):
            if not deviation.follows:
                for detail in deviation.details:
                    yield from (
                        self.valued(t) for t in self.in_layers(deviation, detail) if t.where.everywhere
                    )

    def valued(self, trial: Trial) -> Trial:
        """A trial with the numbers that it gives."""
        values = tuple(
            target.value(trial.nodes, trial.tally(target))
            if trial.deviation.about(target.given.quantity)
            else value
            for target, value in zip(self.asked.targets, self.asked.base, strict=True)
        )
        return replace(trial, values=values)

    def untried(self) -> Iterator[Trial]:
        """The deviations of layers, of regions and of the whole network."""
        for deviation in self.relevant("layer"):
            for detail in deviation.details:
                yield from self.in_layers(deviation, detail)
        for deviation in self.relevant("part"):
            yield from self.in_regions(deviation)
        for deviation in self.relevant("network"):
            yield from self.edited(deviation)

    def relevant(self, kind: str) -> Iterator[Deviation]:
        """The deviations of a kind that change any quantity that is given."""
        for deviation in of_kind(kind):
            if deviation.of_rows and not self.asked.of_rows:
                continue
            if any(deviation.about(target.given.quantity) for target in self.asked.targets):
                yield deviation

    # layers

    def in_layers(self, deviation: Deviation, detail: Any) -> Iterator[Trial]:
        """A deviation of a layer: in one layer, and in every layer."""
        change, nodes = node_change(deviation, detail), self.net.nodes
        found = [group for group in self.groups(deviation) if self.net.attempt(change, nodes[group[0]])]
        layers = sorted(i for group in found for i in group)
        base = deviation.cost + log2(len(deviation.details))
        several = len(layers) > 1
        for group in found:
            if replaced := self.replaced(deviation, change, group[:1]):
                inside, labels = group[0] in self.asked.nodes, self.labels(group)
                label = labels[0] if several or not inside else ""
                cost = base + log2(len(layers) / len(group)) + several * ALONE + (not inside) * ELSEWHERE
                if self.asked.of_rows and group[0] in self.asked.own:
                    cost = base + deviation.follows * ELSEWHERE / 2  # no other layer is so near
                where = Where(label, nodes=(nodes[group[0]],), detail=detail)
                yield Trial(deviation, where, replaced, cost, labels, change)
        if (
            several
            and self.everywhere(deviation, layers)
            and (every := self.replaced(deviation, change, layers))
        ):
            where = Where(everywhere=True, nodes=[nodes[i] for i in layers], detail=detail)
            yield Trial(deviation, where, every, base + deviation.follows * EVERYWHERE, (), change)

    def everywhere(self, deviation: Deviation, layers: Sequence[int]) -> bool:
        """Whether the wrong numbers can show a mistake in every layer: more than one is in them."""
        if deviation.of_rows and "receptive_field" not in deviation.touches:
            return False
        return deviation.follows or sum(i in self.asked.own for i in layers) > 1

    def groups(self, deviation: Deviation) -> list[list[int]]:
        """The nodes to try a deviation at; equal ones together, if later layers are not affected."""
        if deviation.of_rows and "receptive_field" not in deviation.touches:
            return [[i] for i in sorted(self.asked.own)]
        if deviation.follows:
            return [[i] for i in range(self.asked.last + 1)]
        return self.equal_nodes

    @cached_property
    def equal_nodes(self) -> list[list[int]]:
        """The nodes that a number is about, in groups of the same kind that the same numbers are about."""
        groups: dict[Any, list[int]] = defaultdict(list)
        for i in sorted(self.asked.nodes):
            groups[self.net.kinds.of(self.net.nodes[i]), self.asked.membership[i]].append(i)
        return list(groups.values())

    def replaced(self, deviation: Deviation, change: NodeChange, where: Sequence[int]) -> Replaced | None:
        """Some nodes changed, and the later nodes that take the change up, if there are any."""
        if deviation.follows:
            return self.net.followed(dict.fromkeys(where, change), self.asked.last)
        return self.net.changed(where, change)

    def labels(self, group: Sequence[int]) -> tuple[str, ...]:
        """The rows of some nodes, the last first: of equal layers, people leave out the last."""
        return tuple(dict.fromkeys(map(self.net.label_of, reversed(group))))

    # rows, blocks, stages and types

    def in_regions(self, deviation: Deviation) -> Iterator[Trial]:
        """A change of each region."""
        for sort, groups in self.regions.items():
            known = [group for group in groups if deviation.follows or self.is_asked(group[0])]
            total = sum(map(len, known))
            for group in known:
                region = group[0]
                if replaced := self.in_region(region, deviation):
                    cost = deviation.cost + SORTS[sort] + log2(total / len(group))
                    cost += (not self.is_asked(region)) * ELSEWHERE
                    labels = tuple(r.label for r in reversed(group))
                    where = Where(
                        labels[0], plural=region.plural, nodes=[self.net.nodes[i] for i in region.nodes]
                    )
                    yield Trial(deviation, where, replaced, cost, labels, deviation.change)

    def is_asked(self, region: Region) -> bool:
        """Whether a number is about any node of a region."""
        return not self.asked.nodes.isdisjoint(region.nodes)

    def in_region(self, region: Region, deviation: Deviation) -> Replaced | None:
        """The changed nodes of a region and those that follow; None if that is no separate change."""
        replaced = self.replaced(deviation, deviation.change, region.nodes)
        if not deviation.follows or replaced is None or not self.asked.only_sums:
            return replaced
        return None if replaced.keys() <= set(region.nodes) else replaced

    @cached_property
    def regions(self) -> dict[str, list[list[Region]]]:
        """The regions that can be changed, by sort, in groups that cost the same."""
        found: dict[str, dict[Any, list[Region]]] = defaultdict(lambda: defaultdict(list))
        for region in regions_of(self.net):
            if region.nodes and region.nodes[0] <= self.asked.last:
                signature = tuple((self.cost_class(i), self.asked.membership[i]) for i in region.nodes)
                found[region.sort][signature].append(region)
        return {sort: list(groups.values()) for sort, groups in found.items()}

    def cost_class(self, i: int) -> int:
        """A number for all that a node costs: nodes with equal costs are interchangeable in a region."""
        node = self.net.nodes[i]
        kind = self.net.kinds.of(node)
        if kind not in self.class_of_kind:
            weights = tuple(node.layer.weights(*node.in_shapes).items())
            used = node.aux, bool(node.shares)
            costs = node.type, weights, self.net.kinds.work(kind), node.in_shapes, node.out_shape, used
            self.class_of_kind[kind] = self.classes.setdefault(costs, len(self.classes))
        return self.class_of_kind[kind]

    # the whole network

    def edited(self, deviation: Deviation) -> Iterator[Trial]:
        """Edits of several layers, or of the input."""
        edits = [
            (edit, replaced)
            for edit in deviation.change(self.net)
            if self.is_near(deviation, edit)
            and (replaced := self.net.followed(edit.changes, self.asked.last, edit.input_shape))
        ]
        for edit, replaced in edits:
            reads_input = edit.input_shape is not None and self.asked.reads_input
            own = reads_input or not self.asked.own.isdisjoint(edit.changes)
            cost = deviation.cost + (log2(len(edits)) if edit.where else 0)
            if self.asked.of_rows and (deviation.of_rows or reads_input):
                cost = deviation.cost
            if self.asked.of_rows and not deviation.of_rows:
                cost += (1 + reads_input) * ELSEWHERE if own else 3 * ELSEWHERE
            yield Trial(
                deviation,
                Where(edit.where, detail=edit.detail),
                replaced,
                cost,
                (edit.where,) * bool(edit.where),
            )

    def is_near(self, deviation: Deviation, edit: Edit) -> bool:
        """Whether an edit may be tried: a mistake of a row is made at the row that was answered."""
        if not deviation.of_rows or "receptive_field" in deviation.touches:
            return True
        return not self.asked.own.isdisjoint(edit.changes)


def node_change(deviation: Deviation, detail: Any = None) -> NodeChange:
    """A deviation of a node, as a function that returns what replaces the node; a constant has none."""

    def change(node: Node) -> Nodes | None:
        found = deviation.made_of(node, detail) if node.inputs else None
        return None if found is None or same_node(found, node) else (found,)

    return change
