"""Learned values that no layer computes: class tokens, object queries, relative positions."""

from __future__ import annotations

from typing import Any

from cnncost.dims import Shape
from cnncost.errors import ArgumentError, ShapeError
from cnncost.layers.arguments import settle, whole
from cnncost.layers.base import Layer, example, layer, no_weights, no_work
from cnncost.layers.saved import keeps_nothing
from cnncost.layers.shapes import Letters, map_axes


@layer
class Parameter(Layer):
    """A learned array, the same for every sample. It starts a chain, as it takes no input.

    Shape: `shape`, whatever the network's input is.
    Counts: as many parameters as it has values; it computes nothing, and its output takes no memory.
    Errors: a `shape` that is not a size or a list of sizes.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html;
        Carion et al., 2020, section 3.2 (object queries)
    """

    shape: Any

    takes_input = False
    in_place = True
    equal_axes_once = False
    twin_name = "cnncost.measure.twins.modules.ParameterModule"
    examples = (
        example("Parameter((100, 256))"),
        example("Parameter(7)"),
        example("Parameter((4, 1, 1))"),
        example("Parameter(0)", fails="`shape` must be at least 1, got 0"),
        example("Parameter('queries')", fails="`shape` must be a whole number, got 'queries'"),
        example("Parameter(())", fails="`shape` must be a size or a list of sizes, got ()"),
    )
    work = no_work("its values are learned, not computed")
    saved = keeps_nothing("it computes nothing")

    def __post_init__(self) -> None:
        sizes = self.shape if isinstance(self.shape, (tuple, list)) else (self.shape,)
        if not sizes:
            raise ArgumentError(f"`shape` must be a size or a list of sizes, got {self.shape!r}")
        settle(self, shape=tuple(whole("shape", n, 1) for n in sizes))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        if in_shapes:
            raise ShapeError("it takes no input")
        return tuple(self.shape)

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        return {"weight": self.shape}

    def out_axes(self, letters: Letters) -> Letters:
        return ("T", "F") if len(self.shape) == 2 else map_axes(len(self.shape))


@layer
class Constant(Layer):
    """An array of fixed values, the same for every sample: a mask, a table of positions.

    Shape: `shape`, whatever the network's input is. It starts a chain, as it takes no input.
    Counts: nothing: it is computed once for all samples, and its output takes no memory.
    Errors: a `shape` that is not a size or a list of sizes.
    Reference: Liu et al., 2021, section 3.2 (the mask of shifted windows)
    """

    shape: Any

    takes_input = False
    in_place = True
    equal_axes_once = False
    twin_name = "cnncost.measure.twins.modules.ConstantModule"
    examples = (
        example("Constant((64, 49, 49))"),
        example("Constant(())", fails="`shape` must be a size or a list of sizes, got ()"),
    )
    weights = no_weights("its values are fixed, not learned")
    work = no_work("its values are fixed, not computed")
    saved = keeps_nothing("it computes nothing")

    def __post_init__(self) -> None:
        settle(self, shape=Parameter(self.shape).shape)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        return Parameter(self.shape).out_shape(*in_shapes)

    def out_axes(self, letters: Letters) -> Letters:
        return Parameter(self.shape).out_axes(letters)
