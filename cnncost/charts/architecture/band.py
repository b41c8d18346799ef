"""A line of columns: feature maps side by side, the lines between them, and the texts below."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from cnncost.charts.architecture.maps import SLANT, LabelledMap, MapScale, scale_for
from cnncost.charts.architecture.shapes import EDGE, Drawing, Point, Prism, Way, Word
from cnncost.charts.architecture.text import LINE

GUTTER = 0.55
"""Inches on the left for the names of the rows of text."""
ARC = 0.15
"""Inches between lines that pass columns by."""
BEHIND = 0.45
"""How much of a map's depth may be hidden behind the next map, where there is little room."""
THICK = 0.62
"""Inches: the thickness of the map with most channels."""


@dataclass(eq=False)
class Band:
    """One line of columns, numbered over all lines; -1 is the input.

    `links` lead from column to column; those that start or end in another line are cut at the edge. For
    each drawn map, in inches, `spans` has the middle across, top and bottom, and `edges` left and right.
    """

    columns: list[int]
    maps: list[LabelledMap]
    links: list[tuple[int, int]]
    heads: dict[int, str]
    size: float
    widths: list[float]
    shapes: list[tuple[int, ...]]
    width: float
    last: bool = True
    spans: dict[int, tuple[float, float, float]] = field(default_factory=dict)
    edges: dict[int, Point] = field(default_factory=dict)

    def __post_init__(self) -> None:
        own = set(self.columns)
        self.links = [(a, b) for a, b in self.links if a in own or b in own]
        self.skips = sorted([(a, b) for a, b in self.links if b - a > 1], key=lambda s: (s[1] - s[0], s))
        nested = all(c < a and b < d for (a, b), (c, d) in pairwise(self.skips))
        deep = len(self.skips) >= 2 and self.skips[0][1] - self.skips[0][0] > 2
        self.valley = self.last and nested and deep
        """Whether the links are nested as in a U-Net."""
        self.left = EDGE + (0.0 if self.valley else GUTTER)
        self.line = self.size * LINE
        self.count_room = self.line + 0.06 if any(one.count > 1 for one in self.maps) else 0.0

    @property
    def fixed(self) -> float:
        """Inches of its height that the maps cannot use."""
        if self.valley:
            return self.above + max(len(m.texts) for m in self.maps if m.count) * self.line + 0.3
        most = max(len(m.names) for m in self.maps) + 2 + max(len(m.layers) for m in self.maps)
        return self.above + most * self.line + 0.3

    @property
    def above(self) -> float:
        """Inches above the maps."""
        heads = 2 * self.line + 0.2 if self.heads else 0.0
        arcs = ARC * len(set(self.tracks().values())) + (0.1 if self.skips else 0.0)
        return self.count_room + max(heads, 0.0 if self.valley else arcs) + 0.06

    def tracks(self) -> dict[tuple[int, int], int]:
        """The height of each line that passes columns by: no two overlap at one height."""
        taken: list[list[tuple[int, int]]] = []
        found: dict[tuple[int, int], int] = {}
        for a, b in self.skips:
            row = next((i for i, t in enumerate(taken) if all(b <= c or d <= a for c, d in t)), len(taken))
            row = max(row, max((found[c, d] + 1 for c, d in found if a <= c and d <= b), default=0))
            taken += [[] for _ in range(row + 1 - len(taken))]
            taken[row].append((a, b))
            found[a, b] = row
        return found

    def draw(self, page: Drawing, y: float, high: float) -> float:
        """Put the line on a page from y on, its maps up to `high`; return where it ends."""
        top = y + self.above
        scale, middles, slots, high = self.sized(top, high)
        x = self.left
        for number, one, width in zip(self.columns, self.maps, slots, strict=True):
            self.draw_map(page, number, one, x + width / 2, middles[number], scale)
            x += width
        self.connect(page, top)
        bottom = max(self.spans[n][2] for n in self.columns) if self.valley else top + high
        end = self.write(page, bottom)
        self.write_heads(page, top)
        return end

    def sized(self, top: float, high: float) -> tuple[MapScale, dict[int, float], list[float], float]:
        """The largest scale that fits, the maps' middles, the columns' widths and the maps' height."""
        room = self.width - EDGE - self.left
        thickness = min(THICK, 0.5 * room / len(self.columns))
        part = high
        while True:
            scale = scale_for(self.shapes, part, thickness)
            middles = self.middles(scale, top, part)
            widths, deep = [], 0.0
            for number, one, least in zip(self.columns, self.maps, self.widths, strict=True):
                wide, tall = scale.outline(one.shape)
                hidden = BEHIND * SLANT[0] * scale.size(one.shape)[2]
                widths.append(max(least, wide - hidden + 0.14))
                deep = max(deep, middles[number] + tall / 2 - top)
            if (sum(widths) <= room and deep <= high + 0.001) or part < 0.3:
                spare = max(room - sum(widths), 0.0) / len(widths)
                return scale, middles, [width + spare for width in widths], part
            part *= 0.97

    def middles(self, scale: MapScale, top: float, high: float) -> dict[int, float]:
        """The height of each map's middle: one for all, or deeper and deeper in a valley."""
        if not self.valley:
            return dict.fromkeys(self.columns, top + high / 2)
        level = {n: sum(a < n < b for a, b in self.skips) for n in self.columns}
        tall: dict[int, float] = {}
        for number, one in zip(self.columns, self.maps, strict=True):
            tall[level[number]] = max(tall.get(level[number], 0.0), scale.outline(one.shape)[1])
        at = {0: top + tall[0] / 2}
        for deeper in sorted(tall)[1:]:
            at[deeper] = at[deeper - 1] + tall[deeper] / 2 + 0.32
        return {number: at[level[number]] for number in self.columns}

    def draw_map(
        self, page: Drawing, number: int, one: LabelledMap, x: float, y: float, scale: MapScale
    ) -> None:
        """Draw a feature map around (x, y), and above it how many blocks it represents."""
        size, (width, height) = scale.size(one.shape), scale.outline(one.shape)
        left, top = x - width / 2, y - height / 2
        page.shapes.append(Prism(left, top + height - size[1], *size, one.family))
        self.spans[number] = (x, top, top + height)
        self.edges[number] = (left, left + width - SLANT[0] * size[2] / 2)
        if one.count > 1:
            page.shapes.append(
                Word(x, top - self.line / 2 - 0.03, f"×{one.count}", self.size + 0.5, bold=True)
            )

    def connect(self, page: Drawing, top: float) -> None:
        """Draw arrows from each column to the next, and lines past columns above them."""
        for a, b in self.links:
            if b - a == 1:
                ends = self.leaving(a), self.reaching(b)
                page.shapes.append(Way(ends, curved=ends[0][1] != ends[1][1], arrow=b in self.edges))
        for (a, b), track in self.tracks().items():
            points = (self.leaving(a), self.reaching(b)) if self.valley else self.arc(a, b, top, track)
            page.shapes.append(Way(points, arrow=b in self.edges, skip=True))

    def middle(self, number: int) -> float:
        """The height of a map's middle."""
        return (self.spans[number][1] + self.spans[number][2]) / 2

    def leaving(self, number: int) -> Point:
        """Where a line leaves a column on its right, or enters this line of columns."""
        if number in self.edges:
            return self.edges[number][1] + 0.03, self.middle(number)
        return self.left - 0.05, self.middle(self.columns[0])

    def reaching(self, number: int) -> Point:
        """Where a line reaches a column on its left, or leaves this line of columns."""
        if number in self.edges:
            return self.edges[number][0] - 0.03, self.middle(number)
        return self.width - EDGE, self.middle(self.columns[-1])

    def arc(self, a: int, b: int, top: float, track: int) -> tuple[Point, ...]:
        """Up from one map, along above those between, and down to another."""
        level = top - self.count_room - 0.1 - ARC * track
        start: list[Point] = [(self.left - 0.05, level)]
        end: list[Point] = [(self.width - EDGE, level)]
        if a in self.spans:
            x = self.spans[a][0] + 0.08 + 0.07 * [s for s in self.skips if s[0] == a].index((a, b))
            start = [(x, self.lid(a)), (x, level)]
        if b in self.spans:
            x = self.spans[b][0] - 0.08 - 0.07 * [s for s in self.skips if s[1] == b].index((a, b))
            end = [(x, level), (x, self.lid(b))]
        return (*start, *end)

    def lid(self, number: int) -> float:
        """Just above a map and its count."""
        one = self.maps[self.columns.index(number)]
        return self.spans[number][1] - (self.line + 0.08 if one.count > 1 else 0.03)

    def write(self, page: Drawing, bottom: float) -> float:
        """Write the texts below the maps, in rows except in a valley; return where they end."""
        names = max(len(one.names) for one in self.maps)
        ends = []
        for number, one in zip(self.columns, self.maps, strict=True):
            x, _, low = self.spans[number]
            lines = [(name, True, False) for name in one.names]
            if not self.valley:
                lines = [("", False, False)] * (names - len(one.names)) + lines
            lines += [(text, False, False) for text in one.numbers] + [(t, False, True) for t in one.layers]
            ends.append(page.words(x, (low if self.valley else bottom) + 0.1, lines, self.size))
        if not self.valley:
            rows = ["output", "params", *(["layers"] if any(one.layers for one in self.maps) else [])]
            for i, text in enumerate(rows):
                y = bottom + 0.1 + (names + i + 0.5) * self.line
                page.shapes.append(Word(EDGE, y, text, self.size, muted=True, across="left"))
        return max(ends) + 0.14

    def write_heads(self, page: Drawing, top: float) -> None:
        """Write heads for training only above the column that they leave."""
        y = top - self.above + 0.06
        for number, text in self.heads.items():
            x = self.spans[number][0]
            for i, line in enumerate(text.split("\n")):
                page.shapes.append(Word(x, y + self.line * (i + 0.5), line, self.size, muted=True))
            page.shapes.append(Way(((x, self.lid(number)), (x, y + self.line * 2 + 0.04)), faint=True))
