"""Tables in HTML with shaded bars: a fragment that notebooks and pages can hold."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from cnncost.tables.formats.terminal import NARROW, laid_out
from cnncost.tables.table import Column, Document, Line, Paragraph, Table

ENDING = ".html"
BAR = "linear-gradient(to right, rgba(86,180,233,.45) {0:.1f}%, transparent {0:.1f}%)"
WORDS = {"bold": "font-weight:bold", "dim": "opacity:.7"}
"""The words of a style that are no colour."""


def render(document: Document) -> str:
    """The parts below each other."""
    return "\n".join(
        paragraph_html(part) if isinstance(part, Paragraph) else table_html(laid_out(part, NARROW))
        for part in document.parts
    )


def table_html(table: Table) -> str:
    """A table element with caption and notes; styles inline, as notebooks need them."""
    rows = list(row_lines(table))
    lines = [
        "<table>",
        f"<caption style='text-align:left'>{escape(table.caption)}</caption>",
        f"<thead><tr>{''.join(f'<th>{escape(c.header)}</th>' for c in table.visible_columns)}</tr></thead>",
        "<tbody>",
        *rows,
        "</tbody>",
        f"<tfoot>{''.join(total_row(table, i) for i in range(table.body, len(table)))}</tfoot>",
        "</table>",
        f"<p style='font-size:smaller'>{'<br>'.join(map(escape, table.notes))}</p>" if table.notes else "",
    ]
    return "\n".join(filter(None, lines)) + "\n"


def row_lines(table: Table) -> Iterator[str]:
    """The rows above the totals, with their headings."""
    for i in range(table.body):
        if heading := table.headings.get(i):
            texts = " ".join(map(escape, heading[:2]))
            yield f"<tr><th colspan='{len(table.visible_columns)}' style='text-align:left'>{texts}</th></tr>"
        style = table.row_styles.get(i, "")
        yield f"<tr>{''.join(cell(column, i, style) for column in table.visible_columns)}</tr>"


def cell(column: Column, i: int, row_style: str) -> str:
    """One cell; a cost is shaded by its share of the total."""
    css = [f"text-align:{'left' if column.left else 'right'}"]
    if i < len(column.shares):
        css.append(f"background:{BAR.format(float(column.shares[i] * 100))}")
    css += css_of((column.styles[i] if column.styles else "") or row_style)
    return f"<td style='{';'.join(css)}'>{escape(column.texts[i])}</td>"


def total_row(table: Table, i: int) -> str:
    """A row of totals."""
    cells = "".join(
        f"<th style='text-align:{'left' if c.left else 'right'}'>{escape(c.texts[i])}</th>"
        for c in table.visible_columns
    )
    return f"<tr>{cells}</tr>"


def css_of(style: str) -> list[str]:
    """A style in rich's words as CSS: `bold red`."""
    return [WORDS.get(word, f"color:{word}") for word in style.split()]


def paragraph_html(paragraph: Paragraph) -> str:
    """A paragraph element."""
    return f"<p>{'<br>'.join(map(line_html, paragraph.lines))}</p>\n"


def line_html(line: Line) -> str:
    """A line in HTML; its head has a style of its own."""
    pairs = [(line.head.strip(), line.head_style), (line.text, line.style)]
    return " ".join(
        f"<span style='{';'.join(css_of(style))}'>{escape(text)}</span>" if style else escape(text)
        for text, style in pairs
        if text
    )
