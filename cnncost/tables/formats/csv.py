"""Tables as CSV: exact values, one line per record, no totals and no notes."""

from __future__ import annotations

import csv
import io

from cnncost.tables.table import Document, Table

ENDING = ".csv"


def render(document: Document) -> str:
    """The records; an empty line separates several tables."""
    return "\n".join(map(csv_text, document.tables))


def csv_text(table: Table) -> str:
    """One table with its header; a cell that does not apply is empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([column.key for column in table.data_columns])
    writer.writerows(row.values() for row in table.rows)
    return buffer.getvalue()
