"""A graph as a spec that a person would write; as a flat one where that does not give the same graph.

Modules that come more than once are blocks, what differs between them their parameters, and equal
neighbours a repeat. Nothing here needs torch.
"""

from __future__ import annotations

from collections.abc import Mapping

from cnncost.convert.flat import flat_spec
from cnncost.convert.structure.blocks import Blocks
from cnncost.convert.structure.branches import branched
from cnncost.convert.structure.items import Listing, Tree
from cnncost.convert.structure.text import SpecWriter
from cnncost.errors import CnncostError, SpecError
from cnncost.network.builder import build
from cnncost.network.graph import Graph
from cnncost.spec.reader import parse_spec
from cnncost.spec.structure import Spec


def spec_of(graph: Graph, classes: Mapping[str, str]) -> Spec:
    """The spec of a graph, which reads back as the same graph, node for node.

    Raises:
        CnncostError: no spec does.
    """
    if not graph.nodes:
        raise CnncostError(f"{graph.name}: nothing in it computes anything or moves values of a sample")
    reason = "other layers"
    for write in (with_branches, with_refs, lambda graph, _: flat_spec(graph)):
        text = write(graph, classes)
        try:
            spec = parse_spec(text, f"<import of {graph.name}>")
            if same(build(spec), graph):
                return spec
        except SpecError as error:
            reason = str(error)
    raise CnncostError(f"{graph.name}: its spec reads back as another network; please report it: {reason}")


def with_branches(graph: Graph, classes: Mapping[str, str]) -> str:
    """The text with blocks and repeats, and merges with their branches in them."""
    return structured(graph, classes, branched)


def with_refs(graph: Graph, classes: Mapping[str, str]) -> str:
    """The text with blocks and repeats, and merges of refs."""
    return structured(graph, classes, lambda items, _: tuple(items))


def structured(graph: Graph, classes: Mapping[str, str], listed: Listing) -> str:
    """The text with blocks and repeats."""
    items = Tree(graph, classes, listed).root()
    blocks = Blocks(classes)
    blocks.find(items)
    return SpecWriter(blocks.forms).text(graph, items)


def same(one: Graph, other: Graph) -> bool:
    """Whether two graphs have the same nodes, inputs and outputs."""
    return (one.inputs, one.nodes, one.outputs) == (other.inputs, other.nodes, other.outputs)
