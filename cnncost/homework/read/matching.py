"""Which layer of the network each row of the answers is about.

A row is matched by its layer's name, else by the kind of layer and its number or order (see `numbering`),
with a remark. The rows may be those of the table, all nodes, or stages: whichever shares most names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from cnncost.count.profile import NetworkCost
from cnncost.count.rows import Row, fold
from cnncost.errors import did_you_mean
from cnncost.homework.read.folded import match_folded, with_folded
from cnncost.homework.read.grid import AnswerCell, AnswersError, Grid
from cnncost.homework.read.headers import Headers
from cnncost.homework.read.layout import LISTED
from cnncost.homework.read.numbering import (
    INPUT,
    by_sequence,
    kind_of,
    kind_of_name,
    letters_of,
    match_by_numbering,
    numbers_of,
    plain_name,
)
from cnncost.homework.read.text import printable

TOTAL = "total"
TOTALS = ("total", "totals", "sum", "network", "all", "whole network")
OFTEN = 10
"""Beyond this many rows that are matched by kind, one remark names them all."""
ZERO = re.compile(r"(?P<stem>\D*?)[ _-]?0")


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
    own = numbered_from_zero(names, table) | named_twice(names, table)
    found = match_by_name(names, table, grid.source, own)
    by_number = match_by_numbering(names, types, table, network.graph, found)
    remarks = taken_remarks(names, by_number)
    found.update(by_number)
    in_place = match_folded(names, table, network, found)
    found.update(in_place)
    table = with_folded(table, in_place)
    if not found:
        first = printable(", ".join(row.label for row in table[:6]), 70)
        raise AnswersError(f"{grid.source}: no row is about a layer of {network.name}: {first}, …")
    unmatched = [cell for i, cell in enumerate(names) if i not in found and not cell.blank]
    remarks += unmatched_remarks(unmatched, table, network.name, grid.in_order)
    return Matching(dict(sorted(found.items())), tuple(table), tuple(remarks))


def taken_remarks(names: Sequence[AnswerCell], matches: Mapping[int, Row]) -> list[str]:
    """What rows with other names were taken for."""
    if len(matches) <= OFTEN:
        return [
            f"row {names[i].row}: `{names[i].one_line}` is taken for {row.label}, by kind and order"
            for i, row in sorted(matches.items())
        ]
    listed = ", ".join(f"`{names[i].one_line}` for {row.label}" for i, row in sorted(matches.items()))
    return [f"{len(matches)} rows are taken by kind and order: {listed}"]


def unmatched_remarks(
    unmatched: Sequence[AnswerCell], table: Sequence[Row], network: str, in_order: bool
) -> list[str]:
    """What is said of rows that are about no layer, or about one of several.

    A model's summary also lists what the table folds into other rows, of which nothing is said.
    """
    labels, missing = [row.label for row in table], f"not marked: {network}'s table"
    kinds = [kind_of_name(cell.text) for cell in unmatched]
    said = [
        (cell, kind)
        for cell, kind in zip(unmatched, kinds, strict=True)
        if not letters_of(cell.text).startswith(INPUT)
        and not (in_order and kind in (None, "activation", "dropout", "flatten"))
    ]
    remarks = []
    for cell, kind in said[:LISTED]:
        if numbers_of(cell.text) or not (
            alike := [row.label for row in table if kind_of(row.type) == kind and kind]
        ):
            hint = did_you_mean(cell.text.strip(), labels)
            remarks.append(f"row {cell.row} is {missing} has no row `{cell.one_line}`{hint}")
        else:
            fitting = printable(", ".join(alike), 60)
            remarks.append(f"row {cell.row} is not marked: `{cell.one_line}` may be any of {fitting}")
    if len(said) > LISTED:
        remarks.append(f"{len(said) - LISTED} more rows are {missing} does not have them")
    return remarks


def named_twice(names: Sequence[AnswerCell], table: Sequence[Row]) -> set[int]:
    """The rows whose names occur twice and only say the kind, such as `CONV3-64`, if their order fits."""
    letters = [letters_of(cell.text) for cell in names]
    repeated = {i for i, name in enumerate(letters) if letters.count(name) > 1 and name not in TOTALS}
    kinds = {i: kind_of_name(cell.text) for i, cell in enumerate(names)}
    left = {i: cell.text for i, cell in enumerate(names)}
    return repeated if repeated and by_sequence(left, kinds, table, {}) else set()


def numbered_from_zero(names: Sequence[AnswerCell], table: Sequence[Row]) -> set[int]:
    """The rows of a kind that is numbered from 0, `conv0` and `conv1`, in a network that numbers from 1.

    Keras leaves the number 0 out: `conv2d` and `conv2d_1`.
    """
    labels = rows_by_letters(table)
    letters = [letters_of(cell.text) for cell in names]
    stems = {match["stem"] for cell in names if (match := ZERO.fullmatch(plain_name(cell.text).casefold()))}
    stems |= {name for name in letters if f"{name}1" in letters and name and not name[-1].isdigit()}
    unknown = {
        letters_of(stem) for stem in stems if not {letters_of(stem), f"{letters_of(stem)}0"} & labels.keys()
    }
    return {i for i, name in enumerate(letters) if re.sub(r"\d+$", "", name) in unknown or name in unknown}


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


def match_by_name(
    names: Sequence[AnswerCell], table: Sequence[Row], source: str, other: Set[int] = frozenset()
) -> dict[int, Row | None]:
    """The rows whose names the table has, except the `other` ones, which are numbered otherwise."""
    exact = {row.label: row for row in table}
    similar = rows_by_letters(table)
    found: dict[int, Row | None] = {}
    taken: dict[str, AnswerCell] = {}
    for i, cell in enumerate(names):
        text = cell.text.strip()
        row = exact.get(text) or similar.get(letters_of(text))
        if (row is None and letters_of(text) not in TOTALS) or i in other:
            continue
        label = row.label if row else TOTAL
        if label in taken:
            raise AnswersError(f"{source}: two rows for {label}: rows {taken[label].row} and {cell.row}")
        found[i], taken[label] = row, cell
    for i, cell in enumerate(names):  # `Conv2: 256 filters`, where nothing else is conv2
        row = similar.get(letters_of(plain_name(cell.text)))
        if i not in found and row and row.label not in taken and i not in other:
            found[i], taken[row.label] = row, cell
    for i, cell in enumerate(names):  # `Layer 1 C1`
        rows = {row.label: row for row in map(similar.get, words_of_name(cell.text)) if row}
        if i not in found and i not in other and len(rows) == 1 and not taken.keys() & rows:
            found[i], taken[next(iter(rows))] = next(iter(rows.values())), cell
    return found


def words_of_name(text: str) -> list[str]:
    """The words with a number in a name, unless it tells what it is next to, `ReLU after conv1`."""
    words = plain_name(text).casefold().split()
    if {"after", "before", "of", "from", "to", "for"} & set(words):
        return []
    return [letters_of(word) for word in words if re.search(r"[a-z].*\d", word)]
