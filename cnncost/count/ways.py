"""What a tool can see of a layer beside the layer itself: called as a function, or folded when exported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from cnncost.count.convention import FOLDED, FUNCTIONAL
from cnncost.network.graph import Graph, Node

Ways = Mapping[str, tuple[str, ...]]


def ways_of(graph: Graph, seen: Collection[str]) -> Ways:
    """By node name, which of the ways in `seen` hold; nodes without any are left out."""
    found: dict[str, tuple[str, ...]] = {}
    if FUNCTIONAL in seen:
        found |= dict.fromkeys(graph.functional, (FUNCTIONAL,))
    if FOLDED in seen:
        found |= {name: (*found.get(name, ()), FOLDED) for name in folded_norms(graph)}
    return found


def folded_norms(graph: Graph) -> list[str]:
    """The batch norms whose only input is a convolution that nothing else uses."""
    uses = Counter(name for node in graph.nodes for name in node.inputs)
    return [node.name for node in graph.nodes if is_folded(node, graph, uses)]


def is_folded(node: Node, graph: Graph, uses: Mapping[str, int]) -> bool:
    """Whether an exporter folds this node into the convolution before it."""
    if not node.type.startswith("BatchNorm"):
        return False
    before = graph.by_name.get(node.inputs[0])
    return before is not None and before.layer.cost_type == "Conv" and uses[before.name] == 1
