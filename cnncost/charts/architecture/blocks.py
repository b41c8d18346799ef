"""Blocks: units below one name, which of them are alike, and how they fold into the columns of a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise

from cnncost.charts.architecture.layer_words import inventory
from cnncost.charts.architecture.units import LayerUnit
from cnncost.count.profile import LayerCost, Totals
from cnncost.dims import Shape

CORES = ("attention", "conv", "linear", "pool", "norm", "merge", "other")
"""Families, the most important first."""
MOST, LINES = 15, 3
"""Columns next to the input in one line, and lines of columns on a page."""
PERIODS = (1, 2, 3, 4)
"""After how many blocks a run may begin anew: attention, experts, attention, experts has a period of 2."""


@dataclass(frozen=True, eq=False)
class DrawnBlock:
    """Neighbouring units below one name: a stage, a block or a single layer."""

    name: str
    units: tuple[LayerUnit, ...]

    @cached_property
    def inside(self) -> dict[int, int]:
        """The place of each unit in the block, by its number."""
        return {unit.number: i for i, unit in enumerate(self.units)}

    @cached_property
    def entries(self) -> tuple[int, ...]:
        """The numbers of the outside units that feed it, in the order of use."""
        found = [s for unit in self.units for s in unit.sources if s not in self.inside]
        return tuple(dict.fromkeys(found))

    def form(self, of: Callable[[LayerUnit], Hashable]) -> Hashable:
        """What its units are, and the edges between them."""
        entry = {number: -1 - i for i, number in enumerate(self.entries)}
        return tuple((of(u), tuple(self.inside.get(s, entry.get(s)) for s in u.sources)) for u in self.units)

    @cached_property
    def signature(self) -> Hashable:
        """Its layers and the edges between them, the same for equal blocks."""
        return self.form(lambda unit: unit.layers)

    @cached_property
    def design(self) -> Hashable:
        """The kind of block, regardless of its widths: layers, strides and edges."""
        return self.form(lambda unit: (unit.kind, getattr(unit.layer, "stride", None)))

    @cached_property
    def kinds(self) -> tuple[Hashable, ...]:
        """The kinds of its layers, without norms and other small layers."""
        return tuple(unit.kind for unit in self.units if unit.family not in ("norm", "other"))

    @cached_property
    def branches(self) -> bool:
        """Whether a unit in it has more than one source."""
        return any(len(unit.sources) > 1 for unit in self.units)

    @property
    def passing(self) -> bool:
        """Whether nothing in it computes or has weights: a flatten, a dropout."""
        return all(unit.family == "other" and not unit.totals.params for unit in self.units)

    @cached_property
    def family(self) -> str:
        """The most important family of its layers."""
        return min((unit.family for unit in self.units), key=CORES.index)

    @cached_property
    def children(self) -> tuple[DrawnBlock, ...]:
        """The blocks at the next name part that divides it; none for a single layer."""
        depth = self.name.count(".") + 1 if self.name else 0
        longest = max(len(unit.parts) for unit in self.units)
        found = (blocks_at(self.units, parts) for parts in range(depth + 1, longest + 1))
        return next((tuple(below) for below in found if len(below) > 1), ())

    def feeds(self, other: DrawnBlock) -> bool:
        """Whether the other block uses a unit of this one."""
        return bool(set(other.entries) & set(self.inside))


def blocks_at(units: Sequence[LayerUnit], parts: int) -> list[DrawnBlock]:
    """Neighbouring units with the same first name parts."""
    groups = groupby(units, key=lambda unit: ".".join(unit.parts[:parts]))
    return [DrawnBlock(name, tuple(found)) for name, found in groups]


Alike = Callable[[DrawnBlock, DrawnBlock], bool]


def equal(one: DrawnBlock, other: DrawnBlock) -> bool:
    """Whether two blocks have the same layers, the same edges and the same output."""
    return one.units[-1].shape == other.units[-1].shape and one.signature == other.signature


def similar(one: DrawnBlock, other: DrawnBlock) -> bool:
    """Whether two blocks are of one kind: maps of one size, and the same layers, of any width and stride.

    One may have a few more layers, such as a projection. Single layers are similar if they are equal.
    """
    if len(one.units) == 1 or len(other.units) == 1:
        return equal(one, other)
    short, long = sorted((one.kinds, other.kinds), key=len)
    rest = iter(long)
    within = bool(short) and 2 * len(short) > len(long) and all(item in rest for item in short)
    return within and one.family == other.family and one.units[-1].shape[1:] == other.units[-1].shape[1:]


def large_and(alike: Alike) -> Alike:
    """The same for blocks of more than one layer."""
    return lambda one, other: len(one.units) > 1 and len(other.units) > 1 and alike(one, other)


def runs(blocks: Sequence[DrawnBlock], alike: Alike) -> Iterator[Sequence[DrawnBlock]]:
    """The blocks in runs, each block alike the one a period before it and fed by the one before it."""
    start = 0
    while start < len(blocks):
        found = 1
        for period in PERIODS if any(len(block.units) > 1 for block in blocks) else (1,):
            end = start + 1
            while end < len(blocks) and blocks[end - 1].feeds(blocks[end]):
                if end - period >= start and not alike(blocks[end - period], blocks[end]):
                    break
                end += 1
            whole = (end - start) // period * period
            if whole >= 2 * period and whole > found:
                found = whole
        yield blocks[start : start + found]
        start += found


@dataclass(frozen=True, eq=False)
class DrawnColumn:
    """One map of the drawing: a block, a run of blocks, or neighbours that had to share one.

    `beside` are blocks that only pass on their input (a flatten, a dropout) and are named with it.
    """

    blocks: tuple[DrawnBlock, ...]
    run: bool = True
    beside: tuple[DrawnBlock, ...] = ()

    @cached_property
    def units(self) -> tuple[LayerUnit, ...]:
        """Its units, in the order of computation."""
        found = [unit for block in (*self.beside, *self.blocks) for unit in block.units]
        return tuple(sorted(found, key=lambda unit: unit.number))

    @cached_property
    def whole(self) -> DrawnBlock:
        """All of it as one block."""
        return DrawnBlock(self.blocks[0].name, self.units)

    @property
    def costs(self) -> list[LayerCost]:
        """Its layers."""
        return [cost for unit in self.units for cost in unit.costs]

    @cached_property
    def layers(self) -> list[str]:
        """Its layers with weights or work, each kind once with its count."""
        return inventory(self.costs)

    @property
    def shape(self) -> Shape:
        """The shape of its output, channels first."""
        return self.units[-1].shape

    @cached_property
    def totals(self) -> Totals:
        """What it costs."""
        return sum((unit.totals for unit in self.units), Totals())

    @cached_property
    def repeated(self) -> Sequence[DrawnBlock]:
        """The blocks of its run; of a single block, its own longest run of blocks, else itself."""
        if len(self.blocks) > 1:
            return self.blocks if self.run else self.blocks[:1]
        inner = [run for run in runs(self.blocks[0].children, similar) if len(run[0].units) > 1]
        longest = max(inner, key=len, default=())
        return longest if len(longest) > 1 else self.blocks

    @cached_property
    def name(self) -> str:
        """`conv3_x`; `inception4a–4e` for several blocks."""
        first, last = self.blocks[0].name, self.blocks[-1].name
        if len(self.blocks) == 1:
            return first
        pairs = enumerate(zip(first, last, strict=False))
        same = next((i for i, (a, b) in pairs if a != b), min(len(first), len(last)))
        while same and (first[same - 1].isdigit() or first[same - 1] == "_"):
            same -= 1
        rest = last[same:].lstrip("_.")
        whole = not rest[:1].isdigit() and first[same - 1 : same] != "."
        return f"{first}–{last if whole else rest}"


def columns_of(blocks: Sequence[DrawnBlock], most: int = MOST) -> list[DrawnColumn]:
    """The columns of some blocks, folded step by step while they are more than `most`."""
    columns = folded([DrawnColumn((block,)) for block in blocks], large_and(equal))
    steps: tuple[Callable[[list[DrawnColumn]], list[DrawnColumn]], ...] = (
        lambda found: folded(found, large_and(similar)),
        lambda found: folded(found, lambda a, b: a.family == "conv" and equal(a, b)),
        lambda found: folded(found, equal),
        passing_joined,
    )
    for step in steps:
        if len(columns) > most:
            columns = step(columns)
    size = -(-len(columns) // (most * LINES))
    return columns if size <= 1 else shared(columns, size)


def folded(columns: Sequence[DrawnColumn], alike: Alike) -> list[DrawnColumn]:
    """The columns, runs of those with a single block as one."""
    found: list[DrawnColumn] = []
    for single, group in groupby(columns, key=lambda column: len(column.blocks) == 1):
        if single:
            blocks = [column.blocks[0] for column in group]
            found += [DrawnColumn(tuple(run)) for run in runs(blocks, alike)]
        else:
            found += group
    return found


def passing_joined(columns: Sequence[DrawnColumn]) -> list[DrawnColumn]:
    """The columns; those that only pass on join the next one, the last of them the one before."""
    found: list[DrawnColumn] = []
    waiting: tuple[DrawnBlock, ...] = ()
    for column in columns:
        if column.whole.passing:
            waiting += column.blocks
        else:
            found.append(DrawnColumn(column.blocks, beside=waiting))
            waiting = ()
    if waiting and found:
        last = found.pop()
        found.append(DrawnColumn(last.blocks, beside=(*last.beside, *waiting)))
    return found or list(columns)


def shared(columns: Sequence[DrawnColumn], size: int) -> list[DrawnColumn]:
    """The columns, each `size` neighbours as one."""
    parts = [columns[i : i + size] for i in range(0, len(columns), size)]
    return [
        part[0]
        if len(part) == 1
        else DrawnColumn(tuple(b for c in part for b in (*c.beside, *c.blocks)), run=False)
        for part in parts
    ]


def column_edges(columns: Sequence[DrawnColumn]) -> list[tuple[int, int]]:
    """Which column feeds which; -1 is the input of the first."""
    home = {unit.number: i for i, column in enumerate(columns) for unit in column.units}
    found = {
        (home.get(source, -1), i)
        for i, column in enumerate(columns)
        for unit in column.units
        for source in unit.sources
    }
    return sorted((a, b) for a, b in found if a != b)


def commonest(blocks: Sequence[DrawnBlock]) -> DrawnBlock:
    """The first of the most frequent blocks."""
    counts = Counter(block.signature for block in blocks)
    return max(blocks, key=lambda block: counts[block.signature])


def in_a_row(blocks: Sequence[DrawnBlock]) -> bool:
    """Whether each block feeds the next."""
    return all(one.feeds(other) for one, other in pairwise(blocks))


def longest_way(block: DrawnBlock) -> list[int]:
    """The numbers of the units on the longest way through a block; of equal ones, with more that work."""
    best: dict[int, tuple[tuple[int, int], int | None]] = {}
    for unit in block.units:
        before = [s for s in unit.sources if s in block.inside]
        maps = [s for s in before if not block.units[block.inside[s]].pooled]  # not the gate of a multiply
        source = max(maps or before, key=lambda s: best[s][0], default=None)
        steps, works = best[source][0] if source is not None else (0, 0)
        best[unit.number] = ((steps + 1, works + unit.works), source)
    way: list[int] = []
    at: int | None = block.units[-1].number
    while at is not None:
        way.insert(0, at)
        at = best[at][1]
    return way
