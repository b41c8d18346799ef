"""An otter-grader test file for a network's table, and what its tests call.

The exception-based format of https://otter-grader.readthedocs.io: a test case for each cell, which takes
the notebook's variable `answers`: a file's path, a DataFrame, records, or a dict by layer. The file
holds no right value: the tests work them out with cnncost, and say which mistake gives a wrong one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from pprint import pformat
from typing import Any

from cnncost.count.profile import profile_graph
from cnncost.homework.mark.diagnosis import diagnose
from cnncost.homework.mark.marking import mark
from cnncost.homework.mark.marks import BLANK, FOLLOWS, RIGHT, Marked, Place
from cnncost.homework.mark.rubric import parse_rubric
from cnncost.homework.read.grid import AnswersError, Grid
from cnncost.homework.read.headers import one_size
from cnncost.homework.read.quantities import QUANTITIES
from cnncost.homework.read.reader import of_records, read_answers
from cnncost.network.catalogue import load
from cnncost.views.marks import notes, points

HEAD = '''\
"""Marks a network's table. Made by `cnncost autograder {name} --format otter`."""

from otter.test_files import test_case

from cnncost.views.otter import expect

OK_FORMAT = False

name = {title!r}
points = {total}

TASK = {task}
'''
CASE = """

@test_case(points={points}, name={name!r})
def test_{number}(answers):
    expect(answers, {label!r}, {key!r}, **TASK)
"""


def render(
    name: str, cells: Sequence[tuple[Place, str]], total: str, task: Mapping[str, Any], title: str
) -> str:
    """The test file.

    Args:
        name: the network.
        cells: each cell that counts, with its points.
        total: all points.
        task: the keyword arguments of `expect`.
        title: the name of the question.
    """
    parts = [HEAD.format(name=name, title=title, total=total, task=pformat(dict(task), sort_dicts=False))]
    for number, ((label, key), worth) in enumerate(cells, 1):
        shown = f"{label}: {QUANTITIES[key].words}"
        parts.append(CASE.format(points=worth, name=shown, number=number, label=label, key=key))
    return "".join(parts)


def expect(
    answers: Any,
    label: str,
    key: str,
    network: str,
    hints: str = "diagnosis",
    rubric: str = "",
    convention: str | None = None,
    asked: tuple[Place, ...] | None = None,
    follow: bool = True,
) -> None:
    """Pass if a cell of the answers is right, or follows from an earlier answer.

    Raises:
        AssertionError: it is wrong, blank or unread; the message says which mistake gives it.
    """
    try:
        marked = marks_of(grid_of(answers), network, rubric, convention, asked, follow, hints != "none")
    except AnswersError as error:
        raise AssertionError(str(error)) from None
    found = marked.by_place.get((label, key))
    if found is None or found.status == BLANK:
        raise AssertionError(f"{label}: no answer for {QUANTITIES[key].words}")
    if found.status in (RIGHT, FOLLOWS):
        return
    told = next((note for note in notes(marked, hints) if found.place in note.places), None)
    raise AssertionError(": ".join(filter(None, (told.head, told.text))) if told else found.answer.cell.shown)


@lru_cache(maxsize=4)
def marks_of(
    grid: Grid,
    network: str,
    rubric: str,
    convention: str | None,
    asked: tuple[Place, ...] | None,
    follow: bool,
    told: bool,
) -> Marked:
    """The marks of all cells, worked out once for all tests of a file."""
    right = profile_graph(load(network), convention or "lecture")
    marked = mark(grid, right, parse_rubric(rubric, "rubric") if rubric else None, convention, asked, follow)
    return diagnose(marked) if told else marked


def grid_of(answers: Any) -> Grid:
    """The answers of a notebook as a grid.

    Raises:
        AnswersError: they are no path, DataFrame, records or dict by layer.
    """
    if isinstance(answers, (str, Path)):
        return read_answers(answers)
    if hasattr(answers, "to_dict") and hasattr(answers, "columns"):
        frame = answers if any(str(c).casefold() in ("layer", "name") for c in answers.columns) else None
        answers = (frame if frame is not None else answers.reset_index(names="layer")).to_dict("records")
    if isinstance(answers, Mapping):
        answers = [{"layer": label, **record} for label, record in answers.items()]
    if not isinstance(answers, Sequence) or not all(isinstance(record, Mapping) for record in answers):
        raise AnswersError("answers: give a file's path, a DataFrame, or a dict of dicts by layer")
    records = [{str(k): plain(v) for k, v in record.items()} for record in answers]
    return one_size(of_records("answers", list(enumerate(records, 1))))


def plain(value: Any) -> Any:
    """A value of a notebook as a cell takes it: a missing number as nothing, a tuple as a list."""
    if value is None or value != value:
        return None
    if isinstance(value, (tuple, list)):
        return list(value)
    return f"{value:.15g}" if isinstance(value, float) else value


__all__ = ["expect", "grid_of", "points", "render"]
