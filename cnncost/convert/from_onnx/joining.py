"""Products with a bias behind them, which exporters write as two operators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from cnncost.convert.operations import Operation, Value

BIASED = ("linear", "conv1d", "conv2d", "conv3d")


def with_biases(operations: Sequence[Operation], outputs: Sequence[Value]) -> list[Operation]:
    """The operations with biases in the layers that they follow."""
    uses = Counter(value.name for operation in operations for value in operation.inputs)
    uses.update(value.name for value in outputs)
    makers = {operation.out.name: operation for operation in operations}
    found: dict[str, Operation] = {}
    gone: set[str] = set()
    for operation in operations:
        joint = with_bias(operation, makers, uses)
        if joint is not None:
            before, whole = joint
            found[operation.out.name] = whole
            gone.add(before.out.name)
            makers[operation.out.name] = whole
    return [found.get(o.out.name, o) for o in operations if o.out.name not in gone]


def with_bias(
    operation: Operation, makers: dict[str, Operation], uses: Counter[str]
) -> tuple[Operation, Operation] | None:
    """A product and a parameter for each of its channels that is added to it alone, as one."""
    terms = [operation.arguments.get(name) for name in ("self", "other")]
    if operation.operator != "add" or not all(isinstance(term, Value) for term in terms):
        return None
    for term, bias in (terms, terms[::-1]):
        assert isinstance(term, Value)
        assert isinstance(bias, Value)
        before = makers.get(term.name)
        if (
            before is None
            or before.operator not in BIASED
            or before["bias"] is not None
            or not bias.parameter
        ):
            continue
        axes = 0 if before.operator == "linear" else len(term.full) - 2
        channels = before["weight"].full[0]
        shape = bias.full[:-axes] if axes else bias.full
        fits = shape in ((channels,), (1, channels)) and bias.full[len(shape) :] == (1,) * axes
        if fits and uses[term.name] == 1 and operation.out.full == term.full:
            learned = Value(bias.name, (channels,), parameter=bias.parameter)
            arguments = {**before.arguments, "bias": learned}
            return before, replace(before, arguments=arguments, results=operation.results)
    return None
