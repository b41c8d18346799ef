"""The only arithmetic that formulas may use besides ``+ - * //``.

A size is anything that adds, multiplies and floor-divides: an ``int``, a sympy expression or a
numpy array. These helpers cover what the operators cannot say without asking which of the three
it is. Neither sympy nor numpy is imported here until a size of theirs arrives.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeAlias

from cnncost.errors import CnncostError, ShapeError

Size: TypeAlias = Any
"""An int, a sympy expression or a numpy array of integers."""

Shape: TypeAlias = tuple[Size, ...]
"""Sizes without the batch axis: (C, H, W), (C, L), (F,)."""

Inputs: TypeAlias = Shape | Mapping[str, Shape]
"""What enters a network: the shape of its only input, or shapes by the names of its inputs."""

Decision = Callable[[Any], "bool | None"]
"""What is taken for a condition that symbols leave open; None leaves it open."""

_decision: ContextVar[Decision | None] = ContextVar("decision", default=None)
_recorded: ContextVar[list[tuple[Any, str]] | None] = ContextVar("assumptions", default=None)


@cache
def symbol(name: str) -> Any:
    """A sympy symbol for a positive whole number."""
    import sympy

    return sympy.Symbol(name, integer=True, positive=True)


def is_symbolic(size: Size) -> bool:
    """Whether `size` is a sympy expression."""
    return hasattr(size, "free_symbols")


def is_size(value: object) -> bool:
    """Whether `value` is a size: a whole number, a symbol or an integer array."""
    if isinstance(value, int):
        return not isinstance(value, bool)
    if is_symbolic(value):
        return True
    dtype = getattr(value, "dtype", None)
    return dtype is not None and dtype.kind in "iuO"


def settled(value: Any) -> Any:
    """A number from outside in the form that formulas are exact in.

    Whole numbers of any library become ints; an integer array becomes one of Python's own ints,
    which do not wrap around as 64 bits do.
    """
    if isinstance(value, int):
        return value
    if is_symbolic(value):
        return int(value) if getattr(value, "is_Integer", False) else value
    dtype = getattr(value, "dtype", None)
    if dtype is not None and value.ndim:
        return value.astype(object) if dtype.kind in "iu" else value
    return int(value) if hasattr(value, "__index__") else value


def product(sizes: Iterable[Size]) -> Size:
    """The product of `sizes`; 1 for none."""
    return math.prod(sizes)


def ceil_div(a: Size, b: Size) -> Size:
    """`a / b` rounded up."""
    if is_symbolic(a) or is_symbolic(b):
        import sympy

        return sympy.ceiling(a / b)
    return -(-a // b)


def minimum(a: Size, b: Size) -> Size:
    """The smaller of `a` and `b`, element by element for arrays."""
    if isinstance(a, int) and isinstance(b, int):
        return min(a, b)
    if is_symbolic(a) or is_symbolic(b):
        import sympy

        return sympy.Min(a, b)
    import numpy

    return numpy.minimum(a, b)


def maximum(a: Size, b: Size) -> Size:
    """The larger of `a` and `b`, element by element for arrays."""
    if is_symbolic(a) or is_symbolic(b):
        import sympy

        return sympy.Max(a, b)
    return -minimum(-a, -b)


def gcd(a: Size, b: Size) -> Size:
    """The greatest common divisor of `a` and `b`; of symbols, the function itself."""
    if isinstance(a, int) and isinstance(b, int):
        return math.gcd(a, b)
    if is_symbolic(a) or is_symbolic(b):
        return symbolic_gcd()(a, b)
    import numpy

    return numpy.gcd(a, b)


@cache
def symbolic_gcd() -> Any:
    """gcd as a sympy function: open for symbols, a number once they are numbers."""
    import sympy

    def known(_cls: type, a: Any, b: Any) -> Any:
        if a.is_Integer and b.is_Integer:
            return sympy.Integer(math.gcd(int(a), int(b)))
        return sympy.S.One if sympy.S.One in (a, b) else None

    traits = {"eval": classmethod(known), "nargs": 2, "is_integer": True, "is_positive": True}
    return type("gcd", (sympy.Function,), traits)


def same(a: Size, b: Size) -> Any:
    """The condition `a == b`, left open where a symbol leaves it open."""
    if is_symbolic(a) or is_symbolic(b):
        import sympy

        return sympy.Eq(a, b)
    return a == b


def alike(a: Size, b: Size) -> bool:
    """Whether two sizes are known to be the same: of symbols, only one and itself."""
    same_everywhere = a == b
    return bool(same_everywhere.all() if hasattr(same_everywhere, "all") else same_everywhere)


def differ(a: Size, b: Size) -> Any:
    """The condition `a != b`, left open where a symbol leaves it open."""
    equal = same(a, b)
    return ~equal if is_symbolic(equal) else a != b


def divisible(a: Size, b: Size) -> Any:
    """The condition that `b` divides `a`."""
    if is_symbolic(a) or is_symbolic(b):
        import sympy

        factor, remainder = sympy.Mod(a, b).as_coeff_Mul()  # 3h divides 3W where h divides W
        return sympy.Eq(remainder if factor else 0, 0)
    return a % b == 0


def require(condition: Any, message: str, *values: object, error: type[CnncostError] = ShapeError) -> None:
    """Hold a formula's input to a rule.

    A known condition is checked now; one that a symbol leaves open is recorded for
    :func:`assumptions`. `message` is a ``str.format`` template for `values`, filled in only when
    the rule is broken.

    Raises:
        ShapeError (or `error`): the condition is false (for an array: false anywhere).
    """
    if condition is True:
        return
    if is_symbolic(condition):
        if condition == True:  # noqa: E712  (sympy's own true, not Python's)
            return
        if condition != False:  # noqa: E712
            recorded = _recorded.get()
            if recorded is not None:
                recorded.append((condition, message.format(*values)))
            return
        condition = False
    if not (condition if isinstance(condition, bool) else condition.all()):
        raise error(message.format(*values))


@contextmanager
def assumptions() -> Iterator[list[tuple[Any, str]]]:
    """Collect what :func:`require` had to take on trust, as (condition, rule) pairs."""
    recorded: list[tuple[Any, str]] = []
    token = _recorded.set(recorded)
    try:
        yield recorded
    finally:
        _recorded.reset(token)


def decided(condition: Any) -> bool | None:
    """What is taken for a condition on symbols, where `deciding` says it; else None."""
    decision = _decision.get()
    return decision(condition) if decision else None


@contextmanager
def deciding(decision: Decision) -> Iterator[None]:
    """Let `decision` say which way an `if` on symbols goes."""
    token = _decision.set(decision)
    try:
        yield
    finally:
        _decision.reset(token)


ASSUMED = "assumed"
"""The rule of a condition that was taken as true, not required."""


def taken_as_true(condition: Any) -> bool:
    """Decide an open condition: it holds, which is recorded as an assumption, unless others rule it out."""
    recorded = _recorded.get() or []
    assumed = [other for other, rule in recorded if rule == ASSUMED]
    known = condition.subs(dict([c.args for c in assumed if c.func.rel_op == "==" and c.args[0].is_Symbol]))
    if known in (True, False):
        return bool(known)
    holds = not any(contradict(condition, other) for other in assumed)
    require(condition if holds else ~condition, ASSUMED)
    return holds


def contradict(a: Any, b: Any) -> bool:
    """Whether an equation of a letter with a value, `t == 1`, rules the other condition out: `t > 1`."""
    pairs = (one.args for one in (a, b) if one.rel_op == "==" and one.args[0].is_Symbol)
    return bool(a == ~b or any(False in (a.subs(*pair), b.subs(*pair)) for pair in pairs))
