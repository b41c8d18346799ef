r"""The table in LaTeX, set with booktabs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from cnncost.views.network_table import Column, Table

SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"$<$",
    ">": r"$>$",
    "×": r"$\times$",
    "²": r"$^2$",
    "→": r"$\to$",
    "…": r"\dots{}",
    "Δ": r"$\Delta$",
}


def escape(text: str) -> str:
    """Text as LaTeX sets it."""
    return "".join(SPECIAL.get(c, c) for c in text)


def render(table: Table) -> str:
    r"""A `table` environment to `\input`; it needs `\usepackage{booktabs}`."""
    columns = table.shown
    spec = "".join("l" if column.left else "r" for column in columns)
    rows = [list(row) for row in zip(*(column.cells for column in columns), strict=True)]
    body = [
        *heads(columns),
        r"\midrule",
        *map(line, rows),
        r"\midrule",
        line([column.total for column in columns]),
    ]
    return environment(f"{table.caption}. {' '.join(table.footnotes)}", spec, body)


def environment(caption: str, columns: str, lines: Sequence[str]) -> str:
    r"""Lines between `\toprule` and `\bottomrule`, in a `table` with a caption.

    Args:
        caption: as text, escaped here.
        columns: `l` or `r` for each.
        lines: finished.
    """
    return "\n".join(
        [
            r"% needs \usepackage{booktabs}",
            r"\begin{table}",
            r"\centering\small",
            rf"\caption{{{escape(caption)}}}",
            rf"\begin{{tabular}}{{@{{}}{columns}@{{}}}}",
            r"\toprule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def heads(columns: Sequence[Column]) -> list[str]:
    """The two header lines; a group's name spans its columns."""
    tops: list[str] = []
    for name, members in groupby(columns, key=lambda column: column.group):
        group = list(members)
        if name:
            tops.append(rf"\multicolumn{{{len(group)}}}{{r}}{{{name}}}")
        else:
            tops += [escape(column.head[0]) for column in group]
    return [" & ".join(tops) + r" \\", line([column.head[1] for column in columns])]


def line(cells: Sequence[str]) -> str:
    r"""One row, ended by `\\`."""
    return " & ".join(map(escape, cells)) + r" \\"
