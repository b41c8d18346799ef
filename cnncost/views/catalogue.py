"""The catalogue's networks as text: family by family, or as one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from cnncost import numbers
from cnncost.spec.structure import citation
from cnncost.tables.grid import grid
from cnncost.tables.terminal import Part

Entry = Mapping[str, Any]

HEADER = ("name", "family", "year", "params", "MACs", "input", "top-1 error", "data set")
GROUPED = ("name", "params", "MACs", "input", "top-1 error")


def flat(form: str, entries: Sequence[Entry], width: int | None = None) -> tuple[str, list[str]]:
    """One table, exact as `csv`, rounded for people; and the columns that `width` has no room for."""
    rows = [HEADER, *(line(entry, exact=form == "csv") for entry in entries)]
    if form == "terminal":
        rows = [HEADER[:-1], *(beside(row) for row in rows[1:])]
    kept = list(range(len(rows[0])))
    for spare in SPARE if width else ():
        if sum(max(len(row[i]) for row in rows) + 2 for i in kept) - 2 > (width or 0):
            kept.remove(spare)
    header, *shown = [[row[i] for i in kept] for row in rows]
    left = [i for i, column in enumerate(kept) if HEADER[column] in ("name", "family", "data set")]
    starred = f"{STARRED}\n" if any(row[-1].endswith("*") for row in shown) else ""
    return grid(form, header, shown, left) + starred, [HEADER[i] for i in SPARE if i not in kept]


SPARE = (1, 2, 5, 6)
"""Columns that can be left out where there is no room: the family first."""


def beside(row: Sequence[str]) -> list[str]:
    """A row with its data set before the error: `CIFAR-10 5.24 %`; a star where another input was tested."""
    *cells, percent, tested_on = row
    data_set, other, _ = tested_on.partition(" at ")
    return [*cells, f"{data_set} {percent}{'*' if other else ''}".strip()]


STARRED = "* measured on another input than this one: --format csv says on which"


def line(entry: Entry, exact: bool = False) -> list[str]:
    """One network."""
    show = str if exact else numbers.human
    return [
        entry["name"],
        entry["family"],
        str(entry["year"] or ""),
        show(entry["params"]),
        show(entry["macs"]),
        numbers.shape(entry["input"]),
        error(entry["top1_error"], exact),
        tested(entry),
    ]


def tested(entry: Entry) -> str:
    """What the error was measured on, with the size where that is not the input: `ImageNet at 512`."""
    if entry["top1_input"] in (None, entry["input"]):
        return entry["top1_data_set"] or ""
    return f"{entry['top1_data_set']} at {numbers.sizes(entry['top1_input'][1:])}"


def error(percent: float | None, exact: bool = False) -> str:
    """An error rate: in full, or with two decimals and its sign."""
    if percent is None:
        return ""
    return str(percent) if exact else f"{percent:.2f} %"


def lines(entries: Sequence[Entry], width: int) -> Iterator[list[Part]]:
    """A heading for each family with year and paper, its networks below it."""
    rows = [[f"  {cells[0]}", *beside(cells)[3:]] for cells in map(line, entries)]
    widths = [max(map(len, column)) for column in zip(GROUPED, *rows, strict=True)]

    def spaced(cells: Sequence[str]) -> str:
        pairs = zip(cells, widths, strict=True)
        return "  ".join(c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(pairs)).rstrip()

    yield [(spaced(GROUPED), "bold")]
    yield [("─" * (sum(widths) + 2 * len(widths) - 2), "dim")]
    for _, members in groupby(zip(entries, rows, strict=True), key=lambda member: member[0]["family"]):
        found = list(members)
        yield heading(found[0][0], width)
        yield from ([(spaced(row), "")] for _, row in found)
    if any(row[-1].endswith("*") for row in rows):
        yield [(STARRED, "dim")]


def heading(entry: Entry, width: int) -> list[Part]:
    """The year and the family of a network, and as much of its paper as there is room for."""
    head = f"{entry['year'] or '    '}  {entry['family']}"
    room = width - len(head) - 2
    title = entry["title"]
    cited = citation(title, {key: said for key, said in entry["paper"].items() if key != "year"})
    if len(cited) > room:
        cited = title if len(title) <= room else title[: max(room - 1, 0)].rstrip() + "…"
    return [(head, "bold cyan"), ("  " + cited if title and room > 10 else "", "")]
