"""What a number comes to under many changes, sorted, so that those which fit are looked up."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any


class Column:
    """Values by the numbers of the changes that give them; None where a change gives none."""

    def __init__(self, values: Iterable[Any]) -> None:
        self.values = list(values)
        numbers = [(v, i) for i, v in enumerate(self.values) if v is not None and not isinstance(v, tuple)]
        self.rising = sorted(numbers)
        self.sorted = [value for value, _ in self.rising]

    def within(self, low: Any, high: Any, behind: int = -1) -> Iterator[int]:
        """The changes whose values lie from `low` up to `high`; only those `behind` a place in the order."""
        start = bisect_left(self.sorted, low, lo=behind + 1)
        end = bisect_left(self.sorted, high, lo=start)
        for k in range(start, end):
            yield self.rising[k][1]

    def equal(self, value: Any) -> Iterator[int]:
        """The changes of just this value."""
        return (i for i, each in enumerate(self.values) if each == value)
