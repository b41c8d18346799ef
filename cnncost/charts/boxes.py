"""Receptive fields as nested boxes on a network's input, to scale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import ConnectionPatch, Rectangle

from cnncost import numbers
from cnncost.charts.axes import on_axes
from cnncost.charts.main_path import positions_of
from cnncost.charts.panels import short_name
from cnncost.charts.theme import BODY, SMALL, THEMES, Theme, points
from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.count.rows import Row, fold
from cnncost.errors import CnncostError
from cnncost.layers.shapes import CHANNELS

MOST, FEW = 8, 3
"""The most boxes, one for each colour of series, and the least number of those larger than the picture."""
BEYOND = 0.5
"""How much of the input's size is shown beyond each of its sides, at most."""
APART = 0.01
"""A box is left out if its sides are closer to the next one's than this part of the picture."""
COLUMN = 1.06
"""The left edge of the labels, in widths of the picture."""
PITCH = 0.06
"""The distance between lines of labels, as a part of the picture's height."""

Frame = tuple[float, float, float, float]
"""Left, top, width and height in input positions; each position is 1 wide."""


@dataclass(frozen=True)
class SeenField:
    """The field of a layer's central output: (first, last) input position along each axis.

    `colour` is set once it has a box.
    """

    label: str
    spans: tuple[tuple[int, int], ...]
    colour: str = ""

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of input positions along each axis."""
        return tuple(last - first + 1 for first, last in self.spans)

    @property
    def size(self) -> int:
        """The largest of the sizes."""
        return max(self.sizes)

    @property
    def text(self) -> str:
        """Its label and size: `conv3 99`, `branch 1×7`."""
        return f"{short_name(self.label)}  {numbers.sizes(self.sizes)}"


def input_sizes(profile: NetworkCost) -> tuple[int, ...]:
    """The input's size along the axes of the fields: all but the channels'."""
    field = next(cost.receptive_field for cost in profile.counted if cost.receptive_field)
    shape = profile.graph.input_shape
    letters = profile.graph.axes[profile.graph.first_input]
    sizes = tuple(n for n, letter in zip(shape, letters, strict=True) if letter not in CHANNELS)
    return sizes if len(sizes) == len(field) else tuple(shape[-len(field) :])


def largest_shown(profile: NetworkCost) -> float:
    """The size of the largest field that the picture has room for."""
    return (1 + 2 * BEYOND) * max(input_sizes(profile))


def chosen_fields(profile: NetworkCost, layers: str | None) -> list[SeenField]:
    """The fields of the chosen layers, or of every stage's output; equal ones once, small ones first.

    Raises:
        CnncostError: a layer is not there, or has no field.
    """
    kept: dict[tuple[tuple[int, int], ...], SeenField] = {}
    for row in rows_for(profile, layers):
        if field := seen_field(row, profile):
            kept.setdefault(field.spans, field)
    return sorted(kept.values(), key=lambda field: (field.size, sum(field.sizes)))


def rows_for(profile: NetworkCost, layers: str | None) -> list[Row]:
    """The rows of the chosen layers; by default the stages, opened where they are few.

    Raises:
        CnncostError: a layer is not there, or has no field.
    """
    if layers is None:
        ways = (rows_with_field(fold(profile, depth)) for depth in (1, 2, 3))
        return next((rows for rows in ways if len(rows) >= 4), rows_with_field(fold(profile)))
    return [row for name in layers.split(",") for row in rows_of_layer(profile, name.strip())]


def rows_of_layer(profile: NetworkCost, name: str) -> list[Row]:
    """The rows of a layer or a stage.

    Raises:
        CnncostError: it is not there, or has no field.
    """
    inside = {node.name for node in profile.graph.find(name)}
    found = rows_with_field(row for row in fold(profile) if inside & {cost.name for cost in row.costs})
    if not found:
        raise CnncostError(f"--layer {name}: no receptive field is known for this layer")
    return found


def rows_with_field(rows: Iterable[Row]) -> list[Row]:
    """The rows with a known field."""
    return [row for row in rows if last_with_field(row)]


def last_with_field(row: Row) -> LayerCost | None:
    """The layer whose field a row shows: the last one that has any."""
    return next((cost for cost in (row.last, *reversed(row.costs)) if cost.receptive_field), None)


def seen_field(row: Row, profile: NetworkCost) -> SeenField | None:
    """The field of the central output of a row; None if it is empty."""
    cost = last_with_field(row)
    if cost is None or cost.receptive_field is None:
        return None
    positions = positions_of(cost, profile)
    spans = tuple(
        axis.interval((n - 1) // 2) for axis, n in zip(cost.receptive_field, positions, strict=True)
    )
    return SeenField(row.label, spans) if all(first <= last for first, last in spans) else None


def coloured(profile: NetworkCost, every: Sequence[SeenField], theme: Theme) -> list[SeenField]:
    """As many fields as there are colours, evenly from small to large; few of those beyond the picture."""
    limit = largest_shown(profile)
    inside = [field for field in every if field.size <= limit]
    width = max([*input_sizes(profile), *(field.size for field in inside)])
    inside = evenly(inside, MOST, APART * width)
    beyond = evenly([field for field in every if field.size > limit], max(MOST - len(inside), FEW), 0)
    inside = evenly(inside, MOST - len(beyond), 0)
    shown = [*inside, *beyond]
    return [replace(field, colour=colour) for field, colour in zip(shown, theme.series, strict=False)]


def evenly(every: Sequence[SeenField], most: int, gap: float) -> list[SeenField]:
    """At most `most` fields, the smallest and the largest included, each side `gap` or more from the next."""
    kept: list[SeenField] = []
    for field in sorted(every, key=lambda field: (field.size, sum(field.sizes)), reverse=True):
        if not kept or max(abs(a - b) for a, b in zip(kept[-1].sizes, field.sizes, strict=True)) >= 2 * gap:
            kept.append(field)
    while len(kept) > most:
        ratios = [log(sum(a.sizes) / sum(b.sizes)) for a, b in pairwise(kept)]
        gaps = [before + after for before, after in pairwise(ratios)]
        del kept[1 + gaps.index(min(gaps)) if gaps else 1]
    return kept[::-1]


@on_axes(1.2, 1.2)
def draw(
    profile: NetworkCost, axes: Axes, shown: Sequence[SeenField] | None = None, theme: Theme = THEMES["light"]
) -> Axes:
    """Draw fields as boxes on the input, to scale; those larger than the picture are named next to it.

    Args:
        profile: the network.
        axes: the Axes; the labels are to its right.
        shown: the fields, with their colours; by default a choice of the stages'.
        theme: the colours.
    """
    if shown is None:
        shown = coloured(profile, chosen_fields(profile, None), theme)
    limit = largest_shown(profile)
    inside = [field for field in shown if field.size <= limit]
    image = frame_of([(0, n - 1) for n in input_sizes(profile)])
    frames = [frame_of(field.spans, (i + 1) / len(inside)) for i, field in enumerate(inside)]
    padded = [frame for frame in frames if sticks_out(frame, image)]
    draw_input(axes, image, padded, theme)
    for field, (x, y, width, height) in zip(inside[::-1], frames[::-1], strict=True):
        axes.add_patch(
            Rectangle((x, y), width, height, fill=False, edgecolor=field.colour, linewidth=1.6, zorder=4)
        )
    set_view(axes, [image, *frames])
    write_line(axes, PITCH, f"shaded: the input, {numbers.sizes(input_sizes(profile))}", theme.muted)
    if padded:
        write_line(axes, 0, "hatched: padding", theme.muted)
    beyond = [field for field in shown if field.size > limit]
    name_boxes(axes, [*zip(inside, frames, strict=True)], beyond, theme)
    return axes


def frame_of(spans: Sequence[tuple[int, int]], part: float = 1) -> Frame:
    """The rectangle of the last two axes; for a single axis, a bar of height `part`."""
    left, right = spans[-1]
    if len(spans) == 1:
        return left, -part / 2, right - left + 1, part
    top, bottom = spans[-2]
    return left, top, right - left + 1, bottom - top + 1


def sticks_out(frame: Frame, image: Frame) -> bool:
    """Whether a box reaches beyond the image."""
    x, y, width, height = frame
    return x < 0 or y < image[1] or x + width > image[2] or y + height > image[1] + image[3]


def draw_input(axes: Axes, image: Frame, padded: Sequence[Frame], theme: Theme) -> None:
    """Draw the input as a plain grid, and hatch what boxes see beyond it."""
    for x, y, width, height in padded:
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


def set_view(axes: Axes, frames: Sequence[Frame]) -> None:
    """Show all frames in a square, to scale, the first row on top, without axes. Bars are stretched."""
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
    axes.set_title("what the middle output of each layer sees", fontweight="normal", fontsize=points(BODY))


def name_boxes(
    axes: Axes, inside: Sequence[tuple[SeenField, Frame]], beyond: Sequence[SeenField], theme: Theme
) -> None:
    """Write the labels in a column to the right, the largest on top, each with a line to its box."""
    flat = any(len(field.spans) == 1 for field, _ in inside)
    by_corner = sorted(inside, key=lambda pair: (pair[1][1], pair[1][0] + pair[1][2]), reverse=flat)
    rows: list[tuple[SeenField, tuple[float, float] | None]] = [(field, None) for field in reversed(beyond)]
    rows += [(field, (x + width, y)) for field, (x, y, width, _) in by_corner]  # no lines cross
    if beyond:
        write_line(axes, 1, "larger than this picture:", theme.muted)
    for i, (field, corner) in enumerate(rows):
        height = 1 - PITCH * (i + bool(beyond) + (bool(beyond) and corner is not None))
        write_line(axes, height, field.text, theme.text)
        if corner is None:
            dot = Line2D([COLUMN - 0.025], [height], color=field.colour, marker="o", markersize=4)
            dot.set(transform=axes.transAxes, clip_on=False)
            axes.add_artist(dot)
        else:
            end = (COLUMN - 0.012, height)
            line = ConnectionPatch(corner, end, "data", "axes fraction", axesA=axes, color=field.colour)
            line.set(clip_on=False, zorder=6, linewidth=0.9)
            axes.add_artist(line)


def write_line(axes: Axes, height: float, text: str, colour: str) -> None:
    """Write a line of the column of labels, at a part of the picture's height."""
    axes.text(
        COLUMN, height, text, transform=axes.transAxes, va="center", fontsize=points(SMALL), color=colour
    )
