"""Remarks: what is legal in a network, but probably not what its author meant."""

from __future__ import annotations

from collections.abc import Iterator

from cnncost.dims import product
from cnncost.layers.linear import Linear
from cnncost.layers.shapes import map_axes
from cnncost.network.graph import Graph, axes_into


def remarks_on(graph: Graph) -> tuple[str, ...]:
    """A sentence for each thing that looks like a mistake: those of the graph itself first."""
    return (*graph.remarks, *linear_on_maps(graph))


def linear_on_maps(graph: Graph) -> Iterator[str]:
    """Linear layers on a map C×H×W, whose last axis is a width and not the features."""
    for node in graph.nodes:
        shape = node.in_shapes[0]
        if not isinstance(node.layer, Linear) or len(shape) < 2:
            continue
        if axes_into(node, graph.axes)[0] == map_axes(len(shape)):
            sizes = "×".join(map(str, shape))
            yield (
                f"{node.name}: Linear acts on the last axis of its {sizes} input, {shape[-1]} values; "
                f"put Flatten before it to use all {product(shape)}"
            )
