"""The value of a cell: a number at its written precision, a shape, or sizes.

Texts are matched with patterns and never evaluated. A text that can be read in several ways keeps all
of them, the likeliest first, so that no answer is wrong because of its spelling.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from cnncost.homework.read.grid import AnswerCell
from cnncost.homework.read.quantities import BYTES, SHAPE, SIZE
from cnncost.homework.read.text import with_common_signs
from cnncost.homework.read.unit_names import POWERS, unit_behind
from cnncost.numbers import Printed

DIGITS = 25
"""More digits than any count of a network has."""
LARGEST = 10**12
AXES = 5


@dataclass(frozen=True)
class Answer:
    """A cell and what it says.

    `numbers` are the ways to read it as a number, the likeliest first. `sizes` are those of a shape in
    the order written; `channels` is the place of the channel count where the notation fixes it
    (``96@55x55``). `problem` says why the cell cannot be read, `remark` what was noticed.
    """

    cell: AnswerCell
    numbers: tuple[Printed, ...] = ()
    sizes: tuple[int, ...] = ()
    channels: int | None = None
    problem: str = ""
    remark: str = ""

    @property
    def blank(self) -> bool:
        """Whether the cell was not filled in."""
        return self.cell.blank

    @property
    def readable(self) -> bool:
        """Whether the cell has a value."""
        return bool(self.numbers or self.sizes)


def read_cell(
    cell: AnswerCell, kind: str, unit: str = "", kilo: int = 1024, or_in_full: bool = True
) -> Answer:
    """Read a cell as one kind of value.

    Args:
        cell: the cell.
        kind: shape, size, number, count or bytes (see `quantities`).
        unit: the unit of a number written without one.
        kilo: how many bytes a KB has.
        or_in_full: also accept such a number without the unit, since people write 34944 below `params (k)`.
    """
    if cell.blank:
        return Answer(cell)
    text = with_common_signs(cell.text)
    if text.startswith("="):
        return Answer(cell, problem=cell.note or "a formula: formulas are not evaluated, write its value")
    if kind in (SHAPE, SIZE):
        answer = read_sizes(cell, text, kind)
    else:
        answer = read_number_cell(cell, text, kind, (unit, "") if unit and or_in_full else (unit,), kilo)
    return replace(answer, remark=cell.note)


# Numbers

NUMBER = re.compile(
    r"(?P<about>~|≈|≃|about |approx\.? |ca\.? |=)?\s*(?P<sign>[-+])?\s*"
    r"(?P<digits>\d[\d,.' _]*|\.\d+)"
    r"\s*(?:(?:e|[x*] ?10\^?|[x*] ?10\*\*)\s?(?P<exponent>\+?\d{1,2})\b|(?P<power>[x*] ?10[⁰¹²³⁴⁵⁶⁷⁸⁹]))?"
    r"\s*(?P<unit>[A-Za-z][A-Za-z ]*)?",
    re.IGNORECASE,
)
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"


def read_number_cell(cell: AnswerCell, text: str, kind: str, units: tuple[str, ...], kilo: int) -> Answer:
    """A number in its own unit, else in each of `units`; or the problem with it."""
    match = NUMBER.fullmatch(text)
    if not match:
        return Answer(cell, problem=problem_with_number(text))
    unit = unit_behind(match["unit"] or "", kind)
    if unit is None:
        return Answer(cell, problem=f"the unit `{(match['unit'] or '').strip()[:20]}` is not known here")
    readings = whole_and_part(match["digits"].strip(" _'"))
    if not readings:
        return Answer(cell, problem="not one number: write digits, such as 1234 or 1,234")
    exponent = int(match["exponent"] or (SUPERSCRIPTS.index(match["power"][-1]) if match["power"] else 0))
    sign = -1 if match["sign"] == "-" else 1
    numbers = []
    for used in (unit,) if unit else units:
        scale = Fraction((kilo if kind == BYTES else 1000) ** POWERS[used])
        for whole, part in readings:
            place = scale * Fraction(10**exponent, 10 ** len(part))
            numbers.append(Printed(sign * int(whole + part), place, scale, len(part), used))
    return Answer(cell, tuple(numbers))


def problem_with_number(text: str) -> str:
    """Why a text is not a number."""
    if re.search(r"\d\s*[-+*/x^]\s*\(?\s*\d", text) or "(" in text:
        return "a calculation or a shape, not one number: write its result"
    return (
        "not a number" if not re.search(r"\d", text) else "not one number: write digits, such as 1234 or 1.2k"
    )


def whole_and_part(digits: str) -> list[tuple[str, str]]:
    """The ways to split digits with commas and points into whole and decimals, the likeliest first.

    `34,944` is thirty-four thousand. `34.944` is a decimal, or a thousand in countries that exchange point
    and comma. `1,13` can only be a decimal.
    """
    text = re.sub(r"(?<=\d)[ _'](?=\d{3}(?!\d))", "", digits)
    if len(text) > DIGITS:
        return []
    found = []
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d*)?|\d+(\.\d*)?|\.\d+", text):  # 1,234.5
        found.append(text.replace(",", "").partition("."))
    if re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d+)?|\d+,\d+", text):  # 1.234,5
        found.append(text.replace(".", "").partition(","))
    return list(dict.fromkeys((whole, part) for whole, _, part in found))


# Shapes

SEPARATORS = re.compile(r"\s*[x*,;/ ]\s*", re.IGNORECASE)
MAPS = re.compile(r"(\d{1,9}) ?@ ?(\d.*)|(\d.*?) ?@ ?(\d{1,9})")
BATCH = ("none", "n", "b", "batch")
"""What people write for the batch axis in front of a shape."""


def read_sizes(cell: AnswerCell, text: str, kind: str) -> Answer:
    """A shape, or a size for each axis; or the problem with it."""
    inner = text.strip("()[]{} ").removesuffix("px").strip()
    channels: int | None = None
    if kind == SHAPE and (match := MAPS.fullmatch(inner)):  # 96@55x55, 55x55@96
        count, rest = (match[1], match[2]) if match[1] is not None else (match[4], match[3])
        inner, channels = f"{count}x{rest}", 0
    parts = SEPARATORS.split(inner.casefold())
    if (number := unrounded_size(parts)) is not None:
        return Answer(cell, (number,))
    if kind == SHAPE and len(parts) > 2 and parts[0] in BATCH:
        parts = parts[1:]
    if not all(part.isascii() and part.isdigit() for part in parts):
        return Answer(cell, problem=problem_with_sizes(text, kind))
    if len(parts) > AXES or any(len(part) > DIGITS or int(part) > LARGEST for part in parts):
        return Answer(cell, problem="no shape of a layer has such sizes")
    sizes = tuple(map(int, parts))
    if re.fullmatch(r"\d{1,3}(,\d{3})+", text):  # 9,216 is two sizes, or one with a thousands comma
        one = Printed(int(text.replace(",", "")), Fraction(1), Fraction(1), 0, "")
        return Answer(cell, (one,), sizes, channels)
    return Answer(cell, (), sizes, channels)


def unrounded_size(parts: list[str]) -> Printed | None:
    """The decimal size of 27.5x27.5x96; None where all sizes are whole, or decimals differ."""
    decimals = {part for part in parts if re.fullmatch(r"\d{1,6}\.\d{1,6}", part)}
    if len(decimals) != 1 or not all(part.isdigit() or part in decimals for part in parts):
        return None
    whole, _, part = decimals.pop().partition(".")
    return Printed(int(whole + part), Fraction(1, 10 ** len(part)), Fraction(1), len(part), "")


def problem_with_sizes(text: str, kind: str) -> str:
    """Why a text is not a shape."""
    example = "CxHxW, such as 64x32x32" if kind == SHAPE else "32 or 32x32"
    if re.search(r"\d\.\d", text):
        return f"a size is a whole number: write {example}"
    return f"not {'a shape' if kind == SHAPE else 'a size'}: write {example}"
