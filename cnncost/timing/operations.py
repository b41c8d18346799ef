"""Operations: layers that run in the same way, and what their time depends on."""

from __future__ import annotations

from collections.abc import Sequence

from cnncost.dims import Shape, Size, product
from cnncost.layers import Layer
from cnncost.layers.conv import Conv1d, Conv2d, Conv3d
from cnncost.layers.work import NO_WORK

TERMS = (
    "launches",
    "multiply_adds",
    "multiply_adds_per_input_channel",
    "multiply_adds_per_output_channel",
    "multiply_adds_per_position",
    "input_bytes",
    "output_bytes",
    "weight_bytes",
    "large_output_bytes",
)
"""What the time of an operation is a sum of. The three ratios are the work that is lost at the edges of
small matrices; `large_output_bytes` are those above LARGE, for which memory comes anew from the system."""

LARGE = 32 * 2**20
COMPUTE = frozenset(TERMS[1:5])
"""The terms that are computing; the bytes are moving data."""

VIEW = "view"
"""What computes and moves nothing."""


def operation(layer: Layer, in_shapes: Sequence[Shape]) -> str:
    """How a layer runs: a convolution by its kind, any other layer by its type."""
    if isinstance(layer, (Conv1d, Conv2d, Conv3d)):
        return convolution(layer, in_shapes[0][0])
    if layer.work(tuple(in_shapes), layer.out_shape(*in_shapes)) == NO_WORK and len(in_shapes) == 1:
        return type(layer).__name__ if type(layer).__name__ in COPIES else VIEW
    return type(layer).__name__


COPIES = frozenset({"WindowPartition", "WindowReverse", "ChannelShuffle", "Upsample", "ZeroPad2d", "Roll"})
"""Layers that compute nothing and yet write their output."""


def convolution(layer: Conv1d | Conv2d | Conv3d, channels: Size) -> str:
    """The kind of a convolution, as libraries tell them apart."""
    if layer.groups == channels and layer.groups > 1:
        return "depthwise convolution"
    if layer.groups > 1:
        return "grouped convolution"
    return "pointwise convolution" if product(layer.kernel_size) == 1 else "convolution"


def terms(layer: Layer, in_shapes: Sequence[Shape], out: Shape, batch: int, size: float) -> list[float]:
    """The TERMS of a layer for a batch, with values of `size` bytes."""
    macs = batch * layer.work(tuple(in_shapes), out).macs
    weights = sum(product(shape) for shape in layer.weights(*in_shapes).values()) if macs else 0
    axis = 0 if layer.window else -1  # that of the channels, or of the features
    moved_in, moved_out = (
        batch * sum(map(product, in_shapes)) * size,
        batch * product(out) * size,
    )
    positions = batch * product(out) // out[axis]
    return [
        1.0,
        macs,
        macs / in_shapes[0][axis] if in_shapes else 0.0,
        macs / out[axis],
        macs / positions,
        moved_in,
        moved_out,
        weights * size,
        max(0.0, moved_out - LARGE),
    ]
