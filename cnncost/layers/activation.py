"""Activations: one value in, one value out, and the softmaxes.

An activation follows its layer in place. Its work is stated an element, from its definition; a
function of the exponential family counts as one of `exps`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from cnncost import dims
from cnncost.dims import Shape, Size, product
from cnncost.errors import ArgumentError, ShapeError
from cnncost.layers.base import (
    Layer,
    Work,
    example,
    flag,
    no_weights,
    number,
    one_input,
    one_of,
    settle,
    whole,
)
from cnncost.layers.window import Reach, Whole


class _Elementwise(Layer, abstract=True):
    """Every output value from the input value at the same place."""

    in_place = True
    per_element: ClassVar[Work]
    weights = no_weights("a fixed function")

    def __post_init__(self) -> None:
        for f in self.parameters():
            value = getattr(self, f.name)
            if isinstance(f.default, bool):
                settle(self, **{f.name: flag(f.name, value)})
            elif isinstance(f.default, (int, float)):
                number(f.name, value)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        return one_input(in_shapes)

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return self.per_element.times(product(out))


@dataclass(frozen=True)
class _Switch(_Elementwise, abstract=True):
    """An activation whose only argument is whether it overwrites its input."""

    inplace: bool = False


def pieces(call: str) -> tuple[Any, ...]:
    """The examples of an activation: an image and a vector."""
    return (example(call, (3, 5, 7)), example(call, (11,)))


class ReLU(_Switch):
    """max(0, x).

    Shape: any, unchanged.
    Counts: a value takes one comparison.
    Errors: an argument of the wrong kind.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU.html

    Example:
        >>> ReLU().out_shape((64, 8, 8))
        (64, 8, 8)
    """

    per_element = Work(compares=1)
    examples = pieces("ReLU")


class ReLU6(_Switch):
    """min(max(0, x), 6).

    Shape: any, unchanged.
    Counts: a value takes two comparisons.
    Errors: an argument of the wrong kind.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU6.html

    Example:
        >>> ReLU6().out_shape((64, 8, 8))
        (64, 8, 8)
    """

    per_element = Work(compares=2)
    examples = pieces("ReLU6")


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


class Hardsigmoid(_Switch):
    """min(max(x/6 + 1/2, 0), 1).

    Shape: any, unchanged.
    Counts: a value takes a multiplication, an addition and two comparisons.
    Errors: an argument of the wrong kind.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardsigmoid.html

    Example:
        >>> Hardsigmoid().out_shape((64, 8, 8))
        (64, 8, 8)
    """

    per_element = Work(muls=1, adds=1, compares=2)
    examples = pieces("Hardsigmoid")


class Hardswish(_Switch):
    """x·hardsigmoid(x).

    Shape: any, unchanged.
    Counts: a value takes two multiplications, an addition and two comparisons.
    Errors: an argument of the wrong kind.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardswish.html

    Example:
        >>> Hardswish().out_shape((64, 8, 8))
        (64, 8, 8)
    """

    per_element = Work(muls=2, adds=1, compares=2)
    examples = pieces("Hardswish")


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


@dataclass(frozen=True)
class LeakyReLU(_Elementwise):
    """x above 0, slope·x below.

    Shape: any, unchanged.
    Counts: a value takes a comparison and a multiplication.
    Errors: an argument of the wrong kind.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html

    Example:
        >>> LeakyReLU().out_shape((64, 8, 8))
        (64, 8, 8)
    """

    negative_slope: float = 0.01
    inplace: bool = False

    per_element = Work(compares=1, muls=1)
    examples = pieces("LeakyReLU(0.2)")


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Hardtanh(_Elementwise):
    """x kept between a smallest and a largest value.

    Shape: any, unchanged.
    Counts: a value takes two comparisons.
    Errors: an argument of the wrong kind.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html

    Example:
        >>> Hardtanh().out_shape((64, 8, 8))
        (64, 8, 8)
    """

    min_val: float = -1.0
    max_val: float = 1.0
    inplace: bool = False

    per_element = Work(compares=2)
    examples = pieces("Hardtanh")


@dataclass(frozen=True)
class Threshold(_Elementwise):
    """x above the threshold, a constant below.

    Shape: any, unchanged.
    Counts: a value takes one comparison.
    Errors: an argument of the wrong kind.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Threshold.html

    Example:
        >>> Threshold(0.1, 20).out_shape((64, 8, 8))
        (64, 8, 8)
    """

    threshold: float
    value: float
    inplace: bool = False

    per_element = Work(compares=1)
    examples = pieces("Threshold(0.1, 20)")


@dataclass(frozen=True)
class Softplus(_Elementwise):
    """log(1 + exp(βx)) / β.

    Shape: any, unchanged.
    Counts: a value takes a comparison, an exponential, a logarithm, an addition, a multiplication and a division.
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


