"""Another network: parts left out or doubled, strides elsewhere, another input, other classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cnncost import numbers
from cnncost.deviation.altering import argument_of, has, is_strided, reshaped, with_arguments
from cnncost.deviation.declaring import Edit, NodeChange, Nodes, network, part
from cnncost.deviation.measure import FIELDS
from cnncost.deviation.numbered import NumberedGraph
from cnncost.dims import Shape
from cnncost.network.graph import Node

SUMS = " ".join(FIELDS)


@part("{what} {is_are} left out", "is every layer there?", 2, touches=SUMS)
def left_out(node: Node) -> Nodes | None:  # noqa: ARG001  (any node can be left out)
    """`vgg16 --macs 13.6G`"""
    return ()


@part("{what} {is_are} missing from the network", "is every layer there?", 3, follows=True)
def missing(node: Node) -> Nodes | None:
    """`alexnet conv2.receptive_field=27`"""
    return () if len(node.inputs) == 1 else None


@part("{what} {is_are} counted twice", "is a layer there twice?", 3, touches=SUMS)
def doubled(node: Node) -> Nodes | None:
    """`alexnet --params 62413288`"""
    return (node, node)


@network("the side heads, used only in training, are counted", "what is used in training only?", 1)
def side_heads_counted(net: NumberedGraph) -> Iterator[Edit]:
    """`googlenet --params 13.38M`"""
    heads = [i for i, node in enumerate(net.nodes) if node.aux]
    yield Edit("", dict.fromkeys(heads, replaced(aux=False)))


STRIDE = "the stride{of} is in the {detail}"
WHICH = "in which convolution of a block is the stride?"


@network(STRIDE, WHICH, 2)
def stride_in_the_convolution_before(net: NumberedGraph) -> Iterator[Edit]:
    """`resnet50-v1.5 --macs 3.86G`: in the first 1×1 of a bottleneck, where the network has it in the 3×3."""
    yield from moved_strides(net, net.only_input, "before")


@network(STRIDE, WHICH, 2)
def stride_in_the_convolution_behind(net: NumberedGraph) -> Iterator[Edit]:
    """`resnet50 --macs 4.09G`: in the 3×3 of a bottleneck, where the network has it in the first 1×1."""
    yield from moved_strides(net, net.only_reader, "after")


# fmt: off
INPUTS = (
    24, 28, 32, 64, 96, 128, 160, 192, 200, 224, 225, 227, 229, 240, 256, 260, 288, 299, 300, 320, 331, 384,
    448, 480, 512, 600,
)
# fmt: on
"""The input sizes for which networks are printed."""


def only_input(net: NumberedGraph) -> Shape:
    """The input's shape; of several inputs, which no deviation changes, that of a vector of nothing."""
    return net.graph.input_shape if len(net.graph.inputs) == 1 else (0,)


@network("the input is {where}", "how large is the input?", 2)
def another_input(net: NumberedGraph) -> Iterator[Edit]:
    """`alexnet --params 34066792`"""
    c, *sizes = only_input(net)
    for size in INPUTS if len(sizes) == 2 else ():
        if sizes != [size, size] and sizes[0] / 2 <= size <= sizes[0] * 2.5:
            yield Edit(f"{size}×{size}, not {numbers.shape(tuple(sizes))}", {}, (c, size, size))


@network("the input has {where}", "how many channels has the input?", 3)
def another_colour(net: NumberedGraph) -> Iterator[Edit]:
    """`alexnet --params 62355112`"""
    c, *sizes = only_input(net)
    for channels in (1, 3):
        if len(sizes) == 2 and channels != c:
            yield Edit(f"{channels} channel{'s' * (channels > 1)}, not {c}", {}, (channels, *sizes))


@network("{detail}", "how many values does flatten join?", 2)
def joined_positions_forgotten(net: NumberedGraph) -> Iterator[Edit]:
    """`vgg16 fc6.params=2101248`

    Flatten is thought to give the channels only; or only the layer that reads its output is.
    """
    for i, node in enumerate(net.nodes):
        if node.type != "Flatten":
            continue
        (c, *sizes), out = node.in_shape, node.out_shape
        if len(out) == 1 and sizes and out[0] != c:
            positions = numbers.shape(tuple(sizes))
            detail = f"the {positions} positions of the map before are left out: {c} inputs, not {out[0]}"
            yield Edit("", {i: replaced(out_shape=(c,))}, detail=detail)
            if (reader := first_along(net, i, net.only_reader, "out_features")) is not None:
                yield Edit("", {reader: replaced(in_shapes=((c,),))}, detail=detail)


CLASSES = (2, 3, 5, 10, 20, 21, 100, 101, 102, 200, 365, 1000, 1001, 21841, 21843)
"""A few of one's own, MNIST, CIFAR, Pascal VOC, Food-101, Flowers, CUB-200, Places365 and ImageNet."""


@network("there are {where}", "how many classes are there?", 2)
def other_classes(net: NumberedGraph) -> Iterator[Edit]:
    """`vgg16 --params 134.30M`"""
    last = max(
        (i for i, node in enumerate(net.nodes) if has(node, "out_features") and not node.aux), default=None
    )
    if last is None or net.consumers[net.nodes[last].name]:
        return
    now = net.nodes[last].out_shape[-1]
    for n in CLASSES:
        if n != now:
            yield Edit(f"{n} classes, not {now}", {last: rearranged(out_features=n)})


# what these ask of a network


Step = Callable[[int], int | None]
"""From a node to the next one before or after it."""


def first_along(net: NumberedGraph, i: int, step: Step, argument: str) -> int | None:
    """The first node on the way from another that takes an argument, through in-place layers only."""
    at = step(i)
    while at is not None and not has(net.nodes[at], argument):
        at = step(at) if net.nodes[at].layer.in_place else None
    return at


def moved_strides(net: NumberedGraph, step: Step, side: str) -> Iterator[Edit]:
    """The stride of each strided convolution exchanged with its neighbour's: in all of them, and in each."""
    strided = [i for i, node in enumerate(net.nodes) if has(node, "out_channels") and is_strided(node)]
    pairs = [(i, j) for i in strided if (j := first_along(net, i, step, "out_channels")) is not None]
    stride = [argument_of(node, "stride") for node in net.nodes]
    swaps = [{a: rearranged(stride=stride[b]), b: rearranged(stride=stride[a])} for a, b in pairs]
    kernels = [[numbers.shape(argument_of(net.nodes[i], "kernel_size")) for i in pair] for pair in pairs]
    details = [f"{other} convolution {side} the {own}, not in the {own}" for own, other in kernels]
    if len(swaps) > 1:
        common = details[0] if len(set(details)) == 1 else f"convolution {side} it"
        yield Edit("", {i: change for swap in swaps for i, change in swap.items()}, detail=common)
    for (a, _), swap, detail in zip(pairs, swaps, details, strict=True):
        yield Edit(net.label_of(a), swap, detail=detail)


def rearranged(**arguments: Any) -> NodeChange:
    """The change that gives a layer other arguments, and the output that follows from them."""
    return lambda node: (reshaped(node, with_arguments(node.layer, **arguments)),)


def replaced(**fields: Any) -> NodeChange:
    """The change that gives a node other shapes, and keeps its layer."""
    return lambda node: (node._replace(**fields),)
