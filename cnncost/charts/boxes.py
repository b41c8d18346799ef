"""Receptive fields as nested boxes on a network's input, to scale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

from cnncost import numbers
from cnncost.charts.main_path import places_of
from cnncost.charts.panels import short
from cnncost.charts.theme import BODY, SMALL, THEMES, Theme
from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.count.rows import Row, fold
from cnncost.errors import CnncostError
from cnncost.layers.base import CHANNELS
from cnncost.network.graph import INPUT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST, FEW = 8, 3
"""So many boxes are told apart, by the colours of the series; of those beyond the picture a few."""
BEYOND = 0.5
"""How much of the input's size is shown beyond each of its sides, at most."""
APART = 0.01
"""A box is left out where its side lies closer to the next one's than this part of the picture."""


@dataclass(frozen=True)
class Seen:
    """What the central output of a layer sees: (first, last) input position along each axis.

    `colour` is set once it has a box.
    """

    label: str
    spans: tuple[tuple[int, int], ...]
    colour: str = ""

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many input positions along each axis."""
        return tuple(last - first + 1 for first, last in self.spans)

    @property
    def size(self) -> int:
        """The largest of the sizes."""
        return max(self.sizes)

    @property
    def text(self) -> str:
        """Its label and size: `conv3 99`, `branch 1×7`."""
        return f"{short(self.label)}  {numbers.sizes(self.sizes)}"


def input_sizes(profile: NetworkCost) -> tuple[int, ...]:
    """The input's size along the axes of the fields: all but the channels'."""
    field = next(cost.receptive_field for cost in profile.counted if cost.receptive_field)
    shape = profile.graph.input_shape
    letters = profile.graph.axes[INPUT]
    sizes = tuple(n for n, letter in zip(shape, letters, strict=True) if letter not in CHANNELS)
    return sizes if len(sizes) == len(field) else tuple(shape[-len(field) :])


def chosen(profile: NetworkCost, layers: str | None) -> list[Seen]:
    """The fields of the layers that were asked for, or of every stage's output; equal ones once.

    Raises:
        CnncostError: a layer that is not there, or that has no field.
    """
    found = [seen(row.label, last_told(row), profile) for row in rows_for(profile, layers)]
    kept: dict[tuple[tuple[int, int], ...], Seen] = {}
    for one in found:
        if one is not None:
            kept.setdefault(one.spans, one)
    return sorted(kept.values(), key=lambda one: (one.size, sum(one.sizes)))


def rows_for(profile: NetworkCost, layers: str | None) -> list[Row]:
    """The rows that a choice of layers stands for; without one, the stages, opened where they are few.

    Raises:
        CnncostError: a layer that is not there, or that has no field.
    """
    if layers is None:
        ways = (told_rows(fold(profile, depth)) for depth in (1, 2, 3))
        return next((rows for rows in ways if len(rows) >= 4), told_rows(fold(profile)))
    return [row for name in layers.split(",") for row in rows_of(profile, name.strip())]


def rows_of(profile: NetworkCost, name: str) -> list[Row]:
    """The rows of a layer or below a stage.

    Raises:
        CnncostError: it is not there, or has no field.
    """
    inside = {node.name for node in profile.graph.find(name)}
    rows = [row for row in fold(profile) if inside & {cost.name for cost in row.costs}]
    if not (told := told_rows(rows)):
        raise CnncostError(f"--layer {name}: no receptive field is told there")
    return told


def told_rows(rows: Iterable[Row]) -> list[Row]:
    """Those of which a field is told."""
    return [row for row in rows if last_told(row)]


def last_told(row: Row) -> LayerCost | None:
    """The layer whose field stands for a row: the last one that has any."""
    if row.last.receptive_field:
        return row.last
    return next((cost for cost in reversed(row.costs) if cost.receptive_field), None)


def seen(label: str, cost: LayerCost | None, profile: NetworkCost) -> Seen | None:
    """What the central output of a layer sees; None where that is nothing."""
    if cost is None or cost.receptive_field is None:
        return None
    places = places_of(cost, profile)
    spans = tuple(axis.interval((n - 1) // 2) for axis, n in zip(cost.receptive_field, places, strict=True))
    return Seen(label, spans) if all(first <= last for first, last in spans) else None


def picked(profile: NetworkCost, every: Sequence[Seen], theme: Theme) -> list[Seen]:
    """As many as can be told apart, in their colours: from small to large, evenly; of those beyond, few."""
    limit = (1 + 2 * BEYOND) * max(input_sizes(profile))
    inside = [one for one in every if one.size <= limit]
    width = max([*input_sizes(profile), *(one.size for one in inside)])
    inside = pick(inside, MOST, APART * width)
    beyond = pick([one for one in every if one.size > limit], max(MOST - len(inside), FEW), 0)
    inside = pick(inside, MOST - len(beyond), 0)
    return [replace(one, colour=c) for one, c in zip([*inside, *beyond], theme.series, strict=False)]


def pick(every: Sequence[Seen], most: int, apart: float) -> list[Seen]:
    """At most so many fields, each side so far from the next one's; the smallest and the largest stay."""
    kept: list[Seen] = []
    for one in sorted(every, key=lambda one: (one.size, sum(one.sizes)), reverse=True):
        if not kept or max(abs(a - b) for a, b in zip(kept[-1].sizes, one.sizes, strict=True)) >= 2 * apart:
            kept.append(one)
    while len(kept) > most:
        ratios = [log(sum(a.sizes) / sum(b.sizes)) for a, b in pairwise(kept)]
        gaps = [before + after for before, after in pairwise(ratios)]
        del kept[1 + gaps.index(min(gaps)) if gaps else 1]
    return kept[::-1]


