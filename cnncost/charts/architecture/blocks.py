"""Units to blocks: what stands below a name, which blocks are alike, and which repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from cnncost.charts.architecture.units import Unit

CORES = ("attention", "conv", "linear", "pool", "norm", "merge", "other")
"""Families, what matters most first."""


@dataclass(frozen=True, eq=False)
class Block:
    """Neighbouring units below one name: a stage, a block or a single layer."""

    name: str
    units: tuple[Unit, ...]

    @cached_property
    def inside(self) -> dict[int, int]:
        """Where each unit stands in the block, by its number."""
        return {unit.number: i for i, unit in enumerate(self.units)}

    @cached_property
    def entries(self) -> tuple[int, ...]:
        """The numbers of the units that feed it from without, in the order of use."""
        found = [s for unit in self.units for s in unit.sources if s not in self.inside]
        return tuple(dict.fromkeys(found))

    @cached_property
    def signature(self) -> Hashable:
        """The arguments of its layers and the edges between them: equal blocks have equal ones."""
        entry = {number: -1 - i for i, number in enumerate(self.entries)}
        return tuple(
            (unit.layers, tuple(self.inside.get(s, entry.get(s)) for s in unit.sources))
            for unit in self.units
        )

    @cached_property
    def kinds(self) -> tuple[Hashable, ...]:
        """What its layers are, whatever their widths and strides; shortcuts and norms left out."""
        return tuple(unit.kind for unit in self.units if unit.family not in ("norm", "other"))

    @cached_property
    def branches(self) -> bool:
        """Whether some unit in it has more than one source."""
        return any(len(unit.sources) > 1 for unit in self.units)

    @property
    def passing(self) -> bool:
        """Whether nothing in it computes or has weights: a flatten, a dropout."""
        return all(unit.family == "other" and not unit.totals.params for unit in self.units)

    @cached_property
    def family(self) -> str:
        """What it is at its core: that of its layers which stands first in this order."""
        found = {unit.family for unit in self.units}
        return next(
            f for f in ("attention", "conv", "linear", "pool", "norm", "merge", "other") if f in found
        )

    @cached_property
    def children(self) -> tuple[Block, ...]:
        """The blocks one name part further down that are more than one; none of a single layer."""
        depth = self.name.count(".") + 1 if self.name else 0
        longest = max(len(unit.parts) for unit in self.units)
        for parts in range(depth + 1, longest + 1):
            below = blocks_at(self.units, parts)
            if len(below) > 1:
                return tuple(below)
        return ()

    @cached_property
    def run(self) -> tuple[Block, ...]:
        """The longest run of children alike, the block itself where none repeats."""
        found = [run for run in runs(self.children, similar) if len(run) > 1 and len(run[0].units) > 1]
        longest: list[Block] = max(found, key=len, default=[self])
        return tuple(longest)


def blocks_at(units: Sequence[Unit], parts: int) -> list[Block]:
    """Neighbouring units that share so many parts of their names."""
    groups: list[tuple[str, list[Unit]]] = []
    for unit in units:
        name = ".".join(unit.parts[:parts])
        if groups and groups[-1][0] == name:
            groups[-1][1].append(unit)
        else:
            groups.append((name, [unit]))
    return [Block(name, tuple(found)) for name, found in groups]


def equal(one: Block, other: Block) -> bool:
    """Whether two blocks have the same layers, the same edges and the same output."""
    return one.units[-1].shape == other.units[-1].shape and one.signature == other.signature


def similar(one: Block, other: Block) -> bool:
    """Whether two blocks are of one design: maps of one size, and the same layers.

    Their widths and strides may differ, and one may have a few more, such as a projection.
    """
    if one.units[-1].shape[1:] != other.units[-1].shape[1:] or one.family != other.family:
        return False
    short, long = sorted((one.kinds, other.kinds), key=len)
    return bool(short) and 2 * len(short) > len(long) and contains(long, short)


def contains(long: Sequence[Hashable], short: Sequence[Hashable]) -> bool:
    """Whether one sequence is the other with some left out."""
    rest = iter(long)
    return all(item in rest for item in short)


Alike = Callable[[Block, Block], bool]


def runs(blocks: Sequence[Block], alike: Alike = equal) -> list[list[Block]]:
    """Neighbouring blocks alike, together; a single layer is alike to equal ones only."""
    found: list[list[Block]] = []
    for block in blocks:
        if found and matches(found[-1], block, alike):
            found[-1].append(block)
        else:
            found.append([block])
    return found


def matches(run: Sequence[Block], block: Block, alike: Alike) -> bool:
    """Whether a block goes on with a run: like its last, and fed by it."""
    last = run[-1]
    if not set(block.entries) & set(last.inside):
        return False
    if len(last.units) == 1 or len(block.units) == 1:
        return equal(last, block)
    return alike(last, block)


def commonest(blocks: Sequence[Block]) -> Block:
    """The first of those blocks of which there are most."""
    counts = Counter(block.signature for block in blocks)
    return max(blocks, key=lambda block: counts[block.signature])


def spine(blocks: Sequence[Block]) -> bool:
    """Whether each block feeds the next: then they can stand in a row."""
    return all(set(b.entries) & set(a.inside) for a, b in pairwise(blocks))


def main_path(block: Block) -> list[Unit]:
    """The longest way through a block, by layers; of equal ones that with more layers that work."""
    best: dict[int, tuple[Length, int | None]] = {}
    for unit in block.units:
        before = [s for s in unit.sources if s in block.inside]
        maps = [s for s in before if not block.units[block.inside[s]].pooled]  # not the gate of a multiply
        source = max(maps or before, key=lambda s: best[s][0], default=None)
        steps, works = best[source][0] if source is not None else (0, 0)
        best[unit.number] = ((steps + 1, works + unit.works), source)
    return list(back(block, best))[::-1]


Length = tuple[int, int]


def back(block: Block, best: dict[int, tuple[Length, int | None]]) -> Iterator[Unit]:
    """From the last unit back to the entry."""
    at: int | None = block.units[-1].number
    while at is not None:
        yield block.units[block.inside[at]]
        at = best[at][1]
