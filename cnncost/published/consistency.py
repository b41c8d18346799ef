"""Whether the cause of a misprint keeps the other rows of its source right: a source counts in one way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cnncost.errors import CnncostError
from cnncost.published.claim import Claim
from cnncost.published.sources import table_of
from cnncost.published.tables import PrintedCell
from cnncost.published.verdicts import outcome

OF_THE_ROW = {"network", "params", "input", "call", "spec", "quotient"}
"""A change of one of these is about another network or layer: a mistake in one row."""

OF_THE_SOURCE = {"convention", "value", "only", "at", "biases", "train", "kilo"}
"""A change of one of these is a way of counting, which a source has for all its rows."""

ENOUGH = 3
"""So many other rows that are as cut off speak for cutting off."""


def contradictions(cells: Iterable[PrintedCell]) -> dict[str, str]:
    """By the ids of errata: what in the same source speaks against their causes.

    A cause that says `alone` why it holds for this row only is not compared with the others.
    """
    sources: dict[object, list[PrintedCell]] = defaultdict(list)
    for cell in cells:
        if not (cell.claim.recorded or cell.claim.waits):
            sources[table_of(cell.source)].append(cell)
    found: dict[str, str] = {}
    for cells_of_source in sources.values():
        for cell in cells_of_source:
            if against := contradiction(cell, cells_of_source):
                found[cell.id] = against
    return found


def contradiction(cell: PrintedCell, source: Sequence[PrintedCell]) -> str:
    """What in a source speaks against the cause of one of its figures; nothing if it is no erratum."""
    excuse = cell.excuse
    if excuse is None or excuse.change is None or excuse.alone or OF_THE_ROW & excuse.change.keys():
        return ""
    cut = excuse.change.get("digits") == "truncated"
    way = {k: v for k, v in excuse.change.items() if k in OF_THE_SOURCE or (cut and k == "digits")}
    rows = [other for other in source if other is not cell and other.quantity == cell.quantity]
    kept = [other for other in rows if way and fits(other, other.claim.changed(way))]
    broken = [other for other in rows if way and other not in kept and fits(other, other.claim)]
    if broken:
        names = ", ".join(row_of(other) for other in broken[:3])
        return f"it would make {len(broken)} of {len(rows)} other rows of its source wrong, such as {names}"
    if cut and len(kept) < ENOUGH and not any(is_cut(other) for other in source if other is not cell):
        return "cut off, but no other row of its source is"
    return ""


def is_cut(cell: PrintedCell) -> bool:
    """Whether a figure is an erratum that is cut off."""
    return cell.excuse is not None and (cell.excuse.change or {}).get("digits") == "truncated"


def row_of(cell: PrintedCell) -> str:
    """The network or row of a figure, in its id."""
    return cell.id.split("/")[1]


def fits(cell: PrintedCell, claim: Claim) -> bool:
    """Whether a claim gives what a cell prints."""
    try:
        return not outcome(claim, cell).fault
    except CnncostError:
        return False


def plainly(cell: PrintedCell) -> bool:
    """Whether a fact is right in plain multiply-adds or parameters, whatever its source's rule."""
    plain: Mapping[str, Any] = {"convention": "macs", "value": cell.quantity, "only": (), "at": None}
    return fits(cell, cell.claim.changed({**plain, "biases": None}))
