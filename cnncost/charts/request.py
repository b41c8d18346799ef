"""What a chart is asked to show, and how large."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cnncost.charts.theme import BODY, LEAST_FONT, THEMES, Theme
from cnncost.count.profile import NetworkCost
from cnncost.errors import CnncostError, did_you_mean

if TYPE_CHECKING:
    from cnncost.charts.axes import ChartFigure

WIDTHS = {"column": 3.3, "page": 6.5, "slide": 40 / 3}
"""Inches: a column and the text of a paper, and a slide of 16 to 9."""
USUAL, NARROWEST, WIDEST = 9.6, 2.4, 60.0
"""Inches: the width at which text has its usual size, and the limits of a chart's width."""
UNITS = {"in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4, "pt": 1 / 72.27, "px": 1 / 96}
"""Inches of a unit of length; a point is TeX's, as in a paper's \\\\columnwidth."""


@dataclass
class Request:
    """Networks by name, and the options of a chart; each kind reads those that apply to it.

    Args:
        names: networks as the user named them; none for the whole catalogue, where a kind can show it.
        profiled: gives a network's profile by its name, counted as the options of the command say.
        theme: light or dark, and the size of text.
        quantity: what to show, where a kind shows one quantity: memory, params, macs or flops.
        over: what a sweep varies and its values: ``input=128,160,192``.
        layer: the layer or stage to show.
        depth: group rows by the first N parts of layer names; 0 for one row per layer, None for the
            kind's default.
        device: a measured device, or ``FLOP/s,bytes/s``; several with `;` between them.
        top: show only so many, the largest first.
        family: the networks of this family.
        sources: whether the sources of printed figures are written below the chart.
        width: inches; None for the kind's own width.
        title: whether title and note are in the picture.
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
    top: int | None = None
    family: str | None = None
    sources: bool | None = None
    width: float | None = None
    title: bool = True
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

    def across(self, usual: float) -> float:
        """The chart's width in inches at the usual size of text: the width asked for, or the usual one."""
        return usual if self.width is None else self.width / self.theme.scale

    def figure(self, width: float, height: float) -> ChartFigure:
        """An empty figure of this width and height, in inches at the usual size of text."""
        from cnncost.charts.axes import ChartFigure

        scale = self.theme.scale
        return ChartFigure(figsize=(width * scale, height * scale), titled=self.title)


def inches_of(width: str | float) -> float:
    """A width as `slide`, `page`, `column`, `3.3in`, `84mm`, or a number of inches.

    Raises:
        CnncostError: it is no width, or too small or large for a chart.
    """
    text = str(width).strip()
    found = re.fullmatch(r"(\d+\.?\d*|\.\d+)\s*([a-z]*)", text)
    if text in WIDTHS:
        return WIDTHS[text]
    if not found or (found[2] or "in") not in UNITS:
        hint = did_you_mean(text, WIDTHS) or f"; write {', '.join(WIDTHS)}, or a length such as 3.3in or 84mm"
        raise CnncostError(f"--width {text}: no width{hint}")
    inches = float(found[1]) * UNITS[found[2] or "in"]
    if not NARROWEST <= inches <= WIDEST:
        raise CnncostError(f"--width {text}: a chart is {NARROWEST} to {WIDEST:.0f} inches wide")
    return inches


def sized(theme: Theme, width: float | None, font: float | None) -> Theme:
    """A theme with the size of text that suits a width; a given size of text is kept.

    Raises:
        CnncostError: the smallest text would have less than 6 points.
    """
    if font is None and width is not None:
        narrow = LEAST_FONT + (width - WIDTHS["column"]) * (BODY - LEAST_FONT) / (USUAL - WIDTHS["column"])
        font = max(LEAST_FONT, narrow if width < USUAL else BODY * width / USUAL)
    if font is not None and not LEAST_FONT <= font <= 72:
        raise CnncostError(
            f"--font-size {font:g}: from {LEAST_FONT} to 72 points; the smallest text of a chart has 5/6 "
            "of it, and below 6 points it cannot be read"
        )
    return theme if font is None else replace(theme, font=font)
