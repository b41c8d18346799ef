"""Answers in an Excel file: the stored values of its cells.

Of a formula, the value that the spreadsheet program stored with it is read; one without a value is worked
out if it only calculates with cells. Nothing else is evaluated, and no macro is run. openpyxl only gets the
sheets and texts of the file, after their size has been checked.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import replace
from fractions import Fraction
from itertools import zip_longest
from typing import Any

from cnncost.errors import CnncostError
from cnncost.homework.read.arithmetic import NotArithmetic, evaluate
from cnncost.homework.read.grid import AnswersError, Grid
from cnncost.homework.read.layout import combined, grid_of_lines
from cnncost.homework.read.text import printable
from cnncost.numbers import decimal

UNPACKED_BYTES = 4_000_000
TABLES, OTHER_BYTES = ("xl/worksheets/", "xl/sharedStrings"), 300_000
"""The parts that contain cells. Other parts, such as styles, are left out if they are larger."""
PARTS = 200
ROWS, COLUMNS = 2_000, 100


def read_spreadsheet(data: bytes, name: str) -> Grid:
    """The sheets whose columns can be marked; else the longest that is not empty."""
    data = needed_parts(data, name)
    values, formulas = sheets(data, name, stored=True), sheets(data, name, stored=False)
    grids, problem = [], f"{name}: the spreadsheet is empty: it needs a header and a row for each layer"
    for lines, typed in zip(values, formulas, strict=True):
        if any(any(cell.strip() for cell in cells) for _, cells in typed):
            worked_out, notes = with_formulas(lines, typed)
            try:
                grids.append(noted(grid_of_lines(name, worked_out), notes))
            except AnswersError as error:  # a cover sheet
                problem = str(error)
    if not grids:
        raise AnswersError(problem)
    return combined(name, grids)


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


Notes = dict[tuple[int, str], str]
"""What is special about a cell, by its row and its text."""


def with_formulas(lines: Lines, typed: Lines) -> tuple[Lines, Notes]:
    """The lines with the values of formulas that were stored without one, and notes on them."""
    cells = {
        f"{column_name(column)}{number}": stored or text
        for (number, texts), (_, values) in zip(typed, lines, strict=True)
        for column, (text, stored) in enumerate(zip_longest(texts, values, fillvalue=""), 1)
    }
    formulas, found, notes = Formulas(cells), [], {}
    for (number, texts), (_, values) in zip(typed, lines, strict=True):
        row = []
        for text, stored in zip_longest(texts, values, fillvalue=""):
            value, note = stored, ""
            if text.startswith("="):
                value, note = formulas.shown(text, stored)
                notes[number, value] = note
            row.append(value)
        found.append((number, row))
    return found, notes


class Formulas:
    """Works out formulas of + - * / ^, SUM and other cells of their sheet; any other is left alone."""

    def __init__(self, cells: dict[str, str]) -> None:
        self.cells = cells
        self.known: dict[str, Fraction] = {}
        self.effort = 0

    def shown(self, typed: str, stored: str) -> tuple[str, str]:
        """A formula's value as a text, and a note on it."""
        if stored:
            return stored, "a formula: the value stored with it is read"
        try:
            value = self.value(typed)
        except (NotArithmetic, RecursionError):
            return typed, "a formula without a stored value: only + - * / ^ and SUM of cells are worked out"
        return decimal(value, 12), f"a formula: {printable(typed)} is {decimal(value)}"

    def value(self, text: str) -> Fraction:
        """The value of a formula or of a number."""
        self.work(1)
        return evaluate(text.strip().removeprefix("="), self.cell, self.total)

    def work(self, amount: int) -> None:
        """Count what is looked at, and stop when it is more than any table of answers needs."""
        self.effort += amount
        if self.effort > EFFORT:
            raise NotArithmetic

    def cell(self, name: str) -> Fraction:
        """The value of a cell."""
        if name not in self.known:
            text = self.cells.get(name, "").strip()
            if not CELL.fullmatch(name) or not text:
                raise NotArithmetic
            self.known[name] = self.value(text)
        return self.known[name]

    def total(self, first: str, last: str) -> Fraction:
        """The sum of the numbers between two corners; empty cells and texts count nothing."""
        corners = [CELL.fullmatch(name) for name in (first, last)]
        if None in corners:
            raise NotArithmetic
        columns = sorted(column_number(corner[1]) for corner in corners if corner)
        rows = sorted(int(corner[2]) for corner in corners if corner)
        if columns[1] > COLUMNS or rows[1] > ROWS:
            raise NotArithmetic
        self.work((columns[1] - columns[0] + 1) * (rows[1] - rows[0] + 1))
        names = [
            f"{column_name(column)}{row}"
            for column in range(columns[0], columns[1] + 1)
            for row in range(rows[0], rows[1] + 1)
        ]
        texts = {name: self.cells.get(name, "").strip() for name in names}
        return sum(
            (self.cell(n) for n, text in texts.items() if text[:1] == "=" or is_number(text)), Fraction(0)
        )


EFFORT = 50_000
"""The most formulas and cells of sums that are looked at in a sheet."""
CELL = re.compile(r"([A-Z]{1,2})([1-9]\d{0,3})")


def is_number(text: str) -> bool:
    """Whether a cell holds a number."""
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def column_number(letters: str) -> int:
    """The number of a column, counted from 1: 27 of AA."""
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - ord("A") + 1
    return found


def column_name(number: int) -> str:
    """The letters of a column."""
    return (column_name((number - 1) // 26) if number > 26 else "") + chr(ord("A") + (number - 1) % 26)


def noted(grid: Grid, notes: Notes) -> Grid:
    """The grid with the notes on its cells."""
    rows = tuple(
        tuple(replace(cell, note=notes.get((cell.row, cell.text), "")) for cell in row) for row in grid.rows
    )
    return replace(grid, rows=rows)
