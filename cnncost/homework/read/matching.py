"""Which layer of the network a row of answers is about.

By its name; else by the kind that the name speaks of and its number or order, which is then said. Rows
may be those of the lecture table, of every node, or of stages: whichever has most names in common.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from cnncost.count.profile import NetworkCost
from cnncost.count.rows import Row, fold
from cnncost.errors import did_you_mean
from cnncost.homework.read.grid import SAID, AnswersError, Cell, Grid, printable
from cnncost.homework.read.headers import Headers, Meaning

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
"""The kinds of layers by the words for them, in lower case."""


@dataclass(frozen=True)
class Match:
    """A row of answers and the row of the table that it is about; None for the total."""

    cells: tuple[Cell, ...]
    row: Row | None
    label: str


@dataclass(frozen=True)
class Matching:
    """All rows that were matched, the table's rows, and what is to be said of the others."""

    matches: tuple[Match, ...]
    rows: tuple[Row, ...]
    remarks: tuple[str, ...]


def match_rows(grid: Grid, headers: Headers, profile: NetworkCost) -> Matching:
    """The layer of each row of answers.

    Raises:
        AnswersError: two rows are about one layer, or none is about any.
    """
    if headers.layer is None:
        return by_position(grid, profile)
    names = [row[headers.layer] for row in grid.rows]
    types = [row[headers.type].text if headers.type is not None else "" for row in grid.rows]
    table = best_table(profile, {name for cell in names for name in (cell.text.strip(), simple(cell.text))})
    found = by_name(names, table, grid.source)
    said = by_kind(names, types, table, found)
    if not found:
        first = printable(", ".join(row.label for row in table[:6]), 70)
        raise AnswersError(f"{grid.source}: no row is about a layer of {profile.name}: {first}, …")
    matches = tuple(Match(grid.rows[i], row, row.label if row else TOTAL) for i, row in sorted(found.items()))
    strange = [cell for i, cell in enumerate(names) if i not in found and not cell.blank]
    return Matching(matches, tuple(table), (*said, *unmatched(strange, table, profile.name)))


def unmatched(cells: Sequence[Cell], table: Sequence[Row], network: str) -> Iterator[str]:
    """What is said of names that are none of the table's: of many, of the first ones."""
    labels = [row.label for row in table]
    for cell in cells[:SAID]:
        hint = did_you_mean(cell.text.strip(), labels)
        yield f"row {cell.row}: `{cell.shown}` is no row of {network}'s table, so it is not marked{hint}"
    if len(cells) > SAID:
        yield f"{len(cells) - SAID} more rows are none of {network}'s table, and not marked"


def best_table(profile: NetworkCost, names: Set[str]) -> list[Row]:
    """The rows of the table whose names the answers use most: a row a layer, a node or a stage."""
    tables = [fold(profile), fold(profile, every=True), fold(profile, depth=1)]
    return max(tables, key=lambda rows: len(names & {*by_simple_name(rows), *(row.label for row in rows)}))


def by_simple_name(rows: Iterable[Row]) -> dict[str, Row]:
    """The rows by label, and by their main layer's own name, without signs and case.

    `ReLU_1`, as the second without a name of its own is called, is only itself: who writes relu1 may
    mean the first.
    """
    found: dict[str, Row] = {}
    rows = [row for row in rows if not re.fullmatch(rf"(.*\.)?{re.escape(row.type)}_\d+", row.label)]
    for row in rows:
        found.setdefault(simple(row.label), row)
    for row in rows:
        if row.main:
            found.setdefault(simple(row.main.name), row)
    return found


def simple(name: str) -> str:
    """A name in lower case, letters and digits only."""
    return re.sub(r"[^a-z0-9]+", "", name.casefold())


Found = dict[int, Row | None]
"""The table's row by the number of the answers' row; None for the total."""


