"""The one place where layers become nodes, for specs and for networks made in Python."""

from __future__ import annotations

from collections.abc import Mapping

from cnncost import numbers
from cnncost.dims import Shape, product
from cnncost.errors import SpecError
from cnncost.layers import Layer
from cnncost.network.graph import Node, checked_output, owner_of_weights
from cnncost.spec import limits


class Nodes:
    """Nodes in the order of computation, with the shape of each output."""

    def __init__(self, inputs: Mapping[str, Shape]) -> None:
        self.inputs = inputs
        self.nodes: list[Node] = []
        self.shapes: dict[str, Shape] = dict(inputs)

    def append_layer(
        self, name: str, layer: Layer, inputs: tuple[str, ...], aux: bool, first: Node | None = None
    ) -> None:
        """Add a layer behind its inputs, with the weights of its `first` use if there is one."""
        if len(self.nodes) >= limits.NODES:
            raise SpecError(f"the network has more than {limits.NODES} layers")
        in_shapes = tuple([self.shapes[source] for source in inputs])
        out = checked_output(name, layer, in_shapes)
        if any(type(n) is int and n > limits.INTEGER for n in out):
            raise SpecError(f"{name}: an output of {numbers.shape(out)} is beyond {limits.INTEGER}")
        if all(type(n) is int for n in out) and product(out) > limits.VALUES:
            raise SpecError(
                f"{name}: an output of {numbers.shape(out)} has more values than a tensor can hold"
            )
        shares = owner_of_weights(name, layer, in_shapes, first) if first else ""
        self.nodes.append(Node(name, layer, inputs, in_shapes, out, aux, shares))
        self.shapes[name] = out
