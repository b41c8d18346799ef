"""What the search answers: the causes of wrong numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cnncost.count.profile import NetworkCost
from cnncost.deviation.given import Given


@dataclass(frozen=True)
class Cause:
    """One or two deviations that make the network come to the numbers given.

    `covers` are the numbers that then come out to the digit, including those that were right before.
    `sentence` says what differs; `hint` points to it without a number. `values` is what each given number
    comes to, covered or not. `cost` ranks the causes, in bits: simpler is lower; `evidence` is how much the
    digits of the covered numbers say, in bits too. `also` names other places where the same deviation gives
    the same, and `fitting` is how many other pairs fit as well.
    """

    deviations: tuple[str, ...]
    covers: tuple[Given, ...]
    sentence: str
    hint: str
    values: Mapping[Given, Any] = field(default_factory=dict)
    cost: float = 0
    also: tuple[str, ...] = ()
    fitting: int = 0
    evidence: float = 0

    @property
    def convincing(self) -> bool:
        """Whether the digits say more than it takes to meet them by chance."""
        return self.cost < self.evidence


@dataclass(frozen=True)
class Diagnosis:
    """Numbers given for a network, what each comes to and whether it is right, and the causes of wrong ones.

    `most` is how many deviations at once were tried.
    """

    profile: NetworkCost
    computed: Mapping[Given, tuple[Any, bool]]
    causes: tuple[Cause, ...]
    most: int

    @property
    def unexplained(self) -> list[Given]:
        """The numbers that are neither right nor covered by a cause."""
        covered = {given for cause in self.causes for given in cause.covers}
        return [given for given, (_, right) in self.computed.items() if not right and given not in covered]
