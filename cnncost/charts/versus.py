"""Two networks on shared axes, with totals and ratios: AlexNet beside VGG-16.

Their layers do not correspond, so they are not put side by side: each network has its own rows, and
each column of panels one scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnncost import numbers
from cnncost.charts.panels import (
    THREE,
    Quantity,
    bars,
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
from cnncost.count.rows import Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NETWORKS = (2, 2)
READS = ("depth", *COUNTING)
HEAD, REST = 0.55, 2.2
"""Inches: the height of the totals, and that of titles, axes and what stands below."""
FEW = 30
"""A network of more rows is folded by stage, unless the user asks otherwise."""


def figure(request: Request) -> Figure:
    """The chart of two networks."""
    from matplotlib.figure import Figure

    pair = request.profiles
    both = rows_of_both(pair, request.depth)
    counts = [max(len(rows), 3) for rows in both]
    names = [profile.name for profile in pair] + [row.label for rows in both for row in rows]
    inches = [HEAD, *(count * row_height(count) for count in counts)]
    made = Figure(figsize=(width_for(map(short, names)), REST + sum(inches)))
    axes = made.subplots(3, 3, height_ratios=inches)
    draw(pair, axes, request.depth, request.theme)
    first, second = (short(profile.name) for profile in pair)
    below = f"× is {second} to {first}; totals on a scale of their own; {conditions(*pair)}"
    headed(made, f"{first} and {second}", below, request.theme)
    return made


def rows_of_both(pair: Sequence[NetworkCost], depth: int | None) -> list[list[Row]]:
    """The rows of each network."""
    return [rows_of(profile, depth, FEW) for profile in pair]


def draw(
    pair: Sequence[NetworkCost], axes: Any, depth: int | None = None, theme: Theme = THEMES["light"]
) -> Any:
    """Draw into three rows of three Axes: totals, and the layers of each network.

    Args:
        pair: two networks; ratios are the second's to the first's.
        axes: three rows of three Axes, as `figure.subplots(3, 3)` makes them.
        depth: fold by so many parts of the names; 0 for a row a layer, None for stages where there are many.
        theme: the colours.
    """
    both = rows_of_both(pair, depth)
    for at, quantity in enumerate(THREE):
        totals(axes[0][at], pair, quantity, theme)
        largest = max((quantity.value(row.totals) for rows in both for row in rows), default=0)
        for rows, line, colour in zip(both, axes[1:], theme.series[:2], strict=True):
            cost_panel(line[at], rows, quantity, pair[0].convention, colour, largest)
        axes[1][at].set_xlabel("")  # the same as below
    axes[0][0].set_yticks(range(2), [short(profile.name) for profile in pair])
    for profile, rows, line, colour in zip(pair, both, axes[1:], theme.series[:2], strict=True):
        line[0].set_title(short(profile.name), loc="left", color=colour)
        name_rows(line, rows)
    return axes


def totals(axes: Axes, pair: Sequence[NetworkCost], quantity: Quantity, theme: Theme) -> None:
    """One quantity of the two whole networks, with the ratio above."""
    values = [quantity.total(profile) for profile in pair]
    texts = [quantity.amount(quantity.total(profile), profile.convention) for profile in pair]
    convention = pair[0].convention
    bars(axes, range(2), values, texts, quantity.unit(max(values), convention), theme.series[:2])
    axes.set_title(f"{ratio(*values)} {quantity.name(convention)}".strip(), loc="left")
    axes.set_yticks([])
    axes.set_ylim(1.6, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)


def ratio(first: int, second: int) -> str:
    """The second to the first, nothing where the first is nothing."""
    return numbers.times(Fraction(second, first)) if first else ""
