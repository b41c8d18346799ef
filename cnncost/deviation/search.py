"""The search: what each deviation makes of the numbers given, alone and in pairs.

A change of layers is kept as the few nodes that it replaces, so that what it adds to a total is an exact
difference, counted once. Two changes of different nodes add up: a pair is found by looking up, among the
sorted differences, the rest that the first one leaves. Two of the same nodes are applied one after the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from math import log2
from typing import Any

from cnncost.count.profile import NetworkCost
from cnncost.deviation.catalogue import of_kind
from cnncost.deviation.given import Given
from cnncost.deviation.kinds import Deviation, NodeChange, Nodes
from cnncost.deviation.measure import kind_of, weighed_as
from cnncost.deviation.network import Changes, Network, Place, same
from cnncost.deviation.targets import Tally, Target, Values
from cnncost.deviation.words import Where
from cnncost.network.graph import Node


@dataclass(frozen=True, eq=False)
class Change:
    """A deviation at one place, or at alike places: the nodes that it replaces, and what the numbers come to.

    `at_node` is what is done at each node, if it is the same; `labels` name the alike places.
    """

    deviation: Deviation
    where: Where
    nodes: Changes
    cost: float
    labels: tuple[str, ...] = ()
    at_node: NodeChange | None = None
    values: Values = ()
    tallies: dict[frozenset[int], Tally] = field(default_factory=dict)
    kinds: dict[frozenset[int], dict[str, Tally]] = field(default_factory=dict)

    def tally(self, target: Target) -> Tally:
        """What it changes of a number's part, worked out once."""
        if target.part not in self.tallies:
            self.tallies[target.part] = target.tally(self.nodes)
        return self.tallies[target.part]

    def by_kind(self, target: Target) -> dict[str, Tally]:
        """The same by the types of the layers, as conventions weigh them."""
        if target.part not in self.kinds:
            found: dict[str, Tally] = defaultdict(list)
            for each in self.tally(target):
                found[weighed_as(each[2])].append(each)
            self.kinds[target.part] = found
        return self.kinds[target.part]


