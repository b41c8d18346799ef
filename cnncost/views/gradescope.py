"""A marked submission as Gradescope's results.json.

https://gradescope-autograders.readthedocs.io/en/latest/specs/: a `score` for the whole submission, and a
list of `tests` with `score`, `max_score`, `status`, `name`, `output`, `output_format` and `visibility`.
"""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from cnncost.homework.mark import FOLLOWS, Mark, Marked
from cnncost.homework.read import as_sentence
from cnncost.views.feedback import Note, count_text, feedback, following_text, points_text

VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")


def gradescope_results(
    marked: Marked, hints: str = "diagnosis", visibility: str = "visible"
) -> dict[str, Any]:
    """The results of a submission: a test for each cell."""
    notes = {address: note for note in feedback(marked, hints) for address in note.addresses}
    remarks = [as_sentence(remark) for remark in marked.remarks]
    return {
        "score": points_number(marked.score),
        "output": "\n".join([f"{count_text(marked)}.", *remarks]),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "tests": [cell_result(marked, mark, notes.get(mark.address), visibility) for mark in marked.marks],
        "extra_data": {"network": marked.network.name, "max_score": points_number(marked.possible)},
    }


def cell_result(marked: Marked, mark: Mark, note: Note | None, visibility: str) -> dict[str, Any]:
    """The test of one cell, which passes if the answer is accepted."""
    answer = f"Your answer: {mark.answer.cell.one_line or 'nothing'}"
    text = following_text(mark) if mark.status == FOLLOWS else note.text if note else ""
    return {
        "score": points_number(marked.score_by_cell[mark.address]),
        "max_score": points_number(marked.possible_by_cell[mark.address]),
        "status": "passed" if mark.accepted else "failed",
        "name": f"{mark.label}: {mark.quantity.words}",
        "output": "\n".join(filter(None, (answer, text))),
        "output_format": "text",
        "visibility": visibility,
    }


def failure(message: str) -> dict[str, Any]:
    """The results of a submission that cannot be marked: no points, and the reason."""
    return {
        "score": 0.0,
        "output": message,
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
        "extra_data": {},
    }


def points_number(value: Fraction) -> float:
    """Points to the hundredth, as a number."""
    return float(points_text(value))


def results_text(value: dict[str, Any]) -> str:
    """The text of the file."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
