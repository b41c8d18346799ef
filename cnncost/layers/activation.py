"""Piecewise activations: ReLU, and what else is put together from straight lines.

An activation follows its layer in place. Its work is given per element, from its definition; a
function of the exponential family counts as one of `exps`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from cnncost import dims
from cnncost.dims import Shape, product
from cnncost.layers.arguments import Count
from cnncost.layers.base import Layer, example, layer, no_weights, same_shape
from cnncost.layers.saved import Kept, Saved, keeps
from cnncost.layers.shapes import one_input
from cnncost.layers.work import Work


@layer
class _Elementwise(Layer, abstract=True):
    """Every output value from the input value at the same place."""

    in_place = True
    per_element: ClassVar[Work]
    weights = no_weights("a fixed function")
    saved = keeps(0)

    out_shape = same_shape

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return self.per_element.times(product(out))


@layer
class _Switch(_Elementwise, abstract=True):
    """An activation whose only argument is whether it overwrites its input."""

    inplace: bool = False


def pieces(call: str) -> tuple[Any, ...]:
    """The examples of an activation: an image and a vector."""
    return (example(call, (3, 5, 7)), example(call, (11,)))


class ReLU(_Switch):
    """max(0, x)."""

    saved = keeps(output=True)
    per_element = Work(compares=1)
    examples = pieces("ReLU")


class ReLU6(_Switch):
    """min(max(0, x), 6)."""

    per_element = Work(compares=2)
    examples = pieces("ReLU6")


@layer
class LeakyReLU(_Elementwise):
    """x above 0, slope·x below."""

    negative_slope: float = 0.01
    inplace: bool = False

    output_will_do = True
    per_element = Work(compares=1, muls=1)
    examples = pieces("LeakyReLU(0.2)")


@layer
class PReLU(_Elementwise):
    """x above 0, a·x below, with a learned slope a: one for all channels or one for each.

    Counts: each value takes a comparison and a multiplication. Parameters: `num_parameters`.
    Errors: `num_parameters` that is neither 1 nor the number of channels.
    Reference: He et al., 2015
    """

    num_parameters: Count = 1
    init: float = 0.25

    per_element = Work(compares=1, muls=1)
    examples = (
        example("PReLU", (3, 5, 7)),
        example("PReLU(3)", (3, 5, 7)),
        example("PReLU(4)", (3, 5, 7), fails="`num_parameters` 4 is neither 1 nor the 3 channels"),
    )

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c = one_input(in_shapes)[0]
        if not (isinstance(self.num_parameters, int) and self.num_parameters == 1):
            rule = "`num_parameters` {} is neither 1 nor the {} channels"
            dims.require(dims.same(self.num_parameters, c), rule, self.num_parameters, c)
        return in_shapes[0]

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        return {"weight": (self.num_parameters,)}


@layer
class Hardtanh(_Elementwise):
    """x kept between a smallest and a largest value."""

    min_val: float = -1.0
    max_val: float = 1.0
    inplace: bool = False

    per_element = Work(compares=2)
    examples = pieces("Hardtanh")


class Hardsigmoid(_Switch):
    """min(max(x/6 + 1/2, 0), 1)."""

    per_element = Work(muls=1, adds=1, compares=2)
    examples = pieces("Hardsigmoid")


class Hardswish(_Switch):
    """x·hardsigmoid(x)."""

    per_element = Work(muls=2, adds=1, compares=2)
    examples = pieces("Hardswish")


@layer
class Threshold(_Elementwise):
    """x above the threshold, a constant below."""

    threshold: float
    value: float
    inplace: bool = False

    per_element = Work(compares=1)
    examples = pieces("Threshold(0.1, 20)")


@layer
class RReLU(_Elementwise):
    """x above 0, slope·x below; the slope is random in training, and the mean of its range in inference."""

    lower: float = 1 / 8
    upper: float = 1 / 3
    inplace: bool = False

    output_will_do = True
    per_element = Work(compares=1, muls=1)
    examples = pieces("RReLU")

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return Saved(inputs=(0,), made=(Kept("slopes", out),))


@layer
class Hardshrink(_Elementwise):
    """x outside ±λ, 0 between."""

    lambd: float = 0.5

    per_element = Work(compares=2)
    examples = pieces("Hardshrink(0.3)")


@layer
class Softshrink(_Elementwise):
    """x moved towards 0 by λ, 0 between ±λ."""

    lambd: float = 0.5

    per_element = Work(compares=2, adds=1)
    examples = pieces("Softshrink(0.3)")
