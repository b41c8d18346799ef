"""Accuracy against operations, area by parameters: bigger is not better.

Only errors on ImageNet stand in one chart; operations and parameters are those of the network on
the input on which it was tested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import ceil, log10, sqrt
from statistics import median
from typing import TYPE_CHECKING, Any

from cnncost import numbers
from cnncost.charts import MANY
from cnncost.charts.labelled import size_of, text_size, write
from cnncost.charts.labels import Box, Disc, Line, place
from cnncost.charts.request import Request
from cnncost.charts.theme import SMALL, THEMES, Theme
from cnncost.comparison.accuracy import lettered
from cnncost.comparison.tradeoff import GROUPS, GUESSES, Bubble, bubbles_of, pareto
from cnncost.errors import CnncostError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NETWORKS = (0, MANY)
READS = ("quantity",)
FEW = 24
"""So many networks are all labelled; of more, those that stand out and those that there is room for."""
LARGEST = 4
"""How many of the largest are labelled among many, beside the best known of each family."""
RADII = (18.0, 46.0)
"""The largest disc's radius, in points, between these."""
TYPICAL = 5.0
"""The radius of the median network's disc, in points, where the largest allows it."""
LEAST = 0.8
"""No disc is drawn smaller, in points: it would not be seen."""
KEY = SMALL - 1
FRONT: dict[str, Any] = {"linewidth": 0.9, "linestyle": (0, (4, 2))}
"""The line through the networks that nothing beats."""


def figure(request: Request) -> Figure:
    """The chart of the named networks, or of every network of the catalogue that has an accuracy."""
    from matplotlib.figure import Figure

    guesses = request.chosen(tuple(GUESSES))
    bubbles, left_out = bubbles_of(request.names, guesses)
    request.notes.extend(left_out)
    if not bubbles:
        named = " or ".join(request.names)
        raise CnncostError(f"chart bubble: no {GUESSES[guesses]} accuracy on ImageNet is printed of {named}")
    key = key_of(bubbles)
    columns = 1 if len(key) < 3 else 3
    below = 0.126 * ceil(len(key) / columns) + (0.34 if len(key) > 1 else 0.15)
    width, height = 10.6, 5.5 + 0.5 + 0.36 + below
    made = Figure(figsize=(width, height), layout=None)
    made.set_layout_engine("none")
    axes = made.add_axes((0.62 / width, (below + 0.5) / height, 7.6 / width, 5.5 / height))
    unplaced = draw_labelled(bubbles, axes, guesses, request.theme)
    if len(bubbles) <= FEW:
        request.notes.extend(f"no room for the label of {name}" for name in unplaced)
    made.suptitle(title_of(bubbles, guesses), x=0.01, y=1 - 0.08 / height, ha="left", va="top")
    legends(axes, bubbles, request.theme)
    write_key(made, key, columns, below, request.theme)
    return made


def draw(
    bubbles: Sequence[Bubble], axes: Axes, guesses: str = "top1", theme: Theme = THEMES["light"]
) -> Axes:
    """Draw into an Axes whose size is settled: labels are placed for it.

    Args:
        bubbles: the networks, as `bubbles_of` finds them.
        axes: one Axes.
        guesses: top1 or top5: what the errors are, for the axis label.
        theme: the colours.
    """
    draw_labelled(bubbles, axes, guesses, theme)
    return axes


def in_order(bubbles: Sequence[Bubble]) -> tuple[list[Bubble], int]:
    """The networks in the order in which they are labelled, and how many of the first must be."""
    if len(bubbles) <= FEW:
        return sorted(bubbles, key=lambda b: (-b.params, b.name)), len(bubbles)
    by_params = sorted(bubbles, key=lambda b: (-b.params, b.name))
    by_known = sorted(bubbles, key=lambda b: (-b.known, b.error, b.name))
    of_families = {one.family: one for one in reversed(by_known)}.values()
    first = dict.fromkeys([*by_params[:LARGEST], *sorted(of_families, key=by_known.index)])
    return list(dict.fromkeys([*first, *pareto(bubbles), *by_known])), len(first)


