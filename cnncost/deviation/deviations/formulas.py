"""Mistakes in one layer's formula: it counts with other arguments or sizes, and later layers are right."""

from __future__ import annotations

from functools import partial
from math import prod
from typing import Any

from cnncost.deviation.altering import argument_of, axis_values, costed, has, unrounded_output, with_rule
from cnncost.deviation.declaring import formula
from cnncost.dims import Shape
from cnncost.layers import catalogue
from cnncost.network.graph import Node

params = partial(formula, touches="params")
biases = partial(formula, touches="params buffers")
counts = partial(formula, touches="params macs flops")
costs = partial(formula, touches="params macs flops memory elements")
work = partial(formula, touches="macs flops")
space = partial(formula, touches="memory elements")
work_and_space = partial(formula, touches="macs flops memory elements")
shapes_and_space = partial(formula, touches="height width out_size shape memory elements")
"""The decorators of mistakes in these quantities."""

BIASES = "look at the biases again"
BATCH_NORM = "what does batch norm learn?"
POOL = "does a pool learn?"
KERNEL = "look at the kernel again"
FILTERS = "how many filters are there?"
POSITIONS = "at how many positions is the kernel applied?"
KEPT = "whose values are kept?"

# parameters


@biases("{it} leaves out {the_biases}", BIASES, 1)
def bias_forgotten(node: Node) -> Node | None:
    """`alexnet conv1.params=34848`"""
    return costed(node, bias=False) if argument_of(node, "bias") is True else None


@biases("{it} counts biases{of} that do not exist", "are there biases?", 2)
def bias_added(node: Node) -> Node | None:
    """`resnet50-v1.5 --params 25557096`"""
    return costed(node, bias=True) if argument_of(node, "bias") is False else None


@biases("{it} counts the shared weights{of} again", "are some weights used twice?", 1)
def shared_weights_counted_again(node: Node) -> Node | None:
    """`retinanet_resnet50_fpn --params 60.834M`"""
    return node._replace(shares="") if node.shares else None


@params("{it} leaves out batch norm{of}", BATCH_NORM, 1)
def batch_norm_forgotten(node: Node) -> Node | None:
    """`resnet50 --params 25.503912M`"""
    return with_buffers(node, node.layer.buffer_names | {"weight", "bias"}) if batch_norm(node) else None


@params("{it} counts the offsets of batch norm{of} but not its factors", BATCH_NORM, 4)
def batch_norm_factor_forgotten(node: Node) -> Node | None:
    """`resnet50-v1.5 --params 25556968`"""
    return with_buffers(node, node.layer.buffer_names | {"weight"}) if batch_norm(node) else None


@params(
    "{it} counts the running means and variances{of} as parameters",
    "are all of batch norm's numbers learned?",
    2,
)
def batch_norm_statistics_counted(node: Node) -> Node | None:
    """`xception --params 22910480`"""
    return with_buffers(node, frozenset({"num_batches_tracked"})) if batch_norm(node) else None


@params("{it} counts all buffers{of} as parameters", "are all of these numbers learned?", 3)
def buffers_counted(node: Node) -> Node | None:
    """`resnet50-v1.5 --params 25557161`"""
    return with_buffers(node, frozenset()) if node.layer.buffer_names else None


@params("{it} gives {the_pool} parameters: {kernel} for each of {in_channels} channels", POOL, 3)
def pool_given_a_kernel(node: Node) -> Node | None:
    """`alexnet pool1.params=864`"""
    return pool_as_conv(node, groups=node.in_shape[0], bias=False)


@params("{it} gives {the_pool} the parameters of a convolution", POOL, 3)
def pool_given_weights(node: Node) -> Node | None:
    """`alexnet pool1.params=83040`"""
    return pool_as_conv(node, groups=1, bias=True)


@params("{it} gives {the_pool} the weights of a convolution", POOL, 3)
def pool_given_weights_without_biases(node: Node) -> Node | None:
    """`alexnet pool1.params=82944`"""
    return pool_as_conv(node, groups=1, bias=False)


# the kernel


@counts("{it} uses the kernel size{of} once: {side}, not {kernel}", KERNEL, 2.5)
def kernel_not_squared(node: Node) -> Node | None:
    """`alexnet conv1.params=3264`"""
    k = axis_values(node, "kernel_size")
    return costed(node, kernel_size=(*k[:-1], 1)) if len(k) == 2 and k[0] == k[1] > 1 else None


@counts("{it} leaves out the kernel{of}", KERNEL, 3)
def kernel_forgotten(node: Node) -> Node | None:
    """`alexnet conv2.params=24832`"""
    k = axis_values(node, "kernel_size")
    unpadded = {"padding": 0} if has(node, "ceil_mode") else {}  # a pool refuses more than half its kernel
    return costed(node, kernel_size=(1,) * len(k), **unpadded) if prod(k) > 1 else None


# channels and groups


@counts("{it} leaves out the {in_channels} input channels{of}", "what does one filter look at?", 2)
def input_channels_forgotten(node: Node) -> Node | None:
    """`alexnet conv2.params=6656`"""
    c, *sizes = node.in_shape
    return costed(node._replace(in_shapes=((1, *sizes),)), groups=1) if conv(node) and c > 1 else None


@counts("{it} uses {out_channels} input channels{of} instead of {in_channels}", "how many channels enter?", 3)
def output_channels_for_input(node: Node) -> Node | None:
    """`alexnet conv2.params=1638656`"""
    c_out, (c_in, *sizes) = node.out_shape[0], node.in_shape
    return node._replace(in_shapes=((c_out, *sizes),)) if conv(node) and c_in != c_out else None


