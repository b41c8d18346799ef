"""How a quantity is counted, as data that a deviation can change, and the sums over nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from cnncost.count.convention import Convention
from cnncost.count.conventions import CONVENTIONS
from cnncost.count.dtype import dtype_bytes
from cnncost.count.profile import NetworkCost, layer_cost
from cnncost.dims import Size
from cnncost.layers.work import Work
from cnncost.network.graph import Node


@dataclass(frozen=True)
class Measure:
    """How a quantity that adds up over layers is counted.

    `field` is that of a LayerCost, under `convention`, with elements of `element_bytes`; `times` multiplies
    it, by the batch size or another factor. `train` counts side heads.
    """

    field: str
    convention: Convention
    element_bytes: int | Fraction
    times: Fraction
    train: bool

    def of(self, node: Node, work: Work) -> Size:
        """The contribution of a node with this work, before it is multiplied."""
        layer, convention = node.layer, self.convention
        if node.aux and not self.train:
            return 0
        if self.field == "flops":
            return convention.flops(layer, work, node.in_shapes, node.out_shape)
        if self.field == "memory_bytes":
            return convention.memory(layer, node.out_shape, self.element_bytes)
        return getattr(layer_cost(node, None, convention, 1, self.element_bytes), self.field)

    def replace(self, **changes: Any) -> Measure:
        """A copy that counts otherwise."""
        return replace(self, **changes)

    def weighing(self, weights: Mapping[str, Mapping[str, int]]) -> Measure:
        """A copy whose convention weighs work otherwise."""
        return self.replace(convention=replace(self.convention, weights=weights))


FIELDS = {
    "params": "params",
    "buffers": "buffers",
    "macs": "flops",
    "flops": "flops",
    "memory": "memory_bytes",
    "elements": "memory_bytes",
}
"""The quantities that add up, with their fields of a LayerCost. Multiply-adds are the FLOPs of the convention
`macs`, so that a deviation that changes the convention changes them too."""


def bare(convention: Convention) -> Convention:
    """A convention without its name: two that count the same are equal."""
    return replace(convention, name="", summary="", source="", flops_label="", kilo=0)


def measure_of(quantity: str, profile: NetworkCost) -> Measure:
    """How a profile counts a quantity."""
    convention = bare(CONVENTIONS["macs"] if quantity == "macs" else profile.convention)
    if quantity == "elements":
        convention = replace(convention, element_bytes=1)
    times = Fraction(1 if quantity in ("params", "buffers") else profile.batch)
    return Measure(FIELDS[quantity], convention, dtype_bytes(profile.dtype), times, profile.train)


class NodeKinds:
    """The different nodes that a search meets, numbered: nodes of one kind add the same to every sum."""

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {}
        self.nodes: list[Node] = []
        self.works: dict[int, Work] = {}

    def of(self, node: Node) -> int:
        """The number of a node's kind."""
        key = node.layer, node.in_shapes, node.out_shape, node.aux, bool(node.shares)
        kind = self.numbers.get(key)
        if kind is None:
            kind = self.numbers[key] = len(self.nodes)
            self.nodes.append(node)
        return kind

    def work(self, kind: int) -> Work:
        """The work of a node of a kind."""
        if kind not in self.works:
            node = self.nodes[kind]
            self.works[kind] = node.layer.work(node.in_shapes, node.out_shape)
        return self.works[kind]

    def tally(self, nodes: Iterable[Node], gone: Iterable[int] = ()) -> Tally:
        """How many nodes of each kind there are, less those of the kinds that are gone."""
        counts: dict[int, int] = {}
        for kind in map(self.of, nodes):
            counts[kind] = counts.get(kind, 0) + 1
        for kind in gone:
            counts[kind] = counts.get(kind, 0) - 1
        return [(kind, count) for kind, count in counts.items() if count]


Tally = list[tuple[int, int]]
"""Kinds of nodes, each with how many there are; fewer than zero if nodes go."""


class Amounts(dict[int, Any]):
    """The contribution of a node of each kind under a measure, before it is multiplied."""

    def __init__(self, measure: Measure, kinds: NodeKinds) -> None:
        self.measure, self.kinds = measure, kinds

    def __missing__(self, kind: int) -> Any:
        self[kind] = self.measure.of(self.kinds.nodes[kind], self.kinds.work(kind))
        return self[kind]

    def total(self, tally: Tally) -> Any:
        """The sum over some nodes."""
        return sum([count * self[kind] for kind, count in tally])