@dataclass(frozen=True)
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
    examples = (*pieces("GELU"), *pieces("GELU('tanh')"), example("GELU('x')", (3,), fails="must be one of 'none'"))

    def __post_init__(self) -> None:
        one_of("approximate", self.approximate, ("none", "tanh"))


@dataclass(frozen=True)
class PReLU(_Elementwise):
    """x above 0, a·x below, with a learned slope a: one for all channels or one for each.

    Shape: any, unchanged.
    Counts: a value takes a comparison and a multiplication. Parameters: `num_parameters`.
    Errors: `num_parameters` that is neither 1 nor the number of channels.
    Reference: He et al., 2015; https://docs.pytorch.org/docs/stable/generated/torch.nn.PReLU.html

    Example:
        >>> PReLU(64).weights((64, 8, 8))
        {'weight': (64,)}
    """

    num_parameters: Size = 1
    init: float = 0.25

    per_element = Work(compares=1, muls=1)
    examples = (
        example("PReLU", (3, 5, 7)),
        example("PReLU(3)", (3, 5, 7)),
        example("PReLU(4)", (3, 5, 7), fails="`num_parameters` 4 is neither 1 nor the 3 channels"),
    )

    def __post_init__(self) -> None:
        whole("num_parameters", self.num_parameters, 1)
        number("init", self.init)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c = one_input(in_shapes)[0]
        if not (isinstance(self.num_parameters, int) and self.num_parameters == 1):
            rule = "`num_parameters` {} is neither 1 nor the {} channels"
            dims.require(dims.same(self.num_parameters, c), rule, self.num_parameters, c)
        return in_shapes[0]

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        return {"weight": (self.num_parameters,)}


@dataclass(frozen=True)
class _Softmax(Layer, abstract=True):
    """Normalising exponentials along one axis, counted as torch does with the batch as axis 0."""

    dim: int = 1

    in_place = True
    weights = no_weights("a fixed function")

    def __post_init__(self) -> None:
        if isinstance(self.dim, bool) or not isinstance(self.dim, int) or self.dim == 0:
            raise ArgumentError(f"`dim` must be an axis other than the batch's 0, got {self.dim!r}")

    def axis(self, shape: Shape) -> int:
        """The axis of the shape without its batch."""
        axis = self.dim - 1 if self.dim > 0 else len(shape) + self.dim
        if not 0 <= axis < len(shape):
            raise ShapeError(f"`dim` {self.dim} is not an axis of the input")
        return axis

    def out_shape(self, *in_shapes: Shape) -> Shape:
        self.axis(one_input(in_shapes))
        return in_shapes[0]

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...] | None:
        mixed = self.axis(in_shape)
        return tuple(Whole(n) if i == mixed else None for i, n in enumerate(in_shape) if i)


class Softmax(_Softmax):
    """exp(x) over its sum along an axis: class scores into probabilities.

    Shape: any, unchanged; `dim` 1 is the channel or feature axis.
    Counts: a value takes a comparison for the largest, a subtraction, an exponential, an addition
        for the sum and a division.
    Errors: a `dim` that the input does not have.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html

    Example:
        >>> Softmax().out_shape((1000,))
        (1000,)
    """

    examples = (
        example("Softmax", (10,)),
        example("Softmax(-1)", (3, 5, 7)),
        example("Softmax(2)", (10,), fails="`dim` 2 is not an axis of the input"),
    )

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(compares=1, adds=2, exps=1, divs=1).times(product(out))


class LogSoftmax(_Softmax):
    """The logarithm of the softmax.

    Shape: any, unchanged; `dim` 1 is the channel or feature axis.
    Counts: a value takes a comparison, two subtractions, an exponential and an addition; a group,
        one logarithm.
    Errors: a `dim` that the input does not have.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html

    Example:
        >>> LogSoftmax().out_shape((10,))
        (10,)
    """

    examples = (example("LogSoftmax", (10,)), example("LogSoftmax(1)", (3, 5, 7)))

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        groups = product(n for i, n in enumerate(out) if i != self.axis(out))
        values = Work(compares=1, adds=3, exps=1).times(product(out))
        return values.plus(Work(exps=groups))
