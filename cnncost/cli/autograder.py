"""`cnncost autograder`: a zip that Gradescope takes as it is, or a test file for otter-grader."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cnncost.cli import check, options
from cnncost.errors import CnncostError, did_you_mean

EXAMPLE = "Example: cnncost autograder alexnet --rubric r.yaml -o autograder.zip"
NEEDS_ARGUMENTS = True
FORMATS = ("gradescope", "otter")
ENDINGS = {".zip": "gradescope", ".py": "otter"}


def command(
    name: options.Network,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The zip for Gradescope, or the .py for otter-grader.")
    ],
    format: options.Format = None,
    hints: check.Hints = "diagnosis",
    rubric: check.Rubric = None,
    sheet: check.Sheet = None,
    tolerance: check.Tolerance = None,
    convention: check.OneConvention = None,
    follow: check.FollowThrough = True,
    input: options.Input = None,
    set: options.Params = None,
    visibility: Annotated[
        str,
        typer.Option(
            "--visibility",
            help="When Gradescope shows it: visible, hidden, after_due_date or after_published.",
        ),
    ] = "visible",
) -> None:
    """Write an autograder that marks a network's table, for Gradescope or otter-grader.

    A rubric with `columns`, or a worksheet, says which cells count.
    """
    chosen = format or ENDINGS.get(output.suffix.lower(), "gradescope")
    if chosen not in FORMATS:
        raise CnncostError(
            f"no format `{chosen}`{did_you_mean(chosen, FORMATS)}; there are {', '.join(FORMATS)}"
        )
    check_visibility(visibility)
    marker = check.Marker(name, rubric, sheet, tolerance, convention, follow)
    if not marker.rubric.columns and sheet is None:
        raise CnncostError("which cells count? give a --rubric with `columns:`, or the worksheet as --sheet")
    cells = counted(marker, input, set)
    task = {
        "hints": check.chosen_hints(hints, False),
        "tolerance": tolerance,
        "convention": marker.convention,
        "follow": follow,
        "input": input,
        "set": set,
        "visibility": visibility,
    }
    if chosen == "otter":
        write_otter(name, marker, rubric, cells, task, output)
    else:
        write_gradescope(name, rubric, sheet, task, output)
    total = sum(worth for _, worth in cells)
    from cnncost.views.marks import points

    options.note(f"{output}: {len(cells)} cells, {points(marker.rubric.out_of or total)} points")


def check_visibility(visibility: str) -> None:
    """Refuse what Gradescope does not know.

    Raises:
        CnncostError: there is no such visibility.
    """
    from cnncost.views.gradescope import VISIBILITIES

    if visibility not in VISIBILITIES:
        hint = did_you_mean(visibility, VISIBILITIES)
        raise CnncostError(f"no visibility `{visibility}`{hint}; there are {', '.join(VISIBILITIES)}")


def counted(marker: check.Marker, input: str | None, settings: list[str] | None) -> list[Any]:
    """The cells that count, with their points: a submission that leaves all of them blank has them."""
    from cnncost.homework.mark.asked import asked_cells, empty_answers
    from cnncost.homework.mark.marking import mark

    profile = marker.profile(input, settings)
    asked = asked_cells(marker.sheet, profile) if marker.sheet else None
    marked = mark(empty_answers(profile, marker.rubric.columns), profile, marker.rubric, asked=asked)
    return [(each.place, each.possible * marked.scale) for each in marked.marks]


def write_gradescope(
    name: str, rubric: Path | None, sheet: Path | None, task: dict[str, Any], output: Path
) -> None:
    """Write the zip, with the network's own file where it is none of the catalogue."""
    from cnncost.homework.make.bundle import bundle
    from cnncost.homework.read.reader import read_bytes
    from cnncost.network.catalogue import find

    path, colons, variant = name.partition("::")
    if path == "-":
        raise CnncostError("an autograder keeps its network: give a name or a file, not standard input")
    files: dict[str, bytes] = {}
    settings = {
        "network": name,
        "spec": None,
        "variant": colons + variant,
        "rubric": None,
        "sheet": None,
        **task,
    }
    if find(name) is None:
        settings["spec"], files["network.yaml"] = "network.yaml", read_bytes(path)
    if rubric is not None:
        settings["rubric"], files["rubric.yaml"] = "rubric.yaml", read_bytes(rubric)
    if sheet is not None:
        kept = f"sheet{sheet.suffix.lower()}"
        settings["sheet"], files[kept] = kept, read_bytes(sheet)
    options.write_bytes(bundle(settings, files), output)


def write_otter(
    name: str,
    marker: check.Marker,
    rubric: Path | None,
    cells: list[Any],
    task: dict[str, Any],
    output: Path,
) -> None:
    """Write the test file.

    Raises:
        CnncostError: an option that it cannot keep.
    """
    from cnncost.homework.read.reader import read_bytes
    from cnncost.views import otter
    from cnncost.views.marks import points

    if task["input"] or task["set"] or task["tolerance"]:
        raise CnncostError(
            "an otter test file keeps no --input, --set or --tolerance: write them into spec and rubric"
        )
    arguments = {
        "network": name,
        "hints": task["hints"],
        "convention": task["convention"],
        "follow": task["follow"],
    }
    if rubric is not None:
        arguments["rubric"] = read_bytes(rubric).decode("utf-8")
    if marker.sheet is not None:
        arguments["asked"] = tuple(place for place, _ in cells)
    shown = [(place, points(worth)) for place, worth in cells]
    total = points(marker.rubric.out_of or sum(worth for _, worth in cells))
    options.write(otter.render(name, shown, total, arguments, output.stem), output)
