"""What a comparison with PyTorch found: how much was compared, and every mismatch. Needs no torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cnncost.dims import Inputs
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


NO_TWIN = "{} has no torch twin"
"""Why a layer of others is not compared."""


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
class Mismatch:
    """A layer for which cnncost and the other side disagree; `what` names the weight or output meant."""

    node: str
    ours: Any
    theirs: Any
    what: str = ""


@dataclass
class QuantityCheck:
    """One quantity of a network, compared with what another side says.

    Every layer (or tensor) of the network is counted once: the same, a mismatch, not counted by the
    other side (by reason) or not checked (by reason).
    """

    quantity: str
    against: str
    same: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)
    not_counted: Counter[str] = field(default_factory=Counter)
    not_checked: Counter[str] = field(default_factory=Counter)

    def compare(self, node: str, ours: Any, theirs: Any, what: str = "") -> None:
        """Record one value of each side."""
        if ours == theirs:
            self.same += 1
        else:
            self.mismatches.append(Mismatch(node, ours, theirs, what))

    @property
    def unit(self) -> str:
        """What is counted: outputs, tensors or layers."""
        return QUANTITIES[self.quantity]

    @property
    def compared(self) -> int:
        """The number of values that were compared."""
        return self.same + len(self.mismatches)

    @property
    def counts(self) -> dict[str, int]:
        """The number of values with each outcome."""
        return {
            "same": self.same,
            "different": len(self.mismatches),
            "not_counted": self.not_counted.total(),
            "not_checked": self.not_checked.total(),
        }

    def __add__(self, other: QuantityCheck) -> QuantityCheck:
        """The checks of one quantity in two networks, together."""
        against = dict.fromkeys([*self.against.split("; or "), other.against])
        return QuantityCheck(
            self.quantity,
            "; or ".join(against),
            self.same + other.same,
            self.mismatches + other.mismatches,
            self.not_counted + other.not_counted,
            self.not_checked + other.not_checked,
        )


@dataclass(frozen=True)
class Verification:
    """A network, compared with its module in PyTorch."""

    name: str
    input: Inputs
    dtype: str
    layers: int
    checks: tuple[QuantityCheck, ...]

    @property
    def mismatches(self) -> int:
        """How many there are, over all quantities."""
        return sum(len(check.mismatches) for check in self.checks)

    def __getitem__(self, quantity: str) -> QuantityCheck:
        """The check of a quantity.

        Raises:
            KeyError: it was not compared.
        """
        return {check.quantity: check for check in self.checks}[quantity]
