"""The marks of a class: a CSV with a line for each student, and what the class gets wrong."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from cnncost import numbers
from cnncost.homework.mark.grading import ClassMarks, Submission
from cnncost.homework.mark.marks import STATUSES
from cnncost.homework.read.grid import printable
from cnncost.homework.read.quantities import QUANTITIES
from cnncost.tables.grid import grid
from cnncost.tables.terminal import Part
from cnncost.views.marks import points
from cnncost.views.marks_data import to_dict

FIELDS = ("student", "file", "score", "max_score", "percent", *STATUSES, "error")
MOST = 10
"""So many mistakes and cells are shown; JSON has all."""


def to_csv(marks: ClassMarks) -> str:
    """A line for each student; one whose submission is broken has no score, and why."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(FIELDS)
    for submission in marks.submissions:
        writer.writerow([harmless(value) for value in record(submission).values()])
    return buffer.getvalue()


def record(submission: Submission) -> dict[str, str]:
    """One student's line."""
    marked = submission.marked
    names = {"student": printable(submission.student, 80), "file": printable(submission.path.name, 80)}
    if marked is None:
        nothing = dict.fromkeys(FIELDS[2:-1], "")
        return {**names, **nothing, "error": printable(submission.error, 300)}
    return {
        **names,
        "score": points(marked.score),
        "max_score": points(marked.possible),
        "percent": points(100 * marked.score / marked.possible) if marked.possible else "",
        **{status: str(marked.counts[status]) for status in STATUSES},
        "error": "",
    }


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula, nor a part of it where cells are divided otherwise."""
    return re.sub(r"(^|[;|,])(?=\s*[=+@＝＋－＠-])", r"\1'", text)


def lines(marks: ClassMarks, width: int = 80) -> Iterator[list[Part]]:
    """The class in a terminal: scores, mistakes, the hardest cells, and what could not be marked."""
    count = len(marks.submissions)
    yield [(f"{count} submission{'s' * (count != 1)}, {len(marks.marked)} marked", "bold")]
    if marks.marked:
        yield [
            (f"mean {points(100 * marks.mean)} %, median {points(100 * marks.median)} % of the points", "")
        ]
    yield []
    yield from students(marks)
    yield from mistakes(marks, width)
    yield from hardest(marks)
    if marks.broken:
        yield []
        yield [("not marked", "bold red")]
        for submission in marks.broken:
            text = f"{printable(submission.student, 60)}: {printable(submission.error, 300)}"
            yield from ([(line, "")] for line in wrap(text, width, subsequent_indent="  "))


def students(marks: ClassMarks) -> Iterator[list[Part]]:
    """Each student's score."""
    rows = [
        [printable(each.student, 30), points(each.marked.score), points(each.marked.possible), counted(each)]
        for each in marks.submissions
        if each.marked is not None
    ]
    if rows:
        yield from text_table(("student", "points", "of", "cells"), rows, (0, 3))


def counted(submission: Submission) -> str:
    """How many cells have which mark."""
    assert submission.marked is not None
    counts = submission.marked.counts
    return ", ".join(f"{counts[status]} {status}" for status in STATUSES if counts[status])


def mistakes(marks: ClassMarks, width: int) -> Iterator[list[Part]]:
    """The mistakes that explain wrong answers, by how many students make them."""
    rows = [
        [each.name, str(each.students), str(each.cells), each.example] for each in marks.misconceptions[:MOST]
    ]
    if rows:
        room = max(20, width - max(len(row[0]) for row in [["mistake"], *rows]) - 21)
        rows = [[*row[:3], printable(row[3], room)] for row in rows]
        yield []
        yield from text_table(("mistake", "students", "cells", "for example"), rows, (0, 3))
    if marks.unexplained:
        yield [(f"not explained: {marks.unexplained} wrong answers", "dim")]


def hardest(marks: ClassMarks) -> Iterator[list[Part]]:
    """The cells that fewest got right."""
    rows = [
        [
            f"{each.label} {QUANTITIES[each.key].words}",
            f"{each.right} of {each.of}",
            numbers_percent(each.right, each.of),
            str(each.blank or ""),
        ]
        for each in marks.difficulties
        if each.right < each.of
    ][:MOST]
    if rows:
        yield []
        yield from text_table(("hardest cells", "right", "share", "blank"), rows, (0,))


def numbers_percent(part: int, whole: int) -> str:
    """A share in whole percent."""
    return f"{numbers.round_half_up(100 * numbers.percent(part, whole))} %"


def text_table(header: tuple[str, ...], rows: list[list[str]], left: tuple[int, ...]) -> Iterator[list[Part]]:
    """An aligned table as lines."""
    first, rule, *rest = grid("terminal", header, rows, left).splitlines()
    yield [(first, "bold")]
    yield [(rule, "dim")]
    yield from ([(line, "")] for line in rest)


def class_dict(marks: ClassMarks, hints: str = "diagnosis") -> dict[str, Any]:
    """The class as plain data: the JSON of ``cnncost grade --format json``."""
    return {
        "submissions": [
            {
                "student": printable(each.student, 80),
                "file": printable(each.path.name, 80),
                "error": printable(each.error, 300) or None,
                "marks": to_dict(each.marked, hints) if each.marked else None,
            }
            for each in marks.submissions
        ],
        "mean": float(marks.mean),
        "median": float(marks.median),
        "misconceptions": [vars(each) for each in marks.misconceptions],
        "unexplained": marks.unexplained,
        "cells": [vars(each) for each in marks.difficulties],
    }
