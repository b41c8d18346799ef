"""Which columns share a line of a page, and at which size of text."""

from __future__ import annotations

from collections.abc import Sequence

from cnncost import numbers
from cnncost.charts.architecture.band import GUTTER, Band
from cnncost.charts.architecture.cells import Measure
from cnncost.charts.architecture.columns import Column, edges
from cnncost.charts.architecture.shapes import EDGE
from cnncost.charts.architecture.stands import GAP, LONGEST, SIZES, Stand, narrow, stand
from cnncost.charts.architecture.units import SideHead


def bands(
    columns: Sequence[Column],
    first: Sequence[Stand],
    heads: Sequence[SideHead],
    measure: Measure,
    width: float,
) -> list[Band]:
    """The columns in as few lines as they fit into, at the largest size of text that takes no more."""
    tried = [settings(columns, first, heads, measure, width, size, False) for size in SIZES]
    fewest = min(len(lines) for lines in tried)
    if fewest > 1:
        tight = [settings(columns, first, heads, measure, width, size, True) for size in SIZES]
        valley = next((lines for lines in tight if len(lines) == 1 and lines[0].valley), None)
        if valley:
            return valley
    return next(lines for lines in tried if len(lines) == fewest)


def settings(
    columns: Sequence[Column],
    first: Sequence[Stand],
    heads: Sequence[SideHead],
    measure: Measure,
    width: float,
    size: float,
    tight: bool,
) -> list[Band]:
    """The lines that columns take at one size of text; `tight` breaks texts and names no rows."""
    most = min(max((width - 2 * EDGE - GUTTER) / (len(columns) + 1) - GAP, LONGEST[0]), LONGEST[1])
    stands = [*first, *(stand(column, measure, size, most) for column in columns)]
    stands = [narrow(one) for one in stands] if tight else stands
    widths = [one.width(measure, size) + (GAP / 2 if tight else GAP) for one in stands]
    parts = packed(widths, width - 2 * EDGE - (0.0 if tight else GUTTER))
    links = edges(columns)
    home = {unit.number: i for i, column in enumerate(columns) for unit in column.units}
    said = heads_said(heads, home)
    shapes = [one.shape for one in stands]
    return [
        Band(
            [i - len(first) for i in part],
            [stands[i] for i in part],
            links,
            [(n, text) for n, text in said if n + len(first) in part],
            size,
            [widths[i] for i in part],
            shapes,
            width,
            len(parts) == 1,
        )
        for part in parts
    ]


def packed(widths: Sequence[float], room: float) -> list[list[int]]:
    """Which columns share a line: as few lines as can be, about as full."""
    lines = max(1, -(-int(sum(widths) * 1000) // int(room * 1000)))
    while True:
        parts = split(widths, sum(widths) / lines)
        if all(sum(widths[i] for i in part) <= room for part in parts) or lines >= len(widths):
            return parts
        lines += 1


def split(widths: Sequence[float], share: float) -> list[list[int]]:
    """Neighbours together, each line up to about its share."""
    parts: list[list[int]] = [[]]
    done = 0.0
    for i, width in enumerate(widths):
        if parts[-1] and done + width / 2 > share * len(parts):
            parts.append([])
        parts[-1].append(i)
        done += width
    return parts


def heads_said(heads: Sequence[SideHead], home: dict[int, int]) -> list[tuple[int, str]]:
    """The side heads of each column: their names, and what they cost."""
    found: dict[int, list[SideHead]] = {}
    for head in heads:
        found.setdefault(home.get(head.source, -1), []).append(head)
    return [
        (
            number,
            f"{', '.join(h.name for h in some)}: training only\n"
            f"{numbers.human(int(sum(h.totals.params for h in some)))} params",
        )
        for number, some in found.items()
    ]
