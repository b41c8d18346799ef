"""The network as a student's own answers describe it, to see which answers follow from an earlier mistake.

The graph is walked again with each answer about a shape, a kernel or a stride instead of the right value.
The layers' own methods compute the rest: there is no formula here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cnncost.count.dtype import dtype_bytes
from cnncost.count.profile import NetworkCost, layer_cost
from cnncost.count.receptive_field import (
    CHANNELS,
    AxisField,
    Effort,
    Field,
    fields_of_inputs,
    node_field,
    positions,
)
from cnncost.count.rows import Row
from cnncost.dims import Shape
from cnncost.errors import CnncostError
from cnncost.homework.read import QUANTITIES, Value
from cnncost.layers.base import Layer
from cnncost.layers.shapes import Letters
from cnncost.network.graph import Node, channel_axis, entering_axes

ARGUMENTS = {"kernel": "kernel_size", "stride": "stride", "padding": "padding"}
INPUTS, OUTPUTS = ("in_shape", "in_channels", "in_size"), ("out_shape", "out_channels", "out_size")
LARGEST = 10**6
"""Answers with larger sizes are ignored."""

LayerAnswers = Mapping[str, Value]
"""What a student answers about one layer: exact values by the keys of QUANTITIES."""


@dataclass(frozen=True)
class Derivation:
    """What a student may have worked out a row from: this layer, these inputs, this output."""

    layer: Layer
    in_shapes: tuple[Shape, ...]
    out_shape: Shape


class OwnNetwork:
    """A network with a student's own answers in it.

    Only answers that differ from the right value change anything. One that fits no layer is ignored.

    Args:
        network: the right network.
        rows: the table's rows, by label.
        answers: the exact answers, by the rows' labels.
    """

    def __init__(
        self, network: NetworkCost, rows: Mapping[str, Row], answers: Mapping[str, LayerAnswers]
    ) -> None:
        self.network, self.rows = network, rows
        self.labels = {row.last.name: label for label, row in rows.items()}
        self.answers = {
            row.last.name: answers[label] for label, row in rows.items() if row.main and label in answers
        }
        # By node: the shape as answered, else as it follows; as it follows; the inputs and the layer with
        # the answers in them; and the label of the row whose answer made the shape wrong.
        self.shapes: dict[str, Shape] = dict(network.graph.inputs)
        self.followed: dict[str, Shape] = {}
        self.in_shapes: dict[str, tuple[Shape, ...]] = {}
        self.layers: dict[str, Layer] = {}
        self.origins: dict[str, str] = {}
        for node in network.graph.nodes:
            self.visit(node)
        self.fields = self.walk_fields()

    def visit(self, node: Node) -> None:
        """Work out a node from what was answered before it, and put its own answers in."""
        answers = self.answers.get(node.name, {})
        layer = own_layer(node.layer, answers)
        in_shapes = tuple(self.shapes[name] for name in node.inputs)
        followed = out_shape_or_none(layer, in_shapes) or node.out_shape
        shape = with_answers(followed, answers, OUTPUTS, self.network.graph.axes[node.name])
        self.layers[node.name], self.in_shapes[node.name] = layer, in_shapes
        self.followed[node.name], self.shapes[node.name] = followed, shape
        if shape != followed or layer != node.layer:
            self.origins[node.name] = self.labels.get(node.name, node.name)
        elif shape != node.out_shape:
            source = next((name for name in node.inputs if name in self.origins), None)
            if source is not None:
                self.origins[node.name] = self.origins[source]

    def walk_fields(self) -> dict[str, Field | None]:
        """The receptive field of each node as it follows from the answers before it."""
        graph = self.network.graph
        found = fields_of_inputs(graph)
        sizes: dict[str, Any] = dict(graph.inputs)
        followed: dict[str, Field | None] = {}
        effort = Effort()
        for node in graph.nodes:
            seen = node_field(node._replace(layer=self.layers[node.name]), found, sizes, effort)
            followed[node.name] = positions(seen)
            answer = self.answers.get(node.name, {}).get("receptive_field")
            found[node.name] = with_sizes(seen, answer) if isinstance(answer, tuple) and seen else seen
            sizes[node.name] = node.out_shape
        return followed

    def origin(self, row: Row) -> str:
        """The label of the row whose answer made this row's input or output wrong; empty if none did."""
        names = (row.last.name, *row.costs[0].node.inputs)
        return next((self.origins[name] for name in names if name in self.origins), "")

    def derivations(self, row: Row, key: str) -> Iterator[Derivation]:
        """What a row's quantity may have been worked out from, without the right derivation."""
        node = row.last.node
        right = Derivation(node.layer, node.in_shapes, node.out_shape)
        answers, own_shape = self.answers.get(node.name, {}), self.shapes[node.name]
        inputs = [self.in_shapes[node.name]]
        if key not in INPUTS:
            inputs.append(node.in_shapes)
            if len(node.in_shapes) == 1:
                letters = entering_axes(node, self.network.graph.axes)
                inputs.insert(1, (with_answers(inputs[0][0], answers, INPUTS, letters),))
        channels = channel_axis(self.network.graph.axes[node.name])
        layers = [self.layers[node.name], node.layer]
        if key not in OUTPUTS and len(own_shape) == len(node.out_shape):
            layers.append(own_layer(node.layer, {"filters": own_shape[channels]}))
        found = [
            Derivation(layer, in_shapes, out)
            for layer in layers
            for in_shapes in inputs
            for out in (
                out_shape_or_none(layer, in_shapes),
                *(() if key in OUTPUTS else (own_shape, node.out_shape)),
            )
            if out is not None
        ]
        yield from (each for each in dict.fromkeys(found) if each != right)

    def values(self, row: Row, key: str, network: NetworkCost) -> Iterator[Value]:
        """The values of a row's quantity in each derivation, counted as `network` is.

        A quantity never follows from the answer about itself, and stages are not worked out again.
        """
        if row.main is None or key in ARGUMENTS or key == "filters":
            return
        if key == "receptive_field":
            seen = self.fields.get(row.last.name)
            if seen is not None:
                yield tuple(axis.size for axis in seen)
            return
        for derivation in self.derivations(row, key):
            changed = derived_row(row, derivation, network)
            value = QUANTITIES[key].value(changed) if changed else None
            if value is not None:
                yield value


