"""Marking: each cell of the answers right, following from an earlier mistake, wrong, blank or unread."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction

from cnncost.count.profile import NetworkCost
from cnncost.homework.mark.counting import Counting, countings, recounted
from cnncost.homework.mark.follow import OwnNetwork
from cnncost.homework.mark.judging import exact, judge, missing_sizes
from cnncost.homework.mark.marks import BLANK, FOLLOWS, RIGHT, UNREAD, WRONG, Mark, Marked, Place
from cnncost.homework.mark.rubric import Rubric
from cnncost.homework.read.cells import Answer, read_cell
from cnncost.homework.read.grid import AnswersError, Cell, Grid
from cnncost.homework.read.headers import read_headers
from cnncost.homework.read.matching import TOTAL, cells_of, match_rows
from cnncost.homework.read.quantities import QUANTITIES, SHAPE, SIZE, Value

STRUCTURE = frozenset(key for key, q in QUANTITIES.items() if q.kind in (SHAPE, SIZE, "number"))
"""The columns from which later answers can follow, besides sums."""


def mark(
    grid: Grid,
    profile: NetworkCost,
    rubric: Rubric | None = None,
    convention: str | None = None,
    asked: Collection[Place] | None = None,
    follow_through: bool = True,
) -> Marked:
    """Mark answers against a network.

    Args:
        grid: the answers, as `read_answers` gives them.
        profile: the right values, in the convention that is asked for.
        rubric: points, tolerance; one point for each cell without it.
        convention: the only way of counting that is right; None to accept what the answers show.
        asked: the cells that count, if not all that the answers hold.
        follow_through: whether what follows from an earlier mistake counts.

    Raises:
        AnswersError: the answers cannot be matched with the network.
    """
    return Marking(grid, profile, rubric or Rubric(), convention, asked, follow_through).marked()


class Marking:
    """The steps of marking one submission."""

    def __init__(
        self,
        grid: Grid,
        profile: NetworkCost,
        rubric: Rubric,
        convention: str | None,
        asked: Collection[Place] | None,
        follow_through: bool,
    ) -> None:
        self.grid, self.profile, self.rubric = grid, profile, rubric
        self.convention = convention or rubric.convention
        self.asked, self.follow_through = asked, follow_through
        self.headers = read_headers(grid)
        self.matching = match_rows(grid, self.headers, profile)
        self.rows = {row.label: row for row in self.matching.rows}
        rubric.check({**self.rows, TOTAL: None})
        self.cells = cells_of(self.headers, self.matching)
        self.own = OwnNetwork(profile, self.matching.rows, self.structure())

    def right(self, place: Place, profile: NetworkCost | None = None) -> Value | None:
        """The right value of a cell; None where the table has none."""
        label, key = place
        quantity = QUANTITIES[key]
        if label == TOTAL:
            return quantity.total(profile or self.profile)
        row = self.rows[label]
        return quantity.value(recounted(row, profile) if profile is not None else row)

    def structure(self) -> dict[str, dict[str, Value]]:
        """What the answers say of shapes and arguments, by row."""
        found: dict[str, dict[str, Value]] = {}
        for (label, key), (cell, meaning) in self.cells.items():
            if key in STRUCTURE and label != TOTAL and self.counts((label, key)):
                answer = read_cell(cell, QUANTITIES[key].kind, meaning.unit)
                value = exact(answer, self.right((label, key)), QUANTITIES[key].kind)
                if value is not None:
                    found.setdefault(label, {})[key] = value
        return found

    def counts(self, place: Place) -> bool:
        """Whether a cell is asked."""
        return self.asked is None or place in self.asked

    def marked(self) -> Marked:
        """All marks, column by column in the order of the rows.

        Raises:
            AnswersError: none of the answers' rows has a value in any of their columns.
        """
        keys = dict.fromkeys(key for _, key in self.wanted())
        if not keys:
            asked = ", ".join(meaning.key for meaning in self.headers.asked.values())
            raise AnswersError(f"{self.grid.source}: nothing to mark: its rows have no {asked}")
        marks: dict[Place, Mark] = {}
        chosen: dict[str, Counting] = {}
        for key in keys:
            places = [place for place in self.wanted() if place[1] == key]
            chosen[key] = self.choose(key, places)
            marks.update({place: self.mark_cell(place, chosen[key]) for place in places})
        remarks = [*self.grid.remarks, *self.headers.remarks, *self.matching.remarks]
        remarks += [counting.remark for counting in chosen.values() if counting.remark]
        order = {label: i for i, label in enumerate([*self.rows, TOTAL])}
        ordered = sorted(marks.values(), key=lambda mark: order[mark.label])
        headers = {meaning.key: self.grid.header[i] for i, meaning in self.headers.asked.items()}
        return Marked(
            self.grid.source,
            self.profile,
            tuple(ordered),
            tuple(remarks),
            headers,
            chosen,
            self.own,
            self.rubric,
        )

    def wanted(self) -> list[Place]:
        """The cells that count: those asked, those of the rubric's columns, or all that were handed in."""
        if self.asked is not None:
            return [place for place in self.asked if self.right(place) is not None]
        found = [place for place, (cell, _) in self.cells.items() if place[0] != TOTAL or cell.text]
        if self.rubric.columns:
            labels = [*self.rows, TOTAL] if TOTAL in self.rubric.rows else self.rows
            found = [(label, key) for label in labels for key in self.rubric.columns]
        found = list(dict.fromkeys([*found, *self.rubric.cells]))
        return [place for place in found if self.rubric.worth(*place) and self.right(place) is not None]

    def read(self, place: Place, counting: Counting) -> Answer:
        """A cell, read as a column's way of counting has it."""
        if place not in self.cells:
            return Answer(Cell("", 0))
        cell, meaning = self.cells[place]
        unit, kind = meaning.unit or counting.unit, QUANTITIES[place[1]].kind
        return read_cell(cell, kind, unit, counting.kilo, said=bool(meaning.unit))

    def choose(self, key: str, places: Sequence[Place]) -> Counting:
        """How a column counts: as asked, unless most of its answers come out in another known way."""
        unit = self.headers_unit(key)
        options = countings(key, self.profile, self.convention, unit)
        first, *others = options
        telling = [place for place in places if self.tells(place)]
        best, most = first, sum(self.fits(place, first) for place in telling)
        for option in others:
            fitting = sum(self.fits(place, option) for place in telling)
            if fitting > most and fitting >= 2 and 3 * fitting >= 2 * len(telling):
                best, most = option, fitting
        return best

    def headers_unit(self, key: str) -> str:
        """The unit that a column's header names."""
        return next((meaning.unit for meaning in self.headers.asked.values() if meaning.key == key), "")

    def tells(self, place: Place) -> bool:
        """Whether a cell can tell how a column counts: it was answered, and is not nothing."""
        cell = self.cells.get(place)
        return cell is not None and not cell[0].blank and self.right(place) != 0

    def fits(self, place: Place, counting: Counting) -> bool:
        """Whether a cell is right or follows, counted in a way."""
        return self.mark_cell(place, counting).status in (RIGHT, FOLLOWS)

    def mark_cell(self, place: Place, counting: Counting) -> Mark:
        """The mark of one cell."""
        label, key = place
        kind = QUANTITIES[key].kind
        answer = self.read(place, counting)
        right = self.right(place, counting.profile)
        assert right is not None
        right = counting.times(right)
        possible = self.rubric.worth(label, key)

        def marked(status: str, points: Fraction = Fraction(0), remark: str = "", origin: str = "") -> Mark:
            said = "; ".join(filter(None, (answer.remark, remark)))
            return Mark(label, key, answer, right, status, points, possible, said, origin)

        if answer.blank:
            return marked(BLANK)
        if answer.problem:
            return marked(UNREAD, remark=answer.problem)
        verdict = judge(answer, right, kind, self.rubric.tolerance)
        if verdict.fits:
            return marked(RIGHT, possible, verdict.remark)
        if problem := missing_sizes(answer, right, kind):
            return marked(UNREAD, remark=problem)
        if self.follow_through and (origin := self.follows(place, answer, counting)):
            return marked(FOLLOWS, possible * self.rubric.follow, origin=origin)
        return marked(WRONG)

    def follows(self, place: Place, answer: Answer, counting: Counting) -> str:
        """The row whose wrong answer makes this one come out; nothing if none does."""
        label, key = place
        if label == TOTAL:
            return self.total_follows(key, answer, counting)
        row = self.rows[label]
        kind = QUANTITIES[key].kind
        for value in self.own.values(row, key, counting.profile):
            if judge(answer, counting.times(value), kind, self.rubric.tolerance).fits:
                before = self.field_origin(label) if key == "receptive_field" else label
                return before if before != label else self.own.origin(row) or label
        return ""

    def field_origin(self, label: str) -> str:
        """The nearest row before this one whose receptive field was answered wrongly, or this one's own."""
        labels = list(self.rows)
        for before in reversed(labels[: labels.index(label)]):
            place = (before, "receptive_field")
            if place in self.cells and self.counts(place):
                node = self.rows[before].last.name
                said = self.own.answers.get(node, {}).get("receptive_field")
                right = self.right(place)
                if said is None or right is None or same(said, right):
                    continue
                followed = self.own.own.fields.get(node)
                came = followed and same(said, tuple(axis.size for axis in followed))
                return self.field_origin(before) if came else before
        return label

    def total_follows(self, key: str, answer: Answer, counting: Counting) -> str:
        """Whether a total is the sum of the student's own column, as its numbers were written."""
        total, slack, wrong = Fraction(0), Fraction(0), ""
        for label, row in self.rows.items():
            place = (label, key)
            right = self.right(place, counting.profile)
            own = self.read(place, counting) if place in self.cells else None
            if own is not None and own.numbers:
                total += own.numbers[0].value
                slack += own.numbers[0].place / 2 if own.numbers[0].place > 1 else 0
                if right is not None and not judge(own, counting.times(right), QUANTITIES[key].kind).fits:
                    wrong = wrong or row.label
            elif right is not None:
                value = counting.times(right)
                total += value if isinstance(value, int) else 0
        near = any(abs(number.value - total) <= slack + number.place / 2 for number in answer.numbers)
        return wrong if near else ""


def same(said: Value, right: Value) -> bool:
    """Whether sizes agree, one standing for all axes."""
    a = said if isinstance(said, tuple) else (said,)
    b = right if isinstance(right, tuple) else (right,)
    return a == b or (len(a) == 1 and all(n == a[0] for n in b))
