"""What each output of a network can see, found by differentiating: the reference for receptive fields.

The network is built in torch with positive weights, and with sums where it takes maxima, so that no
two paths cancel and none is cut off: an input position has a gradient if and only if it is seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from cnncost.dims import Shape
from cnncost.graph import INPUT, Graph, Node
from cnncost.layers import Layer, catalogue
from cnncost.layers.window import Reach, TransposedWindow, Whole
from cnncost.measure.build import Network, build
from cnncost.receptive_field import AxisField, Field, receptive_fields

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


class Mixed(nn.Module):
    """Each value with the mean over some axes: what a norm looks at, with nothing subtracted."""

    def __init__(self, axes: list[int]) -> None:
        super().__init__()
        self.axes = axes

    def forward(self, x: Tensor) -> Tensor:
        return x + x.mean(self.axes, keepdim=True) if self.axes else x


class Interpolated(nn.Module):
    """Linear interpolation as torch does it, axis by axis, with ones for weights and no rounding errors.

    An output may lie on an input but for the last digit, and then sees 1e-15 of the next one.
    """

    def __init__(self, upsample: Any, sizes: Shape) -> None:
        super().__init__()
        self.weights = []
        for axis, n in enumerate(sizes):
            size, factor = (each(value, axis) for value in (upsample.size, upsample.scale_factor))
            basis = torch.eye(n, dtype=torch.float64)[None]
            spread = nn.functional.interpolate(
                basis, size, factor, "linear", align_corners=upsample.align_corners
            )
            self.weights.append((spread[0] > 1e-9).double())

    def forward(self, x: Tensor) -> Tensor:
        for axis, weight in enumerate(self.weights, 2):
            x = torch.tensordot(x, weight, ([axis], [0])).movedim(-1, axis)
        return x


def each(value: Any, axis: int) -> Any:
    """What a number, or one for each axis, is for this axis."""
    return value[axis] if isinstance(value, (tuple, list)) else value


POINTWISE = ("ReLU", "ReLU6", "Sigmoid", "Tanh", "Hardtanh", "Hardsigmoid", "Threshold", "Dropout")
"""What looks at one position only, and could hide its input where it saturates."""


def positive(graph: Graph) -> Network:
    """The graph in torch, with positive weights and sums for maxima."""
    heads_too = graph.replace(nodes=tuple(node._replace(aux=False) for node in graph.nodes))
    network = build(heads_too)
    network.double().eval()
    for weight in network.parameters():
        nn.init.ones_(weight)
    for node in graph.nodes:
        if node.type.startswith("MaxPool"):
            network.nodes[node.name] = SumPool(node.layer, node.out_shape)
        elif node.type.startswith("AdaptiveMaxPool"):
            average = getattr(nn, node.type.replace("Max", "Avg"))
            network.nodes[node.name] = average(node.out_shape[1:])
        elif node.type == "Upsample" and network.nodes[node.name].mode != "nearest":
            upsample = network.nodes[node.name]
            network.nodes[node.name] = Interpolated(upsample, node.in_shapes[0][1:])
        elif "Norm" in node.type or "Softmax" in node.type:  # they subtract a mean, or saturate
            reach = node.layer.reach(node.in_shapes[0], node.out_shape) or ()
            axes = [axis for axis, way in enumerate(reach, 1) if isinstance(way, Whole)]
            network.nodes[node.name] = Mixed(axes)
        elif node.type in POINTWISE:
            network.nodes[node.name] = nn.Identity()
    return network


def seen(network: Network, node: str, at: Iterable[tuple[int, ...]]) -> list[tuple[Extent, ...]]:
    """For output positions of a node, the input positions with a gradient, an axis each."""
    return Gradients(network, [node]).seen(node, at)


class Gradients:
    """One run of a network, with the outputs of some nodes to differentiate."""

    def __init__(self, network: Network, nodes: Iterable[str]) -> None:
        torch.manual_seed(0)
        self.x = torch.rand(1, *network.graph.input_shape, dtype=torch.float64) + 0.5
        self.x.requires_grad_()
        self.outputs: dict[str, Tensor] = {}
        handles = [
            network.nodes[node].register_forward_hook(
                lambda _, __, output, node=node: self.outputs.update({node: output})
            )
            for node in nodes
        ]
        network(self.x)
        for handle in handles:
            handle.remove()

    def seen(self, node: str, at: Iterable[tuple[int, ...]]) -> list[tuple[Extent, ...]]:
        """For output positions of a node, the input positions with a gradient, an axis each."""
        extents = []
        for position in at:
            value = self.outputs[node][(0, slice(None), *position)].sum()
            (gradient,) = torch.autograd.grad(value, self.x, retain_graph=True, allow_unused=True)
            nonzero = torch.zeros(0, self.x.dim()) if gradient is None else gradient.nonzero()
            extents.append(tuple(extent(nonzero[:, axis].tolist()) for axis in range(2, self.x.dim())))
        return extents


def extent(positions: list[int]) -> Extent:
    """From the first position to the last."""
    return (min(positions), max(positions)) if positions else None


def clipped(field: AxisField, o: int, n: int) -> Extent:
    """What the field says that output `o` sees of n inputs."""
    first, last = field.interval(o)
    first, last = max(first, 0), min(last, n - 1)
    return (first, last) if first <= last else None


Position = tuple[int, ...]
"""An output of a map: its row and column."""


class Looked(NamedTuple):
    """What some outputs of a node see: as the fields say, and as the gradients say.

    Near padding the fields are not `exact`: the gradients then see that much at most.
    """

    node: str
    exact: bool
    said: dict[Position, tuple[Extent, ...]]
    found: dict[Position, tuple[Extent, ...]]


def compare_fields(
    graph: Graph,
    names: Iterable[str] | None = None,
    ends: bool = False,
    fields: Mapping[str, Field | None] | None = None,
) -> Iterator[Looked]:
    """Hold the fields of a graph's nodes to its gradients, one node after the other.

    Compared are up to six interior outputs around the middle of each map: every phase of a pattern
    that repeats itself. With `ends`, they are the first, the middle and the last output, where these are
    exact. Where no output is, the three are given all the same, and may see less, unless a padding
    repeats the map: then none is given. `names` are the nodes; None for all with a field.
    `fields` are those to compare, if not the graph's own.
    """
    fields, inside, exact = fields or receptive_fields(graph), interior(graph), exact_at_ends(graph)
    wanted = {node.name for node in graph.nodes if names is None or node.name in names}
    gradients = Gradients(positive(graph), wanted)
    for node in graph.nodes:
        field = fields[node.name]
        if field is None or node.name not in wanted:
            continue
        whole = ends and node.name in exact
        at = first_middle_last(node.out_shape[1:]) if whole else around_the_middle(inside[node.name])
        sure = bool(at)
        if not sure and not any(map(repeats, graph.nodes)):
            at = first_middle_last(node.out_shape[1:])
        said = [all_or_none(map(clipped, field, o, graph.input_shape[1:])) for o in at]
        found = gradients.seen(node.name, at)
        yield Looked(node.name, sure, dict(zip(at, said, strict=True)), dict(zip(at, found, strict=True)))


def exact_at_ends(graph: Graph) -> set[str]:
    """The nodes of which every output, the first and last too, sees just what the fields say.

    What lies beyond a map is taken to look at the input as the map itself does. That changes nothing
    where a window that goes beyond still holds the first or last position of the map, and those see to
    the input's ends. A padding that repeats the map sees more.
    """
    fields = receptive_fields(graph)
    exact, reaching = {INPUT}, {INPUT}
    for node in graph.nodes:
        field = fields[node.name]
        looking = ways(node) if len(node.inputs) == 1 else None
        if field is None or repeats(node) or not (reaching if looking else exact).issuperset(node.inputs):
            continue
        sizes = list(zip(field, node.out_shape[1:], graph.input_shape[1:], strict=True))
        if looking and not all(
            borders(taps(way, o, m), m)
            for way, n, m in zip(looking, node.out_shape[1:], node.in_shapes[0][1:], strict=True)
            for o in range(n)
        ):
            continue
        exact.add(node.name)
        if all(axis.interval(0)[0] <= 0 and axis.interval(o - 1)[1] >= n - 1 for axis, o, n in sizes):
            reaching.add(node.name)
    return exact


def borders(seen: set[int], size: int) -> bool:
    """Whether a window lies on a map, and where it goes beyond, on the map's first or last position."""
    return (
        any(tap in range(size) for tap in seen)
        and (min(seen) >= 0 or 0 in seen)
        and (max(seen) < size or size - 1 in seen)
    )


