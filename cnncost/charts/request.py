"""What a chart is asked to show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cnncost.charts.theme import THEMES, Theme
from cnncost.count.profile import NetworkCost
from cnncost.errors import CnncostError, did_you_mean


@dataclass
class Request:
    """Networks by name, and the options of a chart; each kind reads those that apply to it.

    Args:
        names: networks as the user named them; none for the whole catalogue, where a kind can show it.
        profiled: gives a network's profile by its name, counted as the options of the command say.
        theme: light or dark.
        quantity: what to show, where a kind shows one quantity: memory, params, macs or flops.
        over: what a sweep varies and its values: ``input=128,160,192``.
        layer: the layer or stage to show.
        depth: group rows by the first N parts of layer names; 0 for one row per layer, None for the
            kind's default.
        device: a measured device, or ``FLOP/s,bytes/s``.
        options: the options that change the counts, as keyword arguments of `cnncost.profile`.
        notes: messages for the user; kinds append to it.
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

    def chosen_quantity(self, known: tuple[str, ...]) -> str:
        """The requested quantity, or the first known one by default.

        Raises:
            CnncostError: the kind cannot show it.
        """
        if self.quantity is None:
            return known[0]
        if self.quantity not in known:
            hint = did_you_mean(self.quantity, known) or f"; there are {', '.join(known)}"
            raise CnncostError(f"--quantity {self.quantity}: not in this chart{hint}")
        return self.quantity
