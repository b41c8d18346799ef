"""A PyTorch module as a list of operations: traced by torch.export on tensors without values."""

from __future__ import annotations

import contextlib
import io
import logging
import operator
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from cnncost.convert.operations import Operation, Traced, Value
from cnncost.dims import Shape
from cnncost.errors import CnncostError
from cnncost.measure.counters import first_line

BATCHES = (1009, 1013, 1019, 1021, 1031, 1033, 1039, 1049, 1051, 1061)
"""Sizes for the batch: primes, so that the axis which they divide is that of the batch."""


def traced(module: nn.Module, inputs: Sequence[tuple[str, Shape]], name: str) -> Traced:
    """Trace a module on inputs of these shapes, given by name where there are several.

    Raises:
        CnncostError: its code fails, or what it computes depends on values.
    """
    size = batch_for(module, [shape for _, shape in inputs])
    for kind in (torch.float32, torch.int64):
        samples = {given: sample(shape, size, kind) for given, shape in inputs}
        try:
            program = exported(module, samples, name)
            break
        except CnncostError as error:  # a table of embeddings takes whole numbers
            if kind is torch.int64 or not any(word in str(error) for word in WHOLE_NUMBERS):
                raise
    return replace(read(program, size, name), whole=kind is torch.int64)


WHOLE_NUMBERS = ("Long", "indices", "IntTensor", "integer")
"""Words of torch's errors where it needs whole numbers."""


def read(program: Any, size: int, name: str) -> Traced:
    """What an exported program does, on a batch of this size.

    Raises:
        CnncostError: the size of a tensor depends on values.
    """
    try:
        return Reading(program, size, name).traced()
    except Exception as error:
        raise CnncostError(untraceable(name, error, [])) from error


def batch_for(module: nn.Module, inputs: Sequence[Shape]) -> int:
    """A batch that divides no size of the module's weights and inputs."""
    sizes = {n for shape in inputs for n in shape}
    sizes.update(n for tensor in (*module.parameters(), *module.buffers()) for n in tensor.shape)
    return next(prime for prime in BATCHES if not any(n and n % prime == 0 for n in sizes))


def sample(shape: Shape, batch: int, dtype: torch.dtype) -> torch.Tensor:
    """A batch of inputs without values."""
    return torch.empty(batch, *shape, device="meta", dtype=dtype)


def exported(module: nn.Module, inputs: Mapping[str, torch.Tensor], name: str) -> Any:
    """The module's exported program, for inference.

    Raises:
        CnncostError: torch cannot trace it.
    """
    module.eval()
    try:
        with quietly(), contextlib.redirect_stderr(io.StringIO()), torch.no_grad():
            alone = tuple(x for given, x in inputs.items() if not given)
            named = {given: x for given, x in inputs.items() if given}
            return torch.export.export(module, alone, named, strict=False)
    except Exception as error:
        raise CnncostError(untraceable(name, error, [*inputs.values()])) from error


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Run someone's code: what it prints goes to standard error, warnings and notes of torch nowhere."""
    disabled = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


DEPENDS_ON_DATA = (
    "GuardOnDataDependent",
    "data-dependent",
    "DataDependent",
    "meta tensors",
    "_local_scalar_dense",
)


def untraceable(name: str, error: Exception, inputs: Sequence[torch.Tensor]) -> str:
    """Why a module cannot be traced, and what to try."""
    text = f"{type(error).__name__}: {error}"
    if any(word in text for word in DEPENDS_ON_DATA):
        return (
            f"{name}: what it computes depends on the values of tensors, which an import does not have: "
            f"{reason(error)}. Import the part without it, or replace an `if` on a tensor by `torch.where`"
        )
    shapes = " and ".join("×".join(map(str, x.shape[1:])) for x in inputs)
    return (
        f"{name}: its forward fails on an input of {shapes}: {reason(error)}. Another size: --input 3x224x224"
    )


def reason(error: Exception) -> str:
    """The first line of what was wrong, with torch's own words."""
    return first_line(error).rstrip(".")


