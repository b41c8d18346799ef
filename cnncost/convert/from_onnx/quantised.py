"""Operators of ONNX on whole numbers: a quantised layer is that layer, and the rounding behind it."""

from __future__ import annotations

import onnx

from cnncost.convert.from_onnx.call import Call
from cnncost.convert.from_onnx.entries import Entry, turned
from cnncost.convert.from_onnx.windows import convolved
from cnncost.convert.operations import Operation, Value


def dtype(call: Call, name: str) -> str:
    """The type of a tensor, `int8`."""
    return name_of(call.tensors.kinds.get(name) or onnx.TensorProto.UINT8)


def name_of(kind: int) -> str:
    """A type of ONNX by its name: `int8`."""
    return str(onnx.TensorProto.DataType.Name(kind)).lower()


def rounded(call: Call, source: Value) -> Operation:
    """Numbers rounded to whole ones."""
    return call.operation("quantize", self=source, dtype=dtype(call, call.out.name))


def quantize(call: Call) -> list[Operation]:
    """Numbers with a point to whole ones."""
    return [rounded(call, call.live())]


def dequantize(call: Call) -> list[Operation]:
    """Whole numbers to numbers with a point."""
    return [call.operation("dequantize", self=call.live(), dtype=dtype(call, call.node.input[0]))]


def convolution(call: Call) -> list[Operation] | None:
    """A convolution of whole numbers, rounded to whole numbers."""
    full = call.step(call.out.full)
    made = convolved(call, call.live(), call.weight(3), call.weight(8), [full])
    return None if made is None else [*made, rounded(call, full)]


def product(call: Call) -> list[Operation] | None:
    """A matrix product of whole numbers, rounded to whole numbers."""
    full = call.step(call.out.full)
    return [multiplied(call, call.live(), call.weight(3), full), rounded(call, full)]


def multiplied(call: Call, left: Value, right: Value | None, out: Value) -> Operation:
    """A linear layer where the second matrix is of weights, else a matrix product."""
    if right is not None and right.parameter and len(right.full) == 2:
        return call.operation("linear", [out], input=left, weight=turned(right), bias=None)
    return call.operation("matmul", [out], self=left, other=right)


TABLE: dict[str, Entry] = {
    "QuantizeLinear": quantize,
    "DynamicQuantizeLinear": quantize,
    "DequantizeLinear": dequantize,
    "QLinearConv": convolution,
    "QLinearMatMul": product,
    "ConvInteger": lambda call: convolved(call, call.live(), call.weight(1), None, call.results),
    "MatMulInteger": lambda call: [multiplied(call, call.live(), call.weight(1), call.out)],
}
