"""Accuracy against operations, with areas for parameters: bigger is not better.

All errors are on ImageNet; operations and parameters are those of the network on the input on which it
was tested.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10, sqrt
from statistics import median
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from cnncost import numbers
from cnncost.charts.axes import ChartFigure, on_axes
from cnncost.charts.labels import axes_size, label_size, write_label
from cnncost.charts.panels import CHARACTER, wrapped
from cnncost.charts.placement import Disc, LabelBox, place_labels
from cnncost.charts.request import Request
from cnncost.charts.theme import SMALL, THEMES, TITLE, Theme, points
from cnncost.comparison.accuracy import lettered
from cnncost.comparison.tradeoff import GROUPS, GUESSES, Bubble, bubbles_of, pareto
from cnncost.errors import CnncostError

FEW = 24
"""Up to this many networks all have labels; of more, the most important ones and those with room."""
LARGEST = 2
"""How many of the largest networks have labels among many."""
RADII = (18.0, 46.0)
"""The limits of the largest disc's radius, in points."""
TYPICAL = 5.0
"""The radius of the median network's disc, in points, if the largest allows it."""
LEAST = 0.8
"""The smallest radius of a disc, in points."""
DOT = 1.8
"""Points: the radius of a network without a label."""
KNOWN = 13
"""How many of the best known networks have labels among many, and of how many families the best known."""
MOST_SOURCES = 3
"""Up to this many sources are below the chart; more are in the file's metadata, or there on request."""
NARROW = 7.5
"""Inches: in a narrower figure the legend is below the chart."""
FRONT: dict[str, Any] = {"linewidth": 0.9, "linestyle": (0, (4, 2))}
"""The line through the networks that no cheaper network beats."""
LEAST_DECADES, LEAST_PERCENT = 1.0, 5.0
"""The smallest range of the axes."""


def figure(request: Request) -> ChartFigure:
    """The chart of the named networks, or of every network of the catalogue that has an accuracy."""
    guesses = request.chosen_quantity(tuple(GUESSES))
    return accuracy_figure(request, AccuracyAxes(guesses))


@dataclass(frozen=True)
class AccuracyAxes:
    """What a chart of accuracies shows: top-1 or top-5, the cost along the x axis, areas or dots alone."""

    guesses: str = "top1"
    cost: str = "macs"
    areas: bool = True

    @property
    def cost_name(self) -> str:
        """The cost in words."""
        return COST_NAMES[self.cost]


COST_NAMES = {
    "macs": "multiply-adds per image",
    "params": "parameters",
    "macts": "output elements of all layers per image",
}
"""The costs that accuracy is drawn against, by the field of a Bubble."""


def accuracy_figure(request: Request, shown: AccuracyAxes) -> ChartFigure:
    """The accuracy of networks against a cost, with what explains it."""
    bubbles, left_out = bubbles_of(request.names, shown.guesses)
    request.notes.extend(left_out)
    if not bubbles:
        names = " or ".join(request.names)
        kind, accuracy = "bubble" if shown.areas else "pareto", f"{GUESSES[shown.guesses]} accuracy"
        raise CnncostError(f"chart {kind}: no source prints a {accuracy} on ImageNet for {names}")
    key = source_lines(bubbles)
    listed = len(key) <= MOST_SOURCES if request.sources is None else request.sources
    width = request.across(10.6)
    wide = width > NARROW
    columns = 3 if wide and len(key) > 2 else 1
    lines = textwrap_lines(key, columns, width) if listed and request.title else []
    below = 0.14 * ceil(len(lines) / columns) + (0.34 if len(key) > 1 else 0.15) if lines else 0.08
    legend = 0.0 if wide else 0.95
    across, tall = (width - 3.0, 5.5 if shown.areas else 4.8) if wide else (width - 0.75, 0.85 * width)
    count = f"{len(bubbles)} networks" if len(bubbles) > 1 else bubbles[0].name
    title = f"{GUESSES[shown.guesses].capitalize()} accuracy on ImageNet against {shown.cost_name}: {count}"
    title += ", areas show parameters" if shown.areas else ""
    heading = wrapped(title, width * request.theme.scale, 0.74 * TITLE) if request.title else ""
    head = 0.12 + 0.2 * (heading.count("\n") + bool(heading))
    height = tall + 0.5 + head + below + legend
    made = request.figure(width, height)
    made.set_layout_engine("none")
    place = (0.62 / width, (below + legend + 0.5) / height, across / width, tall / height)
    axes = made.add_axes(place)
    unplaced = draw_bubbles(bubbles, axes, shown, request.theme, bool(lines))
    if len(bubbles) <= FEW:
        request.notes.extend(f"no room for the label of {name}" for name in unplaced)
    made.title, made.description = title, "Accuracy printed by\n" + "\n".join(key)
    made.suptitle(heading, x=0.01, y=1 - 0.08 / height, ha="left", va="top")
    draw_legends(axes, bubbles, shown, request.theme, wide)
    if lines:
        write_sources(made, lines, columns, below, request.theme)
    return made


