"""The numbers under other conventions: what each change of layers adds, as they count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cnncost.deviation.column import Column
from cnncost.deviation.kinds import Deviation
from cnncost.deviation.measure import Ledger, Measure
from cnncost.deviation.search import Change, Search
from cnncost.deviation.targets import Tally
from cnncost.deviation.words import Where, number
from cnncost.network.graph import Node

Step = tuple[Deviation, Where]
"""A deviation, and where or with what it was tried."""


@dataclass(frozen=True, eq=False)
class Counting:
    """Another convention: how each number is measured under it."""

    deviation: Deviation
    detail: Any
    measures: tuple[Measure | None, ...]
    cost: float

    @property
    def step(self) -> Step:
        """The deviation, with what it was tried with."""
        return self.deviation, Where(detail=self.detail)


class Counted:
    """A number's part under a measure: its sum, and what each change adds to it."""

    def __init__(self, search: Search, j: int, ledger: Ledger, changes: Sequence[Change]) -> None:
        self.j = j
        self.target, self.base = search.targets[j], search.base[j]
        self.ledger = ledger
        self.changes = changes
        self.known: dict[str, bool] = {}
        self.extras: dict[Any, Any] = {}

    @cached_property
    def total(self) -> Any:
        """The sum as it is."""
        return self.target.sum(self.ledger)

    @cached_property
    def differences(self) -> Column:
        """What each change adds."""
        return Column(map(self.difference, self.changes))

    def difference(self, change: Change) -> Any:
        """What a change adds; as it is counted otherwise, unless that makes no difference to its layers."""
        if not change.deviation.about(self.target.given.quantity):
            return 0
        target = self.target
        assert target.measure is not None
        known = change.values[self.j] - self.base
        if target.measure.times != 1:
            known = number(known / target.measure.times)
        for kind, tally in change.by_kind(target).items():
            if not self.alike(kind, tally[0][2]):
                known += self.extra(tally)
        return known

    def extra(self, tally: Tally) -> Any:
        """How much more a tally comes to than in the number's own measure."""
        total, extras = 0, self.extras
        for count, key, node in tally:
            value = extras.get(key)
            if value is None:
                value = extras[key] = self.ledger.of(node, key) - self.target.ledger.of(node, key)
            total += count * value
        return total

    def alike(self, kind: str, node: Node) -> bool:
        """Whether layers of a kind count as they do in the number's own measure."""
        if kind not in self.known:
            assert self.target.measure is not None
            self.known[kind] = self.target.measure.weighs_alike(self.ledger.measure, node)
        return self.known[kind]
