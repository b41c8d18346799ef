"""The submissions in a folder or a zip: one file, or one folder with a file, per student.

The names that Canvas, Moodle, Gradescope, Brightspace, Blackboard and browsers give to files are known.
"""

from __future__ import annotations

import contextlib
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from cnncost.errors import CnncostError
from cnncost.homework.read.formats import ANSWERS, FORMATS
from cnncost.homework.read.header_words import header_meaning
from cnncost.homework.read.reader import read_answers
from cnncost.homework.read.student_names import named_in, natural
from cnncost.homework.read.text import printable

SUBMISSIONS = 5_000
UNPACKED_BYTES = 400_000_000
SKIPPED = (".DS_Store", "__MACOSX", "Thumbs.db", "desktop.ini")
"""Files that operating systems leave in folders."""
BESIDE = ("readme", "notes", "note", "license", "requirements", "changelog", "todo")
"""The names of texts that people leave beside their answers."""
METADATA = "submission_metadata.yml"
"""Gradescope's list of who handed in which folder."""


@dataclass(frozen=True)
class HandedIn:
    """What one student handed in, and the problem with it if there is one before it is opened.

    `note` says what was chosen among several files; `others` is more that is known of the student.
    """

    student: str
    path: Path
    problem: str = ""
    note: str = ""
    others: tuple[str, ...] = ()


def find_submissions(folder: Path) -> list[HandedIn]:
    """What each student handed in, in the natural order of their names.

    Links are not followed: they may lead out of the folder.
    """
    folder = inner_folder(folder)
    submitters = read_metadata(folder)
    students: dict[str, list[tuple[str, Path]]] = {}
    for path in student_entries(folder):
        is_folder = path.is_dir() and not path.is_symlink()
        name, copy = named_in(path.name if is_folder else path.stem)
        students.setdefault(name, []).append((copy, path))
    if not students:
        raise CnncostError(f"{folder}: no submissions: put in a file, or a folder with one, for each student")
    if len(students) > SUBMISSIONS:
        raise CnncostError(f"{folder}: more than {SUBMISSIONS} submissions")
    found = [
        replace(one, student=submitter[0], others=submitter[1:])
        for name, paths in students.items()
        for one in [chosen(name, paths, folder)]
        for submitter in submitters.get(name, [(name,)])
    ]
    return sorted(found, key=lambda one: natural(one.student))


def chosen(student: str, paths: Sequence[tuple[str, Path]], folder: Path) -> HandedIn:
    """The file of a student that is marked: of copies and attempts the last."""
    files = [(copy, *file_of(path)) for copy, path in sorted(paths, key=lambda each: natural(each[0]))]
    good = [(copy, path) for copy, path, problem in files if not problem] or [(c, p) for c, p, _ in files]
    copies = [copy for copy, _ in good]
    if len(good) > 1 and len(set(copies)) < len(copies):
        return HandedIn(student, folder, several_files([path for _, path in good]))
    _, last = good[-1]
    problem = next(problem for _, path, problem in files if path == last)
    note = f"{len(good)} files: {last.name} is marked" if len(good) > 1 else ""
    return HandedIn(student, last, problem, note)


def file_of(path: Path) -> tuple[Path, str]:
    """The file of answers that an entry is or contains, or why there is not exactly one."""
    if path.is_symlink():
        return path, "a link, which is not followed"
    return only_file(path) if path.is_dir() else (path, "")


def only_file(folder: Path, deeper: int = 2) -> tuple[Path, str]:
    """The file of answers in a student's folder, or the folder and why there is not exactly one.

    A folder that only contains another folder, as archives make them, is opened.
    """
    found = [path for path in entries(folder) if not path.is_symlink()]
    if deeper and len(found) == 1 and found[0].is_dir():
        return only_file(found[0], deeper - 1)
    files = [path for path in found if path.is_file()]
    known = [path for path in files if path.suffix.lower() in FORMATS] or files
    if len(known) > 1:
        known = [path for path in known if not path.stem.casefold().startswith(BESIDE)] or known
    if len(known) > 1:
        known = [path for path in known if has_answers(path)] or known
    if len(known) == 1:
        return known[0], ""
    return folder, several_files(known) if known else "no file of answers"


