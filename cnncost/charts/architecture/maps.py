"""Feature maps of columns: their texts, cut to fit, and their size on the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

from cnncost import numbers
from cnncost.charts.architecture.drawn_columns import DrawnColumn
from cnncost.charts.architecture.text import shortened, text_width
from cnncost.count.rows import shared_by
from cnncost.dims import Shape

SIZES = (9.0, 8.5, 8.0, 7.5, 7.0, 6.5)
"""Sizes of text in points, the largest first."""
GAP = 0.13
"""Inches between the texts of neighbouring columns."""
LONGEST = 1.15, 2.0
"""The greatest width in inches of a line of text on a full page, and on one with few columns."""
SLANT = 0.44, 0.38
"""How far depth goes right and up on the page, in parts of its length."""
LEAST = 0.05
"""Inches: the least height and thickness of a map."""


@dataclass(frozen=True, eq=False)
class LabelledMap:
    """A column's map and the texts below it: names, then the output's shape and the params, then layers."""

    names: tuple[str, ...]
    numbers: tuple[str, ...]
    layers: tuple[str, ...]
    shape: Shape
    family: str
    count: int = 1

    @property
    def texts(self) -> tuple[str, ...]:
        """All lines below it."""
        return (*self.names, *self.numbers, *self.layers)

    def text_width(self, size: float) -> float:
        """Inches that its texts take."""
        bold = [text_width(name, size, True) for name in self.names]
        return max([*bold, *(text_width(text, size) for text in (*self.numbers, *self.layers))])


def labelled_map(column: DrawnColumn, size: float, most: float = LONGEST[0]) -> LabelledMap:
    """The map of a column with texts of a size, none wider than `most`."""
    names = broken(column.name, size, most)
    for block in column.beside:
        names += broken(f"+ {block.name}", size, most)
    lines = tuple(shortened(line, size, False, most) for line in column.layers)
    shared = shared_by(cost for unit in column.units for cost in unit.costs)
    params = f"as {shared}" if shared else numbers.human(int(column.totals.params))
    shown = (numbers.shape(column.shape), shortened(params, size, False, most))
    return LabelledMap(
        tuple(names[:4]), shown, lines, column.shape, column.whole.family, len(column.repeated)
    )


def broken(name: str, size: float, most: float) -> list[str]:
    """A name on up to three lines: a range on a separate line, else broken at dots and underscores."""
    if text_width(name, size, True) <= 0.75 * most:
        return [name]
    counted = re.fullmatch(r"(.*?[^\d])(\d[^–.]*–[^.]*)", name)
    pieces = counted.groups() if counted else re.findall(r"[^._–]+[._–]*|[._–]+", name)
    lines = [""]
    for piece in pieces:
        if lines[-1] and text_width(lines[-1] + piece, size, True) > 0.75 * most:
            lines.append("")
        lines[-1] += piece
    kept = lines if len(lines) <= 3 else [*lines[:2], "".join(lines[2:])]
    return [shortened(line, size, True, most) for line in kept]


def narrow(one: LabelledMap) -> LabelledMap:
    """The same on more lines: `64×`, `284×284`; `up 2×2`, `512, /2`."""
    shape, params = one.numbers
    channels, times, rest = shape.partition("×")
    layers = tuple(line for text in one.layers for line in re.split(r"(?<=,) (?=.)", text, maxsplit=1))
    shown = (f"{channels}{times}", rest, params) if rest else (shape, params)
    return replace(one, numbers=shown, layers=layers)


@dataclass(frozen=True)
class MapScale:
    """Inches for the square root of a pixel, and for that of a channel."""

    pixel: float
    channel: float

    def size(self, shape: Shape) -> tuple[float, float, float]:
        """Width, height and depth of a map on the page; a vector is upright."""
        sizes = [sqrt(int(n)) for n in shape]
        if len(sizes) == 1:
            return 0.09, max(self.channel * sizes[0], LEAST), 0.0
        high, deep = (sizes[-2], sizes[-1]) if len(sizes) > 2 else (sizes[-1], 0.0)
        return max(self.channel * sizes[0], LEAST), max(self.pixel * high, LEAST), self.pixel * deep

    def outline(self, shape: Shape) -> tuple[float, float]:
        """Width and height of a map on the page, its depth included."""
        width, height, depth = self.size(shape)
        return width + SLANT[0] * depth, height + SLANT[1] * depth


def scale_for(shapes: Sequence[Shape], height: float, thickness: float) -> MapScale:
    """The scale by which no map is higher or thicker than this, its depth included."""
    maps = [shape for shape in shapes if len(shape) > 1]
    rises = [SLANT[1] * sqrt(int(s[-1])) if len(s) > 2 else 0.0 for s in maps]
    highs = [sqrt(int(s[-2] if len(s) > 2 else s[-1])) for s in maps]
    tallest = max([high + rise for high, rise in zip(highs, rises, strict=True)], default=1.0)
    widest = max([sqrt(int(s[0])) for s in maps], default=1e-9)
    longest = max([sqrt(int(s[0])) for s in shapes if len(s) == 1], default=1e-9)
    return MapScale(height / tallest, min(thickness / widest, height / longest))
