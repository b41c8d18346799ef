"""Operations to drafts of layers: by the table, in order, with constants made only where they are used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnncost.convert.draft import Draft, Made
from cnncost.convert.operations import Operation, Traced, Value
from cnncost.convert.table import layers_of
from cnncost.convert.table.entry import layer
from cnncost.convert.table.moves import CUTS, RESHAPES, part, reshaping
from cnncost.convert.table.sequences import RECURRENT, last_state
from cnncost.dims import Shape, product
from cnncost.layers import Layer
from cnncost.network.graph import INPUT

PARTS = (*CUTS, "unbind")
VIEWS = (*RESHAPES, "expand", "expand_as")
ALIGNED = ("Add", "Multiply", "Subtract", "Divide", "Maximum", "Minimum", "Matmul", "Concat")
"""Layers whose inputs have equally many axes; torch adds axes of size 1 in front."""


FACTORIES = ("new_zeros", "new_ones", "new_full", "new_empty", "zeros_like", "ones_like", "full_like")
"""Operators that take nothing but the kind of a tensor."""


class Assembly:
    """The drafts of a traced module."""

    def __init__(self, traced: Traced) -> None:
        self.traced = traced
        self.drafts: list[Draft] = []
        self.made: dict[str, Draft] = {}  # by the name of the value
        self.waiting: dict[str, tuple[Operation, int]] = {}  # constants, and parts of what was cut
        self.live: set[str] = set()  # the values that depend on the network's input
        self.unknown: list[str] = []
        self.inputs: dict[Draft, str] = {}

    def assemble(self) -> tuple[list[Draft], list[Draft]]:
        """All drafts in order, and those whose results the module returns."""
        for value in self.traced.inputs:
            name = INPUT if len(self.traced.inputs) == 1 else value.name
            self.made[value.name] = start = Draft(layer("Identity"), (), value.shape, given=name)
            self.inputs[start] = name
            self.live.add(value.name)
        for operation in self.traced.operations:
            taken = () if operation.operator in FACTORIES else operation.inputs
            live = any(value.name in self.live for value in taken)
            if live:
                self.live.update(result.name for result in operation.results)
            empty = 0 in operation.out.full  # as of prefix tokens that a network has none of
            if operation.operator in PARTS or not live or empty:
                self.postpone(operation)
            else:
                self.take(operation)
        return self.drafts, [self.draft(value) for value in self.traced.outputs]

    def postpone(self, operation: Operation) -> None:
        """Remember an operation until one of its results is used."""
        for number, result in enumerate(operation.results):
            self.waiting[result.name] = operation, number

    def take(self, operation: Operation) -> Draft:
        """The layers of an operation."""
        drafts = len(self.drafts)
        try:
            found = layers_of(operation)
            draft = None if found is None else self.chain(found, operation)
        except Exception:  # whatever does not fit a layer is not that layer, and becomes unknown
            draft = None
        if draft is None or draft.shape != operation.out.shape:
            self.drafts[drafts:] = [d for d in self.drafts[drafts:] if d.operation is not operation]
            draft = self.unknown_layer(operation)
        self.made[operation.out.name] = draft
        for number, result in enumerate(operation.results[1:], 1):
            self.waiting[result.name] = operation, number
        if operation.operator.endswith("_") and not operation.operator.startswith("_"):
            self.made[operation.inputs[0].name] = draft  # what uses the tensor later sees it changed
        return draft

    def chain(self, found: Sequence[Made], operation: Operation) -> Draft:
        """Layers one after the other, on their inputs; what was there before, if there are none."""
        if not found:
            return self.draft(operation.inputs[0])
        for step in found:
            inputs = tuple(self.operands(step, operation))
            shape = step.layer.out_shape(*(draft.shape for draft in inputs))
            draft = self.add(step.layer, inputs, shape, operation, step.weights)
            if step.out is not None:
                self.made[step.out.name] = draft
        return draft

    def add(
        self,
        layer: Layer,
        inputs: tuple[Draft, ...],
        shape: Shape,
        operation: Operation,
        weights: Mapping[str, str] | None = None,
    ) -> Draft:
        """A new draft."""
        draft = Draft(layer, inputs, shape, operation.path, weights or {}, "", operation.operator, operation)
        self.drafts.append(draft)
        return draft

    def unknown_layer(self, operation: Operation, number: int = 0) -> Draft:
        """A layer of unknown cost, for an operator that the table lacks."""
        operator = operation.written or operation.operator
        self.unknown.append(operator)
        shape = operation.results[number].shape
        live = [value for value in operation.inputs if value.name in self.live]
        inputs = tuple(dict.fromkeys(self.draft(value) for value in live or operation.inputs[:1]))
        kind = "Unknown" if len(inputs) == 1 else "UnknownMerge"
        values = sum(product(draft.shape) for draft in inputs)
        return self.add(layer(kind, operator, shape, of=values), inputs, shape, operation)

    # constants and parts

    def draft(self, value: Value) -> Draft:
        """The draft that makes a value."""
        if value.name not in self.made:
            self.made[value.name] = self.late(value)
        return self.made[value.name]

    def late(self, value: Value) -> Draft:
        """A value that was postponed: a part of another, a parameter, a constant."""
        if value.parameter or not self.learned(value):
            return self.head(value, value.shape)
        operation, number = self.waiting[value.name]
        if operation.operator in PARTS or number:
            further = last_state if operation.operator in RECURRENT else part
            found = further(operation, number)
            return self.unknown_layer(operation, number) if found is None else self.chain(found, operation)
        source = operation.inputs[0]
        new = operation.operator in VIEWS and source.parameter and source.name not in self.made
        if new and squeezed(source.full) == squeezed(value.shape):
            return self.head(source, value.shape)
        return self.take(operation)

    def learned(self, value: Value) -> bool:
        """Whether a value depends on a parameter or on the network's input."""
        if value.parameter:
            return not value.buffer
        if value.name in self.live or value.name not in self.waiting:
            return value.name in self.live
        operation = self.waiting[value.name][0]
        return operation.operator not in FACTORIES and any(map(self.learned, operation.inputs))

    def head(self, value: Value, shape: Shape) -> Draft:
        """A parameter or a constant, which starts a chain, in a shape."""
        learned = bool(value.parameter) and not value.buffer
        weights = {"weight": value.parameter} if learned else {}
        given = value.parameter or ""
        path = self.waiting[value.name][0].path if value.name in self.waiting else ""
        kind = "Parameter" if learned else "Constant"
        draft = Draft(layer(kind, shape or (1,)), (), shape or (1,), path, weights, given, "constant")
        self.drafts.append(draft)
        return draft

    # shapes

    def operands(self, step: Made, operation: Operation) -> list[Draft]:
        """The inputs of a layer, with equally many axes where the layer needs that."""
        drafts = [self.draft(value) for value in step.inputs]
        if type(step.layer).__name__ not in ALIGNED:
            return drafts
        rank = max(len(value.full) for value in step.inputs)
        alone = [value for value in step.inputs if value.alone]
        at = next((value.batch + rank - len(value.full) for value in alone if value.batch is not None), None)
        return [
            self.shaped(draft, aligned(value, rank, at), operation)
            for draft, value in zip(drafts, step.inputs, strict=True)
        ]

    def shaped(self, draft: Draft, shape: Shape, operation: Operation) -> Draft:
        """A draft in another shape of the same values: a new constant is made in it."""
        if draft.shape == shape or product(draft.shape) != product(shape):
            return draft
        if draft.operator == "constant" and draft is self.drafts[-1]:
            draft.layer, draft.shape = layer(type(draft.layer).__name__, shape), shape
            return draft
        return self.add(reshaping(draft.shape, shape), (draft,), shape, operation)


def squeezed(shape: Shape) -> Shape:
    """A shape without axes of size 1."""
    return tuple(n for n in shape if n != 1)


def aligned(value: Value, rank: int, batch: int | None) -> Shape:
    """The shape of a sample, filled up with ones to `rank` axes, one of which is the batch."""
    full = (1,) * (rank - len(value.full)) + value.full
    if value.batch is not None and not value.alone:
        at = value.batch + rank - len(value.full)
        return (*full[:at], full[at] // value.size, *full[at + 1 :])
    if batch is None:
        return full
    return (*full[:batch], *full[batch + 1 :])
