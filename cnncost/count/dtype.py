"""The types of elements, and the memory that an element takes."""

from __future__ import annotations

import re
from fractions import Fraction

from cnncost.dims import Size, ceil_div
from cnncost.errors import CnncostError, did_you_mean, shown

DTYPE_BITS = {
    "float64": 64,
    "float32": 32,
    "float16": 16,
    "bfloat16": 16,
    "float8": 8,
    "int64": 64,
    "int32": 32,
    "int16": 16,
    "int8": 8,
    "int4": 4,
}


def register_dtype(name: str, bits: int) -> None:
    """Make a type of your own known: `register_dtype("float6", 6)`.

    Raises:
        CnncostError: bits that are no whole number from 1, or a name that means something else already.
    """
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII):
        raise CnncostError(f"the name of a dtype is a text of letters, digits and _, not {shown(name)}")
    if isinstance(bits, bool) or not isinstance(bits, int) or bits < 1:
        raise CnncostError(f"the bits of a dtype must be a whole number from 1, got {bits!r}")
    if DTYPE_BITS.setdefault(name, bits) != bits:
        raise CnncostError(f"dtype `{name}` has {DTYPE_BITS[name]} bits already, not {bits}")


def dtype_bytes(dtype: str) -> int | Fraction:
    """The bytes of one element: 4 of float32, 1/2 of int4.

    Raises:
        CnncostError: an unknown dtype.
    """
    if dtype not in DTYPE_BITS:
        known = ", ".join(DTYPE_BITS)
        raise CnncostError(f"no dtype `{dtype}`{did_you_mean(dtype, DTYPE_BITS)}; there are {known}")
    bits = DTYPE_BITS[dtype]
    return Fraction(bits, 8) if bits % 8 else bits // 8


def whole_bytes(elements: Size, element_bytes: Size) -> Size:
    """The bytes of a packed tensor: what its elements take together, rounded up to a whole byte."""
    if isinstance(element_bytes, Fraction):
        return ceil_div(elements * element_bytes.numerator, element_bytes.denominator)
    return elements * element_bytes
