"""Two to four networks by stage on one axis, with their totals: the lecture's AlexNet next to VGG-16."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby

from matplotlib.axes import Axes

from cnncost import numbers
from cnncost.charts import panels
from cnncost.charts.axes import ChartFigure, on_axes
from cnncost.charts.request import Request
from cnncost.charts.theme import BODY, SMALL, THEMES, Theme, points
from cnncost.comparison.side_by_side import Comparison, Entry, Keyed, Merged, Section, Stage, merge
from cnncost.count.profile import NetworkCost
from cnncost.count.rows import fold
from cnncost.views.network_table import LONG

BAR, APART, REST = 0.15, 0.09, 1.75
"""Inches: the height of a bar, the space between stages, and the height of title, axes and note."""


def figure(request: Request) -> ChartFigure:
    """The chart of two to four networks."""
    profiles = request.profiles
    stages = aligned(profiles, request.depth)
    rows = len(stages) + 1
    width = request.across(panels.width_for([panels.short_name(stage.name) for stage in stages]))
    height = rows * min(BAR * len(profiles) + APART, LONG * BAR * len(profiles) / rows)
    made = request.figure(width, REST + max(height, 0.8))
    draw(profiles, made.subplots(1, 3), request.depth, request.theme)
    names = [panels.short_name(profile.name) for profile in profiles]
    handles = made.axes[0].get_legend_handles_labels()[0]
    look = {"weight": "bold", "size": points(BODY)}
    made.legend(handles, names, loc="outside upper left", ncols=len(names) if width > 6 else 2, prop=look)
    ratio = f"× is {names[1]} divided by {names[0]}; " if len(names) == 2 else ""
    sizes = "1/4: maps with a quarter of the input's height; " if stages and "/" in stages[0].name else ""
    title, note = f"{', '.join(names[:-1])} and {names[-1]}", f"{ratio}{sizes}{panels.conditions(*profiles)}"
    panels.title_and_note(made, title, note, request.theme, headed=False)  # the legend is its title
    return made


@on_axes(0.7, 0.9)
def draw(
    profiles: Sequence[NetworkCost],
    axes: Sequence[Axes],
    depth: int | None = None,
    theme: Theme = THEMES["light"],
) -> Sequence[Axes]:
    """Draw into three Axes: memory, params and FLOPs of each stage, one bar per network, totals last.

    Args:
        profiles: networks; with two, the ratio of the second to the first is above each panel.
        axes: three Axes.
        depth: group rows by the first N parts of layer names; 0 for one row per layer, None for stages.
        theme: the colours.
    """
    stages = aligned(profiles, depth)
    for cost, panel in zip(panels.THREE, axes, strict=True):
        draw_cost(panel, profiles, stages, cost, theme)
    named = [(at, stage.name) for at, stage in enumerate(stages)]
    every = -(-len(named) // LONG)
    named = [*named[::every], (len(stages), "total")]
    axes[0].set_yticks([at for at, _ in named], [panels.short_name(name) for _, name in named])
    return axes


def draw_cost(
    axes: Axes,
    profiles: Sequence[NetworkCost],
    stages: Sequence[Stage],
    cost: panels.ChartedCost,
    theme: Theme,
) -> None:
    """Draw one cost of all stages, with a line above the totals."""
    convention, count = profiles[0].convention, len(profiles)
    totals = [cost.total(profile) for profile in profiles]
    unit = cost.unit(max(totals), convention)
    thick = 0.8 / count
    for i, (profile, total) in enumerate(zip(profiles, totals, strict=True)):
        found = [(at, stage.sections[i]) for at, stage in enumerate(stages)]
        there = [(at, cost.value(section.totals)) for at, section in found if section]
        values = [*(value for _, value in there), total]
        at = [
            place + (i - (count - 1) / 2) * thick for place in (*(place for place, _ in there), len(stages))
        ]
        drawn = axes.barh(
            at,
            [value / unit.size for value in values],
            thick,
            color=theme.series[i],
            label=panels.short_name(profile.name),
        )
        if len(stages) <= LONG:
            axes.bar_label(drawn, cost.texts(values, unit), padding=2, fontsize=points(SMALL))
    axes.axhline(len(stages) - 0.5, color=theme.muted, linewidth=0.6)
    axes.set_xlim(0, panels.beyond(axes) * max(totals) / unit.size or 1)
    axes.set_ylim(len(stages) + 0.6, -0.6)
    axes.set_yticks([])
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(cost.label(convention, unit, short=panels.width_of(axes) < 2))
    panels.even_ticks(axes.xaxis)
    ratio = numbers.times(Fraction(totals[1], totals[0])) if count == 2 and totals[0] else ""
    panels.panel_title(axes, f"{ratio} {cost.name(convention)}".strip())


def aligned(profiles: Sequence[NetworkCost], depth: int | None) -> Sequence[Stage]:
    """The stages of the networks side by side: by name where they share names, else by the size of maps.

    `conv1_1` and `conv1_2` are together next to `conv1`, `conv2_x` next to `conv2`.
    """
    keyed = [by_stem(profile, depth) for profile in profiles]
    names = [{key for key, _ in sections} for sections in keyed]
    if depth is None and any(2 * len(names[0] & one) < min(len(names[0]), len(one)) for one in names):
        return Comparison(tuple(Entry(profile.name, profile) for profile in profiles)).stages
    merged: Merged = []
    for i, sections in enumerate(keyed):
        merged = merge(merged, sections, i)
    return [Stage(name, tuple(found.get(i) for i in range(len(profiles)))) for name, found in merged]


def by_stem(profile: NetworkCost, depth: int | None) -> Keyed:
    """The stages of a network, neighbours as one whose names differ only in their last part."""
    rows = fold(profile, 1 if depth is None else depth or None)
    if depth is not None:
        return [(row.label, Section((row,))) for row in rows]
    grouped = groupby(rows, key=lambda row: re.sub(r"(?<=\d)_(\d+|x)$", "", row.label))
    return [(stem, Section(tuple(members))) for stem, members in grouped]
