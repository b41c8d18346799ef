"""Deviations alone and in pairs, each with the numbers that it makes come out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import log2
from typing import Any

from cnncost.deviation.catalogue import of_kind
from cnncost.deviation.column import Column
from cnncost.deviation.composing import Composer
from cnncost.deviation.counted import Counted, Counting, Step
from cnncost.deviation.kinds import Deviation
from cnncost.deviation.measure import Ledger, Measure
from cnncost.deviation.search import Change, Search
from cnncost.deviation.targets import Bounds, Target, Values, measured
from cnncost.deviation.words import Where, number
from cnncost.errors import CnncostError


@dataclass(frozen=True, eq=False)
class Candidate:
    """One or two deviations, what the numbers come to with them, and which are covered, by their places."""

    steps: tuple[Step, ...]
    values: Values
    covers: frozenset[int]
    cost: float
    labels: tuple[str, ...] = ()


class Candidates:
    """All that could explain some numbers."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.targets = search.targets
        self.changes = search.changes
        self.columns = [Column(change.values[j] for change in self.changes) for j in range(len(self.targets))]
        self.counted: dict[tuple[int, Measure], Counted] = {}

    # singles

    def singles(self) -> Iterator[Candidate]:
        """Single deviations that cover a number which was wrong, and leave those that were right."""
        for i in sorted({i for j in self.search.wrong for i in self.fitting(j)}):
            change = self.changes[i]
            yield from self.covering((step_of(change),), change.values, change.cost, change.labels)
        for counting in self.countings:
            yield from self.covering((counting.step,), self.base_under(counting), counting.cost)
        for step, cost, other in self.mixed_up:
            yield from self.covering((step,), other.base, cost)
        yield from self.printed((), self.search.base, 0)

    @cached_property
    def mixed_up(self) -> list[tuple[Step, float, Search]]:
        """The other networks of the family that have the parts which the numbers are about.

        Of a single layer, nobody mixes up the network: a number of few digits is met by chance.
        """
        found: list[tuple[Deviation, str, Search]] = []
        if self.search.of_one_row:
            return []
        for deviation in of_kind("family"):
            for profile in deviation.change(self.search.net.profile):
                with suppress(CnncostError):
                    other = Search(profile, [target.given for target in self.targets])
                    found.append((deviation, profile.name, other))
        tried = log2(len(found) or 1)
        return [((d, Where(detail=name)), d.cost + tried, other) for d, name, other in found]

    def fitting(self, j: int) -> Iterator[int]:
        """The changes with which a number comes out."""
        target, column = self.targets[j], self.columns[j]
        return self.matching(column, [target.plain or target.given.printed])

    def matching(self, column: Column, meant: Iterable[Any]) -> Iterator[int]:
        """The changes whose values are among what is meant: bounds, or shapes."""
        for each in meant:
            yield from column.within(each.low, each.high) if isinstance(each, Bounds) else column.equal(each)

    def covering(
        self, steps: tuple[Step, ...], values: Values, cost: float, labels: tuple[str, ...] = ()
    ) -> Iterator[Candidate]:
        """The candidate, if it covers a number which was wrong and leaves those that were right."""
        covers = self.search.plainly(values)
        if covers > self.search.right:
            yield Candidate(steps, values, covers, cost, labels)

    def printed(
        self, steps: tuple[Step, ...], values: Values, cost: float, labels: tuple[str, ...] = ()
    ) -> Iterator[Candidate]:
        """The candidates in which some numbers are printed with a slip."""
        plain = self.search.plainly(values)
        slipped: dict[tuple[Deviation, Any], set[int]] = defaultdict(set)
        for j, (target, value) in enumerate(zip(self.targets, values, strict=True)):
            if j not in plain:
                for deviation, detail, meant in target.slips:
                    if target.slipped(value, meant):
                        slipped[deviation, detail].add(j)
        for (deviation, detail), more in slipped.items():
            covers = plain | more
            if covers > self.search.right:
                step = deviation, Where(detail=detail)
                tried = log2(len(deviation.over) or 1)
                yield Candidate((*steps, step), values, covers, cost + deviation.cost + tried, labels)

    # countings

    @cached_property
    def countings(self) -> list[Counting]:
        """Every other convention that counts one of the numbers otherwise."""
        return list(self.recounted(tuple(target.measure for target in self.targets)))

    def recounted(
        self, own: tuple[Measure | None, ...], behind: Deviation | None = None
    ) -> Iterator[Counting]:
        """The other conventions, from given ones on; only those declared `behind` another."""
        known = of_kind("counting")
        seen = {own}
        for deviation in known[known.index(behind) + 1 :] if behind else known:
            found: dict[tuple[Measure | None, ...], Any] = {}
            for detail in deviation.over or (None,):
                pairs = zip(self.targets, own, strict=True)
                measures = tuple(measured(target, measure, deviation, detail) for target, measure in pairs)
                if measures not in seen:
                    seen.add(measures)
                    found[measures] = detail
            for measures, detail in found.items():
                yield Counting(deviation, detail, measures, deviation.cost + log2(len(found)))

    def count(self, j: int, measure: Measure) -> Counted:
        """A number's part under a measure, worked out once for measures that differ in the factor alone."""
        key = j, replace(measure, times=Fraction(1))
        if key not in self.counted:
            self.counted[key] = Counted(self.search, j, Ledger(measure, self.search.net.works), self.changes)
        return self.counted[key]

    def base_under(self, counting: Counting) -> Values:
        """What the numbers come to under another convention."""
        return tuple(
            value if m is None else number(m.times * self.count(j, m).total)
            for j, (m, value) in enumerate(zip(counting.measures, self.search.base, strict=True))
        )

    def under(self, counting: Counting, i: int) -> Values:
        """What the numbers come to under another convention and with a change."""
        return tuple(
            value
            if m is None
            else number(m.times * (self.count(j, m).total + self.count(j, m).differences.values[i]))
            for j, (m, value) in enumerate(zip(counting.measures, self.changes[i].values, strict=True))
        )

    # pairs

    def pairs(self) -> Iterator[Candidate]:
        """Two deviations together."""
        yield from self.with_printing()
        yield from self.with_family()
        yield from self.with_counting()
        yield from self.with_change()
        yield from self.composed()

    def with_printing(self) -> Iterator[Candidate]:
        """A slip in printing, and any other deviation."""
        fitting = {
            i
            for j in self.search.wrong
            for _, _, meant in self.targets[j].slips
            for i in self.matching(self.columns[j], meant)
        }
        for i in sorted(fitting):
            change = self.changes[i]
            yield from self.printed((step_of(change),), change.values, change.cost, change.labels)
        for counting in self.countings:
            yield from self.printed((counting.step,), self.base_under(counting), counting.cost)
        for step, cost, other in self.mixed_up:
            yield from self.printed((step,), other.base, cost)

    def with_family(self) -> Iterator[Candidate]:
        """Another network of the family, and a slip in every layer."""
        for step, cost, other in self.mixed_up:
            for change in other.systematic():
                yield from self.covering((step, step_of(change)), change.values, cost + change.cost)

    def with_counting(self) -> Iterator[Candidate]:
        """Another convention, and a change; or two other conventions."""
        for counting in self.countings:
            for i in sorted({i for j in self.search.wrong for i in self.fitting_under(counting, j)}):
                change = self.changes[i]
                steps, cost = (step_of(change), counting.step), change.cost + counting.cost
                yield from self.covering(steps, self.under(counting, i), cost, change.labels)
            for second in self.recounted(counting.measures, counting.deviation):
                steps, cost = (counting.step, second.step), counting.cost + second.cost
                yield from self.covering(steps, self.base_under(second), cost)

    def fitting_under(self, counting: Counting, j: int) -> Iterator[int]:
        """The changes with which a number comes out under another convention."""
        measure, plain = counting.measures[j], self.targets[j].plain
        if measure is None or plain is None:
            return self.fitting(j)
        count = self.count(j, measure)
        low, high = (bound / measure.times - count.total for bound in (plain.low, plain.high))
        return count.differences.within(low, high)

    def with_change(self) -> Iterator[Candidate]:
        """Two changes of different nodes, whose differences add up."""
        seen: set[tuple[int, int]] = set()
        for j in sorted(self.search.wrong):
            if self.targets[j].measure is not None:
                seen.update(self.looked_up(j))
        for a, b in sorted(seen):
            first, second = self.changes[a], self.changes[b]
            if first.nodes.keys().isdisjoint(second.nodes):
                three = zip(self.targets, self.search.base, first.values, second.values, strict=True)
                values = tuple(together(*each) for each in three)
                steps, cost = (step_of(first), step_of(second)), first.cost + second.cost
                yield from self.covering(steps, values, cost)

    def looked_up(self, j: int) -> Iterator[tuple[int, int]]:
        """Pairs of changes whose differences add up to what a number lacks."""
        target, base, column = self.targets[j], self.search.base[j], self.columns[j]
        assert target.plain is not None
        for place, (value, i) in enumerate(column.rising):
            if value != base:
                rest = base - value
                found = column.within(target.plain.low + rest, target.plain.high + rest, place)
                yield from ((min(i, k), max(i, k)) for k in found if column.values[k] != base)

    def composed(self) -> Iterator[Candidate]:
        """Changes that share nodes, one after the other."""
        for first, second, values in Composer(self.search, self.changes).pairs():
            steps, cost = (step_of(first), step_of(second)), first.cost + second.cost
            yield from self.covering(steps, values, cost, second.labels)


def step_of(change: Change) -> Step:
    """The deviation of a change, with its place."""
    return change.deviation, change.where


def together(target: Target, base: Any, first: Any, second: Any) -> Any:
    """The value with two changes of different nodes: differences add up; of what does not, one may differ."""
    if target.measure is not None:
        return first + second - base
    if second == base:
        return first
    return second if first == base else None
