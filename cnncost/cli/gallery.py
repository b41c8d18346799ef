"""`cnncost gallery`: every table and chart of reports/, made anew by the command that stands beside it."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from cnncost.cli import options
from cnncost.cli.list import complete_family
from cnncost.errors import CnncostError
from cnncost.views.gallery import Page, Piece, index_text, page_text, pages

EXAMPLE = "Example: cnncost gallery resnet -o reports"
NEEDS_ARGUMENTS = False
FORMATS = ("markdown with SVG charts",)


def command(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PAGE]...",
            help="Only these pages: families, or catalogue, audit, charts, comparisons.",
            autocompletion=complete_family,
        ),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder.")] = Path("reports"),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if anything there is not current.")
    ] = False,
) -> None:
    """Make the pages and charts of the gallery, each by its own command."""
    chosen = pages(names or ())
    if not check:
        make_folder(output)  # before the work, which would be lost
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        for name in ("charts", "families"):
            (made / name).mkdir()
        for i, page in enumerate(chosen):
            options.progress(i, len(chosen), page.path)
            make(page, made)
        options.progress(len(chosen), len(chosen))
        if not names:
            (made / "README.md").write_text(index_text(chosen), encoding="utf-8")
        if check:
            compare(made, output, whole=not names)
        else:
            put(made, output)


def make(page: Page, folder: Path) -> None:
    """Write a page and its charts."""
    said = {piece: run(piece, folder) for piece in page.pieces}
    (folder / page.path).write_text(page_text(page, said), encoding="utf-8")


def run(piece: Piece, folder: Path) -> str:
    """Run a piece's command; what it prints, and for a chart, drawn into the folder, what it says beside it.

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


def files(folder: Path) -> Iterator[Path]:
    """The files of a gallery, relative to its folder; what was measured is not made by it."""
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and relative.parts[0] != "measured":
            yield relative


def make_folder(path: Path) -> None:
    """Make a folder and those around it, unless they are there.

    Raises:
        CnncostError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CnncostError(f"{path}: cannot be made: {error.strerror}") from None


def put(made: Path, output: Path) -> None:
    """Copy what was made to its place; what lies there besides is left alone."""
    for relative in files(made):
        target = output / relative
        make_folder(target.parent)
        options.write_bytes((made / relative).read_bytes(), target)
    options.note(f"written to {output}")


def compare(made: Path, output: Path, whole: bool) -> None:
    """Say which files are not current; exit with 1 if there are any."""
    wanted = set(files(made))
    found = set(files(output)) if output.is_dir() else set()
    stale = [f"{path}: missing" for path in sorted(wanted - found)]
    stale += [
        f"{path}: not current"
        for path in sorted(wanted & found)
        if (made / path).read_bytes() != (output / path).read_bytes()
    ]
    if whole:
        stale += [f"{path}: nothing makes it" for path in sorted(found - wanted)]
    for line in stale:
        options.emit(f"{output}/{line}\n", sys.stdout)
    if stale:
        raise typer.Exit(1)
