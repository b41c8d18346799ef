"""A marked submission as a document: the score, the answers with their marks, and the feedback."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from cnncost.homework.mark import BLANK, FOLLOWS, RIGHT, STATUSES, UNREAD, WRONG, Mark, Marked
from cnncost.homework.read import as_sentence, printable
from cnncost.tables.table import Column, Document, Line, Paragraph, Table
from cnncost.views.feedback import (
    LEGEND,
    SIGNS,
    Note,
    count_text,
    feedback,
    header_text,
    only_hint,
    right_text,
    score_text,
    secret_values,
)
from cnncost.views.html_page import html_page
from cnncost.views.network_table import caption

COLOURS = {RIGHT: "green", FOLLOWS: "cyan", WRONG: "bold red", BLANK: "dim", UNREAD: "magenta"}
MARKDOWN = re.compile(r"([\\`*_\[\]<>|~^$&]|:(?=//)|@(?=[A-Za-z])|(?<=www)\.)", re.IGNORECASE)


def marks_document(
    marked: Marked, hints: str = "diagnosis", markdown: bool = False, solutions: bool = False
) -> Document:
    """The document; for `markdown` its texts are escaped, and the notes are a list.

    `solutions` adds the worked solution of each answer that is not right.
    """
    text: Callable[[str], str] = escaped if markdown else str
    about = caption(marked.network)
    head = [Line(text(f"{marked.source}: {score_text(marked)}"), "bold"), Line(count_text(marked))]
    notes = [feedback_lines(note, text, markdown) for note in feedback(marked, hints)]
    remarks = [Line(text(as_sentence(remark)), "dim") for remark in marked.remarks]
    parts: list[Paragraph | Table] = [
        Paragraph((*head, Line(text(about), "dim"))),
        answer_table(marked, text),
    ]
    if markdown:  # one list of all notes
        notes = [[line for lines in notes for line in lines]] if notes else []
    parts += [Paragraph(tuple(lines)) for lines in notes]
    parts += [Paragraph(tuple(remarks))] if remarks else []
    parts += [Paragraph(lines) for lines in solution_lines(marked, text)] if solutions else []
    return Document(
        parts, records=cell_records(marked, hints), data=lambda: marks_data(marked, hints, solutions)
    )


def solution_lines(marked: Marked, text: Callable[[str], str]) -> Iterator[tuple[Line, ...]]:
    """The worked solution of each answer that is not right, layer by layer."""
    for mark in marked.marks:
        if solved := solution_of(marked, mark):
            head = Line(text(f"{mark.label}, {mark.quantity.words}: {right_text(mark)}"), "bold")
            yield (head, *(Line(text(line)) for line in solved))


def solution_of(marked: Marked, mark: Mark) -> list[str]:
    """The lines of the worked solution of an answer that is not accepted; none for a total."""
    from cnncost.homework.solutions import worked_solution
    from cnncost.views.explanation import paragraph

    row = marked.own.rows.get(mark.label)
    if mark.accepted or row is None or row.main is None:
        return []
    network = marked.interpretations[mark.key].network
    return [
        line for worked in worked_solution(network, row, mark.key) for line in paragraph(worked).splitlines()
    ]


def marks_page(marked: Marked, hints: str = "diagnosis", solutions: bool = False) -> str:
    """The document as a whole page of HTML."""
    return html_page(
        f"{marked.source}: {score_text(marked)}", marks_document(marked, hints, solutions=solutions)
    )


def escaped(text: str) -> str:
    """A text in which markdown finds no markup, no link and no image."""
    return MARKDOWN.sub(lambda found: f"&#{ord(found[1])};", text)


def feedback_lines(note: Note, text: Callable[[str], str], as_item: bool) -> list[Line]:
    """A note: its sign and the answer, and below it the sentences; or all as one item of a list."""
    sign = f"{SIGNS[note.status]} "
    if as_item:
        return [Line(text(note.text), head=sign + text(note.head))]
    lines = [Line(text(note.head), "bold", sign, COLOURS[note.status])]
    return [*lines, Line(text(note.text), head="  ")] if note.text else lines


def answer_table(marked: Marked, text: Callable[[str], str]) -> Table:
    """The answers with their signs; below it what the signs mean."""

    def column(key: str) -> Column:
        marks = [marked.by_address.get((label, key)) for label in marked.labels]
        texts = [
            text(f"{printable(m.answer.cell.text, 24)} {SIGNS[m.status]}".strip()) if m else "" for m in marks
        ]
        return Column(
            key,
            text(header_text(marked, key)),
            texts=texts,
            styles=[COLOURS[mark.status] if mark else "" for mark in marks],
        )

    legend = "  ".join(f"{SIGNS[s]} {LEGEND[s]}" for s in STATUSES if marked.counts[s])
    first = Column("layer", "layer", list(map(text, marked.labels)), left=True)
    return Table("", [first, *map(column, marked.columns)], [legend], stacks=True)


def cell_records(marked: Marked, hints: str) -> Table:
    """One row per cell, for CSV and spreadsheets."""
    cells = marks_data(marked, hints)["cells"]
    keys = [key for key in cells[0] if key not in ("deviations", "others", "solution")]
    return Table("marks", [Column(key, key, [harmless(cell[key]) for cell in cells]) for key in keys])


def harmless(value: Any) -> Any:
    """A value that no spreadsheet takes for a formula, nor a part of it if its cells are split otherwise."""
    return re.sub(r"(^|[;|,])(?=\s*[=+@＝＋－＠-])", r"\1'", value) if isinstance(value, str) else value


def marks_data(marked: Marked, hints: str = "diagnosis", solutions: bool = False) -> dict[str, Any]:
    """The JSON of ``cnncost check``."""
    secrets = secret_values(marked)

    def cell(mark: Mark) -> dict[str, Any]:
        found = mark.cause if hints != "none" else None
        shown = found if found and not only_hint(found.sentence, mark, hints, secrets) else None
        return {
            "layer": mark.label,
            "column": mark.key,
            "row": mark.answer.cell.row or None,
            "answer": mark.answer.cell.one_line,
            "status": mark.status,
            "points": float(marked.score_by_cell[mark.address]),
            "max_points": float(marked.possible_by_cell[mark.address]),
            "remark": mark.remark or None,
            "follows_from": mark.origin or None,
            "hint": found.hint if found else None,
            "diagnosis": shown.sentence if shown else None,
            "confidence": shown.confidence if shown else None,
            "others": [
                other.sentence
                for other in (mark.others if shown else ())
                if not only_hint(other.sentence, mark, hints, secrets)
            ],
            "deviations": list(found.deviations) if found and hints != "hint" else [],
            "right": right_text(mark) if hints == "reveal" or solutions else None,
            **({"solution": solution_of(marked, mark)} if solutions else {}),
        }

    return {
        "schema": 1,
        "source": marked.source,
        "network": marked.network.name,
        "convention": marked.network.convention.name,
        "score": float(marked.score),
        "max_score": float(marked.possible),
        "counts": {status: marked.counts[status] for status in STATUSES},
        "remarks": list(marked.remarks),
        "cells": [cell(mark) for mark in marked.marks],
    }
