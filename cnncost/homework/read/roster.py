"""A class list: who gets a worksheet, and under which file name.

A CSV or TSV as course systems export it, with a column of names or ids; or one name per line.
"""

from __future__ import annotations

import csv
import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from cnncost.errors import CnncostError
from cnncost.homework.read.files import ExpectedFile, decoded, read_bounded, split_cells
from cnncost.spec.expression import shorten, visible

ROSTER = ExpectedFile("a roster", "class list", 1_000_000, "save it as CSV")
STUDENTS = 2_000
CHARACTERS = 100

NAMES = ("name", "student", "student name", "full name", "fullname", "names", "students", "display name")
FIRST = ("first name", "firstname", "given name", "forename")
LAST = ("last name", "lastname", "surname", "family name")
IDS = (
    *("id", "student id", "studentid", "id number", "sid", "student number", "matriculation number"),
    *("sis user id", "sis login id", "login", "login id", "user", "username", "email", "email address"),
)
PORTS = {f"{port}{n}" for port in ("com", "lpt") for n in range(10)}
RESERVED = {"con", "prn", "aux", "nul", *PORTS, "students"}
"""File names that Windows reserves, and the name of the list of worksheets."""


@dataclass(frozen=True)
class Student:
    """A student; `file` is a file name without ending, safe on any system and different from all others.

    `name` is what is shown, with an id; `full` the name alone, and `ids` all ids and e-mail addresses.
    """

    name: str
    file: str
    line: int
    full: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Roster:
    """The students of a list, and the number of its empty rows."""

    students: tuple[Student, ...]
    empty: int = 0


def read_roster(path: str | os.PathLike[str]) -> Roster:
    """The students in a file."""
    shown = visible(str(path))
    rows = roster_rows(decoded(read_bounded(path, shown, ROSTER), shown, ROSTER), shown)
    filled = [(n, cells) for n, cells in rows if any(cells)]
    if not filled:
        raise CnncostError(f"{shown}: the roster is empty: it needs a name or an id in each row")
    columns = name_columns(filled[0][1])
    if columns is None and max(len(cells) for _, cells in filled) > 1:
        header = shorten(", ".join(filled[0][1]))
        raise CnncostError(f"{shown}: no column of names or ids: {header}; name a column `name` or `id`")
    body = filled if columns is None else filled[1:]
    if len(body) > STUDENTS:
        raise CnncostError(f"{shown}: {len(body)} students: at most {STUDENTS} get worksheets at once")
    found = [student_of(cells, columns or NameColumns((0,)), f"{shown}:{n}", n) for n, cells in body]
    students = tuple(each for each in found if each is not None)
    if not students:
        raise CnncostError(f"{shown}: no student below the header")
    check_file_names(students, shown)
    return Roster(students, len(rows) - len(students) - (columns is not None))


def read_handout(path: str | os.PathLike[str]) -> tuple[Student, ...]:
    """The students in the list of `worksheet --students`, with the names of their files."""
    shown = visible(str(path))
    rows = roster_rows(decoded(read_bounded(path, shown, ROSTER), shown, ROSTER), shown)
    header = rows[0][1] if rows else []
    if not {"student", "network"} <= set(header):
        raise CnncostError(
            f"{shown}: not the list of `cnncost worksheet --students`: no columns student, network"
        )
    found = []
    for number, cells in rows[1:]:
        name, file = (cells[header.index(column)] for column in ("student", "network"))
        stem, (full, _, number_in) = file.removesuffix(".yaml"), name.removesuffix(")").rpartition(" (")
        found.append(Student(name, stem, number, full or name, (stem, *([number_in] if full else []))))
    return tuple(found)


def roster_rows(text: str, shown: str) -> list[tuple[int, list[str]]]:
    """The rows with their line numbers, each cell without spaces around it."""
    rows = split_cells(text, ",;\t", looked_at=1, most=ROSTER.most)
    try:
        return [(number, [cell.strip() for cell in cells]) for number, cells in rows]
    except csv.Error as error:
        message, line = error.args
        raise CnncostError(f"{shown}:{line}: {message}") from None


@dataclass(frozen=True)
class NameColumns:
    """The indices of the columns that make up the name, of the id, and of all ids."""

    name: tuple[int, ...]
    id: int | None = None
    ids: tuple[int, ...] = ()


def name_columns(header: Sequence[str]) -> NameColumns | None:
    """The columns of names and ids; None where the row is not a header."""
    words = [" ".join(re.sub(r"[^\w]+|_", " ", cell.casefold()).split()) for cell in header]

    def index(known: Sequence[str]) -> int | None:
        return next((words.index(word) for word in known if word in words), None)

    whole, parts, number = index(NAMES), (index(FIRST), index(LAST)), index(IDS)
    name = (whole,) if whole is not None else tuple(part for part in parts if part is not None)
    ids = tuple(i for i, word in enumerate(words) if word in IDS)
    return NameColumns(name, number, ids) if name or number is not None else None


def student_of(cells: Sequence[str], columns: NameColumns, place: str, line: int) -> Student | None:
    """The student of a row, whose file is named after the id if there is one; None where both are empty."""
    name = " ".join(filter(None, (cells[i] for i in columns.name if i < len(cells))))
    number = cells[columns.id] if columns.id is not None and columns.id < len(cells) else ""
    if not name and not number:
        return None
    for text in (name, number):
        if len(text) > CHARACTERS:
            raise CnncostError(f"{place}: `{shorten(text)}` is longer than {CHARACTERS} characters")
        if not text.isprintable():
            raise CnncostError(f"{place}: `{shorten(text)}` has characters that cannot be printed")
    file = file_name(number or name, place)
    shown = f"{name} ({number})" if name and number else name or number
    return Student(
        shown, file, line, name, tuple(cells[i] for i in columns.ids if i < len(cells) and cells[i])
    )


def file_name(text: str, place: str) -> str:
    """A safe file name: letters, digits, `-` and `_`."""
    if "/" in text or "\\" in text:
        rule = "a path separator, which a file name cannot have"
        raise CnncostError(f"{place}: `{shorten(text)}` has {rule}")
    composed = unicodedata.normalize("NFC", text)
    stem = re.sub(r"_+", "_", re.sub(r"[^\w-]", "_", composed)).strip("_-")
    if not stem:
        raise CnncostError(f"{place}: `{shorten(text)}` has no letter or digit for a file name")
    return f"{stem}_" if stem.casefold() in RESERVED else stem


def check_file_names(students: Sequence[Student], shown: str) -> None:
    """Refuse two students with the same file name."""
    seen: dict[str, Student] = {}
    for each in students:
        other = seen.setdefault(each.file.casefold(), each)
        if other is not each:
            name, first = shorten(each.name), shorten(other.name)
            same = "is there twice" if name == first else f"and `{first}` give the same file name"
            where = f"first in line {other.line}"
            raise CnncostError(f"{shown}:{each.line}: `{name}` {same} ({where}); add a column `id`")
