"""A graph as a flat spec: one item per layer, with its whole path as its name.

It repeats nothing and hides nothing. Reading it gives the same graph, node for node.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from string import ascii_lowercase

from cnncost.layers import MERGES
from cnncost.layers.arguments import spelled
from cnncost.network.graph import INPUT, Graph, Node

KINDS = {layer: kind for kind, layer in MERGES.items()}


def flat_spec(graph: Graph) -> str:
    """The text of the spec."""
    return "\n".join([*heading(graph), "layers:", *items(graph), ""])


def heading(graph: Graph) -> Iterator[str]:
    """Name, inputs and, of several, the outputs."""
    yield f"name: {graph.name}"
    lists = {name: f"[{', '.join(map(str, shape))}]" for name, shape in graph.inputs.items()}
    named = ", ".join(f"{name}: {sizes}" for name, sizes in lists.items())
    yield f"input: {lists[INPUT] if [*lists] == [INPUT] else f'{{{named}}}'}"
    if len(graph.outputs) > 1:
        yield f"outputs: [{', '.join(graph.outputs)}]"


def items(graph: Graph) -> Iterator[str]:
    """One item per node, and one before it where it does not follow the node above."""
    last = graph.first_input
    for node in graph.nodes:
        if len(node.inputs) == 1 and node.inputs[0] != last:
            yield f"  - ref('{node.inputs[0]}')"
        call = again(node) or (merge(node) if len(node.inputs) > 1 else str(node.layer))
        yield f"  - {call}" if node.name in MERGES else f"  - {node.name}: {call}"
        last = node.name
    if graph.output != last:
        yield f"  - ref('{graph.output}')"


def again(node: Node) -> str:
    """A layer with the weights of an earlier one; nothing for one with its own."""
    return f"again('{node.shares}')" if node.shares else ""


def merge(node: Node) -> str:
    """A merge of earlier outputs."""
    usual = type(node.layer).defaults()
    given = {name: value for name, value in node.layer.arguments().items() if value != usual.get(name)}
    options = [f"{name}={spelled(value, False)}" for name, value in given.items()]
    branches = [f"{letter}=ref('{name}')" for letter, name in zip(letters(), node.inputs, strict=False)]
    return f"{KINDS[node.type]}({', '.join(options + branches)})"


def letters() -> Iterator[str]:
    """a to z, then a1 to z1, and so on."""
    return (f"{letter}{number or ''}" for number in count() for letter in ascii_lowercase)
