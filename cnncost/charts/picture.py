"""A figure as a picture file: the same bytes each time, written whole or not at all."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from cnncost.charts.theme import THEMES, Theme, themed
from cnncost.errors import CnncostError
from cnncost.files import replace_file

ENDINGS = ("png", "svg", "pdf")
NO_DATE = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
"""Metadata that would differ from run to run."""
PIXELS = 2**16 - 1
"""The longest side that every release of matplotlib can draw and most programs can open."""


def save(figure: Any, path: str | Path, theme: Theme = THEMES["light"], dpi: int | None = None) -> None:
    """Write a figure into a PNG, SVG or PDF file, by the ending of its name.

    Raises:
        CnncostError: another ending, or a picture that is too large.
    """
    replace_file(Path(path), rendered(figure, picture_ending(Path(path)), theme, dpi))


def picture_ending(output: Path) -> str:
    """The ending of a picture's file: png, svg or pdf.

    Raises:
        CnncostError: it has another ending, or none.
    """
    ending = output.suffix.lower().lstrip(".")
    if ending not in ENDINGS:
        wrong = f"a chart cannot be written as `.{ending}`" if ending else "a chart's file needs an ending"
        raise CnncostError(f"{output}: {wrong}; use {', '.join(f'.{e}' for e in ENDINGS)}")
    return ending


def rendered(figure: Any, ending: str, theme: Theme, dpi: int | None = None) -> bytes:
    """A figure as the bytes of a PNG, SVG or PDF file; `dpi` matters to a PNG only.

    Raises:
        CnncostError: the PNG would have too many pixels along a side.
    """
    pixels = round(max(figure.get_size_inches()) * (dpi or figure.dpi))
    if ending == "png" and pixels > PIXELS:
        raise CnncostError(
            f"a PNG of {pixels} pixels along a side is too large, {PIXELS} is the most: "
            "lower --dpi, or write .svg or .pdf"
        )
    stream = io.BytesIO()
    with themed(theme):
        figure.savefig(stream, format=ending, metadata=NO_DATE[ending], dpi=dpi or "figure")
    return stream.getvalue()
