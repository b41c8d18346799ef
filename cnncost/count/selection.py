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
            raise NameUnknown(unmatched(rows, pattern))
        kept |= found
    return [row for i, row in enumerate(rows) if i in kept]


def matching_layers(rows: Sequence[Row], patterns: Sequence[str]) -> list[Row]:
    """The rows with only those of their layers whose name or type is one of the patterns.

    A pattern that is no layer's name or type may be a row's label: it keeps all layers of that row.

    Raises:
        NameUnknown: a pattern that no layer and no row matches.
    """
    kept: set[str] = set()
    for pattern in patterns:
        costs = [cost for row in rows for cost in row.costs if matches(cost, pattern)]
        costs = costs or [cost for row in matching(rows, [pattern]) for cost in row.costs]
        kept.update(cost.name for cost in costs)
    return [replace(row, costs=tuple(cost for cost in row.costs if cost.name in kept)) for row in rows]


def matches(cost: LayerCost, pattern: str) -> bool:
    """Whether the name or type of a layer is a pattern."""
    return fnmatchcase(cost.name, pattern) or fnmatchcase(cost.type, pattern)


def names_of(row: Row) -> tuple[str, ...]:
    """The texts that select a row: its label, and the name and type of its main layer."""
    return (row.label, row.main.name, row.main.type) if row.main else (row.label,)


def unmatched(rows: Sequence[Row], pattern: str) -> str:
    """The message for a pattern that no row matches: its layers may be part of other rows."""
    folded = [cost for row in rows for cost in row.costs if matches(cost, pattern)]
    if not folded:
        return f"no layer has the name or type `{pattern}`{hint(rows, pattern)}"
    if not all(cost.in_place for cost in folded):
        return f"`{pattern}` has no row of its own; add --all to show every layer"
    if any(cost.type == pattern for cost in folded):
        return f"`{pattern}` layers work in place and have no row of their own; add --all to show them"
    return f"`{pattern}` works in place and has no row of its own; add --all to show it"


def hint(rows: Sequence[Row], pattern: str) -> str:
    """A hint at what was meant: the nearest name."""
    names = [name for row in rows for name in names_of(row)]
    if any(name.startswith(pattern) for name in names):
        return f"; did you mean '{pattern}*'?"
    return did_you_mean(pattern, names)


def summed(profile: NetworkCost, rows: Sequence[Row], by: str, only: Sequence[str] = ()) -> list[Row]:
    """The layers of some rows, summed by type or by stage, in the order in which these first occur.

    In-place layers belong to the stage of the layer whose row they join. Patterns in `only` select layers.

    Raises:
        CnncostError: `by` is another word than these, or a pattern matches nothing.
    """
    if by not in GROUPINGS:
        raise CnncostError(f"--by {by}: sum by {' or '.join(GROUPINGS)}{did_you_mean(by, GROUPINGS)}")
    groups: dict[str, list[LayerCost]] = {}
    stages = [row.costs[0].node.stage for row in rows]
    for stage, row in zip(stages, matching_layers(rows, only) if only else rows, strict=True):
        for cost in row.costs:
            groups.setdefault(cost.type if by == "type" else stage, []).append(cost)
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
    every = every and not by  # sums hold every layer anyway
    rows = rows_of_part(profile, part, depth, every) if part else fold(profile, depth, every)
    if by:
        return summed(profile, rows, by, only)
    return matching(rows, only) if only else rows


def rows_of_part(profile: NetworkCost, part: str, depth: int | None, every: bool) -> list[Row]:
    """The rows of a stage, block or layer, named as in the table of the whole network."""
    rows = fold(part_of(profile, part), depth, every)
    if every or depth is not None:
        return rows
    labels = {row.costs[0].name: row.label for row in fold(profile)}
    return [replace(row, label=labels.get(row.costs[0].name, row.costs[0].name)) for row in rows]
