"""The marks of a class: a line for each student, and what the class gets wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from cnncost import numbers
from cnncost.homework.mark import STATUSES, ClassMarks, Misconception, Submission
from cnncost.homework.read import QUANTITIES, printable
from cnncost.tables.table import Column, Document, Line, Paragraph, Part, Table
from cnncost.views.feedback import points_text
from cnncost.views.gradescope import points_number
from cnncost.views.marks import harmless, marks_data, marks_page

FIELDS = ("student", "file", "score", "max_score", "percent", *STATUSES, "error")
MOST = 10
"""How many mistakes and cells are shown; JSON has all of them."""
PAGE_BYTES = 150
"""The length of a page's name: file systems allow 255 bytes with the ending."""


def class_document(marks: ClassMarks, hints: str = "diagnosis") -> Document:
    """Scores, mistakes, the hardest cells, and what could not be marked."""
    count = len(marks.submissions) - len(marks.missing)
    head = [Line(f"{count} submission{'s' * (count != 1)}, {len(marks.marked)} marked", "bold")]
    if marks.missing:
        names = ", ".join(printable(each.student, 60) for each in marks.missing)
        head.append(Line(f"{len(marks.missing)} not handed in: {printable(names, 600)}"))
    if marks.marked:
        mean, median = (points_text(100 * share) for share in (marks.mean, marks.median))
        head.append(Line(f"mean {mean} %, median {median} % of the points"))
    parts: list[Part] = [Paragraph(tuple(head))]
    parts += [table for table in (students(marks), mistakes(marks), hardest(marks)) if len(table)]
    if marks.unexplained:
        parts.append(Paragraph.of(f"not explained: {marks.unexplained} wrong answers", style="dim"))
    if marks.broken:
        lines = [
            Line(printable(each.error, 300), head=f"{printable(each.student, 60)}: ", head_style="")
            for each in marks.broken
        ]
        parts.append(Paragraph((Line("not marked", "bold red"), *lines)))
    if noted := [each for each in marks.submissions if each.note]:
        lines = [
            Line(printable(each.note, 300), head=f"{printable(each.student, 60)}: ", head_style="")
            for each in noted
        ]
        parts.append(Paragraph((Line("to check", "bold"), *lines)))
    return Document(parts, records=student_records(marks), data=lambda: class_data(marks, hints))


def table_of_rows(titles: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int]) -> Table:
    """A table from its rows, without a caption."""
    return Table(
        "",
        [
            Column(title, title, [row[i] for row in rows], left=i in left, wraps=i > 0 and i in left)
            for i, title in enumerate(titles)
        ],
    )


def students(marks: ClassMarks) -> Table:
    """The score of each student."""
    rows = []
    for each in marks.submissions:
        if each.marked is not None:
            counts = ", ".join(f"{each.marked.counts[s]} {s}" for s in STATUSES if each.marked.counts[s])
            points = points_text(each.marked.score), points_text(each.marked.possible)
            rows.append([printable(each.student, 30), *points, counts])
    return table_of_rows(("student", "points", "of", "cells"), rows, (0, 3))


def mistakes(marks: ClassMarks) -> Table:
    """The mistakes behind the wrong answers, the most common first."""
    rows = [
        [each.name, str(each.students), cells_text(each), each.example, each.hint]
        for each in marks.misconceptions[:MOST]
    ]
    return table_of_rows(("mistake", "students", "cells", "for example", "to explain again"), rows, (0, 3, 4))


def cells_text(each: Misconception) -> str:
    """The number of cells; `9 (2?)` where the mistake is one of several explanations of two."""
    return f"{each.cells} ({each.possible}?)" if each.possible else str(each.cells)


def hardest(marks: ClassMarks) -> Table:
    """The cells with the fewest right answers."""
    rows = [
        [
            f"{each.label} {QUANTITIES[each.key].words}",
            f"{each.right} of {each.of}",
            f"{numbers.round_half_up(100 * numbers.percent(each.right, each.of))} %",
            str(each.blank or ""),
        ]
        for each in marks.difficulties
        if each.right < each.of
    ]
    return table_of_rows(("hardest cells", "right", "share", "blank"), rows[:MOST], (0,))


def student_records(marks: ClassMarks) -> Table:
    """One row per student for CSV and spreadsheets; where there is no score, the reason."""
    possible = {points_number(marked.possible) for marked in marks.marked}
    most = short_number(possible.pop()) if len(possible) == 1 else None
    records = [student_record(submission, most) for submission in marks.submissions]
    return Table("marks", [Column(key, key, [harmless(each.get(key)) for each in records]) for key in FIELDS])


def student_record(submission: Submission, most: float | None) -> dict[str, Any]:
    """The row of one student; `most` are the points that all others can have, if they are the same."""
    marked = submission.marked
    names = {"student": printable(submission.student, 80), "file": printable(submission.path.name, 80)}
    if submission.missing:
        return {
            "student": names["student"],
            "score": 0,
            "max_score": most,
            "percent": 0,
            "error": submission.error,
        }
    if marked is None:
        return {**names, "error": printable(submission.error, 300)}
    percent = 100 * marked.score / marked.possible if marked.possible else None
    return {
        **names,
        "score": short_number(points_number(marked.score)),
        "max_score": short_number(points_number(marked.possible)),
        "percent": None if percent is None else short_number(points_number(percent)),
        **{status: marked.counts[status] for status in STATUSES},
    }


def short_number(value: float) -> float:
    """A number, as an int where it is whole."""
    return int(value) if value == int(value) else value


def class_data(marks: ClassMarks, hints: str = "diagnosis") -> dict[str, Any]:
    """The JSON of ``cnncost grade``."""
    return {
        "submissions": [
            {
                "student": printable(each.student, 80),
                "file": printable(each.path.name, 80),
                "error": printable(each.error, 300) or None,
                **({"note": printable(each.note, 300)} if each.note else {}),
                "marks": marks_data(each.marked, hints) if each.marked else None,
            }
            for each in marks.submissions
        ],
        "mean": float(marks.mean),
        "median": float(marks.median),
        "misconceptions": [vars(each) for each in marks.misconceptions],
        "unexplained": marks.unexplained,
        "cells": [vars(each) for each in marks.difficulties],
    }


def feedback_pages(marks: ClassMarks, hints: str) -> Iterator[tuple[str, str]]:
    """A page in HTML for each student who was marked, with a safe file name.

    Where two students' names become the same file name, the later one gets a number.
    """
    taken: Counter[str] = Counter()
    for each in marks.submissions:
        name = (
            re.sub(r"[^\w@+-]+", "_", each.student).strip("_").encode()[:PAGE_BYTES].decode("utf-8", "ignore")
        )
        name = name or "student"
        taken[name.casefold()] += 1
        number = taken[name.casefold()]
        if each.marked is not None:
            yield f"{name}.html" if number == 1 else f"{name}({number}).html", marks_page(each.marked, hints)