def has_answers(path: Path) -> bool:
    """Whether a file has a column that can be marked."""
    try:
        header = read_answers(path).header
    except CnncostError:
        return False
    return any(found and found.quantity for found in map(header_meaning, header))


def several_files(paths: Sequence[Path]) -> str:
    """The problem with more than one file of answers."""
    names = ", ".join(printable(path.name) for path in paths[:4])
    return f"{len(paths)} files of answers: {names}"


def inner_folder(folder: Path) -> Path:
    """The folder that contains what was handed in: an export's only folder, if it has more than one entry."""
    found = entries(folder)
    if len(found) == 1 and found[0].is_dir() and not found[0].is_symlink():
        inside = entries(found[0])
        if (found[0] / METADATA).is_file() or sum(path.is_dir() for path in inside) > 1:
            return found[0]
    return folder


def student_entries(folder: Path) -> Iterator[Path]:
    """The files and folders of students; those of a section are in its folder."""
    for path in entries(folder):
        if path.name == METADATA:
            continue
        inside = entries(path) if path.is_dir() and not path.is_symlink() else []
        if len(inside) > 1 and all(part.is_dir() and not part.is_symlink() for part in inside):
            yield from inside
        else:
            yield path


def entries(folder: Path) -> list[Path]:
    """What a folder contains, in the natural order of the names."""
    try:
        found = sorted(folder.iterdir(), key=lambda path: natural(path.name))
    except OSError as error:
        raise CnncostError(f"{folder}: the folder cannot be read: {error.strerror}") from None
    hidden = ("._", "~$")
    return [path for path in found if not path.name.startswith(hidden) and path.name not in SKIPPED]


def read_metadata(folder: Path) -> Mapping[str, list[tuple[str, ...]]]:
    """The name, id and e-mail address of each submitter by the name of the folder, as Gradescope lists them.

    Only these lines are looked at: the file also has the results, and may be long.
    """
    path = folder / METADATA
    if not path.is_file() or path.is_symlink():
        return {}
    found: dict[str, list[tuple[str, ...]]] = {}
    folder_name = ""
    people: list[tuple[str, ...]] | None = None
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if match := re.fullmatch(r"['\"]?(\w[\w .-]{0,80})['\"]?:\s*", line):
                folder_name, people = match[1], None
            elif match := re.fullmatch(r"  :(\w+):.*\s*", line):
                people = found.setdefault(folder_name, []) if match[1] == "submitters" else None
            elif people is None:
                continue
            elif match := re.fullmatch(r"\s{0,6}(- | {2}):(name|sid|email): *(.{1,200}?)\s*", line):
                value = match[3].strip("'\"")
                if match[1] == "- ":
                    people.append((value,))
                elif people:
                    people[-1] = (*people[-1], value)
    return {name: listed for name, listed in found.items() if listed}


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Path]:
    """A folder as it is, or what a zip of submissions contains, in a folder that is then removed."""
    if not (folder.is_file() and folder.suffix.lower() == ".zip"):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="cnncost-") as name:
        unpack(folder, Path(name))
        yield Path(name)


def unpack(archive: Path, target: Path) -> None:
    """Unpack the files of answers of a zip, and nothing that would lie outside of the target.

    Raises:
        CnncostError: it cannot be unpacked, or has more than a class hands in.
    """
    left = UNPACKED_BYTES
    try:
        with zipfile.ZipFile(archive) as packed:
            parts = packed.infolist()
            if len(parts) > 20 * SUBMISSIONS:
                raise CnncostError(f"{archive.name}: {len(parts)} files: no class hands in so many")
            for part in parts:
                path = PurePosixPath(part.filename)
                known = path.suffix.lower() in FORMATS or path.name == METADATA
                linked = stat.S_ISLNK(part.external_attr >> 16)
                if part.is_dir() or not known or linked or path.is_absolute() or ".." in path.parts:
                    continue
                with packed.open(part) as stream:
                    data = stream.read(
                        min(left, 50 * ANSWERS.most if path.name == METADATA else ANSWERS.most + 1)
                    )
                left -= len(data)
                if left <= 0:
                    raise CnncostError(f"{archive.name}: unpacks to more than {UNPACKED_BYTES:,} bytes")
                place = target.joinpath(*(printable(name, 120) for name in path.parts))
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise CnncostError(f"{archive.name}: not a zip of submissions: {type(error).__name__}") from None
