"""An otter-grader test file for a network's table, and the function that its tests call.

It has the exception-based format of https://otter-grader.readthedocs.io, with a test case for each cell. The
cases check the notebook's variable `answers`: a file's path, a DataFrame, records, or a dict by layer. The
file contains no right values: the tests compute them, and name the mistake behind a wrong answer.

Generated files import `cnncost.views.otter.expect`, so its name and arguments must stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from pprint import pformat
from typing import Any

from cnncost.homework.mark import BLANK, Marked, Task, check, parse_rubric
from cnncost.homework.read import QUANTITIES, Address, AnswersError, Grid, read_answers, read_text_file
from cnncost.views.feedback import feedback, points_text

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


def otter_task(name: str, task: Task, rubric: Path | None, hints: str, title: str) -> str:
    """The test file of a task; `rubric` is its file."""
    points = task.points()
    arguments: dict[str, Any] = {"network": name, "hints": hints, "convention": task.convention}
    arguments["follow"] = task.follow
    if rubric is not None:
        arguments["rubric"] = read_text_file(rubric)
    if task.asked is not None:
        arguments["asked"] = tuple(points)
    return otter_file(name, points, sum(points.values(), Fraction(0)), arguments, title)


def otter_file(
    network: str, points: Mapping[Address, Fraction], total: Fraction, task: Mapping[str, Any], title: str
) -> str:
    """The test file.

    Args:
        network: its name.
        points: the points of each cell that counts.
        total: all points.
        task: the keyword arguments of `expect`.
        title: the name of the question.
    """
    arguments = pformat(dict(task), sort_dicts=False)
    parts = [HEAD.format(name=network, title=title, total=total_text(points, total), task=arguments)]
    for number, ((label, key), worth) in enumerate(points.items(), 1):
        name = f"{label}: {QUANTITIES[key].words}"
        parts.append(CASE.format(points=points_text(worth), name=name, number=number, label=label, key=key))
    return "".join(parts)


def total_text(points: Mapping[Address, Fraction], total: Fraction) -> str:
    """All points as otter adds them up, in binary numbers: it refuses cases that exceed the total."""
    added = sum(float(points_text(worth)) for worth in points.values())
    return repr(added) if added > float(points_text(total)) else points_text(total)


def expect(answers: Any, label: str, key: str, network: str, hints: str = "diagnosis", **task: Any) -> None:
    """Pass if a cell of the answers is right, or follows from an earlier answer.

    Args:
        answers: as in `cnncost.homework.mark.check`, like the arguments in `task`; the `rubric` is a text.
        label: the cell's row.
        key: the cell's column.
        network: the network's name.
        hints: how much the message says about a wrong answer.
        task: `rubric`, `convention`, `asked` and `follow`.
    """
    try:
        marked = marks_of(read_answers(answers), network, hints != "none", **task)
    except AnswersError as error:
        raise AssertionError(str(error)) from None
    mark = marked.by_address.get((label, key))
    if mark is None or mark.status == BLANK:
        raise AssertionError(f"{label}: no answer for {QUANTITIES[key].words}")
    if not mark.accepted:
        note = next(note for note in feedback(marked, hints) if mark.address in note.addresses)
        raise AssertionError(": ".join(filter(None, (note.head, note.text))))


@lru_cache(maxsize=4)
def marks_of(grid: Grid, network: str, explain: bool, rubric: str = "", **task: Any) -> Marked:
    """The marks of all cells, which the test cases of a file share."""
    return check(network, grid, explain=explain, rubric=parse_rubric(rubric) if rubric else None, **task)
