"""What the charts of costs share: which quantities there are, their units and how bars are drawn."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnncost import numbers
from cnncost.charts.theme import SMALL, TITLE, Theme
from cnncost.count.convention import Convention, memory_steps
from cnncost.count.profile import NetworkCost, Totals
from cnncost.count.rows import Row, fold
from cnncost.numbers import PREFIXES, Unit, axis_unit
from cnncost.views.network_table import LONG

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure


Steps = tuple[tuple[str, ...], int]
"""The symbols of units, and how many of one make the next."""


@dataclass(frozen=True)
class Quantity:
    """Something that is counted of each layer: its name, its value in a sum, and its units."""

    key: str
    title: str
    value: Callable[[Totals], int]
    in_bytes: bool = False

    def steps(self, convention: Convention) -> Steps:
        """The symbols of its units, and how many of one make the next."""
        return memory_steps(convention) if self.in_bytes else (PREFIXES, 1000)

    def unit(self, largest: int, convention: Convention) -> Unit:
        """The unit of an axis that ends at the largest value."""
        return axis_unit(largest, *self.steps(convention))

    def name(self, convention: Convention) -> str:
        """What the convention calls it: FLOPs may be MACs there."""
        return convention.flops_label if self.key == "flops" else self.title

    def label(self, convention: Convention, unit: Unit) -> str:
        """The axis label: what is counted, how, and its unit: `FLOPs, lecture (M)`."""
        name = self.name(convention)
        counted = f"{name}, {convention.name}" if self.key == "flops" else name
        return f"{counted} ({unit.symbol})" if unit.symbol else counted

    def amount(self, value: int, convention: Convention) -> str:
        """A value with three digits and its unit, as text beside a bar."""
        return numbers.human(value, *self.steps(convention)) if value else "0"

    def total(self, profile: NetworkCost) -> int:
        """The whole network's."""
        return self.value(profile.totals)

    def headline(self, profile: NetworkCost) -> str:
        """The whole network's as words: `62.4 M params`, `3.02 MB of outputs`."""
        convention = profile.convention
        amount = self.amount(self.total(profile), convention)
        return f"{amount} {'of outputs' if self.in_bytes else self.name(convention)}"


QUANTITIES = {
    quantity.key: quantity
    for quantity in (
        Quantity("memory", "memory of outputs", lambda totals: totals.memory_bytes, in_bytes=True),
        Quantity("params", "params", lambda totals: totals.params),
        Quantity("flops", "FLOPs", lambda totals: totals.flops),
        Quantity("macs", "multiply-adds", lambda totals: totals.macs),
    )
}
THREE = tuple(QUANTITIES[key] for key in ("memory", "params", "flops"))
"""What the lecture's figure shows side by side."""

ROW = 0.19
"""Inches: the height of a row that bears a name."""
WIDTH, PANELS = 9.6, 8.3
"""Inches: the least width of a figure, and that of its panels."""
CHARACTER = 0.6 * SMALL
"""Points that a character of small text takes, on average."""


LONGEST = 32
"""Characters of a name beside an axis."""


def rows_of(profile: NetworkCost, depth: int | None = None, most: int = LONG) -> list[Row]:
    """The rows of a chart: a layer each, or a stage each where there would be more than `most`."""
    if depth is not None:
        return fold(profile, depth or None)
    rows = fold(profile)
    return rows if len(rows) <= most else fold(profile, 1)


def row_height(count: int) -> float:
    """Inches of each of so many rows: those beyond `LONG` bear no names of their own and may be thin."""
    return ROW if count <= LONG else LONG * ROW / count


def width_for(names: Iterable[str]) -> float:
    """Inches of a figure whose rows have these names."""
    return max(WIDTH, PANELS + max(map(len, names), default=0) * CHARACTER / 72)


def bars(
    axes: Axes,
    places: Sequence[float],
    values: Sequence[int],
    texts: Sequence[str],
    unit: Unit,
    colour: Any,
    thickness: float = 0.72,
) -> Any:
    """Horizontal bars of exact values, each with its value behind it; no texts, no values."""
    drawn = axes.barh(places, [value / unit.size for value in values], thickness, color=colour)
    largest = max(values, default=0) / unit.size
    axes.set_xlim(0, 1.2 * largest or 1)
    if texts:
        ground = {"facecolor": axes.get_facecolor(), "edgecolor": "none", "pad": 0.6}
        axes.bar_label(drawn, texts, padding=3, fontsize=SMALL - 0.5, bbox=ground)
    return drawn


