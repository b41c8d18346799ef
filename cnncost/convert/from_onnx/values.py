"""Operators of ONNX on single values: activations, sums, products, reductions."""

from __future__ import annotations

from itertools import pairwise

from cnncost.convert.from_onnx.call import Call
from cnncost.convert.from_onnx.entries import Entry, same
from cnncost.convert.operations import Operation, Value


def pair(operator: str) -> Entry:
    """Two tensors, or a tensor and a number."""
    return lambda call: [call.operation(operator, self=call.operand(0), other=call.operand(1))]


def several(operator: str, limit: str = "") -> Entry:
    """Any number of tensors, two at a time; a largest or smallest number is a limit."""

    def entry(call: Call) -> list[Operation] | None:
        terms = [call.operand(place) for place in range(len(call.inputs))]
        numbers = [term for term in terms if isinstance(term, (int, float))]
        tensors = [term for term in terms if isinstance(term, Value)]
        if numbers and limit and len(tensors) == 1 and len(numbers) == 1:
            return [call.operation("clamp", self=tensors[0], **{limit: numbers[0]})]
        if numbers or not tensors:
            return None
        if len(tensors) == 1:
            return [call.operation("identity", self=tensors[0])]
        ends = [*(call.step(call.out.full) for _ in tensors[2:]), call.out]
        starts = [tensors[0], *ends[:-1]]
        return [
            call.operation(operator, [end], self=start, other=other)
            for start, other, end in zip(starts, tensors[1:], ends, strict=True)
        ]

    return entry


def average(call: Call) -> list[Operation] | None:
    """The mean of several tensors: their sum, divided."""
    total = call.step(call.out.full)
    made = several("add")(call)
    if made is None:
        return None
    last = made[-1]
    return [
        *made[:-1],
        call.operation(last.operator, [total], **last.arguments),
        call.operation("div", self=total, other=len(call.inputs)),
    ]


def clip(call: Call) -> list[Operation] | None:
    """Values kept between two limits."""
    if any(call.given(place) and call.constant(place) is None for place in (1, 2)):
        return None
    names = {"min": 1, "max": 2}
    old = call.opset < 11
    found = {n: call.constant(place, n if old else "") for n, place in names.items()}
    limits = {n: v for n, v in found.items() if v is not None and abs(v) < 1e38}
    return [call.operation("clamp" if limits else "identity", self=call.live(), **limits)]


def power(call: Call) -> list[Operation]:
    """A tensor to a power."""
    return [call.operation("pow", self=call.operand(0), exponent=call.operand(1))]


def along(operator: str) -> Entry:
    """A softmax: before opset 13, of all axes from one on together."""

    def entry(call: Call) -> list[Operation]:
        source, axis = call.live(), call["axis"]
        rest = source.full[axis % len(source.full) :] if source.full else ()
        if call.opset >= 13 or all(n == 1 for n in rest[1:]):
            return [call.operation(operator, self=source, dim=axis)]
        size = 1
        for n in rest:
            size *= n
        joint = call.step((*source.full[: len(source.full) - len(rest)], size))
        done = call.step(joint.full)
        return [
            call.operation("reshape", [joint], self=source),
            call.operation(operator, [done], self=joint, dim=-1),
            call.operation("reshape", self=done),
        ]

    return entry


def reduction(operator: str) -> Entry:
    """One value for all positions of some axes."""

    def entry(call: Call) -> list[Operation] | None:
        return [call.operation(operator, self=call.live(), **reduced(call))]

    return entry


def reduced(call: Call) -> dict[str, object]:
    """The axes of a reduction: an attribute in older files, an input in newer ones."""
    old = next((a for a in call.node.attribute if a.name == "axes"), None)
    dims = list(old.ints) if old else call.constant(1)
    return {"dim": dims or None, "keepdim": call["keepdims"] != 0}


def sum_of_squares(call: Call) -> list[Operation]:
    """The sum of the squares along some axes."""
    squares = call.step(call.live().full)
    return [
        call.operation("square", [squares], self=call.live()),
        call.operation("sum", self=squares, **reduced(call)),
    ]


