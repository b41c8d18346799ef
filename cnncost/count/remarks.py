"""Remarks: what is legal in a network, but probably not what its author meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnncost.dims import product
from cnncost.layers.base import Layer
from cnncost.layers.batch_norm import BatchNorm1d
from cnncost.layers.linear import Linear
from cnncost.layers.residual import Affine, LayerScale
from cnncost.layers.shapes import CHANNELS, axis_in, map_axes
from cnncost.network.graph import Graph, entering_axes


def remarks_on(graph: Graph) -> tuple[str, ...]:
    """A sentence for each thing that looks like a mistake: those of the graph itself first."""
    return (*graph.remarks, *linear_on_maps(graph), *values_for_tokens(graph), *unused(graph))


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


def values_for_tokens(graph: Graph) -> Iterator[str]:
    """Layers that learn a value for each channel, on tokens, whose features are the last axis."""
    found: dict[str, list[str]] = {}
    for node in graph.nodes:
        if not isinstance(node.layer, tuple(FOR_FEATURES)) or len(node.in_shape) < 2:
            continue
        letters = graph.axes[node.inputs[0]]
        axis = axis_in(node.in_shape, node.layer.argument("dim") or 1)
        if letters[axis] == "T" and letters[-1] in CHANNELS:
            tokens, features = node.in_shape[axis], node.in_shape[-1]
            wrong = f"{node.type} learns {tokens} values, one for each token"
            how = FOR_FEATURES[type(node.layer)]
            found.setdefault(f"{wrong}; {how} for the {features} features", []).append(node.name)
    yield from (f"{listed(names)}: {rule}" for rule, names in found.items())


FOR_FEATURES: dict[type[Layer], str] = {
    LayerScale: "write `dim=-1`",
    Affine: "write `dim=-1`",
    BatchNorm1d: "put `Permute((0, 2, 1))` before and behind it",
}
"""What to write where the features of tokens are meant."""


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
