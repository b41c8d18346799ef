"""The rows of a network's table under a device's roof, from a saved result or from the roof alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cnncost.count.profile import NetworkCost
from cnncost.count.rows import Row, fold
from cnncost.errors import CnncostError
from cnncost.timing.reports import Result
from cnncost.timing.roofline import Placed, Roof, at_best


@dataclass(frozen=True)
class PlacedRow:
    """A row of a network's table under a roof: as measured, or else at the speed of the roof."""

    row: Row
    placed: Placed
    measured: bool


def placed_rows(profile: NetworkCost, roof: Roof, result: Result | None = None) -> list[PlacedRow]:
    """The rows of a network under a roof, also those without operations.

    Args:
        profile: the network, counted by the convention ``flops``, which `cnncost time` counts by.
        roof: the device's, for the profile's dtype.
        result: a measurement of the network; the network is folded into the same rows.

    Raises:
        CnncostError: the network has other layers than the measured one.
    """
    rows, entries = matching_rows(profile, result) if result else (fold(profile), {})
    return [placed_row(row, entries.get(row.label), profile, roof) for row in rows]


def placed_row(row: Row, entry: Result | None, profile: NetworkCost, roof: Roof) -> PlacedRow:
    """A row as measured; where it has no time, at the speed of the roof."""
    if entry is None or "flops" not in entry:
        return PlacedRow(row, at_best(row.costs, profile, roof), measured=False)
    milliseconds = entry.get("forward", entry["time"])
    return PlacedRow(row, Placed(entry["flops"], entry["bytes"], milliseconds / 1000, roof), measured=True)


def matching_rows(profile: NetworkCost, result: Result) -> tuple[list[Row], dict[str, Result]]:
    """The rows of a result, and its entries by their labels.

    Raises:
        CnncostError: no way of folding gives the same rows with the same operations.
    """
    entries = {entry["name"]: entry for entry in result["layers"] if entry.get("type") is not None}
    deepest = max(cost.name.count(".") + 1 for cost in profile.counted)
    ways: list[dict[str, Any]] = [{}, {"every": True}, *({"depth": d} for d in range(1, deepest + 1))]
    for way in ways:
        rows = fold(profile, **way)
        if [row.label for row in rows] == list(entries):
            counted = [(row.totals.flops, entries[row.label].get("flops")) for row in rows]
            if all(ours == theirs for ours, theirs in counted if theirs is not None):
                return rows, entries
    raise CnncostError(f"{profile.name} has other layers now than when it was measured")
