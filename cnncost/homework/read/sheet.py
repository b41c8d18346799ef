"""Answers whose rows and columns are known: what marking starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from cnncost.count.profile import NetworkCost
from cnncost.count.rows import Row, fold
from cnncost.homework.read.answer import Answer
from cnncost.homework.read.cells import read_cell
from cnncost.homework.read.grid import AnswerCell, AnswersError, Grid
from cnncost.homework.read.headers import Headers, read_headers
from cnncost.homework.read.matching import TOTAL, Matching, match_by_name, match_rows
from cnncost.homework.read.quantities import COUNT, QUANTITIES
from cnncost.homework.read.questions import NUMBERED, answers_by_number
from cnncost.homework.read.reader import read_answers

Address = tuple[str, str]
"""A cell by the label of its row and the key of its column."""


@dataclass(frozen=True)
class AnswerSheet:
    """The answers of one student.

    `rows` are the table's rows by label, those without answers too. `cells` are the answers; `headers`
    and `units` what the student wrote above each column. `remarks` say what was not understood.
    """

    source: str
    rows: dict[str, Row]
    cells: dict[Address, AnswerCell]
    headers: dict[str, str]
    units: dict[str, str]
    remarks: tuple[str, ...]

    def answer(self, address: Address, unit: str = "", kilo: int = 1024) -> Answer:
        """A cell as a value; `unit` is that of numbers without one if the header names none."""
        key = address[1]
        if address not in self.cells:
            return Answer(AnswerCell("", 0))
        named = self.units[key]
        return read_cell(
            self.cells[address], QUANTITIES[key].kind, named or unit, kilo, or_in_full=bool(named)
        )


def read_sheet(answers: Any, network: NetworkCost, asked: Sequence[Address] | None = None) -> AnswerSheet:
    """Read answers about a network; `answers` as `read_answers` takes them, or a Grid.

    Answers that are only numbered are to the cells `asked`, in their order.

    Raises:
        AnswersError: they cannot be read, or not be matched with the network.
    """
    grid = read_answers(answers)
    if grid.header == NUMBERED:
        grid = answers_by_number(grid, asked)
    headers = read_headers(grid)
    matching = match_rows(grid, headers, network)
    if weights_are_params(grid, headers, matching, asked):
        renamed = {i: replace(m, key="params") if m.key == "weights" else m for i, m in headers.asked.items()}
        headers = replace(headers, asked=renamed)
    cells = {
        (row.label if row else TOTAL, meaning.key): grid.rows[i][column]
        for i, row in matching.found.items()
        for column, meaning in headers.asked.items()
        if grid.rows[i][column].row
    }
    return AnswerSheet(
        grid.source,
        {row.label: row for row in matching.table},
        cells,
        {meaning.key: grid.header[column] for column, meaning in headers.asked.items()},
        {meaning.key: meaning.unit for meaning in headers.asked.values()},
        (*grid.remarks, *headers.remarks, *matching.remarks),
    )


def weights_are_params(
    grid: Grid, headers: Headers, matching: Matching, asked: Sequence[Address] | None
) -> bool:
    """Whether a column called weights, with none of parameters or biases, also counts the biases.

    It does if parameters are asked, or if no more of its numbers are right as weights alone.
    """
    columns = {meaning.key: (i, meaning) for i, meaning in headers.asked.items()}
    if "weights" not in columns or columns.keys() & {"params", "biases"}:
        return False
    if any(key == "params" for _, key in asked or ()):
        return True
    i, meaning = columns["weights"]
    right = {"params": 0, "weights": 0}
    for n, row in matching.found.items():
        answer = read_cell(grid.rows[n][i], COUNT, meaning.unit)
        if row is None:
            continue
        for key in right:
            value = Fraction(int(QUANTITIES[key].read(row)))
            right[key] += any(number.fits(value) for number in answer.numbers)
    return right["params"] >= right["weights"]


def numbered_answers(answers: Any) -> int:
    """The highest number of answers that are only numbered; 0 for any others."""
    grid = read_answers(answers)
    return max((int(number.text) for number, _ in grid.rows), default=0) if grid.header == NUMBERED else 0


def asked_addresses(worksheet: Any, network: NetworkCost) -> list[Address]:
    """The cells of a worksheet that contain a `?`, row by row.

    Raises:
        AnswersError: the worksheet cannot be read, is about another network, or asks nothing.
    """
    grid = read_answers(worksheet)
    refuse_other_rows(grid, network)
    sheet = read_sheet(grid, network)
    asked = [address for address, cell in sheet.cells.items() if cell.text == "?"]
    if not asked:
        raise AnswersError(f"{sheet.source}: no cell of the worksheet contains a `?`, so nothing is asked")
    return asked


def refuse_other_rows(worksheet: Grid, network: NetworkCost) -> None:
    """Refuse a worksheet that asks about rows which the network's table does not have.

    Where some row matches nothing, a row that is only alike by its kind is not the network's either.

    Raises:
        AnswersError: which rows these are.
    """
    headers = read_headers(worksheet)
    matching = match_rows(worksheet, headers, network)
    if headers.layer is None:
        return
    names = [row[headers.layer] for row in worksheet.rows]
    if all(i in matching.found or cell.blank for i, cell in enumerate(names)):
        return
    by_name = match_by_name(names, matching.table, worksheet.source)
    asked = [any(row[column].text == "?" for column in headers.asked) for row in worksheet.rows]
    strange = [cell.one_line for i, cell in enumerate(names) if asked[i] and i not in by_name]
    if strange:
        listed = ", ".join(strange[:MOST_NAMED]) + ", …" * (len(strange) > MOST_NAMED)
        rows = "the row" if len(strange) == 1 else "the rows"
        raise AnswersError(
            f"{worksheet.source}: {network.name}'s table does not have {rows} {listed}:"
            " is it the worksheet of another network?"
        )


MOST_NAMED = 6
"""The most rows that an error names."""


def empty_answers(network: NetworkCost, columns: tuple[str, ...] = ("params",)) -> Grid:
    """Answers with a row for each layer and the total, all blank."""
    labels = [*(row.label for row in fold(network)), TOTAL]
    rows = [(AnswerCell(label, i), *[AnswerCell("", i)] * len(columns)) for i, label in enumerate(labels, 2)]
    return Grid("nothing", ("layer", *columns), tuple(rows))
