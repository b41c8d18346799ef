"""Softmax and log-softmax: normalising exponentials along an axis."""

from __future__ import annotations

from cnncost.dims import Shape, product
from cnncost.layers.arguments import Axis
from cnncost.layers.base import Layer, example, layer, no_weights
from cnncost.layers.shapes import axis_in, one_input
from cnncost.layers.window import Reach, Whole
from cnncost.layers.work import Work


@layer
class _Softmax(Layer, abstract=True):
    """Normalising exponentials along one axis, counted as torch does with the batch as axis 0."""

    dim: Axis = 1

    in_place = True
    weights = no_weights("a fixed function")

    def out_shape(self, *in_shapes: Shape) -> Shape:
        axis_in(one_input(in_shapes), self.dim)
        return in_shapes[0]

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        mixed = axis_in(in_shape, self.dim)
        return tuple(Whole(n) if i == mixed else None for i, n in enumerate(in_shape))


class Softmax(_Softmax):
    """exp(x) over its sum along an axis: class scores into probabilities.

    Shape: any, unchanged; `dim` 1 is the channel or feature axis.
    Counts: each value takes a comparison for the largest, a subtraction, an exponential, an addition for
        the sum and a division.
    Errors: a `dim` that the input does not have.
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
    Counts: each value takes a comparison, two subtractions, an exponential and an addition; each
        group takes one logarithm.
    Errors: a `dim` that the input does not have.
    """

    examples = (example("LogSoftmax", (10,)), example("LogSoftmax(1)", (3, 5, 7)))

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        groups = product(n for i, n in enumerate(out) if i != axis_in(out, self.dim))
        values = Work(compares=1, adds=3, exps=1).times(product(out))
        return values.plus(Work(exps=groups))
