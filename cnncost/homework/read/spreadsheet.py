"""Answers in an Excel file: the stored values of its cells.

Formulas are not evaluated and macros not run: of a formula, the value that the spreadsheet program stored
with it is read. openpyxl only gets the sheets and texts of the file, after their size has been checked.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import replace
from itertools import starmap, zip_longest
from typing import Any

from cnncost.errors import CnncostError
from cnncost.homework.read.grid import AnswerCell, AnswersError, Grid
from cnncost.homework.read.layout import grid_of_lines

UNPACKED_BYTES = 4_000_000
TABLES, OTHER_BYTES = ("xl/worksheets/", "xl/sharedStrings"), 300_000
"""The parts that contain cells. Other parts, such as styles, are left out if they are larger."""
PARTS = 200
ROWS, COLUMNS = 2_000, 100


def read_spreadsheet(data: bytes, name: str) -> Grid:
    """The first sheet that is not empty."""
    data = needed_parts(data, name)
    values, formulas = sheets(data, name, stored=True), sheets(data, name, stored=False)
    for lines, typed in zip(values, formulas, strict=True):
        if any(any(cell.strip() for cell in cells) for _, cells in typed):
            return with_formulas(grid_of_lines(name, lines), typed)
    raise AnswersError(f"{name}: the spreadsheet is empty: it needs a header and a row for each layer")


def needed_parts(data: bytes, name: str) -> bytes:
    """The archive reduced to its sheets and texts, without pictures, macros and embedded files."""
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
    """A part of at most `left` bytes, whatever size it declares."""
    with archive.open(part) as stream:
        text = stream.read(left + 1)
    if len(text) > left:
        limit = f"{UNPACKED_BYTES:,}"
        raise AnswersError(f"{name}: unpacks to more than {limit} bytes: no table of answers needs that")
    ascii_part = text.replace(b"\0", b"")  # XML may be in UTF-16
    if b"<!DOCTYPE" in ascii_part or b"<!ENTITY" in ascii_part:
        raise AnswersError(f"{name}: declares entities, which no spreadsheet does")
    return text


Lines = list[tuple[int, list[str]]]


def sheets(data: bytes, name: str, stored: bool) -> list[Lines]:
    """The lines of every sheet: the stored values, or the formulas as they were typed."""
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
        found = [
            [
                (number, list(map(shown_value, row)))
                for number, row in enumerate(
                    sheet.iter_rows(max_row=ROWS, max_col=COLUMNS, values_only=True), 1
                )
            ]
            for sheet in book.worksheets
        ]
        book.close()
    except Exception as error:  # openpyxl has no error class for broken files
        raise AnswersError(f"{name}: not a spreadsheet: {type(error).__name__} while reading it") from None
    return found


def shown_value(value: Any) -> str:
    """A value as text; a float with 15 digits, as spreadsheets show it."""
    return "" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)


def with_formulas(grid: Grid, typed: Lines) -> Grid:
    """The grid with a note in each cell that holds a formula."""
    by_row = dict(typed)
    rows = [
        tuple(starmap(noted, zip_longest(row, by_row.get(row[0].row, [])[: len(row)]))) for row in grid.rows
    ]
    return replace(grid, rows=tuple(rows))


def noted(cell: AnswerCell, typed: str | None) -> AnswerCell:
    """A cell with a note if a formula was typed in it."""
    if not typed or not typed.startswith("="):
        return cell
    if cell.text:
        return replace(cell, note="a formula: the value stored with it is read")
    return AnswerCell(typed, cell.row, "a formula without a stored value: formulas are not evaluated")
