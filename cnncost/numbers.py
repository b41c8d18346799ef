"""Numbers as people write them: printed ones read at their precision, counted ones formatted.

Rounding happens here and nowhere before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from cnncost.dims import Inputs, Shape
from cnncost.errors import CnncostError

NUMBER = re.compile(r"(?=\.?\d)(\d*)(?:\.(\d*))?(?:e\+?(\d{1,2}))?\s*([KkMGBTx]?)(?![A-Za-z0-9])", re.ASCII)
"""A printed number: digits, decimals, exponent and suffix."""
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
    """A fraction as a decimal number, rounded to `places` places, without trailing zeros."""
    steps = int(abs(value) * 10**places + Fraction(1, 2))
    whole, part = divmod(steps, 10**places)
    text = f"{whole}.{part:0{places}}".rstrip("0").rstrip(".") if places else str(whole)
    return f"-{text}" if value < 0 and steps else text


def read_number(text: str, unit: str | int = 1, kilo: int = 1000, significant: int = 0) -> Printed:
    """The number at the start of a printed text.

    Args:
        unit: what the number counts: a word such as ``KB`` or ``M``, or how many.
        kilo: what the suffix K means: 1000 or 1024.
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


BYTES = re.compile(r"\s*([KMGT]?)(i?)B\Z", re.IGNORECASE)


def byte_unit(text: str, kilo: int) -> tuple[str, int]:
    """A number of bytes without its unit, and the unit: 98 and 1024² for `98MiB`; a MB has `kilo`² bytes."""
    unit = BYTES.search(text)
    if not unit:
        return text, 1
    power = " KMGT".index(unit[1].upper() or " ")
    return text[: unit.start()], (1024 if unit[2] else kilo) ** power


def in_units(word: str, kilo: int) -> int:
    """The factor of a unit or suffix."""
    return kilo if word in ("K", "k") else UNITS[word]


PREFIXES = ("", "k", "M", "G", "T", "P")
BYTE_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")


@dataclass(frozen=True)
class Unit:
    """What a column is counted in: `k` for thousands, `KB` for 1024 bytes."""

    symbol: str
    size: int

    def cell(self, value: int) -> str:
        """`value` in this unit: whole, or one significant digit where it is below one."""
        if value == 0 or self.size == 1:
            return str(value)
        rounded = round_half_up(Fraction(value, self.size))
        return str(rounded) if value >= self.size else one_digit(Fraction(value, self.size))


def round_half_up(value: Fraction) -> int:
    """The nearest whole number; a half goes up, as lecture tables round 253.5 to 254."""
    return int((value + Fraction(1, 2)) // 1)


def one_digit(value: Fraction) -> str:
    """A number between 0 and 1 with one significant digit: 0.6, 0.08."""
    places = next(p for p in range(1, 400) if value * 10**p >= 1)
    digit = round_half_up(value * 10**places)
    if digit == 10:  # 0.096 rounds to 0.1
        digit, places = 1, places - 1
    return f"0.{digit:0{places}d}" if places else "1"


def column_unit(total: int, symbols: tuple[str, ...] = PREFIXES, base: int = 1000) -> Unit:
    """The largest unit in which a column's total keeps four digits: AlexNet's 62 378 k."""
    power = 0
    while total >= 1000 * base ** (power + 1) and power + 1 < len(symbols):
        power += 1
    return Unit(symbols[power], base**power)


def axis_unit(largest: int, symbols: tuple[str, ...] = PREFIXES, base: int = 1000) -> Unit:
    """The largest unit that fits into an axis's largest value: ticks at 20 M, not at 20 000 k."""
    power = 0
    while largest >= base ** (power + 1) and power + 1 < len(symbols):
        power += 1
    return Unit(symbols[power], base**power)


def human(value: int, symbols: tuple[str, ...] = PREFIXES, base: int = 1000) -> str:
    """Three significant digits with a prefix: `62.4 M`, `3.02 MB`, `999`."""
    power = 0
    while value >= base ** (power + 1) and power + 1 < len(symbols):
        power += 1
    text = str(value) if power == 0 else three_digits(Fraction(value, base**power))
    if text == str(base) and power + 1 < len(symbols):  # 999 999 rounds to 1000 k: say 1.00 M
        text, power = "1.00", power + 1
    return f"{text} {symbols[power]}".rstrip()


def tick(value: int, symbols: tuple[str, ...] = PREFIXES, base: int = 1000) -> str:
    """A round number with a prefix and no zeros behind its point: `10 M`, `1 KB`, `2.5 G`."""
    number, space, symbol = human(value, symbols, base).partition(" ")
    return (number.rstrip("0").rstrip(".") if "." in number else number) + space + symbol


def three_digits(value: Fraction) -> str:
    """A number from 1 with three significant digits, or all before its point: 62.4, 1.00, 1023."""
    places = next(p for p in (2, 1, 0) if p == 0 or round_half_up(value * 10**p) < 1000)
    scaled = round_half_up(value * 10**places)
    return f"{scaled // 10**places}.{scaled % 10**places:0{places}d}" if places else str(scaled)


def sizes(values: Iterable[Any]) -> str:
    """Sizes along the axes; equal ones once: `11`, `1×7`."""
    shown = [str(v) for v in values]
    return shown[0] if shown and all(v == shown[0] for v in shown) else "×".join(shown)


def inputs(shapes: Inputs) -> str:
    """What enters a network: `3×64×64`, or `left 3×64×64, right 3×64×64` where inputs have names."""
    if not isinstance(shapes, Mapping):
        return shape(shapes)
    return ", ".join(f"{name} {shape(sizes)}" for name, sizes in shapes.items())


def shape(values: Shape) -> str:
    """A shape in full: `96×55×55`."""
    return "×".join(map(str, values))


def shapes(values: Iterable[Shape]) -> str:
    """Several shapes: `96×55×55 and 96×27×27`."""
    return " and ".join(map(shape, values))


def percent(part: int, total: int) -> Fraction:
    """The share of a part, 0 where there is no whole."""
    return Fraction(part, total) if total else Fraction(0)


def times(value: Fraction) -> str:
    """A ratio: `×2` where it is whole, `×13.6` and `×118` above one, two digits below: `×0.41`."""
    if value.denominator == 1:
        return f"×{value}"
    if value >= 1:
        tenths = round_half_up(value * 10)
        return f"×{tenths // 10}.{tenths % 10}" if tenths < 1000 else f"×{round_half_up(value)}"
    places = next(p for p in range(2, 400) if value * 10**p >= 10)
    scaled = round_half_up(value * 10**places)
    return f"×{scaled // 10**places}.{scaled % 10**places:0{places}d}"


def signed(value: int, symbols: tuple[str, ...] = PREFIXES, base: int = 1000) -> str:
    """A difference with three significant digits and its sign: `+1.23 M`, `-456 k`, `0`."""
    sign = "+" if value > 0 else "-" if value < 0 else ""
    return sign + human(abs(value), symbols, base)


def rate(percent: Fraction) -> str:
    """A percentage with two decimals: 25.60, 23.87."""
    hundredths = round_half_up(percent * 100)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def significant(value: float, digits: int = 3) -> str:
    """A measured number with `digits` significant digits and no exponent: 0.0123, 12.3, 1230."""
    if value == 0 or value != value or value in (float("inf"), float("-inf")):
        return "0" if value == 0 else str(value)
    places = digits - 1 - int(f"{value:.{digits - 1}e}".partition("e")[2])
    return f"{round(value, places):.{max(places, 0)}f}"
