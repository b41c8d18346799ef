"""A folder of the gallery: making its pages, copying them to their place, and comparing two folders."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from cnncost.errors import CnncostError
from cnncost.gallery.page import Page, Piece

SVG_TEXT = re.compile(r"<(?:text|title|desc)\b[^>]*>(.*?)</", re.DOTALL)
"""The texts of an SVG."""


def make(page: Page, folder: Path, run: Callable[[Piece, Path], str]) -> None:
    """Write a page and its charts.

    Args:
        page: the page.
        folder: where the gallery is made.
        run: runs a piece's command, which writes its chart into the folder; returns what goes on the page.
    """
    for path in page.files:
        make_folder((folder / path).parent)
    outputs: dict[Piece, str] = {}
    for piece in page.pieces:
        outputs[piece], *_ = [run(one, folder) for one in piece.drawn]
    (folder / page.path).write_text(page.markdown(outputs), encoding="utf-8")


def make_folder(path: Path) -> None:
    """Make a folder and the folders around it.

    Raises:
        CnncostError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CnncostError(f"{path}: cannot be made: {error.strerror}") from None


def files_in(folder: Path) -> Iterator[Path]:
    """The files of a gallery, relative to its folder; measured/ is not part of it."""
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and relative.parts[0] != "measured":
            yield relative


def differences(made: Path, there: Path, whole: bool) -> list[str]:
    """How a folder differs from what was just made: a line per file.

    Pages are compared by their text, charts by the texts in them, whatever release of matplotlib drew them.
    `whole` also reports files that no page needs.
    """
    wanted = set(files_in(made))
    found = set(files_in(there)) if there.is_dir() else set()
    lines = [f"{path}: missing" for path in sorted(wanted - found)]
    lines += [
        f"{path}: not current"
        for path in sorted(wanted & found)
        if content(made / path) != content(there / path)
    ]
    return lines + [f"{path}: no page needs it" for path in sorted(found - wanted) if whole]


def content(path: Path) -> object:
    """The texts of a file: a page's text, or the sorted texts of a chart; None for an incomplete chart."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix != ".svg":
        return text
    return sorted(SVG_TEXT.findall(text)) if text.rstrip().endswith("</svg>") else None