@costs("{it} uses {in_channels} filters{of} instead of {out_channels}", FILTERS, 3)
def input_channels_for_output(node: Node) -> Node | None:
    """`alexnet conv2.params=230496`"""
    return with_filters(node, node.in_shape[0])


@costs("{it} counts one filter{of} instead of {out_channels}", FILTERS, 2)
def one_filter(node: Node) -> Node | None:
    """`alexnet conv1.params=364`"""
    return with_filters(node, 1, groups=1)


@counts("{it} does not divide by the {groups} groups{of}", "look at the groups again", 2)
def groups_ignored(node: Node) -> Node | None:
    """`resnext50_32x4d conv2_x.0.body.conv_bn_1.macs=462422016`"""
    return costed(node, groups=1) if conv(node) and argument_of(node, "groups") > 1 else None


# sizes


@work(
    "{it} computes the work{of} with the input's size, {in_size}, not the output's {out_size}", POSITIONS, 2
)
def work_at_the_inputs_size(node: Node) -> Node | None:
    """`alexnet conv1.macs=1795682592`"""
    return sized(node, node.in_shape[1:])


@space("{it} computes the memory{of} with the input's size, {in_size}", KEPT, 2)
def memory_at_the_inputs_size(node: Node) -> Node | None:
    """`alexnet conv1.memory=19787136`"""
    return sized(node, node.in_shape[1:])


@space("{it} counts the memory of the input{of}, not of the output", KEPT, 2)
def memory_of_the_input(node: Node) -> Node | None:
    """`alexnet conv1.memory=618348`"""
    return node._replace(out_shape=node.in_shape) if node.in_shape != node.out_shape else None


@work_and_space(
    "{it} uses one side of the output{of}: {side_out}, not {out_size}",
    "how many positions has the output?",
    2,
)
def size_not_squared(node: Node) -> Node | None:
    """`alexnet conv1.memory=21120`"""
    return sized(node, (node.out_shape[1], 1)) if len(node.out_shape) == 3 else None


@space("{it} leaves out the {out_channels} channels{of}", "how many channels come out?", 2)
def output_channels_forgotten(node: Node) -> Node | None:
    """`alexnet pool1.memory=2916`"""
    return node._replace(out_shape=(1, *node.out_shape[1:])) if len(node.out_shape) == 3 else None


@work_and_space("{it} leaves out the {out_size} positions{of}", POSITIONS, 3)
def positions_forgotten(node: Node) -> Node | None:
    """`alexnet conv1.macs=34848`"""
    return sized(node, (1,) * (len(node.out_shape) - 1))


@shapes_and_space("the size{of} is not rounded down", "what happens to a window that does not fit?", 2)
def floor_left_out(node: Node) -> Node | None:
    """`googlenet --memory 23557792`"""
    out = unrounded_output(node) if has(node, "kernel_size") else node.out_shape
    return node._replace(out_shape=out) if out != node.out_shape else None


@space("{it} counts the input{of} as well as the output", KEPT, 2, of_rows=True)
def input_and_output_kept(node: Node) -> Node | None:
    """`alexnet conv1.memory=1779948`"""
    return node._replace(out_shape=(sum(map(prod, node.in_shapes)) + prod(node.out_shape),))


@space("{it} counts the parameters{of} as well as the output", KEPT, 3, of_rows=True)
def parameters_kept_too(node: Node) -> Node | None:
    """`alexnet conv3.memory=3800064`"""
    weights = sum(map(prod, node.layer.weights(*node.in_shapes).values()))
    return node._replace(out_shape=(weights + prod(node.out_shape),)) if weights else None


@space("{it} counts memory for in-place layers{of}", "what is overwritten?", 2)
def in_place_kept(node: Node) -> Node | None:
    """`alexnet --memory 3423392`"""
    return node._replace(layer=with_rule(node.layer, in_place=False)) if node.layer.in_place else None


# what these ask of a node


def conv(node: Node) -> bool:
    """Whether it is a convolution."""
    return has(node, "out_channels", "kernel_size", "groups")


def batch_norm(node: Node) -> bool:
    """Whether it is a batch norm that learns."""
    return has(node, "affine", "track_running_stats") and bool(argument_of(node, "affine"))


def with_buffers(node: Node, names: frozenset[str]) -> Node:
    """A node of whose weights only these are buffers."""
    return node._replace(layer=with_rule(node.layer, buffer_names=names))


def with_filters(node: Node, count: int, **arguments: Any) -> Node | None:
    """A convolution that is costed with another number of filters."""
    c, *sizes = node.out_shape
    wrong = node._replace(out_shape=(count, *sizes))
    return costed(wrong, out_channels=count, **arguments) if conv(node) and c != count else None


def sized(node: Node, sizes: Shape) -> Node | None:
    """A node whose output has another size, with the same channels."""
    if not has(node, "kernel_size") or len(node.out_shape) < 2 or sizes == node.out_shape[1:]:
        return None
    return node._replace(out_shape=(node.out_shape[0], *sizes))


def pool_as_conv(node: Node, groups: int, bias: bool) -> Node | None:
    """A pool taken for a convolution with as many filters as channels."""
    if not has(node, "kernel_size", "ceil_mode"):
        return None
    like = catalogue()[f"Conv{len(node.out_shape) - 1}d"]
    kernel = argument_of(node, "kernel_size")
    return node._replace(layer=like(node.in_shape[0], kernel, groups=groups, bias=bias))
