"""A class: every submission of a folder is marked, and one that cannot be marked does not stop the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Any

from cnncost.errors import CnncostError
from cnncost.homework.mark.check import RubricSource, rubric_of, set_task
from cnncost.homework.mark.marks import BLANK, WRONG, Mark, Marked
from cnncost.homework.mark.own_tasks import listed_students, own_task
from cnncost.homework.read import Address, printable
from cnncost.homework.read.roster import Student, read_roster
from cnncost.homework.read.student_names import match_student, natural
from cnncost.homework.read.submissions import HandedIn, find_submissions, opened


@dataclass(frozen=True)
class Submission:
    """One student's file with its marks, or why it has none.

    `note` says what should be checked: which of several files was marked, or whom a name was taken for.
    `missing` says that a student of the class list has not handed in.
    """

    student: str
    path: Path
    marked: Marked | None
    error: str = ""
    note: str = ""
    missing: bool = False


@dataclass(frozen=True)
class Misconception:
    """A mistake that explains wrong answers: in how many cells, of how many students, and an example.

    `possible` counts the cells for which it is only one of several explanations; `hint` is what to look
    at again.
    """

    name: str
    cells: int
    students: int
    example: str
    hint: str = ""
    possible: int = 0


@dataclass(frozen=True)
class Difficulty:
    """How often a cell was answered rightly, or left blank, of all submissions that have it."""

    label: str
    key: str
    right: int
    blank: int
    of: int


@dataclass(frozen=True)
class ClassMarks:
    """The submissions of a class, in the order of their names."""

    submissions: tuple[Submission, ...]

    @property
    def broken(self) -> tuple[Submission, ...]:
        """The submissions that could not be marked."""
        return tuple(each for each in self.submissions if each.marked is None and not each.missing)

    @property
    def missing(self) -> tuple[Submission, ...]:
        """The students of the class list who have not handed in."""
        return tuple(each for each in self.submissions if each.missing)

    @cached_property
    def marked(self) -> tuple[Marked, ...]:
        """The marks of the other submissions."""
        return tuple(each.marked for each in self.submissions if each.marked is not None)

    @cached_property
    def shares(self) -> tuple[Fraction, ...]:
        """The share of the points that each marked submission has."""
        return tuple(
            marked.score / marked.possible if marked.possible else Fraction(0) for marked in self.marked
        )

    @property
    def mean(self) -> Fraction:
        """The mean share of the points; 0 if nothing was marked."""
        return sum(self.shares, Fraction(0)) / len(self.shares) if self.shares else Fraction(0)

    @property
    def median(self) -> Fraction:
        """The median share of the points."""
        return Fraction(median(self.shares)) if self.shares else Fraction(0)

    @property
    def same_cells(self) -> bool:
        """Whether all submissions were marked on the same cells."""
        return len({frozenset(marked.by_address) for marked in self.marked}) <= 1

    @cached_property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """The mistakes that explain wrong answers, the most common first."""
        cells: dict[str, list[tuple[int, Mark]]] = {}
        for i, marked in enumerate(self.marked):
            for mark in marked.marks:
                for name in mark.cause.deviations if mark.cause else ():
                    cells.setdefault(name, []).append((i, mark))
        found = [misconception(name, marks) for name, marks in cells.items()]
        return tuple(sorted(found, key=lambda each: (-each.students, -each.cells, each.name)))

    @property
    def unexplained(self) -> int:
        """The number of wrong answers without an explanation."""
        return sum(
            mark.status == WRONG and mark.cause is None for marked in self.marked for mark in marked.marks
        )

    @cached_property
    def difficulties(self) -> tuple[Difficulty, ...]:
        """The cells, the one with the fewest right answers first."""
        answers: dict[Address, list[Mark]] = {}
        for marked in self.marked:
            for mark in marked.marks:
                answers.setdefault(mark.address, []).append(mark)
        found = []
        for address, marks in answers.items():
            right = sum(mark.accepted for mark in marks)
            blank = sum(mark.status == BLANK for mark in marks)
            found.append(Difficulty(*address, right, blank, len(marks)))
        return tuple(sorted(found, key=lambda each: (Fraction(each.right, each.of), -each.of)))


def misconception(name: str, marks: Sequence[tuple[int, Mark]]) -> Misconception:
    """A mistake, from the marks that it explains, each with its student's number."""
    students, possible = {i for i, _ in marks}, sum(mark.hedged for _, mark in marks)
    first = min((mark for _, mark in marks), key=lambda mark: (mark.hedged, len(names_of(mark))))
    example = f"{first.label} {first.quantity.words} {first.answer.cell.one_line}"
    hint = first.cause.hint if first.cause else ""
    return Misconception(name, len(marks), len(students), example, hint, possible)


