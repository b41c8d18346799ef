"""Numbers as people write them on a command line, in the units of what they are of."""

from __future__ import annotations

import re
from dataclasses import replace

from cnncost.deviation.given import Given, check_quantity
from cnncost.dims import Shape
from cnncost.errors import CnncostError
from cnncost.numbers import read_number

ABOUT = re.compile(r"\A(?:[~≈]|(?:about|approx\.?|ca\.?) )\s*", re.IGNORECASE)
GROUPS = re.compile(r"\A[1-9][0-9]{0,2}(?:([,_' ])[0-9]{3})(?:\1[0-9]{3})*(?![0-9,_'])")
"""Thousands, millions, … set apart: `34,944`, `1 819 066 368`. A comma elsewhere may be a decimal one."""
BYTES = re.compile(r"\s*([KMGT]?)(i?)B\Z", re.IGNORECASE)
WORDS = re.compile(
    r"\s*(params?|parameters|macs?|flops?|ops|madds|mult-adds|multiply-adds|bytes|elements)\Z", re.IGNORECASE
)
"""What says only what a number counts: `1.82 GMac`, as ptflops prints it."""
SCALES = {"thousand": "k", "million": "M", "billion": "G", "trillion": "T"}
SCALE = re.compile(rf"\s*({'|'.join(SCALES)})\Z", re.IGNORECASE)
NUMBER = re.compile(r"[0-9]*\.?[0-9]+\.?(e\+?[0-9]{1,2})?\s*[KkMGBT]?")
DIGITS = 40

AXES = re.compile(r"\s*[xX×,@*]\s*|\s+")
MOST_AXES = 6
"""No layer has more, with the batch among them."""


def read_given(quantity: str, text: str, at: str = "", kilo: int = 1024) -> Given:
    """A number given as text: `13.6G`, `34,944`, `1.13 MB`, `61 million`; a shape as `96x55x55`.

    Args:
        quantity: what it is of.
        text: the number; of a ``shape``, the axes.
        at: the row, layer, stage or range that it is about.
        kilo: what a KB is.

    Raises:
        CnncostError: an unknown quantity, or no number.
    """
    check_quantity(quantity)
    if quantity == "shape":
        return Given(quantity, read_shape(text), at)
    plain = WORDS.sub("", ungrouped(" ".join(text.split())))
    plain = SCALE.sub(lambda found: SCALES[found[1].lower()], plain)
    unit = BYTES.search(plain) if quantity == "memory" else None
    number = plain[: unit.start()] if unit else plain
    if not NUMBER.fullmatch(number) or len(number) > DIGITS:
        raise CnncostError(f"`{text}` is no number of {quantity}: write it as 13.6G, 34944 or 1.13MB")
    power = " KMGT".index(unit[1].upper() or " ") if unit else 0
    printed = read_number(number, (1024 if unit and unit[2] else kilo) ** power)
    return Given(quantity, replace(printed, suffix=f" {unit[0].strip()}") if unit else printed, at)


def ungrouped(text: str) -> str:
    """A number without what sets its thousands apart, and without a word that it is rounded."""
    return GROUPS.sub(lambda found: re.sub(r"[^0-9]", "", found[0]), ABOUT.sub("", text))


def read_shape(text: str) -> Shape:
    """The axes of a shape: `96x55x55`, `(96, 55, 55)`, `96@55x55`.

    Raises:
        CnncostError: it is none.
    """
    axes = AXES.split(text.strip().removeprefix("torch.Size(").strip("()[] ").rstrip(", "))
    sizes = all(axis.isascii() and axis.isdigit() and len(axis) < 10 for axis in axes)
    if not sizes or len(axes) > MOST_AXES:
        raise CnncostError(f"`{text}` is no shape: write it as 96x55x55")
    return tuple(map(int, axes))
