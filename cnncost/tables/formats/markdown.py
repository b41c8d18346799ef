"""Tables in Markdown, as GitHub's pipe tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cnncost.tables.formats.terminal import NARROW, laid_out
from cnncost.tables.table import Document, Line, Paragraph, Part, Table

ENDING = ".md"


def render(document: Document) -> str:
    """The parts, separated by empty lines."""
    title, parts = titled(document.parts)
    texts = [
        paragraph_text(part) if isinstance(part, Paragraph) else table_text(laid_out(part, NARROW))
        for part in parts
    ]
    return "\n".join([*title, *texts])


def titled(parts: Sequence[Part]) -> tuple[list[str], Sequence[Part]]:
    """The heading of a page that begins with a bold line, and what comes below it."""
    first = parts[0] if parts else None
    if not isinstance(first, Paragraph) or len(parts) == 1 or first.lines[0].style != "bold":
        return [], parts
    rest = Paragraph(first.lines[1:])
    return [f"# {first.lines[0].text}\n"], [*([rest] if rest.lines else []), *parts[1:]]


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
            yield line([f"**{tight(heading[0])}**", *([""] * (len(columns) - 1))])
        cells = [tight(column.texts[i]) for column in columns]
        yield line([f"**{cell}**" if cell and i >= table.body else cell for cell in cells])


def line(cells: Sequence[str]) -> str:
    """One line of a pipe table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def tight(cell: str) -> str:
    """A cell without the spaces that align its parts on a terminal; a number and its unit stay together."""
    return BEFORE_UNIT.sub("\N{NO-BREAK SPACE}", re.sub(" +", " ", cell.strip()))


BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:[kMGTPE]?B|[kMGTPE]|%)(?!\w))")
"""The space in `1.14 G` and `30.98 %`."""


def paragraph_text(paragraph: Paragraph) -> str:
    """Lines with a head as a list, what continues them below; other lines one below the other."""
    text, in_list = "", False
    for line in paragraph.lines:
        if line.head.strip():
            text += ("\n" if text and not in_list else "") + item(line)
            in_list = True
        elif line.head and in_list:
            text = text.rstrip("\n") + f"  \n   {emphasised(line)}\n"
        else:
            below = "\n\n" if in_list else "  \n"
            text = (text.rstrip("\n") + below if text else "") + f"{emphasised(line)}\n"
            in_list = False
    return text


def item(line: Line) -> str:
    """A line with a head: an item of a list, of a numbered one where the head is a number."""
    if re.fullmatch(r" *\d+\. *", line.head):
        return f"{line.head.strip()} {emphasised(line)}\n"
    if line.head.endswith("("):  # a call in two styles
        return f"**{line.head}{line.text}**\n"
    return f"- **{tight(line.head)}** {emphasised(line)}\n"


def emphasised(line: Line) -> str:
    """A line's text, bold where a terminal shows it so."""
    return f"**{line.text}**" if line.text and "bold" in line.style else line.text