def cost_panel(
    axes: Axes, rows: Sequence[Row], quantity: Quantity, convention: Convention, colour: str, largest: int = 0
) -> None:
    """One quantity of each row, the first on top; the axis reaches at least to `largest`."""
    values = [quantity.value(row.totals) for row in rows]
    unit = quantity.unit(max(largest, *values, 0), convention)
    few = len(rows) <= LONG
    texts = [quantity.amount(value, convention) for value in values] if few else []
    bars(axes, range(len(rows)), values, texts, unit, colour, 0.72 if few else 1)
    axes.set_xlim(0, 1.2 * max(largest, *values, 0) / unit.size or 1)
    axes.set_xlabel(quantity.label(convention, unit))
    axes.tick_params(axis="y", length=0)
    even_ticks(axes.xaxis)


def even_ticks(axis: Axis) -> None:
    """A few round ticks, with a faint line each."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axis.grid(True)


def log_ticks(axis: Axis, steps: Steps) -> None:
    """Ticks at powers of ten, at powers of 4 or 32 where a kilo is 1024, with a faint line each."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    low, high = axis.get_view_interval()
    base = 10 if steps[1] == 1000 else 4 if high / low < 4**6 else 32
    axis.set_major_locator(LogLocator(base))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda at, _: numbers.tick(round(at), *steps) if at >= 1 else ""))
    axis.grid(True)


def name_rows(axes: Sequence[Axes], rows: Sequence[Row]) -> None:
    """The rows' names beside the first of some Axes, the first row on top; of many rows the stages'."""
    marks = list(enumerate(row.label for row in rows))
    if len(rows) > LONG:
        marks = stage_marks(rows, len(rows) / LONG)
    for one in axes:
        one.set_yticks([])
        one.set_ylim(len(rows) - 0.4, -0.6)
    axes[0].set_yticks([place for place, _ in marks], [short(label) for _, label in marks])


def stage_marks(rows: Sequence[Row], apart: float) -> list[tuple[int, str]]:
    """The first row of each stage and the stage's name, as far as they stand so many rows apart.

    Of stages that stand closer the one of more rows is named.
    """
    stages: list[list[Any]] = []
    for place, row in enumerate(rows):
        stage = row.costs[0].node.stage
        if not stages or stages[-1][1] != stage:
            stages.append([place, stage, 0])
        stages[-1][2] += 1
    marks: list[tuple[int, str]] = []
    for place, stage, _ in sorted(stages, key=lambda found: -found[2]):
        if all(abs(place - other) >= apart for other, _ in marks):
            marks.append((place, stage))
    return sorted(marks)


def conditions(*profiles: NetworkCost, shown: Sequence[Quantity] = THREE, inputs: str = "") -> str:
    """What the numbers of some networks hold for: input, batch, dtype, convention, and what that counts.

    `inputs` is what is said where networks have different ones; else each is named.
    """
    first = profiles[0]
    shapes = [numbers.shape(profile.graph.input_shape) for profile in profiles]
    if len(set(shapes)) == 1:
        inputs = f"input {shapes[0]}"
    pairs = zip(shapes, profiles, strict=True)
    inputs = inputs or ", ".join(f"input {shape} of {short(profile.name)}" for shape, profile in pairs)
    heads = ", side heads counted" if first.train else ""
    named = f"batch {first.batch}, {first.dtype}, convention {first.convention.name}{heads}"
    return " ".join([f"{inputs}, {named}.", *counted(first.convention, shown)])


def counted(convention: Convention, shown: Iterable[Quantity]) -> Iterator[str]:
    """What bytes and FLOPs are, where they are shown."""
    for quantity in shown:
        if quantity.in_bytes:
            elements = convention.element_bytes == 1
            yield (
                "Memory: elements."
                if elements
                else f"1\N{NO-BREAK SPACE}KB\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{convention.kilo} bytes."
            )
        elif quantity.key == "flops":
            yield f"{convention.flops_label}: {convention.summary}."


def short(name: str) -> str:
    """A name, without its middle where it is long."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST // 2]}…{name[1 - LONGEST // 2 :]}"


def headed(figure: Figure, title: str, below: str, theme: Theme) -> None:
    """The title on top and what the numbers hold for at the bottom, on as many lines as they need."""
    width = figure.get_figwidth()
    top, bottom = wrapped(title, width, 0.74 * TITLE), wrapped(below, width, CHARACTER)
    figure.suptitle(top, x=0.01, ha="left")
    figure.supxlabel(bottom, x=0.01, ha="left", fontsize=SMALL, color=theme.muted)


def wrapped(text: str, inches: float, character: float) -> str:
    """A text in lines that are no wider, at so many points a character."""
    return textwrap.fill(text, max(8, int(inches * 72 / character)), break_on_hyphens=False)