def repeats(node: Node) -> bool:
    """Whether a padding holds values of the map."""
    return getattr(node.layer, "padding_mode", "zeros") != "zeros"


def ways(node: Node) -> tuple[Reach | None, ...] | None:
    """How a node's outputs look at the positions of its input, an axis each; None where at their own."""
    reach = node.layer.reach(node.in_shapes[0], node.out_shape)
    return reach[1:] if reach and any(reach[1:]) else None


def holds(said: tuple[Extent, ...], found: tuple[Extent, ...]) -> bool:
    """Whether all that is found lies within what is said."""
    return all(
        b is None or (a is not None and a[0] <= b[0] and b[1] <= a[1])
        for a, b in zip(said, found, strict=True)
    )


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
            for axis, (n, way) in enumerate(
                zip(sizes, reach[1:] if reach else (None,) * len(sizes), strict=True)
            )
            for sources in [
                [(shape[axis + 1], part[axis]) for shape, part in zip(node.in_shapes, parts, strict=True)]
            ]
        ]
    return inside


def taps(reach: Reach | None, o: int, n: int) -> set[int]:
    """The positions that an output looks at; the only one of a broadcast axis."""
    if reach is None:
        return {o if n != 1 else 0}
    return set(reach.taps(o))


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
    """The graph with one channel everywhere, up to where its fields end: the same fields, for little work.

    Merges add up; left out is what looks at one position only: activations, norms of the channels, what
    cuts, orders or permutes them.
    """
    shapes: dict[str, Shape] = {INPUT: (1, *graph.input_shape[1:])}
    fields = receptive_fields(graph)
    channels = {INPUT: 0}  # the axis where the graph has them; here they are always the first
    nodes = []
    for node in graph.nodes:
        if fields[node.name] is None or len(node.out_shape) != len(graph.input_shape):
            continue
        at = channels[node.inputs[0]]
        layer: Any = node.layer
        if node.type.startswith("Conv"):
            layer = replace(layer, out_channels=1, groups=1)
        elif len(node.inputs) > 1:
            layer = catalogue()["Add"]()
        elif node.type == "PixelShuffle":
            layer = catalogue()["Upsample"](scale_factor=layer.upscale_factor)
        elif node.type == "PixelUnshuffle":
            layer = catalogue()["AvgPool2d"](layer.downscale_factor)
        elif node.type == "GroupNorm":
            layer = replace(layer, num_groups=1)
        elif layer.order is not None or pointwise(node, at):
            layer = catalogue()["Identity"]()
        channels[node.name] = at if node.layer.order is None else node.layer.order.index(at)
        in_shapes = tuple(shapes[name] for name in node.inputs)
        shapes[node.name] = layer.out_shape(*in_shapes)
        nodes.append(node._replace(layer=layer, in_shapes=in_shapes, out_shape=shapes[node.name], aux=False))
    return graph.replace(
        nodes=tuple(nodes), input_shape=shapes[INPUT], output=nodes[-1].name if nodes else INPUT
    )


def holes(graph: Graph) -> bool:
    """Whether a transposed convolution of a map leaves gaps along some axis.

    Where branches then meet, one may see nothing along one axis, and so nothing at all; a field, which
    looks at each axis by itself, still holds what that branch would see along the other.
    """
    for node in graph.nodes if len(graph.input_shape) > 2 else ():
        for way in node.layer.reach(node.in_shapes[0], node.out_shape) or ():
            if isinstance(way, TransposedWindow) and not all(way.taps(o) for o in range(way.stride)):
                return True
    return False


def pointwise(node: Node, channels: int) -> bool:
    """Whether each output looks at its own position only, through any of its channels."""
    shape, out = node.in_shapes[0], node.out_shape
    reach = node.layer.reach(shape, out) or (None,) * len(shape)
    elsewhere = [axis for axis in range(len(shape)) if axis != channels]
    return all(shape[axis] == out[axis] and reach[axis] is None for axis in elsewhere)