def by_name(names: Sequence[Cell], table: Sequence[Row], source: str) -> Found:
    """The rows whose names the table has.

    Raises:
        AnswersError: two rows have the same.
    """
    exact = {row.label: row for row in table}
    alike = by_simple_name(table)
    found: Found = {}
    taken: dict[str, Cell] = {}
    for i, cell in enumerate(names):
        text = cell.text.strip()
        row = exact.get(text) or alike.get(simple(text))
        if row is None and simple(text) not in TOTALS:
            continue
        label = row.label if row else TOTAL
        if label in taken:
            raise AnswersError(f"{source}: two rows for {label}: rows {taken[label].row} and {cell.row}")
        found[i], taken[label] = row, cell
    return found


def by_kind(names: Sequence[Cell], types: Sequence[str], table: Sequence[Row], found: Found) -> list[str]:
    """Match what is left by kind: by the number in the name, else in order where as many are left.

    Adds to `found`, and returns what was taken for what.
    """
    taken = {row.label for row in found.values() if row}
    said = []
    for kind in KINDS:
        all_rows = [row for row in table if kind_of_type(row.type) == kind]
        free = [row for row in all_rows if row.label not in taken]
        left = [i for i, cell in enumerate(names) if i not in found and kind_of(types[i], cell.text) == kind]
        pairs = numbered(left, names, all_rows, free) or in_order(left, free)
        for i, row in pairs:
            found[i] = row
            taken.add(row.label)
            said.append(f"row {names[i].row}: `{names[i].shown}` is taken for {row.label}, by kind and order")
    return said


def numbered(
    left: Sequence[int], names: Sequence[Cell], rows: Sequence[Row], free: Sequence[Row]
) -> list[tuple[int, Row]]:
    """`Conv 3` as the third convolution, where all have numbers that point to free rows."""
    numbers = [re.findall(r"\d+", names[i].text) for i in left]
    if not left or not all(len(found) == 1 and 0 < int(found[0][:6]) <= len(rows) for found in numbers):
        return []
    pointed = [rows[int(found[0]) - 1] for found in numbers]
    labels = {row.label for row in pointed}
    fits = len(labels) == len(pointed) and labels <= {row.label for row in free}
    return list(zip(left, pointed, strict=True)) if fits else []


def in_order(left: Sequence[int], free: Sequence[Row]) -> list[tuple[int, Row]]:
    """Rows in order, where as many are left on both sides."""
    return list(zip(left, free, strict=True)) if len(left) == len(free) else []


def kind_of(type_text: str, name: str) -> str | None:
    """The kind of layer that a type or a name speaks of."""
    return kind_of_type(type_text) or kind_of_word(re.sub(r"[^a-z]+", "", name.casefold()))


def kind_of_type(type_text: str) -> str | None:
    """The kind of a type such as `Conv2d` or `max pool`."""
    return kind_of_word(re.sub(r"[^a-z]+", "", re.sub(r"[123]d$", "", type_text.casefold().strip())))


def kind_of_word(word: str) -> str | None:
    """The kind that a word speaks of, by its whole or by how it begins or ends."""
    for kind, words in KINDS.items():
        if word in words:
            return kind
    for kind, words in KINDS.items():
        if any(len(w) > 2 and (word.startswith(w) or word.endswith(w)) for w in words):
            return kind
    return None


def by_position(grid: Grid, profile: NetworkCost) -> Matching:
    """Rows without names, in the order of the table.

    Raises:
        AnswersError: they are not as many as the table's, or as those with a total.
    """
    table = fold(profile)
    if len(grid.rows) not in (len(table), len(table) + 1):
        raise AnswersError(
            f"{grid.source}: no column says which layer a row is, and {len(grid.rows)} rows are not the "
            f"{len(table)} of {profile.name}: add a column `layer`"
        )
    rows = [*table, None][: len(grid.rows)]
    matches = tuple(
        Match(cells, row, row.label if row else TOTAL) for cells, row in zip(grid.rows, rows, strict=True)
    )
    remark = f"no column says which layer a row is: the rows are taken in the order of {profile.name}'s table"
    return Matching(matches, tuple(table), (remark,))


def cells_of(headers: Headers, matching: Matching) -> dict[tuple[str, str], tuple[Cell, Meaning]]:
    """Every cell of a column that can be marked, by its place."""
    return {
        (match.label, meaning.key): (match.cells[i], meaning)
        for match in matching.matches
        for i, meaning in headers.asked.items()
    }
