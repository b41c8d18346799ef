"""What could explain the given numbers: single deviations, and pairs of them.

Two trials of different nodes add up: for each trial, the one that gives the rest is looked up in the
sorted values. Two trials of the same nodes are made one after the other (composing.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from math import log2
from typing import Any, NamedTuple

from cnncost.deviation.asked import Asked, Values
from cnncost.deviation.composing import Composer
from cnncost.deviation.declaring import Bounds, Deviation
from cnncost.deviation.deviations import of_kind
from cnncost.deviation.recounts import Recounts
from cnncost.deviation.sentences import Step, Where
from cnncost.deviation.sorted_values import SortedValues
from cnncost.deviation.target import Target, fits
from cnncost.deviation.trials import Trial, Trials
from cnncost.errors import CnncostError


class Candidate(NamedTuple):
    """One or two deviations, the numbers that they give, and which of the given numbers they explain."""

    steps: tuple[Step, ...]
    values: Values
    cost: float
    labels: tuple[str, ...] = ()
    covers: frozenset[int] = frozenset()


class Candidates:
    """All that could explain some given numbers."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.trials = Trials(asked).all
        self.recounts = Recounts(asked, self.trials)
        numbers = range(len(asked.targets))
        self.columns = [SortedValues(trial.values[j] for trial in self.trials) for j in numbers]

    def tried(self, steps: int) -> int:
        """How many candidates of one step there are, or of two."""
        single = len(self.trials) + len(self.recounted) + len(self.family)
        return single if steps < 2 else single * (single - 1) // 2

    def singles(self) -> Iterator[Candidate]:
        """Single deviations that explain a wrong number, and keep the right ones right."""
        fitting = {i for j in self.asked.wrong for i in self.fitting(j)}
        yield from self.covering([*self.of_trials(fitting), *self.recounted, *self.mixed_up])
        yield from self.misprinted([Candidate((), self.asked.base, 0)])

    def pairs(self) -> Iterator[Candidate]:
        """Two deviations together that do the same."""
        slipped = {
            i
            for j in self.asked.wrong
            for _, _, meant in self.asked.targets[j].misprints
            for i in self.columns[j].fitting(meant)
        }
        yield from self.misprinted([*self.of_trials(slipped), *self.recounted, *self.mixed_up])
        for two in (self.with_family, self.with_recount, self.with_trial, self.composed):
            yield from self.covering(two())

    # what is kept

    def covering(self, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
        """The candidates that explain a wrong number, and keep the right ones right."""
        for candidate in candidates:
            covers = self.asked.covered(candidate.values)
            if covers > self.asked.right:
                yield candidate._replace(covers=covers)

    def misprinted(self, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
        """The candidates that do so together with a mistake in printing."""
        for candidate in candidates:
            covers = self.asked.covered(candidate.values)
            slipped: dict[tuple[Deviation, Any], set[int]] = defaultdict(set)
            for j, (target, value) in enumerate(zip(self.asked.targets, candidate.values, strict=True)):
                for deviation, detail, meant in target.misprints if j not in covers else ():
                    if any(fits(value, each) for each in meant):
                        slipped[deviation, detail].add(j)
            for (deviation, detail), more in slipped.items():
                if covers | more > self.asked.right:
                    cost = candidate.cost + deviation.cost + log2(len(deviation.details))
                    steps = (*candidate.steps, (deviation, Where(detail=detail)))
                    yield candidate._replace(steps=steps, cost=cost, covers=covers | more)

    # one deviation

    def fitting(self, j: int) -> Iterator[int]:
        """The trials that give a number."""
        return self.columns[j].fitting([self.asked.targets[j].meant])

    def of_trials(self, numbers: Iterable[int]) -> Iterator[Candidate]:
        """Some trials by themselves."""
        for i in sorted(numbers):
            trial = self.trials[i]
            yield Candidate((step_of(trial),), trial.values, trial.cost, trial.labels)

    @cached_property
    def recounted(self) -> list[Candidate]:
        """The other conventions by themselves."""
        return [Candidate((r.step,), self.recounts.values(r), r.cost) for r in self.recounts.all]

    @cached_property
    def mixed_up(self) -> list[Candidate]:
        """The other networks of the family."""
        return [Candidate((step,), other.base, cost) for step, cost, other in self.family]

    @cached_property
    def family(self) -> list[tuple[Step, float, Asked]]:
        """The networks of the family that have the parts which the numbers are about.

        Nobody mixes up networks for a single layer: its few digits would be met by chance.
        """
        found: list[tuple[Deviation, str, Asked]] = []
        for deviation in of_kind("family") if not self.asked.of_one_row else ():
            for profile in deviation.change(self.asked.net.profile):
                with suppress(CnncostError):
                    other = Asked(profile, [target.given for target in self.asked.targets])
                    found.append((deviation, profile.name, other))
        tried = log2(len(found) or 1)
        return [((d, Where(detail=name)), d.cost + tried, other) for d, name, other in found]

    # two deviations

    def with_family(self) -> Iterator[Candidate]:
        """Another network of the family, and a mistake in every layer."""
        for step, cost, other in self.family:
            for trial in Trials(other).systematic():
                yield Candidate((step, step_of(trial)), trial.values, cost + trial.cost)

    def with_recount(self) -> Iterator[Candidate]:
        """Another convention, and a trial or a second convention."""
        for first in self.recounts.all:
            fitting: set[int] = set()
            for j in self.asked.wrong:
                found = self.recounts.fitting(first, j)
                fitting.update(self.fitting(j) if found is None else found)
            for i in sorted(fitting):
                trial, values = self.trials[i], self.recounts.values(first, i)
                cost = trial.cost + first.cost
                yield Candidate((step_of(trial), first.step), values, cost, trial.labels)
            for second in self.recounts.changing(first.measures, after=first.deviation):
                values, cost = self.recounts.values(second), first.cost + second.cost
                yield Candidate((first.step, second.step), values, cost)

    def with_trial(self) -> Iterator[Candidate]:
        """Two trials of different nodes, whose differences add up."""
        targets, base = self.asked.targets, self.asked.base
        measured = [j for j in sorted(self.asked.wrong) if targets[j].measure is not None]
        for a, b in sorted({pair for j in measured for pair in self.adding_up(j)}):
            first, second = self.trials[a], self.trials[b]
            if first.nodes.keys().isdisjoint(second.nodes):
                three = zip(targets, base, first.values, second.values, strict=True)
                values = tuple(both_values(*each) for each in three)
                yield Candidate((step_of(first), step_of(second)), values, first.cost + second.cost)

    def adding_up(self, j: int) -> Iterator[tuple[int, int]]:
        """Pairs of trials whose differences add up to what a number lacks."""
        meant, base, column = self.asked.targets[j].meant, self.asked.base[j], self.columns[j]
        assert isinstance(meant, Bounds)
        for place, (value, i) in enumerate(column.rising):
            if value != base:
                rest = base - value
                found = column.within(meant.low + rest, meant.high + rest, place)
                yield from ((min(i, k), max(i, k)) for k in found if column.values[k] != base)

    def composed(self) -> Iterator[Candidate]:
        """Two trials that share nodes, one after the other."""
        for first, second, values in Composer(self.asked, self.trials).pairs():
            steps, cost = (step_of(first), step_of(second)), first.cost + second.cost
            yield Candidate(steps, values, cost, second.labels)


def step_of(trial: Trial) -> Step:
    """The deviation of a trial, with its place."""
    return trial.deviation, trial.where


def both_values(target: Target, base: Any, first: Any, second: Any) -> Any:
    """The value with two trials of different nodes: sums add up; of other values, only one may differ."""
    if target.measure is not None:
        return first + second - base
    if second == base:
        return first
    return second if first == base else None
