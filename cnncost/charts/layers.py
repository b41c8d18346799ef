"""Memory, params and FLOPs of each layer as three bar charts side by side: the lecture's AlexNet figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnncost.charts.panels import (
    THREE,
    conditions,
    cost_panel,
    headed,
    name_rows,
    row_height,
    rows_of,
    short,
    width_for,
)
from cnncost.charts.request import COUNTING, Request
from cnncost.charts.theme import THEMES, Theme
from cnncost.count.profile import NetworkCost

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NETWORKS = (1, 1)
READS = ("depth", *COUNTING)
REST = 1.5
"""Inches: the height of title, axes and what stands below them."""


def figure(request: Request) -> Figure:
    """The chart of one network; a deep one by its stages."""
    from matplotlib.figure import Figure

    (profile,) = request.profiles
    rows = rows_of(profile, request.depth)
    count = max(len(rows), 4)
    made = Figure(figsize=(width_for(short(row.label) for row in rows), REST + row_height(count) * count))
    axes = made.subplots(1, 3)
    draw(profile, axes, request.depth, request.theme)
    headed(made, profile.name, conditions(profile), request.theme)
    return made


def draw(
    profile: NetworkCost, axes: Sequence[Axes], depth: int | None = None, theme: Theme = THEMES["light"]
) -> Sequence[Axes]:
    """Draw into three Axes: memory, params and FLOPs, the first layer on top.

    Args:
        profile: the network.
        axes: three Axes.
        depth: fold by so many parts of the names; 0 for a row a layer, None for stages where there are many.
        theme: the colours.
    """
    rows = rows_of(profile, depth)
    for quantity, one in zip(THREE, axes, strict=True):
        cost_panel(one, rows, quantity, profile.convention, theme.quantities[quantity.key])
        one.set_title(quantity.headline(profile), loc="left")
    name_rows(axes, rows)
    return axes
