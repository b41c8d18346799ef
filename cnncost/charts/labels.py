"""Labels on Axes, in points of 1/72 inch."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from cnncost.charts.placement import LabelBox
from cnncost.charts.theme import SMALL, Theme, points


def points_per_pixel(axes: Axes) -> float:
    """How many points of 1/72 inch a pixel is."""
    figure: Any = axes.figure
    return float(72 / figure.dpi)


def axes_size(axes: Axes) -> tuple[float, float]:
    """Width and height of Axes in points."""
    box, per_pixel = axes.get_window_extent(), points_per_pixel(axes)
    return box.width * per_pixel, box.height * per_pixel


def axes_position(axes: Axes, x: float, y: float) -> tuple[float, float]:
    """A point of data, in points from the lower left corner of its Axes."""
    across, up = axes.transAxes.inverted().transform(axes.transData.transform((x, y)))
    width, height = axes_size(axes)
    return float(across) * width, float(up) * height


def label_size(axes: Axes, text: str) -> tuple[float, float]:
    """Width and height of a label in points."""
    drawn = axes.text(0, 0, text, fontsize=points(SMALL))
    box, per_pixel = drawn.get_window_extent(), points_per_pixel(axes)
    drawn.remove()
    return box.width * per_pixel + 1, box.height * per_pixel


def write_label(axes: Axes, text: str, box: LabelBox, theme: Theme) -> None:
    """Write a label into its box, on the ground's colour: an outline would turn an SVG's text to paths."""
    coordinates: dict[str, Any] = {"xycoords": "axes points", "textcoords": "axes points"}
    axes.annotate(
        text,
        (0, 0),
        (box.left + 0.5, box.bottom),
        fontsize=points(SMALL),
        va="bottom",
        zorder=4,
        bbox={"facecolor": theme.ground, "edgecolor": "none", "alpha": 0.7, "pad": 0.3},
        **coordinates,
    )
