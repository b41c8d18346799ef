"""Choosing from a table: the order of its rows, and its columns, by what users call them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any

from cnncost.errors import NameUnknown, did_you_mean
from cnncost.tables.table import Column, Table


def find_column(table: Table, name: str) -> Column:
    """The column of this key or title: `flops`, `FLOPs`, `pad`, `flops%`.

    Raises:
        NameUnknown: there is none; the nearest is named.
    """
    wanted = name.strip().casefold().replace("%", "_percent").replace(" ", "_")
    for column in table.data_columns:
        if wanted in names_of(column):
            return column
    known = [column.key for column in table.data_columns]
    raise NameUnknown(
        f"no column `{name.strip()}`{did_you_mean(wanted, known)}; there are {', '.join(known)}"
    )


def names_of(column: Column) -> set[str]:
    """What a column may be called: its key, `memory` for `memory_bytes`, and its titles."""
    titles = () if column.unit == "%" else (f"{column.group} {column.title}".strip(), column.short)
    names = (column.key, column.key.removesuffix("_bytes"), *titles)
    return {name.casefold().replace(" ", "_") for name in names}


def with_columns(table: Table, names: Sequence[str]) -> Table:
    """The table with these columns in this order, behind the first one, which names the rows."""
    first = table.columns[0]
    chosen = [find_column(table, name) for name in names]
    kept = {column.key: replace(column, hidden=False, spare=0) for column in (first, *chosen)}
    return table.with_columns(list(kept.values()))


def order(table: Table, name: str) -> list[int]:
    """The rows sorted by a column: numbers from the largest, texts from A; rows without a value come last."""
    values = find_column(table, name).values[: table.body]
    known = [i for i, value in enumerate(values) if value is not None]
    keys = {i: natural_key(values[i]) for i in known}
    numbers = all(not isinstance(key, list) for key in keys.values())
    ordered = sorted(known, key=keys.__getitem__, reverse=numbers)
    return ordered + [i for i, value in enumerate(values) if value is None]


def natural_key(value: Any) -> Any:
    """A key that puts conv2 before conv10; sizes such as 7 or 1×7 are numbers, by their product."""
    if not isinstance(value, str):
        return value
    if re.fullmatch(r"\d+(×\d+)*", value):
        return prod(map(int, value.split("×")))
    return [(part.isdigit(), int(part) if part.isdigit() else part) for part in re.split(r"(\d+)", value)]
