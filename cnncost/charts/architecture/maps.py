"""Feature maps of columns: their size on the page, and the texts that stand below them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from cnncost import numbers
from cnncost.charts.architecture.blocks import DrawnColumn
from cnncost.charts.architecture.text import shortened, text_width
from cnncost.count.rows import shared_by
from cnncost.dims import Shape

SLANT = 0.44, 0.38
"""How far depth goes right and up on the page, in parts of its length."""
BEHIND = 0.45
"""How much of a map's depth may be hidden behind the next map."""
LEAST_NAME = 0.65
"""Inches: room for `bottleneck`, in small text."""
LEAST = 0.05
"""Inches: the least height and thickness of a map."""


@dataclass(frozen=True, eq=False)
class LabelledMap:
    """A column's map and the lines of text below it: names, the output's shape, the params, the layers.

    `count` is how many blocks it represents; `head` is what leaves it in training only.
    """

    names: list[str]
    output: list[str]
    params: str
    layers: list[str]
    shape: Shape
    family: str
    count: int = 1
    head: str = ""

    @property
    def lines(self) -> list[tuple[str, bool, bool]]:
        """All lines below it: text, bold, muted."""
        names = [(text, True, False) for text in self.names]
        below = [(text, False, False) for text in (*self.output, self.params)]
        return [*names, *below, *((text, False, True) for text in self.layers)]

    @property
    def cut(self) -> bool:
        """Whether a text has lost its middle."""
        return any("…" in text for text, _, _ in self.lines)

    def text_width(self, size: float) -> float:
        """Inches that its texts take."""
        return max(text_width(text, size, bold) for text, bold, _ in self.lines)


def labelled_map(column: DrawnColumn, size: float, most: float, head: str = "") -> LabelledMap:
    """The map of a column with texts of a size, none wider than `most` inches."""
    names = [*broken(column.name, size, max(0.75 * most, LEAST_NAME), True)]
    for block in column.beside:
        names += broken(f"+ {block.name}", size, max(0.75 * most, LEAST_NAME), True)
    shared = shared_by(column.costs)
    params = f"as {shared}" if shared else numbers.human(int(column.totals.params))
    return LabelledMap(
        names[:4],
        broken(numbers.shape(column.shape), size, most),
        shortened(params, size, False, most),
        [part for line in column.layers for part in broken(line, size, most)],
        column.shape,
        column.whole.family,
        len(column.repeated),
        head,
    )


def broken(text: str, size: float, most: float, bold: bool = False) -> list[str]:
    """A text on as many lines as it needs, broken at dots, underscores, spaces, the first × and ranges.

    A name (bold) that is still too wide loses its middle; nothing else does.
    """
    if text_width(text, size, bold) <= most:
        return [text]
    ranged = re.fullmatch(r"(.*?[^\d])(\d[^–.]*–[^.]*)", text) if bold else None
    shape = re.fullmatch(r"(\d+×)(\d+×.*)", text)
    found = ranged or shape
    pieces = found.groups() if found else re.findall(r"[^._– ]+[._– ]*|[._– ]+", text)
    lines = [""]
    for piece in pieces:
        if lines[-1] and text_width((lines[-1] + piece).rstrip(), size, bold) > most:
            lines.append("")
        lines[-1] += piece
    if bold and len(lines) > 3:
        lines = [*lines[:2], "".join(lines[2:])]
    return [shortened(line.rstrip(), size, bold, most) if bold else line.rstrip() for line in lines]


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

    def room(self, shape: Shape) -> float:
        """The width that a map needs next to others, behind which a part of its depth may be."""
        return self.outline(shape)[0] - BEHIND * SLANT[0] * self.size(shape)[2]


def scale_for(shapes: Sequence[Shape], height: float, thickness: float) -> MapScale:
    """The scale by which no map is higher or thicker than this, its depth included."""
    maps = [shape for shape in shapes if len(shape) > 1]
    rises = [SLANT[1] * sqrt(int(s[-1])) if len(s) > 2 else 0.0 for s in maps]
    highs = [sqrt(int(s[-2] if len(s) > 2 else s[-1])) for s in maps]
    tallest = max([high + rise for high, rise in zip(highs, rises, strict=True)], default=1.0)
    widest = max([sqrt(int(s[0])) for s in maps], default=1e-9)
    longest = max([sqrt(int(s[0])) for s in shapes if len(s) == 1], default=1e-9)
    return MapScale(height / tallest, min(thickness / widest, height / longest))
