"""`cnncost check`: marks a student's answers, and finds the mistake."""

from __future__ import annotations

import json
import re
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnncost.cli import options
from cnncost.errors import CnncostError, did_you_mean

if TYPE_CHECKING:
    from cnncost.count.profile import NetworkCost
    from cnncost.homework.mark.marks import Marked

EXAMPLE = "Example: cnncost check alexnet answers.csv"
NEEDS_ARGUMENTS = True
FORMATS = ("terminal", "markdown", "html", "json", "gradescope")

Rubric = Annotated[
    Path | None, typer.Option("--rubric", "-r", help="Points by cell, row or column, in YAML.")
]
Sheet = Annotated[
    Path | None,
    typer.Option("--sheet", help="The worksheet that was handed out: only its `?` cells count."),
]
Hints = Annotated[
    str, typer.Option("--hints", help="What is told of a wrong answer: none, hint, diagnosis or reveal.")
]
Reveal = Annotated[bool, typer.Option("--reveal", help="Tell the right values too: --hints reveal.")]
Tolerance = Annotated[
    str | None,
    typer.Option("--tolerance", help="How far off an answer may be, such as 1% or 0.01 of the right value."),
]
OneConvention = Annotated[
    str | None,
    typer.Option(
        "--convention",
        "-c",
        help="The only way of counting that is right; detected from the answers if not given.",
        autocompletion=options.complete_convention,
    ),
]
FollowThrough = Annotated[
    bool,
    typer.Option("--follow-through/--no-follow-through", help="Count what follows from an earlier mistake."),
]


def command(
    name: options.Network,
    answers: Annotated[
        Path, typer.Argument(metavar="ANSWERS", help="CSV, TSV, Excel, YAML, JSON, or a table in markdown.")
    ],
    format: options.Format = None,
    output: options.Output = None,
    hints: Hints = "diagnosis",
    reveal: Reveal = False,
    rubric: Rubric = None,
    sheet: Sheet = None,
    tolerance: Tolerance = None,
    convention: OneConvention = None,
    follow: FollowThrough = True,
    input: options.Input = None,
    set: options.Params = None,
    batch: options.Batch = 1,
    dtype: options.DType = "float32",
) -> None:
    """Mark a student's answers: each cell at the precision in which it was given.

    What follows rightly from an earlier mistake counts. Of a wrong answer it tells the mistake, and the
    right value only if asked. The exit code is 1 if a cell is not right.
    """
    chosen = choose_format(format, output)
    hints = chosen_hints(hints, reveal)
    marker = Marker(name, rubric, sheet, tolerance, convention, follow)
    result = marker.mark(answers, input=input, settings=set, batch=batch, dtype=dtype, hints=hints)
    show(result, chosen, hints, output)
    if any(mark.status not in ("right", "follows") for mark in result.marks):
        raise typer.Exit(1)


def choose_format(format: str | None, output: Path | None) -> str:
    """The format, by its name or by the file's ending."""
    if format is None and output is not None and output.suffix.lower() in (".html", ".htm"):
        return "html"
    return options.choose_format(format, output, FORMATS)


def chosen_hints(hints: str, reveal: bool) -> str:
    """How much is told.

    Raises:
        CnncostError: there is no such level.
    """
    from cnncost.views.marks import HINTS

    if hints not in HINTS:
        raise CnncostError(f"no hints `{hints}`{did_you_mean(hints, HINTS)}; there are {', '.join(HINTS)}")
    return "reveal" if reveal else hints


def parse_tolerance(text: str | None) -> Fraction | None:
    """`1%` or `0.01` as a share.

    Raises:
        CnncostError: it is none.
    """
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,4}(?:\.\d{1,6})?) ?(%?)", text.strip(), re.ASCII)
    if not match:
        raise CnncostError(f"--tolerance {text}: write a share, such as 1% or 0.01")
    value = Fraction(match[1]) / (100 if match[2] else 1)
    if value > 1:
        raise CnncostError(f"--tolerance {text}: a share lies between 0 and 1")
    return value


class Marker:
    """What the options of `check` and `grade` say of how to mark."""

    def __init__(
        self,
        name: str,
        rubric: Path | None,
        sheet: Path | None,
        tolerance: str | None,
        convention: str | None,
        follow: bool,
    ) -> None:
        from dataclasses import replace

        from cnncost.count.convention import convention_named
        from cnncost.homework.mark.rubric import read_rubric

        self.name, self.sheet, self.follow = name, sheet, follow
        if convention is not None:
            convention_named(convention)
        self.rubric = read_rubric(rubric)
        share = parse_tolerance(tolerance)
        if share is not None:
            self.rubric = replace(self.rubric, tolerance=share)
        self.convention = convention or self.rubric.convention

    def profile(
        self, input: str | None = None, settings: list[str] | None = None, **counting: Any
    ) -> NetworkCost:
        """The right values."""
        return options.profiled(
            self.name, input, settings, convention=self.convention or "lecture", **counting
        )

    def mark(
        self,
        answers: Path,
        input: str | None = None,
        settings: list[str] | None = None,
        hints: str = "diagnosis",
        **counting: Any,
    ) -> Marked:
        """A submission, marked and explained."""
        from cnncost.homework.mark.asked import asked_cells
        from cnncost.homework.mark.diagnosis import diagnose
        from cnncost.homework.mark.marking import mark
        from cnncost.homework.read.reader import read_answers

        profile = self.profile(input, settings, **counting)
        asked = asked_cells(self.sheet, profile) if self.sheet else None
        marked = mark(read_answers(answers), profile, self.rubric, self.convention, asked, self.follow)
        return marked if hints == "none" else diagnose(marked)


def show(marked: Marked, chosen: str, hints: str, output: Path | None) -> None:
    """Write a marked submission in one of the formats."""
    from cnncost.views import marks

    if chosen == "terminal":
        from cnncost.tables import terminal

        width = terminal.terminal_width(sys.stdout) if output is None else marks.WIDEST
        options.write_lines(marks.lines(marked, hints, width), output)
    elif chosen == "json":
        from cnncost.views.marks_data import to_dict

        text = json.dumps(to_dict(marked, hints), indent=2, ensure_ascii=False) + "\n"
        options.write(text, output)
    elif chosen == "gradescope":
        from cnncost.views import gradescope

        options.write(gradescope.render(gradescope.results(marked, hints)), output)
    else:
        from cnncost.views import marks_markup

        page = marks_markup.html if chosen == "html" else marks_markup.markdown
        options.write(page(marked, hints), output)
