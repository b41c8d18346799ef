"""Memory, params and FLOPs of each layer as three bar charts side by side: the lecture's AlexNet figure."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from cnncost.charts import panels
from cnncost.charts.axes import ChartFigure, on_axes
from cnncost.charts.request import Request
from cnncost.charts.theme import THEMES, Theme
from cnncost.count.profile import NetworkCost

REST = 1.5
"""Inches: the height of title, axes and note."""


def figure(request: Request) -> ChartFigure:
    """The chart of one network; a deep one by its stages."""
    (profile,) = request.profiles
    rows = panels.rows_of(profile, request.depth)
    count = max(len(rows), 4)
    width = panels.width_for(panels.short_name(row.label) for row in rows)
    made = request.figure(request.across(width), REST + panels.row_height(count) * count)
    draw(profile, made.subplots(1, 3), request.depth, request.theme)
    panels.title_and_note(made, profile.name, panels.conditions(profile), request.theme)
    return made


@on_axes(0.7, 0.9)
def draw(
    profile: NetworkCost, axes: Sequence[Axes], depth: int | None = None, theme: Theme = THEMES["light"]
) -> Sequence[Axes]:
    """Draw into three Axes: memory, params and FLOPs, the first layer on top.

    Args:
        profile: the network.
        axes: three Axes.
        depth: group rows by the first N parts of layer names; 0 for one row per layer, None for stages
            if there are many layers.
        theme: the colours.
    """
    rows = panels.rows_of(profile, depth)
    for cost, panel in zip(panels.THREE, axes, strict=True):
        panels.cost_panel(panel, rows, cost, profile.convention, theme.quantities[cost.key])
        panels.panel_title(panel, cost.headline(profile))
    panels.name_rows(axes, rows)
    return axes
