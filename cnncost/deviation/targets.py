"""The numbers given, ready to be compared: what each is of the network, and what it may stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from math import ceil, log2
from typing import Any

from cnncost.count.receptive_field import Effort, every_field, node_field, positions
from cnncost.count.rows import channels_first
from cnncost.deviation.catalogue import of_kind
from cnncost.deviation.given import SHAPED, Given, check_quantity
from cnncost.deviation.kinds import Deviation, Interval, Nodes
from cnncost.deviation.measure import FIELDS, Ledger, Measure, kind_of, measure_of
from cnncost.deviation.network import Changes, Network
from cnncost.deviation.printing import rounded
from cnncost.deviation.words import number
from cnncost.network.graph import Node, axes_into

Tally = list[tuple[int, Any, Node]]
"""Nodes by their kinds, each with how often it comes, or, below zero, goes."""


class Target:
    """A given number against a network: the nodes that it is about, and how they are measured."""

    def __init__(self, given: Given, net: Network) -> None:
        check_quantity(given.quantity)
        self.given = given
        self.net = net
        self.numbers = net.numbers(given.at)
        self.part = frozenset(self.numbers)
        self.last = net.last_of(given.at)
        if given.quantity == "receptive_field" and not given.at:
            self.last = net.last_map()
        self.measure = measure_of(given.quantity, net.profile) if given.quantity in FIELDS else None

    @cached_property
    def ledger(self) -> Ledger:
        """What the nodes add, as the profile counts it."""
        assert self.measure is not None
        return Ledger(self.measure, self.net.works)

    @cached_property
    def total(self) -> Any:
        """The sum over the part as it is, not yet multiplied."""
        return self.sum(self.ledger)

    def sum(self, ledger: Ledger) -> Any:
        """The sum over the part by some ledger."""
        return added(self.whole, ledger)

    @cached_property
    def whole(self) -> Tally:
        """The nodes of the part, alike ones together."""
        return tallied((1, self.net.nodes[i]) for i in self.numbers)

    def tally(self, changes: Changes) -> Tally:
        """The nodes that come into the part, and those that go, each as often as there are alike ones."""
        nodes = self.net.nodes
        inside = [(nodes[i], new) for i, new in changes.items() if i in self.part]
        return tallied(each for old, new in inside for each in ((-1, old), *((1, node) for node in new)))

    def value(self, changes: Changes, tally: Tally) -> Any:
        """What the quantity comes to with changes; None where it cannot be said."""
        if self.measure is not None:
            return number(self.measure.times * (self.total + added(tally, self.ledger)))
        if self.given.quantity == "receptive_field":
            return self.field(changes)
        first, last = self.node(self.numbers[0], changes), self.node(self.last, changes)
        if not first or not last:
            return None
        letters = self.net.graph.axes
        entering = channels_first(first[0].in_shapes[0], axes_into(first[0], letters)[0])
        leaving = channels_first(last[-1].out_shape, letters[self.net.nodes[self.last].name])
        return SHAPED[self.given.quantity](entering, leaving)

    def node(self, i: int, changes: Changes) -> Nodes:
        """What stands at a place."""
        return changes.get(i, (self.net.nodes[i],))

    @cached_property
    def fields(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The receptive fields and shapes of the network as it is."""
        return every_field(self.net.graph)

    def field(self, changes: Changes) -> Any:
        """The receptive field of the part's end, where it is the same on all axes.

        Only what comes out otherwise is followed; a node that is left out passes on what enters it.
        """
        fields, sizes = map(dict, self.fields)
        differ: set[str] = set()
        for i in self.net.ancestors(self.last):
            old, new = self.net.nodes[i], self.node(i, changes)
            if i not in changes and differ.isdisjoint(old.inputs):
                continue
            name = old.name
            if new:
                fields[name] = node_field(new[-1]._replace(inputs=old.inputs), fields, sizes, Effort())
                sizes[name] = new[-1].out_shape
            else:
                fields[name], sizes[name] = fields[old.inputs[0]], sizes[old.inputs[0]]
            if (fields[name], sizes[name]) != (self.fields[0][name], self.fields[1][name]):
                differ.add(name)
        found = {axis.size for axis in positions(fields[self.net.nodes[self.last].name]) or ()}
        return found.pop() if len(found) == 1 else None

    # what is printed

    @cached_property
    def plain(self) -> Bounds | None:
        """Where the value lies if it is right; None for a shape."""
        printed = self.given.printed
        return None if isinstance(printed, tuple) else Bounds(rounded(printed))

    def right(self, value: Any) -> bool:
        """Whether a value prints as what is given."""
        if value is None or self.plain is None or isinstance(value, tuple):
            return bool(value is not None and value == self.given.printed)
        return value in self.plain

    @cached_property
    def slips(self) -> Sequence[tuple[Deviation, Any, Sequence[Any]]]:
        """Each slip of the printing, with what it was tried with and what the true value may be then.

        A zero has no digits that could have been written otherwise.
        """
        if self.plain is not None and self.given.printed.digits == 0:  # type: ignore[union-attr]
            return []
        return [
            (deviation, detail, found)
            for deviation in of_kind("printing")
            if ("shape" in deviation.touches) == isinstance(self.given.printed, tuple)
            for detail in deviation.over or (None,)
            if (found := list(self.meant(deviation, detail)))
        ]

    def meant(self, deviation: Deviation, detail: Any) -> Iterator[Any]:
        """What a value may be that was printed with a slip: shapes, or bounds."""
        found = deviation.change(self.given.printed, *(() if detail is None else (detail,)))
        for each in found:
            if self.plain is None:
                if each != self.given.printed:
                    yield each
            elif each != rounded(self.given.printed):  # type: ignore[arg-type]
                yield Bounds(each)

    def slipped(self, value: Any, meant: Sequence[Any]) -> bool:
        """Whether a value is printed as it is by a slip."""
        if value is None:
            return False
        if isinstance(value, tuple):
            return value in meant
        return any(isinstance(each, Bounds) and value in each for each in meant)

    @property
    def evidence(self) -> float:
        """How much the number tells, in bits: 136 of 13.6G can be told from 136 others."""
        printed = self.given.printed
        return 2 * log2(max(printed) + 1) if isinstance(printed, tuple) else log2(printed.digits + 1)


