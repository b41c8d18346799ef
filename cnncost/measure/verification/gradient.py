"""What each output of a network can see, found by differentiating: the reference for receptive fields.

The network is built in torch with positive weights, and with sums instead of maxima. So no two paths
cancel and none is cut off: an input position has a gradient if and only if the output sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from cnncost.count.receptive_field import AxisField, Field, receptive_fields
from cnncost.dims import Shape
from cnncost.layers.merge import Add
from cnncost.layers.window import Whole, Window
from cnncost.measure.building import Network, build, build_layer
from cnncost.measure.verification.interior import (
    around_the_middle,
    exact_at_ends,
    first_middle_last,
    interior,
    repeats,
)
from cnncost.network.graph import Graph

Extent = tuple[int, int] | None
"""The first and last position of an axis; None for an empty one."""

Position = tuple[int, ...]
"""An output of a map: its row and column."""


class SumPool(nn.Module):
    """The sum over the windows of a pool, for any padding, dilation and ceil mode."""

    def __init__(self, windows: tuple[Window, ...], out: Shape) -> None:
        super().__init__()
        self.windows, self.out = windows, out

    def forward(self, x: Tensor) -> Tensor:
        axes = len(self.windows)
        pads = [side for w in reversed(self.windows) for side in (w.padding[0], w.padding[1] + w.stride)]
        ones = torch.ones(x.shape[1], 1, *(w.kernel for w in self.windows), dtype=x.dtype)
        conv = (nn.functional.conv1d, nn.functional.conv2d, nn.functional.conv3d)[axes - 1]
        strides, dilations = ([getattr(w, name) for w in self.windows] for name in ("stride", "dilation"))
        sums = conv(nn.functional.pad(x, pads), ones, None, strides, 0, dilations, x.shape[1])
        return sums[(..., *(slice(n) for n in self.out[1:]))]


class Mixed(nn.Module):
    """Each value plus the mean over some axes: a norm sees these, but here nothing is subtracted."""

    def __init__(self, axes: list[int]) -> None:
        super().__init__()
        self.axes = axes

    def forward(self, x: Tensor) -> Tensor:
        return x + x.mean(self.axes, keepdim=True) if self.axes else x


class Interpolated(nn.Module):
    """Linear interpolation as torch does it, axis by axis, with ones as weights.

    Weights below 1e-9 count as zero: they come from rounding, where an output falls exactly on an input.
    """

    def __init__(self, upsample: Any, sizes: Shape) -> None:
        super().__init__()
        self.weights = []
        for axis, n in enumerate(sizes):
            size, factor = (along(value, axis) for value in (upsample.size, upsample.scale_factor))
            basis = torch.eye(n, dtype=torch.float64)[None]
            weight = nn.functional.interpolate(
                basis, size, factor, "linear", align_corners=upsample.align_corners
            )
            self.weights.append((weight[0] > 1e-9).double())

    def forward(self, x: Tensor) -> Tensor:
        for axis, weight in enumerate(self.weights, 2):
            x = torch.tensordot(x, weight, ([axis], [0])).movedim(-1, axis)
        return x


def along(value: Any, axis: int) -> Any:
    """The value for one axis, of a number for all axes or a tuple with one for each."""
    return value[axis] if isinstance(value, (tuple, list)) else value


POINTWISE = (
    "ReLU",
    "ReLU6",
    "Sigmoid",
    "Tanh",
    "Hardtanh",
    "Hardsigmoid",
    "Threshold",
    "Softshrink",
    "Hardshrink",
    "Dropout",
)
"""Layers that look at one position only, and could hide their input where they saturate."""


def positive(graph: Graph) -> Network:
    """The graph in torch, with positive weights and sums for maxima."""
    heads_too = graph.replace(nodes=tuple(node._replace(aux=False) for node in graph.nodes))
    network = build(heads_too)
    network.double().eval()
    for weight in network.parameters():
        nn.init.ones_(weight)
    for node in graph.nodes:
        if node.type.startswith("MaxPool"):
            network.nodes[node.name] = SumPool(node.layer.windows_on(node.in_shape[1:]), node.out_shape)
        elif node.type.startswith("AdaptiveMaxPool"):
            average = getattr(nn, node.type.replace("Max", "Avg"))
            network.nodes[node.name] = average(node.out_shape[1:])
        elif node.type.startswith("Upsampl") and network.nodes[node.name].mode != "nearest":
            upsample = network.nodes[node.name]
            network.nodes[node.name] = Interpolated(upsample, node.in_shape[1:])
        elif "Norm" in node.type or "Softm" in node.type:  # they subtract a mean, or saturate
            reach = node.layer.reach(node.in_shape, node.out_shape) or ()
            axes = [axis for axis, way in enumerate(reach, 1) if isinstance(way, Whole)]
            network.nodes[node.name] = Mixed(axes)
        elif node.type == "Reduce":
            mean = type(node.layer)(**{**node.layer.arguments(), "operation": "mean"})
            network.nodes[node.name] = build_layer(mean, *node.in_shapes)
        elif node.type in ("Subtract", "Divide", "Maximum", "Minimum"):
            network.nodes[node.name] = build_layer(Add(), *node.in_shapes)
        elif node.type in POINTWISE:
            network.nodes[node.name] = nn.Identity()
    return network


def seen_inputs(
    network: Network, positions: Mapping[str, Sequence[Position]]
) -> dict[str, list[tuple[Extent, ...]]]:
    """The inputs with a gradient, as extents per axis, for each of some output positions of some nodes.

    The batch has a sample for each position of a node, so that one backward pass differentiates them all.
    """
    torch.manual_seed(0)
    seen = network.graph.seen_inputs
    batch = max(map(len, positions.values()), default=0)
    shapes = network.graph.inputs.values()
    xs = [torch.rand(max(batch, 1), *shape, dtype=torch.float64) + 0.5 for shape in shapes]
    for x in xs:
        x.requires_grad_()
    outputs: dict[str, Tensor] = {}
    for node in positions:
        network.nodes[node].register_forward_hook(
            lambda _, __, output, node=node: outputs.update({node: outputs.get(node, output)})
        )
    network(*xs)
    found = {}
    for node, at in positions.items():
        values = [outputs[node][(sample, slice(None), *place)].sum() for sample, place in enumerate(at)]
        sources = [x for name, x in zip(network.graph.inputs, xs, strict=True) if name in seen[node]]
        gradients = map(torch.zeros_like, sources)
        if values:
            total = torch.stack(values).sum()
            gradients = torch.autograd.grad(total, sources, retain_graph=True, materialize_grads=True)
        reached = torch.cat([gradient != 0 for gradient in gradients], 1)  # inputs on top of each other
        found[node] = [extents(sample) for sample in reached[: len(at)]]
    return found


def extents(reached: Tensor) -> tuple[Extent, ...]:
    """The first and the last position reached along each axis behind the channels."""
    axes = range(1, reached.dim())
    along = [reached.any([0, *(other for other in axes if other != axis)]).nonzero() for axis in axes]
    return tuple((int(found[0]), int(found[-1])) if len(found) else None for found in along)


def clipped(field: AxisField, o: int, n: int) -> Extent:
    """The inputs, of n, that output `o` sees according to its receptive field."""
    first, last = field.interval(o)
    first, last = max(first, 0), min(last, n - 1)
    return (first, last) if first <= last else None


class FieldSamples(NamedTuple):
    """What some outputs of a node see: as the receptive field says, and as the gradients show.

    Near padding the fields are not `exact`: there the gradients may see less.
    """

    node: str
    exact: bool
    expected: dict[Position, tuple[Extent, ...]]
    found: dict[Position, tuple[Extent, ...]]


def compare_fields(
    graph: Graph,
    names: Iterable[str] | None = None,
    ends: bool = False,
    fields: Mapping[str, Field | None] | None = None,
) -> Iterator[FieldSamples]:
    """Compare the receptive fields of a graph's nodes with its gradients, one node after the other.

    Compared are up to six interior outputs around the middle of each map, so every phase of a
    repeating pattern. With `ends`, they are the first, the middle and the last output where these are
    exact. Where no output is exact, these three are compared anyway and may see less, unless some
    padding repeats the map: then none is compared.

    Args:
        graph: the network.
        names: the nodes to compare; None for all with a field.
        ends: whether to compare the first and the last output too.
        fields: the fields to compare, if not the graph's own.
    """
    fields, inside, exact = fields or receptive_fields(graph), interior(graph), exact_at_ends(graph)
    repeating = any(map(repeats, graph.nodes))
    positions: dict[str, list[Position]] = {}
    sure = set()
    for node in graph.nodes:
        if fields[node.name] is None or (names is not None and node.name not in names):
            continue
        whole = ends and node.name in exact
        at = first_middle_last(node.out_shape[1:]) if whole else around_the_middle(inside[node.name])
        if at:
            sure.add(node.name)
        elif not repeating:
            at = first_middle_last(node.out_shape[1:])
        positions[node.name] = at
    found = seen_inputs(positive(graph), positions)
    for name, at in positions.items():
        field = fields[name] or ()
        expected = [all_or_none(map(clipped, field, o, graph.size_seen(name) or ())) for o in at]
        pairs = (dict(zip(at, extents, strict=True)) for extents in (expected, found[name]))
        yield FieldSamples(name, name in sure, *pairs)


def lies_within(expected: tuple[Extent, ...], found: tuple[Extent, ...]) -> bool:
    """Whether the gradients reach no position outside the expected ones."""
    return all(
        b is None or (a is not None and a[0] <= b[0] and b[1] <= a[1])
        for a, b in zip(expected, found, strict=True)
    )


def all_or_none(extents: Iterable[Extent]) -> tuple[Extent, ...]:
    """Extents per axis; an output that sees nothing along one axis sees nothing at all."""
    extents = tuple(extents)
    return extents if None not in extents else (None,) * len(extents)
