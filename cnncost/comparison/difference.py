"""What differs between two networks: which layers, in what, and what each difference costs.

Layers are compared together with the in-place layers after them, as a table shows them. A layer that has
no counterpart in the other network was added or removed. The costs of all changes add up to the
difference of the networks' totals.
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

CHANGED, ADDED, REMOVED = "changed", "added", "removed"
COSTS = ("params", "buffers", "macs", "flops", "memory_bytes", "macts")
"""The costs of a change: fields of Totals."""
INPUT_DETAILS = ("input", "input channels", "input size")
"""Details that differ because of layers before."""


@dataclass(frozen=True)
class Change:
    """The same change of one or several layers, or of whole blocks, and what it costs.

    `names` are the layers or blocks in the order of computation, `a → b` where a layer has another
    name in the second network. `layers` is the number of table rows; it is not part of `costs`.
    `calls` are the layers of one block that was added or removed, as a spec writes them.
    """

    kind: str
    names: tuple[str, ...]
    layers: int
    costs: Totals
    details: tuple[Detail, ...] = ()
    calls: tuple[str, ...] = ()

    @property
    def follows(self) -> bool:
        """Whether the layer itself is unchanged, and differs only because its input does."""
        return self.kind == CHANGED and all(one.what in INPUT_DETAILS for one in self.details)

    def joined(self, other: Change) -> Change:
        """This change and the same change of other layers as one."""
        pairs = zip(self.details, other.details, strict=True)
        details = (Detail(a.what, tuple(dict.fromkeys((*a.changes, *b.changes)))) for a, b in pairs)
        names, layers = (*self.names, *other.names), self.layers + other.layers
        return Change(self.kind, names, layers, self.costs + other.costs, tuple(details), self.calls)


@dataclass(frozen=True)
class Difference:
    """All changes from one network to another, in the order of computation.

    `same` is the number of layers that do not differ; `renamed` of them have another name. `names` are
    the stages, blocks or layers with another name: before and after.
    """

    before: NetworkCost
    after: NetworkCost
    changes: tuple[Change, ...]
    same: int
    renamed: int
    names: tuple[tuple[str, str], ...] = ()

    @cached_property
    def costs(self) -> Totals:
        """What all changes cost together: the second network's totals less the first's."""
        return sum((change.costs for change in self.changes), Totals())


def difference(before: NetworkCost, after: NetworkCost) -> Difference:
    """What differs between two networks that are counted in the same way.

    Raises:
        CnncostError: they are counted by different conventions, or for another batch or dtype.
    """
    for name in ("convention", "batch", "dtype", "train"):
        if getattr(before, name) != getattr(after, name):
            raise CnncostError(
                f"networks that are counted with another {name} cannot be compared: count both the same way"
            )
    a, b = fold(before), fold(after)
    pairs = paired(a, b)
    moved_inputs = rewired(a, b, pairs)
    changes: list[Change] = []
    same = renamed = 0
    for step in in_order(a, b, pairs):
        if isinstance(step, Change):
            changes.append(step)
            continue
        old, new = a[step[0]], b[step[1]]
        details = (*row_details(old, new), *moved_inputs.get(step[0], ()))
        costs = cost_change(old.totals, new.totals)
        if details or costs != Totals():
            name = new.label if old.label == new.label else f"{old.label} → {new.label}"
            changes.append(Change(CHANGED, (name,), 1, costs, details))
        else:
            same += 1
            renamed += old.label != new.label
    names = dict.fromkeys(new_name(a[i].label, b[j].label) for i, j in sorted(pairs.items()))
    names.pop(("", ""), None)
    return Difference(before, after, tuple(grouped(changes)), same, renamed, tuple(names))


def new_name(before: str, after: str) -> tuple[str, str]:
    """What has another name, without the parts in which both end alike; nothing where they are the same."""
    old, new = before.split("."), after.split(".")
    while old and new and old[-1] == new[-1]:
        old.pop()
        new.pop()
    return ".".join(old), ".".join(new)


def cost_change(before: Totals, after: Totals) -> Totals:
    """The increase of each count: after less before.

    The number of nodes is left out: an Identity that costs nothing is no difference.
    """
    return Totals(**{name: getattr(after, name) - getattr(before, name) for name in COSTS})


def in_order(a: Sequence[Row], b: Sequence[Row], pairs: Pairs) -> Iterator[Change | tuple[int, int]]:
    """The pairs in order, and before each what was removed and what was added."""
    i = j = 0
    removed = unpaired_blocks(a, set(range(len(a))) - pairs.keys())
    added = unpaired_blocks(b, set(range(len(b))) - set(pairs.values()))
    for next_i, next_j in [*sorted(pairs.items()), (len(a), len(b))]:
        yield from block_changes(a, range(i, next_i), removed, REMOVED)
        yield from block_changes(b, range(j, next_j), added, ADDED)
        if next_i < len(a):
            yield next_i, next_j
        i, j = next_i + 1, next_j + 1


def unpaired_blocks(rows: Sequence[Row], unpaired: set[int]) -> dict[int, str]:
    """For each unpaired row, the largest enclosing block whose rows are all unpaired."""
    shared = {p for n, row in enumerate(rows) if n not in unpaired for p in prefixes(row.costs[0].name)}
    names = {n: rows[n].costs[0].name for n in unpaired}
    return {n: next((p for p in prefixes(name) if p not in shared), name) for n, name in names.items()}


def block_changes(
    rows: Sequence[Row], indices: range, blocks: Mapping[int, str], kind: str
) -> Iterator[Change]:
    """The unpaired rows of a range as changes, one per block."""
    for block, members in groupby(indices, key=lambda n: blocks[n]):
        found = [rows[n] for n in members]
        total = sum((row.totals for row in found), Totals())
        name = block if len(found) > 1 else found[0].label
        calls = tuple(" >> ".join(map(str, (row.costs[0].node.layer, *followers(row)))) for row in found)
        costs = cost_change(Totals(), total) if kind == ADDED else cost_change(total, Totals())
        yield Change(kind, (name,), len(found), costs, calls=calls)


def grouped(changes: Sequence[Change]) -> list[Change]:
    """Equal changes of layers whose names differ only in numbers, joined."""
    groups: dict[Hashable, Change] = {}
    for change in changes:
        key = change.kind, name_pattern(change), detail_pattern(change), change.calls
        groups[key] = groups[key].joined(change) if key in groups else change
    return list(groups.values())


def name_pattern(change: Change) -> str:
    """The name without its numbers; of an added or removed copy of a repeat, the repeat's name."""
    parent, _, last = change.names[0].rpartition(".")
    if last.isdigit() and change.kind != CHANGED:
        return parent
    return re.sub(r"\d+", "#", change.names[0])


