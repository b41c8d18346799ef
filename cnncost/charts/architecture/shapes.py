"""What a page is made of: feature maps, boxes, lines and texts, in inches, y downwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from cnncost.charts.architecture.text import LINE

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
    """A layer of an opened block; a frame if the family is empty; a circle if it is `round`."""

    x: float
    y: float
    width: float
    height: float
    family: str = ""
    round: bool = False


@dataclass(frozen=True)
class Way:
    """A line through points: `curved`, with an `arrow` at its end, a `skip` past columns, or `faint`."""

    points: tuple[Point, ...]
    curved: bool = False
    arrow: bool = True
    faint: bool = False
    skip: bool = False


@dataclass(frozen=True)
class Word:
    """A text, centred at y, and its size in points."""

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
class Drawing:
    """A drawing: its size, the size of its text in points, the shapes on it, and what they show in words.

    `columns` are the DrawnColumns and `opened` the OpenedBlocks that it shows.
    """

    width: float
    height: float = HEIGHT
    font: float = 9.0
    shapes: list[Prism | Box | Way | Word] = field(default_factory=list)
    title: str = ""
    facts: str = ""
    columns: list[Any] = field(default_factory=list)
    opened: list[Any] = field(default_factory=list)
    words_of_parts: list[str] = field(default_factory=list)

    def of(self, kind: type[Shape]) -> list[Shape]:
        """The shapes of one kind."""
        return [shape for shape in self.shapes if isinstance(shape, kind)]

    def words(self, x: float, y: float, lines: list[tuple[str, bool, bool]], size: float) -> float:
        """Write lines (text, bold, muted) below one another around x; return the place of a next line."""
        for text, bold, muted in lines:
            if text:
                self.shapes.append(Word(x, y + size * LINE / 2, text, size, bold, muted))
            y += size * LINE
        return y
