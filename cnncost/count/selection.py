"""Some rows of a network: those of a part, of a name or a type, or sums by type and by stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.count.rows import Row, fold
from cnncost.errors import CnncostError, NameUnknown, did_you_mean

GROUPINGS = ("type", "stage")
"""The keys by which rows can be grouped and summed."""


def part_of(profile: NetworkCost, name: str) -> NetworkCost:
    """The counted layers of a stage, block or layer, as a separate profile.

    Raises:
        NameUnknown: the network has no such part.
        CnncostError: it is a side head, and those are not counted.
    """
    costs = profile.below(name)
    part = replace(profile, costs=costs)
    if not part.counted:
        raise CnncostError(f"`{name}` is a side head, counted in training only: add --train")
    return part


def matching(rows: Sequence[Row], patterns: Sequence[str]) -> list[Row]:
    """The rows whose name or type is one of the patterns: `conv*`, `Conv2d`.

    Raises:
        NameUnknown: a pattern that no row matches.
    """
    kept: set[int] = set()
    for pattern in patterns:
        found = {i for i, row in enumerate(rows) if any(fnmatchcase(n, pattern) for n in names_of(row))}
        if not found:
            raise NameUnknown(f"no layer has the name or type `{pattern}`{hint(rows, pattern)}")
        kept |= found
    return [row for i, row in enumerate(rows) if i in kept]


def names_of(row: Row) -> tuple[str, ...]:
    """The texts that select a row: its label, and the name and type of its main layer."""
    return (row.label, row.main.name, row.main.type) if row.main else (row.label,)


def hint(rows: Sequence[Row], pattern: str) -> str:
    """A hint at what was meant: the nearest name, or a layer that is folded into another's row."""
    folded = {name for row in rows for cost in row.costs for name in (cost.name, cost.type)}
    if any(fnmatchcase(name, pattern) for name in folded):
        return " and a row of its own; --all shows every layer"
    names = [name for row in rows for name in names_of(row)]
    if any(name.startswith(pattern) for name in names):
        return f"; did you mean '{pattern}*'?"
    return did_you_mean(pattern, names)


def summed(profile: NetworkCost, rows: Sequence[Row], by: str) -> list[Row]:
    """The layers of some rows, summed by type or by stage, in the order in which these first occur.

    Raises:
        CnncostError: another word than these.
    """
    if by not in GROUPINGS:
        raise CnncostError(f"--by {by}: sum by {' or '.join(GROUPINGS)}{did_you_mean(by, GROUPINGS)}")
    groups: dict[str, list[LayerCost]] = {}
    for row in rows:
        for cost in row.costs:
            groups.setdefault(cost.type if by == "type" else cost.node.stage, []).append(cost)
    return [Row(label, tuple(costs), None, profile.graph) for label, costs in groups.items()]


def chosen_rows(
    profile: NetworkCost,
    part: str | None = None,
    only: Sequence[str] = (),
    by: str | None = None,
    depth: int | None = None,
    every: bool = False,
) -> list[Row]:
    """The rows of a table, as these options choose them; `depth` and `every` as in :func:`fold`."""
    rows = fold(part_of(profile, part) if part else profile, depth, every)
    if only:
        rows = matching(rows, only)
    return summed(profile, rows, by) if by else rows
