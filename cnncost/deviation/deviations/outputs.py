"""Mistakes about the output of one layer, as they are made in exercises; later layers follow from it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from cnncost.deviation.altering import argument_of, axis_values, has, is_strided, with_rule
from cnncost.deviation.declaring import argument
from cnncost.deviation.deviations.arguments import PADDING, STRIDE, reshaping
from cnncost.layers import catalogue
from cnncost.network.graph import Node

SIZED = "height width out_size in_size out_channels in_channels shape memory elements params macs flops"
output = partial(argument, touches=SIZED, of_rows=True)
"""The decorator of mistakes in an output, and in what is worked out from it; receptive fields are not."""

POOLED = "what does a pool do to the channels?"
AXES = "which axis is the height, and which the width?"
TRANSPOSED = "how does a transposed convolution change the size?"
DILATION = "how far does a dilated kernel reach?"
WINDOW = "what does the window do to the size?"


@output("{the_layer} divides the channels too, which a pool keeps", POOLED, 2)
def channels_divided_too(node: Node) -> Node | None:
    """`alexnet pool1.shape=48x27x27`"""
    c, *sizes = node.out_shape
    s = pool_stride(node)
    return node._replace(out_shape=(c // s, *sizes)) if s > 1 and c >= s else None


@output("{the_layer} divides the channels instead of the size", POOLED, 2)
def channels_divided_instead(node: Node) -> Node | None:
    """`alexnet pool1.shape=48x55x55`"""
    c, *sizes = node.in_shape
    s = pool_stride(node)
    return node._replace(out_shape=(c // s, *sizes)) if s > 1 and c >= s else None


@output("the stride and the padding{of} are both ignored", f"{STRIDE}; {PADDING}", 3)
def stride_and_padding_ignored(node: Node) -> Node | None:
    """`resnet18 conv1.shape=64x218x218`"""
    padded = any(axis_values(node, "padding"))
    return reshaping(node, stride=1, padding=0) if padded and is_strided(node) else None


@output("{the_layer} has stride {detail}", STRIDE, 3, over=(2, 3, 4))
def another_stride(node: Node, stride: int) -> Node | None:
    """`alexnet conv1.shape=96x73x73`"""
    if not is_strided(node) or len(node.out_shape) < 2:
        return None
    pooled = pool_stride(node) > 1 and axis_values(node, "kernel_size") == axis_values(node, "stride")
    return reshaping(node, stride=stride, **({"kernel_size": stride, "padding": 0} if pooled else {}))


@output("the dilated kernel{of} is taken as K·D wide; it reaches over D·(K - 1) + 1", DILATION, 2)
def dilated_kernel_too_large(node: Node) -> Node | None:
    """`dilated.yaml conv.shape=8x27x27`"""
    window = node.layer.window
    if not window or not has(node, "kernel_size") or all(d == 1 for d in axis_values(node, "dilation")):
        return None
    wide = tuple(replace(w, kernel=w.kernel * w.dilation, dilation=1) for w in window)
    return node._replace(out_shape=with_rule(node.layer, window=wide).out_shape(*node.in_shapes))


@output("{the_layer} is computed with the formula of an ordinary convolution", TRANSPOSED, 2)
def transposed_as_convolution(node: Node) -> Node | None:
    """`unet up4.up.shape=512x14x14`"""
    if not transposed(node):
        return None
    names = ("out_channels", "kernel_size", "stride", "padding", "dilation")
    like = catalogue()[f"Conv{len(node.out_shape) - 1}d"](
        **{name: getattr(node.layer, name) for name in names}
    )
    return node._replace(out_shape=like.out_shape(*node.in_shapes))


@output("the padding{of} is added, where a transposed convolution takes it away", TRANSPOSED, 2)
def padding_added_to_a_transposed_convolution(node: Node) -> Node | None:
    """`generator.yaml up.shape=8x20x20`"""
    c, *sizes = node.out_shape
    pads = axis_values(node, "padding")
    if not transposed(node) or not any(pads):
        return None
    return node._replace(out_shape=(c, *(n + 4 * p for n, p in zip(sizes, pads, strict=True))))


@output("the - 1 of the size formula{of} is left out", TRANSPOSED, 2)
def positions_not_less_one(node: Node) -> Node | None:
    """`unet up4.up.shape=512x58x58`"""
    c, *sizes = node.out_shape
    if not transposed(node):
        return None
    strides = axis_values(node, "stride")
    return node._replace(out_shape=(c, *(n + s for n, s in zip(sizes, strides, strict=True))))


@output("the height and the width{of} are exchanged", AXES, 2)
def height_and_width_exchanged(node: Node) -> Node | None:
    """`wide.yaml conv.shape=8x58x38`"""
    return with_sizes(node, node.out_shape[2], node.out_shape[1]) if is_map(node) else None


@output("the width{of} is used for the height too", AXES, 2)
def width_for_height(node: Node) -> Node | None:
    """`wide.yaml conv.shape=8x58x58`"""
    return with_sizes(node, node.out_shape[2], node.out_shape[2]) if is_map(node) else None


@output("the height{of} is used for the width too", AXES, 2)
def height_for_width(node: Node) -> Node | None:
    """`wide.yaml conv.shape=8x38x38`"""
    return with_sizes(node, node.out_shape[1], node.out_shape[1]) if is_map(node) else None


@output("{the_layer} leaves the size as it is", WINDOW, 2)
def output_not_changed(node: Node) -> Node | None:
    """`alexnet pool1.shape=96x55x55`"""
    if not has(node, "kernel_size") or not is_strided(node) or len(node.in_shape) != len(node.out_shape):
        return None
    return with_sizes(node, *node.in_shape[1:])


# what these ask of a node


def is_map(node: Node) -> bool:
    """Whether its output has a height and a width."""
    return len(node.out_shape) == 3 and has(node, "kernel_size")


def transposed(node: Node) -> bool:
    """Whether it is a transposed convolution."""
    return has(node, "output_padding")


def pool_stride(node: Node) -> int:
    """The stride of a pool; 1 for other layers."""
    strides = set(axis_values(node, "stride")) if not has(node, "out_channels") else set()
    return strides.pop() if len(strides) == 1 and argument_of(node, "kernel_size") else 1


def with_sizes(node: Node, *sizes: int) -> Node | None:
    """A node whose output has other sizes."""
    shape = (node.out_shape[0], *sizes)
    return node._replace(out_shape=shape) if shape != node.out_shape else None
