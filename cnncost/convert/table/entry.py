"""What the entries of the table share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnncost.convert.draft import Made
from cnncost.convert.operations import Operation, Value
from cnncost.layers import Layer, catalogue

Entry = Callable[[Operation], list[Made] | None]
"""The layers of an operation in their order; none if it changes nothing; None if it is unknown."""


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
    """Whether these weights are parameters or buffers as they are, not computed ones."""
    return all(value is None or value.parameter for value in weights)


def per_axis(values: Any, axes: int) -> tuple[int, ...]:
    """Sizes for each axis: torch gives a single one for all."""
    return tuple(values) * axes if len(values) == 1 else tuple(values)
