"""A worksheet as an Excel file: numbers as numbers, the cells that are asked shaded, ready to be printed."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

from cnncost.homework.make import Worksheet
from cnncost.tables import formats
from cnncost.tables.table import Column, Document, Table
from cnncost.views.worksheet.table import asked_cells, introduction, worksheet_table, worksheet_title

NUMBER = re.compile(r"\d{1,15}(\.\d+)?")


def workbook(sheet: Worksheet, key: bool, exact: bool) -> bytes:
    """A workbook with the table on one sheet and the notes on another."""
    table = worksheet_table(sheet, key, exact)
    columns = [replace(column, values=list(map(number_or_text, column.texts))) for column in table.columns]
    numeric = Table("key" if key else "worksheet", columns)
    about = Column(worksheet_title(sheet, key), "", [introduction(sheet, key), *table.notes])
    content = formats.render(Document([numeric, Table("notes", [about])]), "xlsx")
    assert isinstance(content, bytes)
    return laid_out_for_print(content, table)


def number_or_text(text: str) -> Any:
    """A text as a number if it is one."""
    return (float(text) if "." in text else int(text)) if NUMBER.fullmatch(text) else text


def laid_out_for_print(content: bytes, table: Table) -> bytes:
    """The workbook with shaded cells, wrapped headers, and the table as wide as a page."""
    from openpyxl import load_workbook
    from openpyxl.styles import Alignment, PatternFill

    book = load_workbook(io.BytesIO(content))
    page: Any
    page, notes = book.worksheets
    notes.title = "notes"
    notes.column_dimensions["A"].width = 100
    for at, column in enumerate(table.columns, 1):
        side = "left" if column.left else "right"
        page.cell(1, at).alignment = Alignment(wrap_text=True, horizontal=side, vertical="bottom")
        for i in range(len(table)):
            page.cell(i + 2, at).alignment = Alignment(horizontal=side)
        width = max(map(len, column.texts), default=0)
        page.column_dimensions[page.cell(1, at).column_letter].width = min(max(width, 8), 44) + 2
    for i, column in asked_cells(table):
        page.cell(i + 2, list(table.columns).index(column) + 1).fill = PatternFill("solid", fgColor="FFF2CC")
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = "1:1"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