def textwrap_lines(key: Sequence[str], columns: int, width: float) -> list[str]:
    """The lines of the sources, wrapped to a column."""
    characters = int(width / columns * 72 / CHARACTER)
    return [line for text in key for line in textwrap.wrap(text, characters, subsequent_indent="   ")]


@on_axes(2.2, 1.6)
def draw(
    bubbles: Sequence[Bubble], axes: Axes, guesses: str = "top1", theme: Theme = THEMES["light"]
) -> Axes:
    """Draw into Axes that have their final size: labels are placed for it.

    Args:
        bubbles: the networks, as `bubbles_of` finds them.
        axes: one Axes.
        guesses: top1 or top5: which errors these are, for the axis label.
        theme: the colours.
    """
    draw_bubbles(bubbles, axes, AccuracyAxes(guesses), theme)
    return axes


def draw_bubbles(
    bubbles: Sequence[Bubble], axes: Axes, shown: AccuracyAxes, theme: Theme, lettered_too: bool = True
) -> list[str]:
    """Draw discs, front and labels; return the networks whose labels are needed but have no room."""
    ordered, needed = by_importance(bubbles, shown.cost)
    costs = [float(getattr(one, shown.cost)) for one in ordered]
    width, height = axes_size(axes)
    per_param = area_per_param(bubbles) * min(1, width / 520) ** 2
    radii = [
        max(sqrt(one.params * per_param), LEAST) if shown.areas and i < needed else DOT
        for i, one in enumerate(ordered)
    ]
    across = limits([log10(cost) for cost in costs], radii, width, LEAST_DECADES)
    up = limits([float(one.accuracy) for one in ordered], radii, height, LEAST_PERCENT)
    axes.set_xscale("log")
    axes.set_xlim(10 ** across[0], 10 ** across[1])
    axes.set_ylim(*up)
    name_axes(axes, shown)
    draw_discs(axes, ordered, costs, radii, shown, theme)
    letters = lettered(one.source for one in ordered)
    plain = len(letters) == 1 or not lettered_too
    texts = [one.name if plain else f"{one.name} ({letters[one.source]})" for one in ordered]
    discs = [
        Disc(
            (log10(costs[i]) - across[0]) / (across[1] - across[0]) * width,
            (float(one.accuracy) - up[0]) / (up[1] - up[0]) * height,
            radii[i],
            *(label_size(axes, texts[i]) if i < needed else (0.0, 0.0)),
            needed=i < needed,
        )
        for i, one in enumerate(ordered)
    ]
    spots = place_labels(discs[:needed], LabelBox(2, 2, width - 4, height - 4), discs)
    points_: dict[str, Any] = {"xycoords": "axes points", "textcoords": "axes points"}
    leader = {"arrowstyle": "-", "color": theme.muted, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0}
    for text, spot in zip(texts, spots, strict=False):
        if spot and spot.leader:
            axes.annotate("", *spot.leader, arrowprops=leader, zorder=3, **points_)
        if spot:
            write_label(axes, text, spot.box, theme)
    return [one.name for one, spot in zip(ordered, spots, strict=False) if spot is None]


