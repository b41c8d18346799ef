"""The network as a student's own answers have it, to see what follows from an earlier mistake.

The graph is walked once more, each answer about a shape, a kernel or a stride in the place of the right
one. Then a layer's own methods say what follows: there is no formula here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cnncost.count.dtype import dtype_bytes
from cnncost.count.profile import NetworkCost, layer_cost
from cnncost.count.receptive_field import CHANNELS, START, Effort, Field, node_field, positions
from cnncost.count.rows import Row
from cnncost.dims import Shape
from cnncost.errors import CnncostError
from cnncost.homework.read.quantities import QUANTITIES, Value
from cnncost.layers.base import Layer, Letters
from cnncost.network.graph import INPUT, Node, axes_into, axes_of_input, channel_axis

ARGUMENTS = {"kernel": "kernel_size", "stride": "stride", "padding": "padding"}
INPUTS, OUTPUTS = ("in_shape", "in_channels", "in_size"), ("out_shape", "out_channels", "out_size")
LARGEST = 10**6
"""Of an answer with a larger size nothing follows that could be told."""

Answers = Mapping[str, Value]
"""What a student says of one layer: exact values by the keys of QUANTITIES."""


@dataclass(frozen=True)
class Way:
    """One way in which a layer may have been worked out: with this layer, these inputs, this output."""

    layer: Layer
    in_shapes: tuple[Shape, ...]
    out_shape: Shape


@dataclass
class Own:
    """What the walk finds for each node: shapes as answered, as they follow, and where they went astray."""

    shapes: dict[str, Shape]
    followed: dict[str, Shape] = field(default_factory=dict)
    in_shapes: dict[str, tuple[Shape, ...]] = field(default_factory=dict)
    layers: dict[str, Layer] = field(default_factory=dict)
    fields: dict[str, Field | None] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)


class OwnNetwork:
    """A network with a student's own answers in it.

    `answers` are by the label of the table's rows. Only what differs from the right value changes
    anything, and an answer that fits no layer is passed over.
    """

    def __init__(self, profile: NetworkCost, rows: tuple[Row, ...], answers: Mapping[str, Answers]) -> None:
        self.profile = profile
        self.rows = {row.label: row for row in rows}
        self.answers = {
            row.last.name: answers[row.label] for row in rows if row.main and row.label in answers
        }
        self.labels = {row.last.name: row.label for row in rows}
        self.own = self.walk()

    def walk(self) -> Own:
        """The shapes and fields of every node, from the input on."""
        graph = self.profile.graph
        own = Own({INPUT: graph.input_shape})
        for node in graph.nodes:
            said = self.answers.get(node.name, {})
            layer = own_layer(node.layer, said)
            in_shapes = tuple(own.shapes[name] for name in node.inputs)
            followed = try_out_shape(layer, in_shapes) or node.out_shape
            own.layers[node.name], own.in_shapes[node.name] = layer, in_shapes
            own.followed[node.name] = followed
            own.shapes[node.name] = self.overridden(followed, said, OUTPUTS, graph.axes[node.name])
            self.trace(own, node)
        own.fields = self.walk_fields(own)
        return own

    def trace(self, own: Own, node: Node) -> None:
        """Note which answer a node's wrong shape goes back to."""
        if own.shapes[node.name] != own.followed[node.name] or own.layers[node.name] != node.layer:
            own.origins[node.name] = self.labels.get(node.name, node.name)
        elif own.shapes[node.name] != node.out_shape:
            source = next((name for name in node.inputs if name in own.origins), None)
            if source is not None:
                own.origins[node.name] = own.origins[source]

    def overridden(self, shape: Shape, said: Answers, keys: tuple[str, str, str], letters: Letters) -> Shape:
        """A shape with what a student says of it: all of it, its channels, its sizes."""
        whole, channels, sizes = (said.get(key) for key in keys)
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

    def walk_fields(self, own: Own) -> dict[str, Field | None]:
        """The receptive field of each node as it follows from what was answered before it."""
        found: dict[str, Field | None] = {INPUT: start_field(self.profile)}
        sizes: dict[str, Any] = {INPUT: self.profile.graph.input_shape}
        followed: dict[str, Field | None] = {}
        effort = Effort()
        for node in self.profile.graph.nodes:
            changed = node._replace(layer=own.layers[node.name])
            seen = node_field(changed, found, sizes, effort)
            followed[node.name] = positions(seen)
            said = self.answers.get(node.name, {}).get("receptive_field")
            found[node.name] = widened(seen, said) if isinstance(said, tuple) and seen else seen
            sizes[node.name] = node.out_shape
        return followed

    def origin(self, row: Row) -> str:
        """The label of the row whose answer a row's inputs or output go back to; nothing if to none."""
        node = row.costs[0].node
        names = (row.last.name, *node.inputs)
        return next((self.own.origins[name] for name in names if name in self.own.origins), "")

    def ways(self, row: Row, key: str) -> Iterator[Way]:
        """The ways in which a row's quantity may follow from other answers, the right one left out."""
        node = row.last.node
        own = self.own
        right = Way(node.layer, node.in_shapes, node.out_shape)
        said = self.answers.get(node.name, {})
        inputs = [own.in_shapes[node.name], node.in_shapes]
        if len(node.in_shapes) == 1:
            letters = axes_into(node, self.profile.graph.axes)[0]
            inputs.insert(1, (self.overridden(own.in_shapes[node.name][0], said, INPUTS, letters),))
        if key in INPUTS:
            inputs = inputs[:1]
        seen = {right}
        answered = own.shapes[node.name]
        channels = channel_axis(self.profile.graph.axes[node.name])
        layers = [own.layers[node.name], node.layer]
        if key not in OUTPUTS and len(answered) == len(node.out_shape):
            layers.append(own_layer(node.layer, {"filters": answered[channels]}))
        for layer in layers:
            for in_shapes in inputs:
                outs = [try_out_shape(layer, in_shapes)]
                outs += [] if key in OUTPUTS else [own.shapes[node.name], node.out_shape]
                for out in outs:
                    way = Way(layer, in_shapes, out) if out is not None else right
                    if way not in seen:
                        seen.add(way)
                        yield way

    def values(self, row: Row, key: str, profile: NetworkCost | None = None) -> Iterator[Value]:
        """What a row's quantity comes to in each of these ways, counted as `profile` counts.

        What is asked of a row is never taken from its own answer, and a stage is not worked out anew.
        """
        if row.main is None or key in ARGUMENTS or key == "filters":
            return
        if key == "receptive_field":
            seen = self.own.fields.get(row.last.name)
            if seen is not None:
                yield tuple(axis.size for axis in seen)
            return
        for way in self.ways(row, key):
            changed = row_of(row, way, profile or self.profile)
            value = QUANTITIES[key].value(changed) if changed else None
            if value is not None:
                yield value