def hard_sigmoid(call: Call) -> list[Operation]:
    """max(0, min(1, a·x + b)): torch's where a is a sixth and b a half."""
    slope, offset = call["alpha"], call["beta"]
    if abs(slope - 1 / 6) < 1e-6 and offset == 0.5:
        return [call.operation("hardsigmoid", self=call.live())]
    shape = call.out.full
    first, second = call.step(shape), call.step(shape)
    return [
        call.operation("mul", [first], self=call.live(), other=slope),
        call.operation("add", [second], self=first, other=offset),
        call.operation("clamp", self=second, min=0, max=1),
    ]


def gelu(call: Call) -> list[Operation]:
    """GELU, exact or by tanh."""
    kind = "none" if call.node.domain else call["approximate"]
    return [call.operation("gelu", self=call.live(), approximate=kind)]


def softplus(call: Call) -> list[Operation]:
    """A smooth ReLU."""
    return [call.operation("softplus", self=call.live(), beta=1.0, threshold=20.0)]


def threshold(call: Call) -> list[Operation]:
    """What is above a threshold, else 0."""
    return [call.operation("threshold", self=call.live(), threshold=call["alpha"], value=0)]


def dropout(call: Call) -> list[Operation]:
    """It does nothing in inference and stays a layer."""
    rate = call["ratio"] if call.opset < 12 else call.constant(1)
    return [call.operation("dropout", call.results, input=call.live(), p=0.5 if rate is None else rate)]


def einsum(call: Call) -> list[Operation]:
    """A product in index notation."""
    tensors = [call.live(place) for place in range(len(call.inputs))]
    return [call.operation("einsum", equation=call["equation"], tensors=tensors)]


def chain(*operators: str) -> Entry:
    """Functions of each value, one after the other."""

    def entry(call: Call) -> list[Operation]:
        values = [call.live(), *(call.step(call.out.full) for _ in operators[1:]), call.out]
        return [
            call.operation(operator, [after], self=before)
            for operator, (before, after) in zip(operators, pairwise(values), strict=True)
        ]

    return entry


FUNCTIONS = {
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "HardSwish": "hardswish",
    "Mish": "mish",
    "Swish": "silu",
    "Softsign": "softsign",
    "Selu": "selu",
    "Exp": "exp",
    "Log": "log",
    "Sqrt": "sqrt",
    "Erf": "erf",
    "Sin": "sin",
    "Cos": "cos",
    "Abs": "abs",
    "Neg": "neg",
    "Sign": "sign",
    "Floor": "floor",
    "Ceil": "ceil",
    "Round": "round",
    "Reciprocal": "reciprocal",
}
"""Functions of each value, under the name that torch has for them."""

TABLE: dict[str, Entry] = {
    **{name: same(operator) for name, operator in FUNCTIONS.items()},
    "LeakyRelu": same("leaky_relu", negative_slope="alpha"),
    "Elu": same("elu", alpha="alpha"),
    "Celu": same("celu", alpha="alpha"),
    "Gelu": gelu,
    "Softplus": softplus,
    "ThresholdedRelu": threshold,
    "HardSigmoid": hard_sigmoid,
    "Clip": clip,
    "Softmax": along("softmax"),
    "LogSoftmax": along("log_softmax"),
    "Dropout": dropout,
    "Add": pair("add"),
    "Sub": pair("sub"),
    "Mul": pair("mul"),
    "Div": pair("div"),
    "Pow": power,
    "Sum": several("add"),
    "Mean": average,
    "Max": several("maximum", "min"),
    "Min": several("minimum", "max"),
    "Einsum": einsum,
    "ReduceMean": reduction("mean"),
    "ReduceSum": reduction("sum"),
    "ReduceMax": reduction("amax"),
    "ReduceMin": reduction("amin"),
    "ReduceL2": reduction("linalg_vector_norm"),
    "ReduceSumSquare": sum_of_squares,
}
