"""Which layer of the network each row of the answers is about.

A row is matched by its layer's name, else by the kind of layer (`conv`, `pool`) and its number or order,
with a remark. The rows may be those of the table, all nodes, or stages: whichever shares most names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from cnncost.count.profile import NetworkCost
from cnncost.count.rows import Row, fold
from cnncost.errors import did_you_mean
from cnncost.homework.read.grid import AnswerCell, AnswersError, Grid
from cnncost.homework.read.headers import Headers
from cnncost.homework.read.layout import LISTED
from cnncost.homework.read.text import printable

TOTAL = "total"
TOTALS = ("total", "totals", "sum", "network", "all", "whole network")
KINDS: dict[str, tuple[str, ...]] = {
    "convolution": ("conv", "convolution", "convolutional"),
    "pool": ("pool", "maxpool", "avgpool", "pooling", "averagepool", "adaptiveavgpool", "subsampling", "gap"),
    "linear": ("fc", "linear", "dense", "fullyconnected", "ip", "affine"),
    "flatten": ("flatten", "reshape", "view"),
    "norm": ("bn", "norm", "batchnorm", "lrn", "layernorm", "groupnorm", "localresponsenorm"),
    "activation": ("relu", "sigmoid", "tanh", "gelu", "silu", "softmax"),
    "merge": ("add", "concat", "multiply", "sum"),
    "dropout": ("dropout",),
}
"""The words for each kind of layer, in lower case."""


@dataclass(frozen=True)
class Matching:
    """The table's row for each row of answers by its index (None for the total), and remarks."""

    found: dict[int, Row | None]
    table: tuple[Row, ...]
    remarks: tuple[str, ...]


def match_rows(grid: Grid, headers: Headers, network: NetworkCost) -> Matching:
    """Find the layer of each row of answers."""
    if headers.layer is None:
        return match_by_position(grid, network)
    names = [row[headers.layer] for row in grid.rows]
    types = [row[headers.type].text if headers.type is not None else "" for row in grid.rows]
    table = best_table(
        network, {name for cell in names for name in (cell.text.strip(), letters_of(cell.text))}
    )
    found = match_by_name(names, table, grid.source)
    remarks = match_by_kind(names, types, table, found)
    if not found:
        first = printable(", ".join(row.label for row in table[:6]), 70)
        raise AnswersError(f"{grid.source}: no row is about a layer of {network.name}: {first}, …")
    unmatched = [cell for i, cell in enumerate(names) if i not in found and not cell.blank]
    labels, missing = [row.label for row in table], f"not marked: {network.name}'s table"
    for cell in unmatched[:LISTED]:
        hint = did_you_mean(cell.text.strip(), labels)
        remarks.append(f"row {cell.row} is {missing} has no row `{cell.one_line}`{hint}")
    if len(unmatched) > LISTED:
        remarks.append(f"{len(unmatched) - LISTED} more rows are {missing} does not have them")
    return Matching(dict(sorted(found.items())), tuple(table), tuple(remarks))


def match_by_position(grid: Grid, network: NetworkCost) -> Matching:
    """Match rows without names in the order of the table."""
    table = fold(network)
    if len(grid.rows) not in (len(table), len(table) + 1):
        raise AnswersError(
            f"{grid.source}: no column names the layers, and {len(grid.rows)} rows are not the "
            f"{len(table)} of {network.name}: add a column `layer`"
        )
    rows = [*table, None][: len(grid.rows)]
    remark = f"no column names the layers: the rows are taken in the order of {network.name}'s table"
    return Matching(dict(enumerate(rows)), tuple(table), (remark,))


def best_table(network: NetworkCost, names: Set[str]) -> list[Row]:
    """The rows of the table with most of these names: one row per layer, node or stage."""
    tables = [fold(network), fold(network, every=True), fold(network, depth=1)]
    return max(tables, key=lambda rows: len(names & {*rows_by_letters(rows), *(row.label for row in rows)}))


def rows_by_letters(rows: Iterable[Row]) -> dict[str, Row]:
    """The rows by the letters and digits of their labels and of their main layers' names.

    A generated name such as `ReLU_1`, the second ReLU without a name, only matches exactly: a student who
    writes relu1 may mean the first.
    """
    found: dict[str, Row] = {}
    rows = [row for row in rows if not re.fullmatch(rf"(.*\.)?{re.escape(row.type)}_\d+", row.label)]
    for row in rows:
        found.setdefault(letters_of(row.label), row)
    for row in rows:
        if row.main:
            found.setdefault(letters_of(row.main.name), row)
    return found


def letters_of(name: str) -> str:
    """The letters and digits of a name, in lower case."""
    return re.sub(r"[^a-z0-9]+", "", name.casefold())


def match_by_name(names: Sequence[AnswerCell], table: Sequence[Row], source: str) -> dict[int, Row | None]:
    """The rows whose names the table has."""
    exact = {row.label: row for row in table}
    similar = rows_by_letters(table)
    found: dict[int, Row | None] = {}
    taken: dict[str, AnswerCell] = {}
    for i, cell in enumerate(names):
        text = cell.text.strip()
        row = exact.get(text) or similar.get(letters_of(text))
        if row is None and letters_of(text) not in TOTALS:
            continue
        label = row.label if row else TOTAL
        if label in taken:
            raise AnswersError(f"{source}: two rows for {label}: rows {taken[label].row} and {cell.row}")
        found[i], taken[label] = row, cell
    return found


def match_by_kind(
    names: Sequence[AnswerCell], types: Sequence[str], table: Sequence[Row], found: dict[int, Row | None]
) -> list[str]:
    """Match the other rows by kind, adding them to `found`; the remarks on them."""
    taken = {row.label for row in found.values() if row}
    remarks = []
    for kind in KINDS:
        rows = [row for row in table if kind_of(row.type) == kind]
        free = [row for row in rows if row.label not in taken]
        left = [
            i
            for i, cell in enumerate(names)
            if i not in found and (kind_of(types[i]) or kind_of(cell.text)) == kind
        ]
        matched = rows_by_number([names[i].text for i in left], rows, free)
        if not matched and len(left) == len(free):  # as many on both sides: in order
            matched = free
        for i, row in zip(left, matched, strict=False):
            found[i] = row
            taken.add(row.label)
            cell = names[i]
            remarks.append(f"row {cell.row}: `{cell.one_line}` is taken for {row.label}, by kind and order")
    return remarks


def rows_by_number(names: Sequence[str], rows: Sequence[Row], free: Sequence[Row]) -> list[Row]:
    """The rows that numbers in the names point to: `Conv 3` to the third convolution; none if one misses."""
    numbers = [re.findall(r"\d+", name) for name in names]
    if not all(len(found) == 1 and 0 < int(found[0][:6]) <= len(rows) for found in numbers):
        return []
    pointed = [rows[int(found[0]) - 1] for found in numbers]
    labels = {row.label for row in pointed}
    return pointed if len(labels) == len(pointed) and labels <= {row.label for row in free} else []


def kind_of(text: str) -> str | None:
    """The kind of layer that a type or a name means, such as `Conv2d` or `max pool 1`."""
    word = re.sub(r"[^a-z]+", "", re.sub(r"[123]d$", "", text.casefold().strip()))
    for kind, words in KINDS.items():
        if word in words:
            return kind
    for kind, words in KINDS.items():
        if any(len(w) > 2 and (word.startswith(w) or word.endswith(w)) for w in words):
            return kind
    return None
