"""Lines of columns: feature maps side by side, what feeds what, and the texts below."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from cnncost.charts.architecture.cells import LINE
from cnncost.charts.architecture.shapes import EDGE, Page, Prism, Way, Word
from cnncost.charts.architecture.stands import SLANT, Scale, Stand, outline, scale_for

GUTTER = 0.55
"""Inches on the left in which the rows of text have their names."""
ARC = 0.15
"""Inches from one line that passes columns by to the next."""
BEHIND = 0.45
"""How much of a map's depth may lie behind the next map, where it is narrow."""
THICK = 0.62
"""Inches: the thickness of the map with most channels."""


@dataclass(eq=False)
class Band:
    """One line of columns. Columns are numbered over all lines; -1 is the entrance.

    `links` lead from column to column; what starts or ends in another line is cut at this one's edge.
    Of each map that is drawn, in inches, `spans` are the middle across, top and bottom, and `edges` left
    and right.
    """

    numbers: list[int]
    stands: list[Stand]
    links: list[tuple[int, int]]
    heads: list[tuple[int, str]]
    size: float
    widths: list[float]
    shapes: list[tuple[int, ...]]
    width: float
    last: bool = True
    spans: dict[int, tuple[float, float, float]] = field(default_factory=dict)
    edges: dict[int, tuple[float, float]] = field(default_factory=dict)

    @property
    def skips(self) -> list[tuple[int, int]]:
        """Links that pass columns by and start, end or both in this line, short ones first."""
        own = set(self.numbers)
        found = [(a, b) for a, b in self.links if b - a > 1 and (a in own or b in own)]
        return sorted(found, key=lambda link: (link[1] - link[0], link))

    @property
    def valley(self) -> bool:
        """Whether the links nest as those of a U-Net do."""
        skips = self.skips
        nested = all(c < a and b < d for (a, b), (c, d) in pairwise(skips))
        return self.last and len(skips) >= 2 and nested and skips[0][1] - skips[0][0] > 2

    def depth_of(self, number: int) -> int:
        """How many links of a valley pass over a column."""
        return sum(a < number < b for a, b in self.skips) if self.valley else 0

    @property
    def fixed(self) -> float:
        """Inches of height that its maps cannot have: lines above, texts below."""
        return self.above + self.below

    @property
    def above(self) -> float:
        """Inches above the maps."""
        counts = self.size * LINE + 0.06 if any(s.count > 1 for s in self.stands) else 0.0
        heads = 2 * self.size * LINE + 0.2 if self.heads else 0.0
        arcs = 0.0 if self.valley else ARC * len(set(self.tracks().values())) + (0.1 if self.skips else 0.0)
        return counts + max(heads, arcs) + 0.06

    @property
    def below(self) -> float:
        """Inches below the maps."""
        if self.valley:
            return max(len(s.texts()) for s in self.stands if s.count) * self.size * LINE + 0.3
        most = max(len(s.names) for s in self.stands) + 2 + max(len(s.recipe) for s in self.stands)
        return most * self.size * LINE + 0.3

    def tracks(self) -> dict[tuple[int, int], int]:
        """Which line above the maps each passing link takes: no two overlap on one."""
        taken: list[list[tuple[int, int]]] = []
        found: dict[tuple[int, int], int] = {}
        for a, b in self.skips:
            row = next((i for i, t in enumerate(taken) if all(b <= c or d <= a for c, d in t)), len(taken))
            low = max((found[(c, d)] + 1 for c, d in found if a <= c and d <= b), default=0)
            row = max(row, low)
            while row >= len(taken):
                taken.append([])
            taken[row].append((a, b))
            found[a, b] = row
        return found

    def draw(self, page: Page, y: float, high: float) -> float:
        """Put the line on a page from y on, its maps up to `high`; where it ends."""
        top = y + self.above
        scale, middles, slots, high = self.sized(top, high)
        x = self.left
        for number, one, width in zip(self.numbers, self.stands, slots, strict=True):
            self.map(page, number, one, x + width / 2, middles[number], scale)
            x += width
        self.connect(page, top)
        bottom = max(self.spans[n][2] for n in self.numbers) if self.valley else top + high
        end = self.write(page, bottom)
        self.side_heads(page, top)
        return end

    @property
    def left(self) -> float:
        """Where the first column begins."""
        return EDGE + (0.0 if self.valley else GUTTER)

    def sized(self, top: float, high: float) -> tuple[Scale, dict[int, float], list[float], float]:
        """The largest scale that fits, the maps' middles, the columns' widths and the maps' height."""
        room = self.width - EDGE - self.left
        thickness = min(THICK, 0.5 * room / len(self.numbers))
        part = high
        while True:
            scale = scale_for(self.shapes, part, thickness)
            middles = self.middles(scale, top, part)
            sizes = [outline(scale.size(one.shape)) for one in self.stands]
            fronts = [
                s[0] - BEHIND * SLANT[0] * scale.size(one.shape)[2]
                for s, one in zip(sizes, self.stands, strict=True)
            ]
            widths = [max(w, f + 0.14) for w, f in zip(self.widths, fronts, strict=True)]
            deep = max(middles[n] + s[1] / 2 for n, s in zip(self.numbers, sizes, strict=True)) - top
            if (sum(widths) <= room and deep <= high + 0.001) or part < 0.3:
                spare = max(room - sum(widths), 0.0) / len(widths)
                return scale, middles, [width + spare for width in widths], part
            part *= 0.97

    def middles(self, scale: Scale, top: float, high: float) -> dict[int, float]:
        """The height at which each map's middle stands: one for all, or deeper and deeper in a valley."""
        if not self.valley:
            return dict.fromkeys(self.numbers, top + high / 2)
        tall: dict[int, float] = {}
        for number, one in zip(self.numbers, self.stands, strict=True):
            level = self.depth_of(number)
            tall[level] = max(tall.get(level, 0.0), outline(scale.size(one.shape))[1])
        at = {0: top + tall[0] / 2}
        for level in sorted(tall)[1:]:
            at[level] = at[level - 1] + tall[level] / 2 + 0.32
        return {number: at[self.depth_of(number)] for number in self.numbers}

    def map(self, page: Page, number: int, one: Stand, x: float, y: float, scale: Scale) -> None:
        """One feature map around (x, y), and how many blocks it stands for above it."""
        size = scale.size(one.shape)
        width, height = outline(size)
        left, top = x - width / 2, y - height / 2
        page.shapes.append(Prism(left, top + height - size[1], *size, one.family))
        self.spans[number] = (x, top, top + height)
        self.edges[number] = (left, left + width - SLANT[0] * size[2] / 2)
        if one.count > 1:
            place = top - self.size * LINE / 2 - 0.03
            page.shapes.append(Word(x, place, f"×{one.count}", self.size + 0.5, bold=True))

    def middle(self, number: int) -> float:
        """The height of a map's middle."""
        return (self.spans[number][1] + self.spans[number][2]) / 2

    def connect(self, page: Page, top: float) -> None:
        """Arrows from each column to the next, and lines past columns above them."""
        own = set(self.numbers)
        for a, b in self.links:
            if (a in own or b in own) and b - a == 1:
                ends = self.leaving(a), self.reaching(b)
                page.shapes.append(Way(ends, curved=ends[0][1] != ends[1][1], arrow=b in own))
        for (a, b), track in self.tracks().items():
            points = (self.leaving(a), self.reaching(b)) if self.valley else self.arc(a, b, top, track)
            page.shapes.append(Way(points, arrow=b in own, skip=True))

    def leaving(self, number: int) -> tuple[float, float]:
        """Where a line leaves a column of this line on its right, or this line's left end."""
        if number in self.edges:
            return self.edges[number][1] + 0.03, self.middle(number)
        return self.left - 0.05, self.middle(self.numbers[0])

    def reaching(self, number: int) -> tuple[float, float]:
        """Where a line reaches a column of this line on its left, or this line's right end."""
        if number in self.edges:
            return self.edges[number][0] - 0.03, self.middle(number)
        return self.width - EDGE, self.middle(self.numbers[-1])

    def arc(self, a: int, b: int, top: float, track: int) -> tuple[tuple[float, float], ...]:
        """Up from one map, along above those between, and down to another."""
        counted = self.size * LINE + 0.06 if any(s.count > 1 for s in self.stands) else 0.0
        level = top - counted - 0.1 - ARC * track
        points: list[tuple[float, float]] = []
        if a in self.spans:
            start = (
                self.spans[a][0] + 0.08 + 0.07 * [link for link in self.skips if link[0] == a].index((a, b))
            )
            points = [(start, self.lid(a)), (start, level)]
        else:
            points = [(self.left - 0.05, level)]
        if b in self.spans:
            ins = [link for link in self.skips if link[1] == b]
            end = self.spans[b][0] - 0.08 - 0.07 * ins.index((a, b))
            return (*points, (end, level), (end, self.lid(b)))
        return (*points, (self.width - EDGE, level))

    def lid(self, number: int) -> float:
        """Just above a map and its count."""
        one = self.stands[self.numbers.index(number)]
        return self.spans[number][1] - (self.size * LINE + 0.08 if one.count > 1 else 0.03)

    def write(self, page: Page, bottom: float) -> float:
        """The texts below the maps: in rows, or in a valley below each map; where they end."""
        names = max(len(s.names) for s in self.stands)
        ends = []
        for number, one in zip(self.numbers, self.stands, strict=True):
            x, _, low = self.spans[number]
            lines = [(name, True, False) for name in one.names]
            if not self.valley:
                lines = [("", False, False)] * (names - len(one.names)) + lines
            lines += [(text, False, False) for text in one.numbers] + [(t, False, True) for t in one.recipe]
            ends.append(page.words(x, (low if self.valley else bottom) + 0.1, lines, self.size))
        if not self.valley:
            self.row_names(page, bottom + 0.1 + names * self.size * LINE)
        return max(ends) + 0.14

    def row_names(self, page: Page, y: float) -> None:
        """What the rows of numbers are."""
        recipes = ["layers"] if any(one.recipe for one in self.stands) else []
        for i, text in enumerate(["output", "params", *recipes]):
            place = y + (i + 0.5) * self.size * LINE
            page.shapes.append(Word(EDGE, place, text, self.size, muted=True, across="left"))

    def side_heads(self, page: Page, top: float) -> None:
        """Heads for training only, above the column that they leave."""
        for number, text in self.heads:
            x, lid = self.spans[number][0], self.lid(number)
            y = top - self.above + 0.06
            first, _, second = text.partition("\n")
            page.shapes.append(Word(x, y + self.size * LINE / 2, first, self.size, muted=True))
            page.shapes.append(Word(x, y + self.size * LINE * 1.5, second, self.size, muted=True))
            page.shapes.append(Way(((x, lid), (x, y + self.size * LINE * 2 + 0.04)), faint=True))
