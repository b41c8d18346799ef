"""What a chart is asked to show, and the charts' common questions to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cnncost.charts.theme import THEMES, Theme
from cnncost.count.profile import NetworkCost
from cnncost.errors import CnncostError, did_you_mean

COUNTING = ("input", "set", "convention", "batch", "dtype", "train")
"""The options that change what is counted."""


@dataclass
class Request:
    """Networks by name, and the options of a chart; each kind reads those that mean something to it.

    Args:
        names: networks as the user named them; a kind over the whole catalogue takes none.
        profiled: a network's name to its profile, as the options of the command ask for it.
        theme: light or dark.
        quantity: the one to show where a kind shows one: memory, params, macs or flops.
        over: what a sweep varies and over which values: ``input=128,160,192``.
        layer: the layer or stage to look at, where a kind looks at one.
        depth: fold by so many parts of the names; None leaves it to the kind.
        device: a device of which something was measured, or ``FLOP/s,bytes/s``.
        options: what the options of the command change, as keyword arguments of `cnncost.profile`.
        notes: what the user must be told beside the chart; kinds add to it.
    """

    names: tuple[str, ...]
    profiled: Callable[[str], NetworkCost]
    theme: Theme = THEMES["light"]
    quantity: str | None = None
    over: str | None = None
    layer: str | None = None
    depth: int | None = None
    device: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @cached_property
    def profiles(self) -> tuple[NetworkCost, ...]:
        """The networks' profiles, in the order of their names."""
        return tuple(self.profiled(name) for name in self.names)

    def chosen(self, quantities: tuple[str, ...]) -> str:
        """The quantity that was asked for, the first of these if none was.

        Raises:
            CnncostError: a kind cannot show it.
        """
        if self.quantity is None:
            return quantities[0]
        if self.quantity not in quantities:
            hint = did_you_mean(self.quantity, quantities) or f"; there are {', '.join(quantities)}"
            raise CnncostError(f"--quantity {self.quantity}: not in this chart{hint}")
        return self.quantity
