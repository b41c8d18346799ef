"""Handed-in answers as a grid of texts that know their place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cnncost.errors import CnncostError


class AnswersError(CnncostError):
    """A file of answers cannot be read; the message says where and why."""


BLANK = frozenset({"", "?", "-", "–", "—", "...", "…", "n/a", "na", "none", "null", "nan", "tbd"})
"""What stands in a cell that was not filled in, in lower case."""

EMPTY = "the file is empty: it needs a header and a row for each layer"
COLUMNS = 100
SHOWN = 40
"""Of a longer cell, so many characters are shown."""
SAID = 10
"""Of more rows of which the same is to be said, the number is told."""
QUOTED = "a number with a comma, 1,234, stands in quotes"


@dataclass(frozen=True)
class Cell:
    """What stands in one place, as text. Rows count as the file's own lines or records do, from 1.

    `note` says what is special about it, such as that a formula stood there.
    """

    text: str
    row: int
    note: str = ""

    @property
    def blank(self) -> bool:
        """Whether nothing was answered here."""
        return self.text.strip().casefold() in BLANK

    @property
    def shown(self) -> str:
        """The text as it can be shown: printable, on one line, not too long."""
        return printable(self.text)


@dataclass(frozen=True)
class Grid:
    """A header, and rows that each have as many cells; `remarks` say what the reader noticed."""

    source: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    remarks: tuple[str, ...] = ()


def printable(text: str, most: int = SHOWN) -> str:
    """A text of someone else's without control characters, and cut where it is long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * most]).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def bare(text: str) -> str:
    """A cell without the marks of markdown that people set numbers and names in."""
    stripped = text.strip()
    for mark in ("**", "__", "`", "$", "*"):
        if len(stripped) > 2 * len(mark) and stripped.startswith(mark) and stripped.endswith(mark):
            stripped = stripped[len(mark) : -len(mark)].strip()
    return stripped


def of_lines(source: str, lines: Sequence[tuple[int, Sequence[str]]], remarks: Iterable[str] = ()) -> Grid:
    """A grid of lines of texts, each with its number; the first of them is the header.

    A line with more cells than the header is kept by its first cell alone, and said: a thousands comma
    without quotes has moved all that stands behind it.

    Raises:
        AnswersError: there is no header, or no row below it.
    """
    filled = [(number, cells) for number, cells in lines if any(cell.strip() for cell in cells)]
    if not filled:
        raise AnswersError(f"{source}: {EMPTY}")
    if max(len(cells) for _, cells in filled) > COLUMNS:
        raise AnswersError(f"{source}: more than {COLUMNS} columns: no table of answers needs that")
    at = header_line([cells for _, cells in filled])
    header = tuple(bare(cell) for cell in trimmed(filled[at][1]))
    said, rows, shifted = list(remarks), [], 0
    for number, cells in filled[at + 1 :]:
        if len(trimmed(cells)) > len(header):
            shifted += 1
            if shifted <= SAID:
                count = f"{len(trimmed(cells))} cells under {len(header)} headers"
                said.append(f"row {number} is not read: it has {count}; {QUOTED}")
            cells = cells[:1]
        padded = [*cells[: len(header)], *[""] * (len(header) - len(cells))]
        rows.append(tuple(Cell(bare(cell), number) for cell in padded))
    if shifted > SAID:
        said.append(f"{shifted - SAID} more rows have too many cells, and are not read")
    if not rows:
        raise AnswersError(f"{source}: no row below the header {printable(', '.join(header))}")
    return Grid(source, header, tuple(rows), tuple(said))


def trimmed(cells: Sequence[str]) -> Sequence[str]:
    """Cells without the empty ones at the end."""
    count = next((i for i in range(len(cells), 0, -1) if cells[i - 1].strip()), 0)
    return cells[:count]


LOOKED_AT = 12


def header_line(lines: Sequence[Sequence[str]]) -> int:
    """Which of the lines is the header: the one with most headers that are known; else the first."""
    from cnncost.homework.read.headers import meaning

    known = [sum(meaning(cell) is not None for cell in cells) for cells in lines[:LOOKED_AT]]
    return max(range(len(known)), key=lambda i: (known[i], -i))
