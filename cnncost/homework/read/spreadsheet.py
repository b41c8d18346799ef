"""Answers in an Excel file: its stored values, and nothing else of it.

A formula is not evaluated and a macro not run; of a formula, the value that the spreadsheet program
stored beside it is read. openpyxl gets the sheets and texts alone, after they have been measured.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cnncost.errors import CnncostError
from cnncost.homework.read.grid import AnswersError, Cell, Grid, of_lines

UNPACKED_BYTES = 4_000_000
TABLES, OTHER_BYTES = ("xl/worksheets/", "xl/sharedStrings"), 300_000
"""The parts that hold cells; of the others, such as styles, one that is larger is left out."""
PARTS = 200
ROWS, COLUMNS = 2_000, 100
CHUNK = 1 << 16


def read_spreadsheet(data: bytes, name: str) -> Grid:
    """The first sheet with anything in it.

    Raises:
        AnswersError: it is no spreadsheet, unpacks to too much, or holds nothing.
        CnncostError: openpyxl is not installed.
    """
    data = needed_parts(data, name)
    values, formulas = sheets(data, name, stored=True), sheets(data, name, stored=False)
    for lines, typed in zip(values, formulas, strict=True):
        if any(any(cell.strip() for cell in cells) for _, cells in typed):
            return with_formulas(of_lines(name, lines), typed)
    raise AnswersError(f"{name}: the spreadsheet is empty: it needs a header and a row for each layer")


def needed_parts(data: bytes, name: str) -> bytes:
    """The archive with its sheets and texts alone: no pictures, macros or embedded files.

    Raises:
        AnswersError: it is no archive, unpacks to more than a table needs, or declares entities in its XML.
    """
    kept: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > PARTS:
                raise AnswersError(f"{name}: {len(parts)} parts: no table of answers needs that")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    left = UNPACKED_BYTES - sum(map(len, kept.values()))
                    kept[part.filename] = unpacked(archive, part, left, name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        raise AnswersError(f"{name}: not a spreadsheet: it cannot be unpacked") from None
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as copy:
        for part_name, text in kept.items():
            if part_name.startswith(TABLES) or len(text) <= OTHER_BYTES:
                copy.writestr(part_name, text)
    return target.getvalue()


def unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int, name: str) -> bytes:
    """A part, unpacked piece by piece, whatever it says of its size; `left` bytes may come."""
    text = b""
    with archive.open(part) as stream:
        while piece := stream.read(CHUNK):
            text += piece
            if len(text) > left:
                limit = f"{UNPACKED_BYTES:,}"
                raise AnswersError(
                    f"{name}: unpacks to more than {limit} bytes: no table of answers needs that"
                )
    plain = text.replace(b"\0", b"")  # UTF-16 is XML too
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise AnswersError(f"{name}: declares entities, which no spreadsheet does")
    return text


Lines = list[tuple[int, list[str]]]


def sheets(data: bytes, name: str, stored: bool) -> list[Lines]:
    """The lines of every sheet: the stored values, or what was typed."""
    try:
        import openpyxl
    except ImportError:
        raise CnncostError(
            f'{name}: reading a spreadsheet needs openpyxl: pip install "cnncost[excel]"'
        ) from None
    try:
        book = openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, data_only=stored, keep_vba=False, keep_links=False
        )
        found = [list(lines_of(sheet)) for sheet in book.worksheets]
        book.close()
    except CnncostError:
        raise
    except Exception as error:  # openpyxl raises whatever the broken part leads to
        raise AnswersError(f"{name}: not a spreadsheet: {type(error).__name__} while reading it") from None
    return found


def lines_of(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """Each row of a sheet with its number, no more than a table of answers has."""
    rows = sheet.iter_rows(max_row=ROWS, max_col=COLUMNS, values_only=True)
    for number, row in enumerate(rows, 1):
        yield number, [as_text(value) for value in row]


def as_text(value: Any) -> str:
    """A value as a cell's text; a float as spreadsheets show it, in 15 digits."""
    return "" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)


def with_formulas(grid: Grid, typed: Lines) -> Grid:
    """The grid with a note in each cell where a formula stands, found by the file's own rows and columns."""
    by_row = dict(typed)
    rows = [
        tuple(noted(cell, by_row.get(cell.row, []), i) for i, cell in enumerate(row)) for row in grid.rows
    ]
    return replace(grid, rows=tuple(rows))


def noted(cell: Cell, typed: list[str], column: int) -> Cell:
    """A cell with what is to be said of its formula."""
    if column >= len(typed) or not typed[column].startswith("="):
        return cell
    if cell.text:
        return replace(cell, note="a formula: the value that is stored beside it is read")
    return Cell(typed[column], cell.row, "a formula without a stored value: formulas are not evaluated")
