"""Reductions: one value for all positions of some axes, such as a mean or a norm."""

from __future__ import annotations

from typing import Any

from cnncost import dims
from cnncost.dims import Shape, product
from cnncost.errors import ArgumentError, ShapeError
from cnncost.layers.arguments import axis_number, one_of, settle
from cnncost.layers.base import Layer, example, layer, no_weights
from cnncost.layers.saved import Saved
from cnncost.layers.shapes import Letters, axis_in, one_input
from cnncost.layers.window import Reach, Whole
from cnncost.layers.work import Work

PER_VALUE = {
    "mean": Work(adds=1),
    "sum": Work(adds=1),
    "max": Work(compares=1),
    "min": Work(compares=1),
    "var": Work(adds=3, muls=1),  # the mean; the difference from it, its square, their sum
    "std": Work(adds=3, muls=1),
    "norm": Work(adds=1, muls=1),  # the square, and the sum
}
"""What each reduction takes for each value that it reads."""

PER_OUTPUT = {
    "mean": Work(divs=1),
    "var": Work(divs=2),
    "std": Work(divs=2, sqrts=1),
    "norm": Work(sqrts=1),
}
"""What it takes besides for each value that it writes."""

KEPT = {
    "mean": Saved(),
    "sum": Saved(),
    "var": Saved(inputs=(0,)),
}
"""What its backward pass needs, if not both input and output."""


@layer
class Reduce(Layer):
    """One value for all positions of some axes: their mean, sum, max, min, var, std or (Euclidean) norm.

    Shape: the axes `dim` are gone, or have size 1 with `keepdim`: Reduce('mean', dim=(2, 3)) makes
        (C, H, W) to (C,).
    Counts: an addition for each value that a mean or a sum reads, a comparison for max and min; a square
        besides for a norm; for var and std the mean, and a subtraction, a square and an addition.
        A mean takes a division per output, var two, std and norm a square root.
    Errors: an unknown `operation`; an axis that is not there, the batch axis, or one named twice; no
        axis left; var and std of a single value.
    Reference: https://docs.pytorch.org/docs/stable/torch.html#reduction-ops
    """

    operation: str
    dim: Any
    keepdim: bool = False

    equal_axes_once = False
    examples = (
        example("Reduce('mean', dim=(2, 3))", (4, 5, 7)),
        example("Reduce('max', dim=1, keepdim=True)", (4, 5, 7)),
        example("Reduce('norm', dim=(1, -2), keepdim=True)", (4, 5, 7)),
        example("Reduce('std', dim=-1)", (4, 5, 7)),
        *(example(f"Reduce('{name}', 1)", (4, 5)) for name in ("sum", "min", "var")),
        example("Reduce('median', 1)", (4, 5), fails="`operation` must be one of 'mean', 'sum', 'max'"),
        example("Reduce('mean', 3)", (4, 5), fails="`dim` 3 is not an axis of the input, whose last is 2"),
        example("Reduce('mean', 0)", (4, 5), fails="`dim` must be an axis other than the batch's 0, got 0"),
        example("Reduce('mean', (1, -2))", (4, 5), fails="`dim` (1, -2) names an axis twice"),
        example("Reduce('mean', ())", (4, 5), fails="`dim` must name an axis or more, got ()"),
        example("Reduce('std', 1)", (1, 5), fails="a single value has no `std`"),
        example("Reduce('mean', (1, 2))", (4, 5), fails="no axis is left: write `keepdim=True`"),
    )
    weights = no_weights("a fixed function")

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("operation", self.operation, tuple(PER_VALUE))
        given = self.dim if isinstance(self.dim, (tuple, list)) else (self.dim,)
        if not given:
            raise ArgumentError(f"`dim` must name an axis or more, got {self.dim!r}")
        settle(self, dim=tuple(axis_number("dim", axis) for axis in given))

    def reduced(self, shape: Shape | Letters) -> set[int]:
        """Which entries of a shape are reduced."""
        axes = {axis_in(shape, dim) for dim in self.dim}
        if len(axes) < len(self.dim):
            raise ShapeError(f"`dim` {self.dim} names an axis twice")
        return axes

    def kept(self, shape: tuple[Any, ...], one: Any) -> tuple[Any, ...]:
        """A shape, or the letters of its axes, without the axes that are gone; `one` where an axis stays."""
        axes = self.reduced(shape)
        if self.keepdim:
            return tuple(one(n) if axis in axes else n for axis, n in enumerate(shape))
        return tuple(n for axis, n in enumerate(shape) if axis not in axes)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        out = self.kept(shape, lambda _: 1)
        if self.operation in ("var", "std"):
            values = product([shape[axis] for axis in self.reduced(shape)])
            dims.require(values >= 2, "a single value has no `{}`", self.operation)
        if not out:
            raise ShapeError("no axis is left: write `keepdim=True`")
        return out

    def out_axes(self, letters: Letters) -> Letters:
        return self.kept(letters, lambda letter: letter)

    def expression(self, *in_shapes: Shape) -> str:
        dim = self.dim[0] if len(self.dim) == 1 else self.dim
        options = f"{dim}{', keepdim=True' if self.keepdim else ''}"
        if self.operation == "norm":
            return f"torch.linalg.vector_norm({{0}}, dim={options})"
        name = {"max": "amax", "min": "amin"}.get(self.operation, self.operation)
        return f"{{0}}.{name}({options})"

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        read = PER_VALUE[self.operation].times(product(in_shapes[0]))
        return read.plus(PER_OUTPUT.get(self.operation, Work()).times(product(out)))

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return KEPT.get(self.operation, Saved(inputs=(0,), output=True))

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        axes = self.reduced(in_shape)
        return tuple(Whole(n) if axis in axes else None for axis, n in enumerate(in_shape))
