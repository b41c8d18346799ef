"""Tables as aligned text: in colour and with bars on a terminal, plain in a pipe or a file.

The widths are fitted here and not by rich: rich cannot leave out columns, spread a header over a group or
lay bars behind digits, and importing `rich.table` takes 50 ms of the 90 ms that `cnncost table` may take.
Rich writes the finished lines (`cnncost.tables.terminal`): it knows the terminal and its colours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from textwrap import wrap

from cnncost.tables.table import Column, Document, Line, Paragraph, Table, grouped, header_lines

ENDING = ".txt"
UNLIMITED = 10_000
NARROW = 80
"""The width that a table is laid out for where nothing limits it."""
TEXT_WIDTH = 100
"""Sentences are never set wider than this."""
NARROWEST = 16
"""Characters that a column of wrapped text has at least."""
BAR_WIDTH = 5
EIGHTHS = " ▏▎▍▌▋▊▉█"

Span = tuple[str, str]
"""A piece of a line and its style, in rich's words."""


def render(document: Document) -> str:
    """Plain text in which every column has room: for a file."""
    parts = [laid_out(part, NARROW) if isinstance(part, Table) else part for part in document.parts]
    spans = lines(Document(parts), UNLIMITED)
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in spans)


def lines(document: Document, width: int, bars: bool = False) -> Iterator[list[Span]]:
    """The document as styled lines of at most `width` characters."""
    for i, part in enumerate(document.parts):
        if i:
            yield []
        if isinstance(part, Paragraph):
            yield from (spans for line in part.lines for spans in wrapped(line, width))
        else:
            yield from table_lines(part, width, bars)


def dropped_headers(document: Document, width: int) -> list[str]:
    """The headers of the columns that the width has no room for."""
    found = []
    for part in document.parts:
        if isinstance(part, Table):
            table = laid_out(part, width)
            kept = fitting(table, width)
            found += [column.header for column in table.visible_columns if column not in kept]
    return found


def wrapped(line: Line, width: int) -> Iterator[list[Span]]:
    """A line of text broken to the width, the later lines below the first one's text."""
    room = max(min(width, TEXT_WIDTH) - len(line.head), NARROWEST)
    for i, text in enumerate(wrap(line.text, room, break_long_words=False, break_on_hyphens=False) or [""]):
        yield [(line.head if i == 0 else " " * len(line.head), line.head_style), (text, line.style)]


# How a table fits the width


def laid_out(table: Table, width: int) -> Table:
    """The table, or its narrow form where it does not fit."""
    if table.narrow and total_width(least_widths(table.visible_columns), 1) > width:
        return table.narrow
    return table


def fitting(table: Table, width: int) -> list[Column]:
    """The columns that fit; those that can best be spared go first."""
    kept = table.visible_columns
    while total_width(least_widths(kept), 1) > width and any(column.spare for column in kept):
        kept.remove(max(kept, key=lambda column: column.spare))
    return kept


def total_width(widths: Sequence[int], gap: int) -> int:
    """The width of columns with gaps between them."""
    return sum(widths) + gap * (len(widths) - 1)


def least_widths(columns: Sequence[Column]) -> list[int]:
    """The width of each column where those that can be wrapped are as narrow as they can be."""
    return [
        min(width, NARROWEST) if column.wraps else width
        for column, width in zip(columns, widths_of(columns), strict=True)
    ]


def widths_of(columns: Sequence[Column]) -> list[int]:
    """The width that each column needs; the last one of a group makes room for the group's name."""
    widths = [
        max(map(len, (*head, *column.texts))) for column, head in zip(columns, heads(columns), strict=True)
    ]
    if not has_units(columns):
        for name, places in grouped(columns):
            widths[places[-1]] += max(0, len(name) - total_width([widths[i] for i in places], 1))
    return widths


def has_units(columns: Sequence[Column]) -> bool:
    """Whether the upper header line has titles: then a group's name shares it, above its first column."""
    return any(column.unit is not None for column in columns)


def heads(columns: Sequence[Column]) -> list[tuple[str, str]]:
    """The two header lines of each column."""
    found = [header_lines(column) for column in columns]
    if has_units(columns):
        for name, places in grouped(columns):
            found[places[0]] = (name or found[places[0]][0], found[places[0]][1])
    return found


@dataclass(frozen=True)
class Layout:
    """How a table's columns are laid out: widths, the gap between them, and whether there are bars."""

    columns: list[Column]
    widths: list[int]
    gap: str
    beside: bool

    @property
    def rule(self) -> list[Span]:
        """A line across the table."""
        bars = (BAR_WIDTH + 1) * sum(bool(c.shares) for c in self.columns) if self.beside else 0
        return [("─" * (total_width(self.widths, len(self.gap)) + bars), "dim")]


