"""The value of a claim: its expression, evaluated for the part of a network that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy

from cnncost.errors import CnncostError
from cnncost.formulas.notation import Text, Writer
from cnncost.numbers import decimal, fraction, read_number
from cnncost.published.claim import AS_PRINTED, Claim
from cnncost.published.exact import evaluate
from cnncost.published.networks import part
from cnncost.published.quantities import Part, quantity_named
from cnncost.published.tables import folder, read_table
from cnncost.spec.names import WithSymbols


class ClaimNames(WithSymbols):
    """What an expression can name: quantities of a part, values given, and symbols for the rest."""

    def __init__(self, part: Part | None, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.part = part

    def __missing__(self, name: str) -> Any:
        read = self.part and quantity_named(name)
        return read(self.part) if self.part and read else super().__missing__(name)


def expression_names(claim: Claim, **values: int) -> ClaimNames:
    """The names that the claim's expressions see; some params may have other values."""
    if claim.network is None and claim.call is None and claim.spec is None:
        return ClaimNames(None, values)
    return ClaimNames(part(claim, {**claim.params, **values}), values)


def value_of(claim: Claim, **values: int) -> Any:
    """The claim's quantity, over that of the claim it is `per`: a number, a text or an expression."""
    if claim.quotient:
        above, below = map(printed_figure, claim.quotient)
        return above / below
    if claim.value is None:
        raise CnncostError("the claim has no value")
    value = evaluate(claim.value, expression_names(claim, **values))
    if claim.per is not None:
        value = sympy.sympify(value, strict=True) / value_of(claim.per, **values)
    if claim.limit is not None:
        return sympy.limit(sympy.simplify(value), evaluate(claim.limit, WithSymbols()), sympy.oo)
    return value


@lru_cache(maxsize=16)
def printed_figure(name: str) -> Fraction:
    """A figure of figures.csv as it is printed, right or wrong."""
    cells = {cell.id: cell for cell in read_table(folder() / "figures.csv")}
    cell = cells[f"figures/{name}"]
    return read_number(cell.printed, cell.claim.unit, cell.claim.kilo).value


def runs(claim: Claim) -> Iterator[dict[str, int]]:
    """The values that the claim is tried `over`: each param from 1 to what is given."""
    if not claim.over:
        yield {}
    for name, last in claim.over.items():
        yield from ({name: n} for n in range(1, last + 1))


def filled_in(template: str, names: Mapping[str, Any]) -> str:
    """A template with each expression in braces replaced by its value."""

    def filled(match: re.Match[str]) -> str:
        value = evaluate(match[1], names)
        return value if isinstance(value, str) else decimal(fraction(value))

    return re.sub(r"\{([^{}]+)\}", filled, template)


# Arithmetic and formulas, as printed

ARITHMETIC = re.compile(r"[\d.x*()/+\- ]*\d[\d.x*()/+\- ]*[x*/+\-][\d.x*()/+\- ]*")


def arithmetic(text: str) -> tuple[Fraction, Fraction | None] | None:
    """The result of a printed calculation, and the result that it prints; None for other texts.

    `(56 - 3 + 0)/2 + 1 = 27.5, floor` is (27.5, 27.5).
    """
    left, equals, right = text.partition(",")[0].partition("=")
    if not ARITHMETIC.fullmatch(left.strip()):
        return None
    written = fraction(evaluate(right.strip(), {})) if equals else None
    return fraction(evaluate(left.strip().replace("x", "*"), {})), written


TOKEN = re.compile(r"\s*(\d+|[A-Za-z](?:_[a-z]+)?'?|[-+*/^()])")


def notation(formula: str) -> str:
    """A printed formula in our notation: `9HWC^2` is `9*H*W*C**2`, `H'` is `H_out`."""
    words: list[str] = []
    position = 0
    while position < len(formula.rstrip()):
        match = TOKEN.match(formula, position)
        if not match:
            raise CnncostError(f"`{formula}` is no formula from character {position + 1}")
        token = match[1]
        operand = token not in "-+*/^)"
        if operand and words and words[-1] not in "-+*/**(":
            words.append("*")
        words.append("**" if token == "^" else token.replace("'", "_out"))
        position = match.end()
    return "".join(words)


def formulas_in(claim: Claim, printed: str) -> list[str]:
    """The claim's formulas in our notation; printed ones are separated by `=`."""
    if claim.formula == AS_PRINTED:
        return [notation(part) for part in printed.split("=")]
    return [claim.formula] if isinstance(claim.formula, str) else list(claim.formula or ())


def proved(claim: Claim, printed: str) -> tuple[bool, str]:
    """Whether each formula equals what is counted, and what is counted."""
    written, equal = [], True
    for values in runs(claim):
        counted = value_of(claim, **values)
        names = expression_names(claim, **values)
        equal &= all(zero(counted - evaluate(formula, names)) for formula in formulas_in(claim, printed))
        written.append(Writer(Text(letters_touch=True)).write(counted))
    return equal, ", ".join(written)


def zero(difference: Any) -> bool:
    """Whether a symbolic difference vanishes."""
    return bool(sympy.expand(difference) == 0 or sympy.simplify(difference) == 0)
