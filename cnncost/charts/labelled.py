"""Labels on Axes, in points of 1/72 inch: the room there is, the size of a text, and writing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncost.charts.labels import Box
from cnncost.charts.theme import SMALL, Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABEL = SMALL - 0.5
"""The size of a point's label."""


def points_per_pixel(axes: Axes) -> float:
    """How many points of 1/72 inch a pixel is."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    return 72 / figure.dpi


def size_of(axes: Axes) -> tuple[float, float]:
    """Width and height of Axes, as they stand."""
    box, per_pixel = axes.get_window_extent(), points_per_pixel(axes)
    return box.width * per_pixel, box.height * per_pixel


def text_size(axes: Axes, text: str) -> tuple[float, float]:
    """Width and height of a label."""
    drawn = axes.text(0, 0, text, fontsize=LABEL)
    box, per_pixel = drawn.get_window_extent(), points_per_pixel(axes)
    drawn.remove()
    return box.width * per_pixel + 1, box.height * per_pixel


def write(axes: Axes, text: str, box: Box, theme: Theme) -> None:
    """A label in its box, with a halo."""
    from matplotlib.patheffects import withStroke

    place: dict[str, Any] = {"xycoords": "axes points", "textcoords": "axes points"}
    axes.annotate(
        text,
        (0, 0),
        (box.left + 0.5, box.bottom),
        fontsize=LABEL,
        va="bottom",
        zorder=4,
        path_effects=[withStroke(linewidth=2, foreground=theme.ground, alpha=0.75)],
        **place,
    )
