"""Pairs: layers that compare or combine two inputs."""

from __future__ import annotations

from typing import Any

from cnncost import dims
from cnncost.dims import Shape, Size, product
from cnncost.errors import ArgumentError, ShapeError
from cnncost.layers.arguments import Axis, Count, Epsilon
from cnncost.layers.base import Layer, example, layer, no_weights
from cnncost.layers.merge import Shapes, broadcast
from cnncost.layers.saved import Kept, Saved
from cnncost.layers.shapes import Letters, axes_of, axis_in
from cnncost.layers.work import Work


def two_inputs(layer: Layer, in_shapes: tuple[Shape, ...]) -> tuple[Shape, Shape]:
    """Both inputs, of as many axes.

    Raises:
        ShapeError: there are not two, or they differ in their axes.
    """
    if len(in_shapes) != 2:
        name = layer.other_inputs[0]
        raise ShapeError(f"it takes two inputs, not {len(in_shapes)}: give the other with `{name}=ref(name)`")
    first, second = in_shapes
    if len(first) != len(second):
        raise ShapeError(f"its inputs have {axes_of(first)} and {axes_of(second)}")
    return first, second


@layer
class Bilinear(Layer):
    """A product of two inputs with a weight for each pair of their features: x·W·y + b.

    Shape: (…, F) and (…, G) to (…, `out_features`): `Bilinear(10, input2=ref(other))`.
    Counts: for each output, F·G multiply-adds with the weights and G with the second input; the bias, one
        addition. FlopCounterMode and fvcore do not know this layer, and count 0.
    Errors: one input only; inputs that differ in another axis; `out_features` below 1.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Bilinear.html
    """

    out_features: Count
    bias: bool = True

    other_inputs = ("input2",)
    twin_name = "cnncost.measure.twins.pairs.BilinearModule"
    examples = (
        example("Bilinear(10)", (5,), (7,)),
        example("Bilinear(10, bias=False)", (4, 5), (4, 7)),
        example(
            "Bilinear(10)", (5,), fails="it takes two inputs, not 1: give the other with `input2=ref(name)`"
        ),
        example("Bilinear(10)", (4, 5), (7,), fails="its inputs have 2 axes and 1 axis"),
        example("Bilinear(10)", (4, 5), (3, 5), fails="its inputs do not fit: 4×5 and 3×5"),
    )

    def out_shape(self, *in_shapes: Shape) -> Shape:
        first, second = two_inputs(self, in_shapes)
        for n, m in zip(first[:-1], second[:-1], strict=True):
            dims.require(dims.same(n, m), "its inputs do not fit: {}", Shapes(in_shapes))
        return (*first[:-1], self.out_features)

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        weight = (self.out_features, in_shapes[0][-1], in_shapes[1][-1])
        return {"weight": weight, "bias": (self.out_features,)} if self.bias else {"weight": weight}

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        (*_, f), (*_, g) = in_shapes
        bias = 1 if self.bias else 0
        return Work(macs=f * g + g, products=g, adds=bias, macts=g + 1).times(product(out))

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        (*before, f), (*_, g) = in_shapes
        turned = Kept("turned weights", (f, self.out_features * g), batch=False)
        return Saved(inputs=(0, 1), made=(turned, Kept("products", (*before, self.out_features, g))))

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"in1_features": in_shapes[0][-1], "in2_features": in_shapes[1][-1]}


