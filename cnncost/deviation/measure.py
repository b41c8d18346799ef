"""How a quantity is counted, as data that a deviation can change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from cnncost.count.convention import CONVENTIONS, Convention
from cnncost.count.dtype import dtype_bytes
from cnncost.count.profile import NetworkCost, layer_cost
from cnncost.dims import Size
from cnncost.layers.base import Layer, Work
from cnncost.network.graph import Node


@dataclass(frozen=True)
class Measure:
    """A quantity that adds up over layers.

    `field` is that of a LayerCost, counted under `convention` with elements of `element_bytes`, and
    multiplied by `times`: the batch, or a factor. `train` counts side heads.
    """

    field: str
    convention: Convention
    element_bytes: int | Fraction
    times: Fraction
    train: bool

    def of(self, node: Node, work: Work) -> Size:
        """What a node of this work adds, before it is multiplied."""
        layer, convention = node.layer, self.convention
        if node.aux and not self.train:
            return 0
        if self.field == "flops":
            return convention.flops(layer, work, node.in_shapes, node.out_shape)
        if self.field == "memory_bytes":
            return convention.memory(layer, node.out_shape, self.element_bytes)
        return getattr(layer_cost(node, None, convention, 1, self.element_bytes), self.field)

    def weighs_alike(self, other: Measure, node: Node) -> bool:
        """Whether another measure finds the same in nodes of this one's type."""
        if self.field != "flops":
            return replace(self, times=other.times) == other
        axes = len(node.in_shapes[0]) - 1
        return self.convention.weights_of(node.layer, axes) == other.convention.weights_of(node.layer, axes)

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
"""The quantities that add up, with the field of a LayerCost. Multiply-adds are what the convention `macs`
calls FLOPs, so that what changes a convention changes them too."""


def bare(convention: Convention) -> Convention:
    """A convention without its name: what counts alike is equal."""
    return replace(convention, name="", summary="", source="", flops_label="", kilo=0)


def measure_of(quantity: str, profile: NetworkCost) -> Measure:
    """How a profile counts a quantity."""
    convention = bare(CONVENTIONS["macs"] if quantity == "macs" else profile.convention)
    if quantity == "elements":
        convention = replace(convention, element_bytes=1)
    times = Fraction(1 if quantity in ("params", "buffers") else profile.batch)
    return Measure(FIELDS[quantity], convention, dtype_bytes(profile.dtype), times, profile.train)


Works = dict[Any, tuple[Layer, Work]]
"""The work of nodes by their kinds, with the layer, which is held so that its identity stays its own."""


class Ledger:
    """A measure that remembers what alike nodes add; several ledgers share the nodes' `works`."""

    def __init__(self, measure: Measure, works: Works) -> None:
        self.measure = measure
        self.works = works
        self.known: dict[Any, Size] = {}

    def of(self, node: Node, kind: Any = None) -> Size:
        """What a node adds, before it is multiplied; `kind` is its own, where it is known."""
        key = kind or kind_of(node)
        if key not in self.known:
            if key not in self.works:
                self.works[key] = node.layer, node.layer.work(node.in_shapes, node.out_shape)
            self.known[key] = self.measure.of(node, self.works[key][1])
        return self.known[key]


def kind_of(node: Node) -> Any:
    """What a node shares with those that add the same: layer, shapes, and whether it is a side head's."""
    _, layer, _, in_shapes, out_shape, aux = node
    return id(layer), in_shapes, out_shape, aux


def weighed_as(node: Node) -> str:
    """The name under which conventions weigh a node's work: ``Conv2d``, or ``BatchNorm-plain2d``."""
    return f"{node.layer.cost_type}{len(node.in_shapes[0]) - 1}d"
