"""The submissions in a folder: one file, or one folder with a file, per student."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cnncost.errors import CnncostError
from cnncost.homework.read import FORMATS, printable

SUBMISSIONS = 5_000
SKIPPED = (".DS_Store", "__MACOSX", "Thumbs.db", "desktop.ini")
"""Files that operating systems leave in folders."""


def find_submissions(folder: Path) -> Iterator[tuple[str, Path, str]]:
    """Each student with a file, and the problem with it if there is one before it is opened.

    Links are not followed: they may lead out of the folder.
    """
    students: dict[str, list[Path]] = {}
    for path in entries(folder):
        name = path.name if path.is_dir() and not path.is_symlink() else path.stem
        students.setdefault(name, []).append(path)
    if not students:
        raise CnncostError(f"{folder}: no submissions: put in a file, or a folder with one, for each student")
    if len(students) > SUBMISSIONS:
        raise CnncostError(f"{folder}: more than {SUBMISSIONS} submissions")
    for student, paths in students.items():
        if len(paths) > 1:
            yield student, folder, several_files(paths)
        elif paths[0].is_symlink():
            yield student, paths[0], "a link, which is not followed"
        else:
            yield student, *(only_file(paths[0]) if paths[0].is_dir() else (paths[0], ""))


def only_file(folder: Path, deeper: int = 2) -> tuple[Path, str]:
    """The file of answers in a student's folder, or the folder and why there is not exactly one.

    A folder that only contains another folder, as archives make them, is opened.
    """
    found = [path for path in entries(folder) if not path.is_symlink()]
    if deeper and len(found) == 1 and found[0].is_dir():
        return only_file(found[0], deeper - 1)
    files = [path for path in found if path.is_file()]
    known = [path for path in files if path.suffix.lower() in FORMATS] or files
    if len(known) == 1:
        return known[0], ""
    return folder, several_files(known) if known else "no file of answers"


def several_files(paths: Sequence[Path]) -> str:
    """The problem with more than one file of answers."""
    names = ", ".join(printable(path.name) for path in paths[:4])
    return f"{len(paths)} files of answers: {names}"


def entries(folder: Path) -> Iterable[Path]:
    """What a folder contains, by name."""
    try:
        found = sorted(folder.iterdir(), key=lambda path: path.name.casefold())
    except OSError as error:
        raise CnncostError(f"{folder}: the folder cannot be read: {error.strerror}") from None
    return [path for path in found if not path.name.startswith("._") and path.name not in SKIPPED]