def by_importance(bubbles: Sequence[Bubble], cost: str = "macs") -> tuple[list[Bubble], int]:
    """The networks in the order in which they get labels, and how many of the first have one.

    Of many networks these are the largest, the best known of each family, and those at the front.
    """
    by_params = sorted(bubbles, key=lambda b: (-b.params, b.name))
    if len(bubbles) <= FEW:
        return by_params, len(bubbles)
    by_known = sorted(bubbles, key=lambda b: (-b.known, b.error, b.name))
    of_families = {one.family: one for one in reversed(by_known)}.values()
    families = sorted(of_families, key=by_known.index)
    first = dict.fromkeys(
        [*by_known[:KNOWN], *by_params[:LARGEST], *families[:KNOWN], *pareto(bubbles, cost)[::3]]
    )
    return list(dict.fromkeys([*first, *by_known])), len(first)


def area_per_param(bubbles: Sequence[Bubble]) -> float:
    """Square points of a disc (over π) per parameter, the same for all discs."""
    params = [one.params for one in bubbles]
    wanted = TYPICAL * sqrt(max(params) / median(params))
    largest = min(max(wanted, RADII[0]), RADII[1])
    return largest * largest / max(params)


def limits(
    values: Sequence[float], radii: Sequence[float], length: float, least: float
) -> tuple[float, float]:
    """The ends of an axis of this length with room for every disc, and for a label next to it."""
    low, high = min(values), max(values)
    reach = max(high - low, least)
    for _ in range(12):
        per_point = reach / length
        low = min(v - (r + 14) * per_point for v, r in zip(values, radii, strict=True))
        high = max(v + (r + 14) * per_point for v, r in zip(values, radii, strict=True))
        reach = max(high - low, least)
    missing = (reach - (high - low)) / 2
    return low - missing, high + missing


def name_axes(axes: Axes, shown: AccuracyAxes) -> None:
    """Write the names of the axes, and round numbers on the logarithmic one."""
    axes.set_xlabel(f"{shown.cost_name} (log scale)")
    axes.set_ylabel(f"{GUESSES[shown.guesses]} accuracy on ImageNet (%)")
    low, high = axes.get_xlim()
    few = 300 if axes_size(axes)[0] > 300 else 20
    locator = LogLocator(subs=(1.0,) if high / low > few else (1.0, 2.0, 5.0))
    ticks = [tick for tick in locator.tick_values(low, high) if low <= tick <= high]
    axes.set_xticks(ticks, [round_number(tick) for tick in ticks])
    axes.xaxis.set_minor_formatter(NullFormatter())
    low, high = axes.get_ylim()
    axes.set_yticks([tick for tick in axes.get_yticks() if low <= tick <= min(100, high)])
    axes.grid()


def round_number(value: float) -> str:
    """A round number with its prefix: `100 M`."""
    unit = numbers.axis_unit(round(value))
    return f"{round(value) // unit.size} {unit.symbol}".rstrip()


def draw_discs(
    axes: Axes,
    bubbles: Sequence[Bubble],
    costs: Sequence[float],
    radii: Sequence[float],
    shown: AccuracyAxes,
    theme: Theme,
) -> None:
    """Draw the discs, the small before the large, and the steps through the best networks."""
    front = pareto(bubbles, shown.cost)
    xs, ys = [getattr(one, shown.cost) for one in front], [float(one.accuracy) for one in front]
    axes.step(xs, ys, where="post", color=theme.muted, **FRONT, zorder=1.5)
    drawn = sorted(zip(bubbles, costs, radii, strict=True), key=lambda three: -three[2])
    axes.scatter(
        [cost for _, cost, _ in drawn],
        [float(one.accuracy) for one, _, _ in drawn],
        s=[(2 * r) ** 2 for _, _, r in drawn],
        c=[(group_colour(one.group, theme), 0.5 if r > DOT else 0.9) for one, _, r in drawn],
        edgecolors=[group_colour(one.group, theme) for one, _, _ in drawn],
        linewidths=0.7,
        zorder=2,
    )


