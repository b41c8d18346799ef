"""Tables as an Excel file: the records of the CSV, numbers as numbers, and nothing that is evaluated."""

from __future__ import annotations

import io
import re
from fractions import Fraction
from typing import Any

from cnncost.errors import CnncostError
from cnncost.tables.table import Document, Table

ENDING = ".xlsx"
WIDEST = 44
FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
"""Signs that the name of a sheet cannot have."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def render(document: Document) -> bytes:
    """A workbook with one sheet per table.

    Raises:
        CnncostError: openpyxl is not installed.
    """
    try:
        from openpyxl import Workbook
    except ImportError:
        raise CnncostError('a spreadsheet needs openpyxl: pip install "cnncost[excel]"') from None
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, table in enumerate(document.tables, 1):
        title = FORBIDDEN.sub(" ", table.caption.partition(",")[0])[:24].strip() or "table"
        fill(book.create_sheet(f"{title} {number}" if number > 1 else title), table)
    if not document.tables:
        book.create_sheet("empty")
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def fill(page: Any, table: Table) -> None:
    """Write a table: the keys in bold, then its rows."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    for at, column in enumerate(table.data_columns, 1):
        write_cell(page.cell(1, at), column.key)
        page.cell(1, at).font = Font(bold=True)
        for i, value in enumerate(column.values[: table.body]):
            write_cell(page.cell(i + 2, at), value)
        longest = max(len(str(text)) for text in (column.key, *column.values))
        page.column_dimensions[get_column_letter(at)].width = min(longest, WIDEST) + 2
    page.freeze_panes = "B2"


def write_cell(cell: Any, value: Any) -> None:
    """Write a number as a number and all else as text: a text that starts with `=` is no formula."""
    if value is None or value == "":
        return
    if isinstance(value, (int, float)) and abs(value) < 10**15:  # Excel keeps 15 digits
        cell.value = value
    elif isinstance(value, Fraction):
        cell.value = float(value)
    else:
        cell.value = CONTROL.sub(" ", str(value))
        cell.data_type = "s"
