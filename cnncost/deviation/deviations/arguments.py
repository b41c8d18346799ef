"""A layer with another argument or rule: its output changes, and so do the layers after it."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

from cnncost.deviation.altering import (
    argument_of,
    axis_values,
    costed,
    has,
    is_strided,
    reshaped,
    unrounded_output,
    with_arguments,
    with_rule,
)
from cnncost.deviation.declaring import argument
from cnncost.network.graph import Node

PADDING = "look at the padding again"
IS_PADDED = "is there a padding?"
STRIDE = "look at the stride again"
ROUNDING = "what happens to a window that does not fit?"


@argument("the padding{of} is added once, not on both sides", PADDING, 2)
def padding_added_once(node: Node) -> Node | None:
    """`alexnet conv2.shape=256x25x25`"""
    window = node.layer.window
    if not any(axis_values(node, "padding")) or not window or not hasattr(window[0], "padding"):
        return None
    once = tuple(replace(w, padding=(w.padding[0], 0)) for w in window)
    return reshaped(node, with_rule(node.layer, window=once))


@argument("the padding{of} is left out", PADDING, 2)
def padding_forgotten(node: Node) -> Node | None:
    """`alexnet conv2.shape=256x23x23`"""
    return reshaping(node, padding=0) if any(axis_values(node, "padding")) else None


@argument("{the_layer} is padded to keep the size", IS_PADDED, 3)
def padding_assumed(node: Node) -> Node | None:
    """`alexnet --params 91738472`"""
    same = tuple(n // 2 for n in axis_values(node, "kernel_size"))
    return reshaping(node, padding=same) if axis_values(node, "padding") not in ((), same) else None


@argument("{the_layer} is padded by {detail}", IS_PADDED, 3, over=(1, 2, 3))
def other_padding(node: Node, size: int) -> Node | None:
    """`alexnet conv1.shape=96x56x56`"""
    return reshaping(node, padding=size) if axis_values(node, "padding") else None


@argument("the padding{of} is doubled", PADDING, 4)
def padding_doubled(node: Node) -> Node | None:
    """`alexnet --macs 1464836640`"""
    pads = axis_values(node, "padding")
    return reshaping(node, padding=tuple(2 * p for p in pads)) if any(pads) else None


@argument("the stride{of} is ignored", STRIDE, 2)
def stride_ignored(node: Node) -> Node | None:
    """`alexnet conv1.shape=96x217x217`"""
    return reshaping(node, stride=1) if is_strided(node) else None


@argument(
    "the stride{of} is left out of the jump, the distance on the input between neighbouring outputs",
    "how far apart are the outputs before it, on the input?",
    2,
    touches="receptive_field",
)
def stride_not_in_the_jump(node: Node) -> Node | None:
    """`resnet50-v1.5 --receptive-field 519`"""
    return costed(node, stride=1) if is_strided(node) else None


@argument("{the_layer} has stride 2", STRIDE, 4)
def stride_added(node: Node) -> Node | None:
    """`alexnet --macs 362381856`"""
    return reshaping(node, stride=2) if has(node, "stride", "kernel_size") and not is_strided(node) else None


@argument("the dilation{of} is ignored", "look at the dilation again", 2)
def dilation_ignored(node: Node) -> Node | None:
    """`dilated.yaml conv.shape=8x30x30`"""
    return reshaping(node, dilation=1) if any(n > 1 for n in axis_values(node, "dilation")) else None


@argument("the size{of} is rounded up, not down", ROUNDING, 2)
def rounded_up(node: Node) -> Node | None:
    """`googlenet --macs 1584788672`"""
    if not has(node, "kernel_size") or argument_of(node, "ceil_mode"):
        return None
    out = tuple(map(ceil, unrounded_output(node)))
    return node._replace(out_shape=out) if out != node.out_shape else None


@argument("the size{of} is rounded down, not up", ROUNDING, 2)
def rounded_down(node: Node) -> Node | None:
    """`googlenet pool1.shape=64x55x55`"""
    return reshaping(node, ceil_mode=False) if argument_of(node, "ceil_mode") else None


@argument("the + 1 of the size formula{of} is left out", "count the kernel's positions on paper", 2)
def one_place_forgotten(node: Node) -> Node | None:
    """`alexnet conv1.shape=96x54x54`"""
    sizes = node.out_shape[1:]
    if not has(node, "kernel_size") or not sizes or min(sizes) < 2:
        return None
    return node._replace(out_shape=(node.out_shape[0], *(n - 1 for n in sizes)))


@argument(
    "{the_layer} has as many output channels as input channels, {in_channels}",
    "how many filters are there?",
    3,
)
def channels_kept(node: Node) -> Node | None:
    """`alexnet --params 61749292`"""
    if not has(node, "out_channels") or node.in_shape[0] == node.out_shape[0]:
        return None
    return reshaping(node, out_channels=node.in_shape[0])


def reshaping(node: Node, **arguments: object) -> Node | None:
    """A node whose layer has other arguments, if its output shape becomes another."""
    found = reshaped(node, with_arguments(node.layer, **arguments))
    return found if found.out_shape != node.out_shape else None