class Bounds:
    """An interval, quick for whole numbers."""

    def __init__(self, interval: Interval) -> None:
        self.low, self.high = interval
        self.least, self.end = ceil(self.low), ceil(self.high)

    def __contains__(self, value: int | Fraction) -> bool:
        if isinstance(value, int):
            return self.least <= value < self.end
        return self.low <= value < self.high


def measured(target: Target, measure: Measure | None, deviation: Deviation, detail: Any) -> Measure | None:
    """A measure under another convention; as it is where that makes no difference."""
    if measure is None or not deviation.about(target.given.quantity):
        return measure
    changed = deviation.change(measure, *(() if detail is None else (detail,)))
    return measure if changed is None or changed == measure else changed


def tallied(nodes: Iterable[tuple[int, Node]]) -> Tally:
    """Nodes that come and go, alike ones together."""
    counts: dict[Any, tuple[int, Node]] = {}
    for sign, node in nodes:
        key = kind_of(node)
        counts[key] = counts.get(key, (0, node))[0] + sign, node
    return [(count, key, node) for key, (count, node) in counts.items() if count]


def added(tally: Tally, ledger: Ledger) -> Any:
    """What a tally comes to."""
    total, known = 0, ledger.known
    for count, key, node in tally:
        value = known.get(key)
        total += count * (ledger.of(node, key) if value is None else value)
    return total


Values = tuple[Any, ...]


def by_given(targets: Sequence[Target], values: Values) -> Mapping[Given, Any]:
    """The values by the numbers given."""
    return {target.given: value for target, value in zip(targets, values, strict=True)}
