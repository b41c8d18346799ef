"""Merges as a person would write them: with the items of each branch inside, not with refs to their ends.

The branches of a merge lie before it, one behind the other: each starts from the same output, and ends with
one of those that the merge takes. What the merge takes unchanged is a branch of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cnncost.convert.flat import letters
from cnncost.convert.structure.items import ModuleItem

BRANCHING = ("Add", "Concat", "Multiply")
ROLES = {"Add": ("_body", "_shortcut"), "Multiply": ("_gate", "_features")}
"""What the branches are called that compute something, and those that do not; others have letters.

A name that begins with `_` is no part of the names of layers, which stay those of the modules.
"""


def branched(items: Sequence[ModuleItem], start: str) -> tuple[ModuleItem, ...]:
    """A list of items behind the output `start`, with the branches of its merges in them."""
    done: list[ModuleItem] = []
    for item in items:
        meets = item.target in BRANCHING and len(item.takes) > 1 and "." not in item.name
        found = cuts(done, item, start) if meets else None
        if found is None:
            done.append(item)
            continue
        source, begin, parts = found
        done[begin:] = [replace(item, sources=("",), takes=(source,), items=branches(item, parts))]
    return tuple(done)


Parts = list[list[ModuleItem]]
"""The items of each branch, none where it takes the merge's own input."""


def cuts(before: Sequence[ModuleItem], merge: ModuleItem, start: str) -> tuple[str, int, Parts] | None:
    """What all branches start from, where the first begins, and their items; the shortest that there are."""
    found = []
    for source in dict.fromkeys([*merge.takes, *(item.takes[0] for item in before if goes_back(item))]):
        parts = partition(before, merge.takes, source, start)
        if parts is not None:
            found.append((source, *parts))
    return max(found, key=lambda each: each[1], default=None)


def partition(
    before: Sequence[ModuleItem], takes: Sequence[str], source: str, start: str
) -> tuple[int, Parts] | None:
    """The last items as branches from one source to each output that a merge takes; None if they are not."""
    end = len(before)
    parts: Parts = []
    for output in reversed(takes):
        if output == source:
            parts.append([])
            continue
        if end == 0 or before[end - 1].gives != output:
            return None
        begin = beginning(before[:end], source, start)
        if begin is None:
            return None
        parts.append(branch(before[begin:end]))
        end = begin
    if not any(parts) or (before[end - 1].gives if end else start) != source:
        return None
    return end, parts[::-1]


def beginning(items: Sequence[ModuleItem], source: str, start: str) -> int | None:
    """Where a branch begins that ends with the last item: at a ref to its source, or behind that."""
    for place in range(len(items) - 1, -1, -1):
        item, before = items[place], items[place - 1].gives if place else start
        if goes_back(item):
            if item.takes == (source,):
                return place
        elif source in item.takes and before == source:
            return place - 1 if place and goes_back(items[place - 1]) else place
    return None


def goes_back(item: ModuleItem) -> bool:
    """Whether an item takes one earlier output, not that of the item before it."""
    return len(item.sources) == 1 and item.sources != ("",)


def branch(items: Sequence[ModuleItem]) -> list[ModuleItem]:
    """The items of a branch, which starts from the merge's own input without a ref."""
    first, *others = items
    if not first.name and not first.target:
        return others
    return [replace(first, sources=("",)) if goes_back(first) else first, *others]


def branches(merge: ModuleItem, parts: Parts) -> tuple[ModuleItem, ...]:
    """The branches as items, each with a name."""
    names = {place: f"_{letter}" for place, letter in zip(range(len(parts)), letters(), strict=False)}
    if len(parts) == 2 and merge.target in ROLES and (merge.target == "Add" or not all(parts)):
        computed, taken = ROLES[merge.target]
        first = 0 if len(parts[0]) >= len(parts[1]) else 1
        names = {first: computed, 1 - first: taken}
    return tuple(
        ModuleItem(names[i], "", {}, () if part else (source,), tuple(part))
        for i, (part, source) in enumerate(zip(parts, merge.sources, strict=True))
    )
