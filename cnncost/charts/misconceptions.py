"""The mistakes of a class, by how many students make them: what to explain again."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from cnncost.charts import panels
from cnncost.charts.axes import ChartFigure
from cnncost.charts.panels import ROW
from cnncost.charts.theme import THEMES, Theme, themed
from cnncost.homework.mark import ClassMarks, Misconception
from cnncost.numbers import Unit

MOST = 12
"""How many mistakes are drawn."""
REST = 1.4
"""Inches: the height of title, axis and note."""


def figure(marks: ClassMarks, theme: Theme = THEMES["light"]) -> ChartFigure:
    """The chart of a marked class."""
    with themed(theme):
        return composed(marks, theme)


def composed(marks: ClassMarks, theme: Theme) -> ChartFigure:
    """The chart, in the settings of its theme."""
    found = marks.misconceptions[:MOST]
    made = ChartFigure(
        figsize=(panels.width_for([label(each) for each in found]), REST + ROW * max(len(found), 3))
    )
    draw(found, made.subplots(), theme)
    title = f"Mistakes of {len(marks.marked)} students"
    note = "students who make a mistake at least once; in brackets what to look at again"
    rest = len(marks.misconceptions) - len(found)
    panels.title_and_note(made, title, note + f"; {rest} rarer mistakes are not drawn" * bool(rest), theme)
    return made


def draw(found: Sequence[Misconception], axes: Axes, theme: Theme = THEMES["light"]) -> Axes:
    """Draw mistakes as bars, the most common on top."""
    values = [each.students for each in found]
    panels.bars(
        axes, range(len(found)), values, list(map(str, values)), Unit("", 1), theme.quantities["params"]
    )
    axes.set_yticks(range(len(found)), [label(each) for each in found])
    axes.set_ylim(max(len(found), 1) - 0.4, -0.6)
    axes.set_xlabel("students")
    axes.tick_params(axis="y", length=0)
    panels.even_ticks(axes.xaxis)
    return axes


def label(each: Misconception) -> str:
    """`bias forgotten (look at the biases again)`."""
    return f"{each.name} ({each.hint.rstrip('?')})"