def draw_labelled(bubbles: Sequence[Bubble], axes: Axes, guesses: str, theme: Theme) -> list[str]:
    """Draw discs, front and labels; the names of networks whose label had to be left out but should not."""
    ordered, needed = in_order(bubbles)
    width, height = size_of(axes)
    per_param = area_of(bubbles)
    radii = [radius(one.params, per_param) for one in ordered]
    across = limits([log10(one.macs) for one in ordered], radii, width, LEAST_DECADES)
    up = limits([float(one.accuracy) for one in ordered], radii, height, LEAST_PERCENT)
    axes.set_xscale("log")
    axes.set_xlim(10 ** across[0], 10 ** across[1])
    axes.set_ylim(*up)
    name_axes(axes, guesses)
    discs_of(axes, ordered, radii, theme)
    letters = lettered(one.source for one in ordered)
    texts = [one.name if len(letters) == 1 else f"{one.name} ({letters[one.source]})" for one in ordered]
    sizes = [text_size(axes, text) for text in texts]
    discs = [
        Disc(
            (log10(one.macs) - across[0]) / (across[1] - across[0]) * width,
            (float(one.accuracy) - up[0]) / (up[1] - up[0]) * height,
            radii[i],
            *sizes[i],
            needed=i < needed,
        )
        for i, one in enumerate(ordered)
    ]
    spots = place(discs, Box(2, 2, width - 4, height - 4))
    for text, spot in zip(texts, spots, strict=True):
        if spot is None:
            continue
        if spot.leader:
            lead(axes, spot.leader, theme)
        write(axes, text, spot.box, theme)
    placed = zip(ordered[:needed], spots, strict=False)
    return [one.name for one, spot in placed if spot is None]


def area_of(bubbles: Sequence[Bubble]) -> float:
    """Square points of a disc (over π) for each parameter: the same for all discs."""
    params = [one.params for one in bubbles]
    wanted = TYPICAL * sqrt(max(params) / median(params))
    largest = min(max(wanted, RADII[0]), RADII[1])
    return largest * largest / max(params)


def radius(params: int, per_param: float) -> float:
    """The radius of a disc, in points."""
    return max(sqrt(params * per_param), LEAST)


LEAST_DECADES, LEAST_PERCENT = 1.0, 5.0
"""What the axes show at least, for networks that are alike, or a single one."""


def limits(
    values: Sequence[float], radii: Sequence[float], length: float, least: float
) -> tuple[float, float]:
    """The ends of an axis of this length that has room for every disc, and for a label beside it."""
    low, high = min(values), max(values)
    spread = max(high - low, least)
    for _ in range(12):
        per_point = spread / length
        low = min(v - (r + 14) * per_point for v, r in zip(values, radii, strict=True))
        high = max(v + (r + 14) * per_point for v, r in zip(values, radii, strict=True))
        spread = max(high - low, least)
    short = (spread - (high - low)) / 2
    return low - short, high + short


