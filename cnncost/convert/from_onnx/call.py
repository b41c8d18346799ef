"""One node of an ONNX file as the table of operators sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy
import onnx
from onnx import helper

from cnncost.convert.from_onnx.model import version
from cnncost.convert.from_onnx.tensors import Tensors
from cnncost.convert.operations import Operation, Value
from cnncost.dims import Shape


class Call:
    """A node: its inputs as values, its attributes with their defaults, what it makes."""

    def __init__(self, tensors: Tensors, node: Any, path: str, results: Sequence[Value]) -> None:
        self.tensors, self.node, self.path, self.results = tensors, node, path, tuple(results)
        self.kind: str = node.op_type
        self.opset = tensors.opset
        self.inputs = [tensors.values[name] for name in node.input]
        self.steps = 0

    def __getitem__(self, name: str) -> Any:
        """An attribute; its default, or None, where it is not given."""
        for attribute in self.node.attribute:
            if attribute.name == name:
                return plain(helper.get_attribute_value(attribute))
        usual = onnx.defs.get_schema(self.kind, version(self.node, self.opset)).attributes.get(name)
        if usual is None or not usual.default_value.name:
            return None
        return plain(helper.get_attribute_value(usual.default_value))

    @property
    def out(self) -> Value:
        """What it makes, or the first of it."""
        return self.results[0]

    def live(self, place: int = 0) -> Value:
        """An input that must be there."""
        value = self.inputs[place]
        assert value is not None
        return value

    def value(self, place: int) -> Value | None:
        """An input; None where there is none."""
        return self.inputs[place] if place < len(self.inputs) else None

    def weight(self, place: int) -> Value | None:
        """An input that a layer learns; None where there is none."""
        value = self.value(place)
        return None if value is None else self.tensors.weight(value)

    def statistic(self, place: int) -> Value:
        """An input that a layer keeps and does not learn."""
        value = self.tensors.weight(self.live(place))
        self.tensors.statistics.add(value.parameter)
        return Value(value.name, value.full, parameter=value.parameter, buffer=True)

    def constant(self, place: int, name: str = "") -> Any:
        """The values of a constant input, a list or a number; else those of an attribute; None if unknown."""
        if place < len(self.node.input) and self.node.input[place]:
            array = self.tensors.known.get(self.node.input[place])
            return None if array is None else plain(array.tolist())
        return self[name] if name else None

    def given(self, place: int) -> bool:
        """Whether an input is there."""
        return self.value(place) is not None

    def operand(self, place: int) -> Value | float | None:
        """An input as a tensor; a constant of one value as a number, unless it has the name of a weight."""
        name, value = self.node.input[place], self.inputs[place]
        array = self.tensors.known.get(name)
        learned = value is not None and "." in value.parameter
        if array is not None and array.size == 1 and not learned:
            number = plain(array.item())
            return number if isinstance(number, (int, float)) else value
        return value

    def operation(self, operator: str, results: Sequence[Value] = (), /, **arguments: Any) -> Operation:
        """An operation in this node's place."""
        return Operation(operator, arguments, tuple(results) or (self.out,), self.path, self.shown)

    @property
    def shown(self) -> str:
        """The operator as the file calls it."""
        return f"{self.node.domain}.{self.kind}" if self.node.domain else self.kind

    def step(self, full: Shape) -> Value:
        """A tensor between the steps of this node."""
        self.steps += 1
        return self.tensors.value(f"{self.node.output[0]}/step{self.steps}", tuple(full))


def plain(value: Any) -> Any:
    """An attribute's value: text for bytes, a list for several."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float):
        return float(str(numpy.float32(value)))  # 1e-05, as it was before it became one of 32 bits
    return [plain(part) for part in value] if isinstance(value, (list, tuple)) else value
