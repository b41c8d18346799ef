"""The tensors of an ONNX file: their shapes, which are constants, which of those are parameters."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from typing import Any

import onnx
from onnx import helper, numpy_helper

from cnncost.convert.operations import Value
from cnncost.convert.table.entry import batch_axis
from cnncost.dims import Shape, product

MOST = 400_000
"""The most values of a constant that are looked at: larger ones are weights."""
POINTED = (
    onnx.TensorProto.FLOAT,
    onnx.TensorProto.FLOAT16,
    onnx.TensorProto.DOUBLE,
    onnx.TensorProto.BFLOAT16,
)
"""Types of numbers with a point."""


FOLDED = re.compile(r"val_\d+")
"""What torch's exporter calls the constants that it has computed itself."""


class Tensors:
    """What is known of each tensor so far, by its name in the file."""

    def __init__(self, inputs: Mapping[str, Value], size: int, opset: int) -> None:
        self.size, self.opset = size, opset
        self.values: dict[str, Value | None] = {"": None, **inputs}
        self.kinds: dict[str, int] = {}
        self.known: dict[str, Any] = {}  # the values of small constants
        self.constant: set[str] = set()
        self.computed: set[str] = set()  # constants that are computed of weights
        self.parameters: dict[str, Shape] = {}
        self.parts: dict[str, dict[str, Shape]] = {}  # of parameters that are several weights of a layer
        self.statistics: set[str] = set()  # what batch norms keep, which is no parameter
        self.whole: set[str] = set()  # parameters stored as whole numbers: quantised ones

    def initializer(self, tensor: Any) -> None:
        """A tensor that the file holds: a number, a table of whole numbers, or weights."""
        shape = tuple(tensor.dims)
        if product(shape) <= MOST and tensor.data_location != onnx.TensorProto.EXTERNAL:
            with contextlib.suppress(ValueError, TypeError, KeyError):
                self.known[tensor.name] = numpy_helper.to_array(tensor)
        self.learn(tensor.name, shape, tensor.data_type)

    def learn(self, name: str, shape: Shape, kind: int) -> None:
        """A constant; one of several numbers with a point is a parameter."""
        self.constant.add(name)
        self.kinds[name] = kind
        learned = bool(shape) and kind in POINTED and product(shape) > 0 and not FOLDED.fullmatch(name)
        self.values[name] = Value(name, shape, parameter=name if learned else "", buffer=not learned)
        if learned:
            self.parameters[name] = shape

    def is_parameter(self, name: str) -> bool:
        """Whether a tensor is one that the network learns."""
        value = self.values[name]
        return value is not None and bool(value.parameter)

    def fix(self, name: str, array: Any) -> None:
        """A constant of known values."""
        self.known[name], self.kinds[name] = array, helper.np_dtype_to_tensor_dtype(array.dtype)
        self.values[name] = Value(name, array.shape, buffer=True)
        self.constant.add(name)

    def weight(self, value: Value) -> Value:
        """A constant where a layer needs its weights: it is a parameter, however the file makes it."""
        if value.parameter or value.name not in self.constant or value.name in self.computed:
            return value
        self.parameters.setdefault(value.name, value.full)
        if self.kinds.get(value.name) not in POINTED:
            self.whole.add(value.name)
        return Value(value.name, value.full, parameter=value.name)

    def value(self, name: str, full: Shape) -> Value:
        """A tensor as a value."""
        axis = batch_axis(full, self.size) if self.size > 1 else 0 if len(full) > 1 and full[0] == 1 else None
        self.values[name] = found = Value(name, full, axis, self.size)
        return found

    def full(self, name: str) -> Shape:
        """The shape of a tensor with the batch."""
        value = self.values[name]
        assert value is not None
        return value.full

    def dtype_of(self, name: str) -> Any:
        """The type of a tensor's numbers, as numpy has it."""
        return helper.tensor_dtype_to_np_dtype(self.kinds[name])
