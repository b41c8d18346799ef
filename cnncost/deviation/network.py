"""The network that deviations change: its places, its parts, and what follows when a layer changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from typing import Any

from cnncost.count.profile import NetworkCost
from cnncost.count.rows import Row, fold, last_map, prefixes
from cnncost.deviation.kinds import NodeChange, Nodes
from cnncost.deviation.measure import Works
from cnncost.dims import Shape
from cnncost.errors import CnncostError
from cnncost.layers.base import Layer
from cnncost.network.graph import INPUT, Node
from cnncost.published.quantities import between

Changes = Mapping[int, Nodes]
"""What stands in the places of some nodes, by their numbers."""


@dataclass(frozen=True)
class Place:
    """Where a deviation happens: some nodes under a name. `plural` places are spoken of as several."""

    label: str
    nodes: tuple[int, ...]
    sort: str
    plural: bool = False


class Network:
    """A profile's nodes by number, with their rows, blocks and consumers."""

    def __init__(self, profile: NetworkCost) -> None:
        self.profile = profile
        self.graph = profile.graph
        self.nodes = profile.graph.nodes
        self.number = {node.name: i for i, node in enumerate(self.nodes)}
        self.works: Works = {}
        self.leading: dict[int, Sequence[int]] = {}
        # the layers are held so that their identities do not pass on
        self.tried: dict[Any, tuple[Layer, Nodes | None]] = {}
        self.outputs: dict[Any, tuple[Layer, Shape | None]] = {}

    @cached_property
    def consumers(self) -> Mapping[str, Sequence[int]]:
        """Which nodes read an output, by its name."""
        found: dict[str, list[int]] = defaultdict(list)
        for i, node in enumerate(self.nodes):
            for name in dict.fromkeys(node.inputs):
                found[name].append(i)
        return found

    @cached_property
    def rows(self) -> dict[str, Row]:
        """The rows of the table by their labels."""
        return {row.label: row for row in fold(self.profile)}

    @cached_property
    def row_of(self) -> dict[int, str]:
        """The label of the row in which each counted node stands."""
        return {self.number[cost.name]: row.label for row in self.rows.values() for cost in row.costs}

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
        """The nodes that lead to a node, itself included, in order; worked out once."""
        if i not in self.leading:
            self.leading[i] = self.traced(i)
        return self.leading[i]

    def traced(self, i: int) -> Sequence[int]:
        """The nodes from which an input leads to a node, itself included, in order."""
        found, queue = {i}, [i]
        while queue:
            for name in self.nodes[queue.pop()].inputs:
                j = self.number.get(name)
                if j is not None and j not in found:
                    found.add(j)
                    queue.append(j)
        return sorted(found)

    # places

    @cached_property
    def parts(self) -> list[Place]:
        """Rows, blocks and stages, types of layers, what has the same name everywhere, and ends."""
        return [
            *self.row_places(),
            *self.block_places(),
            *self.type_places(),
            *self.name_places(),
            *self.ends(),
        ]

    def row_places(self) -> Iterator[Place]:
        for label, row in self.rows.items():
            yield Place(label, tuple(self.number[cost.name] for cost in row.costs), "row")

    @cached_property
    def below(self) -> dict[str, list[int]]:
        """The nodes below each path that is no node's own."""
        found: dict[str, list[int]] = defaultdict(list)
        for i, node in enumerate(self.nodes):
            for path in prefixes(node.name)[:-1]:
                found[path].append(i)
        return found

    def block_places(self) -> Iterator[Place]:
        for path, nodes in self.below.items():
            if len({self.row_of.get(i) for i in nodes}) > 1:
                yield Place(path, tuple(nodes), "block")

    def type_places(self) -> Iterator[Place]:
        types: dict[str, list[int]] = defaultdict(list)
        for i, node in enumerate(self.nodes):
            types[node.type].append(i)
        for name, nodes in types.items():
            yield Place(
                f"all {name} layers" if len(nodes) > 1 else name, tuple(nodes), "type", len(nodes) > 1
            )
        for label, kept in KEPT.items():
            others = tuple(i for i, node in enumerate(self.nodes) if not node.type.startswith(kept))
            yield Place(f"all but {label}", others, "kept", True)

    def name_places(self) -> Iterator[Place]:
        """What bears the same last name in several places: every `shortcut`."""
        named: dict[str, list[str]] = defaultdict(list)
        for path in self.below:
            head, _, last = path.rpartition(".")
            if head and not last.isdigit():
                named[last].append(path)
        for name, paths in named.items():
            if len(paths) > 1:
                yield Place(
                    f"every `{name}`", tuple(sorted({i for p in paths for i in self.below[p]})), "type"
                )

    def ends(self) -> Iterator[Place]:
        """The last stages together."""
        stages: dict[str, list[int]] = defaultdict(list)
        for i, node in enumerate(self.nodes):
            if not node.aux:
                stages[node.stage].append(i)
        names = list(stages)
        for n in range(1, min(LAST_STAGES, len(names) - 1) + 1):
            label = names[-1] if n == 1 else f"everything from {names[-n]} on"
            yield Place(label, tuple(i for name in names[-n:] for i in stages[name]), "end")

    # changes

    def changed(self, where: Sequence[int], change: NodeChange) -> Changes | None:
        """The change at each of some nodes, the others as they are; None where it applies to none."""
        found: dict[int, Nodes] = {}
        for i in where:
            nodes = self.attempt(change, self.nodes[i])
            if nodes is not None:
                found[i] = nodes
        return found or None

    def followed(
        self, changes: Mapping[int, NodeChange], last: int, input_shape: Shape | None = None
    ) -> Changes | None:
        """The changes at some nodes, and what becomes of those that follow, through the node `last`.

        None where a change does not apply, a layer no longer fits, or nothing comes out otherwise.
        """
        shapes: dict[str, Shape] = {} if input_shape is None else {INPUT: input_shape}
        found: dict[int, Nodes] = {}
        queue = sorted({*changes, *(self.consumers[INPUT] if shapes else ())})
        known = set(queue)
        while queue:
            i = heappop(queue)
            if i > last:
                break
            node = self.nodes[i]
            nodes = self.settled(node, shapes, changes.get(i))
            if nodes is None:
                return None
            out = nodes[-1].out_shape if nodes else shapes.get(node.inputs[0], node.in_shapes[0])
            if len(nodes) != 1 or not same(nodes[0], self.nodes[i]):
                found[i] = nodes
            if out != node.out_shape:
                shapes[node.name] = out
                for j in self.consumers[node.name]:
                    if j not in known:
                        known.add(j)
                        heappush(queue, j)
        return found or None

    def settled(self, node: Node, shapes: Mapping[str, Shape], change: NodeChange | None) -> Nodes | None:
        """A node on the shapes that now enter it, changed; None where it does not fit."""
        if any(name in shapes for name in node.inputs):
            in_shapes = tuple(shapes.get(*each) for each in zip(node.inputs, node.in_shapes, strict=True))
            out = self.refitted(node, in_shapes)
            if out is None:
                return None
            node = node._replace(in_shapes=in_shapes, out_shape=out)
        return (node,) if change is None else self.attempt(change, node)

    def refitted(self, node: Node, in_shapes: tuple[Shape, ...]) -> Shape | None:
        """What comes out of a node on another input, worked out once for alike layers; None if nothing."""
        key = id(node.layer), in_shapes
        if key not in self.outputs:
            try:
                out = node.layer.out_shape(*in_shapes)
            except CnncostError:
                out = None
            self.outputs[key] = node.layer, out
        return self.outputs[key][1]

    def attempt(self, change: NodeChange, node: Node) -> Nodes | None:
        """What a change makes of a node, worked out once for alike nodes; None where it does not apply."""
        key = change, id(node.layer), node.in_shapes, node.out_shape, node.aux
        if key not in self.tried:
            self.tried[key] = node.layer, attempt(change, node)
        nodes = self.tried[key][1]
        return nodes and tuple(n._replace(name=node.name, inputs=node.inputs) for n in nodes)


KEPT = {"convolutions": ("Conv",), "convolutions and linear layers": ("Conv", "Linear")}
LAST_STAGES = 3


def same(a: Node, b: Node) -> bool:
    """Whether two nodes are the same: a rule of the layer may be another where its arguments are not."""
    return a.layer is b.layer and a == b


def attempt(change: NodeChange, node: Node) -> Nodes | None:
    """What a change makes of a node; None where it does not apply, or makes what cannot be."""
    try:
        return change(node)
    except CnncostError:
        return None
