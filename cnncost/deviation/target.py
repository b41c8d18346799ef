"""A given number, ready to be compared: what it is about in the network, and what it may mean."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from math import log2
from typing import Any

from cnncost.count.receptive_field import Effort, every_field, node_field, positions
from cnncost.count.rows import channels_first
from cnncost.deviation.declaring import Bounds, Deviation, Nodes
from cnncost.deviation.deviations import of_kind
from cnncost.deviation.deviations.printing import bounds_of
from cnncost.deviation.given import SHAPED, Given, check_quantity
from cnncost.deviation.measure import FIELDS, Amounts, Tally, measure_of
from cnncost.deviation.numbered import NumberedGraph, Replaced
from cnncost.dims import Shape
from cnncost.network.graph import entering_axes


class Target:
    """A given number with the nodes that it is about, and how it is measured."""

    def __init__(self, given: Given, net: NumberedGraph) -> None:
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
    def amounts(self) -> Amounts:
        """The sum of the nodes, as the profile counts it."""
        assert self.measure is not None
        return Amounts(self.measure, self.net.kinds)

    @cached_property
    def whole(self) -> Tally:
        """The nodes of the part."""
        return self.net.kinds.tally(self.net.nodes[i] for i in self.numbers)

    @cached_property
    def total(self) -> Any:
        """The sum over the part, before it is multiplied."""
        return self.amounts.total(self.whole)

    def tally(self, replaced: Replaced) -> Tally:
        """The nodes that come into the part, and those that go."""
        gone = (self.net.kind[i] for i in replaced if i in self.part)
        new = (node for i, nodes in replaced.items() if i in self.part for node in nodes)
        return self.net.kinds.tally(new, gone)

    def value(self, replaced: Replaced, tally: Tally) -> Any:
        """The value of the quantity with some nodes replaced; None if it is undefined then."""
        if self.measure is not None:
            return whole_number(self.measure.times * (self.total + self.amounts.total(tally)))
        if self.given.quantity == "receptive_field":
            return self.receptive_field(replaced)
        first, last = self.nodes_at(self.numbers[0], replaced), self.nodes_at(self.last, replaced)
        if not first or not last:
            return None
        letters = self.net.graph.axes
        entering = channels_first(first[0].in_shape, entering_axes(first[0], letters))
        leaving = channels_first(last[-1].out_shape, letters[self.net.nodes[self.last].name])
        return SHAPED[self.given.quantity](entering, leaving)

    def nodes_at(self, i: int, replaced: Replaced) -> Nodes:
        """A node, or what replaces it."""
        return replaced.get(i, (self.net.nodes[i],))

    @cached_property
    def fields(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The receptive fields and shapes of the network without changes."""
        return every_field(self.net.graph)

    def receptive_field(self, replaced: Replaced) -> Any:
        """The receptive field at the part's end, if it is the same along all axes.

        Only what differs is followed; a node that is left out passes on what enters it.
        """
        fields, sizes = map(dict, self.fields)
        differ: set[str] = set()
        for i in self.net.ancestors(self.last):
            old, new = self.net.nodes[i], self.nodes_at(i, replaced)
            if i not in replaced and differ.isdisjoint(old.inputs):
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
    def meant(self) -> Bounds | Shape:
        """What the value must be if the number is right: within bounds, or a shape."""
        printed = self.given.printed
        return printed if isinstance(printed, tuple) else bounds_of(printed)

    @cached_property
    def misprints(self) -> Sequence[tuple[Deviation, Any, Sequence[Any]]]:
        """Each mistake in printing, with what it is tried with and what the true value may be then.

        A zero has no digits that could have been written otherwise.
        """
        printed = self.given.printed
        is_shape = isinstance(printed, tuple)
        if not is_shape and printed.digits == 0:  # type: ignore[union-attr]
            return []
        return [
            (deviation, detail, found)
            for deviation in of_kind("printing")
            if ("shape" in deviation.touches) == is_shape
            for detail in deviation.details
            if (found := [each for each in deviation.made_of(printed, detail) if each != self.meant])
        ]

    @property
    def evidence(self) -> float:
        """How much the number says, in bits: the digits of 13.6G are one of 137 possibilities."""
        printed = self.given.printed
        return 2 * log2(max(printed) + 1) if isinstance(printed, tuple) else log2(printed.digits + 1)


def fits(value: Any, meant: Bounds | Shape) -> bool:
    """Whether a value is what is meant: within bounds, or equal to a shape."""
    if isinstance(value, tuple) or isinstance(meant, tuple) or value is None:
        return bool(value == meant)
    return value in meant


def whole_number(value: Fraction) -> int | Fraction:
    """A whole number as an int, other numbers as they are."""
    return int(value) if value.denominator == 1 else value
