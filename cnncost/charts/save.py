"""A figure as a file: the same bytes for the same chart, whole or not at all."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from cnncost.charts.theme import Theme, themed
from cnncost.errors import CnncostError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDINGS = ("png", "svg", "pdf")
NO_DATE = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
"""What would differ from one run to the next, or from one release of matplotlib to the next."""
PIXELS = 2**16 - 1
"""What every release of matplotlib can draw, and most programs can open."""


def ending_of(output: Path) -> str:
    """The kind of picture that a file's ending asks for.

    Raises:
        CnncostError: no chart is written as that.
    """
    ending = output.suffix.lower().lstrip(".")
    if ending not in ENDINGS:
        said = f"no chart has the ending `.{ending}`" if ending else "a chart's file needs an ending"
        raise CnncostError(f"{output}: {said}; use {', '.join(f'.{e}' for e in ENDINGS)}")
    return ending


def rendered(figure: Figure, ending: str, theme: Theme, dpi: int | None = None) -> bytes:
    """The figure as the bytes of a PNG, SVG or PDF file; `dpi` matters to a PNG.

    Raises:
        CnncostError: a PNG would have more pixels along a side than one can have.
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