class Search:
    """The deviations of one network, held against some numbers."""

    def __init__(self, profile: NetworkCost, givens: Sequence[Given]) -> None:
        self.net = Network(profile)
        self.targets = [Target(given, self.net) for given in givens]
        self.signatures: dict[Any, int] = {}
        self.numbered: dict[Any, int] = {}
        self.base: Values = tuple(target.value({}, []) for target in self.targets)
        self.right = self.plainly(self.base)
        self.wrong = frozenset(range(len(givens))) - self.right

    def plainly(self, values: Values) -> frozenset[int]:
        """Which numbers are printed as these values."""
        return frozenset(j for j, (t, v) in enumerate(zip(self.targets, values, strict=True)) if t.right(v))

    @cached_property
    def only_sums(self) -> bool:
        """Whether all numbers add up over layers: what changes no shape is then no more than left out."""
        return all(target.measure is not None for target in self.targets)

    @cached_property
    def of_one_row(self) -> bool:
        """Whether all that is wrong is about the same row or layer."""
        places = {self.targets[j].given.at for j in self.wrong}
        at = next(iter(places), "")
        return len(places) == 1 and (at in self.net.rows or at in self.net.number)

    @cached_property
    def last(self) -> int:
        """The last node that a number is about."""
        return max((max(target.numbers, default=0) for target in self.targets), default=0)

    @cached_property
    def asked(self) -> frozenset[int]:
        """The nodes that any number is about."""
        return frozenset().union(*(target.part for target in self.targets))

    def systematic(self) -> Iterator[Change]:
        """The slips in a formula that are made in every layer."""
        for deviation in of_kind("layer"):
            if self.matters(deviation) and not deviation.follows:
                for change in self.local(deviation):
                    if change.where.everywhere:
                        yield replace(change, values=self.evaluated(change))

    # changes of layers

    @cached_property
    def changes(self) -> list[Change]:
        """All that can be changed of layers, and makes a difference to a number."""
        valued = (replace(change, values=self.evaluated(change)) for change in self.all_changes())
        return [change for change in valued if change.values != self.base]

    def all_changes(self) -> Iterator[Change]:
        """Deviations of a layer's formula and arguments, of parts, and of the network."""
        for deviation in of_kind("layer"):
            if self.matters(deviation):
                for detail in deviation.over or (None,):
                    yield from (
                        self.following(deviation, detail) if deviation.follows else self.local(deviation)
                    )
        for deviation in of_kind("part"):
            if self.matters(deviation):
                yield from self.parted(deviation)
        for deviation in of_kind("network"):
            yield from self.edited(deviation)

    def matters(self, deviation: Deviation) -> bool:
        """Whether a deviation changes any quantity that is given."""
        return any(deviation.about(target.given.quantity) for target in self.targets)

    def evaluated(self, change: Change) -> Values:
        """What the numbers come to with some nodes replaced."""
        return tuple(
            target.value(change.nodes, change.tally(target))
            if change.deviation.about(target.given.quantity)
            else value
            for target, value in zip(self.targets, self.base, strict=True)
        )

    def key(self, i: int) -> Any:
        """What makes a node alike another: its layer, its shapes, and which numbers it counts in."""
        node = self.net.nodes[i]
        return id(node.layer), node.in_shapes, node.out_shape, node.aux, self.membership[i]

    def signature(self, i: int) -> Any:
        """What makes a node alike another where it is counted or not as it is: what it costs."""
        node = self.net.nodes[i]
        return self.costs_of(kind_of(node), node), self.membership[i]

    def costs_of(self, kind: Any, node: Node) -> Any:
        """A number for all that nodes of a kind cost, the same for kinds that cost the same."""
        if kind not in self.signatures:
            weights = tuple(node.layer.weights(*node.in_shapes).items())
            work = node.layer.work(node.in_shapes, node.out_shape)
            costs = node.type, weights, work, node.in_shapes, node.out_shape, node.aux
            self.signatures[kind] = self.numbered.setdefault(costs, len(self.numbered))
        return self.signatures[kind]

    @cached_property
    def membership(self) -> list[tuple[bool, ...]]:
        """Which numbers are about each node."""
        parts = [target.part for target in self.targets]
        return [tuple(i in part for part in parts) for i in range(len(self.net.nodes))]

    @cached_property
    def alike(self) -> list[list[int]]:
        """The nodes that a number is about, alike ones together."""
        groups: dict[Any, list[int]] = defaultdict(list)
        for i in sorted(self.asked):
            groups[self.key(i)].append(i)
        return list(groups.values())

    def local(self, deviation: Deviation) -> Iterator[Change]:
        """A slip in a layer's formula: in one layer, and in every layer."""
        change, nodes = single(deviation), self.net.nodes
        found = [(group, new) for group in self.alike if (new := self.net.attempt(change, nodes[group[0]]))]
        layers = sum(len(group) for group, _ in found)
        for group, new in found:
            cost = deviation.cost + log2(layers / len(group)) + (layers > 1) * ALONE
            labels = self.labels(group)
            where = Where(labels[0] if layers > 1 else "", nodes=(nodes[group[0]],))
            yield Change(deviation, where, {group[0]: new}, cost, labels, change)
        if layers > 1:
            every = self.net.changed(sorted(i for group, _ in found for i in group), change)
            assert every is not None
            where = Where(everywhere=True, nodes=[nodes[i] for i in every])
            yield Change(deviation, where, every, deviation.cost, (), change)

    def following(self, deviation: Deviation, detail: Any) -> Iterator[Change]:
        """Another argument of a layer, that what follows takes up: in one layer, and in every layer."""
        change, tried = single(deviation, detail), log2(len(deviation.over) or 1)
        fitting = [i for i in range(self.last + 1) if self.net.attempt(change, self.net.nodes[i])]
        alone = len(fitting) == 1
        for i in fitting:
            changes = self.net.followed({i: change}, self.last)
            if changes:
                labels, node = self.labels([i]), self.net.nodes[i]
                where = Where("" if alone and i in self.asked else labels[0], nodes=(node,), detail=detail)
                cost = deviation.cost + tried + log2(len(fitting)) + (not alone) * ALONE
                cost += 0 if i in self.asked else ELSEWHERE
                yield Change(deviation, where, changes, cost, labels, change)
        if not alone and (every := self.net.followed(dict.fromkeys(fitting, change), self.last)):
            where = Where(everywhere=True, nodes=[self.net.nodes[i] for i in fitting], detail=detail)
            yield Change(deviation, where, every, deviation.cost + tried + ALL, (), change)

    def parted(self, deviation: Deviation) -> Iterator[Change]:
        """Rows, blocks, stages and types."""
        for sort, groups in self.places.items():
            known = [group for group in groups if deviation.follows or self.is_asked(group[0])]
            total = sum(map(len, known))
            for group in known:
                place = group[0]
                if nodes := self.without(place, deviation):
                    cost = deviation.cost + SORTS[sort] + log2(total / len(group))
                    cost += 0 if self.is_asked(place) else ELSEWHERE
                    labels = tuple(p.label for p in reversed(group))
                    there = [self.net.nodes[i] for i in place.nodes]
                    where = Where(labels[0], plural=place.plural, nodes=there)
                    yield Change(deviation, where, nodes, cost, labels, deviation.change)

    def is_asked(self, place: Place) -> bool:
        """Whether a number is about any node of a place."""
        return not self.asked.isdisjoint(place.nodes)

    def without(self, place: Place, deviation: Deviation) -> Changes | None:
        """The nodes of a place changed, and what follows; None where that is no change of its own."""
        if not deviation.follows:
            return self.net.changed(place.nodes, deviation.change)
        nodes = self.net.followed(dict.fromkeys(place.nodes, deviation.change), self.last)
        return None if nodes is None or (self.only_sums and nodes.keys() <= set(place.nodes)) else nodes

    @cached_property
    def places(self) -> dict[str, list[list[Place]]]:
        """The places at which parts can be changed, by sort, alike ones together."""
        found: dict[str, dict[Any, list[Place]]] = defaultdict(lambda: defaultdict(list))
        for place in self.net.parts:
            if place.nodes and place.nodes[0] <= self.last:
                found[place.sort][tuple(self.signature(i) for i in place.nodes)].append(place)
        return {sort: list(groups.values()) for sort, groups in found.items()}

    def edited(self, deviation: Deviation) -> Iterator[Change]:
        """Edits of several layers, or of the input."""
        edits = [
            (edit, nodes)
            for edit in deviation.change(self.net)
            if (nodes := self.net.followed(edit.changes, self.last, edit.input_shape))
        ]
        for edit, nodes in edits:
            cost = deviation.cost + (log2(len(edits)) if edit.where else 0)
            yield Change(deviation, Where(edit.where, detail=edit.detail), nodes, cost, (edit.where,))

    def labels(self, group: Sequence[int]) -> tuple[str, ...]:
        """The rows of some nodes, the last first: of alike layers, it is the last that is left out."""
        return tuple(dict.fromkeys(self.net.row_of.get(i, self.net.nodes[i].name) for i in reversed(group)))


ALONE = 2
"""What is added to the cost of a slip that is made in one layer and not in the others."""

ELSEWHERE = 1
"""What is added to the cost of what happens in a layer that no number is about."""

ALL = 3
"""What is added to the cost of arguments that are others in every layer: it is another network."""

SORTS = {"row": 0, "block": 1, "type": 0, "kept": 2, "end": 0}
"""What is added to the cost of a change of a part of this sort."""


@cache
def single(deviation: Deviation, detail: Any = None) -> NodeChange:
    """A deviation of a node as a change that gives several."""

    def change(node: Node) -> Nodes | None:
        found = deviation.change(node, *(() if detail is None else (detail,)))
        return None if found is None or same(found, node) else (found,)

    return change
