"""What a traced module does, operator by operator, as plain data without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cnncost.dims import Shape


@dataclass(frozen=True, eq=False)
class Value:
    """A tensor of the traced module.

    `full` is its shape with the batch. `batch` is the axis that holds the batch, alone or together with
    others (windows of an image); None for what does not depend on it. `parameter` is its name in the
    state_dict, for a parameter or a buffer.
    """

    name: str
    full: Shape
    batch: int | None = None
    size: int = 1
    parameter: str = ""
    buffer: bool = False

    @property
    def alone(self) -> bool:
        """Whether the batch has an axis of its own."""
        return self.batch is not None and self.full[self.batch] == self.size

    @property
    def shape(self) -> Shape:
        """The shape of one sample."""
        if self.batch is None:
            return self.full
        before, behind = self.full[: self.batch], self.full[self.batch + 1 :]
        return (*before, *behind) if self.alone else (*before, self.full[self.batch] // self.size, *behind)

    def axis(self, dim: int) -> int | None:
        """Which axis of one sample an axis of the tensor is, from 0; None for the batch's own."""
        dim %= len(self.full)
        if not self.alone:
            return dim
        assert self.batch is not None
        return None if dim == self.batch else dim - (dim > self.batch)


@dataclass(frozen=True, eq=False)
class Operation:
    """One call of an operator (`conv2d`): its arguments by name, what it makes, and the module it is in.

    `written` is the operator's name in the file that it comes from, where that is another.
    """

    operator: str
    arguments: Mapping[str, Any]
    results: tuple[Value, ...]
    path: str = ""
    written: str = ""

    def __getitem__(self, name: str) -> Any:
        return self.arguments[name]

    @property
    def out(self) -> Value:
        """What it makes, or the first of it."""
        return self.results[0]

    @property
    def inputs(self) -> tuple[Value, ...]:
        """The tensors that it takes, in the order of its arguments."""
        return tuple(tensors_in(self.arguments.values()))


def tensors_in(values: Any) -> list[Value]:
    """The tensors among values, also in lists."""
    found = []
    for value in values:
        if isinstance(value, Value):
            found.append(value)
        elif isinstance(value, (list, tuple)):
            found += tensors_in(value)
    return found


@dataclass(frozen=True, eq=False)
class Traced:
    """A traced module: its inputs, its operations in order, and its outputs.

    `whole` says whether its inputs are whole numbers, which it looks up in tables.
    `parameters` and `buffers` are the shapes of its state_dict. `classes` names the class of each module.
    """

    name: str
    inputs: tuple[Value, ...]
    operations: tuple[Operation, ...]
    outputs: tuple[Value, ...]
    parameters: Mapping[str, Shape] = field(default_factory=dict)
    buffers: Mapping[str, Shape] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False
