"""`cnncost worksheet`: a table with blanks to fill in, and its key; one for each student of a class."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnncost.cli import options
from cnncost.errors import CnncostError

if TYPE_CHECKING:
    from cnncost.homework.make.handout import Handout
    from cnncost.homework.make.sheet import Sheet

EXAMPLE = "Example: cnncost worksheet alexnet --blank 12 --seed 7 -o ws.html --key key.csv"
NEEDS_ARGUMENTS = True
FORMATS = ("markdown", "csv", "latex", "xlsx", "html")

Blank = Annotated[int, typer.Option("--blank", "-n", help="How many cells to ask.")]
Seed = Annotated[int, typer.Option("--seed", "-s", help="Another seed asks other cells.")]
Level = Annotated[
    str,
    typer.Option(
        "--level",
        "-l",
        help="shape, params (and shapes) or cost (all, with memory, FLOPs, fields); or 1 to 3.",
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
            "--students", metavar="ROSTER", help="A CSV of names or ids: a network and a key for each."
        ),
    ] = None,
    convention: options.Convention = "lecture",
    batch: options.Batch = 1,
    dtype: options.DType = "float32",
    input: options.Input = None,
    set: options.Params = None,
    depth: Annotated[
        int | None, typer.Option("--depth", "-d", min=1, help="Fold by the first so many parts of the names.")
    ] = None,
    exact: Annotated[bool, typer.Option("--exact", "-e", help="Costs in full, not in k, M or KB.")] = False,
) -> None:
    """Make a worksheet: a network's table with cells to fill in, each of which follows from the others."""
    from cnncost.homework.make.blanks import blanked
    from cnncost.homework.make.sheet import level_of, sheet_of

    asked = level_of(level)
    if students is not None:
        if input is not None or set or key is not None:
            rule = "--students varies the network and writes the keys itself"
            raise CnncostError(f"{rule}: leave out --input, --set and --key")
        counting = {"convention": convention, "batch": batch, "dtype": dtype}
        for_class(name, students, output, form_of_class(format), exact, (blank, asked, seed, depth), counting)
        return
    chosen = options.choose_format(format, output, FORMATS)
    key_format = options.choose_format(None, key, FORMATS)
    profile = options.profiled(name, input, set, convention=convention, batch=batch, dtype=dtype)
    sheet = blanked(sheet_of(profile, asked, depth), blank, seed)
    put(sheet, chosen, output, False, exact)
    if key is not None:
        put(sheet, key_format, key, True, exact)


def put(sheet: Sheet, form: str, output: Path | None, answers: bool, exact: bool) -> None:
    """Write a sheet or its key."""
    from cnncost.views.worksheet import render

    data = render(sheet, form, answers, exact)
    if output is not None:
        options.write_bytes(data, output)
    elif form == "xlsx":
        raise CnncostError("a spreadsheet is no text: -o names its file")
    else:
        options.emit(data.decode("utf-8"), sys.stdout)


def form_of_class(format: str | None) -> str:
    """The format of a class's sheets: CSV unless another is asked for."""
    return options.choose_format(format or "csv", None, FORMATS)


def for_class(
    name: str,
    roster: Path,
    folder: Path | None,
    form: str,
    exact: bool,
    asked: tuple[int, int, int, int | None],
    counting: dict[str, object],
) -> None:
    """Write each student's sheet, key and network into a folder."""
    from cnncost.homework.make.handout import handouts
    from cnncost.homework.make.roster import read_roster
    from cnncost.network.catalogue import read

    if folder is None:
        raise CnncostError("--students writes a file for each student: -o names the folder")
    listed = read_roster(roster)
    spec, variant = read(name)
    count, level, seed, depth = asked
    made = list(handouts(spec, variant, listed.students, count, level, seed, depth, **counting))
    make_folder(folder)
    write_class(made, folder, form, exact)
    if listed.empty:
        rows = "1 empty row" if listed.empty == 1 else f"{listed.empty} empty rows"
        options.note(f"{roster}: {rows} left out")
    sheets = "1 sheet" if len(made) == 1 else f"{len(made)} sheets"
    options.note(f"{folder}: {sheets}, each with its key and its network; students.csv lists them")


def make_folder(folder: Path) -> None:
    """Make the folder, if it is not there.

    Raises:
        CnncostError: it cannot be made.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        reason = "a file has this name" if isinstance(error, FileExistsError) else error.strerror
        raise CnncostError(f"{folder}: cannot be made a folder: {reason}") from None


def as_text(name: str) -> str:
    """A name as a cell that no spreadsheet computes."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@")) else name


ON_PAPER = ("html", "latex")


def write_class(made: Iterable[Handout], folder: Path, form: str, exact: bool) -> None:
    """`alice.csv`, `alice.key.csv` and `alice.yaml` of each, and a list of them.

    Beside a sheet on paper lies one to fill in on a computer, which `cnncost grade` reads too.
    """
    from cnncost.tables.grid import grid
    from cnncost.views.worksheet import ENDINGS

    rows = []
    for handout in made:
        stem, ending = handout.student.file, ENDINGS[form]
        files = (f"{stem}{ending}", f"{stem}.key{ending}", f"{stem}.yaml")
        put(handout.sheet, form, folder / files[0], False, exact)
        put(handout.sheet, form, folder / files[1], True, exact)
        if form in ON_PAPER:
            put(handout.sheet, "csv", folder / f"{stem}.csv", False, exact)
        options.write(handout.spec, folder / files[2])
        rows.append([as_text(handout.student.name), *files, handout.changes])
    header = ("student", "sheet", "key", "network", "changes")
    options.write(grid("csv", header, rows), folder / "students.csv")
