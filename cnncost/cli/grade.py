"""`cnncost grade`: marks a folder of submissions, and says what the class gets wrong."""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnncost.cli import check, options
from cnncost.errors import CnncostError

if TYPE_CHECKING:
    from cnncost.homework.mark.grading import ClassMarks
    from cnncost.homework.mark.marks import Marked

EXAMPLE = "Example: cnncost grade submissions/ --key alexnet --rubric r.yaml -o marks.csv"
NEEDS_ARGUMENTS = True
FORMATS = ("terminal", "csv", "json")
PAGE_BYTES = 150
"""Of a student's name in that of a page: file systems allow 255 in all."""


def command(
    submissions: Annotated[
        Path, typer.Argument(help="A folder with a file, or a folder with one, for each student.")
    ],
    key: Annotated[
        str,
        typer.Option(
            "--key",
            "-k",
            metavar="NAME",
            help="The network; or the folder of `worksheet --students`, with one for each student.",
            autocompletion=options.complete_name,
        ),
    ],
    format: options.Format = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the marks to this file.")
    ] = None,
    feedback: Annotated[
        Path | None, typer.Option("--feedback", help="Write a page in HTML for each student to this folder.")
    ] = None,
    hints: check.Hints = "diagnosis",
    reveal: check.Reveal = False,
    rubric: check.Rubric = None,
    sheet: check.Sheet = None,
    tolerance: check.Tolerance = None,
    convention: check.OneConvention = None,
    follow: check.FollowThrough = True,
) -> None:
    """Mark every submission of a folder, and count which mistakes the class makes.

    A submission that cannot be read is listed, and the others are marked. The exit code is 1 if
    there is one.
    """
    from cnncost.homework.mark.grading import grade

    chosen = options.choose_format(format, output, FORMATS)
    hints = check.chosen_hints(hints, reveal)
    keys = Keys(key, rubric, sheet, tolerance, convention, follow)
    result = grade(submissions, lambda path, student: keys.mark(path, student, hints))
    if feedback is not None:
        write_feedback(result, hints, feedback)
    show(result, chosen, hints, output)
    if rubric is None and sheet is None and not keys.folder and differ(result):
        options.note("submissions hold different cells: a --rubric or --sheet says which count for all")
    if result.broken:
        raise typer.Exit(1)


class Keys:
    """The marker of each student: the same for all, or by a folder of networks and sheets."""

    def __init__(
        self,
        key: str,
        rubric: Path | None,
        sheet: Path | None,
        tolerance: str | None,
        convention: str | None,
        follow: bool,
    ) -> None:
        self.folder = Path(key) if Path(key).is_dir() else None
        self.common = check.Marker(key, rubric, sheet, tolerance, convention, follow)
        self.options = (rubric, sheet, tolerance, convention, follow)
        if self.folder is None:
            self.common.profile()  # a wrong network is one error, not one for each student

    def mark(self, path: Path, student: str, hints: str) -> Marked:
        """A student's file, marked."""
        if self.folder is None:
            return self.common.mark(path, hints=hints)
        rubric, sheet, tolerance, convention, follow = self.options
        own = self.file(student, (".yaml",))
        asked = sheet or self.file(student, (".csv", ".md", ".xlsx"))
        return check.Marker(str(own), rubric, asked, tolerance, convention, follow).mark(path, hints=hints)

    def file(self, student: str, endings: tuple[str, ...]) -> Path:
        """A student's file in the folder of keys.

        Raises:
            CnncostError: there is none.
        """
        from cnncost.homework.read.grid import printable

        assert self.folder is not None
        names = {path.name.casefold(): path for path in self.folder.iterdir() if path.is_file()}
        for ending in endings:
            if found := names.get(f"{student}{ending}".casefold()):
                return found
        name = printable(student, 60)
        raise CnncostError(f"{self.folder} has no key for {name}: no {name}{endings[0]}")


def show(result: ClassMarks, chosen: str, hints: str, output: Path | None) -> None:
    """Write the marks; where they go to a file, the class is summed up beside."""
    from cnncost.tables import terminal
    from cnncost.views import grading

    if chosen == "terminal":
        width = terminal.terminal_width(sys.stdout) if output is None else 100
        options.write_lines(grading.lines(result, width), output)
        return
    if chosen == "json":
        text = json.dumps(grading.class_dict(result, hints), indent=2, ensure_ascii=False) + "\n"
    else:
        text = grading.to_csv(result)
    options.write(text, output)
    if output is not None:
        options.write_lines(grading.lines(result, terminal.terminal_width(sys.stdout)), None)


def differ(result: ClassMarks) -> bool:
    """Whether submissions were marked on different cells."""
    return len({frozenset(marked.by_place) for marked in result.marked}) > 1


def write_feedback(result: ClassMarks, hints: str, folder: Path) -> None:
    """A page for each student, under a name that stays in the folder.

    Two whose names come to the same have it with a number.

    Raises:
        CnncostError: the folder cannot be made, or a link stands where a page would.
    """
    from cnncost.views.marks_markup import html

    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise CnncostError(f"{folder}: cannot be made a folder: {error.strerror}") from None
    taken: Counter[str] = Counter()
    for each in result.submissions:
        name = safe_name(each.student)
        taken[name.casefold()] += 1
        number = taken[name.casefold()]
        page = folder / (f"{name}.html" if number == 1 else f"{name}({number}).html")
        if page.is_symlink():
            raise CnncostError(f"{page}: a link, which is not followed")
        if each.marked is not None:
            options.write(html(each.marked, hints), page)


def safe_name(student: str) -> str:
    """A student's name as a file's: letters, digits and a few signs."""
    name = re.sub(r"[^\w@+-]+", "_", student, flags=re.UNICODE).strip("_")
    return name.encode("utf-8")[:PAGE_BYTES].decode("utf-8", "ignore") or "student"
