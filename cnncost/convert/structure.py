"""A graph as a spec that a person would write; as a flat one where that does not give the same graph."""

from __future__ import annotations

from collections.abc import Mapping

from cnncost.convert.flat import flat_spec
from cnncost.errors import CnncostError
from cnncost.network.builder import build
from cnncost.network.graph import Graph
from cnncost.spec.reader import parse_spec
from cnncost.spec.structure import Spec


def spec_of(graph: Graph, _: Mapping[str, str]) -> Spec:
    """The spec of a graph, which reads back as the same graph, node for node.

    Raises:
        CnncostError: no spec does.
    """
    spec = parse_spec(flat_spec(graph), f"<import of {graph.name}>")
    if not same(build(spec), graph):
        raise CnncostError(f"{graph.name}: its spec reads back as another network; please report it")
    return spec


def same(one: Graph, other: Graph) -> bool:
    """Whether two graphs have the same nodes, inputs and outputs."""
    return (one.inputs, one.nodes, one.outputs) == (other.inputs, other.nodes, other.outputs)
