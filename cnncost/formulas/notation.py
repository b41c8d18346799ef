"""Writes sympy expressions as a lecturer does: on one line of text, or in LaTeX.

Terms and factors come in the order of the field, C_out · C_in · K², not of the alphabet; a whole
number next to a floor goes inside it, ⌊(H - K + 2P)/S + 1⌋.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy

ORDER = (
    *("R", "C_out", "F_out", "C'", "F'", "C", "F", "N'", "N", "T'", "L'", "H'", "W'", "T", "L", "H", "W"),
    *("C_in", "F_in", "D", "K", "P", "J", "S", "bytes"),
)
UNKNOWN = ORDER.index("bytes") - 0.5
"""The place of letters that are not in the order."""
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
ADD, MUL, POW, ATOM = 1, 2, 3, 4


@dataclass(frozen=True)
class Text:
    """One line of text: ⌊(227 - 11 + 2·0)/4 + 1⌋."""

    minus: str = " - "
    times: str = " · "
    close: str = "·"
    letters_touch: bool = False
    """Whether a product of single letters is written without signs: 18C²HW."""

    def symbol(self, name: str) -> str:
        return name

    def power(self, base: str, exponent: str) -> str:
        return (
            base + exponent.translate(SUPERSCRIPTS)
            if re.fullmatch(r"-?\d+", exponent)
            else f"{base}^({exponent})"
        )

    def fraction(self, above: str, below: str) -> str:
        return f"{above}/{below}"

    def bracket(self, text: str, kind: str = "()") -> str:
        return kind[0] + text + kind[1]

    def function(self, name: str, arguments: list[str]) -> str:
        return f"{name}({', '.join(arguments)})"


@dataclass(frozen=True)
class Latex(Text):
    r"""LaTeX mathematics: \left\lfloor \frac{227 - 11 + 2 \cdot 0}{4} + 1 \right\rfloor."""

    times: str = r" \cdot "
    close: str = r" \cdot "

    def symbol(self, name: str) -> str:
        base, underscore, index = name.partition("_")
        prime = "'" if name.endswith("'") else ""
        if underscore:
            return (
                rf"{base}_{{\mathrm{{{index}}}}}"
                if index.isalpha() and len(index) > 1
                else f"{base}_{{{index}}}"
            )
        letters = base.rstrip("'")
        return (letters if len(letters) == 1 else rf"\mathrm{{{letters}}}") + prime

    def power(self, base: str, exponent: str) -> str:
        return f"{base}^{{{exponent}}}"

    def fraction(self, above: str, below: str) -> str:
        return rf"\frac{{{strip(above)}}}{{{strip(below)}}}"

    def bracket(self, text: str, kind: str = "()") -> str:
        left, right = {"()": ("(", ")"), "⌊⌋": (r"\lfloor", r"\rfloor"), "⌈⌉": (r"\lceil", r"\rceil")}[kind]
        return rf"\left{left} {text} \right{right}"

    def function(self, name: str, arguments: list[str]) -> str:
        return rf"\{name}\left({', '.join(arguments)}\right)"


def strip(text: str) -> str:
    r"""A fraction's part without the brackets around all of it."""
    left, right = r"\left( ", r" \right)"
    whole = text.startswith(left) and text.endswith(right) and text.count(r"\left(") == 1
    return text[len(left) : -len(right)] if whole else text