def name_axes(axes: Axes, guesses: str) -> None:
    """What the axes count, with round numbers on the logarithmic one."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_xlabel("multiply-adds for an image, convolutions, linear layers and attention (log scale)")
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


def discs_of(axes: Axes, bubbles: Sequence[Bubble], radii: Sequence[float], theme: Theme) -> None:
    """The discs, the small before the large, and the line through those that nothing beats."""
    front = pareto(bubbles)
    xs, ys = [one.macs for one in front], [float(one.accuracy) for one in front]
    axes.plot(xs, ys, color=theme.muted, **FRONT, zorder=1.5)
    drawn = sorted(zip(bubbles, radii, strict=True), key=lambda pair: -pair[1])
    axes.scatter(
        [one.macs for one, _ in drawn],
        [float(one.accuracy) for one, _ in drawn],
        s=[(2 * r) ** 2 for _, r in drawn],
        c=[(colour_of(one.group, theme), 0.5) for one, _ in drawn],
        edgecolors=[colour_of(one.group, theme) for one, _ in drawn],
        linewidths=0.7,
        zorder=2,
    )


def colour_of(group: str, theme: Theme) -> str:
    """The colour of a group of networks."""
    return theme.series[list(GROUPS).index(group)]


def lead(axes: Axes, line: Line, theme: Theme) -> None:
    """The line from a disc to its label."""
    common = {"xycoords": "axes points", "textcoords": "axes points"}
    arrow = {"arrowstyle": "-", "color": theme.muted, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", *line, arrowprops=arrow, zorder=3, **common)  # type: ignore[arg-type]


def title_of(bubbles: Sequence[Bubble], guesses: str) -> str:
    """What the figure shows."""
    count = f"{len(bubbles)} networks" if len(bubbles) > 1 else bubbles[0].name
    shown = f"{GUESSES[guesses].capitalize()} accuracy on ImageNet"
    return f"{shown} against operations: {count}, area by parameters"


def legends(axes: Axes, bubbles: Sequence[Bubble], theme: Theme) -> None:
    """Right of the Axes: what the colours mean, and which area is how many parameters."""
    from matplotlib.lines import Line2D

    def dot(colour: str, size: float, label: str) -> Line2D:
        style: dict[str, Any] = {"marker": "o", "linestyle": "", "markerfacecolor": (colour, 0.5)}
        return Line2D([], [], color=colour, markersize=size, label=label, **style)

    present = [group for group in GROUPS if any(one.group == group for one in bubbles)]
    handles = [dot(colour_of(group, theme), 8, GROUPS[group]) for group in present]
    if len(pareto(bubbles)) > 1:  # else there is no line
        handles.append(Line2D([], [], color=theme.muted, label="none cheaper is as accurate", **FRONT))
    beside: dict[str, Any] = {"alignment": "left", "bbox_to_anchor": (1.01, 1.0)}
    upper = axes.legend(handles=handles, loc="upper left", title="made of", **beside)
    axes.add_artist(upper)
    per_param = area_of(bubbles)
    sizes = scale_of(bubbles)
    dots = [dot(theme.muted, 2 * (size * per_param) ** 0.5, round_number(size)) for size in sizes]
    largest = 2 * (sizes[-1] * per_param) ** 0.5
    axes.legend(
        handles=dots,
        loc="lower left",
        bbox_to_anchor=(1.01, 0.0),
        title="area: parameters",
        alignment="left",
        labelspacing=max(0.4, largest / SMALL / 2),
        handlelength=max(2.0, largest / SMALL),
    )


def scale_of(bubbles: Sequence[Bubble]) -> list[int]:
    """Round numbers of parameters to show the area of: powers of ten up to the largest network's."""
    top = int(log10(max(one.params for one in bubbles)))
    return [10**power for power in range(max(top - 2, 0), top + 1)]


def key_of(bubbles: Sequence[Bubble]) -> list[str]:
    """Where the accuracies are printed: a line a source, with the letter that stands behind the labels."""
    letters = lettered(one.source for one in bubbles)
    counted = Counter(one.source for one in bubbles)
    if len(letters) == 1:
        return [f"accuracy: {next(iter(letters))}"]
    if len(bubbles) <= FEW:
        return [f"{letter}  {source}" for source, letter in letters.items()]
    how_many = {source: f"{n} networks" if n > 1 else "1 network" for source, n in counted.items()}
    return [f"{letter}  {source}: {how_many[source]}" for source, letter in letters.items()]


def write_key(figure: Figure, key: Sequence[str], columns: int, below: float, theme: Theme) -> None:
    """The sources under the chart, in columns."""
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
