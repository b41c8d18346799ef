"""What a comparison with PyTorch found: counts of what was compared, and every difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cnncost.dims import Shape
from cnncost.errors import CnncostError, did_you_mean

QUANTITIES = {
    "shapes": "outputs",
    "params": "tensors",
    "macs": "layers",
    "fvcore": "layers",
    "memory": "outputs",
    "field": "layers",
}
"""What can be compared, and what is counted when it is."""

QUICK = ("shapes", "params", "macs", "memory")
"""What needs no numbers: a network's description in torch is enough."""


def quantities_of(names: Iterable[str]) -> tuple[str, ...]:
    """These quantities, each once, in the order of the table.

    Raises:
        CnncostError: there is no such quantity.
    """
    wanted = set(names)
    for name in sorted(wanted - set(QUANTITIES)):
        hint = did_you_mean(name, QUANTITIES) or f"; there are {', '.join(QUANTITIES)}"
        raise CnncostError(f"no quantity `{name}`{hint}")
    return tuple(name for name in QUANTITIES if name in wanted)


@dataclass(frozen=True)
class Difference:
    """A layer of which the two sides say something else; `what` is the weight or the output meant."""

    node: str
    ours: Any
    theirs: Any
    what: str = ""


@dataclass(frozen=True)
class Comparison:
    """One quantity of a network, held against what another side says.

    Everything that the network has of it is counted once: the same, different, not counted by the other
    side (by reason) or not checked (by reason).
    """

    quantity: str
    against: str
    same: int = 0
    differences: tuple[Difference, ...] = ()
    not_counted: Mapping[str, int] = field(default_factory=dict)
    not_checked: Mapping[str, int] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        """What the counts are counts of."""
        return QUANTITIES[self.quantity]

    @property
    def compared(self) -> int:
        """How many were held against each other."""
        return self.same + len(self.differences)

    @property
    def counts(self) -> dict[str, int]:
        """How many have which outcome."""
        return {
            "same": self.same,
            "different": len(self.differences),
            "not_counted": sum(self.not_counted.values()),
            "not_checked": sum(self.not_checked.values()),
        }


@dataclass(frozen=True)
class Verification:
    """A network, held against its module in PyTorch."""

    name: str
    input_shape: Shape
    dtype: str
    layers: int
    comparisons: tuple[Comparison, ...]

    @property
    def differences(self) -> int:
        """How many there are, of all quantities."""
        return sum(len(comparison.differences) for comparison in self.comparisons)

    def __getitem__(self, quantity: str) -> Comparison:
        """The comparison of a quantity."""
        return next(c for c in self.comparisons if c.quantity == quantity)


class Tally:
    """A comparison while it is being made."""

    def __init__(self, quantity: str, against: str) -> None:
        self.quantity, self.against = quantity, against
        self.same = 0
        self.differences: list[Difference] = []
        self.uncounted: Counter[str] = Counter()
        self.unchecked: Counter[str] = Counter()

    def compare(self, node: str, ours: Any, theirs: Any, what: str = "") -> None:
        """One of each side."""
        if ours == theirs:
            self.same += 1
        else:
            self.differ(node, ours, theirs, what)

    def differ(self, node: str, ours: Any, theirs: Any, what: str = "") -> None:
        """One in which they differ."""
        self.differences.append(Difference(node, ours, theirs, what))

    def not_counted(self, reason: str, count: int = 1) -> None:
        """The other side counts nothing here."""
        self.uncounted[reason] += count

    def not_checked(self, reason: str, count: int = 1) -> None:
        """Nothing was held against this."""
        self.unchecked[reason] += count

    @property
    def comparison(self) -> Comparison:
        """What was found."""
        found = tuple(self.differences), dict(self.uncounted), dict(+self.unchecked)
        return Comparison(self.quantity, self.against, self.same, *found)
