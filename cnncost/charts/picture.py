"""A figure as a picture file: the same bytes each time, written whole or not at all."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from cnncost.charts.theme import THEMES, Theme, themed
from cnncost.errors import CnncostError
from cnncost.files import replace_file

ENDINGS = ("png", "svg", "pdf", "pgf")
NO_DATE: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
}
"""Metadata that would differ from run to run."""
DESCRIBED = {"png": "Description", "svg": "Description", "pdf": "Subject"}
"""The metadata that holds a chart's description."""
PIXELS = 2**16 - 1
"""The longest side that every release of matplotlib can draw and most programs can open."""


def save(figure: Any, path: str | Path, theme: Theme = THEMES["light"], dpi: int | None = None) -> None:
    """Write a figure into a PNG, SVG, PDF or PGF file, by the ending of its name.

    Raises:
        CnncostError: another ending, or a picture that is too large.
    """
    replace_file(Path(path), rendered(figure, picture_ending(Path(path)), theme, dpi))


def picture_ending(output: Path) -> str:
    """The ending of a picture's file: png, svg, pdf or pgf.

    Raises:
        CnncostError: it has another ending, or none.
    """
    ending = output.suffix.lower().lstrip(".")
    if ending not in ENDINGS:
        wrong = f"a chart cannot be written as `.{ending}`" if ending else "a chart's file needs an ending"
        raise CnncostError(f"{output}: {wrong}; use {', '.join(f'.{e}' for e in ENDINGS)}")
    return ending


def rendered(figure: Any, ending: str, theme: Theme, dpi: int | None = None) -> bytes:
    """A figure as the bytes of a picture file; `dpi` matters to a PNG only.

    Raises:
        CnncostError: the PNG would have too many pixels along a side.
    """
    pixels = round(max(figure.get_size_inches()) * (dpi or figure.dpi))
    if ending == "png" and pixels > PIXELS:
        raise CnncostError(
            f"a PNG of {pixels} pixels along a side is too large, {PIXELS} is the most: "
            "lower --dpi, or write .svg or .pdf"
        )
    title, text = getattr(figure, "title", ""), getattr(figure, "description", "")
    with themed(theme):
        if ending == "pgf":
            from cnncost.charts.pgf import pgf

            return pgf(figure).encode()
        words = {"Title": title, DESCRIBED[ending]: text} if title else {}
        stream = io.BytesIO()
        figure.savefig(stream, format=ending, metadata=NO_DATE[ending] | words, dpi=dpi or "figure")
    made = stream.getvalue()
    return with_words(made.decode(), title, text).encode() if ending == "svg" else made


def with_words(svg: str, title: str, text: str) -> str:
    """An SVG with its description, and with fonts to use where matplotlib's own is not installed."""
    svg = svg.replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
    described = f"<title>{escape(title)}</title>\n <desc>{escape(text)}</desc>"
    return re.sub(r"<title>.*?</title>", lambda _: described, svg, count=1, flags=re.DOTALL) if title else svg
