"""An audit: all figures with their verdicts, and how their sources count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from cnncost.published.consistency import contradictions, plainly
from cnncost.published.sources import table_of
from cnncost.published.tables import PrintedCell
from cnncost.published.verdicts import STATUSES, Figure, judge

NOT_COMPUTED = ("missing", "recorded")
"""The statuses of figures that nothing is computed for: error rates, training times."""


@dataclass(frozen=True)
class SourceRule:
    """How a source counts a quantity: how many of its rows the rule gives, and how many are right plainly."""

    source: str
    quantity: str
    because: str
    rows: int
    given: int
    plain: int


@dataclass(frozen=True)
class Audit:
    """All figures with their statuses, and the rules of their sources."""

    figures: tuple[Figure, ...]
    rules: tuple[SourceRule, ...] = ()

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many figures have each status."""
        return {status: sum(f.status == status for f in self.figures) for status in STATUSES}

    @property
    def computable(self) -> int:
        """How many figures can be computed."""
        return len(self.figures) - sum(self.counts[status] for status in NOT_COMPUTED)

    @property
    def failed(self) -> bool:
        """Whether any figure differs."""
        return self.counts["differs"] > 0


def audit(cells: Iterable[PrintedCell]) -> Audit:
    """Compare printed figures with what is computed; :func:`cells_of` gives all of them.

    An erratum whose cause the other rows of its source contradict differs.
    """
    compared = list(cells)
    against = contradictions(compared)
    figures = tuple(contradicted(judge(cell), against.get(cell.id, "")) for cell in compared)
    return Audit(figures, tuple(source_rules(compared)))


def contradicted(figure: Figure, against: str) -> Figure:
    """A figure as it is judged, unless something speaks against its cause."""
    if not against or figure.status != "erratum":
        return figure
    return replace(figure, status="differs", cause=f"its cause is doubtful: {figure.cause}; {against}")


def source_rules(cells: Iterable[PrintedCell]) -> list[SourceRule]:
    """The rules that hold for some of the figures, with how well they fit; rows set apart count as rows."""
    sources: dict[tuple[str, str], list[PrintedCell]] = defaultdict(list)
    for cell in cells:
        if not (cell.claim.recorded or cell.claim.waits) and cell.id.count("/") > 2:
            sources[table_of(cell.source), str(cell.quantity)].append(cell)
    found = []
    for (source, quantity), rows in sources.items():
        ruled = [cell for cell in rows if cell.rule]
        if ruled:
            given = sum(judge(cell).status == "reproduced" for cell in ruled)
            plain = sum(map(plainly, rows))
            found.append(SourceRule(source, quantity, ruled[0].rule, len(rows), given, plain))
    return found
