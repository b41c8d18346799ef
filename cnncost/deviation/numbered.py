"""The network as the search changes it: its nodes by number, and what happens after a changed layer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from heapq import heappop, heappush
from typing import Any

from cnncost.count.profile import NetworkCost
from cnncost.count.rows import Row, fold, last_map
from cnncost.deviation.declaring import NodeChange, Nodes
from cnncost.deviation.measure import NodeKinds
from cnncost.dims import Shape
from cnncost.errors import CnncostError
from cnncost.network.graph import Node
from cnncost.published.quantities import between

Replaced = Mapping[int, Nodes]
"""What replaces some nodes, by their numbers."""


class NumberedGraph:
    """A profile's nodes by number, with their rows and consumers."""

    def __init__(self, profile: NetworkCost) -> None:
        self.profile = profile
        self.graph = profile.graph
        self.nodes = profile.graph.nodes
        self.number = {node.name: i for i, node in enumerate(self.nodes)}
        self.kinds = NodeKinds()
        self.known_ancestors: dict[int, Sequence[int]] = {}
        self.known_changes: dict[Any, Nodes | None] = {}
        self.known_outputs: dict[Any, Shape | None] = {}

    @cached_property
    def kind(self) -> Sequence[int]:
        """The kind of each node."""
        return [self.kinds.of(node) for node in self.nodes]

    @cached_property
    def consumers(self) -> Mapping[str, Sequence[int]]:
        """Which nodes read an output, by its name."""
        found: dict[str, list[int]] = defaultdict(list)
        for i, node in enumerate(self.nodes):
            for name in dict.fromkeys(node.inputs):
                found[name].append(i)
        return found

    def only_reader(self, i: int) -> int | None:
        """The node that reads a node's output, if there is just one."""
        readers = self.consumers[self.nodes[i].name]
        return readers[0] if len(readers) == 1 else None

    def only_input(self, i: int) -> int | None:
        """The node whose output a node reads, if nothing else reads it."""
        name = self.nodes[i].inputs[0]
        return self.number[name] if name in self.number and len(self.consumers[name]) == 1 else None

    @cached_property
    def rows(self) -> dict[str, Row]:
        """The rows of the table by their labels."""
        return {row.label: row for row in fold(self.profile)}

    @cached_property
    def row_of(self) -> dict[int, str]:
        """The label of the row that contains each counted node."""
        return {self.number[cost.name]: row.label for row in self.rows.values() for cost in row.costs}

    def label_of(self, i: int) -> str:
        """The name of a node in sentences: the label of its row, or its own name if no row contains it."""
        return self.row_of.get(i, self.nodes[i].name)

    def numbers(self, at: str) -> tuple[int, ...]:
        """The nodes of a row, layer, stage or range; all for an empty name.

        Raises:
            NameUnknown: there is none.
        """
        if not at:
            return tuple(range(len(self.nodes)))
        costs = self.rows[at].costs if at in self.rows else between(self.profile, at)
        return tuple(self.number[cost.name] for cost in costs)

    def last_of(self, at: str) -> int:
        """The node whose output leaves a row, layer, stage or range."""
        return self.number[self.rows[at].last.name] if at in self.rows else self.numbers(at)[-1]

    def last_map(self) -> int:
        """The node whose output is the network's last map.

        Raises:
            CnncostError: it has none.
        """
        last = last_map(self.profile)
        if last is None:
            raise CnncostError(f"{self.graph.name} has no map, and so no receptive field")
        return self.number[last.name]

    def ancestors(self, i: int) -> Sequence[int]:
        """The nodes that lead to a node, itself included, in order."""
        if i not in self.known_ancestors:
            found, queue = {i}, [i]
            while queue:
                for name in self.nodes[queue.pop()].inputs:
                    j = self.number.get(name)
                    if j is not None and j not in found:
                        found.add(j)
                        queue.append(j)
            self.known_ancestors[i] = sorted(found)
        return self.known_ancestors[i]

    # changes

    def changed(self, where: Sequence[int], change: NodeChange) -> Replaced | None:
        """The change at each of some nodes, the others as they are; None if it applies to none of them."""
        made = ((i, self.attempt(change, self.nodes[i], self.kind[i])) for i in where)
        return {i: nodes for i, nodes in made if nodes is not None} or None

    def followed(
        self, changes: Mapping[int, NodeChange], last: int, input_shape: Shape | None = None
    ) -> Replaced | None:
        """The changes at some nodes, and the later nodes that differ because of them, up to the node `last`.

        None if a change does not apply, a layer no longer fits, or nothing differs.
        """
        shapes = {} if input_shape is None else dict.fromkeys(self.graph.inputs, input_shape)
        found: dict[int, Nodes] = {}
        queue = sorted({*changes, *(i for name in shapes for i in self.consumers[name])})
        known = set(queue)
        while queue:
            i = heappop(queue)
            if i > last:
                break
            node = self.nodes[i]
            nodes = self.on_new_inputs(i, shapes, changes.get(i))
            if nodes is None:
                return None
            out = nodes[-1].out_shape if nodes else shapes.get(node.inputs[0], node.in_shape)
            if len(nodes) != 1 or not same_node(nodes[0], node):
                found[i] = nodes
            if out != node.out_shape:
                shapes[node.name] = out
                for j in self.consumers[node.name]:
                    if j not in known:
                        known.add(j)
                        heappush(queue, j)
        return found or None

    def on_new_inputs(self, i: int, shapes: Mapping[str, Shape], change: NodeChange | None) -> Nodes | None:
        """A node with the shapes that now enter it, and changed; None if it does not fit."""
        node = self.nodes[i]
        if shapes.keys().isdisjoint(node.inputs):
            return (node,) if change is None else self.attempt(change, node, self.kind[i])
        in_shapes = tuple(shapes.get(*each) for each in zip(node.inputs, node.in_shapes, strict=True))
        out = self.output_of(i, in_shapes)
        if out is None:
            return None
        node = node._replace(in_shapes=in_shapes, out_shape=out)
        return (node,) if change is None else self.attempt(change, node)

    def output_of(self, i: int, in_shapes: tuple[Shape, ...]) -> Shape | None:
        """The output shape of a node on another input; None if that does not fit."""
        key = self.kind[i], in_shapes
        if key not in self.known_outputs:
            try:
                self.known_outputs[key] = self.nodes[i].layer.out_shape(*in_shapes)
            except CnncostError:
                self.known_outputs[key] = None
        return self.known_outputs[key]

    def attempt(self, change: NodeChange, node: Node, kind: int | None = None) -> Nodes | None:
        """A node, of a kind, after a change; None if that does not apply, or gives something impossible."""
        key = change, self.kinds.of(node) if kind is None else kind
        if key not in self.known_changes:
            try:
                self.known_changes[key] = change(node)
            except CnncostError:
                self.known_changes[key] = None
        nodes = self.known_changes[key]
        return nodes and tuple(n._replace(name=node.name, inputs=node.inputs) for n in nodes)


def same_node(a: Node, b: Node) -> bool:
    """Whether two nodes are the same: layers with equal arguments may still differ in a rule."""
    return a.layer is b.layer and a == b


def stem_of(profile: NetworkCost) -> str:
    """The range of the layers before the first output that several layers read.

    Raises:
        CnncostError: the network does not branch.
    """
    net = NumberedGraph(profile)
    for i, node in enumerate(net.nodes):
        if len(net.consumers[node.name]) > 1:
            return f"..{net.label_of(i)}"
    raise CnncostError(f"{profile.name} does not branch, so it has no stem: --at ..LAYER says where it ends")
