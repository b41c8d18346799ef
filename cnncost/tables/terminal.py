"""The table in a terminal: colour and bars there, plain text in a pipe, never wider than asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TextIO

from cnncost.views.network_table import Column, Table, headed

Part = tuple[str, str]
"""A piece of a line and its rich style."""

BAR_WIDTH = 5
COLOURS = {"memory": "cyan", "params": "magenta", "flops": "yellow"}
EIGHTHS = " ▏▎▍▌▋▊▉█"


def lines(table: Table, width: int, bars: bool) -> Iterator[list[Part]]:
    """The lines of a table that fits `width` columns, as styled parts.

    With `bars`, each cost has a bar for its share: beside it where all columns have room, else as
    the colour behind its digits.
    """
    columns = headed(fitting(table, width))
    beside = bars and total_width(columns, 1, True) <= width
    gap = 2 if total_width(columns, 2, beside) <= width else 1
    yield [(table.caption, "bold")]
    yield []
    for level in (0, 1):
        yield joined([(column, column.head[level], None) for column in columns], gap, beside, "bold")
    rule = "─" * total_width(columns, gap, beside)
    yield [(rule, "dim")]
    for i in range(len(table.rows)):
        cells = [(c, c.cells[i], c.shares[i] / largest(c) if bars and c.shares else None) for c in columns]
        yield joined(cells, gap, beside, "")
    yield [(rule, "dim")]
    yield joined([(column, column.total, None) for column in columns], gap, beside, "bold")


def joined(
    cells: Sequence[tuple[Column, str, Fraction | None]], gap: int, beside: bool, style: str
) -> list[Part]:
    """One line: cells to the width of their columns, each cost with its bar."""
    parts: list[Part] = []
    for i, (column, text, share) in enumerate(cells):
        width = cell_width(column)
        padded = text.ljust(width) if column.left else text.rjust(width)
        parts.append((" " * (gap if i else 0), style))
        if beside and column.shares:
            parts += [(padded, style), (" " + bar(share), COLOURS[column.key])]
        elif share:
            shaded = round(share * width)
            parts += [(padded[:shaded], f"black on {COLOURS[column.key]}"), (padded[shaded:], style)]
        else:
            parts.append((padded, style))
    text, last = parts[-1]
    parts[-1] = (text.rstrip(), last)
    return parts


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


def cell_width(column: Column) -> int:
    """The width of a column's widest text."""
    return max(map(len, (*column.head, *column.cells, column.total)))


def total_width(columns: Sequence[Column], gap: int, bars: bool) -> int:
    """How wide these columns are together."""
    bar_width = (BAR_WIDTH + 1) * sum(bool(column.shares) for column in columns) if bars else 0
    return sum(map(cell_width, columns)) + gap * (len(columns) - 1) + bar_width


def fitting(table: Table, width: int) -> list[Column]:
    """The columns that fit; those that can best be spared go first, and empty ones before them."""
    kept = table.shown
    while total_width(headed(kept), 1, False) > width and any(column.spare for column in kept):
        kept.remove(max(kept, key=lambda column: column.spare))
    return kept


def left_out(table: Table, width: int) -> list[str]:
    """The columns that the width has no room for."""
    kept = fitting(table, width)
    return [column.title for column in table.shown if column not in kept]


def plain(parts_of_lines: Iterable[list[Part]]) -> str:
    """Lines without styles."""
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in parts_of_lines)


def terminal_width(stream: TextIO) -> int:
    """COLUMNS if set, the terminal's width, or 80 in a pipe."""
    import shutil

    return shutil.get_terminal_size((80, 24)).columns if stream.isatty() else pipe_width()


def pipe_width() -> int:
    """COLUMNS if it is a number, else 80."""
    import os

    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdigit() and int(columns) > 0 else 80


def show(parts_of_lines: Iterable[list[Part]], stream: TextIO | None = None) -> None:
    """Write lines to a terminal, with colour where it wants it."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True, file=stream)
    for line in parts_of_lines:
        console.print(Text.assemble(*line, no_wrap=True, end=""))


def show_code(text: str, language: str) -> None:
    """Write a text to a terminal as it is, in the colours of its language."""
    from rich.console import Console
    from rich.syntax import Syntax

    code = Syntax(text, language, theme="ansi_dark", background_color="default").highlight(text)
    code.rstrip()
    Console(highlight=False, soft_wrap=True).print(code)


def notes(table: Table, width: int) -> Iterator[list[Part]]:
    """The footnotes, wrapped to the width."""
    import textwrap

    yield []
    for footnote in table.footnotes:
        for line in textwrap.wrap(footnote, min(width, 100)):
            yield [(line, "dim")]
