"""Another argument or rule of a layer: its output changes, and what follows takes it up."""

from __future__ import annotations

from dataclasses import replace

from cnncost.deviation.change import Upward, axes_of, costed, has, reshaped, with_arguments, with_rule
from cnncost.deviation.kinds import argument
from cnncost.layers.base import Layer
from cnncost.network.graph import Node


@argument("the padding{of} is added once, not on both sides", "look at the padding again", 2)
def padding_added_once(node: Node) -> Node | None:
    pads = axes_of(padding(node.layer))
    if not any(pads) or not node.layer.window or not hasattr(node.layer.window[0], "padding"):
        return None
    once = tuple(replace(w, padding=(w.padding[0], 0)) for w in node.layer.window)
    return reshaped(node, with_rule(node.layer, window=once))


@argument("the padding{of} is left out", "look at the padding again", 2)
def padding_forgotten(node: Node) -> Node | None:
    return another(node, padding=0) if any(axes_of(padding(node.layer))) else None


@argument("{the_layer} is padded to keep the size", "is there a padding?", 3)
def padding_assumed(node: Node) -> Node | None:
    k = axes_of(getattr(node.layer, "kernel_size", None))
    same = tuple(n // 2 for n in k)
    return another(node, padding=same) if axes_of(padding(node.layer)) not in ((), same) else None


@argument("{the_layer} is padded by {detail}", "is there a padding?", 3, over=(1, 2, 3))
def other_padding(node: Node, size: int) -> Node | None:
    return another(node, padding=size) if axes_of(padding(node.layer)) else None


@argument("the padding{of} is doubled", "look at the padding again", 4)
def padding_doubled(node: Node) -> Node | None:
    pads = axes_of(padding(node.layer))
    return another(node, padding=tuple(2 * p for p in pads)) if any(pads) else None


@argument("the stride{of} is ignored", "look at the stride again", 2)
def stride_ignored(node: Node) -> Node | None:
    return another(node, stride=1) if strided(node) else None


@argument(
    "the stride{of} is left out of the jump, the step between outputs on the input",
    "how far apart are the outputs before it, on the input?",
    2,
    touches="receptive_field",
)
def stride_not_in_the_jump(node: Node) -> Node | None:
    return costed(node, stride=1) if strided(node) else None


@argument("{the_layer} halves the size", "look at the stride again", 4)
def stride_added(node: Node) -> Node | None:
    return another(node, stride=2) if has(node, "stride", "kernel_size") and not strided(node) else None


@argument("the dilation{of} is ignored", "look at the dilation again", 2)
def dilation_ignored(node: Node) -> Node | None:
    d = axes_of(getattr(node.layer, "dilation", None))
    return another(node, dilation=1) if any(n > 1 for n in d) else None


@argument("the size{of} is rounded up, not down", "what becomes of a window that does not fit?", 2)
def rounded_up(node: Node) -> Node | None:
    if not has(node, "kernel_size") or getattr(node.layer, "ceil_mode", False):
        return None
    c, *sizes = node.in_shapes[0]
    out = node.layer.out_shape((c, *map(Upward, sizes)))
    out = tuple(map(int, out))
    return node._replace(out_shape=out) if out != node.out_shape else None


@argument("the size{of} is rounded down, not up", "what becomes of a window that does not fit?", 2)
def rounded_down(node: Node) -> Node | None:
    return another(node, ceil_mode=False) if getattr(node.layer, "ceil_mode", False) else None


@argument("the + 1 of the size formula{of} is left out", "count the places of the kernel by hand", 2)
def one_place_forgotten(node: Node) -> Node | None:
    if not has(node, "kernel_size") or len(node.out_shape) < 2 or min(node.out_shape[1:]) < 2:
        return None
    return node._replace(out_shape=(node.out_shape[0], *(n - 1 for n in node.out_shape[1:])))


@argument("{the_layer} leaves as many channels as enter, {in_channels}", "how many filters are there?", 3)
def channels_kept(node: Node) -> Node | None:
    c = node.in_shapes[0][0]
    return another(node, out_channels=c) if has(node, "out_channels") and c != node.out_shape[0] else None


def padding(layer: Layer) -> object:
    """The padding of a layer that has one."""
    return getattr(layer, "padding", None)


def strided(node: Node) -> bool:
    """Whether the stride is more than 1."""
    stride = axes_of(getattr(node.layer, "stride", None))
    return bool(stride) and stride != (1,) * len(stride)


def another(node: Node, **arguments: object) -> Node | None:
    """A node whose layer has other arguments, where its output becomes another."""
    found = reshaped(node, with_arguments(node.layer, **arguments))
    return found if found.out_shape != node.out_shape else None
