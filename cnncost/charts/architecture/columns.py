"""Blocks to columns: what stands side by side on the page, folded until it fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from cnncost.charts.architecture import words
from cnncost.charts.architecture.blocks import Block, commonest, contains, equal, main_path, similar
from cnncost.charts.architecture.units import Unit
from cnncost.count.profile import Totals
from cnncost.dims import Shape

MOST, LINES = 15, 3
"""Columns beside the input in one line, and lines of columns on a page."""


@dataclass(frozen=True, eq=False)
class Column:
    """One box of the drawing: a block, several alike, or neighbours that had to share one.

    `beside` are blocks that only pass on what they get (a flatten, a dropout) and are named with it.
    """

    blocks: tuple[Block, ...]
    alike: bool = True
    beside: tuple[Block, ...] = ()

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Its units."""
        found = [unit for block in (*self.beside, *self.blocks) for unit in block.units]
        return tuple(sorted(found, key=lambda unit: unit.number))

    @property
    def whole(self) -> Block:
        """All of it as one block."""
        return Block(self.blocks[0].name, self.units)

    @property
    def shape(self) -> Shape:
        """What leaves it, channels first."""
        return self.units[-1].shape

    @property
    def totals(self) -> Totals:
        """What it costs."""
        return sum((unit.totals for unit in self.units), Totals())

    @property
    def family(self) -> str:
        """The family that colours it."""
        return self.whole.family

    @property
    def repeated(self) -> tuple[Block, ...]:
        """The blocks of which it is made, alike; one where nothing repeats."""
        if len(self.blocks) == 1:
            return self.blocks[0].run
        return self.blocks if self.alike else self.blocks[:1]

    @property
    def count(self) -> int:
        """How many blocks alike it stands for."""
        return len(self.repeated)

    @property
    def opened(self) -> Block:
        """The block that shows what the others are like."""
        return commonest(self.repeated)


def columns_of(blocks: Sequence[Block], most: int = MOST) -> list[Column]:
    """The columns of some blocks, folded step by step while they are more than `most`."""
    columns = gather([Column((block,)) for block in blocks], lambda a, b: larger(a, b) and equal(a, b))
    steps = (
        lambda found: gather(found, lambda a, b: larger(a, b) and similar(a, b)),
        lambda found: gather(found, lambda a, b: a.family == "conv" and equal(a, b)),
        lambda found: gather(found, equal),
        passing_joined,
        lambda found: gather(found, widening),
    )
    for step in steps:
        if len(columns) > most:
            columns = step(columns)
    return columns if len(columns) <= most * LINES else crowded(columns, most * LINES)


def larger(one: Block, other: Block) -> bool:
    """Whether both are more than a layer."""
    return len(one.units) > 1 and len(other.units) > 1


def widening(one: Block, other: Block) -> bool:
    """Whether two blocks have a core in common and differ in one more step: maps of one size, one family."""
    if one.units[-1].shape[1:] != other.units[-1].shape[1:] or not larger(one, other):
        return False
    short, long = sorted((one.kinds, other.kinds), key=len)
    return one.family == other.family and bool(short) and contains(long, short)


def gather(columns: Sequence[Column], alike: Callable[[Block, Block], bool]) -> list[Column]:
    """Neighbouring columns whose blocks are alike as one."""
    found: list[Column] = []
    for column in columns:
        last = found[-1] if found else None
        if last and not last.beside and not column.beside and follows(last, column, alike):
            found[-1] = Column((*last.blocks, *column.blocks))
        else:
            found.append(column)
    return found


def follows(last: Column, column: Column, alike: Callable[[Block, Block], bool]) -> bool:
    """Whether a column's first block goes on with the last column."""
    one, other = last.blocks[-1], column.blocks[0]
    return bool(set(other.entries) & set(one.inside)) and alike(one, other)


def passing_joined(columns: Sequence[Column]) -> list[Column]:
    """Columns that only pass on join the next one, the last of them the one before."""
    found: list[Column] = []
    waiting: tuple[Block, ...] = ()
    for column in columns:
        if column.whole.passing:
            waiting += column.blocks
        else:
            found.append(Column(column.blocks, column.alike, (*waiting, *column.beside)))
            waiting = ()
    if waiting and found:
        last = found.pop()
        found.append(Column(last.blocks, last.alike, (*last.beside, *waiting)))
    return found or list(columns)


def crowded(columns: Sequence[Column], most: int) -> list[Column]:
    """Neighbours share a column until there are at most so many."""
    size = -(-len(columns) // most)
    parts = [columns[i : i + size] for i in range(0, len(columns), size)]
    return [part[0] if len(part) == 1 else together(part) for part in parts]


def together(columns: Sequence[Column]) -> Column:
    """Columns that share one, whatever they are."""
    return Column(tuple(b for c in columns for b in (*c.beside, *c.blocks)), alike=False)


def edges(columns: Sequence[Column]) -> list[tuple[int, int]]:
    """Which column feeds which; -1 is what comes from before the first."""
    home = {unit.number: i for i, column in enumerate(columns) for unit in column.units}
    found = {
        (home.get(source, -1), i)
        for i, column in enumerate(columns)
        for unit in column.units
        for source in unit.sources
        if home.get(source, -1) != i
    }
    return sorted(found)


def name_of(column: Column) -> str:
    """`conv3_x`; `inception4a–4e` of several."""
    first, last = column.blocks[0].name, column.blocks[-1].name
    if len(column.blocks) == 1:
        return first
    same = 0
    while same < min(len(first), len(last)) and first[same] == last[same]:
        same += 1
    while same and (first[same - 1].isdigit() or first[same - 1] == "_"):
        same -= 1
    rest = last[same:].lstrip("_.")
    whole = not rest[:1].isdigit() and first[same - 1 : same] != "."
    return f"{first}–{last if whole else rest}"


def recipe(column: Column, most: int = 4) -> list[str]:
    """What its block does, a line a layer: `1×1, 64`, `3×3, 64`; none where several branches work."""
    block = column.opened if column.alike else column.whole
    path = main_path(block)
    flat = block.units[-1].pooled
    working = [unit for unit in block.units if unit.works and (flat or not unit.pooled)]
    if sum(unit not in path for unit in working) > 1 or not working:
        return []
    says = squeezed([words.brief(unit.layer) for unit in path if unit in working])
    return says if len(says) <= most else [*says[: most - 1], f"… {len(says) - most + 1} more"]


def squeezed(lines: Sequence[str]) -> list[str]:
    """Equal neighbours once, with their number: `3×3, 64 ×2`."""
    found: list[tuple[str, int]] = []
    for line in lines:
        if found and found[-1][0] == line:
            found[-1] = (line, found[-1][1] + 1)
        else:
            found.append((line, 1))
    return [f"{line} ×{count}" if count > 1 else line for line, count in found]
