"""What stands for an operator of which cnncost does not know the cost."""

from __future__ import annotations

from typing import Any

from cnncost import dims
from cnncost.dims import Shape, product
from cnncost.errors import ArgumentError
from cnncost.layers.arguments import Count, settle, whole
from cnncost.layers.base import Layer, example, layer, no_weights, no_work
from cnncost.layers.merge import Merge
from cnncost.layers.saved import keeps_nothing
from cnncost.layers.shapes import Letters, map_axes
from cnncost.layers.window import Reach, UnknownReach


@layer
class _Unknown(Layer, abstract=True):
    """What both kinds share."""

    operator: str
    shape: Any
    of: Count = None

    cost_known = False
    equal_axes_once = False
    twin_name = "cnncost.measure.twins.modules.UnknownModule"
    weights = no_weights("nothing is known of it")
    work = no_work("nothing is known of it")
    saved = keeps_nothing("nothing is known of it")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.shape, (tuple, list)):
            raise ArgumentError(f"`shape` must be a list of sizes, got {self.shape!r}")
        settle(self, shape=tuple(whole("shape", n) for n in self.shape))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        values = sum(map(product, in_shapes))
        if self.of is not None:
            rule = "its shape is known for {} values, not for {}"
            dims.require(dims.same(values, self.of), rule, self.of, values)
        return tuple(self.shape)

    def out_axes(self, letters: Letters) -> Letters:
        return map_axes(len(self.shape))

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return tuple(UnknownReach() for _ in in_shape)


@layer
class Unknown(_Unknown):
    """An operator of another library that cnncost does not know: its output shape is given, its cost is not.

    Totals of a network with such a layer are lower bounds.

    Shape: any of as many values as `of` says, to `shape`.
    Errors: a `shape` that is no list of sizes; inputs of another number of values than `of`.
    Reference: https://docs.pytorch.org/docs/stable/torch.compiler_ir.html
    """

    examples = (
        example("Unknown('grid_sampler', (3, 8, 8))", (3, 5, 7)),
        example("Unknown('cumsum', (3, 5), of=15)", (3, 6), fails="is known for 15 values, not for 18"),
        example("Unknown('cumsum', 8)", (3, 5, 7), fails="`shape` must be a list of sizes, got 8"),
    )


@layer
class UnknownMerge(_Unknown, Merge):
    """An operator of another library on several inputs, of which only the output shape is known.

    Totals of a network with such a layer are lower bounds.

    Shape: several inputs, of as many values together as `of` says, to `shape`.
    Errors: a `shape` that is no list of sizes; inputs of another number of values than `of`.
    Reference: https://docs.pytorch.org/docs/stable/torch.compiler_ir.html
    """

    examples = (
        example("UnknownMerge('cross', (3, 8, 8))", (3, 5, 7), (3, 8)),
        example("UnknownMerge('cross', 8)", (3, 5, 7), (3,), fails="`shape` must be a list of sizes, got 8"),
    )
