"""Remarks: what is legal in a network, but probably not what its author meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnncost.dims import product
from cnncost.layers.linear import Linear
from cnncost.layers.shapes import map_axes
from cnncost.network.graph import Graph, entering_axes


def remarks_on(graph: Graph) -> tuple[str, ...]:
    """A sentence for each thing that looks like a mistake: those of the graph itself first."""
    return (*graph.remarks, *linear_on_maps(graph), *unused(graph))


MOST_UNUSED = 3
"""Of more unused outputs, the others are only counted."""


def unused(graph: Graph) -> Iterator[str]:
    """Layers and inputs that nothing uses, and that are no output of the network."""
    read = {name for node in graph.nodes for name in node.inputs} | {*graph.outputs}
    if inputs := [name for name in graph.inputs if name not in read]:
        yield f"Nothing uses {plural('the input', inputs)} {listed(inputs)}"
    if forgotten := [node.name for node in graph.nodes if not node.aux and node.name not in read]:
        what = f"{plural('the output', forgotten)} of {listed(forgotten)}"
        yield f"Nothing uses {what}: name all that the network returns in `outputs:`"


def plural(noun: str, items: Sequence[str]) -> str:
    """`the output`, `the outputs`."""
    return noun + "s" * (len(items) > 1)


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b, c and 2 more`."""
    *first, last = (*names[:MOST_UNUSED], *[f"{len(names) - MOST_UNUSED} more"] * (len(names) > MOST_UNUSED))
    return " and ".join(filter(None, (", ".join(first), last)))


def linear_on_maps(graph: Graph) -> Iterator[str]:
    """Linear layers on a map C×H×W, whose last axis is a width and not the features."""
    for node in graph.nodes:
        shape = node.in_shape
        if not isinstance(node.layer, Linear) or len(shape) < 2:
            continue
        if entering_axes(node, graph.axes) == map_axes(len(shape)):
            sizes = "×".join(map(str, shape))
            yield (
                f"{node.name}: Linear acts on the last axis of its {sizes} input, {shape[-1]} values; "
                f"put Flatten before it to use all {product(shape)}"
            )
