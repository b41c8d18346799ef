"""A traced module as a graph: operations, drafts, names, nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cnncost.convert.assembly import Assembly
from cnncost.convert.attention import whole_attention
from cnncost.convert.naming import named
from cnncost.convert.operations import Traced
from cnncost.convert.simplify import simplified
from cnncost.network.graph import Graph, Node
from cnncost.network.nodes import Nodes


@dataclass(frozen=True, eq=False)
class Imported:
    """A graph made of a traced module.

    `weights` names, for each weight of each node, the tensor in the module's state_dict. `shapes` are the
    outputs as torch has them, by node. `unknown` are the operators that the table lacks, each once.
    """

    graph: Graph
    traced: Traced
    weights: Mapping[tuple[str, str], str]
    shapes: Mapping[str, tuple[int, ...]]
    unknown: tuple[str, ...]


def network_of(traced: Traced) -> Imported:
    """The graph of a traced module."""
    assembly = Assembly(traced)
    drafts, outputs = simplified(*assembly.assemble())
    drafts = whole_attention(drafts, outputs)
    names = {**assembly.inputs, **named(drafts, assembly.inputs.values())}
    inputs = {name: draft.shape for draft, name in assembly.inputs.items()}
    nodes = Nodes(inputs)
    owners: dict[tuple[Any, ...], Node] = {}  # the first use of weights by a layer
    for draft in drafts:
        sources = tuple(names[source] for source in draft.inputs)
        key = (draft.layer, *draft.weights.values())
        nodes.append_layer(
            names[draft], draft.layer, sources, False, owners.get(key) if draft.weights else None
        )
        owners.setdefault(key, nodes.nodes[-1])
    graph = Graph(
        traced.name,
        next(iter(inputs.values())),
        tuple(nodes.nodes),
        inputs=inputs,
        outputs=tuple(dict.fromkeys(names[draft] for draft in outputs)),
    )
    weights = {(names[d], role): name for d in drafts for role, name in d.weights.items()}
    shapes = {names[d]: d.shape for d in drafts}
    unknown = tuple(dict.fromkeys(assembly.unknown))
    return Imported(graph.marked_as_checked(), traced, weights, shapes, unknown)
