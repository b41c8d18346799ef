"""The columns of a worksheet, as text, and what stands above and below them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cnncost import numbers
from cnncost.homework.make.sheet import Sheet, asked_layer, source_names
from cnncost.tables.table import Column, Table
from cnncost.views.network_table import Look, caption, network_table

ASKED = "?"
"""What stands in a cell that is asked, as lectures write it."""

COLUMN_KEYS = {"memory": "memory_bytes"}
"""The keys of the table's columns where they differ from those of the quantities."""


def columns(sheet: Sheet, answers: bool = False, exact: bool = False) -> list[Column]:
    """The layers, what they are, and the columns of the sheet's level; with `answers`, its key.

    `exact` shows costs in full, not in the unit of their total.
    """
    table = {column.key: without_total(column) for column in table_of(sheet, exact).columns}
    shown = [table["name"]]
    if not sheet.chain:
        cells = tuple(start(sheet, i) for i in range(len(sheet.rows)))
        shown.append(Column("from", "from", cells, left=True))
    shown.append(Column("type", "type", tuple(map(asked_layer, sheet.rows)), left=True))
    for key in sheet.keys:
        column = table[COLUMN_KEYS.get(key, key)]
        if any(column.texts):
            shown.append(column if answers else with_blanks(column, sheet, key))
    return shown


def start(sheet: Sheet, i: int) -> str:
    """The rows that a row starts from; empty where it is the one above."""
    return "" if sheet.sources[i] == (i - 1,) else ", ".join(source_names(sheet, i))


def table_of(sheet: Sheet, exact: bool = False) -> Table:
    """The network's table, whose rows are the sheet's."""
    return network_table(sheet.profile, sheet.rows, Look(exact=exact))


def without_total(column: Column) -> Column:
    """The column's rows without the total."""
    return replace(column, values=column.values[:-1], texts=column.texts[:-1])


def with_blanks(column: Column, sheet: Sheet, key: str) -> Column:
    """The column with a `?` in each cell that is asked."""
    cells = (ASKED if (i, key) in sheet.blanks else cell for i, cell in enumerate(column.texts))
    return replace(column, texts=tuple(cells), shares=())


def asked_rows(column: Column, sheet: Sheet) -> set[int]:
    """The rows in which a column is asked."""
    return {i for i, key in sheet.blanks if COLUMN_KEYS.get(key, key) == column.key}


def header(column: Column) -> str:
    """A column's header on one line, as `cnncost check` reads it: `input H/W`, `memory (KB)`."""
    return column.header


def title(sheet: Sheet, answers: bool) -> str:
    """`Worksheet: alexnet`, or `Key: …`."""
    kind = "Key" if answers else "Worksheet"
    return f"{kind}: {sheet.profile.name}" + (f", {sheet.student}" if sheet.student else "")


def notes(sheet: Sheet, answers: bool = False) -> Iterator[str]:
    """What is asked, and what the numbers are."""
    yield f"{caption(sheet.profile)}."
    cells = "cell that was asked is" if len(sheet.blanks) == 1 else "cells that were asked are"
    if answers:
        yield f"{len(sheet.blanks)} {cells} marked."
    else:
        shape = numbers.shape(sheet.profile.graph.input_shape)
        yield f"Fill in each {ASKED}: all follow from the other cells and the input of {shape}."
    if not sheet.chain:
        yield "A layer starts from the row above it, unless `from` names others."
    if sheet.level == 3:
        yield from table_of(sheet).notes
