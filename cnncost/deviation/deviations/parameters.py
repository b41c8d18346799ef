"""Mistakes in counting one layer's parameters, as they are made in exercises."""

from __future__ import annotations

from functools import partial

from cnncost.deviation.altering import argument_of, axis_values, costed, has, weighted
from cnncost.deviation.declaring import formula
from cnncost.deviation.deviations.formulas import BIASES, KERNEL, POOL, conv, pool_as_conv
from cnncost.dims import Shape
from cnncost.network.graph import Node

params = partial(formula, touches="params", of_rows=True)
counts = partial(formula, touches="params macs flops", of_rows=True)
"""The decorators of mistakes that are made row by row: no total is explained by them."""

WEIGHTS = "which numbers of a layer are learned?"
SHARED = "is a kernel learned anew at each position?"
GROUPS = "which kernel belongs to which channel?"
DILATED = "has a dilated kernel more weights?"


@params("{it} counts a single bias{of}, not one for each output", BIASES, 2)
def one_bias(node: Node) -> Node | None:
    """`alexnet conv1.params=34849`"""
    return with_biases(node, (1,))


@params("{it} counts a bias for each output value{of}, not for each filter", BIASES, 2)
def bias_at_each_position(node: Node) -> Node | None:
    """`alexnet conv1.params=325248`"""
    return with_biases(node, node.out_shape) if len(node.out_shape) > 1 else None


@params("{it} counts a bias for each weight{of}, not for each filter", BIASES, 2)
def bias_for_each_weight(node: Node) -> Node | None:
    """`alexnet conv1.params=69696`"""
    return with_biases(node, node.layer.weights(*node.in_shapes).get("weight", (1,)))


@params("{it} counts as many biases{of} as inputs, not as many as outputs", BIASES, 2)
def as_many_biases_as_inputs(node: Node) -> Node | None:
    """`alexnet fc6.params=37757952`"""
    return with_biases(node, (node.in_shape[0],)) if len(node.in_shapes) == 1 else None


@params("{it} multiplies the parameters{of} by the positions of the output", SHARED, 2)
def parameters_at_each_position(node: Node) -> Node | None:
    """`alexnet conv1.params=105705600`"""
    shapes = node.layer.weights(*node.in_shapes)
    positions = node.out_shape[1:]
    return weighted(node, {name: (*shape, *positions) for name, shape in shapes.items()})


@params("{it} is the number of multiply-adds{of}, not of parameters", SHARED, 2)
def work_for_parameters(node: Node) -> Node | None:
    """`alexnet conv1.params=105415200`"""
    weight = node.layer.weights(*node.in_shapes).get("weight")
    return weighted(node, {"weight": (*weight, *node.out_shape[1:])}) if weight and conv(node) else None


@params("{it} gives {the_pool} the parameters of one kernel, {kernel}", POOL, 3)
def pool_given_one_kernel(node: Node) -> Node | None:
    """`alexnet pool1.params=9`"""
    like = pool_as_conv(node, groups=node.in_shape[0], bias=False)
    return like and weighted(like, {"weight": axis_values(node, "kernel_size")})


@params("{it} counts one kernel{of} for all {in_channels} channels", GROUPS, 2)
def one_kernel_for_all_channels(node: Node) -> Node | None:
    """`mobilenet_v2 bottleneck2.0.body.depthwise.params=201`"""
    if not conv(node) or argument_of(node, "groups") != node.in_shape[0] or node.in_shape[0] == 1:
        return None
    shapes = node.layer.weights(*node.in_shapes)
    return weighted(node, {name: (1, *shape[1:]) for name, shape in shapes.items()})


@counts("{it} counts the gaps of the dilated kernel{of} as weights", DILATED, 2)
def dilated_kernel_counted(node: Node) -> Node | None:
    """`dilated.yaml conv.params=608`"""
    kernel, dilation = axis_values(node, "kernel_size"), axis_values(node, "dilation")
    if not has(node, "out_channels") or all(d == 1 for d in dilation):
        return None
    reach = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
    return costed(node, kernel_size=reach)


@counts(
    "{it} uses a kernel of {detail}×{detail}{of}, not {kernel}", KERNEL, 3, over=(1, 2, 3, 4, 5, 7, 9, 11)
)
def another_kernel_size(node: Node, size: int) -> Node | None:
    """`alexnet conv2.params=221440`"""
    kernel = axis_values(node, "kernel_size")
    return (
        costed(node, kernel_size=size) if conv(node) and len(kernel) == 2 and kernel != (size,) * 2 else None
    )


def with_biases(node: Node, shape: Shape) -> Node | None:
    """A layer whose biases have another shape; None where it has none."""
    shapes = node.layer.weights(*node.in_shapes)
    if argument_of(node, "bias") is not True or shapes.get("bias") in (None, shape):
        return None
    return weighted(node, {**shapes, "bias": shape})
