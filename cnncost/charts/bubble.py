"""Accuracy against operations, with areas for parameters: bigger is not better.

All errors are on ImageNet; operations and parameters are those of the network on the input on which it
was tested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import ceil, log10, sqrt
from statistics import median
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from cnncost import numbers
from cnncost.charts.labels import axes_size, label_size, write_label
from cnncost.charts.placement import Disc, LabelBox, place_labels
from cnncost.charts.request import Request
from cnncost.charts.theme import SMALL, THEMES, Theme
from cnncost.comparison.accuracy import lettered
from cnncost.comparison.tradeoff import GROUPS, GUESSES, Bubble, bubbles_of, pareto
from cnncost.errors import CnncostError

FEW = 24
"""Up to this many networks all have labels; of more, the most important ones and those with room."""
LARGEST = 4
"""How many of the largest networks have labels among many, besides the best known of each family."""
RADII = (18.0, 46.0)
"""The limits of the largest disc's radius, in points."""
TYPICAL = 5.0
"""The radius of the median network's disc, in points, if the largest allows it."""
LEAST = 0.8
"""The smallest radius of a disc, in points."""
KEY = SMALL - 1
"""The size of the text below the chart."""
FRONT: dict[str, Any] = {"linewidth": 0.9, "linestyle": (0, (4, 2))}
"""The line through the networks that no cheaper network beats."""
LEAST_DECADES, LEAST_PERCENT = 1.0, 5.0
"""The smallest range of the axes."""


def figure(request: Request) -> Figure:
    """The chart of the named networks, or of every network of the catalogue that has an accuracy."""
    guesses = request.chosen_quantity(tuple(GUESSES))
    bubbles, left_out = bubbles_of(request.names, guesses)
    request.notes.extend(left_out)
    if not bubbles:
        names = " or ".join(request.names)
        raise CnncostError(
            f"chart bubble: no source prints a {GUESSES[guesses]} accuracy on ImageNet for {names}"
        )
    key = source_lines(bubbles)
    columns = 1 if len(key) < 3 else 3
    below = 0.126 * ceil(len(key) / columns) + (0.34 if len(key) > 1 else 0.15)
    width, height = 10.6, 5.5 + 0.5 + 0.36 + below
    made = Figure(figsize=(width, height))
    made.set_layout_engine("none")
    axes = made.add_axes((0.62 / width, (below + 0.5) / height, 7.6 / width, 5.5 / height))
    unplaced = draw_bubbles(bubbles, axes, guesses, request.theme)
    if len(bubbles) <= FEW:
        request.notes.extend(f"no room for the label of {name}" for name in unplaced)
    count = f"{len(bubbles)} networks" if len(bubbles) > 1 else bubbles[0].name
    shown = f"{GUESSES[guesses].capitalize()} accuracy on ImageNet"
    title = f"{shown} against operations: {count}, areas show parameters"
    made.suptitle(title, x=0.01, y=1 - 0.08 / height, ha="left", va="top")
    draw_legends(axes, bubbles, request.theme)
    write_sources(made, key, columns, below, request.theme)
    return made


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
    draw_bubbles(bubbles, axes, guesses, theme)
    return axes


def draw_bubbles(bubbles: Sequence[Bubble], axes: Axes, guesses: str, theme: Theme) -> list[str]:
    """Draw discs, front and labels; return the networks whose labels are needed but have no room."""
    ordered, needed = by_importance(bubbles)
    width, height = axes_size(axes)
    per_param = area_per_param(bubbles)
    radii = [max(sqrt(one.params * per_param), LEAST) for one in ordered]
    across = limits([log10(one.macs) for one in ordered], radii, width, LEAST_DECADES)
    up = limits([float(one.accuracy) for one in ordered], radii, height, LEAST_PERCENT)
    axes.set_xscale("log")
    axes.set_xlim(10 ** across[0], 10 ** across[1])
    axes.set_ylim(*up)
    name_axes(axes, guesses)
    draw_discs(axes, ordered, radii, theme)
    letters = lettered(one.source for one in ordered)
    texts = [one.name if len(letters) == 1 else f"{one.name} ({letters[one.source]})" for one in ordered]
    discs = [
        Disc(
            (log10(one.macs) - across[0]) / (across[1] - across[0]) * width,
            (float(one.accuracy) - up[0]) / (up[1] - up[0]) * height,
            radii[i],
            *label_size(axes, texts[i]),
            needed=i < needed,
        )
        for i, one in enumerate(ordered)
    ]
    spots = place_labels(discs, LabelBox(2, 2, width - 4, height - 4))
    points: dict[str, Any] = {"xycoords": "axes points", "textcoords": "axes points"}
    leader = {"arrowstyle": "-", "color": theme.muted, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0}
    for text, spot in zip(texts, spots, strict=True):
        if spot and spot.leader:
            axes.annotate("", *spot.leader, arrowprops=leader, zorder=3, **points)
        if spot:
            write_label(axes, text, spot.box, theme)
    return [one.name for one, spot in zip(ordered[:needed], spots, strict=False) if spot is None]


