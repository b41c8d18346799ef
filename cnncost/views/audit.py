"""An audit: the figures that do not match first, then the counts, then the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from itertools import groupby
from typing import Any

from cnncost.published import STATUSES, Audit, Figure
from cnncost.published.auditing import NOT_COMPUTED
from cnncost.spec.facts import slug
from cnncost.tables.table import Column, Document, Line, Paragraph, Table

EXCEPTIONS = ("differs", "erratum", "unexplained", "missing")
"""The figures that are shown one by one; the others only where every figure is wanted."""
COLOURS = {"differs": "bold red", "erratum": "yellow", "unexplained": "magenta", "missing": "cyan"}
INDENT = " " * 15


def audit_document(audit: Audit, every: bool = False, tables: bool = False) -> Document:
    """What does not match, source by source, how sources count, how many have each status, and the rest.

    Args:
        every: show the figures that match too.
        tables: the figures as tables; else as lines, which a terminal has room for, the counts last.
    """
    exceptions = [f for f in audit.figures if f.status in EXCEPTIONS]
    rest = [f for f in audit.figures if f.status not in EXCEPTIONS] if every else []
    parts: list[Table | Paragraph]
    if tables:
        parts = [
            *figure_tables("What does not match", exceptions),
            *rules_table(audit),
            counts_table(audit),
            *figure_tables("The rest", rest),
        ]
    else:
        lines = map(figure_lines, by_table([*exceptions, *rest]))
        parts = [*lines, *rules_lines(audit), counts_table(audit)]
    return Document(parts, records=record_table(audit.figures), data=lambda: to_dict(audit))


def by_table(figures: Sequence[Figure]) -> list[list[Figure]]:
    """The figures of each printed table or family of networks, in order."""
    return [list(group) for _, group in groupby(figures, key=lambda figure: figure.table)]


def to_dict(audit: Audit) -> dict[str, Any]:
    """The counts and every figure: the JSON of ``cnncost audit --format json``."""
    return {
        "counts": audit.counts,
        "computable": audit.computable,
        "rules": [asdict(rule) for rule in audit.rules],
        "figures": [asdict(figure) for figure in audit.figures],
    }


def record_table(figures: Sequence[Figure]) -> Table:
    """One row per figure, for spreadsheets."""
    keys = [field.name for field in fields(Figure)]
    return Table("figures", [Column(key, key, [getattr(f, key) for f in figures]) for key in keys])


def name_of(figure: Figure) -> str:
    """A figure's name within its table; the name of a fact ends with its source in words."""
    name = figure.id.partition("/")[2]
    is_fact = figure.id.count("/") > 2 and figure.id.endswith(f"/{slug(figure.source)}")
    return f"{name.rpartition('/')[0]} ({figure.source})" if is_fact else name


def figure_tables(caption: str, figures: Sequence[Figure]) -> list[Table]:
    """Figures as one table, with a heading for each source."""
    if not figures:
        return []
    starts = [i for i, figure in enumerate(figures) if i == 0 or figures[i - 1].table != figure.table]
    columns = [
        Column("figure", "figure", [*map(name_of, figures)], left=True),
        Column("printed", "printed", [figure.printed for figure in figures], left=True),
        Column("computed", "computed", [figure.computed for figure in figures], left=True),
        Column(
            "status",
            "status",
            [figure.status for figure in figures],
            left=True,
            styles=[COLOURS.get(figure.status, "") for figure in figures],
        ),
        Column("cause", "cause", [figure.cause for figure in figures], left=True, wraps=True),
    ]
    return [Table(caption, columns, headings={i: (figures[i].table,) for i in starts})]


def figure_lines(figures: Sequence[Figure]) -> Paragraph:
    """The figures of one source as lines; neighbours with the same cause share it."""
    lines = [Line(figures[0].table, "bold")]
    for (status, cause), same in groupby(figures, key=lambda figure: (figure.status, figure.cause)):
        for i, figure in enumerate(same):
            computed = f", computed {figure.computed}" if figure.computed is not None else ""
            head = INDENT if i else f"  {status:11}  "
            text = f"{name_of(figure)}: printed {figure.printed}{computed}"
            lines.append(Line(text, "", head, COLOURS.get(status, "")))
        if cause:
            lines.append(Line(cause, "dim", INDENT))
    return Paragraph(tuple(lines))


RULES = "Sources that count in a way of their own"


def rules_table(audit: Audit) -> list[Table]:
    """How sources count, and how many of their rows the rule gives."""
    if not audit.rules:
        return []
    columns = [
        Column("source", "source", [rule.source for rule in audit.rules], left=True),
        Column("quantity", "quantity", [rule.quantity for rule in audit.rules], left=True),
        Column("rule", "rule", [rule.because for rule in audit.rules], left=True, wraps=True),
        Column("rows", "rows", [rule.rows for rule in audit.rules]),
        Column("given", "by the rule", [rule.given for rule in audit.rules]),
        Column("plain", "plainly", [rule.plain for rule in audit.rules]),
    ]
    return [Table(RULES, columns)]


def rules_lines(audit: Audit) -> list[Paragraph]:
    """The same as lines."""
    if not audit.rules:
        return []
    lines = [Line(RULES, "bold")]
    for rule in audit.rules:
        fit = f"gives {rule.given} of {rule.rows} rows; {rule.plain} are right plainly"
        lines.append(Line(f"{rule.source}, {rule.quantity}: {rule.because}", "", "  "))
        lines.append(Line(fit, "dim", INDENT))
    return [Paragraph(tuple(lines))]


HEADERS = {"recorded": "not computable"}


def computable(count: Mapping[str, int]) -> int:
    """How many figures of these statuses can be computed."""
    return sum(number for status, number in count.items() if status not in NOT_COMPUTED)


def counts_table(audit: Audit) -> Table:
    """How many figures of each table and family can be computed, and how many have which status."""
    sources = [(figures[0].table, figures) for figures in by_table(audit.figures)]
    rows = [*(sources if len(sources) > 1 else ()), ("total", audit.figures)]
    counts = [Counter(figure.status for figure in figures) for _, figures in rows]
    columns = [
        Column("table", "", [name for name, _ in rows], left=True),
        Column("figures", "figures", [len(figures) for _, figures in rows], spare=2),
        Column(
            "computable",
            "computable",
            [computable(count) for count in counts],
            spare=1,
            hidden=audit.computable == len(audit.figures),
        ),
        *(
            Column(status, HEADERS.get(status, status), [count[status] or None for count in counts])
            for status in STATUSES
            if audit.counts[status]
        ),
    ]
    return Table("", columns, summary=1)
