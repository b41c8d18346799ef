"""Softmax and its relatives: normalising exponentials along an axis."""

from __future__ import annotations

from cnncost.dims import Shape, product
from cnncost.layers.arguments import Axis
from cnncost.layers.base import Layer, example, layer, no_weights
from cnncost.layers.saved import keeps
from cnncost.layers.shapes import axis_in, one_input
from cnncost.layers.window import Reach, Whole
from cnncost.layers.work import Work


class _AlongAxis(Layer, abstract=True):
    """Exponentials along one axis, counted as torch does with the batch as axis 0.

    Shape: any, unchanged; `dim` 1 is the channel or feature axis.
    Errors: a `dim` that the input does not have.
    """

    dim: Axis = 1

    in_place = True
    weights = no_weights("a fixed function")
    saved = keeps(output=True)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        axis_in(one_input(in_shapes), self.dim)
        return in_shapes[0]

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        mixed = axis_in(in_shape, self.dim)
        return tuple(Whole(n) if i == mixed else None for i, n in enumerate(in_shape))


class _Softmax(_AlongAxis, abstract=True):
    """exp(x) over its sum.

    Counts: each value takes a comparison for the largest, a subtraction, an exponential, an addition for
        the sum and a division.
    """

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(compares=1, adds=2, exps=1, divs=1).times(product(out))


@layer
class Softmax(_Softmax):
    """exp(x) over its sum along an axis: class scores into probabilities."""

    dim: Axis = 1

    examples = (
        example("Softmax", (10,)),
        example("Softmax(-1)", (3, 5, 7)),
        example("Softmax(2)", (10,), fails="`dim` 2 is not an axis of the input"),
    )


@layer
class Softmin(_Softmax):
    """The softmax of -x along an axis: the smallest value has the largest share."""

    dim: Axis = 1

    examples = (example("Softmin", (10,)), example("Softmin(-1)", (3, 5, 7)))


@layer
class Softmax2d(_Softmax):
    """The softmax over the channels of a map, at each position.

    Shape: (C, H, W), unchanged.
    Errors: an input that is no map.
    """

    axes = 2
    examples = (
        example("Softmax2d", (3, 5, 7)),
        example("Softmax2d", (3, 5), fails="it takes a C×H×W input, not one of 2 axes"),
    )

    def out_shape(self, *in_shapes: Shape) -> Shape:
        self.channels_and_sizes(in_shapes)
        return in_shapes[0]


@layer
class LogSoftmax(_AlongAxis):
    """The logarithm of the softmax.

    Counts: each value takes a comparison, two subtractions, an exponential and an addition; each
        group takes one logarithm.
    """

    dim: Axis = 1

    examples = (example("LogSoftmax", (10,)), example("LogSoftmax(1)", (3, 5, 7)))

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        groups = product(n for i, n in enumerate(out) if i != axis_in(out, self.dim))
        values = Work(compares=1, adds=3, exps=1).times(product(out))
        return values.plus(Work(exps=groups))
