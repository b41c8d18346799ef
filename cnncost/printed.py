"""A number as it was printed: what it may stand for, at the precision in which it stands there."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from cnncost.errors import CnncostError
from cnncost.spec.facts import NUMBER

SUFFIXES = {"": 1, "x": 1, "K": 1000, "k": 1000, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
UNITS = {**SUFFIXES, "KB": 1024, "MB": 1024**2, "GFLOP": 10**9, "x AlexNet": 1}
READINGS = ("rounded", "truncated", "swapped")


@dataclass(frozen=True)
class Printed:
    """A printed number: `digits` times `place`, the value of its last significant digit.

    `scale` and `decimals` say how it was written: `2.7K` is 27 times 100, at scale 1000 with one
    decimal and the suffix K.
    """

    digits: int
    place: Fraction
    scale: Fraction
    decimals: int
    suffix: str

    @property
    def value(self) -> Fraction:
        """The number itself."""
        return self.digits * self.place

    def fits(self, value: Fraction, reading: str = "rounded") -> bool:
        """Whether `value` prints as this number.

        Rounded, `35` in thousands is 34 500 up to, but not including, 35 500. Truncated, it is
        35 000 to 36 000. Swapped, it is what 53 thousand looks like with two neighbouring digits
        exchanged.
        """
        steps = value / self.place
        if reading == "truncated":
            return self.digits <= steps < self.digits + 1
        if reading == "swapped":
            rounded = int(steps + Fraction(1, 2))
            return rounded != self.digits and str(self.digits) in swaps(str(rounded))
        if reading != "rounded":
            raise CnncostError(f"no reading `{reading}`; there are {', '.join(READINGS)}")
        return Fraction(-1, 2) <= steps - self.digits < Fraction(1, 2)

    def show(self, value: Fraction) -> str:
        """`value` in the units of the printed number, with three decimals more than it has."""
        return decimal(value / self.scale, self.decimals + 3) + self.suffix


def swaps(digits: str) -> set[str]:
    """The digits with each pair of neighbours exchanged."""
    return {digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :] for i in range(len(digits) - 1)}


def fraction(value: Any) -> Fraction:
    """A counted value as an exact fraction.

    Raises:
        CnncostError: it is no number.
    """
    if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
        return Fraction(value)
    if getattr(value, "is_Rational", False):
        return Fraction(int(value.p), int(value.q))
    raise CnncostError(f"{value} is no number")


def decimal(value: Fraction, places: int = 6) -> str:
    """A fraction as a decimal number, rounded to so many places, without trailing zeros."""
    steps = int(abs(value) * 10**places + Fraction(1, 2))
    whole, part = divmod(steps, 10**places)
    text = f"{whole}.{part:0{places}}".rstrip("0").rstrip(".") if places else str(whole)
    return f"-{text}" if value < 0 and steps else text


def read_number(text: str, unit: str | int = 1, kilo: int = 1000, significant: int = 0) -> Printed:
    """The number at the start of a printed text.

    Args:
        unit: what the number counts: a word such as ``KB`` or ``M``, or how many.
        kilo: what the suffix K stands for.
        significant: how many digits count at least; zeros at the end behind them do not.

    Raises:
        CnncostError: the text starts with no number, or the unit is unknown.
    """
    match = NUMBER.match(text.strip())
    if not match:
        raise CnncostError(f"`{text}` starts with no number")
    whole, part, exponent, suffix = match.groups(default="")
    if unit not in UNITS and not isinstance(unit, int):
        raise CnncostError(f"no unit `{unit}`; there are {', '.join(filter(None, UNITS))}")
    scale = Fraction(unit if isinstance(unit, int) else in_units(unit, kilo)) * in_units(suffix, kilo)
    digits, place = int(whole + part), scale * Fraction(10 ** int(exponent or 0), 10 ** len(part))
    while significant and not part and digits % 10 == 0 and len(str(digits)) > significant:
        digits, place = digits // 10, place * 10
    return Printed(digits, place, scale, len(part), suffix)


def in_units(word: str, kilo: int) -> int:
    """What a unit or suffix multiplies by."""
    return kilo if word in ("K", "k") else UNITS[word]
