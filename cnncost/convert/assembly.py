"""Operations to drafts of layers: by the table, in order, with constants made only where they are used."""

from __future__ import annotations

from collections.abc import Sequence

from cnncost.convert.draft import Draft, Made
from cnncost.convert.operations import Operation, Traced, Value
from cnncost.convert.table import layers_of
from cnncost.convert.table.entry import layer
from cnncost.convert.table.moves import CUTS, part
from cnncost.dims import Shape
from cnncost.network.graph import INPUT


class Assembly:
    """The drafts of a traced module."""

    def __init__(self, traced: Traced) -> None:
        self.traced = traced
        self.drafts: list[Draft] = []
        self.made: dict[str, Draft] = {}  # by the name of the value
        self.waiting: dict[str, tuple[Operation, int]] = {}  # constants, and parts of what was cut
        self.unknown: list[str] = []
        self.inputs: dict[Draft, str] = {}

    def assemble(self) -> tuple[list[Draft], list[Draft]]:
        """All drafts in order, and those whose results the module returns."""
        for value in self.traced.inputs:
            name = INPUT if len(self.traced.inputs) == 1 else value.name
            self.made[value.name] = start = Draft(layer("Identity"), (), value.shape, given=name)
            self.inputs[start] = name
        for operation in self.traced.operations:
            if operation.operator in (*CUTS, "unbind") or not self.depends(operation):
                self.postpone(operation)
            else:
                self.take(operation)
        return self.drafts, [self.draft(value) for value in self.traced.outputs]

    def depends(self, operation: Operation) -> bool:
        """Whether an operation computes something of the network's input."""
        return any(self.is_live(value) for value in operation.inputs)

    def is_live(self, value: Value) -> bool:
        """Whether a value depends on the network's input."""
        if value.name in self.made:
            return True
        waiting = self.waiting.get(value.name)
        return waiting is not None and self.depends(waiting[0])

    def postpone(self, operation: Operation) -> None:
        """Remember an operation until one of its results is used."""
        for number, result in enumerate(operation.results):
            self.waiting[result.name] = operation, number

    def take(self, operation: Operation) -> None:
        """The layers of an operation."""
        found = layers_of(operation)
        draft = self.unknown_layer(operation) if found is None else self.chain(found, operation)
        for result in operation.results:
            self.made[result.name] = draft
        if operation.operator.endswith("_") and not operation.operator.startswith("_"):
            self.made[operation.inputs[0].name] = draft  # what uses the tensor later sees it changed

    def chain(self, found: Sequence[Made], operation: Operation) -> Draft:
        """Layers one after the other, the first on its own inputs; what was there, if there are none."""
        if not found:
            return self.draft(operation.inputs[0])
        for step in found:
            inputs = tuple(self.draft(value) for value in step.inputs)
            shape = step.layer.out_shape(*(draft.shape for draft in inputs))
            draft = self.add(step.layer, inputs, shape, operation, step.weights)
        return draft

    def add(
        self,
        layer: object,
        inputs: tuple[Draft, ...],
        shape: Shape,
        operation: Operation,
        weights: object = None,
    ) -> Draft:
        """A new draft."""
        draft = Draft(layer, inputs, shape, operation.path, weights or {}, operator=operation.operator)  # type: ignore[arg-type]
        self.drafts.append(draft)
        return draft

    def unknown_layer(self, operation: Operation) -> Draft:
        """A layer of unknown cost, for an operator that the table lacks."""
        self.unknown.append(operation.operator)
        inputs = tuple(dict.fromkeys(self.draft(v) for v in operation.inputs if self.is_live(v)))
        made = layer("Unknown", operation.operator, operation.out.shape)
        return self.add(made, inputs, operation.out.shape, operation)

    def draft(self, value: Value) -> Draft:
        """The draft that makes a value."""
        if value.name not in self.made:
            self.made[value.name] = self.late(value)
        return self.made[value.name]

    def late(self, value: Value) -> Draft:
        """A value that was postponed: a part of another, or a constant."""
        operation, number = self.waiting[value.name]
        if len(operation.results) > 1 or operation.operator in (*CUTS, "unbind"):
            found = part(operation, number)
            return self.unknown_layer(operation) if found is None else self.chain(found, operation)
        return self.unknown_layer(operation)
