"""The audit as JSON and as plain text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import groupby
from textwrap import wrap
from typing import Any

from cnncost.published import STATUSES, Audit, Figure
from cnncost.views.grid import grid

WIDTH = 80
TOLD = ("differs", "erratum", "unexplained")
"""What is told one by one; the rest is counted, by table and by cause."""
PLURALS = {"erratum": "errata"}


def to_dict(audit: Audit) -> dict[str, Any]:
    """The counts and every figure: the JSON of ``cnncost audit --format json``."""
    return {"counts": audit.counts, "figures": [asdict(figure) for figure in audit.figures]}


def render(audit: Audit, every: bool = False) -> str:
    """A plain text of at most 80 columns: table by table what does not match, then the counts.

    Args:
        every: a line for each figure, the reproduced ones too.
    """
    lines: list[str] = []
    for table, figures in groupby(audit.figures, key=table_of):
        lines += [*section(table, list(figures), every), ""]
    counts = audit.counts
    lines += [f"{counts[status]:5} {status}" for status in STATUSES]
    lines += [f"{len(audit.figures):5} figures"]
    return "\n".join(lines) + "\n"


def table_of(figure: Figure) -> str:
    """The table that a figure's id names."""
    return figure.id.partition("/")[0]


def section(table: str, figures: list[Figure], every: bool) -> Iterator[str]:
    """One table: a line of counts, then its figures."""
    counts = Counter(figure.status for figure in figures)
    said = ", ".join(f"{counts[s]} {plural(s, counts[s])}" for s in STATUSES if counts[s])
    yield from wrap(f"{table}: {said}", WIDTH, subsequent_indent="  ")
    for figure in figures:
        if every or figure.status in TOLD:
            yield from told(figure)
    if not every:
        yield from causes(figures)


def plural(status: str, count: int) -> str:
    """`1 erratum`, `2 errata`; the other words do not change."""
    return PLURALS.get(status, status) if count != 1 else status


def told(figure: Figure) -> Iterator[str]:
    """A figure: where it stands, what is printed and computed, and the cause."""
    name = figure.id.partition("/")[2]
    computed = f", computed {figure.computed}" if figure.computed is not None else ""
    head = f"  {figure.status:11}  {name}: printed {figure.printed}{computed}"
    yield from wrap(head, WIDTH, subsequent_indent=" " * 15)
    if figure.cause:
        yield from wrap(figure.cause, WIDTH, initial_indent=" " * 15, subsequent_indent=" " * 15)


def causes(figures: Iterable[Figure]) -> Iterator[str]:
    """How many figures are missing or recorded only, by cause."""
    counts = Counter((f.status, f.cause) for f in figures if f.status in ("missing", "recorded"))
    for (status, cause), count in counts.items():
        yield from wrap(f"  {status:11}  {count}: {cause}", WIDTH, subsequent_indent=" " * 15)


def markdown(audit: Audit) -> str:
    """Every figure in a table for each source table, with the counts first."""
    counts = [[status, str(n)] for status, n in audit.counts.items()]
    parts = [grid("markdown", ("status", "figures"), counts)]
    for table, figures in groupby(audit.figures, key=table_of):
        rows = [[f.id.partition("/")[2], f.printed, f.computed or "", f.status, f.cause] for f in figures]
        escaped = [[cell.replace("|", "\\|") for cell in row] for row in rows]
        header = ("figure", "printed", "computed", "status", "cause")
        parts.append(f"## {table}\n\n" + grid("markdown", header, escaped, left=range(5)))
    return "\n".join(parts)
