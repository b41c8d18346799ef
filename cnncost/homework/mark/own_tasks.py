"""The folder of `worksheet --students`: the network and the worksheet of each student."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cnncost.errors import CnncostError
from cnncost.homework.mark.check import Task, set_task
from cnncost.homework.read import printable
from cnncost.homework.read.roster import Student, read_handout
from cnncost.homework.read.student_names import match_student

LIST = "students.csv"
"""The list of the worksheets."""


def own_task(keys: Path, student: str, worksheet: Any = None, **how: Any) -> Task:
    """What a student's answers are compared with; `student` is the name of their files.

    Raises:
        CnncostError: the folder has no network or worksheet for the student.
    """
    network = own_file(keys, student, (".yaml",))
    return set_task(network, worksheet=worksheet or own_file(keys, student, (".csv", ".md", ".xlsx")), **how)


def own_file(folder: Path, student: str, endings: Iterable[str]) -> Path:
    """A student's own file with the first of some endings."""
    files = {path.name.casefold(): path for path in folder.iterdir() if path.is_file()}
    names = [f"{student}{ending}" for ending in endings]
    for name in names:
        if found := files.get(name.casefold()):
            return found
    raise CnncostError(f"{folder} has no key for {printable(student, 60)}: no {printable(names[0], 60)}")


def listed_students(keys: Path) -> tuple[Student, ...]:
    """The students of the folder's list; none where it has no list."""
    return read_handout(keys / LIST) if (keys / LIST).is_file() else ()


def student_of(keys: Path, users: Sequence[Sequence[str]]) -> Student:
    """The student who handed in; each user is a name and what else is known, such as an id.

    Raises:
        CnncostError: none of the users is surely one of the list.
    """
    students = listed_students(keys)
    for name, *others in users:
        match = match_student(name, students, others)
        if match.student is not None and not match.doubt:
            return match.student
    names = ", ".join(printable(name, 60) for name, *_ in users) or "nobody"
    raise CnncostError(f"No worksheet is known for {names}: please contact your instructor.")
