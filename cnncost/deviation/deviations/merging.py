"""Mistakes about what enters a layer and what a merge makes of its branches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from cnncost.deviation.altering import has
from cnncost.deviation.declaring import Edit, argument, network
from cnncost.deviation.deviations.structure import first_along, replaced
from cnncost.deviation.numbered import NumberedGraph
from cnncost.dims import Shape, product
from cnncost.network.graph import Node

merge = partial(argument, of_rows=True)
entering = partial(network, of_rows=True)

JOINED = "what happens to the channels of the branches?"
ADDED = "does an addition change the number of channels?"
ENTERS = "what enters this layer?"
FLATTENED = "how many values does flatten join?"
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
FURTHEST = 6
"""How many different numbers of channels before a layer are tried as its input."""


@merge("{the_layer} keeps the channels of the largest branch only", JOINED, 2)
def largest_branch_only(node: Node) -> Node | None:
    """`googlenet inception3a.concat.shape=128x28x28`"""
    channels = joined_channels(node)
    return with_channels(node, max(channels)) if channels else None


@merge("{the_layer} leaves out its {detail} branch", JOINED, 2, over=ORDINALS)
def branch_forgotten(node: Node, which: str) -> Node | None:
    """`googlenet inception3a.concat.shape=224x28x28`"""
    channels, i = joined_channels(node), ORDINALS.index(which)
    return with_channels(node, sum(channels) - channels[i]) if i < len(channels) > 2 else None


@merge("{the_layer} has the channels of its {detail} branch alone", JOINED, 2, over=ORDINALS)
def one_branch_only(node: Node, which: str) -> Node | None:
    """`densenet121 dense1.0.concat.shape=32x56x56`"""
    channels, i = joined_channels(node), ORDINALS.index(which)
    return with_channels(node, channels[i]) if i < len(channels) else None


@merge("the channels of the branches of {the_layer} are joined, not added value by value", ADDED, 2)
def addition_as_concatenation(node: Node) -> Node | None:
    """`resnet18 conv2_x.0.add.shape=128x56x56`"""
    if node.type != "Add":
        return None
    return with_channels(node, sum(shape[0] for shape in node.in_shapes))


@entering("the channels of the layers inside the branches{of} are added too", JOINED, 3)
def reductions_added(net: NumberedGraph) -> Iterator[Edit]:
    """`googlenet inception3a.concat.shape=368x28x28`"""
    for i, node in enumerate(net.nodes):
        if joined_channels(node):
            start = node.name.removesuffix(".concat") + "."
            inside = [n for n in net.nodes if n.name.startswith(start) and has(n, "out_channels")]
            total = sum(n.out_shape[0] for n in inside)
            if total > node.out_shape[0]:
                yield edit(net, i, out_shape=(total, *node.out_shape[1:]))


@entering("{what} takes what enters {detail} for its own input: {detail} is forgotten", ENTERS, 3)
def layer_before_forgotten(net: NumberedGraph) -> Iterator[Edit]:
    """`alexnet fc6.params=177213440`"""
    for i, node in enumerate(net.nodes):
        before = None if node.layer.in_place else changing_before(net, i)
        if before is None:
            continue
        shape = net.nodes[before].in_shape
        flat = len(node.in_shape) == 1 < len(shape)
        yield edit(net, i, net.label_of(before), in_shapes=((product(shape),) if flat else shape,))


@entering("{what} takes the {detail} channels of an earlier layer for its input", ENTERS, 3)
def an_earlier_output_read(net: NumberedGraph) -> Iterator[Edit]:
    """`googlenet inception3a.branch2.conv_1.params=221312`"""
    for i, node in enumerate(net.nodes):
        if not has(node, "out_channels", "groups") or len(node.in_shapes) != 1:
            continue
        c, *sizes = node.in_shape
        for n in earlier_channels(net, i):
            if n != c:
                yield edit(net, i, str(n), in_shapes=((n, *sizes),))


@entering("{detail}", FLATTENED, 2)
def joined_channels_forgotten(net: NumberedGraph) -> Iterator[Edit]:
    """`alexnet fc6.params=151552`"""
    yield from flattened(net, "the channels of the map before are left out", lambda shape: shape[1:])


@entering("{detail}", FLATTENED, 3)
def joined_positions_not_squared(net: NumberedGraph) -> Iterator[Edit]:
    """`alexnet fc6.params=6295552`"""
    yield from flattened(net, "one side of the map before is used, not both", lambda shape: shape[:2])


# what these ask


def joined_channels(node: Node) -> list[int]:
    """The channels of a concatenation's branches; none where it joins something else."""
    channels = [shape[0] for shape in node.in_shapes if shape]
    joins = node.type == "Concat" and sum(channels) == node.out_shape[0]
    return channels if joins else []


def with_channels(node: Node, count: int) -> Node | None:
    """A node with other output channels."""
    return node._replace(out_shape=(count, *node.out_shape[1:])) if count != node.out_shape[0] else None


def edit(net: NumberedGraph, i: int, detail: str = "", **fields: object) -> Edit:
    """The edit of one node, with what follows from another input."""
    label = net.label_of(i)

    def change(node: Node) -> tuple[Node] | None:
        found = node._replace(**fields)  # type: ignore[arg-type]
        out = found.out_shape if "out_shape" in fields else found.layer.out_shape(*found.in_shapes)
        return (found._replace(out_shape=out),)

    return Edit(label, {i: change}, detail=detail)


def changing_before(net: NumberedGraph, i: int) -> int | None:
    """The pool before a node, if nothing between them changes the shape, flattening apart."""
    at: int | None = i
    while at is not None and len(net.nodes[at].inputs) == 1:
        at = net.number.get(net.nodes[at].inputs[0])
        node = None if at is None else net.nodes[at]
        if node is None or (node.type != "Flatten" and len(node.in_shapes) != 1):
            return None
        if node.type != "Flatten" and node.in_shape != node.out_shape:
            return at if has(node, "kernel_size") and not has(node, "out_channels") else None
    return None


def earlier_channels(net: NumberedGraph, i: int) -> list[int]:
    """The nearest different numbers of channels before a node."""
    found: dict[int, None] = {}
    for j in reversed(net.ancestors(i)[:-1]):
        for shape in (net.nodes[j].out_shape, *net.nodes[j].in_shapes):
            if len(shape) > 1:
                found.setdefault(shape[0])
        if len(found) > FURTHEST:
            break
    return list(found)[:FURTHEST]


def flattened(net: NumberedGraph, words: str, joined: Callable[[Shape], Shape]) -> Iterator[Edit]:
    """Each Flatten of a map with another number of outputs; and only the layer that reads it."""
    for i, node in enumerate(net.nodes):
        if node.type != "Flatten" or len(node.in_shape) != 3 or len(node.out_shape) != 1:
            continue
        shape = (product(joined(node.in_shape)),)
        if shape == node.out_shape:
            continue
        yield Edit("", {i: replaced(out_shape=shape)}, detail=words)
        if (reader := first_along(net, i, net.only_reader, "out_features")) is not None:
            yield Edit("", {reader: replaced(in_shapes=(shape,))}, detail=words)
