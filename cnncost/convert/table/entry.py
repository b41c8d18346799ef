"""What the entries of the table share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnncost.convert.draft import Made
from cnncost.convert.operations import Operation, Value
from cnncost.dims import Shape
from cnncost.layers import Layer, catalogue

Entry = Callable[[Operation], list[Made] | None]
"""The layers of an operation in their order; none if it changes nothing; None if it is unknown."""


class Steps:
    """Several layers, one after the other, with values for what they make."""

    def __init__(self) -> None:
        self.made: list[Made] = []

    def add(self, layer: Layer, *inputs: Value, full: Shape, **weights: Value | None) -> Value:
        """Another layer, which makes a tensor of this shape."""
        result = beside(inputs, full, f"step {id(self)} {len(self.made)}")
        self.made.append(Made(layer, inputs, parameters(**weights), result))
        return result

    def permute(self, value: Value, order: list[int]) -> Value:
        """The axes in another order."""
        axes = [axis for dim in order if (axis := value.axis(dim)) is not None]
        full = tuple(value.full[dim] for dim in order)
        if axes == sorted(axes):
            return self.view(value, full)
        return self.add(layer("Permute", (0, *(axis + 1 for axis in axes))), value, full=full)

    def reshape(self, value: Value, full: Shape) -> Value:
        """The same values in another shape."""
        result = self.view(value, full)
        if result.shape == value.shape:
            return result
        return self.add(layer("Reshape", result.shape), value, full=full)

    def view(self, value: Value, full: Shape) -> Value:
        """A tensor as one of another shape with the batch, which is the same for a sample."""
        return Value(
            value.name, full, batch_axis(full, value.size) if value.size > 1 else value.batch, value.size
        )


def beside(inputs: tuple[Value, ...], full: Shape, name: str) -> Value:
    """A tensor of a shape that is made of others."""
    size = max((value.size for value in inputs), default=1)
    if size == 1:
        return Value(name, full, 0 if any(value.batch == 0 for value in inputs) and full[0] == 1 else None)
    return Value(name, full, batch_axis(full, size), size)


def batch_axis(full: Shape, size: int) -> int | None:
    """The axis that the batch divides."""
    return next((axis for axis, n in enumerate(full) if n and n % size == 0), None)


def layer(name: str, *arguments: Any, **named: Any) -> Layer:
    """A layer of the catalogue."""
    return catalogue()[name](*arguments, **named)


def same(name: str, *arguments: str, **renamed: str) -> Entry:
    """A layer whose arguments are those of the operator: by the same name, or `renamed`."""

    def entry(operation: Operation) -> list[Made]:
        named = {key: operation[key] for key in arguments}
        named.update({key: operation[value] for key, value in renamed.items()})
        return [Made(layer(name, **named), operation.inputs[:1])]

    return entry


def parameters(**weights: Value | None) -> dict[str, str]:
    """The state_dict's names of the weights that are there."""
    return {role: value.parameter for role, value in weights.items() if value is not None}


def plain(*weights: Value | None) -> bool:
    """Whether these weights are parameters as they are: not computed, and no buffers, which learn nothing."""
    return all(value is None or (value.parameter and not value.buffer) for value in weights)


def kept(*buffers: Value | None) -> bool:
    """Whether these are buffers or parameters as they are."""
    return all(value is None or value.parameter for value in buffers)


def per_axis(values: Any, axes: int) -> tuple[int, ...]:
    """Sizes for each axis: torch gives a single one for all."""
    return tuple(values) * axes if len(values) == 1 else tuple(values)
