"""What the charts of costs share: costs and their units, bars, ticks, names of rows, title and note."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from cnncost import numbers
from cnncost.charts.axes import ChartFigure
from cnncost.charts.theme import SMALL, TITLE, Theme, points
from cnncost.count.convention import Convention, memory_steps
from cnncost.count.profile import NetworkCost, Totals
from cnncost.count.rows import Row, fold
from cnncost.layers.conv import Conv2d
from cnncost.numbers import PREFIXES, Unit, axis_unit
from cnncost.views.network_table import LONG

Steps = tuple[tuple[str, ...], int]
"""The symbols of units, and how many of one make the next."""


@dataclass(frozen=True)
class ChartedCost:
    """A cost that charts show: its name, its value in a sum of layers, and its units."""

    key: str
    title: str
    value: Callable[[Totals], int]
    in_bytes: bool = False

    def steps(self, convention: Convention) -> Steps:
        """The symbols of its units, and how many of one make the next."""
        return memory_steps(convention) if self.in_bytes else (PREFIXES, 1000)

    def unit(self, largest: int, convention: Convention) -> Unit:
        """The unit of an axis that ends at the largest value, so that this has two digits or more."""
        return axis_unit(largest // 10, *self.steps(convention))

    def name(self, convention: Convention) -> str:
        """Its name; a convention may call FLOPs MACs."""
        return convention.flops_label if self.key == "flops" else self.title

    def label(self, convention: Convention, unit: Unit, short: bool = False) -> str:
        """The axis label, what is counted and its unit: `multiply-adds (M)`."""
        name = self.name(convention)
        if self.key == "flops" and convention.weights_of(Conv2d(1, 1), 2).get("macs") == 1:
            name = COSTS["macs"].title  # what is counted; the title keeps the convention's own word
        name = name.removesuffix(" of outputs") if short else name
        return f"{name} ({unit.symbol})" if unit.symbol else name

    def amount(self, value: int, convention: Convention) -> str:
        """A value with three digits and its unit, as text next to a bar."""
        return numbers.human(value, *self.steps(convention)) if value else "0"

    def texts(self, values: Sequence[int], unit: Unit) -> list[str]:
        """Values as texts next to bars, all in the unit of the axis."""
        return [
            "<0.01"
            if 0 < 100 * value < unit.size
            else numbers.significant(value / unit.size, 2 + (value >= unit.size))
            for value in values
        ]

    def total(self, profile: NetworkCost) -> int:
        """The whole network's."""
        return self.value(profile.totals)

    def headline(self, profile: NetworkCost) -> str:
        """The whole network's as words: `62.4 M params`, `3.02 MB of outputs`."""
        amount = self.amount(self.total(profile), profile.convention)
        return f"{amount} {'of outputs' if self.in_bytes else self.name(profile.convention)}"


COSTS = {
    cost.key: cost
    for cost in (
        ChartedCost("memory", "memory of outputs", lambda totals: totals.memory_bytes, in_bytes=True),
        ChartedCost("params", "params", lambda totals: totals.params),
        ChartedCost("flops", "FLOPs", lambda totals: totals.flops),
        ChartedCost("macs", "multiply-adds", lambda totals: totals.macs),
    )
}
THREE = tuple(COSTS[key] for key in ("memory", "params", "flops"))
"""The costs that the lecture's figure shows side by side."""

ROW = 0.19
"""Inches: the height of a row with a name."""
WIDTH, PANELS = 9.6, 8.3
"""Inches: the least width of a figure, and the width of its panels."""
CHARACTER = 0.6 * SMALL
"""Points: the average width of a character of small text."""
LONGEST = 32
"""The most characters of a name next to an axis."""


def rows_of(profile: NetworkCost, depth: int | None = None, most: int = LONG) -> list[Row]:
    """The rows of a chart: one per layer, or one per stage if there would be more than `most`."""
    if depth is not None:
        return fold(profile, depth or None)
    rows = fold(profile)
    return rows if len(rows) <= most else fold(profile, 1)


def row_height(count: int) -> float:
    """Inches of each of `count` rows; of many rows only the stages have names, so they may be thin."""
    return ROW if count <= LONG else LONG * ROW / count


def width_for(names: Iterable[str]) -> float:
    """Inches of a figure whose rows have these names."""
    return max(WIDTH, PANELS + max(map(len, names), default=0) * CHARACTER / 72)


def bars(
    axes: Axes,
    positions: Sequence[float],
    values: Sequence[int],
    texts: Sequence[str],
    unit: Unit,
    colour: Any,
    thickness: float = 0.72,
) -> None:
    """Draw horizontal bars of exact values, each with its text behind it if there are texts."""
    drawn = axes.barh(positions, [value / unit.size for value in values], thickness, color=colour)
    axes.set_xlim(0, beyond(axes) * max(values, default=0) / unit.size or 1)
    if texts:
        ground = {"facecolor": axes.get_facecolor(), "edgecolor": "none", "pad": 0.6}
        axes.bar_label(drawn, texts, padding=3, fontsize=points(SMALL), bbox=ground)


def cost_panel(
    axes: Axes, rows: Sequence[Row], cost: ChartedCost, convention: Convention, colour: str, largest: int = 0
) -> None:
    """Draw one cost of each row, the first on top; the axis reaches at least to `largest`."""
    values = [cost.value(row.totals) for row in rows]
    largest = max(largest, *values, 0)
    unit = cost.unit(largest, convention)
    few = len(rows) <= LONG
    texts = cost.texts(values, unit) if few else []
    bars(axes, range(len(rows)), values, texts, unit, colour, 0.72 if few else 1)
    axes.set_xlim(0, beyond(axes) * largest / unit.size or 1)
    axes.set_xlabel(cost.label(convention, unit, short=width_of(axes) < 2))
    axes.tick_params(axis="y", length=0)
    even_ticks(axes.xaxis)


