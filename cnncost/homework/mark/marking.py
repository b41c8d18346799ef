"""Marking: each cell is right, follows from an earlier mistake, wrong, blank or unread."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from fractions import Fraction

from cnncost.count.rows import Row
from cnncost.homework.mark.explaining import is_a_mistake
from cnncost.homework.mark.interpretations import Interpretation, Interpretations
from cnncost.homework.mark.judging import (
    ROUNDED,
    exact_value,
    judge_answer,
    same_along_axes,
    wrong_number_of_sizes,
)
from cnncost.homework.mark.marks import BLANK, FOLLOWS, RIGHT, UNREAD, WRONG, Mark, Marked
from cnncost.homework.mark.own_network import OwnNetwork
from cnncost.homework.mark.rubric import Rubric
from cnncost.homework.read import (
    NUMBER,
    QUANTITIES,
    SHAPE,
    SIZE,
    TOTAL,
    Address,
    Answer,
    AnswersError,
    AnswerSheet,
    Value,
)

FOLLOWED = frozenset(key for key, quantity in QUANTITIES.items() if quantity.kind in (SHAPE, SIZE, NUMBER))
"""The columns from which later answers can follow, besides sums."""
PER_LAYER = ("params", "buffers", "flops")
"""The columns in which a layer may be counted without the batch norm that is folded into its row."""
NEAR = Fraction(1, 4)
"""How far off a wrong answer may be that still shows its column's unit, as a share of the right value."""
FEWEST, MOST_OF = 2, Fraction(2, 3)
"""A column is read in another way if at least this many answers, and this share of them, are then right."""


