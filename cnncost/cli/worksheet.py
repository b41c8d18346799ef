"""`cnncost worksheet`: a table with blanks to fill in, and its key; or one for each student of a class."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnncost.cli import options
from cnncost.errors import CnncostError
from cnncost.tables import formats

EXAMPLE = "Example: cnncost worksheet alexnet --blank 12 --seed 7 -o ws.html --key key.csv"
NEEDS_ARGUMENTS = True
FORMATS = ("markdown", *(name for name in formats.NAMES if name != "markdown"))

Blank = Annotated[int, typer.Option("--blank", "-n", help="How many cells to ask.")]
Seed = Annotated[int, typer.Option("--seed", "-s", help="Each seed asks other cells.")]
Level = Annotated[
    str,
    typer.Option(
        "--level",
        "-l",
        help="What to ask: shape; params (shapes too); or cost (memory, FLOPs and receptive fields too)."
        " Or 1 to 3.",
    ),
]


def command(
    name: options.Network,
    blank: Blank = 12,
    seed: Seed = 0,
    level: Level = "cost",
    format: options.Format = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file; with --students, this folder.")
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", "-k", help="Write the key to this file, in the format of its ending."),
    ] = None,
    students: Annotated[
        Path | None,
        typer.Option(
            "--students",
            metavar="ROSTER",
            help="A CSV of names or ids: make a network, a worksheet and a key for each student.",
        ),
    ] = None,
    convention: options.Convention = "lecture",
    batch: options.Batch = 1,
    dtype: options.DType = "float32",
    input: options.Input = None,
    set: options.Params = None,
    depth: Annotated[
        int | None,
        typer.Option("--depth", "-d", min=1, help="Group rows by the first N parts of layer names."),
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", "-e", help="Show costs in full, not in k, M or KB.")
    ] = False,
) -> None:
    """Make a worksheet: a network's table with cells to fill in; each can be computed from the others."""
    from cnncost.homework.make import Worksheet, handouts_for, level_of, with_blanks
    from cnncost.views.worksheet import class_files, rendered_worksheet

    number = level_of(level)
    how = {"convention": convention, "batch": batch, "dtype": dtype}
    if students is None:
        chosen = options.choose_format(format, output, FORMATS)
        key_format = options.choose_format(None, key, FORMATS)
        network = options.profiled(name, input, set, **how)
        sheet = with_blanks(Worksheet.of(network, number, depth), blank, seed)
        options.write_rendered(rendered_worksheet(sheet, chosen, exact=exact), chosen, output)
        if key is not None:
            options.write_rendered(
                rendered_worksheet(sheet, key_format, key=True, exact=exact), key_format, key
            )
        return
    if input is not None or set or key is not None:
        rule = "--students varies the network and writes the keys itself"
        raise CnncostError(f"{rule}: leave out --input, --set and --key")
    chosen = options.choose_format(format or "csv", None, FORMATS)
    if output is None:
        raise CnncostError("--students writes files for each student: name their folder with -o")
    handouts, roster = handouts_for(name, students, blank, number, seed, depth, **how)
    options.write_folder(output, class_files(handouts, chosen, exact))
    if roster.empty:
        options.note(f"{students}: {roster.empty} empty row{'s' * (roster.empty > 1)} left out")
    count = len(handouts)
    sheets = "1 worksheet with its" if count == 1 else f"{count} worksheets, each with its"
    options.note(f"{output}: {sheets} key and its network; students.csv lists them")
