"""The values of a number in many trials, sorted, so that fitting trials can be looked up."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any

from cnncost.deviation.declaring import Bounds
from cnncost.dims import Shape


class SortedValues:
    """Values by the numbers of their trials; None for a trial in which the number is undefined."""

    def __init__(self, values: Iterable[Any]) -> None:
        self.values = list(values)
        numbers = [(v, i) for i, v in enumerate(self.values) if v is not None and not isinstance(v, tuple)]
        self.rising = sorted(numbers)
        self.sorted = [value for value, _ in self.rising]

    def within(self, low: Any, high: Any, after: int = -1) -> Iterator[int]:
        """The trials with values from `low` up to `high`; only those `after` a place in the order."""
        start = bisect_left(self.sorted, low, lo=after + 1)
        end = bisect_left(self.sorted, high, lo=start)
        for k in range(start, end):
            yield self.rising[k][1]

    def fitting(self, meant: Iterable[Bounds | Shape]) -> Iterator[int]:
        """The trials whose values are meant: within bounds, or equal to a shape."""
        for each in meant:
            if isinstance(each, Bounds):
                yield from self.within(each.low, each.high)
            else:
                yield from (i for i, value in enumerate(self.values) if value == each)
