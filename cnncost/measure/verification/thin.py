"""A twin of a network, one channel wide, with the same receptive fields."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cnncost.count.receptive_field import receptive_fields
from cnncost.dims import Shape
from cnncost.layers import Layer, catalogue
from cnncost.layers.window import TransposedWindow
from cnncost.network.graph import Graph, Node


def thin(graph: Graph) -> Graph:
    """The part of the graph that has receptive fields, with one channel everywhere.

    Every merge becomes a sum. Layers that look at one position only become the identity: activations,
    norms of the channels, and layers that slice or permute channels.
    """
    inputs = {name: (1, *shape[1:]) for name, shape in graph.inputs.items()}
    shapes: dict[str, Shape] = dict(inputs)
    fields = receptive_fields(graph)
    channels = dict.fromkeys(inputs, 0)  # the graph's channel axis; the twin's is always the first
    nodes = []
    for node in graph.nodes:
        if fields[node.name] is None or len(node.out_shape) != len(fields[node.name] or ()) + 1:
            continue
        node = node._replace(inputs=tuple(name for name in node.inputs if name in shapes))  # not constants
        at = channels[node.source]
        layer: Any = node.layer
        if node.type.startswith("Conv"):
            layer = replace(layer, out_channels=1, groups=1)
        elif len(node.in_shapes) > 1:
            layer = catalogue()["Add"]() if len(node.inputs) > 1 else stretched(shapes[node.source], node)
        elif node.type == "PixelShuffle":
            layer = catalogue()["Upsample"](scale_factor=layer.upscale_factor)
        elif node.type == "PixelUnshuffle":
            layer = catalogue()["AvgPool2d"](layer.downscale_factor)
        elif node.type == "Reduce":
            axes = [axis + (axis < at) if axis != at else 0 for axis in layer.reduced(node.in_shape)]
            layer = replace(layer, operation="mean", dim=tuple(1 + axis for axis in axes))
        elif node.type == "GroupNorm":
            layer = replace(layer, num_groups=1)
        elif layer.order is not None or pointwise(node, at):
            layer = catalogue()["Identity"]()
        channels[node.name] = at if node.layer.order is None else node.layer.order.index(at)
        in_shapes = tuple(shapes[name] for name in node.inputs)
        shapes[node.name] = layer.out_shape(*in_shapes)
        nodes.append(Node(node.name, layer, node.inputs, in_shapes, shapes[node.name]))
    output = nodes[-1].name if nodes else graph.first_input
    return graph.replace(nodes=tuple(nodes), inputs=inputs, output=output)


def stretched(shape: Shape, node: Node) -> Layer:
    """A merge with constants only: as it is, or where the constants are larger, repeated."""
    layers = catalogue()
    return layers["Identity"]() if shape[1:] == node.out_shape[1:] else layers["Upsample"](node.out_shape[1:])


def pointwise(node: Node, channels: int) -> bool:
    """Whether each output sees only its own position, in any of the channels."""
    shape, out = node.in_shape, node.out_shape
    reach = node.layer.reach(shape, out) or (None,) * len(shape)
    elsewhere = [axis for axis in range(len(shape)) if axis != channels]
    return all(shape[axis] == out[axis] and reach[axis] is None for axis in elsewhere)


def leaves_gaps(graph: Graph) -> bool:
    """Whether a transposed convolution of a map leaves gaps between its outputs along some axis.

    An output in a gap sees nothing along that axis, and so nothing at all. Where such a branch is merged
    with another, the field, which treats each axis by itself, still includes what the branch would see
    along the other axis: it is an upper bound.
    """
    if max(map(len, graph.inputs.values())) < 3:
        return False
    for node in graph.nodes:
        for way in node.layer.reach(node.in_shape, node.out_shape) or ():
            if isinstance(way, TransposedWindow) and not all(way.taps(o) for o in range(way.stride)):
                return True
    return False
