"""A class's worksheets: to each student the same questions about another network."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cnncost.count.profile import profile_graph
from cnncost.errors import CnncostError
from cnncost.homework.make.blanks import blanked
from cnncost.homework.make.roster import Student
from cnncost.homework.make.sheet import Cell, Sheet, sheet_of
from cnncost.homework.make.variants import Variant, differences, original, vary
from cnncost.homework.read.quantities import Value
from cnncost.spec.structure import Spec

ATTEMPTS = 10
"""How many variants are drawn for a student, before the one that is most unlike the others is taken."""

UNLIKE = 3
"""A sheet is unlike enough if one in so many of its answers is other than that of each other sheet."""


@dataclass(frozen=True, eq=False)
class Handout:
    """A student's sheet, the spec of the network that it is about, and what differs in it."""

    student: Student
    sheet: Sheet
    spec: str
    changes: str


def handouts(
    spec: Spec,
    variant: str | None,
    students: Sequence[Student],
    count: int,
    level: int = 3,
    seed: int = 0,
    depth: int | None = None,
    **counting: Any,
) -> Iterator[Handout]:
    """A sheet for each student, no two with the same answers.

    The same cells are asked of all, as far as each network allows. `counting` as in `cnncost.profile`.

    Raises:
        CnncostError: the spec cannot be taken apart, too few cells can be asked, or the network does not
            have as many variants.
    """
    start = original(spec, variant)

    def drawn(student: Student) -> Iterator[Handout]:
        for attempt in range(ATTEMPTS):
            variation = vary(start, random.Random(f"{seed}/{student.file}/{attempt}"))
            made = sheet_of(profile_graph(variation.graph, **counting), level, depth)
            sheet = replace(blanked(made, count, seed), student=student.name)
            yield Handout(
                student, sheet, described(variation, student), differences(variation.graph, start.graph)
            )

    taken: list[Answers] = []
    for student in students:
        handout, other = most_unlike(drawn(student), taken, count)
        if not other:
            raise CnncostError(
                f"of {variant or spec.name} with {count} blanks only {len(taken)} sheets were found that"
                f" differ in their answers, and the roster has {len(students)} students: ask for more blanks"
            )
        taken.append(handout.sheet.answers)
        yield handout


Answers = Mapping[Cell, Value | None]


def most_unlike(drawn: Iterable[Handout], taken: Sequence[Answers], count: int) -> tuple[Handout, int]:
    """The first sheet that is unlike enough, or the most unlike; and in how many answers it differs."""
    found: list[tuple[Handout, int]] = []
    for handout in drawn:
        mine = handout.sheet.answers
        other = min((differing(mine, others) for others in taken), default=count)
        found.append((handout, other))
        if other * UNLIKE >= count:
            return found[-1]
    return max(found, key=lambda pair: pair[1])


def differing(mine: Answers, others: Answers) -> int:
    """In how many cells one sheet's answers are not those of another."""
    return sum(others.get(cell) != answer for cell, answer in mine.items())


def described(drawn: Variant, student: Student) -> str:
    """The text of a student's spec, with a line that says whose it is."""
    return f"# For {student.name}\n{drawn.text}"
