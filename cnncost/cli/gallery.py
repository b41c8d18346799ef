"""`cnncost gallery`: pages of tables and charts, each piece made by the command next to it."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from cnncost.cli import completion, options
from cnncost.errors import CnncostError
from cnncost.gallery import (
    Piece,
    all_pages,
    differences,
    files_in,
    kept_pages,
    make,
    make_folder,
    pages_named,
)

EXAMPLE = "Example: cnncost gallery resnet -o pages"
NEEDS_ARGUMENTS = False
FORMATS = ("markdown with SVG charts",)


def command(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PAGE]...",
            help="Only these pages: families, or index, catalogue, audit, comparisons, charts.",
            autocompletion=completion.families,
        ),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder.")] = Path("gallery"),
    brief: Annotated[
        bool,
        typer.Option("--brief", help="Only an index with one chart of each kind, and the pages of tables."),
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Write nothing; list files that are missing or out of date and exit with 1."
        ),
    ] = False,
) -> None:
    """Make pages of tables and charts, each with the command that makes it."""
    pages = pages_named(kept_pages() if brief else all_pages(), names or ())
    if not check:
        make_folder(output)  # an error here comes before the work, not after it
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        for i, page in enumerate(pages):
            options.progress(i, len(pages), page.path)
            make(page, made, run)
        options.progress(len(pages), len(pages))
        if check:
            report(differences(made, output, whole=not names), output)
        else:
            copy(made, output)


def run(piece: Piece, folder: Path) -> str:
    """Run a piece's command: its output, or if it draws a chart into the folder, its messages.

    Raises:
        CnncostError: the command fails.
    """
    from cnncost.cli import app

    out, err = io.StringIO(), io.StringIO()
    arguments = [*piece.arguments, *(("-o", str(folder / piece.path)) if piece.path else ())]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            app(arguments, standalone_mode=False)
        except CnncostError as error:
            raise CnncostError(f"{piece.command}: {error}") from None
    return err.getvalue() if piece.path else out.getvalue()


def copy(made: Path, output: Path) -> None:
    """Copy what was made to its place; other files there stay as they are."""
    for relative in files_in(made):
        make_folder((output / relative).parent)
        options.write_bytes((made / relative).read_bytes(), output / relative)
    options.note(f"written to {output}")


def report(lines: list[str], output: Path) -> None:
    """Print differences and exit with 1 if there are any."""
    for line in lines:
        options.emit(f"{output}/{line}\n", sys.stdout)
    if lines:
        raise typer.Exit(1)
