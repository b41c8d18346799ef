r"""Tables in LaTeX, set with booktabs, no wider than the text.

A table of a page at most is scaled to the line where it is wider. A longer one is a longtable, which breaks
over pages and cannot be scaled: there long names are broken, the letters get smaller, and where that is not
enough the pages are turned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnncost.tables.formats.markdown import tight
from cnncost.tables.formats.terminal import NARROW, laid_out
from cnncost.tables.table import Column, Document, Paragraph, Table, grouped, header_lines

ENDING = ".tex"
PAGE = 40
"""A table of more rows is set as a longtable, which breaks over pages."""
LINE, TURNED = 345, 550
"""The width of a line in an article, in points; and on a page that is turned."""
LETTERS = {r"\small": 4.8, r"\footnotesize": 4.4, r"\scriptsize": 4.1}
"""Sizes of letters, with the width of a digit in points; other letters are as wide on average."""
SMALLEST = r"\tiny"
BETWEEN = r"\setlength{\tabcolsep}{3pt}"
GAP = 6
"""Points between two columns: twice the above."""
LONGEST = 24
"""Columns with texts longer than this, in letters, may be wrapped."""
SHARE = 0.3
"""The part of the line that such a column has."""
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
    "✓": r"$\surd$",
    "✗": r"$\times$",
    "↪": r"$\hookrightarrow$",
    "·": r"$\cdot$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "≈": r"$\approx$",
}


def escape(text: str) -> str:
    """Text as LaTeX sets it."""
    return "".join(SPECIAL.get(c, c) for c in text)


def render(document: Document) -> str:
    r"""The parts, to `\input`; the first line names the packages that they need."""
    parts = [laid_out(part, NARROW) if isinstance(part, Table) else part for part in document.parts]
    needed = packages([part for part in parts if isinstance(part, Table)])
    head = f"% needs \\usepackage{{{','.join(needed)}}}\n" if needed else ""
    return head + "\n".join(
        paragraph_text(part) if isinstance(part, Paragraph) else table_text(part) for part in parts
    )


def packages(tables: Sequence[Table]) -> list[str]:
    """The packages that the preamble has to load."""
    wanted = {
        "array": any(map(breaking, tables)),
        "booktabs": bool(tables),
        "graphicx": any(len(table) <= PAGE for table in tables),
        "longtable": any(len(table) > PAGE for table in tables),
        "lscape": any(len(table) > PAGE and not letters(table, LINE) for table in tables),
    }
    return [name for name, needed in wanted.items() if needed]


def paragraph_text(paragraph: Paragraph) -> str:
    """A paragraph whose lines stay lines."""
    texts = (f"{line.head.strip()} {line.text}".strip() for line in paragraph.lines)
    return " \\\\\n".join(map(escape, texts)) + "\n"


def table_text(table: Table) -> str:
    """The table with its caption above and its notes below."""
    columns, broken = table.visible_columns, breaking(table)
    spec = "".join(
        rf">{{\raggedright\arraybackslash}}p{{{SHARE}\linewidth}}"
        if column in broken
        else "lr"[not column.left]
        for column in columns
    )
    lines = (long_table if len(table) > PAGE else short_table)(table, f"@{{}}{spec}@{{}}")
    return "\n".join(lines) + "\n"


def short_table(table: Table, spec: str) -> list[str]:
    """A `table` environment, scaled to the line where it is wider."""
    return [
        r"\begin{table}",
        rf"\centering\small{BETWEEN}",
        *([rf"\caption{{{escape(table.caption)}}}"] if table.caption else []),
        r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
        rf"\begin{{tabular}}{{{spec}}}",
        r"\toprule",
        *heads(table.visible_columns),
        r"\midrule",
        *rows(table),
        r"\bottomrule",
        r"\end{tabular}}",
        *notes(table),
        r"\end{table}",
    ]


def long_table(table: Table, spec: str) -> list[str]:
    """A `longtable`, which repeats its header on each page."""
    head = [r"\toprule", *heads(table.visible_columns), r"\midrule"]
    size = letters(table, LINE)
    around = "group" if size else "{landscape}"
    return [
        rf"\begin{around}{size or letters(table, TURNED) or SMALLEST}{BETWEEN}",
        rf"\begin{{longtable}}{{{spec}}}",
        *([rf"\caption{{{escape(table.caption)}}}\\"] if table.caption else []),
        *head,
        r"\endfirsthead",
        *head,
        r"\endhead",
        *rows(table),
        r"\bottomrule",
        r"\end{longtable}",
        *notes(table),
        rf"\end{around}",
    ]


def notes(table: Table) -> list[str]:
    """The notes as a paragraph."""
    text = escape(" ".join(table.notes))
    return [rf"\par\smallskip\footnotesize\raggedright {text}\par"] if text else []


def breaking(table: Table) -> list[Column]:
    """The columns whose texts may be broken: in a long table also names, at their dots and underscores."""
    return [
        column
        for column in table.visible_columns
        if (column.wraps or (column.left and len(table) > PAGE)) and longest(column) > LONGEST
    ]


def longest(column: Column) -> int:
    """The letters of the longest text of a column."""
    return max(map(len, (*header_lines(column), *map(tight, column.texts))))


def letters(table: Table, line: int) -> str:
    """The largest letters in which the columns fit a line; none where they do not."""
    columns, broken = table.visible_columns, breaking(table)
    count = sum(longest(column) for column in columns if column not in broken)
    room = line * (1 - SHARE * len(broken)) - GAP * (len(columns) - 1)
    return next((name for name, width in LETTERS.items() if count * width <= room), "")


def rows(table: Table) -> Iterator[str]:
    """The rows, with rules and headings between them."""
    columns, broken = table.visible_columns, breaking(table)
    for i in range(len(table)):
        if i and (i in table.rules or i == table.body):
            yield r"\midrule"
        if heading := table.headings.get(i):
            yield rf"\multicolumn{{{len(columns)}}}{{@{{}}l@{{}}}}{{\textbf{{{escape(heading[0])}}}}} \\"
        cells = [(escape(tight(column.texts[i])), column in broken) for column in columns]
        yield " & ".join(breakable(cell) if breaks else cell for cell, breaks in cells) + r" \\"


def heads(columns: Sequence[Column]) -> list[str]:
    """One header line, or two where there are groups or units; a group's name spans its columns."""
    tops: list[str] = []
    for name, places in grouped(columns):
        title = escape(name or header_lines(columns[places[0]])[0])
        tops.append(rf"\multicolumn{{{len(places)}}}{{r}}{{{title}}}" if name else title)
    upper = [" & ".join(tops) + r" \\"] if any(tops) else []
    return [*upper, line([header_lines(column)[1] for column in columns])]


def line(cells: Sequence[str]) -> str:
    r"""One row, ended by `\\`."""
    return " & ".join(map(escape, cells)) + r" \\"


def breakable(text: str) -> str:
    """A text that may be broken behind dots, brackets and underscores: a path, a call, a network."""
    for sign in (".", "(", r"\_"):
        text = text.replace(sign, rf"{sign}\allowbreak{{}}")
    return text
