"""Node and Graph: a network with every name, shape and edge settled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from cnncost.dims import Shape
from cnncost.errors import NameUnknown, did_you_mean
from cnncost.layers.base import Layer

INPUT = "input"


class Node(NamedTuple):
    """One layer in its network.

    `inputs` are node names, ``"input"`` for the network's own. `aux` marks a side head that is
    used in training only. Shapes are without the batch axis.
    """

    name: str
    layer: Layer
    inputs: tuple[str, ...]
    in_shapes: tuple[Shape, ...]
    out_shape: Shape
    aux: bool = False

    @property
    def type(self) -> str:
        """The layer's type: ``Conv2d``."""
        return type(self.layer).__name__

    @property
    def stage(self) -> str:
        """The first part of the name: ``conv3_x`` of ``conv3_x.0.body.Conv2d``."""
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Graph:
    """A network: nodes in the order of computation, every input before its use.

    `unfit` says why side heads are left out: those that do not fit an input other than the spec's own.
    """

    name: str
    input_shape: Shape
    nodes: tuple[Node, ...]
    title: str = ""
    family: str = ""
    year: int | None = None
    source: str = ""
    output: str = INPUT
    unfit: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Node]:
        """The nodes by name."""
        return {node.name: node for node in self.nodes}

    def find(self, name: str) -> tuple[Node, ...]:
        """The node of this name and all nodes below it: ``conv1.Conv2d`` for ``conv1``.

        Raises:
            NameUnknown: there is none.
        """
        found = tuple(n for n in self.nodes if n.name == name or n.name.startswith(f"{name}."))
        if found:
            return found
        known = {".".join(n.name.split(".")[:i]) for n in self.nodes for i in range(1, n.name.count(".") + 2)}
        raise NameUnknown(f"{self.name} has no layer `{name}`{did_you_mean(name, known)}")

    def replace(self, **changes: Any) -> Graph:
        """A copy with other fields."""
        return replace(self, **changes)
