"""Tables as JSON: exact values."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from cnncost.tables.table import SCHEMA, Document, Table

ENDING = ".json"


def render(document: Document) -> str:
    """The document's own data, or the records of its tables."""
    tables = document.tables
    data = document.data() if callable(document.data) else document.data
    if data is None:
        data = {"schema": SCHEMA, **table_data(tables[0])} if len(tables) == 1 else all_data(tables)
    return json.dumps(data, indent=2, ensure_ascii=False, default=plain_value) + "\n"


def all_data(tables: list[Table]) -> dict[str, Any]:
    """Several tables, each with its caption."""
    return {
        "schema": SCHEMA,
        "tables": [{"caption": table.caption, **table_data(table)} for table in tables],
    }


def table_data(table: Table) -> dict[str, Any]:
    """The rows of a table, and its totals if it has any."""
    return {"rows": table.rows, **({"totals": table.totals} if table.summary else {})}


def plain_value(value: Any) -> Any:
    """A value that JSON does not know: fractions become floats, everything else text."""
    return float(value) if isinstance(value, Fraction) else str(value)
