"""The lines of a file as a grid: which of them is the header, and what belongs together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from cnncost.homework.read.cells import read_cell
from cnncost.homework.read.grid import ABSENT, AnswerCell, AnswersError, Grid
from cnncost.homework.read.header_words import header_meaning, words_of
from cnncost.homework.read.quantities import COUNT, SHAPE
from cnncost.homework.read.questions import question_line
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

    The layers may also be the columns; and a table of names and values needs no header.
    """
    filled = [(number, cells) for number, cells in lines if any(cell.strip() for cell in cells)]
    if not filled:
        raise AnswersError(f"{source}: {EMPTY}")
    if max(len(cells) for _, cells in filled) > COLUMNS:
        raise AnswersError(f"{source}: more than {COLUMNS} columns: no table of answers needs that")
    if (at := question_line([cells for _, cells in filled[:LOOKED_AT]])) is not None:
        return grid_below(source, filled[at][1], filled[at + 1 :])
    at = header_line([cells for _, cells in filled])
    if asked_in(filled[at][1]) and not by_columns(filled[at][1]):
        header, below = whole_header(filled[at:])
        return grid_below(source, header, below)
    exchanged = [
        (i, list(cells)) for i, cells in enumerate(zip_longest(*(c for _, c in filled), fillvalue=""), 1)
    ]
    if len(exchanged) > 1 and asked_in(exchanged[0][1]):
        grid = grid_below(source, without_empty_end(exchanged[0][1]), exchanged[1:])
        return replace(grid, remarks=(*grid.remarks, "the layers are read from the columns"))
    return grid_without_header(source, filled) or grid_below(source, filled[at][1], filled[at + 1 :])


def grid_below(source: str, above: Sequence[str], lines: Lines) -> Grid:
    """The grid of a header and the lines below it.

    Of a line with more cells than the header only the first cell is kept, with a remark: a thousands comma
    without quotes has shifted all cells behind it.
    """
    header = tuple(without_markup(cell) for cell in without_empty_end(above))
    if not lines:
        raise AnswersError(f"{source}: no row below the header {printable(', '.join(header))}")
    rows, remarks = [], []
    for number, cells in lines:
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


def by_columns(cells: Sequence[str]) -> bool:
    """Whether a line has a header in front and values behind it: Params, 156, 0, 2416."""
    behind = [cell for cell in cells[1:] if cell.strip()]
    return any(cell[:1].isdigit() for cell in behind) and not any(map(header_meaning, behind))


def asked_in(cells: Sequence[str]) -> bool:
    """Whether a line has the header of a column that can be marked."""
    return any(found is not None and found.quantity for found in map(header_meaning, cells))


def whole_header(lines: Lines) -> tuple[Sequence[str], Lines]:
    """The header at the start of some lines, which may be two lines, and the lines below it.

    In the second line are the parts of what the first names: weights and biases below parameters.
    """
    first, below = lines[0][1], lines[1:]
    second = without_empty_end(below[0][1]) if below else ()
    known = sum(header_meaning(cell) is not None for cell in second)
    if known < 2 or known < sum(bool(cell.strip()) for cell in second) - 1:
        return first, below
    header, group = [], ""
    for upper, lower in zip_longest(first, second, fillvalue=""):
        group = upper.strip() or group
        header.append(joined_header(upper.strip(), group, lower.strip()))
    return header, below[1:]


def joined_header(upper: str, group: str, lower: str) -> str:
    """One header of two lines."""
    if not lower:
        return upper
    both = f"{group} {lower}".strip()
    return both if header_meaning(both) else lower


def grid_without_header(source: str, lines: Lines) -> Grid | None:
    """The grid of names with a number or a shape behind each; None for any other table."""
    rows = [without_empty_end(cells) for _, cells in lines]
    width = max(map(len, rows))
    if width not in (2, 3) or not all(len(row) == width and row[0][:1].isalpha() for row in rows):
        return None
    header = ["layer"]
    for column in list(zip(*rows, strict=True))[1:]:
        cells = [AnswerCell(without_markup(text), 0) for text in column]
        if all(len(read_cell(cell, SHAPE).sizes) != 1 or cell.blank for cell in cells[:1]) and any(
            len(read_cell(cell, SHAPE).sizes) >= 3 for cell in cells
        ):
            header.append("output shape")
        elif all(cell.blank or read_cell(cell, COUNT).readable for cell in cells):
            header.append("params")
    if len(header) != width or len(set(header)) != width:
        return None
    named = " and ".join(header[1:])
    grid = grid_below(source, header, lines)
    return replace(grid, remarks=(*grid.remarks, f"there is no header: the values are read as {named}"))


def combined(source: str, grids: Sequence[Grid]) -> Grid:
    """One grid of the tables of a file: those that can be marked, their rows joined by the layers' names."""
    marked = [grid for grid in grids if asked_in(grid.header)]
    if len(marked) < 2:
        return (marked or sorted(grids, key=lambda grid: -len(grid.rows)))[0]
    header: list[str] = ["layer"]
    keys: dict[str, int] = {}
    rows: dict[str, list[AnswerCell]] = {}
    for grid in marked:
        at = next(
            (i for i, text in enumerate(grid.header) if (m := header_meaning(text)) and m.key == "layer"), 0
        )
        columns = []
        for i, text in enumerate(grid.header):
            meaning = header_meaning(text)
            key = meaning.key if meaning else text
            if i != at and key not in keys:
                keys[key] = len(header)
                header.append(text)
            columns.append(0 if i == at else keys[key])
        seen: dict[str, int] = {}
        for row in grid.rows:
            name = row[at].text.strip()
            seen[name] = seen.get(name, 0) + 1
            cells = rows.setdefault(f"{words_of(name)} {seen[name]}", [row[at]])
            for column, cell in zip(columns, row, strict=True):
                cells += [ABSENT] * (column + 1 - len(cells))
                if not cells[column].text:
                    cells[column] = cell
    width = len(header)
    padded = [(*cells, *[ABSENT] * (width - len(cells))) for cells in rows.values()]
    return Grid(source, tuple(header), tuple(padded), tuple(r for grid in marked for r in grid.remarks))


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