@layer
class CosineSimilarity(Layer):
    """The cosine of the angle between two inputs along an axis.

    Shape: two of one shape, which loses the axis `dim`; 1 is the channels of a map or the tokens, -1 the
        last. `CosineSimilarity(-1, x2=ref(other))`.
    Counts: for each value three multiplications and three additions (the product and both squares); for
        each output two square roots, two comparisons with `eps`, a multiplication and a division.
    Errors: one input only; inputs that do not fit; an axis that is not there, or the only one.
    """

    dim: Axis = 1
    eps: Epsilon = 1e-8

    other_inputs = ("x2",)
    broadcasts = True
    weights = no_weights("a fixed function")
    examples = (
        example("CosineSimilarity", (4, 5, 7), (4, 5, 7)),
        example("CosineSimilarity(-1)", (10, 6), (10, 6)),
        example(
            "CosineSimilarity",
            (6,),
            (6,),
            fails="a vector has no other axis: `Unflatten(1, (1, 6))` gives it one",
        ),
        example("CosineSimilarity", (4, 5), (4, 6), fails="its branches do not fit: 4×5 and 4×6"),
    )

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shapes = two_inputs(self, in_shapes)
        if len(shapes[0]) == 1:
            rule = "a vector has no other axis: `Unflatten(1, (1, {}))` gives it one, then `dim=2`"
            raise ShapeError(rule.format(shapes[0][0]))
        axis = axis_in(shapes[0], self.dim)
        whole = tuple(broadcast(sizes, shapes) for sizes in zip(*shapes, strict=True))
        return (*whole[:axis], *whole[axis + 1 :])

    def out_axes(self, letters: Letters) -> Letters:
        axis = axis_in(letters, self.dim)
        return (*letters[:axis], *letters[axis + 1 :])

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        axis = axis_in(in_shapes[0], self.dim)
        length = broadcast(tuple(shape[axis] for shape in in_shapes), in_shapes)
        values = Work(muls=3, adds=3).times(length)
        return values.plus(Work(sqrts=2, compares=2, muls=1, divs=1)).times(product(out))

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        lengths = [Kept(f"length {i + 1}", out) for i in range(4)]  # of both inputs, and not below `eps`
        units = [Kept(f"unit vectors {i + 1}", shape) for i, shape in enumerate(in_shapes)]
        return Saved(inputs=(0, 1), made=(*lengths, *units))


@layer
class PairwiseDistance(Layer):
    """The distance of two inputs along the last axis: the p-norm of their difference.

    Shape: (…, F) and (…, F) to (…), or (…, 1) with `keepdim`, which vectors need.
        `PairwiseDistance(keepdim=True, x2=ref(other))`.
    Counts: for each value a subtraction, `eps` added, a power (a multiplication for p = 2, nothing for
        p = 1) and an addition; a root per output.
    Errors: one input only; inputs that do not fit; a vector without `keepdim`.
    """

    p: float = 2.0
    eps: Epsilon = 1e-6
    keepdim: bool = False

    other_inputs = ("x2",)
    broadcasts = True
    weights = no_weights("a fixed function")
    examples = (
        example("PairwiseDistance", (10, 6), (10, 6)),
        example("PairwiseDistance(1, keepdim=True)", (6,), (6,)),
        example("PairwiseDistance(3.0)", (10, 6), (10, 6)),
        example(
            "PairwiseDistance", (6,), (6,), fails="of two vectors one number is left: give `keepdim=True`"
        ),
        example("PairwiseDistance(0)", (10, 6), (10, 6), fails="`p` must be above 0, got 0"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.p <= 0:
            raise ArgumentError(f"`p` must be above 0, got {self.p}")

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shapes = two_inputs(self, in_shapes)
        if len(shapes[0]) == 1 and not self.keepdim:
            raise ShapeError(
                "of two vectors one number is left: give `keepdim=True` for a vector of one value"
            )
        before = tuple(broadcast(sizes, shapes) for sizes in zip(*shapes, strict=True))[:-1]
        return (*before, 1) if self.keepdim else before

    def out_axes(self, letters: Letters) -> Letters:
        return letters if self.keepdim else letters[:-1]

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        length = broadcast(tuple(shape[-1] for shape in in_shapes), in_shapes)
        power, root = norm_work(self.p)
        return power.plus(Work(adds=3)).times(length).plus(root).times(product(out))

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        difference = tuple(broadcast(sizes, in_shapes) for sizes in zip(*in_shapes, strict=True))
        return Saved(output=True, made=(Kept("difference", difference),))


def norm_work(p: Size) -> tuple[Work, Work]:
    """What a p-norm takes: the power of each value, and the root of their sum."""
    if p == 1:
        return Work(), Work()
    return (Work(muls=1), Work(sqrts=1)) if p == 2 else (Work(exps=1), Work(exps=1))
