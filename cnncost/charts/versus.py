"""Two networks on shared axes, with totals and ratios: AlexNet next to VGG-16.

The layers of two networks do not correspond, so each network has its own rows; each column of panels
has one scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnncost import numbers
from cnncost.charts import panels
from cnncost.charts.request import Request
from cnncost.charts.theme import THEMES, Theme
from cnncost.count.profile import NetworkCost

HEAD, REST = 0.55, 2.2
"""Inches: the height of the totals, and of titles, axes and note."""
FEW = 30
"""A network with more rows is folded by stage, unless the user asks otherwise."""


def figure(request: Request) -> Figure:
    """The chart of two networks."""
    pair = request.profiles
    both = [panels.rows_of(profile, request.depth, FEW) for profile in pair]
    counts = [max(len(rows), 3) for rows in both]
    first, second = names = [panels.short_name(profile.name) for profile in pair]
    inches = [HEAD, *(count * panels.row_height(count) for count in counts)]
    width = panels.width_for([*names, *(panels.short_name(row.label) for rows in both for row in rows)])
    made = Figure(figsize=(width, REST + sum(inches)))
    draw(pair, made.subplots(3, 3, height_ratios=inches), request.depth, request.theme)
    note = f"× is {second} divided by {first}; totals have a separate scale; {panels.conditions(*pair)}"
    panels.title_and_note(made, f"{first} and {second}", note, request.theme)
    return made


def draw(
    pair: Sequence[NetworkCost], axes: Any, depth: int | None = None, theme: Theme = THEMES["light"]
) -> Any:
    """Draw into three rows of three Axes: totals, and the layers of each network.

    Args:
        pair: two networks; ratios are the second's to the first's.
        axes: three rows of three Axes, as `figure.subplots(3, 3)` makes them.
        depth: group rows by the first N parts of layer names; 0 for one row per layer, None for stages
            if there are many layers.
        theme: the colours.
    """
    both = [panels.rows_of(profile, depth, FEW) for profile in pair]
    for at, cost in enumerate(panels.THREE):
        draw_totals(axes[0][at], pair, cost, theme)
        largest = max((cost.value(row.totals) for rows in both for row in rows), default=0)
        for rows, line, colour in zip(both, axes[1:], theme.series[:2], strict=True):
            panels.cost_panel(line[at], rows, cost, pair[0].convention, colour, largest)
        axes[1][at].set_xlabel("")  # the same as below
    axes[0][0].set_yticks(range(2), [panels.short_name(profile.name) for profile in pair])
    for profile, rows, line, colour in zip(pair, both, axes[1:], theme.series[:2], strict=True):
        line[0].set_title(panels.short_name(profile.name), loc="left", color=colour)
        panels.name_rows(line, rows)
    return axes


def draw_totals(axes: Axes, pair: Sequence[NetworkCost], cost: panels.ChartedCost, theme: Theme) -> None:
    """Draw one cost of the two whole networks, with the ratio above; none where the first is 0."""
    first, second = values = [cost.total(profile) for profile in pair]
    convention = pair[0].convention
    texts = [cost.amount(value, profile.convention) for value, profile in zip(values, pair, strict=True)]
    panels.bars(axes, range(2), values, texts, cost.unit(max(values), convention), theme.series[:2])
    ratio = numbers.times(Fraction(second, first)) if first else ""
    axes.set_title(f"{ratio} {cost.name(convention)}".strip(), loc="left")
    axes.set_yticks([])
    axes.set_ylim(1.6, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
