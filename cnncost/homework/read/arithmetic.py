"""Calculations that people write as an answer, worked out without running anything: ``(5*5*96 + 1)*256``.

Only numbers, ``+ - * / ^``, brackets and floor are known; what is longer, deeper or larger than any layer
needs is refused. A spreadsheet's formulas are worked out here too, with their cells looked up.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

CHARACTERS, DEPTH = 300, 20
"""The longest text, and the most brackets within brackets."""
LARGEST, POWER = 10**18, 64
"""The largest value on the way, and the largest exponent."""

TOKEN = re.compile(
    r"\s*(?:(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?|\.\d+)|(?P<sign>\*\*|[-+*/^()\[\]{},:])"
    r"|(?P<name>\$?[a-z]+\$?\d*))",
    re.IGNORECASE,
)
CLOSING = {"(": ")", "[": "]", "{": "}"}

Lookup = Callable[[str], Fraction]
"""The value of a spreadsheet's cell by its name; raises NotArithmetic where it has none."""
Ranges = Callable[[str, str], Fraction]
"""The sum of the cells between two corners."""


class NotArithmetic(Exception):
    """A text is no calculation, or one that is too large; never shown to a user."""


def evaluate(text: str, cell: Lookup | None = None, total: Ranges | None = None) -> Fraction:
    """The value of a calculation; `cell` and `total` look up the cells that a formula names.

    Raises:
        NotArithmetic: it is none.
    """
    return Calculation(text, cell, total).value()


class Calculation:
    """A calculation that is read from left to right, one token at a time."""

    def __init__(self, text: str, cell: Lookup | None, total: Ranges | None) -> None:
        if len(text) > CHARACTERS:
            raise NotArithmetic
        self.cell, self.total = cell, total
        self.tokens = tokens_of(multiplied(text) if cell is None else text)
        self.at = self.depth = 0

    def value(self) -> Fraction:
        """The value of the whole text."""
        found = self.sum()
        if self.next is not None:
            raise NotArithmetic
        return found

    @property
    def next(self) -> str | None:
        """The next token; None at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, *wanted: str) -> str | None:
        """The next token if it is one of `wanted`, which is then behind us."""
        token = self.next
        if token not in wanted:
            return None
        self.at += 1
        return token

    def sum(self) -> Fraction:
        """Terms with + and - between them."""
        found = self.product()
        while sign := self.take("+", "-"):
            term = self.product()
            found = bounded(found + term if sign == "+" else found - term)
        return found

    def product(self) -> Fraction:
        """Factors with * and / between them, or none before a bracket: 96(11*11*3 + 1)."""
        found = self.power()
        while True:
            sign = self.take("*", "/")
            if sign is None and self.next not in CLOSING:
                return found
            factor = self.power()
            if sign == "/" and not factor:
                raise NotArithmetic
            found = bounded(found / factor if sign == "/" else found * factor)

    def power(self) -> Fraction:
        """A number or a bracket, and what it is raised to."""
        if sign := self.take("+", "-"):
            return self.power() if sign == "+" else -self.power()
        base = self.atom()
        if not self.take("^", "**"):
            return base
        exponent = self.power()
        if exponent.denominator != 1 or not 0 <= exponent <= POWER or abs(base) > LARGEST:
            raise NotArithmetic
        return bounded(base ** int(exponent))

    def atom(self) -> Fraction:
        """A number, a cell's name, a function, or a sum in brackets."""
        token, self.at = self.next, self.at + 1
        if token is None:
            raise NotArithmetic
        if token in CLOSING:
            return self.inside(token)
        if token[0].isdigit() or token[0] == ".":
            return bounded(Fraction(token.replace(",", "")))
        name = token.replace("$", "").upper()
        if name == "FLOOR" and (opening := self.take(*CLOSING)):
            return Fraction(self.inside(opening) // 1)
        if name == "SUM" and self.total and self.take("("):
            return self.summed()
        if self.cell is None:
            raise NotArithmetic
        return self.cell(name)

    def inside(self, opening: str) -> Fraction:
        """The sum in a bracket that was opened."""
        self.depth += 1
        if self.depth > DEPTH:
            raise NotArithmetic
        found = self.sum()
        if not self.take(CLOSING[opening]):
            raise NotArithmetic
        self.depth -= 1
        return found

    def summed(self) -> Fraction:
        """The sum of a spreadsheet's SUM(A1:A3, B2)."""
        assert self.total is not None
        found = Fraction(0)
        while True:
            first = self.next
            if first is not None and self.tokens[self.at + 1 : self.at + 2] == [":"]:
                last = self.tokens[self.at + 2 : self.at + 3]
                self.at += 3
                found += self.total(*(name.replace("$", "").upper() for name in (first, *last, "")[:2]))
            else:
                found += self.sum()
            if self.take(")"):
                return bounded(found)
            if not self.take(","):
                raise NotArithmetic


def bounded(value: Fraction) -> Fraction:
    """A value, unless it is too large or too fine for one of a layer."""
    if abs(value) > LARGEST or value.denominator > LARGEST:
        raise NotArithmetic
    return value


def tokens_of(text: str) -> list[str]:
    """The numbers, signs and names of a text."""
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise NotArithmetic
        found.append(match[match.lastgroup or 0].lower())
        at = match.end()
    return found


def multiplied(text: str) -> str:
    """A text in which an `x` between numbers or brackets is a `*`, and 34 944 one number."""
    joined = re.sub(r"(?<=\d)[ '_](?=\d{3}(?!\d))", "", text)
    return re.sub(r"(?<=[\d)\]}])\s*x\s*(?=[\d(\[{])", "*", joined, flags=re.IGNORECASE)
