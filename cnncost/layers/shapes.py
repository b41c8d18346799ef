"""Shapes: what their axes are, and the errors for inputs that do not fit."""

from __future__ import annotations

from cnncost import dims
from cnncost.dims import Shape
from cnncost.errors import ShapeError

Letters = tuple[str, ...]
"""One letter per axis of a shape, as formulas write them: C, H, W; T, F for tokens."""

AXES: dict[int, Letters] = {1: ("L",), 2: ("H", "W"), 3: ("T", "H", "W")}

CHANNELS = ("C", "F")
"""The letters of channels and features."""


def map_axes(count: int) -> Letters:
    """C, H, W; C, L; F of a vector."""
    return ("F",) if count == 1 else ("C", *AXES.get(count - 1, nameless(count - 1)))


def nameless(count: int) -> Letters:
    """N; N_1, N_2: axes about which nothing is known."""
    return ("N",) if count == 1 else tuple(f"N_{i}" for i in range(1, count + 1))


def axis_in(shape: Shape, dim: int, name: str = "dim") -> int:
    """Which entry of `shape`, a shape without the batch, the axis `dim` is.

    Raises:
        ShapeError: the input has no such axis, or it is the batch's.
    """
    axis = dim - 1 if dim > 0 else len(shape) + dim
    if axis == -1:
        raise ShapeError(f"`{name}` {dim} is the batch's axis")
    if not 0 <= axis < len(shape):
        raise ShapeError(f"`{name}` {dim} is not an axis of the input, whose last is {len(shape)}")
    return axis


SHAPES = {axes: "×".join(map_axes(axes + 1)) for axes in AXES}


def axes_of(shape: Shape) -> str:
    """`1 axis`, `3 axes`."""
    return "1 axis" if len(shape) == 1 else f"{len(shape)} axes"


def one_input(in_shapes: tuple[Shape, ...]) -> Shape:
    """The only input of a layer that takes one."""
    if len(in_shapes) != 1:
        raise ShapeError(f"it takes one input, not {len(in_shapes)}")
    return in_shapes[0]


def not_empty(sizes: Shape, out: Shape) -> Shape:
    """`out`, or the error that it has shrunk to nothing."""
    for n, o in zip(sizes, out, strict=True):
        dims.require(o >= 1, "the output shrinks to nothing: a size of {} becomes {}", n, o)
    return out
