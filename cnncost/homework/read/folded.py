"""Rows of answers about what the table folds into other rows: batch norms, activations, dropouts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnncost.count.profile import NetworkCost
from cnncost.count.rows import Row, fold
from cnncost.homework.read.grid import AnswerCell
from cnncost.homework.read.numbering import kind_of, kind_of_name

FOLDED = ("norm", "activation", "dropout")
"""The kinds of layers that work in place, and so have no row of their own."""


def match_folded(
    names: Sequence[AnswerCell], table: Sequence[Row], network: NetworkCost, found: Mapping[int, Row | None]
) -> dict[int, Row]:
    """The rows about a layer that is folded into the row above them in the answers, such as `bn1`."""
    single = {row.label: row for row in fold(network, every=True)}
    known = {row.label for row in table}
    matched: dict[int, Row] = {}
    above: Row | None = None
    for i, cell in enumerate(names):
        if i in found:
            above = found[i]
        elif above is not None and (kind := kind_of_name(cell.text)) in FOLDED:
            taken = {*known, *(row.label for row in matched.values())}
            free = [
                cost.name for cost in above.costs[1:] if kind_of(cost.type) == kind and cost.name not in taken
            ]
            if free and free[0] in single:
                matched[i] = single[free[0]]
    return matched


def with_folded(table: Sequence[Row], matched: Mapping[int, Row]) -> list[Row]:
    """The table with these rows, each behind the one into which it is folded."""
    rows: list[Row] = []
    for row in table:
        names = {cost.name for cost in row.costs}
        rows += [row, *(each for each in matched.values() if each.costs[0].name in names)]
    return rows
