"""A marked submission as Gradescope's results.json.

https://gradescope-autograders.readthedocs.io/en/latest/specs/: a `score` for all, and a list of `tests`
with `score`, `max_score`, `status`, `name`, `output`, `output_format` and `visibility`.
"""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from cnncost.homework.mark.marks import FOLLOWS, RIGHT, Mark, Marked
from cnncost.views.marks import Note, following, notes, points, sentence, summary

VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")


def results(marked: Marked, hints: str = "diagnosis", visibility: str = "visible") -> dict[str, Any]:
    """The whole result: a test for each cell."""
    told = {place: note for note in notes(marked, hints) for place in note.places}
    remarks = [sentence(remark) for remark in marked.remarks]
    return {
        "score": number(marked.score),
        "output": "\n".join([f"{summary(marked)}.", *remarks]),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "tests": [case(marked, mark, told.get(mark.place), visibility) for mark in marked.marks],
        "extra_data": {"network": marked.profile.name, "max_score": number(marked.possible)},
    }


def case(marked: Marked, mark: Mark, note: Note | None, visibility: str) -> dict[str, Any]:
    """One cell: passed if it is right or follows from an earlier answer."""
    answer = mark.answer.cell.shown or "nothing"
    text = following(mark) if mark.status == FOLLOWS else note.text if note else ""
    said = f"\n{text}" if text else ""
    return {
        "score": number(marked.scale * mark.points),
        "max_score": number(marked.scale * mark.possible),
        "status": "passed" if mark.status in (RIGHT, FOLLOWS) else "failed",
        "name": f"{mark.label}: {mark.quantity.words}",
        "output": f"Your answer: {answer}{said}",
        "output_format": "text",
        "visibility": visibility,
    }


def failure(message: str, possible: Fraction | None = None, visibility: str = "visible") -> dict[str, Any]:
    """The result of a submission that could not be read: no points, and why."""
    extra = {} if possible is None else {"max_score": number(possible)}
    return {
        "score": 0.0,
        "output": message,
        "output_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "tests": [],
        "extra_data": extra,
    }


def number(value: Fraction) -> float:
    """Points as JSON has them, to the hundredth."""
    return float(points(value))


def render(value: dict[str, Any]) -> str:
    """The text of the file."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
