"""Costs as a map of colours: the layers of one network by cost, or the stages of several by network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from cnncost.charts import panels
from cnncost.charts.axes import ChartFigure, on_axes
from cnncost.charts.request import Request
from cnncost.charts.theme import SMALL, THEMES, Theme, ink, points
from cnncost.charts.versus import aligned
from cnncost.count.profile import NetworkCost
from cnncost.views.network_table import LONG

COLUMNS = ("memory", "params", "flops")
REST = 1.3
"""Inches: the height of title, column names and note."""


@dataclass(frozen=True)
class HeatMap:
    """Rows and columns with their names, and in each cell a percentage of the column and its text."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    parts: tuple[tuple[float | None, ...], ...]
    texts: tuple[tuple[str, ...], ...]


def figure(request: Request) -> ChartFigure:
    """The layers of one network by cost, or one cost of the stages of several networks."""
    profiles, depth = request.profiles, request.depth
    cost = panels.COSTS[request.chosen_quantity(("flops", "params", "memory", "macs"))]
    single = len(profiles) == 1 and request.quantity is None
    found = layers_by_cost(profiles[0], depth) if single else stages_by_network(profiles, cost, depth)
    width = request.across(1.9 + max(map(len, found.rows)) * panels.CHARACTER / 72 + 1.1 * len(found.columns))
    made = request.figure(
        max(width, 3), REST + 1.15 * panels.row_height(len(found.rows)) * max(len(found.rows), 3)
    )
    draw(found, made.subplots(), request.theme)
    title = profiles[0].name if single else f"{cost.name(profiles[0].convention)} by stage"
    shapes = len({profile.graph.input_text for profile in profiles}) > 1
    shown = [panels.COSTS[key] for key in COLUMNS] if single else [cost]
    inputs = "each network on its own input" if shapes else ""
    note = f"Colour: part of the column's total. {panels.conditions(*profiles, shown=shown, inputs=inputs)}"
    panels.title_and_note(made, title, note, request.theme)
    return made


@on_axes(1.5, 0.6)
def draw(found: HeatMap, axes: Axes, theme: Theme = THEMES["light"]) -> Axes:
    """Draw into one Axes.

    Args:
        found: as `layers_by_cost` or `stages_by_network` makes it.
        axes: the Axes.
        theme: the colours.
    """
    colours = LinearSegmentedColormap.from_list("share", [theme.ground, theme.series[0]])
    shades = [[0.0 if part is None else (part / 100) ** 0.5 for part in row] for row in found.parts]
    axes.pcolormesh(shades, cmap=colours, vmin=0, vmax=1, edgecolors=theme.grid, linewidth=0.4)
    if len(found.rows) <= LONG:
        for y, row in enumerate(found.texts):
            for x, text in enumerate(row):
                axes.text(
                    x + 0.5, y + 0.5, text, ha="center", va="center", size=points(SMALL),
                    color=ink(colours(shades[y][x])[:3]),
                )  # fmt: skip
    every = -(-len(found.rows) // LONG)
    axes.set_yticks([y + 0.5 for y in range(0, len(found.rows), every)])
    axes.set_yticklabels([panels.short_name(name) for name in found.rows[::every]])
    turned = sum(map(len, found.columns)) * panels.CHARACTER / 72 > panels.width_of(axes) - 1.2
    axes.set_xticks([x + 0.5 for x in range(len(found.columns))], found.columns)
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    if turned:
        axes.tick_params(axis="x", labelrotation=90)
    axes.set_ylim(len(found.rows), 0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def layers_by_cost(profile: NetworkCost, depth: int | None = None) -> HeatMap:
    """The layers of a network, or its stages if there are many, by memory, params and FLOPs."""
    rows = panels.rows_of(profile, depth)
    costs = [panels.COSTS[key] for key in COLUMNS]
    totals = [cost.total(profile) for cost in costs]
    values = [[cost.value(row.totals) for cost in costs] for row in rows]
    return HeatMap(
        tuple(row.label for row in rows),
        tuple(cost.title.removesuffix(" of outputs") for cost in costs),
        tuple(tuple(percent(*pair) for pair in zip(row, totals, strict=True)) for row in values),
        tuple(
            tuple(cost.amount(value, profile.convention) for cost, value in zip(costs, row, strict=True))
            for row in values
        ),
    )


def stages_by_network(
    profiles: Sequence[NetworkCost], cost: panels.ChartedCost, depth: int | None = None
) -> HeatMap:
    """One cost of the aligned stages of networks; empty where a network has no such stage."""
    stages = aligned(profiles, depth)
    totals = [cost.total(profile) for profile in profiles]
    convention = profiles[0].convention
    values = [[None if s is None else cost.value(s.totals) for s in stage.sections] for stage in stages]
    return HeatMap(
        tuple(stage.name for stage in stages),
        tuple(panels.short_name(profile.name, 16) for profile in profiles),
        tuple(tuple(percent(*pair) for pair in zip(row, totals, strict=True)) for row in values),
        tuple(tuple("" if v is None else cost.amount(v, convention) for v in row) for row in values),
    )


def percent(value: int | None, total: int) -> float | None:
    """A value as a percentage of the total."""
    return None if value is None else 100 * value / total if total else 0.0
