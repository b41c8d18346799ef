"""Blocks: units below one name, which blocks are equal, and which repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise

from cnncost.charts.architecture.units import LayerUnit

CORES = ("attention", "conv", "linear", "pool", "norm", "merge", "other")
"""Families, the most important first."""


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

    @cached_property
    def signature(self) -> Hashable:
        """Its layers and the edges between them, the same for equal blocks."""
        entry = {number: -1 - i for i, number in enumerate(self.entries)}
        return tuple(
            (unit.layers, tuple(self.inside.get(s, entry.get(s)) for s in unit.sources))
            for unit in self.units
        )

    @cached_property
    def design(self) -> Hashable:
        """The kind of block, regardless of its widths and strides."""
        return tuple((u.kind, tuple(self.inside.get(s, -1) for s in u.sources)) for u in self.units)

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

    @cached_property
    def run(self) -> tuple[DrawnBlock, ...]:
        """The longest run of similar children, or the block itself if none repeats."""
        runs: list[list[DrawnBlock]] = []
        for child in self.children:
            if runs and continues(runs[-1][-1], child):
                runs[-1].append(child)
            else:
                runs.append([child])
        found = [run for run in runs if len(run) > 1 and len(run[0].units) > 1]
        longest: list[DrawnBlock] = max(found, key=len, default=[self])
        return tuple(longest)

    def feeds(self, other: DrawnBlock) -> bool:
        """Whether the other block uses a unit of this one."""
        return bool(set(other.entries) & set(self.inside))


def blocks_at(units: Sequence[LayerUnit], parts: int) -> list[DrawnBlock]:
    """Neighbouring units with the same first name parts."""
    groups = groupby(units, key=lambda unit: ".".join(unit.parts[:parts]))
    return [DrawnBlock(name, tuple(found)) for name, found in groups]


def equal(one: DrawnBlock, other: DrawnBlock) -> bool:
    """Whether two blocks have the same layers, the same edges and the same output."""
    return one.units[-1].shape == other.units[-1].shape and one.signature == other.signature


def same_map(one: DrawnBlock, other: DrawnBlock) -> bool:
    """Whether two blocks have maps of one size and one family."""
    return one.units[-1].shape[1:] == other.units[-1].shape[1:] and one.family == other.family


def contains(one: DrawnBlock, other: DrawnBlock) -> bool:
    """Whether the layers of one block are those of the other with some left out."""
    short, long = sorted((one.kinds, other.kinds), key=len)
    rest = iter(long)
    return bool(short) and all(item in rest for item in short)


def similar(one: DrawnBlock, other: DrawnBlock) -> bool:
    """Whether two blocks are of one design: maps of one size, and the same layers.

    Their widths and strides may differ, and one may have a few more layers, such as a projection.
    """
    counts = sorted((len(one.kinds), len(other.kinds)))
    return same_map(one, other) and 2 * counts[0] > counts[1] and contains(one, other)


def continues(last: DrawnBlock, block: DrawnBlock) -> bool:
    """Whether a block continues a run: fed by the last block, and similar to it; a single layer, equal."""
    single = len(last.units) == 1 or len(block.units) == 1
    return last.feeds(block) and (equal if single else similar)(last, block)


def commonest(blocks: Sequence[DrawnBlock]) -> DrawnBlock:
    """The first of the most frequent blocks."""
    counts = Counter(block.signature for block in blocks)
    return max(blocks, key=lambda block: counts[block.signature])


def in_a_row(blocks: Sequence[DrawnBlock]) -> bool:
    """Whether each block feeds the next."""
    return all(one.feeds(other) for one, other in pairwise(blocks))


def longest_way(block: DrawnBlock) -> list[LayerUnit]:
    """The longest way through a block, by layers; of equal ones that with more layers that work."""
    best: dict[int, tuple[tuple[int, int], int | None]] = {}
    for unit in block.units:
        before = [s for s in unit.sources if s in block.inside]
        maps = [s for s in before if not block.units[block.inside[s]].pooled]  # not the gate of a multiply
        source = max(maps or before, key=lambda s: best[s][0], default=None)
        steps, works = best[source][0] if source is not None else (0, 0)
        best[unit.number] = ((steps + 1, works + unit.works), source)
    way: list[LayerUnit] = []
    at: int | None = block.units[-1].number
    while at is not None:
        way.insert(0, block.units[block.inside[at]])
        at = best[at][1]
    return way
