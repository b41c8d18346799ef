"""Totals of many networks, sorted: params, operations and memory side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnncost import numbers
from cnncost.charts import MANY
from cnncost.charts.panels import (
    QUANTITIES,
    ROW,
    Quantity,
    Steps,
    bars,
    conditions,
    even_ticks,
    headed,
    log_ticks,
    short,
    width_for,
)
from cnncost.charts.request import COUNTING, Request
from cnncost.charts.theme import SMALL, THEMES, Theme
from cnncost.count.profile import NetworkCost
from cnncost.network.catalogue import index

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NETWORKS = (0, MANY)
"""Without names: the whole catalogue."""
READS = ("quantity", *COUNTING)
SHOWN = ("params", "flops", "memory")
"""What stands side by side; multiply-adds in the place of FLOPs where they are asked for."""
REST = 1.5
"""Inches: the height of title, axes and what stands below them."""
SPREAD = 100
"""Where the largest value is more than so many times the smallest, the scale is logarithmic."""


def figure(request: Request) -> Figure:
    """The chart of these networks, or of all."""
    from matplotlib.figure import Figure

    by = request.chosen((*SHOWN, "macs"))
    names = request.names or tuple(name for name, _ in index())
    profiles = [request.profiled(name) for name in names]
    made = Figure(figsize=(width_for(labels(profiles)), REST + ROW * max(len(profiles), 3)))
    draw(profiles, made.subplots(1, 3), by, request.theme)
    title = f"{len(profiles)} networks by {QUANTITIES[by].name(profiles[0].convention)}"
    below = conditions(*profiles, shown=quantities(by), inputs="input as beside each name")
    headed(made, title if len(profiles) > 1 else profiles[0].name, below, request.theme)
    return made


def draw(
    profiles: Sequence[NetworkCost], axes: Sequence[Axes], by: str = "params", theme: Theme = THEMES["light"]
) -> Sequence[Axes]:
    """Draw into three Axes: params, FLOPs and memory of each network, the largest on top.

    Values that span more than two decades stand as points on a logarithmic scale, on which the
    length of a bar would mean nothing.

    Args:
        profiles: networks, all counted by the same convention.
        axes: three Axes.
        by: what they are sorted by, shown first: params, flops, memory or macs.
        theme: the colours.
    """
    ranked = sorted(profiles, key=QUANTITIES[by].total, reverse=True)
    shown = quantities(by)
    wide = any(spread(quantity, profiles) > SPREAD for quantity in shown)
    for quantity, one in zip(shown, axes, strict=True):
        panel(one, ranked, quantity, wide, theme)
    axes[0].set_yticks(range(len(ranked)), labels(ranked))
    return axes


def quantities(by: str) -> list[Quantity]:
    """What stands side by side."""
    others = [key for key in SHOWN if key != by and (key, by) != ("flops", "macs")]
    return [QUANTITIES[key] for key in (by, *others)]


def spread(quantity: Quantity, profiles: Sequence[NetworkCost]) -> float:
    """How many times the smallest value that is not 0 the largest is."""
    values = [value for profile in profiles if (value := quantity.total(profile))]
    return max(values) / min(values) if values else 1


def labels(profiles: Sequence[NetworkCost]) -> list[str]:
    """The networks' names, each with its input where they differ."""
    shapes = [numbers.shape(profile.graph.input_shape) for profile in profiles]
    if len(set(shapes)) == 1:
        return [short(profile.name) for profile in profiles]
    return [f"{short(profile.name)}  {shape}" for profile, shape in zip(profiles, shapes, strict=True)]


def panel(axes: Axes, profiles: Sequence[NetworkCost], quantity: Quantity, wide: bool, theme: Theme) -> None:
    """One quantity of each network."""
    convention = profiles[0].convention
    values = [quantity.total(profile) for profile in profiles]
    texts = [quantity.amount(value, convention) for value in values]
    colour = theme.quantities[quantity.key]
    if wide:
        points(axes, values, texts, quantity.steps(convention), colour)
        axes.set_xlabel(f"{quantity.label(convention, numbers.Unit('', 1))}, log scale")
    else:
        unit = quantity.unit(max(values), convention)
        bars(axes, range(len(values)), values, texts, unit, colour)
        axes.set_xlabel(quantity.label(convention, unit))
        even_ticks(axes.xaxis)
    axes.set_title(quantity.name(convention), loc="left")
    axes.set_yticks([])
    axes.set_ylim(len(values) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def points(axes: Axes, values: Sequence[int], texts: Sequence[str], steps: Steps, colour: str) -> None:
    """Values as points on a logarithmic scale, each with its text behind it; one of 0 is text alone."""
    seen = [(value, place) for place, value in enumerate(values) if value] or [(1, 0)]
    low, high = min(seen)[0], max(seen)[0]
    start = low / 2
    axes.set_xscale("log")
    axes.set_xlim(start, high * (high / start) ** 0.32)  # a quarter of the width for the texts
    if any(values):
        places = [place for _, place in seen]
        lengths = [value for value, _ in seen]
        axes.hlines(places, start, lengths, colour, linewidth=0.8, alpha=0.4)
        axes.scatter(lengths, places, s=22, color=colour)
    for place, (value, text) in enumerate(zip(values, texts, strict=True)):
        axes.annotate(
            text, (value or start, place), (6, 0), textcoords="offset points", va="center", size=SMALL - 0.5
        )
    log_ticks(axes.xaxis, steps)
