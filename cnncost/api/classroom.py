"""Homework: worksheets, and answers marked."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Unpack

from cnncost.api.profiles import Counting, NetworkLike, profile
from cnncost.api.results import Shown, ShownTable
from cnncost.dims import Inputs
from cnncost.errors import CnncostError
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
    input: Inputs | None = None,
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


def check(
    network: Any,
    answers: Any,
    *,
    explain: bool = True,
    rubric: mark.RubricSource = None,
    worksheet: Any = None,
    sheet: Any = None,
    asked: Collection[tuple[str, str]] | None = None,
    convention: str | None = None,
    tolerance: Fraction | float | str | None = None,
    follow: bool = True,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
    batch: int = 1,
    dtype: str = "float32",
) -> MarksResult:
    """Mark a student's answers about a network, and find the mistakes behind the wrong ones.

    Args:
        network: as in `profile`, or a profile.
        answers: a file's path, a DataFrame, a list of dicts, or a dict of dicts by layer.
        explain: whether to look for the mistakes.
        rubric: points, tolerance and convention, as a Rubric or a YAML file.
        worksheet: the worksheet that was handed out; only its `?` cells count.
        sheet: the same, by its name on the command line.
        asked: those cells by the labels of their rows and the keys of their columns.
        convention: the only accepted way of counting; None to accept what the answers show.
        tolerance: how far off an answer may be, as a share of the right value: 0.01 or ``"1%"``.
        follow: whether to accept answers that follow from an earlier mistake.
        input, params, batch, dtype: as in `profile`.

    Raises:
        CnncostError: the network, the answers or an option cannot be used.

    >>> check("alexnet", {"conv1": {"params": "34944"}, "fc8": {"params": "4096000"}}).accepted
    False
    """
    marked = mark.check(
        network,
        answers,
        explain=explain,
        rubric=rubric,
        worksheet=one_worksheet(worksheet, sheet),
        asked=asked,
        convention=convention,
        tolerance=tolerance,
        follow=follow,
        input=input,
        params=params,
        batch=batch,
        dtype=dtype,
    )
    return MarksResult.from_plain(marked)


def one_worksheet(worksheet: Any, sheet: Any) -> Any:
    """The worksheet under either of its names.

    Raises:
        CnncostError: both are given.
    """
    if worksheet is not None and sheet is not None:
        raise CnncostError("`sheet` and `worksheet` are the same: give one of them")
    return sheet if worksheet is None else worksheet


def grade(
    folder: str | os.PathLike[str],
    key: Any,
    *,
    explain: bool = True,
    rubric: mark.RubricSource = None,
    worksheet: Any = None,
    sheet: Any = None,
    asked: Collection[tuple[str, str]] | None = None,
    convention: str | None = None,
    tolerance: Fraction | float | str | None = None,
    follow: bool = True,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
    batch: int = 1,
    dtype: str = "float32",
) -> ClassResult:
    """Mark every submission of a folder.

    Args:
        folder: contains a file for each student, or a folder with one.
        key: the network as in `check`; or the folder of ``cnncost worksheet --students``, with a network
            and a worksheet for each student.
        explain: whether to look for the mistakes.
        rubric, worksheet, sheet, asked, convention, tolerance, follow: as in `check`.
        input, params, batch, dtype: as in `profile`.

    Raises:
        CnncostError: the folder, the key or an option cannot be used.
    """
    marks = mark.grade(
        folder,
        key,
        explain=explain,
        rubric=rubric,
        worksheet=one_worksheet(worksheet, sheet),
        asked=asked,
        convention=convention,
        tolerance=tolerance,
        follow=follow,
        input=input,
        params=params,
        batch=batch,
        dtype=dtype,
    )
    return ClassResult.from_plain(marks)
