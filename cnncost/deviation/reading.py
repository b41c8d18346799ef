"""Numbers as people write them: read from a command line or a tool's output, and written back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import zip_longest

from cnncost import numbers
from cnncost.deviation.given import Given, check_quantity
from cnncost.dims import Shape
from cnncost.errors import CnncostError
from cnncost.numbers import Printed, byte_unit, decimal, read_number

ABOUT = re.compile(r"\A(?:[~≈]|(?:about|approx\.?|ca\.?) )\s*", re.IGNORECASE)
GROUPS = re.compile(r"\A[1-9][0-9]{0,2}(?:([,_' ])[0-9]{3})(?:\1[0-9]{3})*(?![0-9,_'])")
"""Groups of three digits: `34,944`, `1 819 066 368`. A comma elsewhere may be a decimal one."""
WORDS = re.compile(
    r"\s*(params?|parameters|macs?|flops?|ops|madds|mult-adds|multiply-adds|bytes|elements)\Z", re.IGNORECASE
)
"""Words that only say what is counted: `1.82 GMac`, as ptflops prints it."""
SCALES = {"thousand": "k", "million": "M", "billion": "G", "trillion": "T"}
SCALE = re.compile(rf"\s*({'|'.join(SCALES)})\Z", re.IGNORECASE)
NUMBER = re.compile(r"[0-9]*\.?[0-9]+\.?(e\+?[0-9]{1,2})?\s*[KkMGBT]?")
DIGITS = 40

AXES = re.compile(r"\s*[xX×,@*]\s*|\s+")
MOST_AXES = 6
"""No layer has more, with the batch among them."""


def read_givens(
    totals: Mapping[str, str | None], at: str, each: Iterable[str], kilo: int = 1024
) -> Iterator[Given]:
    """The numbers of a command line: totals by quantity, and texts that name their place.

    Args:
        totals: texts by quantity; None for what is not given.
        at: the row, layer, stage or range that the totals are about.
        each: `conv1.params=34848` and the like.
        kilo: how many bytes a KB has.

    Raises:
        CnncostError: no LAYER.QUANTITY=NUMBER, an unknown quantity, or no number.
    """
    for quantity, text in totals.items():
        if text is not None:
            yield read_given(quantity, text, at, kilo)
    for given, behind in zip_longest(words := tuple(each), words[1:], fillvalue="13.6G"):
        place, equals, text = given.partition("=")
        layer, _, quantity = place.rpartition(".")
        if not equals or not quantity:
            form = f"--{given.replace('_', '-')} {behind}, or of a layer: " if given in totals else ""
            raise CnncostError(f"`{given}`: write {form}LAYER.QUANTITY=NUMBER, such as conv1.params=34848")
        yield read_given(quantity, text, layer, kilo)


def read_given(quantity: str, text: str, at: str = "", kilo: int = 1024) -> Given:
    """A number given as text: `13.6G`, `34,944`, `1.13 MB`, `61 million`; a shape as `96x55x55`.

    Args:
        quantity: what the number is.
        text: the number; for a ``shape``, the axes.
        at: the row, layer, stage or range that it is about.
        kilo: how many bytes a KB has.

    Raises:
        CnncostError: an unknown quantity, or no number.
    """
    check_quantity(quantity)
    if quantity == "shape":
        return Given(quantity, read_shape(text), at)
    bare = WORDS.sub("", ungrouped(" ".join(text.split())))
    bare = SCALE.sub(lambda found: SCALES[found[1].lower()], bare)
    number, unit = byte_unit(bare, kilo) if quantity == "memory" else (bare, 1)
    if not NUMBER.fullmatch(number) or len(number) > DIGITS:
        raise CnncostError(f"`{text}` is no number of {quantity}: write it as 13.6G, 34944 or 1.13MB")
    printed = read_number(number, unit)
    suffix = bare[len(number) :].strip()
    return Given(quantity, replace(printed, suffix=f" {suffix}") if suffix else printed, at)


def ungrouped(text: str) -> str:
    """A number without separators between groups of digits, and without `about`."""
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


def as_written(printed: Printed | Shape) -> str:
    """A number or a shape as it was given."""
    if isinstance(printed, tuple):
        return numbers.shape(printed)
    value = printed.value / printed.scale
    if printed.place > printed.scale or (printed.decimals and printed.place == printed.scale):  # 3.6e9
        power = len(str(int(value))) - len(str(printed.digits))
        return f"{with_point(printed.digits, printed.decimals)}e{power + printed.decimals}{printed.suffix}"
    if printed.decimals:
        return with_point(printed.digits, printed.decimals) + printed.suffix
    return (f"{value.numerator:,}" if value.denominator == 1 else decimal(value)) + printed.suffix


def with_point(digits: int, decimals: int) -> str:
    """Digits with a decimal point before the last ones, if there are decimals: `3.60`."""
    if not decimals:
        return str(digits)
    text = f"{digits:0{decimals + 1}d}"
    return f"{text[:-decimals]}.{text[-decimals:]}"