def draw(
    profile: NetworkCost, axes: Axes, shown: Sequence[Seen] | None = None, theme: Theme = THEMES["light"]
) -> Axes:
    """Draw fields as boxes on the input, to scale; those that do not fit the picture are named beside it.

    Args:
        profile: the network.
        axes: the Axes; the labels stand to its right.
        shown: the fields, in their colours; a choice of the stages' if not given.
        theme: the colours of the ground.
    """
    from matplotlib.patches import Rectangle

    shown = picked(profile, chosen(profile, None), theme) if shown is None else shown
    limit = (1 + 2 * BEYOND) * max(input_sizes(profile))
    inside = [one for one in shown if one.size <= limit]
    image = frame([(0, n - 1) for n in input_sizes(profile)])
    drawn = [frame(one.spans, (i + 1) / len(inside)) for i, one in enumerate(inside)]
    ground(axes, image, drawn, theme)
    for one, (x, y, width, height) in zip(inside[::-1], drawn[::-1], strict=True):
        box = Rectangle((x, y), width, height, fill=False, edgecolor=one.colour, linewidth=1.6, zorder=4)
        axes.add_patch(box)
    view(axes, [image, *drawn])
    padded = [f for f in drawn if sticks_out(f, image)]
    write(axes, PITCH, f"shaded: the input, {numbers.sizes(input_sizes(profile))}", theme.muted)
    if padded:
        write(axes, 0, "hatched: padding", theme.muted)
    name_them(axes, [*zip(inside, drawn, strict=True)], [one for one in shown if one.size > limit], theme)
    return axes


Frame = tuple[float, float, float, float]
"""Left, top, width and height in input positions; a position is as wide as one."""


def frame(spans: Sequence[tuple[int, int]], part: float = 1) -> Frame:
    """The rectangle of the last two axes; of a single axis a bar whose height is a part of its own."""
    left, right = spans[-1]
    if len(spans) == 1:
        return left, -part / 2, right - left + 1, part
    top, bottom = spans[-2]
    return left, top, right - left + 1, bottom - top + 1