def names_of(mark: Mark) -> tuple[str, ...]:
    """The deviations behind a mark."""
    return mark.cause.deviations if mark.cause else ()


def grade(
    folder: str | os.PathLike[str],
    key: Any,
    *,
    rubric: RubricSource = None,
    worksheet: Any = None,
    roster: str | os.PathLike[str] | None = None,
    explain: bool = True,
    **how: Any,
) -> ClassMarks:
    """Mark every submission of a folder.

    Args:
        folder: contains a file for each student, or a folder with one; or a zip of these.
        key: the network as in `check`; or the folder of `worksheet --students`, with a network and a
            worksheet for each student.
        rubric: as in `check`, like `worksheet`, `explain` and `how`.
        worksheet: the same one for all students; by default with a folder as `key`, each student's own.
        roster: the class list, as for `worksheet --students`: the submissions bear its names, and who
            has not handed in is listed. By default with a folder as `key`, that of its worksheets.

    Raises:
        CnncostError: the folder, the key or an option cannot be used.
    """
    how["rubric"] = rubric_of(rubric)
    keys = Path(key) if isinstance(key, (str, os.PathLike)) and Path(key).is_dir() else None
    common = set_task(key, worksheet=worksheet, **how) if keys is None else None

    def mark(path: Path, student: str) -> Marked:
        if common is not None:
            return common.check(path, explain)
        assert keys is not None
        return own_task(keys, student, worksheet, **how).check(path, explain)

    listed = read_roster(roster).students if roster is not None else listed_students(keys) if keys else ()
    with opened(Path(folder)) as place:
        submissions = marked_class(find_submissions(place), listed, mark)
    return ClassMarks(tuple(submissions))


def marked_class(
    handed_in: Sequence[HandedIn], listed: Sequence[Student], mark: Callable[[Path, str], Marked]
) -> list[Submission]:
    """The submissions of a class under the names of its list, and those who have not handed in."""
    found: list[Submission] = []
    by_student: dict[Student, HandedIn] = {}
    for one in handed_in:
        match = match_student(one.student, listed, one.others) if listed else None
        name, file, doubt = one.student, one.student, match.doubt if match else ""
        if match and match.student and match.student in by_student:
            doubt = (
                f"may be {match.student.name}, of whom {by_student[match.student].path.name} is marked too"
            )
        elif match and match.student:
            by_student[match.student] = one
            name, file = match.student.name, match.student.file
        note = "; ".join(filter(None, (one.note, f"`{printable(one.student)}` {doubt}" if doubt else "")))
        done = (
            Submission(name, one.path, None, one.problem) if one.problem else submission(file, one.path, mark)
        )
        found.append(replace(done, student=name, note=note))
    found += [
        Submission(each.name, Path(), None, "not handed in", missing=True)
        for each in listed
        if each not in by_student
    ]
    return sorted(found, key=lambda each: natural(each.student)) if listed else found


def submission(student: str, path: Path, mark: Callable[[Path, str], Marked]) -> Submission:
    """One submission; an error of any kind only concerns this one."""
    try:
        return Submission(student, path, mark(path, student))
    except CnncostError as problem:
        return Submission(student, path, None, " ".join(str(problem).split()))
    except Exception as problem:  # a mistake of ours in one submission must not stop the others
        return Submission(student, path, None, f"internal error, please report it: {problem!r}")
