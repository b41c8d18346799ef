"""`cnncost autograder`: a zip to upload to Gradescope, or a test file for otter-grader."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from cnncost.cli import check, options
from cnncost.errors import CnncostError, did_you_mean

EXAMPLE = "Example: cnncost autograder alexnet --rubric r.yaml -o autograder.zip"
NEEDS_ARGUMENTS = True
FORMATS = ("gradescope", "otter")
ENDINGS = {".zip": "gradescope", ".py": "otter"}


def parse_visibility(text: str) -> str:
    """When Gradescope shows the results."""
    from cnncost.views.gradescope import VISIBILITIES

    if text not in VISIBILITIES:
        hint = did_you_mean(text, VISIBILITIES)
        raise CnncostError(f"no visibility `{text}`{hint}; there are {', '.join(VISIBILITIES)}")
    return text


def command(
    name: options.Network,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The zip for Gradescope, or the .py for otter-grader.")
    ],
    format: options.Format = None,
    hints: check.Hints = "diagnosis",
    rubric: check.Rubric = None,
    sheet: check.Worksheet = None,
    tolerance: check.Tolerance = None,
    convention: check.OneConvention = None,
    follow: check.FollowThrough = True,
    input: options.Input = None,
    set: options.Params = None,
    visibility: Annotated[
        str,
        typer.Option(
            "--visibility",
            help="When Gradescope shows the results: visible, hidden, after_due_date or after_published.",
            callback=parse_visibility,
        ),
    ] = "visible",
) -> None:
    """Write an autograder that marks a network's table, for Gradescope or otter-grader.

    The cells that count are those of a worksheet, or of a rubric with `columns`.
    """
    from cnncost.homework.make import gradescope_zip
    from cnncost.homework.mark import listed_students, own_task, set_task
    from cnncost.views.feedback import points_text
    from cnncost.views.otter import otter_task

    chosen = options.choose_format(format or ENDINGS.get(output.suffix.lower(), FORMATS[0]), None, FORMATS)
    how: dict[str, Any] = {
        "rubric": rubric,
        "tolerance": check.parse_tolerance(tolerance),
        "convention": convention,
        "follow": follow,
    }
    students = listed_students(Path(name))
    if Path(name).is_dir():
        if not students or chosen != "gradescope" or sheet or input or set:
            raise CnncostError(
                f"{name}: from a folder of `cnncost worksheet --students`, with its students.csv, a zip for"
                " Gradescope is made, without --sheet, --input and --set"
            )
        task = own_task(Path(name), students[0].file, **how)
    else:
        how |= {"input": options.parse_input(input), "params": options.parse_params(set)}
        task = set_task(name, worksheet=sheet, **how)
    if not students and not task.rubric.columns and sheet is None:
        raise CnncostError("which cells count? give a --rubric with `columns:`, or the worksheet as --sheet")
    if chosen == "otter":
        if input or set or tolerance:
            raise CnncostError(
                "an otter test file cannot store --input, --set or --tolerance: write them in spec and rubric"
            )
        options.write(otter_task(name, task, rubric, hints, output.stem), output)
    else:
        settings = {
            "hints": hints,
            "tolerance": tolerance,
            "convention": task.convention,
            "follow": follow,
            "input": input,
            "set": set,
            "visibility": visibility,
        }
        options.write_bytes(gradescope_zip(name, rubric, sheet, settings), output)
    points = task.points()
    cells = "1 cell" if len(points) == 1 else f"{len(points)} cells"
    whose = f"{len(students)} students, for the first " if students else ""
    options.note(f"{output}: {whose}{cells}, {points_text(sum(points.values(), Fraction(0)))} points")
