"""A class list: who gets a worksheet, and under which file name.

A CSV or TSV as course systems export it, with a column of names or of ids; or a name a line.
"""

from __future__ import annotations

import csv
import io
import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from cnncost.errors import CnncostError
from cnncost.homework.read.files import Expected, read_bounded
from cnncost.spec.expression import shorten, visible

ROSTER = Expected("a roster", "class list", 1_000_000)
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
"""File names that Windows keeps for itself, and that of the list of sheets."""


@dataclass(frozen=True)
class Student:
    """Who gets a sheet. `file` names it: safe on any system, without an ending, and no one else's."""

    name: str
    file: str
    line: int


@dataclass(frozen=True)
class Roster:
    """The students of a list, and how many of its rows were empty."""

    students: tuple[Student, ...]
    empty: int = 0


def read_roster(path: str | os.PathLike[str]) -> Roster:
    """The students in a file.

    Raises:
        CnncostError: it cannot be read, has no column of names or ids, or a name that cannot be used.
    """
    shown = visible(str(path))
    rows = [(n, cells) for n, cells in lines_of(text_of(path, shown), shown)]
    filled = [(n, cells) for n, cells in rows if any(cells)]
    if not filled:
        raise CnncostError(f"{shown}: the roster is empty: it needs a name or an id in each row")
    columns = columns_of(filled[0][1])
    if columns is None and max(len(cells) for _, cells in filled) > 1:
        raise CnncostError(
            f"{shown}: no column of names or ids: {shorten(', '.join(filled[0][1]))}; head one `name` or `id`"
        )
    body = filled if columns is None else filled[1:]
    if not body:
        raise CnncostError(f"{shown}: no student below the header")
    if len(body) > STUDENTS:
        raise CnncostError(f"{shown}: {len(body)} students: at most {STUDENTS} get sheets at once")
    found = [student(cells, columns or Columns((0,)), f"{shown}:{n}", n) for n, cells in body]
    students = tuple(each for each in found if each is not None)
    if not students:
        raise CnncostError(f"{shown}: no student below the header")
    check_alone(students, shown)
    return Roster(students, len(rows) - len(students) - (columns is not None))


def text_of(path: str | os.PathLike[str], shown: str) -> str:
    """A roster's text, if it is one and not too much."""
    data = read_bounded(path, shown, ROSTER)
    try:
        text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise CnncostError(
            f"{shown}: not a text file: byte {error.start} is not UTF-8; save it as CSV"
        ) from None
    if "\0" in text:
        raise CnncostError(f"{shown}: not a text file: it holds a zero byte; save it as CSV")
    return text


def lines_of(text: str, shown: str) -> list[tuple[int, list[str]]]:
    """The rows with the numbers of their lines, each cell without spaces around it."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        return [(rows.line_num, [cell.strip() for cell in cells]) for cells in rows]
    except csv.Error as error:
        raise CnncostError(f"{shown}:{rows.line_num + 1}: {error}") from None


@dataclass(frozen=True)
class Columns:
    """The columns that make a name, and that of the id, by their numbers."""

    name: tuple[int, ...]
    id: int | None = None


def columns_of(header: Sequence[str]) -> Columns | None:
    """Where names and ids stand; None where a row is no header."""
    words = [" ".join(re.sub(r"[^\w]+|_", " ", cell.casefold()).split()) for cell in header]

    def place(known: Sequence[str]) -> int | None:
        return next((words.index(word) for word in known if word in words), None)

    whole, parts, number = place(NAMES), (place(FIRST), place(LAST)), place(IDS)
    name = (whole,) if whole is not None else tuple(part for part in parts if part is not None)
    return Columns(name, number) if name or number is not None else None


def student(cells: Sequence[str], columns: Columns, place: str, line: int) -> Student | None:
    """The student of a row, whose file is named by the id where there is one; None where both are empty.

    Raises:
        CnncostError: the name cannot be used.
    """
    name = " ".join(filter(None, (cells[i] for i in columns.name if i < len(cells))))
    number = cells[columns.id] if columns.id is not None and columns.id < len(cells) else ""
    if not name and not number:
        return None
    for text in (name, number):
        if len(text) > CHARACTERS:
            raise CnncostError(f"{place}: `{shorten(text)}` is longer than {CHARACTERS} characters")
        if not text.isprintable():
            raise CnncostError(f"{place}: `{shorten(text)}` has characters that cannot be printed")
    stem = file_name(number or name, place)
    return Student(f"{name} ({number})" if name and number else name or number, stem, line)


def file_name(text: str, place: str) -> str:
    """A safe file name: letters, digits, `-` and `_`.

    Raises:
        CnncostError: the text names a path, or nothing of it is left.
    """
    if "/" in text or "\\" in text:
        rule = "a path separator, which no name of a file can have"
        raise CnncostError(f"{place}: `{shorten(text)}` has {rule}")
    plain = unicodedata.normalize("NFC", text)
    stem = re.sub(r"_+", "_", re.sub(r"[^\w-]", "_", plain)).strip("_-")
    if not stem:
        raise CnncostError(f"{place}: `{shorten(text)}` has no letter or digit to name a file by")
    return f"{stem}_" if stem.casefold() in RESERVED else stem


def check_alone(students: Sequence[Student], shown: str) -> None:
    """Refuse two students whose files have one name."""
    seen: dict[str, Student] = {}
    for each in students:
        other = seen.setdefault(each.file.casefold(), each)
        if other is not each:
            name, first = shorten(each.name), shorten(other.name)
            same = "is there twice" if name == first else f"and `{first}` name one file"
            where = f"first in line {other.line}"
            raise CnncostError(
                f"{shown}:{each.line}: `{name}` {same} ({where}); a column `id` tells them apart"
            )
