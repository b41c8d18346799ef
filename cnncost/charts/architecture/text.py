"""Texts on a drawing: their widths in inches, and how they are cut to fit."""

from __future__ import annotations

from functools import lru_cache

from matplotlib.font_manager import FontProperties, findfont, get_font

LINE = 1.28 / 72
"""Inches from line to line, per point of text."""


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of a text of this size in points."""
    return sum(advance(letter, bold) for letter in text) * size / 72


@lru_cache(maxsize=1024)
def advance(letter: str, bold: bool) -> float:
    """The width of a letter, as a part of the font's size."""
    font = get_font(findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")))
    font.set_size(100, 72)
    return float(font.load_char(ord(letter)).linearHoriAdvance) / 65536 / 100


def shortened(text: str, size: float, bold: bool, most: float) -> str:
    """A text without its middle, if it is wider than `most`."""
    if text_width(text, size, bold) <= most:
        return text
    for keep in range(len(text), 0, -1):
        head = (keep + 1) // 2
        cut = f"{text[:head]}…{text[len(text) - (keep - head) :]}"
        if text_width(cut, size, bold) <= most:
            return cut
    return "…"