def layout(columns: list[Column], width: int, bars: bool) -> Layout:
    """The columns with a gap of two where there is room; a column that wraps takes what the others leave."""
    widths = widths_of(columns)
    room = width - total_width(widths, 2)
    if room < 0:
        for i, (column, least) in enumerate(zip(columns, least_widths(columns), strict=True)):
            if column.wraps:
                widths[i] = max(least, widths[i] + room)
    taken = (BAR_WIDTH + 1) * sum(bool(column.shares) for column in columns)
    beside = bars and total_width(widths, 1) + taken <= width
    roomy = total_width(widths, 2) + taken * beside <= width
    return Layout(columns, widths, "  " if roomy else " ", beside)


# The lines of a table


def table_lines(table: Table, width: int, bars: bool) -> Iterator[list[Span]]:
    """Caption, header, rows, totals and notes."""
    table = laid_out(table, width)
    if table.caption:
        yield from ([(line, "bold")] for line in wrap(table.caption, width))
        yield []
    for i, columns in enumerate(stacked(table, width)):
        if i:
            yield []
        yield from body_lines(table, layout(columns, width, bars), width, whole=i == 0)
    if table.notes:
        yield []
    for note in table.notes:
        yield from wrapped(Line(note, "dim"), width)


def stacked(table: Table, width: int) -> list[list[Column]]:
    """The columns that fit; of a table that stacks all of them, in as many tables as they need."""
    if not table.stacks:
        return [fitting(table, width)]
    first, *rest = table.visible_columns
    found = [[first]]
    for column in rest:
        if len(found[-1]) > 1 and total_width(widths_of([*found[-1], column]), 2) > width:
            found.append([first])
        found[-1].append(column)
    return found


def body_lines(table: Table, place: Layout, width: int, whole: bool) -> Iterator[list[Span]]:
    """Header and rows; below the first of several tables, empty rows are left out."""
    yield from header(place)
    for i in range(len(table)):
        if not whole and not any(column.texts[i] for column in place.columns[1:]):
            continue
        if i == 0 or i in table.rules or i == table.body:
            yield place.rule
        if i in table.headings:
            yield heading(table.headings[i], width)
        yield from row(place, i, table.row_styles.get(i, "bold" if i >= table.body else ""))


def header(place: Layout) -> Iterator[list[Span]]:
    """The titles; above them, where there are any, the names of groups or the titles of costs."""
    pairs = heads(place.columns)
    if has_units(place.columns):
        yield joined_cells(place, [upper for upper, _ in pairs], "bold")
    elif any(column.group for column in place.columns):
        names = (
            name.rjust(total_width([place.widths[i] for i in places], len(place.gap)))
            for name, places in grouped(place.columns)
        )
        yield [(place.gap.join(names).rstrip(), "bold")]
    yield joined_cells(place, [lower for _, lower in pairs], "bold")


def heading(texts: Sequence[str], width: int) -> list[Span]:
    """A line across the table: a name, and the longest of the wordings behind it that fits."""
    name, *more = texts
    room = width - len(name) - 2
    text = next((text for text in more if len(text) <= room), "")
    if more and not text and room > 10:
        text = more[-1][: room - 1].rstrip() + "…"
    return [(name, "bold cyan"), (f"  {text}" if text else "", "")]


def row(place: Layout, i: int, style: str) -> Iterator[list[Span]]:
    """A row: one line, or as many as its wrapped cells need."""
    cells = [
        wrap(column.texts[i], size, break_long_words=False, break_on_hyphens=False) or [""]
        if column.wraps
        else [column.texts[i]]
        for column, size in zip(place.columns, place.widths, strict=True)
    ]
    for n in range(max(map(len, cells))):
        yield joined_cells(
            place, [cell[n] if n < len(cell) else "" for cell in cells], style, i if n == 0 else None
        )


def joined_cells(place: Layout, cells: Sequence[str], style: str, i: int | None = None) -> list[Span]:
    """One line: cells to the width of their columns, those of row `i` in their styles and with their bars."""
    spans: list[Span] = []
    for n, (column, text, size) in enumerate(zip(place.columns, cells, place.widths, strict=True)):
        own = (column.styles[i] if column.styles and i is not None else "") or style
        padded = text.ljust(size) if column.left else text.rjust(size)
        share = column.shares[i] / largest(column) if i is not None and i < len(column.shares) else None
        spans.append((place.gap if n else "", style))
        if place.beside and column.shares:
            spans += [(padded, own), (" " + bar(share), column.colour)]
        elif share:
            shaded = round(share * size)
            spans += [(padded[:shaded], f"black on {column.colour}"), (padded[shaded:], own)]
        else:
            spans.append((padded, own))
    text, last = spans[-1]
    spans[-1] = (text.rstrip(), last)
    return spans


def largest(column: Column) -> Fraction:
    """The largest share of a column, which has the longest bar."""
    return max(column.shares) or Fraction(1)


def bar(share: Fraction | None) -> str:
    """A share of 1 as a bar of five characters, to an eighth of one; anything above 0 shows."""
    if not share:
        return " " * BAR_WIDTH
    eighths = max(1, round(share * BAR_WIDTH * 8))
    full, rest = divmod(eighths, 8)
    return ("█" * full + EIGHTHS[rest] * (rest > 0)).ljust(BAR_WIDTH)