def derived_row(row: Row, derivation: Derivation, network: NetworkCost) -> Row | None:
    """A row worked out from a derivation: its main layer, and the in-place layers on its output."""
    assert row.main is not None
    out_shape = derivation.out_shape
    costs = []
    try:
        for cost in row.costs:
            if cost.name == row.main.name:
                node = cost.node._replace(
                    layer=derivation.layer, in_shapes=derivation.in_shapes, out_shape=out_shape
                )
            else:
                inputs = (out_shape,) * len(cost.node.in_shapes)
                node = cost.node._replace(in_shapes=inputs, out_shape=out_shape)
            size = dtype_bytes(network.dtype)
            costs.append(layer_cost(node, cost.receptive_field, network.convention, network.batch, size))
    except CnncostError:
        return None
    main = next(cost for cost in costs if cost.name == row.main.name)
    return replace(row, costs=tuple(costs), main=main)


def with_answers(shape: Shape, answers: LayerAnswers, keys: tuple[str, str, str], letters: Letters) -> Shape:
    """A shape with a student's answers in it: those about all of it, its channels and its sizes."""
    whole, channels, sizes = (answers.get(key) for key in keys)
    at = channel_axis(letters)
    front = [shape[at], *shape[:at], *shape[at + 1 :]]
    if isinstance(whole, tuple) and len(whole) == len(front):
        front = list(whole)
    if isinstance(channels, int):
        front[0] = channels
    if isinstance(sizes, tuple) and len(sizes) in (1, len(front) - 1) and len(front) > 1:
        front[1:] = sizes * (len(front) - 1) if len(sizes) == 1 else sizes
    if not all(1 <= n <= LARGEST for n in front):
        return shape
    return (*front[1 : at + 1], front[0], *front[at + 1 :])


def own_layer(layer: Layer, answers: LayerAnswers) -> Layer:
    """A layer with the kernel, stride, padding and filters of a student, if they are valid."""
    changes: dict[str, Any] = {}
    for key, name in ARGUMENTS.items():
        right, value = getattr(layer, name, None), answers.get(key)
        if isinstance(right, tuple) and isinstance(value, tuple) and max(value) <= LARGEST:
            changes[name] = value * len(right) if len(value) == 1 else value
    for name in ("out_channels", "out_features"):
        if hasattr(layer, name) and isinstance(answers.get("filters"), int):
            changes[name] = answers["filters"]
    if not any(getattr(layer, name) != value for name, value in changes.items()):
        return layer
    try:
        return type(layer)(**{**layer.arguments(), **changes})
    except CnncostError:
        return layer


def out_shape_or_none(layer: Layer, in_shapes: tuple[Shape, ...]) -> Shape | None:
    """The output shape; None where the layer does not fit the input."""
    try:
        return layer.out_shape(*in_shapes)
    except CnncostError:
        return None


def with_sizes(field: Field, sizes: tuple[int, ...]) -> Field:
    """A receptive field with a student's sizes, from the same first position."""
    axes = sum(axis is not CHANNELS for axis in field)
    if len(sizes) not in (1, axes) or not all(1 <= n <= LARGEST for n in sizes):
        return field
    given = iter(sizes * axes if len(sizes) == 1 else sizes)
    return tuple(axis if axis is CHANNELS else with_size(axis, next(given)) for axis in field)


def with_size(axis: AxisField, size: int) -> AxisField:
    """The field of one axis with another size."""
    return replace(axis, last=tuple(first + size - 1 for first in axis.first))
