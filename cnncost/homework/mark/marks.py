"""What marking gives: a mark for each cell, and the whole submission with its score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from cnncost.count.profile import NetworkCost
from cnncost.homework.mark.counting import Counting
from cnncost.homework.mark.follow import OwnNetwork
from cnncost.homework.mark.rubric import Rubric
from cnncost.homework.read.cells import Answer
from cnncost.homework.read.quantities import QUANTITIES, Quantity, Value

if TYPE_CHECKING:
    from cnncost.deviation import Cause

RIGHT, FOLLOWS, WRONG, BLANK, UNREAD = "right", "follows", "wrong", "blank", "unread"
STATUSES = (RIGHT, FOLLOWS, WRONG, BLANK, UNREAD)
Place = tuple[str, str]
"""A cell by its row's label and its column's key."""


@dataclass(frozen=True)
class Mark:
    """One cell and its mark.

    `right` is the exact value; `origin` the row of the earlier mistake that a right consequence follows
    from; `explanation` what would have to differ for a wrong answer to come out, with `at_own` if only
    with the student's own earlier answers; `sought` is False where nobody looked for one.
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
    explanation: Cause | None = None
    at_own: bool = False
    sought: bool = True

    @property
    def quantity(self) -> Quantity:
        """What was asked."""
        return QUANTITIES[self.key]

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.label, self.key


@dataclass(frozen=True)
class Marked:
    """A whole submission, marked.

    `remarks` tell what holds for more than a cell: what was matched, how a column was read, what was
    left alone. `countings` say by column how its numbers count.
    """

    source: str
    profile: NetworkCost
    marks: tuple[Mark, ...]
    remarks: tuple[str, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    countings: Mapping[str, Counting] = field(default_factory=dict)
    own: OwnNetwork | None = None
    rubric: Rubric = field(default_factory=Rubric)

    @cached_property
    def scale(self) -> Fraction:
        """What a point counts: 1, unless the rubric says how many all come to."""
        total = sum((mark.possible for mark in self.marks), Fraction(0))
        return self.rubric.out_of / total if self.rubric.out_of is not None and total else Fraction(1)

    @property
    def score(self) -> Fraction:
        """The points that were reached."""
        return self.scale * sum((mark.points for mark in self.marks), Fraction(0))

    @property
    def possible(self) -> Fraction:
        """The points that there are."""
        return self.scale * sum((mark.possible for mark in self.marks), Fraction(0))

    @property
    def counts(self) -> Counter[str]:
        """How many cells have which status."""
        return Counter(mark.status for mark in self.marks)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that were marked, in the order of the answers."""
        marked = {mark.key for mark in self.marks}
        return tuple(key for key in dict.fromkeys([*self.headers, *QUANTITIES]) if key in marked)

    @property
    def labels(self) -> tuple[str, ...]:
        """The rows that were marked."""
        return tuple(dict.fromkeys(mark.label for mark in self.marks))

    def __getitem__(self, place: Place) -> Mark:
        """The mark of a cell, by row and column."""
        return self.by_place[place]

    @cached_property
    def by_place(self) -> dict[Place, Mark]:
        """The marks by row and column."""
        return {mark.place: mark for mark in self.marks}