def ground(axes: Axes, image: Frame, drawn: Sequence[Frame], theme: Theme) -> None:
    """The input as a plain grid, and hatched what boxes see beyond it."""
    from matplotlib.patches import Rectangle

    for x, y, width, height in drawn:
        if sticks_out((x, y, width, height), image):
            padding = Rectangle((x, y), width, height, facecolor=theme.ground, edgecolor=theme.grid)
            padding.set(hatch="////", linewidth=0)
            axes.add_patch(padding)
    x, y, width, height = image
    axes.add_patch(Rectangle((x, y), width, height, facecolor=theme.ground, linewidth=0, zorder=1))
    tint = Rectangle((x, y), width, height, facecolor=theme.grid, edgecolor=theme.muted, linewidth=1)
    tint.set(alpha=0.6, zorder=2)
    axes.add_patch(tint)
    step = 2 ** max(0, int(width / 8).bit_length())
    for at in range(step, int(width), step):
        axes.plot([at, at], [y, y + height], color=theme.ground, linewidth=0.8, zorder=3)
    for at in range(step, int(height), step):
        axes.plot([x, x + width], [at, at], color=theme.ground, linewidth=0.8, zorder=3)


def sticks_out(box: Frame, image: Frame) -> bool:
    """Whether a box reaches beyond the image."""
    x, y, width, height = box
    return x < 0 or y < image[1] or x + width > image[2] or y + height > image[1] + image[3]


def view(axes: Axes, frames: Sequence[Frame]) -> None:
    """Everything in a square view, to scale, the first row on top; no axis. A bar alone is stretched."""
    left, right = min(x for x, _, _, _ in frames), max(x + width for x, _, width, _ in frames)
    top, bottom = min(y for _, y, _, _ in frames), max(y + height for _, y, _, height in frames)
    flat = bottom - top <= 1
    half = 0.52 * max(right - left, bottom - top)
    middle, centre = (left + right) / 2, (top + bottom) / 2
    axes.set_xlim(middle - half, middle + half)
    axes.set_ylim(centre + (2 if flat else half), centre - (2 if flat else half))
    if not flat:
        axes.set_aspect("equal", anchor="W")
    axes.axis("off")
    axes.set_title("what the middle output of each sees, on the input", fontweight="normal", fontsize=BODY)


def name_them(axes: Axes, inside: Sequence[tuple[Seen, Frame]], beyond: Sequence[Seen], theme: Theme) -> None:
    """The labels in a column to the right, the largest on top, each with a line to its box."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import ConnectionPatch

    flat = any(len(one.spans) == 1 for one, _ in inside)
    boxes = sorted(inside, key=lambda one: (one[1][1], one[1][0] + one[1][2]), reverse=flat)  # no lines cross
    rows: list[tuple[Seen, tuple[float, float] | None]] = [(one, None) for one in reversed(beyond)]
    rows += [(one, (x + width, y)) for one, (x, y, width, _) in boxes]
    place = 1.0
    if beyond:
        write(axes, place, "beyond this picture:", theme.muted)
    for i, (one, corner) in enumerate(rows):
        place = 1 - PITCH * (i + bool(beyond) + (bool(beyond) and corner is not None))
        write(axes, place, one.text, theme.text)
        if corner is None:
            dot = Line2D([COLUMN - 0.025], [place], color=one.colour, marker="o", markersize=4)
            dot.set(transform=axes.transAxes, clip_on=False)
            axes.add_artist(dot)
        else:
            end = (COLUMN - 0.012, place)
            line = ConnectionPatch(corner, end, "data", "axes fraction", axesA=axes, color=one.colour)
            line.set(clip_on=False, zorder=6, linewidth=0.9)
            axes.add_artist(line)


def write(axes: Axes, place: float, text: str, colour: str) -> None:
    """A line of the column of labels, at a part of the picture's height."""
    axes.text(COLUMN, place, text, transform=axes.transAxes, va="center", fontsize=SMALL, color=colour)


COLUMN = 1.06
"""Where the labels begin, in widths of the picture."""
PITCH = 0.06
"""Between lines of labels, as a part of the picture's height."""