@dataclass(frozen=True)
class Writer:
    """Writes expressions in a style, with letters or with the numbers put in for them."""

    style: Text = field(default_factory=Text)
    numbers: Mapping[Any, Any] | None = None

    def write(self, expression: Any) -> str:
        """The expression on one line."""
        return self.walk(sympy.sympify(expression))[0]

    def write_shape(self, shape: Sequence[Any], times: str = " × ") -> str:
        """A shape on one line, sums in brackets."""
        return times.join(self.tight(sympy.sympify(size), MUL if len(shape) == 1 else POW) for size in shape)

    def walk(self, e: Any) -> tuple[str, int]:
        """The text of an expression, and how tightly it binds."""
        if e.is_Symbol:
            return (self.style.symbol(e.name) if self.numbers is None else str(self.numbers[e])), ATOM
        if e.is_Integer:
            return str(e), ATOM if e >= 0 else ADD
        if e.is_Rational:
            return self.style.fraction(str(e.p), str(e.q)), MUL
        if e.is_Add:
            return self.add(e)
        if e.is_Mul:
            return self.mul(e)
        if e.is_Pow:
            return self.pow(e)
        if isinstance(e, sympy.floor):
            return self.style.bracket(self.walk(e.args[0])[0], "⌊⌋"), ATOM
        if isinstance(e, sympy.ceiling):
            return self.style.bracket(self.walk(e.args[0])[0], "⌈⌉"), ATOM
        name = {"Min": "min", "Max": "max"}.get(e.func.__name__, e.func.__name__)
        return self.style.function(name, [self.walk(a)[0] for a in e.args]), ATOM

    def tight(self, e: Any, least: int) -> str:
        """The text, in brackets where it binds too loosely."""
        text, binds = self.walk(e)
        return text if binds >= least else self.style.bracket(text)

    def add(self, e: Any) -> tuple[str, int]:
        terms = sorted(e.args, key=term_order)
        floors = [t for t in terms if isinstance(t, (sympy.floor, sympy.ceiling))]
        wholes = [t for t in terms if t.is_Integer]
        if len(floors) == 1 and wholes:  # ⌊x⌋ + 1 = ⌊x + 1⌋
            kind = "⌊⌋" if isinstance(floors[0], sympy.floor) else "⌈⌉"
            rest = [t for t in terms if t not in floors and t not in wholes]
            inside = self.join([floors[0].args[0], *wholes])
            text = self.style.bracket(inside, kind)
            return (
                (text, ATOM) if not rest else (self.join_text([(text, False), *map(self.signed, rest)]), ADD)
            )
        return self.join(terms), ADD

    def join(self, terms: list[Any]) -> str:
        signed = [self.signed(t) for t in terms]
        lead = next((term for term in signed if not term[1]), signed[0])  # no sum starts with a minus
        return self.join_text([lead, *(term for term in signed if term is not lead)])

    def join_text(self, terms: list[tuple[str, bool]]) -> str:
        """Signed terms in a row."""
        first, *rest = terms
        text = ("-" if first[1] else "") + first[0]
        return text + "".join((self.style.minus if negative else " + ") + t for t, negative in rest)

    def signed(self, term: Any) -> tuple[str, bool]:
        """A term without its sign, and whether it is negative."""
        negative = term.could_extract_minus_sign() and (term.is_number or term.is_Mul)
        return self.tight(-term if negative else term, MUL if not (term.is_Add) else ADD), negative

    def mul(self, e: Any) -> tuple[str, int]:
        above, below = e.as_numer_denom()
        if below != 1:
            return self.style.fraction(self.tight(above, MUL), self.tight(below, POW)), MUL
        coefficient, factors = above.as_coeff_mul()
        if coefficient == 1 and len(factors) == 1:
            return self.walk(factors[0])
        return self.product(coefficient, factors), MUL

    def product(self, coefficient: Any, factors: Sequence[Any]) -> str:
        """A whole number and letters, in the order of the field."""
        parts = [self.tight(f, POW) for f in sorted(factors, key=factor_order)]
        touch = self.numbers is None and self.style.letters_touch and all(map(is_letter, factors))
        joined = ("" if touch else self.style.times).join(parts)
        if coefficient == 1:
            return joined
        if touch:
            return f"{coefficient}{joined}"
        if len(factors) == 1 and factors[0].is_Symbol:  # 2P, 2·0
            return f"{coefficient}{'' if self.numbers is None else self.style.close}{joined}"
        return f"{coefficient}{self.style.times}{joined}"

    def pow(self, e: Any) -> tuple[str, int]:
        base, exponent = e.args
        if exponent.is_Integer and exponent < 0:
            return self.style.fraction("1", self.tight(base**-exponent, POW)), MUL
        return self.style.power(self.tight(base, ATOM), self.walk(exponent)[0]), POW


def is_letter(e: Any) -> bool:
    """Whether a factor is a single letter or a power of one."""
    base = e.args[0] if e.is_Pow else e
    return bool(base.is_Symbol) and len(base.name) == 1


def rank(e: Any) -> float:
    """The place of an expression's first symbol in the field's order."""
    names = [ORDER.index(base) if (base := stem(s.name)) in ORDER else UNKNOWN for s in e.free_symbols]
    return min(names, default=len(ORDER))


def stem(name: str) -> str:
    """The letter without the index of a branch or an axis: `K` of `K_h`."""
    return name if name in ORDER else name.partition("_")[0]


def term_order(term: Any) -> tuple[Any, ...]:
    """Terms by their first symbol, longer products and higher powers first, whole numbers last."""
    factors = sympy.Mul.make_args(term)
    powers = sum(factor.args[1] for factor in factors if factor.is_Pow and factor.args[1].is_Integer)
    return (term.is_Integer, rank(term), -len(factors), -powers, str(term))


def factor_order(factor: Any) -> tuple[Any, ...]:
    """Factors by their first symbol."""
    return (rank(factor), factor.is_Add, str(factor))


def decimal(value: Any) -> str:
    """A rational number as people write it: 55, 27.5, 36.67."""
    fraction = Fraction(int(value.p), int(value.q)) if hasattr(value, "q") else Fraction(value)
    if fraction.denominator == 1:
        return str(fraction.numerator)
    text = f"{float(fraction):.3f}"
    return text.rstrip("0").rstrip(".") if Fraction(text) == fraction else f"{float(fraction):.2f}"
