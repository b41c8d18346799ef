"""What differs between two networks: which layers, in what, and what each difference costs.

Layers are compared with what follows them in place, as a table shows them. What has no partner in the
other network was added or removed. The costs of all changes add up to the difference of the networks'
totals.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from cnncost.comparison.details import Detail, detail, followers, row_details
from cnncost.comparison.pairing import Pairs, paired
from cnncost.count.profile import NetworkCost, Totals
from cnncost.count.rows import Row, fold, prefixes
from cnncost.errors import CnncostError
from cnncost.network.graph import INPUT

CHANGED, ADDED, REMOVED = "changed", "added", "removed"


@dataclass(frozen=True)
class Change:
    """The same change of one or several layers, or of whole blocks: what it is, and what it costs.

    `names` are the layers or blocks in the order of computation, `a → b` where a layer has another
    name in the second network; `costs` leave `layers` out, for `layers` says how many rows
    of a table they are; `calls` the layers of one that was added or removed, as a spec writes them.
    """

    kind: str
    names: tuple[str, ...]
    layers: int
    costs: Totals
    details: tuple[Detail, ...] = ()
    calls: tuple[str, ...] = ()

    @property
    def follows(self) -> bool:
        """Whether the layer is as it was, and differs only because its input does."""
        return self.kind == CHANGED and all(one.what in FOLLOWING for one in self.details)


FOLLOWING = ("input", "input channels", "input size")
"""What differs of a layer because of others."""


@dataclass(frozen=True)
class Difference:
    """All changes from one network to another, in the order of computation.

    `same` layers do not differ; `renamed` of them have another name.
    """

    before: NetworkCost
    after: NetworkCost
    changes: tuple[Change, ...]
    same: int
    renamed: int

    @cached_property
    def costs(self) -> Totals:
        """What all changes cost together: the second network's totals less the first's."""
        return sum((change.costs for change in self.changes), Totals())


def difference(before: NetworkCost, after: NetworkCost) -> Difference:
    """What differs between two networks that are counted alike.

    Raises:
        CnncostError: they are counted by different conventions, or for another batch or dtype.
    """
    for name in ("convention", "batch", "dtype", "train"):
        if getattr(before, name) != getattr(after, name):
            raise CnncostError(f"networks that differ in their {name} cannot be told apart: count both alike")
    a, b = fold(before), fold(after)
    pairs = paired(a, b, before, after)
    wires = rewired(a, b, pairs)
    changes: list[Change] = []
    same = renamed = 0
    for step in in_order(a, b, pairs):
        if not isinstance(step, tuple):
            changes.append(step)
            continue
        i, j = step
        details, costs = (*row_details(a[i], b[j]), *wires.get(i, ())), less(b[j].totals, a[i].totals)
        if details or costs != Totals():
            name = b[j].label if a[i].label == b[j].label else f"{a[i].label} → {b[j].label}"
            changes.append(Change(CHANGED, (name,), 1, costs, details))
        else:
            same += 1
            renamed += a[i].label != b[j].label
    return Difference(before, after, tuple(folded(changes)), same, renamed)


def less(after: Totals, before: Totals) -> Totals:
    """One sum less another, but for the number of nodes: an Identity that costs nothing is no difference."""
    return Totals(**{name: getattr(after, name) - getattr(before, name) for name in COSTS})


COSTS = ("params", "buffers", "macs", "flops", "memory_bytes")


# Steps from one network to the other


def in_order(a: Sequence[Row], b: Sequence[Row], pairs: Pairs) -> Iterator[Change | tuple[int, int]]:
    """The pairs in order, and before each what was removed and what was added."""
    i = j = 0
    gone = blocks_of(a, set(range(len(a))) - pairs.keys())
    new = blocks_of(b, set(range(len(b))) - set(pairs.values()))
    for next_i, next_j in [*sorted(pairs.items()), (len(a), len(b))]:
        yield from units(a, range(i, next_i), gone, REMOVED)
        yield from units(b, range(j, next_j), new, ADDED)
        if next_i < len(a):
            yield next_i, next_j
        i, j = next_i + 1, next_j + 1


def blocks_of(rows: Sequence[Row], alone: set[int]) -> dict[int, str]:
    """For each row that stands alone, the largest block or stage around it of which nothing else does not."""
    shared = {p for n, row in enumerate(rows) if n not in alone for p in prefixes(row.costs[0].name)}
    names = {n: rows[n].costs[0].name for n in alone}
    return {n: next((p for p in prefixes(name) if p not in shared), name) for n, name in names.items()}


def units(rows: Sequence[Row], places: range, blocks: Mapping[int, str], kind: str) -> Iterator[Change]:
    """The rows of a range as changes, a block each."""
    for block, members in groupby(places, key=lambda n: blocks[n]):
        found = [rows[n] for n in members]
        costs = sum((row.totals for row in found), Totals())
        name = block if len(found) > 1 else found[0].label
        calls = tuple(" >> ".join(map(str, (row.costs[0].node.layer, *followers(row)))) for row in found)
        yield Change(
            kind,
            (name,),
            len(found),
            less(costs, Totals()) if kind == ADDED else less(Totals(), costs),
            calls=calls,
        )


def folded(changes: Sequence[Change]) -> list[Change]:
    """Changes that are alike, of layers whose names differ in numbers only, as one."""
    kept: dict[Hashable, Change] = {}
    for change in changes:
        key = change.kind, like_names(change), like_details(change), change.calls
        kept[key] = merged(kept[key], change) if key in kept else change
    return list(kept.values())


def like_names(change: Change) -> Hashable:
    """What names of changes that are folded share: all but numbers, or the place of a repeat's copies."""
    parent, _, last = change.names[0].rpartition(".")
    if last.isdigit() and change.kind != CHANGED:
        return parent
    return re.sub(r"\d+", "#", change.names[0])


def like_details(change: Change) -> Hashable:
    """What the details of changes that are folded share; where only the input differs, that it does."""
    if change.follows:
        return tuple(one.what for one in change.details)
    return tuple((one.what, one.factor or one.changes) for one in change.details)


def merged(one: Change, other: Change) -> Change:
    """Two changes that are alike."""
    pairs = zip(one.details, other.details, strict=True)
    details = (Detail(a.what, tuple(dict.fromkeys((*a.changes, *b.changes)))) for a, b in pairs)
    names, layers = (*one.names, *other.names), one.layers + other.layers
    return Change(one.kind, names, layers, one.costs + other.costs, tuple(details), one.calls)


def rewired(a: Sequence[Row], b: Sequence[Row], pairs: Pairs) -> dict[int, tuple[Detail]]:
    """The rows that take another layer's output than before, though that layer is still there."""
    sources_a, sources_b = sources(a), sources(b)
    known = {INPUT: INPUT, **{a[i].label: b[j].label for i, j in pairs.items()}}
    there = set(known.values())
    found = {}
    for i, j in pairs.items():
        old, new = sources_a[i], sources_b[j]
        kept = known.keys() >= set(old) and there >= set(new)
        if kept and len(old) == len(new) and [known[name] for name in old] != new:
            found[i] = (detail("from", " ".join(old), " ".join(new)),)
    return found


def sources(rows: Sequence[Row]) -> list[list[str]]:
    """The labels of the rows that each row takes its inputs from."""
    home = {INPUT: INPUT, **{cost.name: row.label for row in rows for cost in row.costs}}
    return [[home[name] for name in row.costs[0].node.inputs] for row in rows]
