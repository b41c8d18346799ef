"""Small ONNX files, as other tools write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

node = helper.make_node


def weights(name: str, *shape: int, dtype: str = "float32") -> Any:
    """A tensor of different values."""
    return numpy_helper.from_array(numpy.arange(int(numpy.prod(shape))).reshape(shape).astype(dtype), name)


def values(name: str, *found: float, dtype: str = "int64") -> Any:
    """A tensor of given values; a single one has no axes."""
    return numpy_helper.from_array(numpy.array(found if len(found) > 1 else found[0], dtype), name)


def listed(name: str, *found: int) -> Any:
    """A list of whole numbers."""
    return numpy_helper.from_array(numpy.array(found, "int64"), name)


def entry(name: str, *sizes: Any, kind: int = TensorProto.FLOAT) -> Any:
    """An input or an output; without sizes, of any shape."""
    return helper.make_tensor_value_info(name, kind, sizes or None)


def model(
    nodes: list[Any],
    held: list[Any],
    *inputs: Any,
    opset: int = 17,
    outputs: tuple[str, ...] = ("y",),
    **more: Any,
) -> Any:
    """A model from x, 1×3×16×16 where nothing else is said, to y."""
    domains = {each.domain for each in nodes if each.domain}
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in sorted(domains))]
    given = list(inputs or [entry("x", 1, 3, 16, 16)])
    graph = helper.make_graph(nodes, "small", given, [entry(name) for name in outputs], held)
    return helper.make_model(graph, opset_imports=opsets, ir_version=8, **more)


def saved(made: Any, folder: Path, name: str = "net.onnx") -> str:
    """The path of a model's file."""
    onnx.save(made, folder / name)
    return str(folder / name)


def conv(name: str = "w", inputs: int = 3) -> Any:
    """The weights of 8 windows of 3 by 3."""
    return weights(name, 8, inputs, 3, 3)


def as_tensorflow() -> Any:
    """Channels last, SAME padding, means without axes, products and biases apart."""
    nodes = [
        node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2]),
        node("Conv", ["t", "w", "b"], ["c"], auto_pad="SAME_UPPER", strides=[2, 2]),
        node("Relu", ["c"], ["r"]),
        node("ReduceMean", ["r"], ["m"], axes=[2, 3], keepdims=1),
        node("Squeeze", ["m", "axes"], ["s"]),
        node("MatMul", ["s", "k"], ["p"]),
        node("Add", ["p", "kb"], ["y"]),
    ]
    held = [conv(), weights("b", 8), listed("axes", 2, 3), weights("k", 8, 10), weights("kb", 10)]
    return model(nodes, held, entry("x", 1, 16, 16, 3))


def with_shapes() -> Any:
    """The size of a flatten computed of a shape, for a batch that is not fixed."""
    nodes = [
        node("Conv", ["x", "w"], ["c"], name="/features/features.0/Conv"),
        node("Shape", ["c"], ["s"]),
        node("Gather", ["s", "first"], ["n"]),
        node("Unsqueeze", ["n", "axis"], ["u"]),
        node("Concat", ["u", "rest"], ["k"], axis=0),
        node("Reshape", ["c", "k"], ["f"]),
        node("Gemm", ["f", "fc.weight", "fc.bias"], ["y"], transB=1, name="/fc/Gemm"),
    ]
    held = [
        conv("features.0.weight"),
        values("first", 0),
        listed("axis", 0),
        listed("rest", -1),
        weights("fc.weight", 10, 1568),
        weights("fc.bias", 10),
    ]
    nodes[0].input[1] = "features.0.weight"
    return model(nodes, held, entry("x", "N", 3, 16, 16))


def quantised() -> Any:
    """QuantizeLinear and DequantizeLinear around a convolution, and one of whole numbers."""
    held = [
        values("s", 0.1, dtype="float32"),
        values("z", 0, dtype="int8"),
        weights("wq", 8, 3, 3, 3, dtype="int8"),
        weights("sw", 8),
        weights("zw", 8, dtype="int8"),
        weights("bq", 8, dtype="int32"),
        weights("zb", 8, dtype="int32"),
        weights("vq", 4, 8, 1, 1, dtype="int8"),
    ]
    nodes = [
        node("QuantizeLinear", ["x", "s", "z"], ["xq"]),
        node("DequantizeLinear", ["xq", "s", "z"], ["xd"]),
        node("DequantizeLinear", ["wq", "sw", "zw"], ["w"], axis=0),
        node("DequantizeLinear", ["bq", "sw", "zb"], ["b"], axis=0),
        node("Conv", ["xd", "w", "b"], ["c"]),
        node("QuantizeLinear", ["c", "s", "z"], ["cq"]),
        node("QLinearConv", ["cq", "s", "z", "vq", "s", "z", "s", "z"], ["vo"]),
        node("DequantizeLinear", ["vo", "s", "z"], ["y"]),
    ]
    return model(nodes, held)


def written_out() -> Any:
    """LayerNorm, GELU and attention as older exporters write them."""
    nodes = [
        node("ReduceMean", ["x"], ["mean"], axes=[-1]),
        node("Sub", ["x", "mean"], ["d"]),
        node("Pow", ["d", "two"], ["d2"]),
        node("ReduceMean", ["d2"], ["v"], axes=[-1]),
        node("Add", ["v", "eps"], ["ve"]),
        node("Sqrt", ["ve"], ["sd"]),
        node("Div", ["d", "sd"], ["n"]),
        node("Mul", ["n", "norm.weight"], ["nw"]),
        node("Add", ["nw", "norm.bias"], ["h"]),
        *(node("MatMul", ["h", f"{name}w"], [name]) for name in "qkv"),
        node("Transpose", ["k"], ["kt"], perm=[0, 2, 1]),
        node("MatMul", ["q", "kt"], ["scores"]),
        node("Div", ["scores", "four"], ["scaled"]),
        node("Softmax", ["scaled"], ["weights"], axis=-1),
        node("MatMul", ["weights", "v"], ["a"]),
        node("Div", ["a", "root"], ["g1"]),
        node("Erf", ["g1"], ["g2"]),
        node("Add", ["g2", "one"], ["g3"]),
        node("Mul", ["a", "g3"], ["g4"]),
        node("Mul", ["g4", "half"], ["y"]),
    ]
    nodes[3].output[0] = nodes[4].input[0] = "var"
    numbers = {"two": 2, "eps": 1e-5, "four": 4, "root": 2**0.5, "one": 1, "half": 0.5}
    held = [values(name, number, dtype="float32") for name, number in numbers.items()]
    held += [weights("norm.weight", 16), weights("norm.bias", 16)]
    held += [weights(f"{name}w", 16, 16) for name in "qkv"]
    return model(nodes, held, entry("x", 1, 10, 16), opset=13)


def branching(known: bool) -> Any:
    """An If on a constant, or on a value."""
    then, other = (
        helper.make_graph([node(kind, ["x"], [f"{kind}_out"])], kind, [], [entry(f"{kind}_out")])
        for kind in ("Relu", "Sigmoid")
    )
    nodes = [node("If", ["c"], ["y"], then_branch=then, else_branch=other)]
    if known:
        return model(nodes, [values("c", True, dtype="bool")])
    before = [node("ReduceSum", ["x"], ["s"], keepdims=0), node("Greater", ["s", "zero"], ["c"])]
    return model([*before, *nodes], [values("zero", 0, dtype="float32")])