class Marking:
    """The marking of one submission.

    Args:
        sheet: the answers.
        ways: the right values, by the convention that the task asks for and by others.
        rubric: points and tolerance.
        asked: the cells that count, if not all with an answer.
        follow: whether to accept answers that follow from an earlier mistake.
    """

    def __init__(
        self,
        sheet: AnswerSheet,
        ways: Interpretations,
        rubric: Rubric,
        asked: Collection[Address] | None,
        follow: bool,
    ) -> None:
        self.sheet, self.ways, self.network, self.rubric = sheet, ways, ways.network, rubric
        self.asked, self.follow = asked, follow
        self.as_asked = Interpretation(self.network)
        rubric.check_rows([*sheet.rows, TOTAL])
        self.own = OwnNetwork(self.network, sheet.rows, self.own_answers())

    def right(self, address: Address, by: Interpretation | None = None) -> Value | None:
        """The right value of a cell; None where the table has none."""
        label, key = address
        return (by or self.as_asked).right(None if label == TOTAL else self.sheet.rows[label], key)

    def own_answers(self) -> dict[str, dict[str, Value]]:
        """The exact answers about shapes and arguments, by row."""
        found: dict[str, dict[str, Value]] = {}
        for label, key in self.sheet.cells:
            if key in FOLLOWED and label != TOTAL and self.is_asked((label, key)):
                answer, right = self.sheet.answer((label, key)), self.right((label, key))
                value = exact_value(answer, right, QUANTITIES[key].kind)
                if value is not None:
                    found.setdefault(label, {})[key] = value
        return found

    def is_asked(self, address: Address) -> bool:
        """Whether a cell counts."""
        return self.asked is None or address in self.asked

    def marked(self) -> Marked:
        """The marks of all cells, row by row."""
        addresses = self.addresses()
        if not addresses:
            columns = ", ".join(self.sheet.headers)
            raise AnswersError(f"{self.sheet.source}: nothing to mark: its rows have no {columns}")
        marks: list[Mark] = []
        chosen: dict[str, Interpretation] = {}
        for key in dict.fromkeys(key for _, key in addresses):
            column = [address for address in addresses if address[1] == key]
            chosen[key] = self.interpretation(key, column)
            marks += (self.mark(address, chosen[key]) for address in column)
        order = {label: i for i, label in enumerate([*self.sheet.rows, TOTAL])}
        return Marked(
            self.sheet.source,
            self.network,
            tuple(sorted(marks, key=lambda mark: order[mark.label])),
            (*self.sheet.remarks, *(by.remark for by in chosen.values() if by.remark)),
            self.sheet.headers,
            chosen,
            self.own,
            self.rubric,
        )

    def addresses(self) -> list[Address]:
        """The cells that count: those asked, those of the rubric's columns, or all with an answer."""
        if self.asked is not None:
            return [address for address in self.asked if self.right(address) is not None]
        found = [address for address, cell in self.sheet.cells.items() if address[0] != TOTAL or cell.text]
        if self.rubric.columns:
            labels = [*self.sheet.rows, TOTAL] if TOTAL in self.rubric.rows else self.sheet.rows
            found = [(label, key) for label in labels for key in self.rubric.columns]
        found = list(dict.fromkeys([*found, *self.rubric.cells]))
        return [each for each in found if self.rubric.worth(*each) and self.right(each) is not None]

    def interpretation(self, key: str, column: Sequence[Address]) -> Interpretation:
        """How a column is counted: as asked, unless most of its answers fit another known convention."""
        telling = [each for each in column if self.shows_convention(each)]

        def fitting(by: Interpretation) -> tuple[int, int]:
            accepted = [each for each in telling if self.mark(each, by).accepted]
            near = [each for each in telling if each not in accepted and self.is_near(each, by)]
            return len(accepted) + len(near) * bool(by.unit), len(accepted)

        best, *others = self.ways.of(key, self.sheet.units.get(key, ""))
        most = fitting(best)
        missed = [each for each in telling if not self.mark(each, best).accepted]
        for by in others:
            if not any(
                self.mark(each, by).accepted or (by.unit and self.is_near(each, by)) for each in missed
            ):
                continue
            count = fitting(by)
            if count[1] >= most[1] and count > most and FEWEST <= count[0] >= MOST_OF * len(telling):
                best, most = by, count
        return best

    def is_near(self, address: Address, by: Interpretation) -> bool:
        """Whether an answer is about as large as the right value: its unit is the right one."""
        right, answer = self.right(address, by), self.sheet.answer(address, by.unit, by.kilo)
        if not isinstance(right, int) or not answer.numbers:
            return False
        return abs(answer.numbers[0].value - right) <= NEAR * right

    def shows_convention(self, address: Address) -> bool:
        """Whether a cell shows how its column is counted: it has an answer, which should not be 0."""
        cell = self.sheet.cells.get(address)
        return cell is not None and not cell.blank and self.right(address) != 0

    def mark(self, address: Address, by: Interpretation) -> Mark:
        """The mark of one cell."""
        kind = QUANTITIES[address[1]].kind
        answer = self.sheet.answer(address, by.unit, by.kilo)
        right = self.right(address, by)
        assert right is not None
        possible = self.rubric.worth(*address)
        status, points, remark, origin = WRONG, Fraction(0), "", ""
        if answer.blank:
            status = BLANK
        elif answer.problem:
            status, remark = UNREAD, answer.problem
        elif (verdict := judge_answer(answer, right, kind, self.rubric.tolerance)).fits:
            status, points, remark = RIGHT, possible, verdict.remark
        elif remark := self.counted_alone(address, answer, by):
            status, points = RIGHT, possible
        elif remark := wrong_number_of_sizes(answer, right, kind):
            status = UNREAD
        elif self.follow and (origin := self.origin(address, answer, by)):
            status, points = FOLLOWS, possible * self.rubric.follow
        remark = "; ".join(filter(None, (answer.remark, remark)))
        mark = Mark(*address, answer, right, status, points, possible, remark, origin)
        if status == RIGHT and ROUNDED in remark and is_a_mistake(mark, by):
            return replace(mark, status=WRONG, points=Fraction(0), remark=answer.remark)
        return mark

    def counted_alone(self, address: Address, answer: Answer, by: Interpretation) -> str:
        """What an answer says that is right for a row's main layer without its batch norm; else empty."""
        label, key = address
        row = self.sheet.rows.get(label)
        if key not in PER_LAYER or row is None or row.main is None or not norm_of(row):
            return ""
        alone = by.right(replace(row, costs=(row.main,)), key)
        if alone is None or not judge_answer(answer, alone, QUANTITIES[key].kind, self.rubric.tolerance).fits:
            return ""
        return f"counted for {row.main.type} alone, without {norm_of(row)}"

    def origin(self, address: Address, answer: Answer, by: Interpretation) -> str:
        """The row whose wrong answer explains this one; empty if there is none."""
        label, key = address
        if label == TOTAL:
            return self.origin_of_total(key, answer, by)
        row = self.sheet.rows[label]
        for value in self.own.values(row, key, by.network):
            if judge_answer(answer, by.scaled(value), QUANTITIES[key].kind, self.rubric.tolerance).fits:
                before = self.origin_of_field(label) if key == "receptive_field" else label
                return before if before != label else self.own.origin(row) or label
        return ""

    def origin_of_field(self, label: str) -> str:
        """The nearest earlier row whose receptive field is wrong and does not follow; else this row."""
        labels = list(self.sheet.rows)
        for before in reversed(labels[: labels.index(label)]):
            node = self.sheet.rows[before].last.name
            answer = self.own.answers.get(node, {}).get("receptive_field")
            right = self.right((before, "receptive_field"))
            if answer is None or right is None or same_along_axes(answer, right):
                continue
            field = self.own.fields.get(node)
            follows = field and same_along_axes(answer, tuple(axis.size for axis in field))
            return self.origin_of_field(before) if follows else before
        return label

    def origin_of_total(self, key: str, answer: Answer, by: Interpretation) -> str:
        """The first wrong row of a column if the total is the sum of the student's own answers.

        Each of them may be off by its rounding.
        """
        total, slack, wrong = Fraction(0), Fraction(0), ""
        for label in self.sheet.rows:
            right = self.right((label, key), by)
            own = self.sheet.answer((label, key), by.unit, by.kilo)
            if own.numbers:
                total += own.numbers[0].value
                slack += own.numbers[0].place / 2 if own.numbers[0].place > 1 else 0
                if right is not None and not judge_answer(own, right, QUANTITIES[key].kind).fits:
                    wrong = wrong or label
            elif isinstance(right, int):
                total += right
        near = any(abs(number.value - total) <= slack + number.place / 2 for number in answer.numbers)
        return wrong if near else ""


def norm_of(row: Row) -> str:
    """The type of the norm that is folded into a row; empty if there is none."""
    return next((cost.type for cost in row.costs if "Norm" in cost.type and cost is not row.main), "")