def width_of(axes: Axes) -> float:
    """About how wide Axes will be next to their likes, in inches at the usual size of text."""
    figure: Any = axes.figure
    spec = axes.get_subplotspec()
    columns = spec.get_gridspec().ncols if spec else 1
    return float(figure.get_figwidth() / points(1) / columns)


def beyond(axes: Axes) -> float:
    """How far an axis reaches beyond its longest bar, so that there is room for its text."""
    return 1 + 0.45 / max(width_of(axes) - 0.75, 0.45)


def even_ticks(axis: Axis) -> None:
    """A few round ticks, each with a faint line."""
    most = 5 if width_of(axis.axes) > 2.2 else 3 if width_of(axis.axes) > 1.6 else 2
    axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))
    axis.grid(True)


def log_ticks(axis: Axis, steps: Steps) -> None:
    """Ticks at powers of ten, or of 4 or 32 where a kilo is 1024, each with a faint line."""
    low, high = axis.get_view_interval()
    base = 10 if steps[1] == 1000 else 4 if high / low < 4**6 else 32
    axis.set_major_locator(LogLocator(base))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda at, _: numbers.tick(round(at), *steps) if at >= 1 else ""))
    axis.grid(True)


def name_rows(axes: Sequence[Axes], rows: Sequence[Row]) -> None:
    """Write the rows' names next to the first of some Axes, from top to bottom; of many rows, the stages'."""
    marks = list(enumerate(row.label for row in rows))
    if len(rows) > LONG:
        marks = stage_marks(rows, len(rows) / LONG)
    for panel in axes:
        panel.set_yticks([])
        panel.set_ylim(len(rows) - 0.4, -0.6)
    longest = LONGEST if width_of(axes[0]) > 2.2 else LONGEST // 2
    axes[0].set_yticks([at for at, _ in marks], [short_name(label, longest) for _, label in marks])


def stage_marks(rows: Sequence[Row], gap: float) -> list[tuple[int, str]]:
    """The first row and the name of stages, at least `gap` rows apart; larger stages take precedence."""
    stages = []
    for stage, group in groupby(enumerate(rows), key=lambda found: found[1].costs[0].node.stage):
        positions = [position for position, _ in group]
        stages.append((len(positions), positions[0], stage))
    marks: list[tuple[int, str]] = []
    for _, position, stage in sorted(stages, key=lambda found: -found[0]):
        if all(abs(position - other) >= gap for other, _ in marks):
            marks.append((position, stage))
    return sorted(marks)


def conditions(*profiles: NetworkCost, shown: Sequence[ChartedCost] = THREE, inputs: str = "") -> str:
    """The conditions of the numbers: input, batch, dtype, convention, and what that counts.

    `inputs` is used where networks have different inputs; without it each network's input is named.
    """
    first = profiles[0]
    shapes = [profile.graph.input_text for profile in profiles]
    if len(set(shapes)) == 1:
        inputs = f"input {shapes[0]}"
    pairs = zip(shapes, profiles, strict=True)
    inputs = inputs or ", ".join(f"input {shape} of {short_name(profile.name)}" for shape, profile in pairs)
    heads = ", side heads counted" if first.train else ""
    named = f"batch {first.batch}, {first.dtype}, convention {first.convention.name}{heads}"
    return " ".join([f"{inputs}, {named}.", *definitions(first.convention, shown)])


def definitions(convention: Convention, shown: Iterable[ChartedCost]) -> Iterator[str]:
    """What a KB is and what FLOPs count, where they are shown."""
    for cost in shown:
        if cost.in_bytes and convention.element_bytes == 1:
            yield "Memory is counted in elements."
        elif cost.in_bytes:
            yield f"1 KB = {convention.kilo} bytes.".replace(" ", "\N{NO-BREAK SPACE}", 3)
        elif cost.key == "flops":
            yield f"{convention.flops_label}: {convention.summary}."


def short_name(name: str, longest: int = LONGEST) -> str:
    """A name, without its middle if it is long."""
    return name if len(name) <= longest else f"{name[: longest // 2]}…{name[1 - longest // 2 :]}"


def panel_title(axes: Axes, text: str, **look: Any) -> None:
    """Write the title of one of several panels, on two lines if the panel is narrow."""
    narrow = len(text) * CHARACTER * 1.3 / 72 > width_of(axes) - 0.3
    words = text.split(" ")
    half = 2 if len(words) > 2 else 1
    text = f"{' '.join(words[:half])}\n{' '.join(words[half:])}" if narrow and words[half:] else text
    axes.set_title(text, loc="left", **look)


def title_and_note(figure: ChartFigure, title: str, note: str, theme: Theme, headed: bool = True) -> None:
    """Write the title on top and a note at the bottom, on as many lines as they need.

    The figure keeps both as its words, which a file has even where the picture does not show them: without
    `headed`, the title.
    """
    figure.title, figure.description = title, note
    if figure.titled:
        width = figure.get_figwidth()
        title, note = wrapped(title, width, 0.74 * TITLE), wrapped(note, width, CHARACTER)
        more = points(TITLE) * title.count("\n") * headed + points(SMALL) * max(note.count("\n") - 1, 0)
        figure.set_figheight(figure.get_figheight() + 1.3 * more / 72)
        if headed:
            figure.suptitle(title, x=0.01, ha="left")
        figure.supxlabel(note, x=0.01, ha="left", fontsize=points(SMALL), color=theme.muted)


def wrapped(text: str, inches: float, character: float) -> str:
    """A text in lines of at most this width, given the points per character."""
    return textwrap.fill(text, max(8, int(inches * 72 / points(character))), break_on_hyphens=False)
