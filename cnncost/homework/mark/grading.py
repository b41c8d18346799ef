"""A folder of submissions, marked one by one: what one of them breaks, the others do not notice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from statistics import median

from cnncost.errors import CnncostError
from cnncost.homework.mark.marks import BLANK, FOLLOWS, RIGHT, Marked
from cnncost.homework.read.grid import printable
from cnncost.homework.read.reader import FORMS

SUBMISSIONS = 5_000
SKIPPED = (".DS_Store", "__MACOSX", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Submission:
    """One student's file, and its marks or why it has none."""

    student: str
    path: Path
    marked: Marked | None
    error: str = ""


@dataclass(frozen=True)
class Misconception:
    """A mistake that explains wrong answers: of how many cells and students, and an example of it."""

    name: str
    cells: int
    students: int
    example: str


@dataclass(frozen=True)
class Difficulty:
    """How a cell was answered: right or following, out of those whose submission was read."""

    label: str
    key: str
    right: int
    blank: int
    of: int


@dataclass(frozen=True)
class ClassMarks:
    """All submissions of a folder, in the order of their names."""

    submissions: tuple[Submission, ...]

    @property
    def broken(self) -> tuple[Submission, ...]:
        """Those that could not be marked."""
        return tuple(each for each in self.submissions if each.marked is None)

    @cached_property
    def marked(self) -> tuple[Marked, ...]:
        """The marks of the others."""
        return tuple(each.marked for each in self.submissions if each.marked is not None)

    @cached_property
    def shares(self) -> tuple[Fraction, ...]:
        """What part of its points each submission has that was marked."""
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

    @cached_property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """The mistakes that explain wrong answers, the one of most students first."""
        cells: dict[str, int] = {}
        students: dict[str, set[int]] = {}
        examples: dict[str, str] = {}
        for i, marked in enumerate(self.marked):
            for mark in marked.marks:
                for name in mark.explanation.deviations if mark.explanation else ():
                    cells[name] = cells.get(name, 0) + 1
                    students.setdefault(name, set()).add(i)
                    examples.setdefault(name, f"{mark.label} {mark.quantity.words} {mark.answer.cell.shown}")
        found = [Misconception(name, cells[name], len(students[name]), examples[name]) for name in cells]
        return tuple(sorted(found, key=lambda each: (-each.students, -each.cells, each.name)))

    @property
    def unexplained(self) -> int:
        """How many wrong answers nothing explains."""
        return sum(
            mark.status == "wrong" and mark.explanation is None
            for marked in self.marked
            for mark in marked.marks
        )

    @cached_property
    def difficulties(self) -> tuple[Difficulty, ...]:
        """The cells, those that fewest got right first."""
        places = dict.fromkeys(mark.place for marked in self.marked for mark in marked.marks)
        found = []
        for label, key in places:
            marks = [m.by_place[label, key] for m in self.marked if (label, key) in m.by_place]
            right = sum(mark.status in (RIGHT, FOLLOWS) for mark in marks)
            blank = sum(mark.status == BLANK for mark in marks)
            found.append(Difficulty(label, key, right, blank, len(marks)))
        return tuple(sorted(found, key=lambda each: (Fraction(each.right, each.of), -each.of)))


def grade(folder: str | os.PathLike[str], mark: Callable[[Path, str], Marked]) -> ClassMarks:
    """Mark every submission of a folder.

    Args:
        folder: holds a file for each student, or a folder for each with a single file in it.
        mark: marks one file of a student.

    Raises:
        CnncostError: there is no such folder, or nothing in it.
    """
    found = list(submissions(Path(folder)))
    if not found:
        raise CnncostError(f"{folder}: no submissions: each student has a file, or a folder with one")
    return ClassMarks(tuple(graded(student, path, error, mark) for student, path, error in found))


def graded(student: str, path: Path, error: str, mark: Callable[[Path, str], Marked]) -> Submission:
    """One submission; an error of any kind is its own, and the others go on."""
    if error:
        return Submission(student, path, None, error)
    try:
        return Submission(student, path, mark(path, student))
    except CnncostError as problem:
        return Submission(student, path, None, " ".join(str(problem).split()))
    except Exception as problem:  # of our own making; one submission must not take the class with it
        return Submission(student, path, None, f"internal error, please report it: {problem!r}")


def submissions(folder: Path) -> Iterator[tuple[str, Path, str]]:
    """Each student with a file, and what is wrong with it before it is opened.

    Links are not followed: they could lead out of the folder.

    Raises:
        CnncostError: there is no such folder, or it holds too much.
    """
    students: dict[str, list[Path]] = {}
    for path in entries(folder):
        name = path.name if path.is_dir() and not path.is_symlink() else path.stem
        students.setdefault(name, []).append(path)
    if len(students) > SUBMISSIONS:
        raise CnncostError(f"{folder}: more than {SUBMISSIONS} submissions")
    for student, paths in students.items():
        yield student, *(only(paths) if len(paths) == 1 else (folder, several(paths)))


def only(paths: Sequence[Path]) -> tuple[Path, str]:
    """A student's one file, or what is wrong with it."""
    (path,) = paths
    if path.is_symlink():
        return path, "a link, which is not followed"
    return single(path) if path.is_dir() else (path, "")


def several(paths: Sequence[Path]) -> str:
    """What is said where a student has more than one file."""
    names = ", ".join(printable(path.name) for path in paths[:4])
    return f"{len(paths)} files of answers: {names}"


def single(folder: Path, deeper: int = 2) -> tuple[Path, str]:
    """The one file of a student's folder that can hold answers, or why there is none.

    A folder that holds nothing but another, as archives make them, is opened.
    """
    found = [path for path in entries(folder) if not path.is_symlink()]
    if deeper and len(found) == 1 and found[0].is_dir():
        return single(found[0], deeper - 1)
    files = [path for path in found if path.is_file()]
    known = [path for path in files if path.suffix.lower() in FORMS] or files
    if len(known) == 1:
        return known[0], ""
    return folder, several(known) if known else "no file of answers"


def entries(folder: Path) -> Iterable[Path]:
    """What lies in a folder, by name; not what an operating system leaves there.

    Raises:
        CnncostError: it cannot be read.
    """
    try:
        found = sorted(folder.iterdir(), key=lambda path: path.name.casefold())
    except OSError as error:
        raise CnncostError(f"{folder}: no folder that can be read: {error.strerror}") from None
    return [path for path in found if not path.name.startswith("._") and path.name not in SKIPPED]