def row_of(row: Row, way: Way, profile: NetworkCost) -> Row | None:
    """A row worked out in another way: its main layer, and what follows in place on its output."""
    size = dtype_bytes(profile.dtype)
    costs = []
    assert row.main is not None
    try:
        for cost in row.costs:
            if cost.name == row.main.name:
                node = cost.node._replace(layer=way.layer, in_shapes=way.in_shapes, out_shape=way.out_shape)
            else:
                ins = (way.out_shape,) * len(cost.node.in_shapes)
                node = cost.node._replace(in_shapes=ins, out_shape=way.out_shape)
            field = cost.receptive_field
            costs.append(layer_cost(node, field, profile.convention, profile.batch, size))
    except CnncostError:
        return None
    main = next(cost for cost in costs if cost.name == row.main.name)
    return replace(row, costs=tuple(costs), main=main)


def own_layer(layer: Layer, said: Answers) -> Layer:
    """A layer with the kernel, stride, padding and filters that a student gives it, if it takes them."""
    changes: dict[str, Any] = {}
    for key, name in ARGUMENTS.items():
        right = getattr(layer, name, None)
        value = said.get(key)
        if isinstance(right, tuple) and isinstance(value, tuple) and max(value) <= LARGEST:
            changes[name] = value * len(right) if len(value) == 1 else value
    for name in ("out_channels", "out_features"):
        if hasattr(layer, name) and isinstance(said.get("filters"), int):
            changes[name] = said["filters"]
    if not any(getattr(layer, name) != value for name, value in changes.items()):
        return layer
    try:
        return type(layer)(**{**layer.arguments(), **changes})
    except CnncostError:
        return layer


def try_out_shape(layer: Layer, in_shapes: tuple[Shape, ...]) -> Shape | None:
    """The output shape; None where the layer does not fit the input."""
    try:
        return layer.out_shape(*in_shapes)
    except CnncostError:
        return None


def start_field(profile: NetworkCost) -> Field | None:
    """The field of the input, as `receptive_fields` starts."""
    axes = len(profile.graph.input_shape)
    channels = channel_axis(axes_of_input(profile.graph.nodes, axes))
    return tuple(CHANNELS if axis == channels else START for axis in range(axes)) if axes > 1 else None


def widened(seen: Field, sizes: tuple[int, ...]) -> Field:
    """A field with the sizes that a student gives it, from the same first position."""
    spatial = [axis for axis in seen if axis is not CHANNELS]
    if len(sizes) not in (1, len(spatial)) or not all(1 <= n <= LARGEST for n in sizes):
        return seen
    given = iter(sizes * len(spatial) if len(sizes) == 1 else sizes)
    return tuple(
        axis if axis is CHANNELS else replace(axis, last=tuple(first + size - 1 for first in axis.first))
        for axis in seen
        for size in ([0] if axis is CHANNELS else [next(given)])
    )
