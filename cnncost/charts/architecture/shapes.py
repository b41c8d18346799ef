"""What a page is made of: feature maps, boxes, lines and texts, in inches, y downwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from cnncost.charts.architecture.cells import LINE, Cell
from cnncost.charts.architecture.columns import Column

Point = tuple[float, float]

WIDTH, HEIGHT, EDGE = 12.8, 7.2, 0.25
"""The page: a slide of 16 to 9, and its margin."""


@dataclass(frozen=True)
class Prism:
    """A feature map: the left top corner of its front, which is C wide and H high, and its depth (W)."""

    x: float
    y: float
    width: float
    height: float
    depth: float
    family: str


@dataclass(frozen=True)
class Box:
    """A layer of an opened block; a frame where the family is empty; `round` makes it a circle."""

    x: float
    y: float
    width: float
    height: float
    family: str = ""
    round: bool = False


@dataclass(frozen=True)
class Way:
    """A line through points: `curved` between them, with a head at its end, `skip` if it passes columns by.

    A `faint` one only hints at what belongs together.
    """

    points: tuple[Point, ...]
    curved: bool = False
    arrow: bool = True
    faint: bool = False
    skip: bool = False


@dataclass(frozen=True)
class Word:
    """A text, its middle line at y: its size in points and how it is set."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    muted: bool = False
    across: str = "center"
    upright: bool = False


Shape = TypeVar("Shape", Prism, Box, Way, Word)


@dataclass
class Page:
    """A drawing: its size in inches and everything on it; what its columns and opened blocks stand for."""

    width: float
    height: float = HEIGHT
    shapes: list[Prism | Box | Way | Word] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def of(self, kind: type[Shape]) -> list[Shape]:
        """The shapes of one kind."""
        return [shape for shape in self.shapes if isinstance(shape, kind)]

    def words(self, x: float, y: float, lines: list[tuple[str, bool, bool]], size: float) -> float:
        """Write lines (text, bold, muted) below one another around x; where the next would stand."""
        for text, bold, muted in lines:
            if text:
                self.shapes.append(Word(x, y + size * LINE / 2, text, size, bold, muted))
            y += size * LINE
        return y
