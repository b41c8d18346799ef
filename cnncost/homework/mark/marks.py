"""The result of marking: a mark for each cell, and the submission with its score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from cnncost.count.profile import NetworkCost
from cnncost.deviation import Cause
from cnncost.homework.mark.interpretations import Interpretation
from cnncost.homework.mark.own_network import OwnNetwork
from cnncost.homework.mark.rubric import Rubric
from cnncost.homework.read import QUANTITIES, Address, Answer, Quantity, Value
from cnncost.numbers import round_half_up

RIGHT, FOLLOWS, WRONG, BLANK, UNREAD = "right", "follows", "wrong", "blank", "unread"
STATUSES = (RIGHT, FOLLOWS, WRONG, BLANK, UNREAD)


@dataclass(frozen=True)
class Mark:
    """The mark of one cell.

    `right` is the exact value. `origin` is the row of the earlier mistake from which this answer follows.
    `cause` is the small difference that explains a wrong answer, and `others` are further ones that do;
    `at_own` says that they only do with the student's own earlier answers, `sought` is False where no
    explanation was looked for.
    """

    label: str
    key: str
    answer: Answer
    right: Value
    status: str
    points: Fraction
    possible: Fraction
    remark: str = ""
    origin: str = ""
    cause: Cause | None = None
    others: tuple[Cause, ...] = ()
    at_own: bool = False
    sought: bool = True

    @property
    def quantity(self) -> Quantity:
        """What was asked."""
        return QUANTITIES[self.key]

    @property
    def address(self) -> Address:
        """The cell's row and column."""
        return self.label, self.key

    @property
    def hedged(self) -> bool:
        """Whether the cause is only told as a possible one: others fit too, or the answer has few digits."""
        return self.cause is not None and self.cause.confidence in ("possible", "chance")

    @property
    def accepted(self) -> bool:
        """Whether the answer is right, or follows rightly from an earlier mistake."""
        return self.status in (RIGHT, FOLLOWS)


def in_hundredths(points: Fraction) -> Fraction:
    """Points rounded to two decimals, as graders show them."""
    return Fraction(round_half_up(100 * points), 100)


@dataclass(frozen=True)
class Marked:
    """A marked submission.

    `remarks` concern more than one cell: what was matched, how a column was read, what was not marked.
    `headers` are the student's own, and `interpretations` how the numbers were counted, by column.
    """

    source: str
    network: NetworkCost
    marks: tuple[Mark, ...]
    remarks: tuple[str, ...]
    headers: Mapping[str, str]
    interpretations: Mapping[str, Interpretation]
    own: OwnNetwork
    rubric: Rubric

    @cached_property
    def scale(self) -> Fraction:
        """What a point of the rubric is worth: 1, unless the rubric gives the total."""
        total = sum((mark.possible for mark in self.marks), Fraction(0))
        return self.rubric.out_of / total if self.rubric.out_of is not None and total else Fraction(1)

    @cached_property
    def possible_by_cell(self) -> dict[Address, Fraction]:
        """What each cell is worth, in hundredths that add up to all points rounded once."""
        found, exact, given = {}, Fraction(0), Fraction(0)
        for mark in self.marks:
            exact += self.scale * mark.possible
            found[mark.address] = in_hundredths(exact) - given
            given += found[mark.address]
        return found

    @cached_property
    def score_by_cell(self) -> dict[Address, Fraction]:
        """The points of each cell: all that it is worth, or a share of that in hundredths."""
        return {
            mark.address: in_hundredths(self.possible_by_cell[mark.address] * mark.points / mark.possible)
            for mark in self.marks
        }

    @property
    def score(self) -> Fraction:
        """The points that the student has, exactly."""
        return self.scale * sum((mark.points for mark in self.marks), Fraction(0))

    @property
    def possible(self) -> Fraction:
        """The points that there are, exactly."""
        return self.scale * sum((mark.possible for mark in self.marks), Fraction(0))

    @property
    def accepted(self) -> bool:
        """Whether every answer is right or follows rightly from an earlier mistake."""
        return all(mark.accepted for mark in self.marks)

    @property
    def counts(self) -> Counter[str]:
        """The number of cells with each status."""
        return Counter(mark.status for mark in self.marks)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that were marked, in the student's order."""
        marked = {mark.key for mark in self.marks}
        return tuple(key for key in dict.fromkeys([*self.headers, *QUANTITIES]) if key in marked)

    @property
    def labels(self) -> tuple[str, ...]:
        """The rows that were marked."""
        return tuple(dict.fromkeys(mark.label for mark in self.marks))

    def __getitem__(self, address: Address) -> Mark:
        """The mark of a cell, by row and column."""
        return self.by_address[address]

    @cached_property
    def by_address(self) -> dict[Address, Mark]:
        """The marks by row and column."""
        return {mark.address: mark for mark in self.marks}
