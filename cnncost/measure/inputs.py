"""What a network is run on: random values, or whole numbers where it looks them up in a table."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from cnncost.dims import Shape, Size
from cnncost.layers.work import NO_WORK
from cnncost.network.graph import Graph


def random_input(
    shape: Shape, below: Size | None = None, batch: int = 1, device: Any = None, dtype: Any = None
) -> Tensor:
    """A batch of random values; of whole numbers from 0 to `below` - 1 if it is given."""
    if below is not None:
        return torch.randint(below, (batch, *shape), device=device)
    return torch.randn(batch, *shape, device=device).to(dtype)


def whole_below(graph: Graph, name: str) -> Size | None:
    """The smallest table in which a network looks up the values of an input; None where it looks up none.

    Layers that only pass values on may lie between the two.
    """
    same, tables = {name}, []
    for node in graph.nodes:
        if same.isdisjoint(node.inputs):
            continue
        if node.layer.whole_below is not None:
            tables.append(node.layer.whole_below)
        elif node.layer.work(node.in_shapes, node.out_shape) == NO_WORK:
            same.add(node.name)
    return min(tables, default=None)


def inputs_of(graph: Graph, batch: int = 1, device: Any = None, dtype: Any = None) -> list[Tensor]:
    """A random batch for a network: one tensor for each of its inputs."""
    return [
        random_input(shape, whole_below(graph, name), batch, device, dtype)
        for name, shape in graph.inputs.items()
    ]
