"""The search's question: a number that somebody wrote, and the quantity that it is meant to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnncost.deviation.measure import FIELDS
from cnncost.dims import Shape
from cnncost.errors import CnncostError, did_you_mean
from cnncost.numbers import Printed


@dataclass(frozen=True)
class Given:
    """A number that somebody wrote, and what it is meant to be.

    `quantity` is one of :data:`QUANTITIES`: ``params``, ``macs``, ``flops``, ``memory``, ``shape``, …;
    `printed` is the number with its digits as written, or a Shape if the quantity is ``shape``; `at` is a
    row, layer, stage or range of the network, "" for all of it.
    """

    quantity: str
    printed: Printed | Shape
    at: str = ""


def side_of(shape: Shape) -> Any:
    """The side of a square map; None for other shapes."""
    sides = set(shape[1:])
    return sides.pop() if len(sides) == 1 else None


SHAPED: dict[str, Callable[[Shape, Shape], Any]] = {
    "shape": lambda _, out: out,
    "out_channels": lambda _, out: out[0],
    "out_size": lambda _, out: side_of(out),
    "height": lambda _, out: out[1] if len(out) > 1 else None,
    "width": lambda _, out: out[2] if len(out) > 2 else None,
    "in_channels": lambda entering, _: entering[0],
    "in_size": lambda entering, _: side_of(entering),
}
"""The quantities that do not add up, from the shapes that enter and leave a part, channels first."""

QUANTITIES = (*FIELDS, *SHAPED, "receptive_field")
"""The quantities that can be given."""


def check_quantity(name: str) -> None:
    """Refuse an unknown quantity.

    Raises:
        CnncostError: there is none of this name; the nearest is named.
    """
    if name not in QUANTITIES:
        known = ", ".join(QUANTITIES)
        raise CnncostError(f"no quantity `{name}`{did_you_mean(name, QUANTITIES)}; there are {known}")