def by_importance(bubbles: Sequence[Bubble]) -> tuple[list[Bubble], int]:
    """The networks in the order in which they get labels, and how many of the first need one."""
    by_params = sorted(bubbles, key=lambda b: (-b.params, b.name))
    if len(bubbles) <= FEW:
        return by_params, len(bubbles)
    by_known = sorted(bubbles, key=lambda b: (-b.known, b.error, b.name))
    of_families = {one.family: one for one in reversed(by_known)}.values()
    first = dict.fromkeys([*by_params[:LARGEST], *sorted(of_families, key=by_known.index)])
    return list(dict.fromkeys([*first, *pareto(bubbles), *by_known])), len(first)


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


def name_axes(axes: Axes, guesses: str) -> None:
    """Write the names of the axes, and round numbers on the logarithmic one."""
    axes.set_xlabel("multiply-adds per image, convolutions, linear layers and attention (log scale)")
    axes.set_ylabel(f"{GUESSES[guesses]} accuracy on ImageNet (%)")
    low, high = axes.get_xlim()
    locator = LogLocator(subs=(1.0,) if high / low > 300 else (1.0, 2.0, 5.0))
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


def draw_discs(axes: Axes, bubbles: Sequence[Bubble], radii: Sequence[float], theme: Theme) -> None:
    """Draw the discs, the small before the large, and the line through the best networks."""
    front = pareto(bubbles)
    xs, ys = [one.macs for one in front], [float(one.accuracy) for one in front]
    axes.plot(xs, ys, color=theme.muted, **FRONT, zorder=1.5)
    drawn = sorted(zip(bubbles, radii, strict=True), key=lambda pair: -pair[1])
    axes.scatter(
        [one.macs for one, _ in drawn],
        [float(one.accuracy) for one, _ in drawn],
        s=[(2 * r) ** 2 for _, r in drawn],
        c=[(group_colour(one.group, theme), 0.5) for one, _ in drawn],
        edgecolors=[group_colour(one.group, theme) for one, _ in drawn],
        linewidths=0.7,
        zorder=2,
    )


def group_colour(group: str, theme: Theme) -> str:
    """The colour of a group of networks."""
    return theme.series[list(GROUPS).index(group)]


def draw_legends(axes: Axes, bubbles: Sequence[Bubble], theme: Theme) -> None:
    """Explain colours and areas to the right of the Axes."""

    def dot(colour: str, size: float, label: str) -> Line2D:
        style: dict[str, Any] = {"marker": "o", "linestyle": "", "markerfacecolor": (colour, 0.5)}
        return Line2D([], [], color=colour, markersize=size, label=label, **style)

    present = [group for group in GROUPS if any(one.group == group for one in bubbles)]
    handles = [dot(group_colour(group, theme), 8, GROUPS[group]) for group in present]
    if len(pareto(bubbles)) > 1:  # else there is no line
        handles.append(Line2D([], [], color=theme.muted, label="no cheaper one is as accurate", **FRONT))
    upper: dict[str, Any] = {"alignment": "left", "bbox_to_anchor": (1.01, 1.0), "title": "made of"}
    axes.add_artist(axes.legend(handles=handles, loc="upper left", **upper))
    per_param = area_per_param(bubbles)
    top = int(log10(max(one.params for one in bubbles)))
    sizes = [10**power for power in range(max(top - 2, 0), top + 1)]
    widths = [2 * (size * per_param) ** 0.5 for size in sizes]
    axes.legend(
        handles=[dot(theme.muted, w, round_number(size)) for w, size in zip(widths, sizes, strict=True)],
        loc="lower left",
        bbox_to_anchor=(1.01, 0.0),
        title="area: parameters",
        alignment="left",
        labelspacing=max(0.4, widths[-1] / SMALL / 2),
        handlelength=max(2.0, widths[-1] / SMALL),
    )


def source_lines(bubbles: Sequence[Bubble]) -> list[str]:
    """The sources of the accuracies, one per line, with the letters that follow the labels."""
    letters = lettered(one.source for one in bubbles)
    if len(letters) == 1:
        return [f"accuracy: {next(iter(letters))}"]
    counted = Counter(one.source for one in bubbles)
    many = {source: f": {n} networks" if n > 1 else ": 1 network" for source, n in counted.items()}
    return [f"{x}  {source}{many[source] if len(bubbles) > FEW else ''}" for source, x in letters.items()]


def write_sources(figure: Figure, key: Sequence[str], columns: int, below: float, theme: Theme) -> None:
    """Write the sources below the chart, in columns."""
    width, height = figure.get_size_inches()
    top, rows = below - 0.04, ceil(len(key) / columns)
    if len(key) > 1:
        head = "accuracy printed by"
        figure.text(0.1 / width, top / height, head, va="top", fontsize=KEY, color=theme.muted)
        top -= 0.18
    for column in range(columns):
        if text := "\n".join(key[column * rows : (column + 1) * rows]):
            x = 0.1 + column * (width - 0.2) / columns
            figure.text(x / width, top / height, text, va="top", fontsize=KEY, linespacing=1.35)
