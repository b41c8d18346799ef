"""Totals of many networks, sorted: params, operations and memory side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from cnncost import numbers
from cnncost.charts import panels
from cnncost.charts.axes import ChartFigure, on_axes
from cnncost.charts.panels import COSTS, ROW, ChartedCost, Steps, conditions, short_name
from cnncost.charts.request import Request
from cnncost.charts.theme import SMALL, THEMES, Theme, points
from cnncost.count.profile import NetworkCost
from cnncost.network.catalogue import chosen_specs, index, networks_of

SHOWN = ("params", "flops", "memory")
"""The costs side by side; multiply-adds take the place of FLOPs on request."""
REST = 1.5
"""Inches: the height of title, axes and note."""
WITH_SHAPES = 2.2
"""Inches: in a wider panel the input shapes are next to the names."""
WIDE = 100
"""The scale is logarithmic if the largest value is more than this many times the smallest."""


def figure(request: Request) -> ChartFigure:
    """The chart of these networks, or of the whole catalogue."""
    by = request.chosen_quantity((*SHOWN, "macs"))
    names = request.names or names_in(request.family)
    profiles = [request.profiled(name) for name in names]
    if request.top is not None and request.top < len(profiles):
        kept = sorted(profiles, key=COSTS[by].total, reverse=True)[: request.top]
        request.notes.append(f"the largest {len(kept)} of {len(profiles)} networks are shown")
        profiles = kept
    width = panels.width_for(names_of(profiles))
    made = request.figure(request.across(width), REST + ROW * max(len(profiles), 3))
    draw(profiles, made.subplots(1, 3), by, request.theme)
    title = f"{len(profiles)} networks by {COSTS[by].name(profiles[0].convention)}"
    alone = panels.width_of(made.axes[0]) < WITH_SHAPES
    inputs = "each network on its own input" if alone else "inputs are next to the names"
    note = conditions(*profiles, shown=costs_by(by), inputs=inputs)
    panels.title_and_note(made, title if len(profiles) > 1 else profiles[0].name, note, request.theme)
    return made


def names_in(family: str | None) -> tuple[str, ...]:
    """The networks of a family, or of the whole catalogue.

    Raises:
        CnncostError: there is no such family.
    """
    if family is None:
        return tuple(name for name, _ in index())
    return tuple(name for spec in chosen_specs([family]) for name in networks_of(spec))


@on_axes(0.7, 0.9)
def draw(
    profiles: Sequence[NetworkCost], axes: Sequence[Axes], by: str = "params", theme: Theme = THEMES["light"]
) -> Sequence[Axes]:
    """Draw into three Axes: params, FLOPs and memory of each network, the largest on top.

    Values that span more than two decades are points on a logarithmic scale, on which the length of a
    bar would mean nothing.

    Args:
        profiles: networks, all counted by the same convention.
        axes: three Axes.
        by: the cost that they are sorted by, shown first: params, flops, memory or macs.
        theme: the colours.
    """
    ranked = sorted(profiles, key=COSTS[by].total, reverse=True)
    shown = costs_by(by)
    totals = [[value for profile in profiles if (value := cost.total(profile))] for cost in shown]
    wide = any(max(values) > WIDE * min(values) for values in totals if values)
    for cost, panel in zip(shown, axes, strict=True):
        draw_cost(panel, ranked, cost, wide, theme)
    axes[0].set_yticks(range(len(ranked)), names_of(ranked, panels.width_of(axes[0]) < WITH_SHAPES))
    return axes


def costs_by(by: str) -> list[ChartedCost]:
    """The costs to show when networks are sorted by one of them."""
    others = [key for key in SHOWN if key != by and (key, by) != ("flops", "macs")]
    return [COSTS[key] for key in (by, *others)]


def names_of(profiles: Sequence[NetworkCost], alone: bool = False) -> list[str]:
    """The networks' names, `alone` or with the input shapes if they differ."""
    shapes = [profile.graph.input_text for profile in profiles]
    if alone or len(set(shapes)) == 1:
        return [short_name(profile.name) for profile in profiles]
    return [f"{short_name(profile.name)}  {shape}" for profile, shape in zip(profiles, shapes, strict=True)]


def draw_cost(
    axes: Axes, profiles: Sequence[NetworkCost], cost: ChartedCost, wide: bool, theme: Theme
) -> None:
    """Draw one cost of each network."""
    convention = profiles[0].convention
    values = [cost.total(profile) for profile in profiles]
    colour = theme.quantities[cost.key]
    if wide:
        texts = [cost.amount(value, convention) for value in values]
        draw_points(axes, values, texts, cost.steps(convention), colour)
        narrow = panels.width_of(axes) < 2
        name = cost.label(convention, numbers.Unit("", 1), short=narrow)
        axes.set_xlabel(f"{name}{'' if narrow else ', log scale'}")
    else:
        unit = cost.unit(max(values), convention)
        panels.bars(axes, range(len(values)), values, cost.texts(values, unit), unit, colour)
        axes.set_xlabel(cost.label(convention, unit, short=panels.width_of(axes) < 2))
        panels.even_ticks(axes.xaxis)
    panels.panel_title(axes, cost.name(convention))
    axes.set_yticks([])
    axes.set_ylim(len(values) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def draw_points(axes: Axes, values: Sequence[int], texts: Sequence[str], steps: Steps, colour: str) -> None:
    """Draw values as points on a logarithmic scale, each with its text behind it; 0 is text alone."""
    found = [(value, position) for position, value in enumerate(values) if value]
    low, high = (min(found)[0], max(found)[0]) if found else (1, 1)
    start = low / 2
    axes.set_xscale("log")
    axes.set_xlim(start, high * (high / start) ** 0.32)  # a quarter of the width for the texts
    if found:
        lengths, positions = zip(*found, strict=True)
        axes.hlines(positions, start, lengths, colour, linewidth=0.8, alpha=0.4)
        axes.scatter(lengths, positions, s=22, color=colour)
    style: Any = {"textcoords": "offset points", "va": "center", "size": points(SMALL)}
    for position, (value, text) in enumerate(zip(values, texts, strict=True)):
        axes.annotate(text, (value or start, position), (6, 0), **style)
    panels.log_ticks(axes.xaxis, steps)
