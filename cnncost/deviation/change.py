"""How deviations change a layer: other arguments, other rules, other numbers put into its own formulas."""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import Any

from cnncost.dims import Size
from cnncost.layers.base import Layer
from cnncost.network.graph import Node


def with_arguments(layer: Layer, **changes: Any) -> Layer:
    """The same layer with other arguments."""
    return type(layer)(**{**layer.arguments(), **changes})


def with_rule(layer: Layer, **rules: Any) -> Layer:
    """The same layer with another rule of its own: its window, what of its weights is a buffer."""
    changed = copy.copy(layer)
    changed.__dict__.update(rules)
    return changed


def costed(node: Node, **changes: Any) -> Node:
    """A node whose layer has other arguments where it is costed; its output stays."""
    return node._replace(layer=with_arguments(node.layer, **changes))


def reshaped(node: Node, layer: Layer) -> Node:
    """A node of another layer, with the output that this gives."""
    return node._replace(layer=layer, out_shape=layer.out_shape(*node.in_shapes))


def has(node: Node, *arguments: str) -> bool:
    """Whether a node's layer takes these arguments."""
    return node.layer.names().issuperset(arguments)


def axes_of(value: Any) -> tuple[Size, ...]:
    """An argument an axis each: of a number or a word, none."""
    return value if isinstance(value, tuple) else ()


class Upward(int):
    """A whole number that rounds up where it is divided."""

    def __floordiv__(self, other: int) -> Upward:
        return Upward(-(-int(self) // int(other)))

    def __add__(self, other: int) -> Upward:
        return Upward(int(self) + int(other))

    def __sub__(self, other: int) -> Upward:
        return Upward(int(self) - int(other))

    __radd__ = __add__


class Unrounded(Fraction):
    """A number that is not rounded where it is divided."""

    # a Fraction answers with a Fraction, or rounds: here, all stays as it is

    def __floordiv__(self, other: Any) -> Unrounded:  # type: ignore[override]
        return Unrounded(Fraction(self) / other)

    def __add__(self, other: Any) -> Unrounded:  # type: ignore[override]
        return Unrounded(Fraction(self) + other)

    def __sub__(self, other: Any) -> Unrounded:  # type: ignore[override]
        return Unrounded(Fraction(self) - other)

    __radd__ = __add__  # type: ignore[assignment]
