"""Another network: rows, blocks and stages left out or doubled, strides elsewhere, other sizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnncost.deviation.argument import strided
from cnncost.deviation.change import has, reshaped, with_arguments
from cnncost.deviation.kinds import Edit, NodeChange, Nodes, network, part
from cnncost.deviation.measure import FIELDS
from cnncost.network.graph import INPUT, Node

if TYPE_CHECKING:
    from cnncost.deviation.network import Network


@part("{what} {is_are} left out", "is every layer there?", 2, " ".join(FIELDS))
def left_out(node: Node) -> Nodes | None:  # noqa: ARG001  (whatever it is)
    return ()


@part("{what} {is_are} missing from the network", "is every layer there?", 3, follows=True)
def missing(node: Node) -> Nodes | None:
    return () if len(node.inputs) == 1 else None


@part("{what} {is_are} counted twice", "is a layer there twice?", 3, " ".join(FIELDS))
def doubled(node: Node) -> Nodes | None:
    return (node, node)


@network("the side heads are counted, for training only{of}", "what is used in training only?", 1)
def side_heads_counted(net: Network) -> Iterator[Edit]:
    heads = [i for i, node in enumerate(net.nodes) if node.aux]
    yield Edit("", dict.fromkeys(heads, lambda node: (node._replace(aux=False),)))


@network("the stride stands in the {detail}{of}", "in which convolution of a block is the stride?", 2)
def stride_in_the_convolution_before(net: Network) -> Iterator[Edit]:
    """As in the first 1×1 of a bottleneck, where the network has it in the 3×3."""
    yield from moved(net, [(i, before(net, i)) for i in strided_convs(net)], "before")


@network("the stride stands in the {detail}{of}", "in which convolution of a block is the stride?", 2)
def stride_in_the_convolution_behind(net: Network) -> Iterator[Edit]:
    """As in the 3×3 of a bottleneck, where the network has it in the first 1×1."""
    yield from moved(net, [(i, behind(net, i)) for i in strided_convs(net)], "behind")


INPUTS = (
    24,
    28,
    32,
    64,
    96,
    128,
    160,
    192,
    200,
    224,
    225,
    227,
    229,
    240,
    256,
    260,
    288,
    299,
    300,
    320,
    331,
    384,
    448,
    480,
    512,
    600,
)
"""Sizes that networks are printed for."""


@network("the input is {where}", "how large is the input?", 2)
def another_input(net: Network) -> Iterator[Edit]:
    c, *sizes = net.graph.input_shape
    for size in INPUTS if len(sizes) == 2 else ():
        if sizes != [size, size] and sizes[0] / 2 <= size <= sizes[0] * 2.5:
            yield Edit(f"{size}×{size}, not {sizes[0]}×{sizes[1]}", {}, (c, size, size))


@network("the input has {where}", "how many channels has the input?", 3)
def another_colour(net: Network) -> Iterator[Edit]:
    c, *sizes = net.graph.input_shape
    for channels in (1, 3):
        if len(sizes) == 2 and channels != c:
            yield Edit(f"{channels} channel{'s' * (channels > 1)}, not {c}", {}, (channels, *sizes))


@network("{detail}", "how many values does flatten join?", 2)
def joined_positions_forgotten(net: Network) -> Iterator[Edit]:
    """Flatten leaves the channels alone; or only the layer that reads its output takes it so."""
    for i, node in enumerate(net.nodes):
        (c, *places), out = node.in_shapes[0], node.out_shape
        if node.type == "Flatten" and len(out) == 1 and places and out[0] != c:
            of = "×".join(map(str, places))
            said = f"the {of} positions of the map before are left out: {c} inputs, not {out[0]}"
            yield Edit("", {i: lambda node: (node._replace(out_shape=node.in_shapes[0][:1]),)}, detail=said)
            if (reader := linear_behind(net, i)) is not None:
                yield Edit("", {reader: entered_by(c)}, detail=said)


CLASSES = (10, 100, 1000, 1001, 21841)


@network("there are {where}", "how many classes are there?", 2)
def other_classes(net: Network) -> Iterator[Edit]:
    last = [i for i, node in enumerate(net.nodes) if has(node, "out_features") and not node.aux]
    if not last:
        return
    node = net.nodes[last[-1]]
    for n in CLASSES:
        if n != node.out_shape[-1] and not net.consumers[node.name]:
            yield Edit(f"{n} classes, not {node.out_shape[-1]}", {last[-1]: with_classes(n)})


# what these ask of a network


def strided_convs(net: Network) -> list[int]:
    """The convolutions with a stride."""
    return [i for i, node in enumerate(net.nodes) if has(node, "out_channels") and strided(node)]


def before(net: Network, i: int) -> int | None:
    """The convolution before another, with only layers in place between them."""
    name = net.nodes[i].inputs[0]
    while name != INPUT and len(net.consumers[name]) == 1:
        node = net.nodes[net.number[name]]
        if has(node, "out_channels"):
            return net.number[name]
        if not node.layer.in_place:
            return None
        name = node.inputs[0]
    return None


def behind(net: Network, i: int) -> int | None:
    """The convolution behind another, with only layers in place between them."""
    name = net.nodes[i].name
    while len(readers := net.consumers[name]) == 1:
        node = net.nodes[readers[0]]
        if has(node, "out_channels"):
            return readers[0]
        if not node.layer.in_place:
            return None
        name = node.name
    return None


def linear_behind(net: Network, i: int) -> int | None:
    """The linear layer that reads an output, with only layers in place between them."""
    while len(readers := net.consumers[net.nodes[i].name]) == 1:
        i = readers[0]
        if has(net.nodes[i], "out_features"):
            return i
        if not net.nodes[i].layer.in_place:
            return None
    return None


def moved(net: Network, pairs: list[tuple[int, int | None]], side: str) -> Iterator[Edit]:
    """The strides of both convolutions of a pair exchanged: everywhere, or in one pair."""
    known = [(a, b) for a, b in pairs if b is not None]
    swaps = [{**stride_of(net, a, b), **stride_of(net, b, a)} for a, b in known]
    words = [f"{kernel(net, b)} {side}, not in the {kernel(net, a)}" for a, b in known]
    if len(swaps) > 1:
        alike = words[0] if len(set(words)) == 1 else f"convolution {side}"
        yield Edit("", {i: change for swap in swaps for i, change in swap.items()}, detail=alike)
    for (a, _), swap, said in zip(known, swaps, words, strict=True):
        yield Edit(net.row_of.get(a, net.nodes[a].name), swap, detail=said)


def kernel(net: Network, i: int) -> str:
    """A kernel: `3×3`."""
    return "×".join(map(str, net.nodes[i].layer.kernel_size))  # type: ignore[attr-defined]


def stride_of(net: Network, to: int, source: int) -> dict[int, NodeChange]:
    """The convolution `to` with the stride of another."""
    stride = net.nodes[source].layer.stride  # type: ignore[attr-defined]
    return {to: lambda node: (reshaped(node, with_arguments(node.layer, stride=stride)),)}


def entered_by(n: int) -> NodeChange:
    """A layer that is costed on so many inputs."""
    return lambda node: (node._replace(in_shapes=((n,),)),)


def with_classes(n: int) -> NodeChange:
    """A classifier of so many classes."""
    return lambda node: (reshaped(node, with_arguments(node.layer, out_features=n)),)