def group_colour(group: str, theme: Theme) -> str:
    """The colour of a group of networks: blue, red, green, yellow, violet."""
    return theme.series[(0, 1, 2, 5, 7)[list(GROUPS).index(group)]]


def draw_legends(
    axes: Axes, bubbles: Sequence[Bubble], shown: AccuracyAxes, theme: Theme, wide: bool
) -> None:
    """Explain colours and areas to the right of the Axes, or below them in a narrow figure."""

    def dot(colour: str, size: float, label: str) -> Line2D:
        style: dict[str, Any] = {"marker": "o", "linestyle": "", "markerfacecolor": (colour, 0.5)}
        return Line2D([], [], color=colour, markersize=size, label=label, **style)

    present = [group for group in GROUPS if any(one.group == group for one in bubbles)]
    handles = [dot(group_colour(group, theme), 8 if wide else 6, GROUPS[group]) for group in present]
    if len(pareto(bubbles, shown.cost)) > 1:  # else there is no line
        handles.append(Line2D([], [], color=theme.muted, label="no cheaper one is as accurate", **FRONT))
    if not wide:
        below: dict[str, Any] = {
            "bbox_to_anchor": (0.5, -points(34) / axes_size(axes)[1]),
            "handletextpad": 0.3,
            "columnspacing": 0.8,
        }
        axes.legend(handles=handles, loc="upper center", ncols=2, **below)
        return
    upper: dict[str, Any] = {"alignment": "left", "bbox_to_anchor": (1.01, 1.0), "title": "made of"}
    legend = axes.legend(handles=handles, loc="upper left", **upper)
    if not shown.areas:
        return
    axes.add_artist(legend)
    per_param = area_per_param(bubbles) * min(1, axes_size(axes)[0] / 520) ** 2
    top = int(log10(max(one.params for one in bubbles)))
    sizes = [10**power for power in range(max(top - 2, 0), top + 1)]
    widths = [2 * (size * per_param) ** 0.5 for size in sizes]
    axes.legend(
        handles=[dot(theme.muted, w, round_number(size)) for w, size in zip(widths, sizes, strict=True)],
        loc="lower left",
        bbox_to_anchor=(1.01, 0.0),
        title="area: parameters" if len(bubbles) <= FEW else "area: parameters\n(without a name: a dot)",
        alignment="left",
        labelspacing=max(0.4, widths[-1] / points(SMALL) / 2),
        handlelength=max(2.0, widths[-1] / points(SMALL)),
    )


def source_lines(bubbles: Sequence[Bubble]) -> list[str]:
    """The sources of the accuracies, one per line, with the letters that follow the labels."""
    letters = lettered(one.source for one in bubbles)
    if len(letters) == 1:
        return [f"accuracy: {next(iter(letters))}"]
    counted = Counter(one.source for one in bubbles)
    many = {source: f": {n} networks" if n > 1 else ": 1 network" for source, n in counted.items()}
    return [f"{x}  {source}{many[source] if len(bubbles) > FEW else ''}" for source, x in letters.items()]


def write_sources(figure: ChartFigure, key: Sequence[str], columns: int, below: float, theme: Theme) -> None:
    """Write the sources below the chart, in columns."""
    width, height = figure.get_size_inches()
    top, rows = below - 0.04, ceil(len(key) / columns)
    if len(key) > 1:
        head = "accuracy printed by"
        figure.text(0.1 / width, top / height, head, va="top", fontsize=points(SMALL), color=theme.muted)
        top -= 0.18
    for column in range(columns):
        if text := "\n".join(key[column * rows : (column + 1) * rows]):
            x = 0.1 + column * (width - 0.2) / columns
            figure.text(x / width, top / height, text, va="top", fontsize=points(SMALL), linespacing=1.35)
