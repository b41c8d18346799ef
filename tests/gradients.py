"""What each output of a network can see, found by differentiating: the reference for receptive fields.

The network is built in torch with positive weights, and with sums where it takes maxima, so that no
two paths cancel and none is cut off: an input position has a gradient if and only if it is seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from cnncost.dims import Shape
from cnncost.graph import INPUT, Graph
from cnncost.layers import Layer, catalogue
from cnncost.layers.window import Reach, Whole
from cnncost.measure import Network, build
from cnncost.receptive_field import AxisField, receptive_fields

torch.set_num_threads(1)  # pytest-xdist already keeps every core busy

Extent = tuple[int, int] | None
"""The first and last position of an axis; None for an empty one."""


class SumPool(nn.Module):
    """The sum over the windows of a pool, for any padding, dilation and ceil mode."""

    def __init__(self, layer: Layer, out: Shape) -> None:
        super().__init__()
        assert layer.window is not None
        self.windows, self.out = layer.window, out

    def forward(self, x: Tensor) -> Tensor:
        axes = len(self.windows)
        pads = [side for w in reversed(self.windows) for side in (w.padding[0], w.padding[1] + w.stride)]
        ones = torch.ones(x.shape[1], 1, *(w.kernel for w in self.windows), dtype=x.dtype)
        conv = (nn.functional.conv1d, nn.functional.conv2d, nn.functional.conv3d)[axes - 1]
        strides, dilations = ([getattr(w, name) for w in self.windows] for name in ("stride", "dilation"))
        sums = conv(nn.functional.pad(x, pads), ones, None, strides, 0, dilations, x.shape[1])
        return sums[(..., *(slice(n) for n in self.out[1:]))]


POINTWISE = ("ReLU", "Sigmoid", "Tanh", "Dropout", "LocalResponseNorm")
"""What looks at one position only, and could hide its input where it saturates."""


def positive(graph: Graph) -> Network:
    """The graph in torch, with positive weights and sums for maxima."""
    network = build(graph).double().eval()
    for weight in network.parameters():
        nn.init.ones_(weight)
    for node in graph.nodes:
        if node.type.startswith("MaxPool"):
            network.nodes[node.name] = SumPool(node.layer, node.out_shape)
        elif node.type.startswith("AdaptiveMaxPool"):
            average = getattr(nn, node.type.replace("Max", "Avg"))
            network.nodes[node.name] = average(node.out_shape[1:])
        elif node.type in POINTWISE:
            network.nodes[node.name] = nn.Identity()
    return network


def seen(network: Network, node: str, at: Iterable[tuple[int, ...]]) -> list[tuple[Extent, ...]]:
    """For output positions of a node, the input positions with a gradient, an axis each."""
    torch.manual_seed(0)
    x = torch.rand(1, *network.graph.input_shape, dtype=torch.float64) + 0.5
    x.requires_grad_()
    outputs: list[Tensor] = []
    handle = network.nodes[node].register_forward_hook(lambda _, __, output: outputs.append(output))
    network(x)
    handle.remove()
    extents = []
    for position in at:
        value = outputs[-1][(0, slice(None), *position)].sum()
        (gradient,) = torch.autograd.grad(value, x, retain_graph=True, allow_unused=True)
        nonzero = torch.zeros(0, x.dim()) if gradient is None else gradient.nonzero()
        extents.append(tuple(extent(nonzero[:, axis].tolist()) for axis in range(2, x.dim())))
    return extents


def extent(positions: list[int]) -> Extent:
    """From the first position to the last."""
    return (min(positions), max(positions)) if positions else None


def clipped(field: AxisField, o: int, n: int) -> Extent:
    """What the field says that output `o` sees of n inputs."""
    first, last = field.interval(o)
    first, last = max(first, 0), min(last, n - 1)
    return (first, last) if first <= last else None


def check_fields(graph: Graph, names: Iterable[str] | None = None, ends: bool = False) -> int:
    """Hold the fields of a graph's nodes to its gradients; how many outputs were compared.

    Compared are up to six interior outputs around the middle of each map: every phase of a pattern
    that repeats itself. With `ends`, they are the first, the middle and the last output: so in plain
    networks, whose maps reach the ends of the input. `names` are the nodes; None for all with a field.
    """
    network, fields = positive(graph), receptive_fields(graph)
    inside = interior(graph)
    compared = 0
    for node in graph.nodes:
        field = fields[node.name]
        if field is None or (names is not None and node.name not in names):
            continue
        at = first_middle_last(node.out_shape[1:]) if ends else around_the_middle(inside[node.name])
        said = [all_or_none(map(clipped, field, o, graph.input_shape[1:])) for o in at]
        found = seen(network, node.name, at)
        assert dict(zip(at, said, strict=True)) == dict(zip(at, found, strict=True)), node.name
        compared += len(at)
    return compared


def all_or_none(extents: Iterable[Extent]) -> tuple[Extent, ...]:
    """What sees nothing along one axis sees nothing."""
    extents = tuple(extents)
    return extents if None not in extents else (None,) * len(extents)


def interior(graph: Graph) -> dict[str, list[set[int]]]:
    """The outputs of each node, an axis each, of which no path leads over a padding.

    Near the ends a field is an upper bound: what lies beyond a map is taken to look at the input as
    the map itself does, though there is nothing there.
    """
    inside = {INPUT: [set(range(n)) for n in graph.input_shape[1:]]}
    for node in graph.nodes:
        parts = [inside[name] for name in node.inputs]
        sizes = node.out_shape[1:]
        if any(len(part) != len(sizes) for part in parts):  # a flatten: no axes any more
            inside[node.name] = []
            continue
        reach = node.layer.reach(node.in_shapes[0], node.out_shape) if len(parts) == 1 else None
        inside[node.name] = [
            {o for o in range(n) if all(taps(way, o, m) <= part for m, part in sources)}
            for axis, (n, way) in enumerate(zip(sizes, reach or (None,) * len(sizes), strict=True))
            for sources in [
                [(shape[axis + 1], part[axis]) for shape, part in zip(node.in_shapes, parts, strict=True)]
            ]
        ]
    return inside


def taps(reach: Reach | None, o: int, n: int) -> set[int]:
    """The positions that an output looks at; the only one of a broadcast axis."""
    if reach is None:
        return {o if n != 1 else 0}
    return {0, n - 1} if isinstance(reach, Whole) else set(reach.taps(o))


def first_middle_last(sizes: Shape) -> list[tuple[int, ...]]:
    """Three positions, or fewer on a small map."""
    return sorted({tuple(n * third // 2 - (third == 2) for n in sizes) for third in range(3)})


def around_the_middle(inside: list[set[int]]) -> list[tuple[int, ...]]:
    """Up to six interior positions, along the diagonal, nearest to the middle."""
    chosen = []
    for positions in map(sorted, inside):
        start = max(len(positions) // 2 - 3, 0)
        chosen.append(positions[start : start + 6])
    if not all(chosen):
        return []
    longest = max(map(len, chosen))
    return [tuple(axis[i % len(axis)] for axis in chosen) for i in range(longest)]


def thin(graph: Graph) -> Graph:
    """The graph with one channel everywhere, up to where its axes end: the same fields, for little work."""
    shapes: dict[str, Shape] = {INPUT: (1, *graph.input_shape[1:])}
    nodes = []
    for node in graph.nodes:
        if any(name not in shapes for name in node.inputs) or len(node.out_shape) != len(graph.input_shape):
            continue
        layer: Any = node.layer
        if node.type.startswith("Conv"):
            layer = replace(layer, out_channels=1, groups=1)
        if node.type == "Concat":
            layer = catalogue()["Add"]()  # type: ignore[call-arg]
        in_shapes = tuple(shapes[name] for name in node.inputs)
        shapes[node.name] = layer.out_shape(*in_shapes)
        nodes.append(replace(node, layer=layer, in_shapes=in_shapes, out_shape=shapes[node.name], aux=False))
    return graph.replace(nodes=tuple(nodes), input_shape=shapes[INPUT], output=nodes[-1].name)
