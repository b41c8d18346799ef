"""What the entries of the table share."""

from __future__ import annotations

from collections.abc import Callable

from cnncost.convert.from_onnx.call import Call
from cnncost.convert.operations import Operation, Value

Entry = Callable[[Call], list[Operation] | None]
"""The operations of a node in order; None where they are not known."""


def same(operator: str, name: str = "self", **renamed: str) -> Entry:
    """An operator of one input whose arguments are attributes: `renamed` gives their names in ONNX."""

    def entry(call: Call) -> list[Operation]:
        given = {key: call[attribute] for key, attribute in renamed.items()}
        return [call.operation(operator, **{name: call.live()}, **given)]

    return entry


def turned(weight: Value) -> Value:
    """A matrix of weights with its axes in each other's places."""
    return Value(weight.name, weight.full[::-1], parameter=weight.parameter, buffer=weight.buffer)