def detail_pattern(change: Change) -> Hashable:
    """What differs, with the factor of numbers; only what, where nothing but the input differs."""
    if change.follows:
        return tuple(one.what for one in change.details)
    return tuple((one.what, one.factor or one.changes) for one in change.details)


def rewired(a: Sequence[Row], b: Sequence[Row], pairs: Pairs) -> dict[int, tuple[Detail]]:
    """The rows that read another layer's output than before, though that layer still exists."""
    sources_a, sources_b = sources(a), sources(b)
    counterpart = {**inputs_of(a), **{a[i].label: b[j].label for i, j in pairs.items()}}
    kept = set(counterpart.values())
    found = {}
    for i, j in pairs.items():
        old, new = sources_a[i], sources_b[j]
        exist = counterpart.keys() >= set(old) and kept >= set(new)
        if exist and len(old) == len(new) and [counterpart[name] for name in old] != new:
            found[i] = (detail("from", " ".join(old), " ".join(new)),)
    return found


def inputs_of(rows: Sequence[Row]) -> dict[str, str]:
    """The inputs of the rows' network: each is the counterpart of the one of its name."""
    return {name: name for row in rows[:1] for name in row.graph.inputs}


def sources(rows: Sequence[Row]) -> list[list[str]]:
    """The labels of the rows that each row takes its inputs from."""
    home = {**inputs_of(rows), **{cost.name: row.label for row in rows for cost in row.costs}}
    return [[home[name] for name in row.costs[0].node.inputs] for row in rows]
