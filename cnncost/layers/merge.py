"""Merges: add, mean, multiply and concat bring branches together.

In a spec they are written in small letters, with named branches. All but Concat broadcast an
axis of size 1, as torch does: a squeeze-and-excite gate of C×1×1 scales every position.
"""

from __future__ import annotations

from cnncost import dims
from cnncost.dims import Shape, Size, product
from cnncost.errors import ShapeError
from cnncost.layers.arguments import Axis
from cnncost.layers.base import Layer, example, layer, no_weights
from cnncost.layers.shapes import axis_in
from cnncost.layers.window import Reach, UnknownReach
from cnncost.layers.work import Work


class _Merge(Layer, abstract=True):
    """A layer with two inputs or more."""

    weights = no_weights("it only combines its inputs")

    def branches(self, in_shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The inputs, if there are two or more of as many axes."""
        if len(in_shapes) < 2:
            raise ShapeError("it merges two branches or more")
        if any(len(shape) != len(in_shapes[0]) for shape in in_shapes):
            raise ShapeError(f"its branches differ in their axes: {shapes_of(in_shapes)}")
        return in_shapes


def shapes_of(shapes: tuple[Shape, ...]) -> str:
    """`64×56×56 and 64×28×28`."""
    return " and ".join("×".join(map(str, shape)) for shape in shapes)


class _Broadcast(_Merge, abstract=True):
    """Combines values at the same place."""

    broadcasts = True

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shapes = self.branches(in_shapes)
        return tuple(self.broadcast(sizes, shapes) for sizes in zip(*shapes, strict=True))

    def broadcast(self, sizes: tuple[Size, ...], shapes: tuple[Shape, ...]) -> Size:
        """The one size of an axis that is not 1, which all others must equal."""
        wide = [n for n in sizes if not (isinstance(n, int) and n == 1)] or [sizes[0]]
        for n in wide[1:]:
            dims.require(dims.same(n, wide[0]), "its branches do not fit: {}", Shapes(shapes))
        return wide[0]


class Shapes(tuple[Shape, ...]):
    """Shapes that print as `64×56×56 and 64×28×28`, when an error asks for them."""

    def __format__(self, spec: str) -> str:
        return shapes_of(self)


@layer
class Add(_Broadcast):
    """The sum of its branches: a residual connection.

    Shape: branches of one shape, unchanged; an axis of size 1 is broadcast.
    Counts: an addition per value for each branch after the first.
    Errors: one branch only; branches that do not fit.
    Reference: He et al., 2016; https://docs.pytorch.org/docs/stable/generated/torch.add.html
    """

    twin_name = "cnncost.measure.merges.AddModule"
    examples = (
        example("Add", (4, 5, 7), (4, 5, 7)),
        example("Add", (4, 5, 7), (4, 5, 7), (4, 1, 1)),
        example("Add", (4, 5, 7), (4, 5, 6), fails="its branches do not fit: 4×5×7 and 4×5×6"),
        example("Add", (4, 5, 7), fails="it merges two branches or more"),
    )

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(adds=(len(in_shapes) - 1) * product(out))


@layer
class Mean(_Broadcast):
    """The mean of its branches: a join of FractalNet.

    Shape: branches of one shape, unchanged; an axis of size 1 is broadcast.
    Counts: an addition per value for each branch after the first, and a division.
    Errors: one branch only; branches that do not fit.
    Reference: Larsson et al., 2017; https://docs.pytorch.org/docs/stable/generated/torch.mean.html
    """

    twin_name = "cnncost.measure.merges.MeanModule"
    examples = (
        example("Mean", (4, 5, 7), (4, 5, 7), (4, 5, 7)),
        example("Mean", (4, 5, 7), (4, 5, 6), fails="its branches do not fit: 4×5×7 and 4×5×6"),
    )

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(adds=len(in_shapes) - 1, divs=1).times(product(out))


@layer
class Multiply(_Broadcast):
    """The product of its branches: a gate.

    Shape: branches of one shape, unchanged; an axis of size 1 is broadcast.
    Counts: a multiplication per value for each branch after the first.
    Errors: one branch only; branches that do not fit.
    Reference: Hu et al., 2018; https://docs.pytorch.org/docs/stable/generated/torch.mul.html
    """

    twin_name = "cnncost.measure.merges.MultiplyModule"
    examples = (
        example("Multiply", (4, 5, 7), (4, 1, 1)),
        example("Multiply", (4, 5, 7), (3, 1, 1), fails="its branches do not fit: 4×5×7 and 3×1×1"),
    )

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(muls=(len(in_shapes) - 1) * product(out))


@layer
class Concat(_Merge):
    """Its branches side by side along an axis: inception, dense connections, U-Net skips.

    Shape: (C₁, H, W), (C₂, H, W) … to (C₁ + C₂ + …, H, W); `dim` 1 is the channel axis.
    Counts: nothing: values are moved.
    Errors: one branch only; branches that differ in another axis; the batch axis.
    Reference: Szegedy et al., 2015; https://docs.pytorch.org/docs/stable/generated/torch.cat.html
    """

    dim: Axis = 1

    twin_name = "cnncost.measure.merges.ConcatModule"
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

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work()  # values are moved, none is computed

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        joined = axis_in(in_shape, self.dim)
        return tuple(UnknownReach() if axis == joined else None for axis in range(len(in_shape)))
