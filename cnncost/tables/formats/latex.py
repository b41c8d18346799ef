r"""Tables in LaTeX, set with booktabs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnncost.tables.formats.markdown import tight
from cnncost.tables.formats.terminal import NARROW, laid_out
from cnncost.tables.table import Column, Document, Paragraph, Table, grouped, header_lines

ENDING = ".tex"
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
    "✓": r"$\checkmark$",
    "✗": r"$\times$",
    "↪": r"$\hookrightarrow$",
    "·": r"$\cdot$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "∑": r"$\sum$",
}


def escape(text: str) -> str:
    """Text as LaTeX sets it."""
    return "".join(SPECIAL.get(c, c) for c in text)


def render(document: Document) -> str:
    r"""The parts, to `\input`; tables need `\usepackage{booktabs}`."""
    return "\n".join(
        paragraph_text(part) if isinstance(part, Paragraph) else table_text(laid_out(part, NARROW))
        for part in document.parts
    )


def paragraph_text(paragraph: Paragraph) -> str:
    """A paragraph whose lines stay lines."""
    return (
        " \\\\\n".join(escape(f"{line.head.strip()} {line.text}".strip()) for line in paragraph.lines) + "\n"
    )


def table_text(table: Table) -> str:
    """A `table` environment with a caption that holds the notes."""
    columns = table.shown
    caption = f"{table.caption}. {' '.join(table.notes)}".strip()
    lines = [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"\centering\small",
        rf"\caption{{{escape(caption)}}}",
        rf"\begin{{tabular}}{{@{{}}{''.join('l' if c.left else 'r' for c in columns)}@{{}}}}",
        r"\toprule",
        *heads(columns),
        *rows(table),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def rows(table: Table) -> Iterator[str]:
    """The rows, with rules and headings between them."""
    columns = table.shown
    for i in range(len(table)):
        if i == 0 or i in table.rules or i == table.body:
            yield r"\midrule"
        if heading := table.headings.get(i):
            yield rf"\multicolumn{{{len(columns)}}}{{@{{}}l@{{}}}}{{\textbf{{{escape(heading[0])}}}}} \\"
        yield line([tight(column.texts[i]) for column in columns])


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
