"""The lines of a file as a grid: which of them is the header, and what belongs together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cnncost.homework.read.grid import AnswerCell, AnswersError, Grid
from cnncost.homework.read.headers import header_meaning, words_of
from cnncost.homework.read.text import printable, without_empty_end, without_markup

EMPTY = "the file is empty: it needs a header and a row for each layer"
COLUMNS = 100
LISTED = 10
"""Beyond this many remarks of one kind, only their number is reported."""
LOOKED_AT = 12
"""The header is one of the first lines."""

Lines = Sequence[tuple[int, Sequence[str]]]
"""The cells of each line, with its number in the file."""


def grid_of_lines(source: str, lines: Lines) -> Grid:
    """The grid below the line that is the header.

    Of a line with more cells than the header only the first cell is kept, with a remark: a thousands comma
    without quotes has shifted all cells behind it.
    """
    filled = [(number, cells) for number, cells in lines if any(cell.strip() for cell in cells)]
    if not filled:
        raise AnswersError(f"{source}: {EMPTY}")
    if max(len(cells) for _, cells in filled) > COLUMNS:
        raise AnswersError(f"{source}: more than {COLUMNS} columns: no table of answers needs that")
    at = header_line([cells for _, cells in filled])
    header = tuple(without_markup(cell) for cell in without_empty_end(filled[at][1]))
    if not filled[at + 1 :]:
        raise AnswersError(f"{source}: no row below the header {printable(', '.join(header))}")
    rows, remarks = [], []
    for number, cells in filled[at + 1 :]:
        if (count := len(without_empty_end(cells))) > len(header):
            remarks.append(
                f"row {number} is not read: it has {count} cells under {len(header)} headers;"
                ' write a number with a comma in quotes: "1,234"'
            )
            cells = cells[:1]
        padded = [*cells[: len(header)], *[""] * (len(header) - len(cells))]
        rows.append(tuple(AnswerCell(without_markup(cell), number) for cell in padded))
    if len(remarks) > LISTED:
        remarks[LISTED:] = [f"{len(remarks) - LISTED} more rows have too many cells and are not read"]
    return Grid(source, header, tuple(rows), tuple(remarks))


def header_line(lines: Sequence[Sequence[str]]) -> int:
    """The index of the header: of the first lines the one with most known headers."""
    known = [sum(header_meaning(cell) is not None for cell in cells) for cells in lines[:LOOKED_AT]]
    return known.index(max(known))


def grid_of_records(source: str, records: Iterable[tuple[int, Mapping[str, Any]]]) -> Grid:
    """A grid of records, whose keys are the headers in the order of their first use."""
    kept = list(records)
    header = list(dict.fromkeys(key for _, record in kept for key in record))
    lines = [(number, [cell_text(record.get(key)) for key in header]) for number, record in kept]
    return grid_of_lines(source, [(0, header), *lines])


def cell_text(value: Any) -> str:
    """A value of JSON, YAML or Python as the text of a cell: a list as a shape, (96, 55, 55)."""
    if isinstance(value, dict):  # a receptive field of `cnncost table --format json`
        value = value.get("size")
    if isinstance(value, list):
        return f"({', '.join('nested' if isinstance(v, (list, dict)) else str(v) for v in value)})"
    return "" if value is None else str(value)


AXES = re.compile(r"(?P<side>input|output|in|out)? ?(?P<axis>height|width|h|w) ?(?P<behind>in|out)?")


def with_joined_axes(grid: Grid) -> Grid:
    """The grid with each column of heights and the column of widths next to it joined to sizes, 55x55."""
    axes = [axis_of(header) for header in grid.header]
    for i, axis in enumerate(axes[:-1]):
        other = axes[i + 1]
        if axis and other and axis[0] == other[0] and {axis[1], other[1]} == {"h", "w"}:
            high, wide = (i, i + 1) if axis[1] == "h" else (i + 1, i)
            header = (*grid.header[:i], f"{axis[0]} H/W".strip(), *grid.header[i + 2 :])
            rows = tuple((*row[:i], joined_size(row[high], row[wide]), *row[i + 2 :]) for row in grid.rows)
            return with_joined_axes(replace(grid, header=header, rows=rows))
    return grid


def axis_of(header: str) -> tuple[str, str] | None:
    """The side and the axis of a column of heights or widths: `H_out` is (output, h)."""
    found = AXES.fullmatch(words_of(header))
    if not found:
        return None
    side = found["side"] or found["behind"] or ""
    return side and f"{side.removesuffix('put')}put", found["axis"][0]


def joined_size(high: AnswerCell, wide: AnswerCell) -> AnswerCell:
    """A height and a width as one cell, blank unless both were filled in."""
    blank = next((cell for cell in (high, wide) if cell.blank), None)
    return blank or AnswerCell(f"{high.text}x{wide.text}", high.row, high.note or wide.note)
