"""Smooth activations: of the exponential family, from sigmoid to GELU."""

from __future__ import annotations

from cnncost.layers.activation import _Elementwise, _Switch, pieces
from cnncost.layers.arguments import one_of
from cnncost.layers.base import example, layer
from cnncost.layers.work import Work


class SiLU(_Switch):
    """x·σ(x), also called swish.

    Shape: any, unchanged.
    Counts: a value takes an exponential, an addition, a division and a multiplication.
    Errors: an argument of the wrong kind.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.SiLU.html

    Example:
        >>> SiLU().out_shape((64, 8, 8))
        (64, 8, 8)
    """

    per_element = Work(exps=1, adds=1, divs=1, muls=1)
    examples = pieces("SiLU")


class Mish(_Switch):
    """x·tanh(softplus(x)).

    Shape: any, unchanged.
    Counts: a value takes an exponential, an addition, a logarithm, a tanh and a multiplication.
    Errors: an argument of the wrong kind.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Mish.html

    Example:
        >>> Mish().out_shape((64, 8, 8))
        (64, 8, 8)
    """

    per_element = Work(exps=3, adds=1, muls=1)
    examples = pieces("Mish")


class SELU(_Switch):
    """λ·x above 0, λα(exp(x) - 1) below.

    Shape: any, unchanged.
    Counts: a value takes a comparison, an exponential, a subtraction and a multiplication.
    Errors: an argument of the wrong kind.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.SELU.html

    Example:
        >>> SELU().out_shape((64, 8, 8))
        (64, 8, 8)
    """

    per_element = Work(compares=1, exps=1, adds=1, muls=1)
    examples = pieces("SELU")


@layer
class ELU(_Elementwise):
    """x above 0, α(exp(x) - 1) below.

    Shape: any, unchanged.
    Counts: a value takes a comparison, an exponential, a subtraction and a multiplication.
    Errors: an argument of the wrong kind.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.ELU.html

    Example:
        >>> ELU().out_shape((64, 8, 8))
        (64, 8, 8)
    """

    alpha: float = 1.0
    inplace: bool = False

    per_element = Work(compares=1, exps=1, adds=1, muls=1)
    examples = pieces("ELU")


@layer
class CELU(_Elementwise):
    """x above 0, α(exp(x/α) - 1) below.

    Shape: any, unchanged.
    Counts: a value takes a comparison, an exponential, a subtraction, a multiplication and a division.
    Errors: an argument of the wrong kind.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.CELU.html

    Example:
        >>> CELU().out_shape((64, 8, 8))
        (64, 8, 8)
    """

    alpha: float = 1.0
    inplace: bool = False

    per_element = Work(compares=1, exps=1, adds=1, muls=1, divs=1)
    examples = pieces("CELU")


@layer
class Softplus(_Elementwise):
    """log(1 + exp(βx)) / β.

    Shape: any, unchanged.
    Counts: a value takes a comparison, an exponential, a logarithm, an addition, a multiplication
        and a division.
    Errors: an argument of the wrong kind.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Softplus.html

    Example:
        >>> Softplus().out_shape((64, 8, 8))
        (64, 8, 8)
    """

    beta: float = 1.0
    threshold: float = 20.0

    per_element = Work(compares=1, exps=2, adds=1, muls=1, divs=1)
    examples = pieces("Softplus")


class Sigmoid(_Elementwise):
    """σ(x) = 1 / (1 + exp(-x)).

    Shape: any, unchanged.
    Counts: a value takes an exponential, an addition and a division.
    Errors: an argument of the wrong kind.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html

    Example:
        >>> Sigmoid().out_shape((64, 8, 8))
        (64, 8, 8)
    """

    per_element = Work(exps=1, adds=1, divs=1)
    examples = pieces("Sigmoid")


class LogSigmoid(_Elementwise):
    """log σ(x).

    Shape: any, unchanged.
    Counts: a value takes an exponential, an addition and a logarithm.
    Errors: an argument of the wrong kind.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSigmoid.html

    Example:
        >>> LogSigmoid().out_shape((64, 8, 8))
        (64, 8, 8)
    """

    per_element = Work(exps=2, adds=1)
    examples = pieces("LogSigmoid")


class Tanh(_Elementwise):
    """tanh(x).

    Shape: any, unchanged.
    Counts: a value takes one tanh.
    Errors: an argument of the wrong kind.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanh.html

    Example:
        >>> Tanh().out_shape((64, 8, 8))
        (64, 8, 8)
    """

    per_element = Work(exps=1)
    examples = pieces("Tanh")


class Softsign(_Elementwise):
    """x / (1 + |x|).

    Shape: any, unchanged.
    Counts: a value takes an addition and a division.
    Errors: an argument of the wrong kind.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Softsign.html

    Example:
        >>> Softsign().out_shape((64, 8, 8))
        (64, 8, 8)
    """

    per_element = Work(adds=1, divs=1)
    examples = pieces("Softsign")


class Tanhshrink(_Elementwise):
    """x - tanh(x).

    Shape: any, unchanged.
    Counts: a value takes a tanh and a subtraction.
    Errors: an argument of the wrong kind.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanhshrink.html

    Example:
        >>> Tanhshrink().out_shape((64, 8, 8))
        (64, 8, 8)
    """

    per_element = Work(exps=1, adds=1)
    examples = pieces("Tanhshrink")


@layer
class GELU(_Elementwise):
    """x·Φ(x), with the normal distribution's Φ, exact or by its tanh approximation.

    Shape: any, unchanged.
    Counts: a value takes an erf (or tanh), an addition, two multiplications and a division; the
        cube of the approximation is not counted apart.
    Errors: an `approximate` that is neither 'none' nor 'tanh'.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.GELU.html

    Example:
        >>> GELU('tanh').out_shape((197, 768))
        (197, 768)
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
