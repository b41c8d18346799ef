"""The audit as JSON, as Markdown and as text: what does not match first, then a count of everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from textwrap import wrap
from typing import Any

from cnncost.published import STATUSES, Audit, Figure
from cnncost.spec.facts import slug
from cnncost.tables.grid import grid
from cnncost.tables.terminal import Part

WIDTH = 80
WIDEST = 120
TOLD = ("differs", "erratum", "unexplained")
"""What is told one by one; the rest is counted."""
COLOURS = {"differs": "bold red", "erratum": "yellow", "unexplained": "magenta", "missing": "cyan"}
INDENT = " " * 15


def to_dict(audit: Audit) -> dict[str, Any]:
    """The counts and every figure: the JSON of ``cnncost audit --format json``."""
    return {"counts": audit.counts, "figures": [asdict(figure) for figure in audit.figures]}


def lines(audit: Audit, every: bool = False, width: int = WIDTH) -> Iterator[list[Part]]:
    """Table by table and family by family what does not match, then how many of each status.

    Args:
        every: a line for each figure, the reproduced ones too.
        width: how many columns a line may have; of more than 120, that many are used.
    """
    width = min(width, WIDEST)
    for table, figures in groupby(audit.figures, key=table_of):
        if told := list(section(list(figures), every, width)):
            yield [(table, "bold")]
            yield from told
            yield []
    yield from overview(audit, width)


def table_of(figure: Figure) -> str:
    """The table, or the family of networks, that a figure's id names."""
    return figure.id.partition("/")[0]


def name_of(figure: Figure) -> str:
    """What a figure is called within its table; a fact's source stands behind it in words."""
    name = figure.id.partition("/")[2]
    fact, _, source = name.rpartition("/")
    return f"{fact} ({figure.source})" if is_fact(figure) and source else name


def is_fact(figure: Figure) -> bool:
    """Whether a figure is one of a spec's facts: its id ends with its source."""
    return figure.id.count("/") > 2 and figure.id.endswith(f"/{slug(figure.source)}")


def section(figures: Sequence[Figure], every: bool, width: int) -> Iterator[list[Part]]:
    """The figures of one table; neighbours with the same cause are told together."""
    shown = [figure for figure in figures if every or figure.status in TOLD]
    for (status, cause), alike in groupby(shown, key=lambda figure: (figure.status, figure.cause)):
        for i, figure in enumerate(alike):
            yield from told(status if i == 0 else "", figure, width)
        for line in wrap(cause, width, initial_indent=INDENT, subsequent_indent=INDENT):
            yield [(line, "dim")]
    if not every:
        yield from waiting(figures, width)


def told(status: str, figure: Figure, width: int) -> Iterator[list[Part]]:
    """A figure: its status, where it stands, what is printed and what is computed."""
    computed = f", computed {figure.computed}" if figure.computed is not None else ""
    text = f"{name_of(figure)}: printed {figure.printed}{computed}"
    first, *rest = wrap(text, width, initial_indent=INDENT, subsequent_indent=INDENT)
    yield [(f"  {status:11}  ", COLOURS.get(status, "")), (first[len(INDENT) :], "")]
    yield from ([(line, "")] for line in rest)


def waiting(figures: Iterable[Figure], width: int) -> Iterator[list[Part]]:
    """What figures wait for, and how many do."""
    counts = Counter(figure.cause for figure in figures if figure.status == "missing")
    for cause, count in counts.items():
        yield from (
            [(line, "cyan")]
            for line in wrap(f"  missing      {count}: {cause}", width, subsequent_indent=INDENT)
        )


def overview(audit: Audit, width: int) -> Iterator[list[Part]]:
    """How many figures of each table and family have which status."""
    statuses = [status for status in STATUSES if audit.counts[status]]
    rows = [row(table, list(figures), statuses) for table, figures in groupby(audit.figures, key=table_of)]
    total = row("total", audit.figures, statuses)
    cells = [["", "figures", *statuses], *(rows if len(rows) > 1 else ()), total]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    if sum(widths) + len(widths) - 1 > width:  # the statuses add up to it
        cells, widths = [[line[0], *line[2:]] for line in cells], [widths[0], *widths[2:]]
    header, *rows, total = cells
    gap = 2 if sum(widths) + 2 * (len(widths) - 1) <= width else 1
    rule = [("─" * (sum(widths) + gap * (len(widths) - 1)), "dim")]

    def spaced(cells: Sequence[str], style: str = "") -> list[Part]:
        first, *rest = (
            c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True))
        )
        return [((" " * gap).join([first, *rest]).rstrip(), style)]

    yield spaced(header, "bold")
    yield rule
    if rows:
        yield from map(spaced, rows)
        yield rule
    yield spaced(total, "bold")


def row(name: str, figures: Sequence[Figure], statuses: Sequence[str]) -> list[str]:
    """The counts of one table; nothing where there are none."""
    counts = Counter(figure.status for figure in figures)
    return [name, str(len(figures)), *(str(counts[status] or "") for status in statuses)]


def markdown(audit: Audit) -> str:
    """Every figure in a table for each source table and family, with the counts first."""
    counts = [[status, str(n)] for status, n in audit.counts.items()]
    parts = [grid("markdown", ("status", "figures"), counts)]
    for table, group in groupby(audit.figures, key=table_of):
        figures = list(group)
        rows = [[name_of(f), f.printed, f.computed or "", f.status, f.cause] for f in figures]
        escaped = [[cell.replace("|", "\\|") for cell in row] for row in rows]
        header = ("figure", "printed", "computed", "status", "cause")
        parts.append(f"## {table}\n\n" + grid("markdown", header, escaped, left=range(5)))
    return "\n".join(parts)
