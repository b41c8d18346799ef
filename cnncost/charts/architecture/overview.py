"""The columns of a network: feature maps to scale, the lines between them, and the texts below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from cnncost import numbers
from cnncost.charts.architecture.blocks import DrawnBlock, DrawnColumn, column_edges, longest_way
from cnncost.charts.architecture.layered import GraphLayout, lay_out, ranks
from cnncost.charts.architecture.maps import SLANT, LabelledMap, MapScale, labelled_map, scale_for
from cnncost.charts.architecture.shapes import EDGE, Drawing, Prism, Way, Word
from cnncost.charts.architecture.text import LINE
from cnncost.charts.architecture.units import SideHead
from cnncost.errors import CnncostError

GUTTER = 0.55
"""Inches on the left for the names of the rows of text."""
GAP = 0.13
"""Inches between the texts of neighbouring columns."""
WIDE, TIGHT, LOOSE = 1.15, 0.52, 2.0
"""Inches: the usual width of a column's text, the least, and the greatest where there is room."""
THICK = 0.62
"""Inches: the thickness of the map with most channels."""
TALLEST, LOWEST = 4.2, 0.75
"""Inches: the limits of the highest map's height."""


@dataclass(eq=False)
class Columns:
    """The columns with their texts at one size, and which share a line of the page.

    The first map is the input; `links` lead from map to map, and `main` are those of the main line.
    """

    maps: list[LabelledMap]
    links: list[tuple[int, int]]
    main: set[int]
    size: float
    most: float
    width: float

    @cached_property
    def gutter(self) -> float:
        """Inches for the names of the rows of text; none where columns are not side by side on one level."""
        return GUTTER * self.size / 7.5 if len(self.maps) - 1 == max(self.rank) and self.most > TIGHT else 0.0

    @property
    def gap(self) -> float:
        """Inches between the texts of neighbouring columns."""
        return GAP if self.most > TIGHT else GAP / 2

    @cached_property
    def rank(self) -> list[int]:
        """The place of each map from left to right."""
        return ranks(len(self.maps), self.links)

    @cached_property
    def widths(self) -> list[float]:
        """The width of each rank."""
        found = [0.0] * (max(self.rank) + 1)
        for rank, one in zip(self.rank, self.maps, strict=True):
            found[rank] = max(found[rank], one.text_width(self.size) + self.gap)
        return found

    @cached_property
    def lines(self) -> list[range]:
        """The ranks of each line: as few lines as possible, about equally full."""
        room, widths = self.width - 2 * EDGE - self.gutter, self.widths
        count = max(1, -(-int(sum(widths) * 1000) // int(room * 1000)))
        while True:
            parts: list[list[int]] = [[]]
            done = 0.0
            for rank, width in enumerate(widths):
                if parts[-1] and done + width / 2 > sum(widths) / count * len(parts):
                    parts.append([])
                parts[-1].append(rank)
                done += width
            if all(sum(widths[i] for i in part) <= room for part in parts) or count >= len(widths):
                return [range(part[0], part[-1] + 1) for part in parts]
            count += 1


def columns_on(
    columns: Sequence[DrawnColumn],
    entrance: LabelledMap,
    heads: Sequence[SideHead],
    width: float,
    sizes: Sequence[float],
) -> Columns:
    """The columns in as few lines as possible, at the largest size of text that needs no more lines."""
    links = [(a + 1, b + 1) for a, b in column_edges(columns)]
    texts = head_texts(columns, heads)
    way = set(longest_way(DrawnBlock("", tuple(unit for column in columns for unit in column.units))))
    main = {0, *(i + 1 for i, column in enumerate(columns) if way & {unit.number for unit in column.units})}
    most = min(max((width - 2 * EDGE) / (len(columns) + 1) - GAP, WIDE), LOOSE)
    tight = width < 7 or bool(level_edges(links))
    tried = []
    for widest in (most, *((TIGHT,) if tight else ())):
        for size in sizes:
            maps = [labelled_map(one, size, widest, texts.get(i, "")) for i, one in enumerate(columns)]
            tried.append(Columns([entrance, *maps], links, main, size, widest, width))
    return min(tried, key=lambda one: (len(one.lines), any(map_.cut for map_ in one.maps)))


def level_edges(edges: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """The edges that are drawn level, with the maps below them: those of a U-Net, one inside another."""
    skips = sorted(((a, b) for a, b in edges if b - a > 1), key=lambda edge: edge[1] - edge[0])
    nested = all(c < a and b < d for (a, b), (c, d) in pairwise(skips))
    return set(skips) if len(skips) > 1 and nested and skips[0][1] - skips[0][0] > 2 else set()


def head_texts(columns: Sequence[DrawnColumn], heads: Sequence[SideHead]) -> dict[int, str]:
    """The names and params of the side heads of each column, by the column's number."""
    home = {unit.number: i for i, column in enumerate(columns) for unit in column.units}
    found: dict[int, list[SideHead]] = {}
    for head in heads:
        found.setdefault(home.get(head.source, -1), []).append(head)
    return {
        number: f"{', '.join(head.name for head in some)}: training only\n"
        f"{numbers.human(int(sum(head.totals.params for head in some)))} params"
        for number, some in found.items()
    }


@dataclass(eq=False)
class ColumnLine:
    """One line of columns on a page, with maps up to a height; `high` for the text of all maps and heads."""

    columns: Columns
    ranks: range
    high: float

    @cached_property
    def numbers(self) -> list[int]:
        """The maps in it."""
        return [i for i, rank in enumerate(self.columns.rank) if rank in self.ranks]

    @cached_property
    def sources(self) -> list[int]:
        """The maps of earlier lines that lead into it, or past it."""
        rank = self.columns.rank
        return sorted({a for a, b in self.columns.links if rank[a] < self.ranks.start <= rank[b]})

    @cached_property
    def scale(self) -> MapScale:
        """Inches a pixel and a channel: the same in all lines, as long as every line can have it."""
        room = self.columns.width - 2 * EDGE - self.columns.gutter
        shapes = [one.shape for one in self.columns.maps]
        fullest = max(len(line) for line in self.columns.lines)
        part = self.high
        while True:
            scale = scale_for(shapes, part, min(THICK, 0.5 * room / fullest))
            needed = [
                sum(max(self.columns.widths[r], self.widest(r, scale)) for r in line)
                for line in self.columns.lines
            ]
            if max(needed) <= room + 0.001 or part < 0.2:
                return scale
            part *= 0.95

    def widest(self, rank: int, scale: MapScale) -> float:
        """The width of the widest map of a rank."""
        maps = zip(self.columns.rank, self.columns.maps, strict=True)
        return max(scale.room(one.shape) + 0.14 for found, one in maps if found == rank)

    @cached_property
    def flat(self) -> bool:
        """Whether all its maps are side by side, with texts in rows."""
        return len(self.numbers) == len(self.ranks) and not level_edges(self.columns.links)

    def rows(self, number: int) -> int:
        """How many lines of text are below a map: where texts are in rows, the same below each."""
        shown = [self.columns.maps[i] for i in (self.numbers if self.flat else [number])]
        parts = [[len(part) for part in (one.names, one.output, [one.params], one.layers)] for one in shown]
        return sum(max(lengths) for lengths in zip(*parts, strict=True))

    @cached_property
    def layout(self) -> GraphLayout:
        """Its maps, after an entry for each map of an earlier line that leads here, before such exits."""
        own, links, rank = set(self.numbers), self.columns.links, self.columns.rank
        leaving = sorted({a for a, b in links if rank[a] < self.ranks.stop <= rank[b]})
        entry = {number: i for i, number in enumerate(self.sources)}
        place = entry | {number: len(entry) + i for i, number in enumerate(self.numbers)}
        last = {number: len(place) + i for i, number in enumerate(leaving)}
        edges = [(place[a], place[b]) for a, b in links if b in own]
        edges += [(place[number], end) for number, end in last.items()]
        boxes = (
            [(0.0, 0.0, 0.0)] * len(entry)
            + [self.box(n) for n in self.numbers]
            + [(0.0, 0.0, 0.0)] * len(last)
        )
        main = {i for number, i in (*place.items(), *last.items()) if number in self.columns.main}
        room = self.columns.width - 2 * EDGE - self.columns.gutter
        return lay_out(boxes, sorted(edges), main, (0.0, 0.11), room, set(last.values()), level_edges(edges))

    def box(self, number: int) -> tuple[float, float, float]:
        """The width of a map with its texts, and how far it reaches up and down from its middle."""
        one, line = self.columns.maps[number], self.columns.size * LINE
        half = self.scale.outline(one.shape)[1] / 2
        head = 2 * line + 0.2 if one.head else 0.0
        count = line + 0.06 if one.count > 1 else 0.0
        rank = self.columns.rank[number]
        width = max(self.columns.widths[rank], self.widest(rank, self.scale))
        return width, half + count + head, half + 0.1 + self.rows(number) * line

    def draw(self, page: Drawing, y: float) -> float:
        """Put the line on a page from y on; return where it ends."""
        x, layout, first = EDGE + self.columns.gutter, self.layout, len(self.sources)
        edges: dict[int, tuple[float, float]] = {}
        for i, number in enumerate(self.numbers):
            across, down = layout.centres[first + i]
            edges[first + i] = self.draw_map(page, self.columns.maps[number], x + across, y + down)
        for (a, b), way in layout.ways.items():
            points = [(x + px, y + py) for px, py in way]
            if a in edges:
                points[0] = (edges[a][1] + 0.03, points[0][1])
            if b in edges:
                points[-1] = (edges[b][0] - 0.03, points[-1][1])
            elif b >= first + len(self.numbers):
                points[-1] = (self.columns.width - EDGE, points[-1][1])
            page.shapes.append(Way(tuple(points), curved=True, arrow=b in edges, skip=len(way) > 2))
        return self.write(page, x, y)

    def draw_map(self, page: Drawing, one: LabelledMap, x: float, y: float) -> tuple[float, float]:
        """Draw a feature map around (x, y) and what is above it; return its left and right edge."""
        size, (width, height) = self.scale.size(one.shape), self.scale.outline(one.shape)
        left, top = x - width / 2, y - height / 2
        page.shapes.append(Prism(left, top + height - size[1], *size, one.family))
        points = self.columns.size
        if one.count > 1:
            top -= points * LINE / 2 + 0.03
            page.shapes.append(Word(x, top, f"×{one.count}", points + 0.5, bold=True))
            top -= points * LINE / 2
        if one.head:
            page.shapes.append(Way(((x, top), (x, top - 0.2)), faint=True))
            for i, text in enumerate(reversed(one.head.split("\n"))):
                page.shapes.append(Word(x, top - 0.22 - (i + 0.5) * points * LINE, text, points, muted=True))
        return left, left + width - SLANT[0] * size[2] / 2

    def write(self, page: Drawing, x: float, y: float) -> float:
        """Write the texts below the maps, in rows if they are side by side; return where they end."""
        size, maps = self.columns.size, [self.columns.maps[number] for number in self.numbers]
        bottoms = [
            y + self.layout.centres[len(self.sources) + i][1] + self.scale.outline(one.shape)[1] / 2
            for i, one in enumerate(maps)
        ]
        names = max(len(one.names) for one in maps)
        outputs = max(len(one.output) for one in maps)
        ends = [y + self.layout.height]
        for i, (one, bottom) in enumerate(zip(maps, bottoms, strict=True)):
            across = x + self.layout.centres[len(self.sources) + i][0]
            low, lines = bottom, one.lines
            if self.flat:
                low, blank = max(bottoms), ("", False, False)
                lines = [blank] * (names - len(one.names)) + lines
                spot = names + len(one.output)
                lines[spot:spot] = [blank] * (outputs - len(one.output))
            ends.append(page.words(across, low + 0.1, lines, size))
        if self.columns.gutter:
            for row, text in (
                (names, "output"),
                (names + outputs, "params"),
                (names + outputs + 1, "layers"),
            ):
                if text != "layers" or any(one.layers for one in maps):
                    at = max(bottoms) + 0.1 + (row + 0.5) * size * LINE
                    page.shapes.append(Word(EDGE, at, text, size, muted=True, across="left"))
        return max(ends) + 0.14


def least_height(columns: Columns) -> float:
    """Inches that the columns need, with low maps."""
    texts = max(len(one.lines) for one in columns.maps) * columns.size * LINE
    return len(columns.lines) * (LOWEST + 0.4 + texts)


def draw_columns(page: Drawing, columns: Columns, y: float, height: float) -> float:
    """Draw all lines of columns from y on, into about this height; return where they end."""
    if any(width > page.width - 2 * EDGE for width in columns.widths):
        raise CnncostError("chart diagram: too narrow for the texts of a column; give more --width")
    count = len(columns.lines)
    target = max(height / count, LOWEST)
    high = min(target, TALLEST)
    while True:
        lines = [ColumnLine(columns, ranks, high) for ranks in columns.lines]
        over = max(line.layout.height for line in lines) - target
        if over <= 0.02 or high <= LOWEST:
            break
        high = max(high - (over if all(line.flat for line in lines) else 0.6 * over + 0.01), LOWEST)
    for line in lines:
        y = line.draw(page, y)
    return y
