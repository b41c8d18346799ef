"""Merges that are no sum of values at the same place: branches side by side, and matrix products."""

from __future__ import annotations

from typing import Any

from cnncost import dims
from cnncost.dims import Shape, product
from cnncost.errors import ShapeError
from cnncost.layers.arguments import Axis, Count
from cnncost.layers.base import Layer, example, layer
from cnncost.layers.merge import Merge, Shapes, broadcast, shapes_of
from cnncost.layers.saved import keeps, keeps_nothing
from cnncost.layers.shapes import Letters, axes_of, axis_in
from cnncost.layers.window import Reach, UnknownReach
from cnncost.layers.work import Work


@layer
class Concat(Merge):
    """Its branches side by side along an axis: inception, dense connections, U-Net skips.

    Shape: (C₁, H, W), (C₂, H, W) … to (C₁ + C₂ + …, H, W); `dim` 1 is the channel axis.
    Counts: nothing: values are moved.
    Errors: one branch only; branches that differ in another axis; the batch axis.
    Reference: Szegedy et al., 2015; https://docs.pytorch.org/docs/stable/generated/torch.cat.html
    """

    dim: Axis = 1

    examples = (
        example("Concat", (4, 5, 7), (3, 5, 7), (2, 5, 7)),
        example("Concat(3)", (4, 5, 7), (4, 5, 2)),
        example("Concat(-2)", (4, 5, 7), (4, 3, 7)),
        example("Concat", (4, 5, 7), (3, 5, 6), fails="its branches do not fit: 4×5×7 and 3×5×6"),
        example(
            "Concat(4)", (4, 5, 7), (3, 5, 7), fails="`dim` 4 is not an axis of the input, whose last is 3"
        ),
        example("Concat(0)", (4, 5), (3, 5), fails="`dim` must be an axis other than the batch's 0, got 0"),
    )

    def out_shape(self, *in_shapes: Shape) -> Shape:
        first, *others = shapes = self.branches(in_shapes)
        joined = axis_in(first, self.dim)
        for shape in others:
            for axis, (n, m) in enumerate(zip(first, shape, strict=True)):
                if axis != joined:
                    dims.require(dims.same(n, m), "its branches do not fit: {}", Shapes(shapes))
        return (*first[:joined], sum(shape[joined] for shape in shapes), *first[joined + 1 :])

    def expression(self, *in_shapes: Shape) -> str:
        inputs = ", ".join(f"{{{i}}}" for i in range(len(in_shapes)))
        return f"torch.cat([{inputs}], {self.dim})"

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work()  # values are moved, none is computed

    saved = keeps_nothing("values are moved")

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        joined = axis_in(in_shape, self.dim)
        return tuple(UnknownReach() if axis == joined else None for axis in range(len(in_shape)))


@layer
class Matmul(Merge):
    """The matrix product of two branches: attention written out, a non-local block, a bilinear pooling.

    Shape: (…, N, K) and (…, K, M) to (…, N, M); an axis of size 1 before the last two is broadcast.
    Counts: N·K·M multiply-adds for each position of the axes before.
    Errors: not two branches; branches of one axis; inner sizes that differ; other axes that do not fit.
    Reference: Vaswani et al., 2017, section 3.2; https://docs.pytorch.org/docs/stable/generated/torch.matmul.html
    """

    broadcasts = True
    examples = (
        example("Matmul", (10, 4), (4, 7)),
        example("Matmul", (2, 10, 4), (2, 4, 10)),
        example("Matmul", (3, 1, 5, 4), (3, 2, 4, 6)),
        example("Matmul", (10, 4), (5, 7), fails="its branches do not fit: 10×4 times 5×7, where 4 is not 5"),
        example("Matmul", (2, 10, 4), (3, 4, 7), fails="its branches do not fit: 2×10×4 and 3×4×7"),
        example("Matmul", (10,), (10,), fails="it takes branches of 2 axes or more, not of 1"),
        example("Matmul", (4, 4), (4, 4), (4, 4), fails="it multiplies two branches, not 3"),
    )

    def out_shape(self, *in_shapes: Shape) -> Shape:
        if len(in_shapes) > 2:
            raise ShapeError(f"it multiplies two branches, not {len(in_shapes)}")
        left, right = shapes = self.branches(in_shapes)
        if len(left) < 2:
            raise ShapeError(f"it takes branches of 2 axes or more, not of {len(left)}")
        rule = "its branches do not fit: {} times {}, where {} is not {}"
        fits = dims.same(left[-1], right[-2])
        dims.require(fits, rule, Shapes((left,)), Shapes((right,)), left[-1], right[-2])
        before = (broadcast(sizes, shapes) for sizes in zip(left[:-2], right[:-2], strict=True))
        return (*before, left[-2], right[-1])

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        outputs = product(out)
        return Work(macs=outputs * in_shapes[0][-1], macts=outputs)

    saved = keeps(factors=(0, 1))

    def axes_behind(self, *entering: Letters) -> Letters:
        left, right = entering
        rows, columns = left or right, right or left
        return (*rows[:-2], rows[-2] if left else "T", columns[-1])

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        # its rows come from one branch and its columns from the other: they are no positions of the input
        return (*(None for _ in out[:-2]), UnknownReach(), UnknownReach())

    def inferred(self, *in_shapes: Shape) -> dict[str, str]:
        return {"operation": "matmul"}

    def expression(self, *in_shapes: Shape) -> str:
        return "{0} @ {1}"


