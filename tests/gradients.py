"""What each output of a network can see, by differentiating: the reference for receptive fields."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from cnncost.measure import Network
from cnncost.measure.verification.gradient import Extent, clipped, compare_fields, positive, seen_inputs
from cnncost.measure.verification.interior import around_the_middle, interior
from cnncost.measure.verification.thin import thin
from cnncost.network.graph import Graph

__all__ = ["around_the_middle", "check_fields", "clipped", "interior", "positive", "seen", "thin"]

torch.set_num_threads(1)  # pytest-xdist already keeps every core busy


def seen(network: Network, node: str, at: Iterable[tuple[int, ...]]) -> list[tuple[Extent, ...]]:
    """The input positions with a gradient, per axis, for each of some output positions of a node."""
    return seen_inputs(network, {node: list(at)})[node]


def check_fields(graph: Graph, names: Iterable[str] | None = None, ends: bool = False) -> int:
    """Hold the fields of a graph's nodes to its gradients; how many outputs were compared.

    `names` and `ends` as in `compare_fields`.
    """
    compared = 0
    for looked in compare_fields(graph, names, ends):
        if looked.exact:
            assert looked.expected == looked.found, looked.node
            compared += len(looked.expected)
    return compared
