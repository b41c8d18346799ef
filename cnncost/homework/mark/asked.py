"""Which cells of a worksheet are asked: those where `?` stands."""

from __future__ import annotations

import os
from collections.abc import Iterable

from cnncost.count.profile import NetworkCost
from cnncost.count.rows import fold
from cnncost.homework.mark.marks import Place
from cnncost.homework.read.grid import AnswersError, Cell, Grid
from cnncost.homework.read.headers import read_headers
from cnncost.homework.read.matching import TOTAL, match_rows
from cnncost.homework.read.quantities import QUANTITIES
from cnncost.homework.read.reader import read_answers


def asked_cells(path: str | os.PathLike[str], profile: NetworkCost) -> list[Place]:
    """The cells of a worksheet that hold a `?`, row by row.

    Raises:
        AnswersError: the worksheet cannot be read, is of another network, or asks nothing.
    """
    grid = read_answers(path)
    headers = read_headers(grid)
    matching = match_rows(grid, headers, profile)
    asked = [
        (match.label, meaning.key)
        for match in matching.matches
        for i, meaning in headers.asked.items()
        if match.cells[i].text == "?" and meaning.key in QUANTITIES
    ]
    if not asked:
        raise AnswersError(f"{grid.source}: no cell of the worksheet holds a `?`, so nothing is asked")
    return asked


def empty_answers(profile: NetworkCost, columns: Iterable[str] = ()) -> Grid:
    """A submission with a row for each layer and nothing in it."""
    keys = tuple(columns) or ("params",)
    rows = [*(row.label for row in fold(profile)), TOTAL]
    header = ("layer", *(QUANTITIES[key].key for key in keys))
    return Grid(
        "nothing",
        header,
        tuple((Cell(label, i), *(Cell("", i) for _ in keys)) for i, label in enumerate(rows, 2)),
    )
