"""Columns: blocks side by side on the page, folded until they fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from cnncost.charts.architecture.blocks import (
    DrawnBlock,
    commonest,
    contains,
    equal,
    longest_way,
    same_map,
    similar,
)
from cnncost.charts.architecture.layer_words import layer_words
from cnncost.charts.architecture.units import LayerUnit
from cnncost.count.profile import Totals
from cnncost.dims import Shape

MOST, LINES = 15, 3
"""Columns next to the input in one line, and lines of columns on a page."""
LAYERS = 4
"""The most lines about the layers of a column."""


@dataclass(frozen=True, eq=False)
class DrawnColumn:
    """One box of the drawing: a block, several equal ones, or neighbours that had to share one.

    `beside` are blocks that only pass on their input (a flatten, a dropout) and are named with it.
    """

    blocks: tuple[DrawnBlock, ...]
    equal: bool = True
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
    def shape(self) -> Shape:
        """The shape of its output, channels first."""
        return self.units[-1].shape

    @cached_property
    def totals(self) -> Totals:
        """What it costs."""
        return sum((unit.totals for unit in self.units), Totals())

    @cached_property
    def repeated(self) -> tuple[DrawnBlock, ...]:
        """The equal blocks that it is made of; one if nothing repeats."""
        if len(self.blocks) == 1:
            return self.blocks[0].run
        return self.blocks if self.equal else self.blocks[:1]

    @cached_property
    def opened(self) -> DrawnBlock:
        """The block that represents the others."""
        return commonest(self.repeated)

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

    @cached_property
    def layers(self) -> list[str]:
        """The layers of its block, one per line: `1×1, 64`, `3×3, 64 ×2`; none if several branches work."""
        block = self.opened if self.equal else self.whole
        path = longest_way(block)
        flat = block.units[-1].pooled
        working = [unit for unit in block.units if unit.works and (flat or not unit.pooled)]
        if sum(unit not in path for unit in working) > 1 or not working:
            return []
        lines = []
        for line, group in groupby(layer_words(unit.layer, brief=True) for unit in path if unit in working):
            count = len(list(group))
            lines.append(f"{line} ×{count}" if count > 1 else line)
        return lines if len(lines) <= LAYERS else [*lines[: LAYERS - 1], f"… {len(lines) - LAYERS + 1} more"]


def columns_of(blocks: Sequence[DrawnBlock], most: int = MOST) -> list[DrawnColumn]:
    """The columns of some blocks, folded step by step while they are more than `most`."""
    both = [DrawnColumn((block,)) for block in blocks]
    columns = gathered(both, lambda a, b: both_larger(a, b) and equal(a, b))
    steps = (
        lambda found: gathered(found, lambda a, b: both_larger(a, b) and similar(a, b)),
        lambda found: gathered(found, lambda a, b: a.family == "conv" and equal(a, b)),
        lambda found: gathered(found, equal),
        passing_joined,
        lambda found: gathered(found, lambda a, b: both_larger(a, b) and same_map(a, b) and contains(a, b)),
    )
    for step in steps:
        if len(columns) > most:
            columns = step(columns)
    size = -(-len(columns) // (most * LINES))
    return columns if size <= 1 else shared(columns, size)


def both_larger(one: DrawnBlock, other: DrawnBlock) -> bool:
    """Whether both are more than a layer."""
    return len(one.units) > 1 and len(other.units) > 1


def gathered(
    columns: Sequence[DrawnColumn], match: Callable[[DrawnBlock, DrawnBlock], bool]
) -> list[DrawnColumn]:
    """The columns, neighbours as one if the first feeds the second and their blocks match."""
    found: list[DrawnColumn] = []
    for column in columns:
        last = found[-1] if found and not found[-1].beside and not column.beside else None
        if last and last.blocks[-1].feeds(column.blocks[0]) and match(last.blocks[-1], column.blocks[0]):
            found[-1] = DrawnColumn((*last.blocks, *column.blocks))
        else:
            found.append(column)
    return found


def passing_joined(columns: Sequence[DrawnColumn]) -> list[DrawnColumn]:
    """The columns; those that only pass on join the next one, the last of them the one before."""
    found: list[DrawnColumn] = []
    waiting: tuple[DrawnBlock, ...] = ()
    for column in columns:
        if column.whole.passing:
            waiting += column.blocks
        else:
            found.append(DrawnColumn(column.blocks, column.equal, (*waiting, *column.beside)))
            waiting = ()
    if waiting and found:
        last = found.pop()
        found.append(DrawnColumn(last.blocks, last.equal, (*last.beside, *waiting)))
    return found or list(columns)


def shared(columns: Sequence[DrawnColumn], size: int) -> list[DrawnColumn]:
    """The columns, each `size` neighbours as one."""
    parts = [columns[i : i + size] for i in range(0, len(columns), size)]
    return [
        part[0]
        if len(part) == 1
        else DrawnColumn(tuple(b for c in part for b in (*c.beside, *c.blocks)), equal=False)
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
