"""Other conventions: the given numbers, and what each trial adds to them, under another measure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import log2
from typing import Any

from cnncost.deviation.asked import Asked, Values
from cnncost.deviation.declaring import Bounds, Deviation
from cnncost.deviation.deviations import of_kind
from cnncost.deviation.measure import Amounts, Measure
from cnncost.deviation.sentences import Step, Where
from cnncost.deviation.sorted_values import SortedValues
from cnncost.deviation.target import Target, whole_number
from cnncost.deviation.trials import Trial

Measures = tuple[Measure | None, ...]
"""How each given number is measured; None for one that does not add up."""


@dataclass(frozen=True, eq=False)
class Recount:
    """Another convention, with the measure that each number then has."""

    deviation: Deviation
    detail: Any
    measures: Measures
    cost: float

    @property
    def step(self) -> Step:
        """The deviation, with what it was tried with."""
        return self.deviation, Where(detail=self.detail)


class MeasuredPart:
    """What one number is about, under another measure: its sum, and what each trial adds to it."""

    def __init__(self, target: Target, amounts: Amounts, trials: Sequence[Trial]) -> None:
        self.target, self.amounts, self.trials = target, amounts, trials
        self.total = amounts.total(target.whole)

    @cached_property
    def added(self) -> SortedValues:
        """What each trial adds."""
        quantity = self.target.given.quantity
        return SortedValues(
            self.amounts.total(trial.tally(self.target)) if trial.deviation.about(quantity) else 0
            for trial in self.trials
        )


class Recounts:
    """The given numbers and the trials under other conventions."""

    def __init__(self, asked: Asked, trials: Sequence[Trial]) -> None:
        self.asked = asked
        self.trials = trials
        self.parts: dict[tuple[int, Measure], MeasuredPart] = {}

    @cached_property
    def all(self) -> list[Recount]:
        """Every other convention that counts one of the numbers otherwise."""
        return list(self.changing(tuple(target.measure for target in self.asked.targets)))

    def changing(self, own: Measures, after: Deviation | None = None) -> Iterator[Recount]:
        """The other conventions, starting from some measures; only those declared `after` another."""
        known = of_kind("counting")
        seen = {own}
        for deviation in known[known.index(after) + 1 :] if after else known:
            found: dict[Measures, Any] = {}
            for detail in deviation.details:
                pairs = zip(self.asked.targets, own, strict=True)
                measures = tuple(changed(target, measure, deviation, detail) for target, measure in pairs)
                if measures not in seen:
                    seen.add(measures)
                    found[measures] = detail
            for measures, detail in found.items():
                yield Recount(deviation, detail, measures, deviation.cost + log2(len(found)))

    def part(self, j: int, measure: Measure) -> MeasuredPart:
        """A number under a measure, worked out once for all measures that differ only in their factor."""
        key = j, measure.replace(times=Fraction(1))
        if key not in self.parts:
            amounts = Amounts(measure, self.asked.net.kinds)
            self.parts[key] = MeasuredPart(self.asked.targets[j], amounts, self.trials)
        return self.parts[key]

    def values(self, recount: Recount, i: int | None = None) -> Values:
        """The values of the numbers under another convention, and with a trial if there is one."""
        found = list(self.asked.base if i is None else self.trials[i].values)
        for j, measure in enumerate(recount.measures):
            if measure is not None:
                part = self.part(j, measure)
                total = part.total if i is None else part.total + part.added.values[i]
                found[j] = whole_number(measure.times * total)
        return tuple(found)

    def fitting(self, recount: Recount, j: int) -> Iterator[int] | None:
        """The trials that give a number under another convention; None if it is not recounted."""
        measure, meant = recount.measures[j], self.asked.targets[j].meant
        if measure is None or not isinstance(meant, Bounds):
            return None
        part = self.part(j, measure)
        low, high = (bound / measure.times - part.total for bound in (meant.low, meant.high))
        return part.added.within(low, high)


def changed(target: Target, measure: Measure | None, deviation: Deviation, detail: Any) -> Measure | None:
    """A measure under another convention; the same one if the convention makes no difference to it."""
    if measure is None or not deviation.about(target.given.quantity):
        return measure
    return deviation.made_of(measure, detail) or measure
