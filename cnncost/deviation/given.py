"""What the engine is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cnncost.deviation.measure import FIELDS
from cnncost.dims import Shape
from cnncost.errors import CnncostError, did_you_mean
from cnncost.numbers import Printed


@dataclass(frozen=True)
class Given:
    """A number that somebody wrote, and what it is meant to be.

    `quantity` is one of :data:`QUANTITIES`: ``params``, ``macs``, ``flops``, ``memory``, ``shape``, …;
    `printed` the number with its digits as written, or a Shape where the quantity is ``shape``; `at` a row,
    layer, stage or range of the network, "" for all of it.
    """

    quantity: str
    printed: Printed | Shape
    at: str = ""


@dataclass(frozen=True)
class Explanation:
    """One or two deviations that make the network come to the numbers given.

    `covers` are the numbers that come out to the digit, those that were right before among them. `sentence`
    says what differs, in words that teach; `hint` points to it without a number. `values` is what each given
    number recomputes to, covered or not. `cost` ranks, in bits: simpler is lower; `evidence` is what the
    digits of the covered numbers tell, in bits too. `also` names other places at which
    the same deviation gives the same, and `fitting` how many other pairs fit as well.
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
        """Whether the digits tell more than it takes to meet them by chance."""
        return self.cost < self.evidence


def square(shape: Shape) -> Any:
    """The side of a square map; None for others."""
    sides = set(shape[1:])
    return sides.pop() if len(sides) == 1 else None


SHAPED: dict[str, Callable[[Shape, Shape], Any]] = {
    "shape": lambda _, out: out,
    "out_channels": lambda _, out: out[0],
    "out_size": lambda _, out: square(out),
    "height": lambda _, out: out[1] if len(out) > 1 else None,
    "width": lambda _, out: out[2] if len(out) > 2 else None,
    "in_channels": lambda entering, _: entering[0],
    "in_size": lambda entering, _: square(entering),
}
"""The quantities that do not add up, of the shapes that enter and leave a part, channels first."""

QUANTITIES = (*FIELDS, *SHAPED, "receptive_field")
"""What can be given."""


def check_quantity(name: str) -> None:
    """Refuse a quantity that is not known.

    Raises:
        CnncostError: there is none of this name; the nearest is named.
    """
    if name not in QUANTITIES:
        known = ", ".join(QUANTITIES)
        raise CnncostError(f"no quantity `{name}`{did_you_mean(name, QUANTITIES)}; there are {known}")
