"""The nodes of an ONNX file in order: constants are folded, shapes inferred, and the rest become operations.

The batch is a prime, as where torch is traced: the axis that it divides is that of the batch. A file made for
one sample has the number 1 in its reshapes; where that is the batch, the prime takes its place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy
import onnx
from onnx import helper, numpy_helper, shape_inference
from onnx.reference import ReferenceEvaluator

from cnncost.convert.from_onnx.call import Call
from cnncost.convert.from_onnx.joining import with_biases
from cnncost.convert.from_onnx.model import MICROSOFT, STANDARD, label, needed, ordered, version, version_of
from cnncost.convert.from_onnx.operators import TABLE
from cnncost.convert.from_onnx.paths import paths_of
from cnncost.convert.from_onnx.patterns import Patterns
from cnncost.convert.from_onnx.tensors import MOST, Tensors
from cnncost.convert.operations import Operation, Traced, Value
from cnncost.dims import Shape, product
from cnncost.errors import CnncostError
from cnncost.spec.expression import shorten

SAME_WEIGHTS = (
    "Identity",
    "Transpose",
    "Reshape",
    "Squeeze",
    "Unsqueeze",
    "Cast",
    "DequantizeLinear",
    "Flatten",
)
"""Operators whose result, of a parameter alone, is that parameter."""
GROWING = ("ConstantOfShape", "Expand", "Tile", "Range", "OneHot", "Pad", "Resize")
"""Operators whose result may be large where their inputs are small."""


class Walk(Tensors):
    """Reads a model into operations, for inputs of these shapes with a batch of this size."""

    def __init__(self, model: Any, inputs: Mapping[str, Value], size: int, name: str, fixed: bool) -> None:
        super().__init__(inputs, size, version_of(model))
        self.model, self.name, self.inputs = model, name, dict(inputs)
        self.fixed = fixed  # whether the inputs are those that the file's own shapes are for
        self.taken: set[str] = set()  # what some node needs, and the outputs
        self.noted = {v.name: v for v in (*model.graph.value_info, *model.graph.output)}
        self.operations: list[Operation] = []

    def traced(self) -> Traced:
        """Everything that the model does."""
        graph = self.model.graph
        for value in graph.input:
            self.kinds[value.name] = value.type.tensor_type.elem_type
            if value.name not in self.values:  # a single number, or a tensor that the file holds
                self.values[value.name] = Value(value.name, (), buffer=True)
                self.constant.add(value.name)
        for tensor in graph.initializer:
            self.initializer(tensor)
        for sparse in graph.sparse_initializer:
            self.learn(sparse.values.name, tuple(sparse.dims), sparse.values.data_type)
        nodes = ordered(graph, self.name)
        self.taken = {n for node in nodes for n in needed(node)} | {value.name for value in graph.output}
        paths, classes = paths_of(nodes, self.constant)
        for node, path in zip(nodes, paths, strict=True):
            self.node(node, path)
        ends = [self.values[v.name] for v in graph.output if v.name not in self.constant]
        outputs = [value for value in ends if value is not None]
        operations = Patterns(with_biases(self.operations, outputs), outputs).joined()
        parameters = self.learned(operations)
        inputs = tuple(self.inputs.values())
        return Traced(self.name, inputs, tuple(operations), tuple(outputs), parameters, {}, classes)

    def learned(self, operations: Sequence[Operation]) -> dict[str, Shape]:
        """The parameters: what layers learn, and what nothing uses; those of several weights in parts."""
        used = {v.parameter for operation in operations for v in operation.inputs if not v.buffer}
        found: dict[str, Shape] = {}
        for name, shape in self.parameters.items():
            idle = name not in self.taken and name not in self.statistics
            if idle or name in used or name in self.parts:
                found.update(self.parts.get(name, {name: shape}))
        return found

    # nodes

    def node(self, node: Any, path: str) -> None:
        """One node: a constant, or operations."""
        if node.op_type == "If" and (branch := self.branch(node)) is not None:
            for inner in branch:
                self.node(inner, path)
            return
        if node.op_type in ("Shape", "Size"):
            self.measured(node)
            return
        constant = all(source in self.constant for source in node.input if source)
        if constant and (self.same_weights(node) or self.folded(node)):
            return
        results = [self.value(name, full) for name, full in self.shapes(node).items()]
        if constant:
            self.constant.update(result.name for result in results)
            if any(name in self.computed or self.is_parameter(name) for name in node.input):
                self.computed.update(result.name for result in results)
        self.operations += self.made(Call(self, node, path, results))

    def made(self, call: Call) -> Sequence[Operation]:
        """The operations of a node; one that the table lacks is of unknown cost."""
        entry = TABLE.get(call.kind) if call.node.domain in STANDARD or call.kind in MICROSOFT else None
        try:
            found = entry(call) if entry is not None else None
        except Exception:  # what does not fit an operator is not that operator
            found = None
        inputs = [value for value in call.inputs if value is not None]
        return [call.operation(call.kind, call.results, inputs=inputs)] if found is None else found

    def branch(self, node: Any) -> list[Any] | None:
        """The nodes of the branch that an If takes, where its condition is known."""
        if node.input[0] not in self.known:
            return None
        name = "then_branch" if self.known[node.input[0]].all() else "else_branch"
        graph = next(a.g for a in node.attribute if a.name == name)
        for tensor in graph.initializer:
            self.initializer(tensor)
        ends = [
            helper.make_node("Identity", [inner.name], [outer])
            for inner, outer in zip(graph.output, node.output, strict=False)
        ]
        return [*graph.node, *ends]

    # constants

    def measured(self, node: Any) -> None:
        """The shape of a tensor, which is known whatever its values are."""
        given = {a.name: a.i for a in node.attribute}
        shape = self.full(node.input[0])[given.get("start", 0) : given.get("end")]
        self.fix(
            node.output[0], numpy.array(product(shape) if node.op_type == "Size" else shape, numpy.int64)
        )

    def same_weights(self, node: Any) -> bool:
        """Whether a node only turns a parameter, or widens its numbers: what it makes is that parameter."""
        first = self.values[node.input[0]] if node.input else None
        if first is None or node.op_type not in SAME_WEIGHTS:
            return False
        quantised = node.op_type == "DequantizeLinear" and bool(first.full)
        origin = self.weight(first).parameter if quantised else first.parameter
        if not origin:
            return False
        known = self.evaluated(node) if all(name in self.known for name in node.input if name) else []
        for name, full in self.shapes(node).items():
            if node.op_type == "Identity":  # equal weights that the exporter keeps once
                origin = name
            if node.op_type in ("Identity", "Reshape", "Flatten"):
                self.parameters[origin] = full
            self.values[name] = Value(name, full, parameter=origin)
            self.constant.add(name)
            self.known.update(zip(node.output, known, strict=False))
        return True

    def folded(self, node: Any) -> bool:
        """Compute a small constant of small constants."""
        if not all(name in self.known for name in node.input if name) or node.op_type in RANDOM:
            return False
        if any(self.is_parameter(name) and self.known[name].size > FEW for name in node.input if name):
            return False  # what is computed of weights
        if node.op_type in GROWING and any(product(full) > MOST for full in self.shapes(node).values()):
            return False
        if any(attribute.name == "sparse_value" for attribute in node.attribute):
            return False
        made = self.evaluated(node)
        for name, array in zip(node.output, made, strict=False):
            self.fix(name, array)
        return bool(made)

    def evaluated(self, node: Any) -> list[Any]:
        """The values of what a node makes of constants; none where onnx cannot compute them."""
        given = {name: self.known[name] for name in node.input if name}
        try:
            return [
                numpy.asarray(a) for a in ReferenceEvaluator(node, opsets={"": self.opset}).run(None, given)
            ]
        except Exception:
            return []

    # shapes

    def shapes(self, node: Any) -> dict[str, Shape]:
        """The shapes of what a node makes, by ONNX's own inference.

        Raises:
            CnncostError: they depend on values, or ONNX does not know the operator.
        """
        self.rebatched(node)
        types = self.inferred(node) or {}
        found = {}
        for output in self.wanted(node):
            kind, full = self.typed(types.get(output))
            if full is None:
                kind, full = self.typed(getattr(self.noted.get(output), "type", None))
            if full is None:
                raise CnncostError(f"{self.name}: {self.unsized(node, output)}")
            self.kinds[output], found[output] = kind, full
        return found

    def wanted(self, node: Any) -> list[str]:
        """The outputs of a node that are used; the first in any case."""
        first, *others = node.output
        return [first, *(name for name in others if name and name in self.taken)]

    def unsized(self, node: Any, output: str) -> str:
        """Why the shape of an output is not known."""
        if node.domain not in STANDARD:
            return (
                f"{label(node)} is of the domain {shorten(node.domain)}, which ONNX does not know, and the "
                f"file does not say what shape its output `{shorten(output)}` has"
            )
        if node.op_type in ("If", "Loop", "Scan"):
            return f"what {label(node)} does depends on values, which an import does not have"
        return f"the shape of what {label(node)} makes depends on values, which an import does not have"

    def typed(self, type: Any) -> tuple[int, Shape | None]:
        """The kind and the shape of a tensor's type; None where it has none, or one that is not known."""
        if type is None or not type.HasField("tensor_type") or not type.tensor_type.HasField("shape"):
            return 0, None
        dims = type.tensor_type.shape.dim
        if not all(dim.HasField("dim_value") for dim in dims):
            return type.tensor_type.elem_type, None
        return type.tensor_type.elem_type, tuple(dim.dim_value for dim in dims)

    def inferred(self, node: Any) -> Mapping[str, Any]:
        """The types of what a node makes.

        Raises:
            CnncostError: the node's inputs do not fit.
        """
        if node.domain not in STANDARD and node.op_type not in MICROSOFT:
            return {}
        sources = [source for source in node.input if source]
        inputs = {s: helper.make_tensor_type_proto(self.kinds[s] or 1, self.full(s)) for s in sources}
        data = {s: numpy_helper.from_array(self.known[s], s) for s in sources if s in self.known}
        standard = onnx.NodeProto()
        standard.CopyFrom(node)
        standard.domain = ""
        if node.op_type == "Resize" and self.opset == 11 and not node.input[1]:  # exporters leave it out
            standard.input[1] = "/absent"
            inputs["/absent"] = helper.make_tensor_type_proto(onnx.TensorProto.FLOAT, (0,))
        try:
            schema = onnx.defs.get_schema(node.op_type, version(node, self.opset))
            found: Mapping[str, Any] = shape_inference.infer_node_outputs(
                schema, standard, inputs, data, opset_imports=[helper.make_opsetid("", self.opset)]
            )
        except onnx.defs.SchemaError:
            raise CnncostError(f"{self.name}: {label(node)} is no operator of opset {self.opset}") from None
        except Exception as error:
            reason = str(error).strip().splitlines()[-1].rpartition("] ")[2]
            raise CnncostError(f"{self.name}: {label(node)} does not fit its inputs: {reason}") from error
        return found

    def rebatched(self, node: Any) -> None:
        """Where a file made for one sample writes a batch of 1 into a shape, put the batch there."""
        if self.size == 1 or not node.input:
            return
        if node.op_type == "Reshape" and node.input[1] in self.known:
            source, target = self.values[node.input[0]], [int(n) for n in self.known[node.input[1]]]
            if source is not None and source.batch is not None:
                self.replace(node, 1, numpy.array(self.new_shape(source, target), numpy.int64))
        elif node.op_type == "Expand" and node.input[1] in self.known:
            self.replace(node, 1, numpy.array(self.wider(node), numpy.int64))
        elif node.op_type == "Concat":
            self.alongside(node)

    def replace(self, node: Any, place: int, array: Any) -> None:
        """Give a node another constant."""
        if list(array) == list(self.known[node.input[place]]):
            return
        name = f"{node.output[0]}/batched"
        self.fix(name, array)
        node.input[place] = name

    def new_shape(self, source: Value, target: list[int]) -> list[int]:
        """The shape of a reshape, with the batch in it."""
        target = [source.full[i] if n == 0 and i < len(source.full) else n for i, n in enumerate(target)]
        if any(n and n % self.size == 0 for n in target):
            return target
        if -1 in target:
            alone = source.batch == 0 and source.alone and target[0] == 1
            return [self.size, *target[1:]] if alone else target
        if source.batch is not None and math.prod(target) * self.size == product(source.full):
            before = product(source.full[: source.batch])
            within = source.full[source.batch] // self.size  # what is joined with the batch
            ends = [math.prod(target[:i]) for i in range(len(target))]
            starts = [i for i, n in enumerate(ends) if before <= n <= before * within]
            at = next((i for i in starts if target[i] == 1), (starts or [0])[0])
            target[at - (at > 0 and at == len(target) - 1)] *= self.size  # features do not take the batch
        return target

    def wider(self, node: Any) -> list[int]:
        """The shape of an expand, with the batch in it."""
        source, target = self.values[node.input[0]], [int(n) for n in self.known[node.input[1]]]
        if source is not None and source.batch is not None:
            at = source.batch - len(source.full) + len(target)
            if at >= 0 and target[at] * self.size == source.full[source.batch]:
                target[at] *= self.size
        return target

    def alongside(self, node: Any) -> None:
        """Beside tensors of a batch, a constant of one sample is copied for each."""
        values = [self.values[name] for name in node.input]
        if not any(value is not None and value.batch == 0 and value.alone for value in values):
            return
        axis = next((a.i for a in node.attribute if a.name == "axis"), 0)
        for place, value in enumerate(values):
            if (
                value is None
                or value.batch is not None
                or value.full[:1] != (1,)
                or axis % len(value.full) == 0
            ):
                continue
            name = f"{node.output[0]}/{place}"
            self.kinds[name] = self.kinds[value.name]
            copied = self.value(name, (self.size, *value.full[1:]))
            self.operations.append(Operation("expand", {"self": value}, (copied,), ""))
            node.input[place] = name


FEW = 16
"""The values that a constant may have which looks like weights and is none: the factors of a Resize."""
RANDOM = ("RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Multinomial")
