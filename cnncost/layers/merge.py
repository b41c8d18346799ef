"""Merges that combine values at the same place: sums, differences, products, quotients, extremes.

In a spec they are written in small letters, with named branches. They broadcast an axis of size 1,
as torch does: a squeeze-and-excite gate of C×1×1 scales every position.
"""

from __future__ import annotations

from functools import reduce
from typing import Any, ClassVar

from cnncost import dims
from cnncost.dims import Shape, Size, product
from cnncost.errors import ShapeError
from cnncost.layers.base import Layer, example, layer, no_weights
from cnncost.layers.saved import Kept, Saved, keeps_all, keeps_nothing
from cnncost.layers.work import Work


class Merge(Layer, abstract=True):
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


class Shapes(tuple[Shape, ...]):
    """Shapes that print as `64×56×56 and 64×28×28`, when an error asks for them."""

    def __format__(self, spec: str) -> str:
        return shapes_of(self)


def broadcast(sizes: tuple[Size, ...], shapes: tuple[Shape, ...]) -> Size:
    """The one size of an axis that is not 1, which all other branches must have too."""
    wide = [n for n in sizes if not (isinstance(n, int) and n == 1)] or [sizes[0]]
    for n in wide[1:]:
        dims.require(dims.same(n, wide[0]), "its branches do not fit: {}", Shapes(shapes))
    return wide[0]


SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
"""The operators of Python, by torch's functions."""


class _Broadcast(Merge, abstract=True):
    """Combines values at the same place, with one operation for each branch after the first."""

    broadcasts = True
    operation: ClassVar[str]
    """The function in torch."""
    counted: ClassVar[str]
    """The field of `Work` that counts the operation."""

    def expression(self, *in_shapes: Shape) -> str:
        inputs = [f"{{{i}}}" for i in range(len(in_shapes))]
        if sign := SIGNS.get(self.operation):
            return f" {sign} ".join(inputs)
        return reduce(lambda one, other: f"torch.{self.operation}({one}, {other})", inputs)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shapes = self.branches(in_shapes)
        return tuple(broadcast(sizes, shapes) for sizes in zip(*shapes, strict=True))

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(**{self.counted: (len(in_shapes) - 1) * product(out)})

    saved = keeps_nothing("the slope of a sum is 1")

    def temporaries(self, in_shapes: tuple[Shape, ...], out: Shape) -> tuple[Kept, ...]:
        return results_between(in_shapes, out)[:1]  # each goes when the next one is there

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"operation": self.operation}


def results_between(in_shapes: tuple[Shape, ...], out: Shape) -> tuple[Kept, ...]:
    """The results after the second branch and up to the last but one, which the next operation keeps."""
    return tuple(Kept(f"result {i}", out) for i in range(1, len(in_shapes) - 1))


@layer
class Add(_Broadcast):
    """The sum of its branches: a residual connection.

    Shape: branches of one shape, unchanged; an axis of size 1 is broadcast.
    Counts: an addition per value for each branch after the first.
    Errors: one branch only; branches that do not fit.
    Reference: He et al., 2016; https://docs.pytorch.org/docs/stable/generated/torch.add.html
    """

    operation, counted = "add", "adds"
    examples = (
        example("Add", (4, 5, 7), (4, 5, 7)),
        example("Add", (4, 5, 7), (4, 5, 7), (4, 1, 1)),
        example("Add", (4, 5, 7), (4, 5, 6), fails="its branches do not fit: 4×5×7 and 4×5×6"),
        example("Add", (4, 5, 7), fails="it merges two branches or more"),
    )


@layer
class Mean(_Broadcast):
    """The mean of its branches: a join of FractalNet.

    Shape: branches of one shape, unchanged; an axis of size 1 is broadcast.
    Counts: an addition per value for each branch after the first, and a division.
    Errors: one branch only; branches that do not fit.
    Reference: Larsson et al., 2017; https://docs.pytorch.org/docs/stable/generated/torch.mean.html
    """

    operation, counted = "add", "adds"
    examples = (
        example("Mean", (4, 5, 7), (4, 5, 7), (4, 5, 7)),
        example("Mean", (4, 5, 7), (4, 5, 6), fails="its branches do not fit: 4×5×7 and 4×5×6"),
    )

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return super().work(in_shapes, out).plus(Work(divs=product(out)))

    def temporaries(self, in_shapes: tuple[Shape, ...], out: Shape) -> tuple[Kept, ...]:
        return (Kept("sum", out),)

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {}

    def expression(self, *in_shapes: Shape) -> str:
        return f"({super().expression(*in_shapes)}) / {len(in_shapes)}"