@layer
class Convolve(Merge):
    """A convolution whose weights are computed: standardised or normalised ones, those of a dynamic filter.

    Shape: a map (C, …) and weights (O, C / `groups`, *kernel) to (O, …), as a convolution without bias.
    Counts: a multiply-add for each weight at each output.
    Errors: not two branches; weights of other axes or channels; an output that shrinks to nothing.
    Reference: Qiao et al., 2019 (weight standardisation);
        https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html
    """

    stride: Any = 1
    padding: Any = 0
    dilation: Any = 1
    groups: Count = 1

    examples = (
        example("Convolve", (4, 9, 7), (8, 4, 3, 3)),
        example("Convolve(2, 1, 1, 2)", (4, 9, 7), (8, 2, 3, 5)),
        example(
            "Convolve", (4, 9, 7), (8, 3, 3, 3), fails="weights 8×3×3×3 are not for 4 channels in 1 groups"
        ),
        example("Convolve", (4, 9, 7), (8, 4, 3), fails="weights 8×4×3 are not for a map of 3 axes"),
    )

    def as_layer(self, in_shapes: tuple[Shape, ...]) -> Layer:
        """The convolution that has such weights of its own."""
        given, weights = self.branches_of_two(in_shapes)
        if len(weights) != len(given) + 1 or not 2 <= len(given) <= 4:
            raise ShapeError(f"weights {shapes_of((weights,))} are not for a map of {axes_of(given)}")
        rule = "weights {} are not for {} channels in {} groups"
        fits = dims.same(weights[1] * self.groups, given[0])
        dims.require(fits, rule, Shapes((weights,)), given[0], self.groups)
        sizes = (self.stride, self.padding, self.dilation, self.groups)
        made: Layer = Layer.registry[f"Conv{len(given) - 1}d"](weights[0], weights[2:], *sizes, bias=False)
        return made

    def branches_of_two(self, in_shapes: tuple[Shape, ...]) -> tuple[Shape, Shape]:
        """The map and the weights."""
        if len(in_shapes) != 2:
            raise ShapeError(f"it takes a map and its weights, not {len(in_shapes)} branches")
        return in_shapes[0], in_shapes[1]

    def out_shape(self, *in_shapes: Shape) -> Shape:
        return self.as_layer(in_shapes).out_shape(in_shapes[0])

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        work = self.as_layer(in_shapes).work(in_shapes[:1], out)
        return work.plus(Work(products=work.macs))

    def expression(self, *in_shapes: Shape) -> str:
        given = {name: value for name, value in self.arguments().items() if value != self.defaults()[name]}
        options = "".join(f", {name}={value}" for name, value in given.items())
        return f"F.conv{len(in_shapes[0]) - 1}d({{0}}, {{1}}[0]{options})"

    saved = keeps(0, 1)

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return tuple(UnknownReach() for _ in in_shape)
