"""Homework: worksheets, and answers marked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Unpack

from cnncost.api.profiles import Counting, NetworkLike, profile
from cnncost.api.results import Shown, ShownTable
from cnncost.dims import Shape
from cnncost.homework import make, mark

if TYPE_CHECKING:
    from cnncost.tables.table import Content


class MarksResult(Shown, mark.Marked):
    """A marked submission, with ways to show it."""

    view = "marks.marks_document"


class ClassResult(Shown, mark.ClassMarks):
    """The marks of a class, with ways to show them."""

    view = "grading.class_document"


class WorksheetResult(Shown, make.Worksheet):
    """A worksheet, with ways to show it and its key."""

    def render(self, format: str = "terminal") -> str | bytes:
        """The worksheet in a format of the command line; html, latex and xlsx are laid out to be printed."""
        from cnncost.views.worksheet import rendered_worksheet

        return rendered_worksheet(self, format)

    def content(self, format: str = "terminal") -> Content:  # noqa: ARG002 - the same in every format
        """The table with its blanks."""
        from cnncost.views.worksheet.table import worksheet_table

        return worksheet_table(self)

    def key(self) -> ShownTable:
        """The table with the answers."""
        from cnncost.views.worksheet.table import worksheet_table

        return ShownTable(worksheet_table(self, key=True))


def worksheet(
    network: NetworkLike,
    blanks: int = 12,
    seed: int = 0,
    level: str = "cost",
    depth: int | None = None,
    *,
    input: Shape | None = None,
    params: Mapping[str, Any] | None = None,
    **counting: Unpack[Counting],
) -> WorksheetResult:
    """A network's table with cells to fill in; each can be computed from the others.

    Args:
        network: as in `profile`.
        blanks: the number of cells to ask.
        seed: each seed asks other cells.
        level: shape; params (shapes too); or cost (memory, FLOPs and receptive fields too).
        depth: group rows by the first N parts of layer names.
        input: a shape (C, H, W) instead of the spec's own.
        params: values instead of the spec's params.
        counting: convention, batch, dtype and train, as in `profile`.

    Raises:
        CnncostError: an unknown level, or more cells than can be asked.

    >>> len(worksheet("alexnet", blanks=5, seed=7).answers)
    5
    """
    cost = profile(network, input=input, params=params, **counting)
    sheet = make.Worksheet.of(cost, make.level_of(level), depth)
    return WorksheetResult.from_plain(make.with_blanks(sheet, blanks, seed))


def check(network: Any, answers: Any, *, explain: bool = True, **how: Any) -> MarksResult:
    """Mark a student's answers about a network, and find the mistakes behind the wrong ones.

    Args:
        network: as in `profile`, or a profile.
        answers: a file's path, a DataFrame, a list of dicts, or a dict of dicts by layer.
        explain: whether to look for the mistakes.
        how: rubric, worksheet, convention, tolerance, follow, input, params, batch and dtype, as in
            `cnncost.homework.mark.check`.

    Raises:
        CnncostError: the network, the answers or an option cannot be used.

    >>> check("alexnet", {"conv1": {"params": "34944"}, "fc8": {"params": "4096000"}}).accepted
    False
    """
    return MarksResult.from_plain(mark.check(network, answers, explain=explain, **how))


def grade(folder: str | os.PathLike[str], key: Any, *, explain: bool = True, **how: Any) -> ClassResult:
    """Mark every submission of a folder.

    Args:
        folder: contains a file for each student, or a folder with one.
        key: the network as in `check`; or the folder of ``cnncost worksheet --students``, with a network
            and a worksheet for each student.
        explain: whether to look for the mistakes.
        how: as in `check`.

    Raises:
        CnncostError: the folder, the key or an option cannot be used.
    """
    return ClassResult.from_plain(mark.grade(folder, key, explain=explain, **how))
