"""What a column shows: its texts, cut to fit, and the size of its feature map on the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

from cnncost import numbers
from cnncost.charts.architecture.cells import Measure
from cnncost.charts.architecture.columns import Column, name_of, recipe
from cnncost.dims import Shape

SIZES = (9.0, 8.5, 8.0, 7.5, 7.0, 6.5)
"""Sizes of text in points, the largest first."""
GAP = 0.13
"""Inches between the texts of neighbouring columns."""
LONGEST = 1.15, 2.0
"""Inches that a name, or a line about a layer, may be wide on a full page, and on one with few columns."""
SLANT = 0.44, 0.38
"""How far a row of pixels that leads away from the reader goes right and up, of its length on the front."""
LEAST = 0.05
"""Inches: the least height and thickness of a map, so that it is seen."""


@dataclass(frozen=True, eq=False)
class Stand:
    """A column's texts: its `names`, then the output's shape and the params, then a line a layer."""

    names: tuple[str, ...]
    numbers: tuple[str, ...]
    recipe: tuple[str, ...]
    shape: Shape
    family: str
    count: int = 1

    def texts(self) -> tuple[str, ...]:
        """All that stands below its box."""
        return (*self.names, *self.numbers, *self.recipe)

    def width(self, measure: Measure, size: float) -> float:
        """Inches that its texts take."""
        bold = [measure(name, size, True) for name in self.names]
        return max([*bold, *(measure(text, size, False) for text in (*self.numbers, *self.recipe))])


def stand(column: Column, measure: Measure, size: float, most: float = LONGEST[0]) -> Stand:
    """The texts of a column, at a size, none wider than `most`."""
    names = wrapped(name_of(column), measure, size, most)
    for block in column.beside:
        names += wrapped(f"+ {block.name}", measure, size, most)
    lines = tuple(shortened(line, measure, size, False, most) for line in recipe(column))
    params = numbers.human(int(column.totals.params))
    shown = (numbers.shape(column.shape), params)
    return Stand(tuple(names[:4]), shown, lines, column.shape, column.family, column.count)


def wrapped(name: str, measure: Measure, size: float, most: float) -> list[str]:
    """A name on up to three lines: a range apart from what it counts, else broken at dots and underscores."""
    if measure(name, size, True) <= 0.75 * most:
        return [name]
    counted = re.fullmatch(r"(.*?[^\d])(\d[^–.]*–[^.]*)", name)
    pieces = counted.groups() if counted else re.findall(r"[^._–]+[._–]*|[._–]+", name)
    lines = [""]
    for piece in pieces:
        if lines[-1] and measure(lines[-1] + piece, size, True) > 0.75 * most:
            lines.append("")
        lines[-1] += piece
    kept = lines if len(lines) <= 3 else [*lines[:2], "".join(lines[2:])]
    return [shortened(line, measure, size, True, most) for line in kept]


def shortened(text: str, measure: Measure, size: float, bold: bool, most: float) -> str:
    """A text that is too wide without its middle."""
    if measure(text, size, bold) <= most:
        return text
    keep = next(k for k in range(len(text), -1, -1) if k == 0 or measure(cut(text, k), size, bold) <= most)
    return cut(text, keep)


def cut(text: str, keep: int) -> str:
    """So many letters of a text, from both ends."""
    head = (keep + 1) // 2
    return f"{text[:head]}…{text[len(text) - (keep - head) :]}"


def narrow(one: Stand) -> Stand:
    """The same on more lines: `64×`, `284×284`; `up 2×2`, `512, /2`."""
    shape, params = one.numbers
    channels, times, rest = shape.partition("×")
    lines = tuple(line for text in one.recipe for line in re.split(r"(?<=,) (?=.)", text, maxsplit=1))
    shown = (f"{channels}{times}", rest, params) if rest else (shape, params)
    return replace(one, numbers=shown, recipe=lines)


@dataclass(frozen=True)
class Scale:
    """Inches for the square root of a pixel, and for that of a channel."""

    pixel: float
    channel: float

    def size(self, shape: Shape) -> tuple[float, float, float]:
        """Width, height and depth of a map on the page; a vector stands upright."""
        sizes = [sqrt(int(n)) for n in shape]
        if len(sizes) == 1:
            return 0.09, max(self.channel * sizes[0], LEAST), 0.0
        high, deep = (sizes[-2], sizes[-1]) if len(sizes) > 2 else (sizes[-1], 0.0)
        return max(self.channel * sizes[0], LEAST), max(self.pixel * high, LEAST), self.pixel * deep


def scale_for(shapes: Sequence[Shape], height: float, thickness: float) -> Scale:
    """The scale by which no map is higher or thicker than this, its depth included."""
    maps = [shape for shape in shapes if len(shape) > 1]
    tallest = max([sqrt(int(s[-2] if len(s) > 2 else s[-1])) + up(s) for s in maps], default=1.0)
    widest = max([sqrt(int(s[0])) for s in maps], default=1e-9)
    longest = max([sqrt(int(s[0])) for s in shapes if len(s) == 1], default=1e-9)
    return Scale(height / tallest, min(thickness / widest, height / longest))


def up(shape: Shape) -> float:
    """How much higher a map is for its depth, in square roots of pixels."""
    return SLANT[1] * sqrt(int(shape[-1])) if len(shape) > 2 else 0.0


def outline(size: tuple[float, float, float]) -> tuple[float, float]:
    """Width and height of a map with its depth."""
    width, height, depth = size
    return width + SLANT[0] * depth, height + SLANT[1] * depth