@layer
class Multiply(_Broadcast):
    """The product of its branches: a gate.

    Shape: branches of one shape, unchanged; an axis of size 1 is broadcast.
    Counts: a multiplication per value for each branch after the first.
    Errors: one branch only; branches that do not fit.
    Reference: Hu et al., 2018; https://docs.pytorch.org/docs/stable/generated/torch.mul.html
    """

    operation, counted = "mul", "muls"
    examples = (
        example("Multiply", (4, 5, 7), (4, 1, 1)),
        example("Multiply", (4, 5, 7), (3, 1, 1), fails="its branches do not fit: 4×5×7 and 3×1×1"),
    )

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return Saved(factors=tuple(range(len(in_shapes))), made=results_between(in_shapes, out))


@layer
class Subtract(_Broadcast):
    """The first branch less the others: what two inputs differ in.

    Shape: branches of one shape, unchanged; an axis of size 1 is broadcast.
    Counts: a subtraction per value for each branch after the first.
    Errors: one branch only; branches that do not fit.
    Reference: Bromley et al., 1993 (Siamese networks); https://docs.pytorch.org/docs/stable/generated/torch.sub.html
    """

    operation, counted = "sub", "adds"
    examples = (
        example("Subtract", (4, 5, 7), (4, 5, 7)),
        example("Subtract", (4, 5, 7), (4, 1, 1)),
        example("Subtract", (4, 5, 7), (4, 5, 6), fails="its branches do not fit: 4×5×7 and 4×5×6"),
    )


@layer
class Divide(_Broadcast):
    """The first branch divided by the others: a response over its norm.

    Shape: branches of one shape, unchanged; an axis of size 1 is broadcast.
    Counts: a division per value for each branch after the first.
    Errors: one branch only; branches that do not fit.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.div.html
    """

    operation, counted = "div", "divs"
    examples = (
        example("Divide", (4, 5, 7), (4, 5, 7)),
        example("Divide", (4, 5, 7), (4, 1, 1)),
        example("Divide", (4, 5, 7), (4, 5, 6), fails="its branches do not fit: 4×5×7 and 4×5×6"),
    )

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        divisors = tuple(range(1, len(in_shapes)))
        return Saved(inputs=divisors, factors=(0,), made=results_between(in_shapes, out))


@layer
class Maximum(_Broadcast):
    """The largest of its branches, value by value: maxout.

    Shape: branches of one shape, unchanged; an axis of size 1 is broadcast.
    Counts: a comparison per value for each branch after the first.
    Errors: one branch only; branches that do not fit.
    Reference: Goodfellow et al., 2013; https://docs.pytorch.org/docs/stable/generated/torch.maximum.html
    """

    operation, counted = "maximum", "compares"
    examples = (
        example("Maximum", (4, 5, 7), (4, 5, 7)),
        example("Maximum", (4, 5, 7), (4, 1, 1)),
        example("Maximum", (4, 5, 7), (4, 5, 6), fails="its branches do not fit: 4×5×7 and 4×5×6"),
    )

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return keeps_all(in_shapes)._replace(made=results_between(in_shapes, out))


@layer
class Minimum(_Broadcast):
    """The smallest of its branches, value by value.

    Shape: branches of one shape, unchanged; an axis of size 1 is broadcast.
    Counts: a comparison per value for each branch after the first.
    Errors: one branch only; branches that do not fit.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.minimum.html
    """

    operation, counted = "minimum", "compares"
    examples = (
        example("Minimum", (4, 5, 7), (4, 5, 7)),
        example("Minimum", (4, 5, 7), (4, 1, 1)),
        example("Minimum", (4, 5, 7), (4, 5, 6), fails="its branches do not fit: 4×5×7 and 4×5×6"),
    )

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return keeps_all(in_shapes)._replace(made=results_between(in_shapes, out))
