"""A worksheet as an Excel file: numbers as numbers, nothing that is evaluated."""

from __future__ import annotations

import io
import re
from typing import Any

from cnncost.errors import CnncostError
from cnncost.homework.make.sheet import Sheet
from cnncost.tables.table import Column
from cnncost.views.worksheet.columns import asked_rows, columns, header, notes, title

NUMBER = re.compile(r"\d{1,15}(\.\d+)?\Z")
WIDEST = 44


def to_xlsx(sheet: Sheet, answers: bool = False, exact: bool = False) -> bytes:
    """A workbook of one sheet with the table, and one with the notes.

    Raises:
        CnncostError: openpyxl is not installed.
    """
    try:
        from openpyxl import Workbook
    except ImportError:
        raise CnncostError('a spreadsheet needs openpyxl: pip install "cnncost[excel]"') from None
    book = Workbook()
    page: Any = book.worksheets[0]
    page.title = "key" if answers else "worksheet"
    for at, column in enumerate(columns(sheet, answers, exact), 1):
        fill_column(page, at, column, asked_rows(column, sheet))
    page.freeze_panes = "B2"
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = "1:1"
    about = book.create_sheet("notes")
    for number, text in enumerate((title(sheet, answers), *notes(sheet, answers)), 1):
        put(about.cell(number, 1), text)
    about.column_dimensions["A"].width = 100
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def fill_column(page: Any, at: int, column: Column, asked: set[int]) -> None:
    """Write a column with its header; the cells that are asked are shaded."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    top = page.cell(1, at)
    put(top, header(column))
    top.font = Font(bold=True)
    top.alignment = Alignment(
        wrap_text=True, horizontal="left" if column.left else "right", vertical="bottom"
    )
    for i, text in enumerate(column.texts):
        cell = page.cell(i + 2, at)
        put(cell, text)
        cell.alignment = Alignment(horizontal="left" if column.left else "right")
        if i in asked:
            cell.fill = PatternFill("solid", fgColor="FFF2CC")
    longest = max(map(len, column.texts), default=0)
    page.column_dimensions[get_column_letter(at)].width = min(max(longest, 8), WIDEST) + 2


def put(cell: Any, text: str) -> None:
    """Write a number as a number and all else as text: a text that starts with `=` is no formula."""
    if not text:
        return
    if NUMBER.match(text):
        cell.value = float(text) if "." in text else int(text)
    else:
        cell.value = text
        cell.data_type = "s"
