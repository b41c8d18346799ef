"""Smooth activations: of the exponential family, from sigmoid to GELU."""

from __future__ import annotations

from cnncost.layers.activation import _Elementwise, _Switch, pieces
from cnncost.layers.arguments import one_of
from cnncost.layers.base import example, layer
from cnncost.layers.work import Work


class SiLU(_Switch):
    """x·σ(x), also called swish."""

    per_element = Work(exps=1, adds=1, divs=1, muls=1)
    examples = pieces("SiLU")


class Mish(_Switch):
    """x·tanh(softplus(x)).

    Counts: each value takes an exponential, an addition, a logarithm, a tanh and a multiplication.
    """

    per_element = Work(exps=3, adds=1, muls=1)
    examples = pieces("Mish")


class SELU(_Switch):
    """λ·x above 0, λα(exp(x) - 1) below."""

    per_element = Work(compares=1, exps=1, adds=1, muls=1)
    examples = pieces("SELU")


@layer
class ELU(_Elementwise):
    """x above 0, α(exp(x) - 1) below."""

    alpha: float = 1.0
    inplace: bool = False

    per_element = Work(compares=1, exps=1, adds=1, muls=1)
    examples = pieces("ELU")


@layer
class CELU(_Elementwise):
    """x above 0, α(exp(x/α) - 1) below."""

    alpha: float = 1.0
    inplace: bool = False

    per_element = Work(compares=1, exps=1, adds=1, muls=1, divs=1)
    examples = pieces("CELU")


@layer
class Softplus(_Elementwise):
    """log(1 + exp(βx)) / β.

    Counts: each value takes a comparison, an exponential, a logarithm, an addition, a multiplication and a
        division.
    """

    beta: float = 1.0
    threshold: float = 20.0

    per_element = Work(compares=1, exps=2, adds=1, muls=1, divs=1)
    examples = pieces("Softplus")


class Sigmoid(_Elementwise):
    """σ(x) = 1 / (1 + exp(-x))."""

    per_element = Work(exps=1, adds=1, divs=1)
    examples = pieces("Sigmoid")


class LogSigmoid(_Elementwise):
    """log σ(x).

    Counts: each value takes an exponential, an addition and a logarithm.
    """

    per_element = Work(exps=2, adds=1)
    examples = pieces("LogSigmoid")


class Tanh(_Elementwise):
    """tanh(x).

    Counts: each value takes one tanh.
    """

    per_element = Work(exps=1)
    examples = pieces("Tanh")


class Softsign(_Elementwise):
    """x / (1 + |x|)."""

    per_element = Work(adds=1, divs=1)
    examples = pieces("Softsign")


class Tanhshrink(_Elementwise):
    """x - tanh(x).

    Counts: each value takes a tanh and a subtraction.
    """

    per_element = Work(exps=1, adds=1)
    examples = pieces("Tanhshrink")


@layer
class GELU(_Elementwise):
    """x·Φ(x), with the normal distribution's Φ, exact or by its tanh approximation.

    Counts: each value takes an erf (or tanh), an addition, two multiplications and a division; the cube of
        the approximation is not counted separately.
    Errors: an `approximate` that is neither 'none' nor 'tanh'.
    """

    approximate: str = "none"

    per_element = Work(exps=1, adds=1, muls=2, divs=1)
    examples = (
        *pieces("GELU"),
        *pieces("GELU('tanh')"),
        example("GELU('x')", (3,), fails="must be one of 'none'"),
    )

    def __post_init__(self) -> None:
        one_of("approximate", self.approximate, ("none", "tanh"))
