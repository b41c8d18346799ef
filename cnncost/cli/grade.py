"""`cnncost grade`: marks a folder of submissions and sums up what the class gets wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnncost.cli import check, completion, options
from cnncost.tables import formats

EXAMPLE = "Example: cnncost grade submissions/ --key alexnet --rubric r.yaml -o marks.csv"
NEEDS_ARGUMENTS = True
FORMATS = formats.NAMES


def command(
    submissions: Annotated[
        Path,
        typer.Argument(help="A folder with a file, or a folder with one, for each student; or a zip of it."),
    ],
    key: Annotated[
        str,
        typer.Option(
            "--key",
            "-k",
            metavar="NAME",
            help="The network; or the folder of `worksheet --students`, with one for each student.",
            autocompletion=completion.network_names,
        ),
    ],
    format: options.Format = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the marks to this file.")
    ] = None,
    feedback: Annotated[
        Path | None, typer.Option("--feedback", help="Write an HTML page for each student to this folder.")
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option("--roster", help="The class list: its names are used, and who is missing is listed."),
    ] = None,
    chart: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also draw the class's mistakes: .png, .svg or .pdf."),
    ] = None,
    hints: check.Hints = "diagnosis",
    reveal: check.Reveal = False,
    rubric: check.Rubric = None,
    sheet: check.Worksheet = None,
    tolerance: check.Tolerance = None,
    convention: check.OneConvention = None,
    follow: check.FollowThrough = True,
) -> None:
    """Mark every submission of a folder, and count which mistakes the class makes.

    A submission that cannot be read is listed, and the others are marked. The exit code is 1 if there is
    such a submission.
    """
    from cnncost.homework.mark import grade
    from cnncost.views.grading import class_document, feedback_pages

    chosen = options.choose_format(format, output, FORMATS)
    hints = "reveal" if reveal else hints
    if chart is not None:
        from cnncost.charts import picture_ending

        picture_ending(chart)  # a wrong ending is refused before anything is marked
    result = grade(
        submissions,
        key,
        explain=hints != "none",
        rubric=rubric,
        worksheet=sheet,
        roster=roster,
        tolerance=check.parse_tolerance(tolerance),
        convention=convention,
        follow=follow,
    )
    if chart is not None:
        from cnncost.charts import THEMES, misconceptions, rendered

        picture = rendered(misconceptions.figure(result), picture_ending(chart), THEMES["light"])
        options.write_bytes(picture, chart)
    if feedback is not None:
        options.write_folder(feedback, feedback_pages(result, hints))
    options.show(class_document(result, hints), chosen, output)
    if output is not None and chosen != "terminal":  # the file has the marks, the screen their summary
        options.show(class_document(result, hints), "terminal", None)
    if rubric is None and sheet is None and not Path(key).is_dir() and not result.same_cells:
        options.note(
            "The submissions answer different cells: name the cells that count with --rubric or --sheet."
        )
    if result.broken:
        raise typer.Exit(1)
