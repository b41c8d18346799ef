"""Tables in Markdown, as GitHub's pipe tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cnncost.tables.formats.terminal import NARROW, laid_out
from cnncost.tables.table import Document, Line, Paragraph, Table

ENDING = ".md"


def render(document: Document) -> str:
    """The parts, separated by empty lines."""
    parts = [
        paragraph_text(part) if isinstance(part, Paragraph) else table_text(laid_out(part, NARROW))
        for part in document.parts
    ]
    return "\n".join(parts)


def table_text(table: Table) -> str:
    """The caption, the table and its notes."""
    caption = [f"**{table.caption}**", ""] if table.caption else []
    notes = ["", *table.notes] if table.notes else []
    return "\n".join([*caption, *pipes(table), *notes]) + "\n"


def pipes(table: Table) -> Iterator[str]:
    """Header, alignment, rows and totals; a heading is a row with one bold cell."""
    columns = table.visible_columns
    yield line([column.header for column in columns])
    yield line([":--" if column.left else "--:" for column in columns])
    for i in range(len(table)):
        if heading := table.headings.get(i):
            yield line([f"**{heading[0]}**", *([""] * (len(columns) - 1))])
        cells = [tight(column.texts[i]) for column in columns]
        yield line([f"**{cell}**" if cell and i >= table.body else cell for cell in cells])


def line(cells: Sequence[str]) -> str:
    """One line of a pipe table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def tight(cell: str) -> str:
    """A cell without the spaces that align its parts on a terminal."""
    return re.sub(" +", " ", cell.strip())


def paragraph_text(paragraph: Paragraph) -> str:
    """One line as a paragraph, several as a list."""
    bullet = "- " if len(paragraph.lines) > 1 else ""
    return "".join(f"{bullet}{line_text(line)}\n" for line in paragraph.lines)


def line_text(line: Line) -> str:
    """A line in Markdown: its head, and whatever is bold on a terminal, is bold."""
    text = f"**{line.text}**" if line.text and "bold" in line.style else line.text
    return " ".join(part for part in (f"**{tight(line.head)}**" if line.head.strip() else "", text) if part)
