"""The worksheets of a class: each student gets the same questions about another network."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cnncost.count.profile import profile_graph
from cnncost.errors import CnncostError
from cnncost.homework.make.blanks import with_blanks
from cnncost.homework.make.variants import changes_text, original, vary
from cnncost.homework.make.worksheet import CellIndex, Worksheet
from cnncost.homework.read import Value
from cnncost.homework.read.roster import Roster, Student, read_roster
from cnncost.network.catalogue import read
from cnncost.spec.structure import Spec

ATTEMPTS = 10
"""How many variants are drawn for a student before the most different one is chosen."""

DIFFERENT = 3
"""A worksheet is different enough if one in this many of its answers differs from every other worksheet."""


@dataclass(frozen=True, eq=False)
class Handout:
    """A student's worksheet, the spec of its network, and what differs in it from the original."""

    student: Student
    sheet: Worksheet
    spec: str
    changes: str


def handouts_for(
    name: str,
    roster: str | os.PathLike[str],
    count: int,
    level: int,
    seed: int,
    depth: int | None,
    **how: Any,
) -> tuple[list[Handout], Roster]:
    """The worksheets for a file of students, and its content; the arguments as in `handouts`."""
    listed = read_roster(roster)
    spec, variant = read(name)
    return list(handouts(spec, variant, listed.students, count, level, seed, depth, **how)), listed


def handouts(
    spec: Spec,
    variant: str | None,
    students: Sequence[Student],
    count: int,
    level: int = 3,
    seed: int = 0,
    depth: int | None = None,
    **how: Any,
) -> Iterator[Handout]:
    """A worksheet for each student, no two with the same answers.

    The same cells are asked in all of them, as far as each network allows. `how` as in `cnncost.profile`.
    """
    start = original(spec, variant)

    def drawn(student: Student) -> Iterator[Handout]:
        for attempt in range(ATTEMPTS):
            changed = vary(start, random.Random(f"{seed}/{student.file}/{attempt}"))
            made = Worksheet.of(profile_graph(changed.graph, **how), level, depth)
            sheet = replace(with_blanks(made, count, seed), student=student.name)
            text = f"# For {student.name}\n{changed.text}"
            yield Handout(student, sheet, text, changes_text(changed.graph, start.graph))

    taken: list[Answers] = []
    for student in students:
        handout, differing = most_different(drawn(student), taken, count)
        if not differing:
            raise CnncostError(
                f"{variant or spec.name} with {count} blanks gives only {len(taken)} worksheets with"
                f" different answers, and the roster has {len(students)} students: ask for more blanks"
            )
        taken.append(handout.sheet.answers)
        yield handout


Answers = Mapping[CellIndex, Value | None]


def most_different(drawn: Iterable[Handout], taken: Sequence[Answers], count: int) -> tuple[Handout, int]:
    """The first worksheet that is different enough, else the most different; and how many answers differ."""
    found: list[tuple[Handout, int]] = []
    for handout in drawn:
        mine = handout.sheet.answers
        least = min(
            (sum(others.get(cell) != answer for cell, answer in mine.items()) for others in taken),
            default=count,
        )
        found.append((handout, least))
        if least * DIFFERENT >= count:
            return found[-1]
    return max(found, key=lambda pair: pair[1])
