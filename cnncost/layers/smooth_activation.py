"""Smooth activations: of the exponential family, from sigmoid to GELU."""

from __future__ import annotations

from cnncost.dims import Shape, divisible, product, require
from cnncost.layers.activation import _Elementwise, _Switch, pieces
from cnncost.layers.arguments import Axis, one_of
from cnncost.layers.base import Layer, example, layer, no_weights
from cnncost.layers.saved import Kept, Saved, keeps
from cnncost.layers.shapes import axis_in, one_input
from cnncost.layers.window import Reach, UnknownReach
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

    output_will_do = True
    per_element = Work(compares=1, exps=1, adds=1, muls=1)
    examples = pieces("SELU")


@layer
class ELU(_Elementwise):
    """x above 0, α(exp(x) - 1) below."""

    alpha: float = 1.0
    inplace: bool = False

    output_will_do = True
    per_element = Work(compares=1, exps=1, adds=1, muls=1)
    examples = pieces("ELU")


@layer
class CELU(_Elementwise):
    """x above 0, α(exp(x/α) - 1) below."""

    alpha: float = 1.0
    inplace: bool = False

    output_will_do = True
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
    saved = keeps(output=True)


class LogSigmoid(_Elementwise):
    """log σ(x).

    Counts: each value takes an exponential, an addition and a logarithm.
    """

    per_element = Work(exps=2, adds=1)
    examples = pieces("LogSigmoid")

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return Saved(inputs=(0,), made=(Kept("exponentials", out),))


class Tanh(_Elementwise):
    """tanh(x).

    Counts: each value takes one tanh.
    """

    per_element = Work(exps=1)
    examples = pieces("Tanh")
    saved = keeps(output=True)


class Softsign(_Elementwise):
    """x / (1 + |x|)."""

    per_element = Work(adds=1, divs=1)
    examples = pieces("Softsign")

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return Saved(inputs=(0,), made=(Kept("1 + |x|", out),))


class Tanhshrink(_Elementwise):
    """x - tanh(x).

    Counts: each value takes a tanh and a subtraction.
    """

    per_element = Work(exps=1, adds=1)
    examples = pieces("Tanhshrink")

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return Saved(made=(Kept("tanh", out),))


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


@layer
class GLU(Layer):
    """a·σ(b), for the halves a and b of an axis: a gate from the input itself.

    Shape: the axis `dim` is halved; -1 is the last, 1 the channels.
    Counts: each value of the output takes a sigmoid and a multiplication.
    Errors: an axis of an odd size, or one that is not there.
    Reference: Dauphin et al., 2017
    """

    dim: Axis = -1

    weights = no_weights("a fixed function")
    saved = keeps(0)
    examples = (
        example("GLU", (10, 6)),
        example("GLU(1)", (4, 5, 7)),
        example("GLU(2)", (4, 5, 7), fails="its 5 values along axis 2 have no half"),
    )

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        axis = axis_in(shape, self.dim)
        rule = "its {} values along axis {} have no half"
        require(divisible(shape[axis], 2), rule, shape[axis], axis + 1)
        return (*shape[:axis], shape[axis] // 2, *shape[axis + 1 :])

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Sigmoid.per_element.plus(Work(muls=1)).times(product(out))

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        halved = axis_in(in_shape, self.dim)
        return tuple(UnknownReach() if axis == halved else None for axis in range(len(in_shape)))
