"""Which tensors share memory: views, and the steps between the positions of their values.

A view reads the memory of another tensor with other steps (strides). Whether `Reshape` and `Flatten` can
make one, or must copy, depends on these steps, as in PyTorch.
"""

from __future__ import annotations

from cnncost.dims import Shape
from cnncost.layers.adaptive_pool import AdaptiveAvgPool2d
from cnncost.layers.base import Layer
from cnncost.layers.norm import GroupNorm, LayerNorm, RMSNorm
from cnncost.layers.shapes import axis_in
from cnncost.layers.softmax import LogSoftmax, Softmax
from cnncost.layers.take import CenterCrop, Permute, Select, Slice

REWRITES = (LayerNorm, RMSNorm, GroupNorm, Softmax, LogSoftmax)
"""Layers that keep the shape, but write in the order of the axes whatever the order of their input."""

Strides = tuple[int, ...]
"""How far apart two neighbours along each axis are, without the batch's axis."""


def contiguous(shape: Shape) -> Strides:
    """The steps of a tensor that is written in the order of its axes."""
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))


def is_contiguous(shape: Shape, strides: Strides) -> bool:
    """Whether the values lie in the order of the axes; an axis of one value has no step."""
    pairs = zip(shape, strides, contiguous(shape), strict=True)
    return all(n == 1 or step == wanted for n, step, wanted in pairs)


def viewed(layer: Layer, shape: Shape, strides: Strides, out: Shape) -> Strides | None:
    """The steps of a view layer's output; None where no view is possible, so that it copies."""
    match layer:
        case Permute(order=order):
            return tuple(strides[axis] for axis in order or ())
        case Select():
            axis = axis_in(shape, layer.dim)
            return (*strides[:axis], *strides[axis + 1 :])
        case Slice() | CenterCrop():
            return strides
    return regrouped(shape, strides, out)


def regrouped(shape: Shape, strides: Strides, out: Shape) -> Strides | None:
    """The steps of the same values in another shape; None where these steps cannot say it.

    Axes whose steps follow from each other are one block, which may be divided otherwise.
    """
    blocks: list[tuple[int, int]] = []  # the values of each block, and the step within it
    for n, step in zip(shape, strides, strict=True):
        if n == 1:
            continue
        if blocks and blocks[-1][1] == n * step:
            blocks[-1] = (blocks[-1][0] * n, step)
        else:
            blocks.append((n, step))
    made: list[int] = []
    sizes = list(out)
    for values, step in reversed(blocks or [(1, 1)]):
        while sizes and (values > 1 or sizes[-1] == 1):
            n = sizes.pop()
            if values % n:
                return None
            made.append(step)
            step, values = step * n, values // n
    made += [1] * len(sizes)
    return tuple(reversed(made))


def made_by(layer: Layer, in_shapes: tuple[Shape, ...], entering: list[Strides], out: Shape) -> Strides:
    """The steps of an output of its own: layers that work value by value keep those of their input."""
    by_value = (layer.in_place and not isinstance(layer, REWRITES)) or layer.broadcasts
    if not entering or not (by_value or keeps_channels_last(layer, in_shapes, entering)):
        return contiguous(out)
    for shape, strides in zip(in_shapes, entering, strict=True):
        if shape == out and not is_contiguous(shape, strides):
            return packed(shape, strides)
        if shape == out:
            return contiguous(out)
    return packed(out, entering[0]) if len(entering[0]) == len(out) else contiguous(out)


def packed(shape: Shape, strides: Strides) -> Strides:
    """The same order of the axes without gaps."""
    made, step = [0] * len(shape), 1
    for axis in sorted(range(len(shape)), key=lambda i: (strides[i], -i)):
        made[axis] = step
        step *= shape[axis]
    return tuple(made)


def keeps_channels_last(layer: Layer, in_shapes: tuple[Shape, ...], entering: list[Strides]) -> bool:
    """Whether a convolution or pool gets a map whose channels lie last, and so makes one."""
    if not (layer.window or isinstance(layer, AdaptiveAvgPool2d)) or len(in_shapes[0]) != 3:
        return False
    return entering[0][0] == 1 and not is_contiguous(in_shapes[0], entering[0])
