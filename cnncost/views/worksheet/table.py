"""The table of a worksheet or its key, and the texts around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cnncost.homework.make import Worksheet, layer_text
from cnncost.tables.table import Column, Table
from cnncost.views.network_table import caption, network_table, together

ASKED = "?"
"""The text of a cell that is asked, as lectures write it."""

COLUMN_KEYS = {"memory": "memory_bytes"}
"""The keys of the table's columns where they differ from those of the quantities."""


def worksheet_table(
    sheet: Worksheet, key: bool = False, exact: bool = False, before: str = "", after: str = ""
) -> Table:
    """The layers, their types, and the columns of the worksheet's level.

    The keys of the columns are their headers, which `cnncost check` reads. In a key, the answers stand
    between `before` and `after`, in bold where the format has styles.
    """
    network = network_table(sheet.network, sheet.rows, exact=exact)
    known = {column.key: column for column in network.columns}
    columns = [texts_of(known["name"], len(sheet.rows))]
    if not sheet.is_chain:
        columns.append(
            Column("from", "from", texts=[sheet.start(i) for i in range(len(sheet.rows))], left=True)
        )
    columns.append(Column("type", "type", texts=list(map(layer_text, sheet.rows)), left=True))
    for name in sheet.keys:
        column = texts_of(known[COLUMN_KEYS.get(name, name)], len(sheet.rows))
        asked = {i for i, asked_name in sheet.blanks if asked_name == name}
        if any(column.texts):
            columns.append(with_asked(column, asked, key, before, after))
    if "shares" in known:
        columns.append(texts_of(known["shares"], len(sheet.rows)))
    sums = together(sheet.network)  # would give away a single blank
    notes = [note for note in network.notes if note != sums] if sheet.level == 3 else []
    if not sheet.is_chain:
        notes.insert(0, "A layer starts from the row above it, unless `from` names others.")
    return Table("", columns, notes)


def printed_table(sheet: Worksheet, key: bool, exact: bool) -> Table:
    """The table for paper: of a long one the rows that are asked and what enters them."""
    table = worksheet_table(sheet, key, exact)
    if len(sheet.shown) == len(sheet.rows):
        return table
    places = folded_places(sheet)
    columns = [
        replace(
            column,
            texts=(texts := [column.texts[i] if i is not None else "" for i, _ in places]),
            values=texts,
            styles=[column.styles[i] if i is not None and column.styles else "" for i, _ in places],
        )
        for column in table.columns
    ]
    names = [text if i is None else columns[0].texts[at] for at, (i, text) in enumerate(places)]
    columns[0] = replace(columns[0], texts=names, values=names)
    left = len(sheet.rows) - len(sheet.shown)
    note = (
        f"{left} rows in which nothing is asked are left out; `cnncost table {sheet.network.name}` has them."
    )
    return Table("", columns, [*table.notes, note])


def folded_places(sheet: Worksheet) -> list[tuple[int | None, str]]:
    """The rows that are printed; in between, without a row, how many are left out."""
    places: list[tuple[int | None, str]] = []
    before = -1
    for i in (*sheet.shown, len(sheet.rows)):
        if count := i - before - 1:
            places.append((None, f"… {count} row{'s' * (count > 1)}"))
        if i < len(sheet.rows):
            places.append((i, ""))
        before = i
    return places


def texts_of(column: Column, rows: int) -> Column:
    """A column of the network's table as texts below its header, without the total."""
    texts = tuple(column.texts[:rows])
    return replace(column, key=column.header, values=texts, texts=texts, shares=(), hidden=False, spare=0)


def with_asked(column: Column, asked: set[int], key: bool, before: str, after: str) -> Column:
    """A column with a `?` in each cell that is asked, or with its answer."""
    texts = [
        text if i not in asked else f"{before}{text}{after}" if key else ASKED
        for i, text in enumerate(column.texts)
    ]
    styles = [("bold" if key else "grey") if i in asked else "" for i in range(len(texts))]
    return replace(column, values=texts, texts=texts, styles=styles)


def worksheet_title(sheet: Worksheet, key: bool) -> str:
    """The heading: `Worksheet: alexnet`, or `Key: alexnet`."""
    kind = "Key" if key else "Worksheet"
    return f"{kind}: {sheet.network.name}" + (f", {sheet.student}" if sheet.student else "")


def introduction(sheet: Worksheet, key: bool) -> str:
    """What the numbers are, and what to do."""
    if key:
        count = len(sheet.blanks)
        task = (
            "1 cell that was asked is marked." if count == 1 else f"{count} cells that were asked are marked."
        )
    else:
        shape = sheet.network.graph.input_text
        task = f"Fill in each {ASKED}. They all follow from the other cells and the input of {shape}."
    return f"{caption(sheet.network)}. {task}"


def asked_cells(table: Table) -> Iterator[tuple[int, Column]]:
    """The cells of a worksheet's table that are asked, as rows and columns."""
    for column in table.columns:
        yield from ((i, column) for i, style in enumerate(column.styles) if style)