class Reading:
    """Reads an exported program into operations."""

    def __init__(self, program: Any, size: int, name: str) -> None:
        self.program, self.size, self.name = program, size, name
        self.values: dict[Any, Any] = {}  # of each node: a Value, or a tuple of them
        self.classes: dict[str, str] = {}
        self.calls: dict[tuple[str, str], list[str]] = {}  # of a module within another, in order

    def traced(self) -> Traced:
        """Everything that the program does."""
        nodes = list(self.program.graph.nodes)
        inputs = tuple(filter(None, map(self.placeholder, nodes)))
        operations = tuple(self.operations(nodes))
        outputs = [self.values[node] for node in nodes[-1].args[0] if node in self.values]
        learned = {name: tuple(p.shape) for name, p in self.program.named_parameters()}
        buffers = {name: tuple(b.shape) for name, b in self.program.named_buffers()}
        return Traced(self.name, inputs, operations, tuple(outputs), learned, buffers, self.classes)

    def placeholder(self, node: Any) -> Value | None:
        """Note an input, a parameter or a buffer; the value if it is an input of the network."""
        if node.op != "placeholder":
            return None
        signature = self.program.graph_signature
        if node.name in signature.user_inputs:
            self.values[node] = found = self.value(node.name, node.meta["val"])
            return found
        parameter = signature.inputs_to_parameters.get(node.name)
        name = parameter or signature.inputs_to_buffers.get(node.name) or node.name
        shape = tuple(getattr(node.meta["val"], "shape", ()))
        self.values[node] = Value(node.name, shape, parameter=name, buffer=parameter is None)
        return None

    def value(self, name: str, tensor: Any) -> Value:
        """A tensor as a value."""
        shape = tuple(map(int, tensor.shape))
        return Value(name, shape, self.batch_axis(shape), self.size)

    def batch_axis(self, shape: Shape) -> int | None:
        """The axis of the batch: the one that its size divides; the first, in a program for one sample."""
        if self.size == 1:
            return 0 if len(shape) > 1 and shape[0] == 1 else None
        return next((axis for axis, n in enumerate(shape) if n and n % self.size == 0), None)

    def operations(self, nodes: Sequence[Any]) -> Iterator[Operation]:
        """The calls of operators; picking one of several results is none."""
        for node in nodes:
            if node.op != "call_function":
                continue
            if node.target is operator.getitem:
                self.values[node] = self.values[node.args[0]][node.args[1]]
                continue
            results = self.results(node)
            if not results:
                continue
            operation = self.operation(node, results)
            if operation.operator in COPIES and is_same(operation):
                self.values[node] = operation.inputs[0]
                continue
            yield operation

    def results(self, node: Any) -> tuple[Value, ...]:
        """What a call makes."""
        made = node.meta.get("val")
        if isinstance(made, torch.Tensor):
            self.values[node] = self.value(node.name, made)
            return (self.values[node],)
        if isinstance(made, (list, tuple)):
            parts = [
                self.value(f"{node.name}:{i}", part) if isinstance(part, torch.Tensor) else None
                for i, part in enumerate(made)
            ]
            self.values[node] = parts
            return tuple(part for part in parts if part is not None)
        return ()

    def operation(self, node: Any, results: tuple[Value, ...]) -> Operation:
        """One call with its arguments by name."""
        name, arguments = called(node)
        arguments = {key: self.plain(value) for key, value in arguments.items()}
        return Operation(name, arguments, results, self.path(node))

    def path(self, node: Any) -> str:
        """The module that a node runs in; a later call of a module is numbered: `relu`, `relu_1`."""
        path = outer = ""
        for call, (module, kind) in node.meta.get("nn_module_stack", {}).items():
            module = module.partition("@")[0]
            name = module.removeprefix(f"{outer}.") if outer else module
            if name:
                calls = self.calls.setdefault((path, name), [])
                if call not in calls:
                    calls.append(call)
                number = calls.index(call)
                numbered = f"{name}_{number}" if number else name
                path = f"{path}.{numbered}" if path else numbered
            self.classes[path], outer = kind.rpartition(".")[2], module
        return path

    def plain(self, argument: Any) -> Any:
        """An argument with tensors as values."""
        if isinstance(argument, torch.fx.Node):
            return self.values.get(argument)
        if isinstance(argument, (list, tuple)):
            return [self.plain(part) for part in argument]
        return argument


COPIES = ("to", "_to_copy", "type_as", "float", "detach", "alias", "clone", "contiguous")
"""Operators that copy a tensor as it is."""


def is_same(operation: Operation) -> bool:
    """Whether an operation makes a copy of a parameter, which is that parameter."""
    source = operation.inputs[0] if operation.inputs else None
    return source is not None and bool(source.parameter) and source.full == operation.out.full


def called(node: Any) -> tuple[str, Mapping[str, Any]]:
    """The operator's name, and its arguments by name."""
    schema = getattr(node.target, "_schema", None)
    if schema is None:
        return str(getattr(node.target, "__name__", node.target)), {
            str(i): argument for i, argument in enumerate(node.args)
        }
    defaults = {a.name: a.default_value for a in schema.arguments if a.has_default_value()}
    given = dict(zip((a.name for a in schema.arguments), node.args, strict=False))
    space, _, name = schema.name.partition("::")
    return name if space == "aten" else f"{space}.{name}", {**defaults, **given, **node.kwargs}
