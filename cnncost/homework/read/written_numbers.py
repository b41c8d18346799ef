"""Numbers as people write them: 34,944 or ~35k or (11*11*3 + 1)*96 = 34,944."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from cnncost.homework.read.answer import Answer
from cnncost.homework.read.arithmetic import NotArithmetic, evaluate
from cnncost.homework.read.grid import AnswerCell
from cnncost.homework.read.quantities import BYTES
from cnncost.homework.read.text import printable
from cnncost.homework.read.unit_names import COUNTED, POWERS, unit_behind
from cnncost.numbers import Printed, decimal

DIGITS = 25
"""More digits than any count of a network has."""
NUMBER = re.compile(
    r"(?P<about>~|≈|≃|about |around |roughly |approx\.? |approximately |circa |ca\.? |=)*\s*"
    r"(?P<sign>[-+])?\s*"
    r"(?P<digits>\d[\d,.' _]*|\.\d+)"
    r"\s*(?:(?:e|[x*] ?10(?:\^|\*\*))\s?(?P<exponent>\+?\d{1,2})\b)?"
    r"\s*(?P<unit>[A-Za-z][A-Za-z .]*)?",
    re.IGNORECASE,
)
LABEL = re.compile(r"[#a-z][\w #./]{0,40}?[:=]\s*(?=\S)", re.IGNORECASE)
"""A name in front of a value: ``params = 34944``."""
IN_BRACKETS = re.compile(r"\((?=[^()]*[a-z]{2})[^()]*\)", re.IGNORECASE)
"""Words in brackets: ``34944 (with bias)``."""
STATEMENTS = re.compile(r";|->|=>|→|⇒|,\s+(?=[-+*/])|,?\s+(?:so|thus|hence|therefore)\b:?", re.IGNORECASE)
SIDES = re.compile(r"\s*[=≈≃]\s*")
WORDS = re.compile(rf"\b(?:{'|'.join((*COUNTED, 'and', 'bias', 'biases'))})\b", re.IGNORECASE)
NEAR = Fraction(1, 100)
"""How far a result in rounded thousands may be from its calculation."""


def read_number(cell: AnswerCell, text: str, kind: str, units: tuple[str, ...], kilo: int) -> Answer:
    """A number in its own unit, else in each of `units`; or the problem with it."""
    reader = NumberReader(cell, kind, units, kilo)
    text = text.strip("'\"")  # a spreadsheet's sign for a text
    plain = reader.plain(text)
    if plain.readable:
        return plain
    bare = IN_BRACKETS.sub(" ", text).strip(" =;,")
    bare = LABEL.sub("", bare, count=1) if LABEL.match(bare) else bare
    found = reader.plain(bare)
    if not found.readable:
        found = reader.calculated(bare)
    if found.readable:
        return found
    if text.startswith("="):
        return Answer(cell, problem="a formula: formulas are not evaluated, write its value")
    return plain


class NumberReader:
    """Reads the texts of one cell; the arguments as in `read_number`."""

    def __init__(self, cell: AnswerCell, kind: str, units: tuple[str, ...], kilo: int) -> None:
        self.cell, self.kind, self.units, self.kilo = cell, kind, units, kilo

    def scale(self, unit: str) -> Fraction:
        """How many a unit is."""
        return Fraction((self.kilo if self.kind == BYTES else 1000) ** POWERS[unit])

    def plain(self, text: str) -> Answer:
        """A text that is one number, with its unit."""
        match = NUMBER.fullmatch(text)
        if not match:
            return Answer(self.cell, problem=problem_with_number(text))
        unit = unit_behind(match["unit"] or "", self.kind)
        if unit is None:
            shown = (match["unit"] or "").strip()[:20]
            return Answer(self.cell, problem=f"the unit `{shown}` is not known here")
        readings = whole_and_part(match["digits"].strip(" _'"))
        if not readings:
            return Answer(self.cell, problem="not one number: write digits, such as 1234 or 1,234")
        exponent = int(match["exponent"] or 0)
        sign = -1 if match["sign"] == "-" else 1
        numbers = []
        for used in (unit,) if unit else self.units:
            for whole, part in readings:
                place = self.scale(used) * Fraction(10**exponent, 10 ** len(part))
                numbers.append(Printed(sign * int(whole + part), place, self.scale(used), len(part), used))
        return Answer(self.cell, tuple(numbers))

    def calculated(self, text: str) -> Answer:
        """A calculation by its result, the last number written or what it comes to; and where it slips."""
        statements = [part for part in STATEMENTS.split(text) if part.strip()]
        if not statements:
            return Answer(self.cell)
        sides = [side for side in SIDES.split(statements[-1]) if side.strip()]
        if len(sides) == 2 and self.plain(sides[0]).readable and not self.plain(sides[1]).readable:
            sides.reverse()  # 34944 = (11*11*3 + 1)*96
        result = self.worked_out(sides[-1]) if sides else Answer(self.cell)
        slip = next((slip for part in statements if (slip := self.slip(part))), "")
        return (
            replace(result, remark=slip or result.remark, slip=slip) if result.readable else Answer(self.cell)
        )

    def worked_out(self, text: str) -> Answer:
        """A number, or what a calculation comes to."""
        if (found := self.plain(text)).readable:
            return found
        values, unit = self.values(text)
        numbers = tuple(
            exact(value * self.scale(used), self.scale(used), used)
            for used in ((unit,) if unit else self.units)
            for value in values
        )
        if not numbers:
            return Answer(self.cell)
        return Answer(self.cell, numbers, remark=f"`{printable(text)}` is {decimal(values[0])}{unit}")

    def values(self, text: str) -> tuple[list[Fraction], str]:
        """What a calculation can come to, with points or with commas for decimals; and its unit."""
        unit = ""
        if behind := re.fullmatch(r"(.*[\d)\]}])\s*([a-z][a-z .]*)", text, re.IGNORECASE):
            found = unit_behind(behind[2], self.kind)
            text, unit = (behind[1], found) if found is not None else (text, "")
        return list(dict.fromkeys(calculations(WORDS.sub(" ", text)))), unit

    def slip(self, statement: str) -> str:
        """Where two sides of a statement differ by more than their rounding; empty if nowhere."""
        sides = [side for side in SIDES.split(statement) if side.strip()]
        if len(sides) == 2 and self.plain(sides[0]).readable:
            sides.reverse()
        for left, right in pairwise(sides):
            values, unit = self.values(left)
            results = self.worked_out(right).numbers
            if unit or self.plain(left).readable or not values or not results:
                continue
            if not any(agree(number, value) for number in results for value in values):
                return f"`{printable(left)}` does not give {printable(right)}"
        return ""


def calculations(text: str) -> Iterator[Fraction]:
    """The values of a calculation, with points and then with commas before the decimals."""
    for spelled in (text, text.translate(str.maketrans(".,", ",."))):
        try:
            yield evaluate(spelled)
        except NotArithmetic:
            continue


def exact(value: Fraction, scale: Fraction, unit: str) -> Printed:
    """A computed number, to a tenth: its last zeros are no rounding."""
    return Printed(10 * value.numerator, Fraction(1, 10 * value.denominator), scale, 0, unit)


def agree(number: Printed, value: Fraction) -> bool:
    """Whether a written result is what its calculation comes to, perhaps rounded."""
    rounded = number.suffix or number.digits % 100 == 0
    return number.fits(value) or bool(rounded and abs(number.value - value) <= NEAR * abs(value))


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
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d*)?|\d+(\.\d*)?|\.\d+|\d{1,2}(,\d{2})+,\d{3}", text):  # 1,234.5
        found.append(text.replace(",", "").partition("."))
    if re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d+)?|\d+,\d+", text):  # 1.234,5
        found.append(text.replace(".", "").partition(","))
    return list(dict.fromkeys((whole, part) for whole, _, part in found))
