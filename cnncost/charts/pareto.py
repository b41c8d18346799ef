"""Accuracy against any cost, with the networks that no cheaper one beats."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from cnncost.charts.axes import ChartFigure, on_axes
from cnncost.charts.bubble import AccuracyAxes, accuracy_figure, draw_bubbles
from cnncost.charts.request import Request
from cnncost.charts.theme import THEMES, Theme
from cnncost.comparison.tradeoff import Bubble


def figure(request: Request) -> ChartFigure:
    """The chart of the named networks, or of every network of the catalogue that has an accuracy."""
    cost = request.chosen_quantity(("macs", "params", "memory"))
    return accuracy_figure(request, AccuracyAxes("top1", FIELDS.get(cost, cost), areas=False))


FIELDS = {"memory": "macts"}
"""The field of a Bubble for a cost; memory is counted in elements."""


@on_axes(2.2, 1.6)
def draw(bubbles: Sequence[Bubble], axes: Axes, cost: str = "macs", theme: Theme = THEMES["light"]) -> Axes:
    """Draw into Axes that have their final size: labels are placed for it.

    Args:
        bubbles: the networks, as `cnncost.comparison.tradeoff.bubbles_of` finds them.
        axes: one Axes.
        cost: macs, params or memory.
        theme: the colours.
    """
    draw_bubbles(bubbles, axes, AccuracyAxes("top1", FIELDS.get(cost, cost), areas=False), theme)
    return axes
