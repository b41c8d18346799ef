"""How deviations change a layer: other arguments, other rules, other numbers put into its own formulas."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from cnncost.dims import Shape, Size
from cnncost.layers.base import Layer
from cnncost.network.graph import Node


def with_arguments(layer: Layer, **changes: Any) -> Layer:
    """The same layer with other arguments."""
    return type(layer)(**{**layer.arguments(), **changes})


def with_rule(layer: Layer, **rules: Any) -> Layer:
    """The same layer with another rule: its window, or which of its weights are buffers.

    No argument says such a rule, so the copy is equal to the layer: compare by identity where it matters.
    """
    changed = copy.copy(layer)
    changed.__dict__.update(rules)
    return changed


@dataclass(frozen=True)
class Weights:
    """The weights of a layer with other shapes than its own, whatever enters it."""

    shapes: tuple[tuple[str, Shape], ...]

    def __call__(self, *_: Shape) -> dict[str, Shape]:
        return dict(self.shapes)


def weighted(node: Node, shapes: Mapping[str, Shape]) -> Node:
    """A node whose layer has these weights."""
    return node._replace(layer=with_rule(node.layer, weights=Weights(tuple(shapes.items()))))


def costed(node: Node, **changes: Any) -> Node:
    """A node whose costs are computed with other arguments of its layer; its output stays the same."""
    return node._replace(layer=with_arguments(node.layer, **changes))


def reshaped(node: Node, layer: Layer) -> Node:
    """A node with another layer and the output shape that it gives."""
    return node._replace(layer=layer, out_shape=layer.out_shape(*node.in_shapes))


def has(node: Node, *arguments: str) -> bool:
    """Whether a node's layer takes these arguments."""
    return node.layer.names().issuperset(arguments)


def argument_of(node: Node, name: str) -> Any:
    """An argument of a node's layer; None if the layer does not take it."""
    return getattr(node.layer, name, None)


def axis_values(node: Node, name: str) -> tuple[Size, ...]:
    """An argument with one value per axis; empty if it has none, as a padding of `same`."""
    value = argument_of(node, name)
    return value if isinstance(value, tuple) else ()


def is_strided(node: Node) -> bool:
    """Whether the stride is more than 1 along any axis."""
    return any(n != 1 for n in axis_values(node, "stride"))


class Unrounded(Fraction):
    """A number whose divisions are exact; a Fraction's own `//` would round, and its sums are Fractions."""

    def __floordiv__(self, other: Any) -> Unrounded:  # type: ignore[override]
        return Unrounded(Fraction(self) / other)

    def __add__(self, other: Any) -> Unrounded:  # type: ignore[override]
        return Unrounded(Fraction(self) + other)

    def __sub__(self, other: Any) -> Unrounded:  # type: ignore[override]
        return Unrounded(Fraction(self) - other)

    __radd__ = __add__  # type: ignore[assignment]


def unrounded_output(node: Node) -> tuple[Any, ...]:
    """The output shape of a node if no division of its sizes is rounded."""
    c, *sizes = node.in_shape
    return node.layer.out_shape((c, *map(Unrounded, sizes)))
