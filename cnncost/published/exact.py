"""Expressions in exact arithmetic: the notation's, over rational numbers and symbols."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import sympy

from cnncost import dims
from cnncost.errors import Place
from cnncost.spec.evaluator import Evaluator
from cnncost.spec.expression import parse


class Exact(Evaluator):
    """An evaluator that keeps fractions exact: its numbers are rational numbers of sympy."""

    plain = False

    def visit_Constant(self, node: ast.Constant) -> Any:
        return rational(super().visit_Constant(node))

    def visit_Name(self, node: ast.Name) -> Any:
        return rational(super().visit_Name(node))

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        value, index = self.visit(node.value), self.visit(node.slice)
        whole = isinstance(index, sympy.Integer) and isinstance(value, tuple)
        if not whole or not -len(value) <= index < len(value):
            raise self.fail(node, f"`{self.expression.typed(node)}`: a list has no such item")
        return rational(value[int(index)])

    def check_power(self, node: ast.AST, base: Any, exponent: Any) -> None:
        """Refuse a power before it is computed, as for whole numbers."""
        known = isinstance(base, sympy.Rational) and isinstance(exponent, sympy.Rational)
        if known and max(abs(base.p), base.q).bit_length() * abs(exponent) > MOST_BITS:
            raise self.fail(node, f"`{self.expression.typed(node)}` is too large")

    def limited(self, node: ast.AST, value: Any) -> Any:
        if dims.is_symbolic(value) and value.has(sympy.zoo, sympy.nan):
            raise self.fail(node, f"`{self.expression.typed(node)}` divides by zero")
        return value if isinstance(value, sympy.Rational) else super().limited(node, value)


MOST_BITS = 1000
"""The largest power: no count has that many."""


def rational(value: Any) -> Any:
    """A number as a rational number; anything else as it is."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return sympy.Rational(str(value)) if number else value


def evaluate(text: str, names: Mapping[str, Any]) -> Any:
    """An expression's value, without eval, over the names given."""
    return Exact(parse(text, Place("published", 1, 1, text)), names, lambda: list(names)).value()
