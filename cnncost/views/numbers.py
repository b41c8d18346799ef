"""The one module that formats numbers. Rounding happens here and nowhere before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from cnncost.convention import Convention
from cnncost.dims import Shape

PREFIXES = ("", "k", "M", "G", "T", "P")
BYTE_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")


def memory_steps(convention: Convention) -> tuple[tuple[str, ...], int]:
    """The symbols of memory's units, and how many of one make the next: bytes, or elements if these count."""
    return (PREFIXES, 1000) if convention.element_bytes == 1 else (BYTE_UNITS, convention.kilo)


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


def shape(values: Shape) -> str:
    """A shape in full: `96×55×55`."""
    return "×".join(map(str, values))


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
    """A measured number with so many significant digits and no exponent: 0.0123, 12.3, 1230."""
    if value == 0 or value != value or value in (float("inf"), float("-inf")):
        return "0" if value == 0 else str(value)
    places = digits - 1 - int(f"{value:.{digits - 1}e}".partition("e")[2])
    return f"{round(value, places):.{max(places, 0)}f}"
