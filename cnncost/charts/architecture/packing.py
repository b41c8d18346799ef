"""Which columns share a line of a page, and at which size of text."""

from __future__ import annotations

from collections.abc import Sequence

from cnncost import numbers
from cnncost.charts.architecture.band import GUTTER, Band
from cnncost.charts.architecture.drawn_columns import DrawnColumn, column_edges
from cnncost.charts.architecture.maps import GAP, LONGEST, SIZES, LabelledMap, labelled_map, narrow
from cnncost.charts.architecture.shapes import EDGE
from cnncost.charts.architecture.units import SideHead


def bands(
    columns: Sequence[DrawnColumn], entrance: LabelledMap, heads: Sequence[SideHead], width: float
) -> list[Band]:
    """The columns in as few lines as possible, at the largest size of text that needs no more lines."""
    tried = [bands_at(columns, entrance, heads, width, size, False) for size in SIZES]
    fewest = min(len(lines) for lines in tried)
    if fewest > 1:
        tight = [bands_at(columns, entrance, heads, width, size, True) for size in SIZES]
        valley = next((lines for lines in tight if len(lines) == 1 and lines[0].valley), None)
        if valley:
            return valley
    return next(lines for lines in tried if len(lines) == fewest)


def bands_at(
    columns: Sequence[DrawnColumn],
    entrance: LabelledMap,
    heads: Sequence[SideHead],
    width: float,
    size: float,
    tight: bool,
) -> list[Band]:
    """The lines that columns need at one size of text; `tight` breaks texts and does not name rows."""
    most = min(max((width - 2 * EDGE - GUTTER) / (len(columns) + 1) - GAP, LONGEST[0]), LONGEST[1])
    maps = [entrance, *(labelled_map(column, size, most) for column in columns)]
    maps = [narrow(one) for one in maps] if tight else maps
    widths = [one.text_width(size) + (GAP / 2 if tight else GAP) for one in maps]
    parts = packed(widths, width - 2 * EDGE - (0.0 if tight else GUTTER))
    links = column_edges(columns)
    texts = head_texts(columns, heads)
    return [
        Band(
            [i - 1 for i in part],
            [maps[i] for i in part],
            links,
            {i - 1: texts[i - 1] for i in part if i - 1 in texts},
            size,
            [widths[i] for i in part],
            [one.shape for one in maps],
            width,
            len(parts) == 1,
        )
        for part in parts
    ]


def packed(widths: Sequence[float], room: float) -> list[list[int]]:
    """Which columns share a line: as few lines as possible, about equally full."""
    lines = max(1, -(-int(sum(widths) * 1000) // int(room * 1000)))
    while True:
        parts: list[list[int]] = [[]]
        done = 0.0
        for i, width in enumerate(widths):
            if parts[-1] and done + width / 2 > sum(widths) / lines * len(parts):
                parts.append([])
            parts[-1].append(i)
            done += width
        if all(sum(widths[i] for i in part) <= room for part in parts) or lines >= len(widths):
            return parts
        lines += 1


def head_texts(columns: Sequence[DrawnColumn], heads: Sequence[SideHead]) -> dict[int, str]:
    """The names and params of the side heads of each column, by the column's number."""
    home = {unit.number: i for i, column in enumerate(columns) for unit in column.units}
    found: dict[int, list[SideHead]] = {}
    for head in heads:
        found.setdefault(home.get(head.source, -1), []).append(head)
    return {
        number: f"{', '.join(head.name for head in some)}: training only\n"
        f"{numbers.human(int(sum(head.totals.params for head in some)))} params"
        for number, some in found.items()
    }
