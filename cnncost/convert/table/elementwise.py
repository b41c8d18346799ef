"""Operators on single values: activations, sums and products of tensors, and with numbers."""

from __future__ import annotations

from cnncost.convert.draft import Made
from cnncost.convert.operations import Operation, Value
from cnncost.convert.table.entry import Entry, Steps, layer, parameters, plain, same


def softmax(name: str) -> Entry:
    """A softmax along an axis, which must not be the batch's."""

    def entry(operation: Operation) -> list[Made] | None:
        axis = operation.inputs[0].axis(operation["dim"])
        return None if axis is None else [Made(layer(name, axis + 1), operation.inputs[:1])]

    return entry


def clamp(operation: Operation) -> list[Made] | None:
    """Values kept between two limits, or on one side of one."""
    low, high = operation.arguments.get("min"), operation.arguments.get("max")
    limits = [float(limit) for limit in (low, high) if isinstance(limit, (int, float))]
    if isinstance(low, Value) or isinstance(high, Value) or not limits:
        return None
    if len(limits) == 1:  # the same work as a threshold, on whichever side
        made = layer("ReLU") if low == 0 else layer("Threshold", *limits, *limits)
    else:
        made = layer("ReLU6") if limits == [0, 6] else layer("Hardtanh", *limits)
    return [Made(made, operation.inputs[:1])]


def hardtanh(operation: Operation) -> list[Made] | None:
    """ReLU6 is one, from 0 to 6."""
    low, high = operation["min_val"], operation["max_val"]
    made = layer("ReLU6") if (low, high) == (0, 6) else layer("Hardtanh", float(low), float(high))
    return [Made(made, operation.inputs[:1])]


def prelu(operation: Operation) -> list[Made] | None:
    """A learned slope below 0."""
    weight = operation["weight"]
    if not plain(weight):
        return None
    made = layer("PReLU", weight.full[0])
    return [Made(made, operation.inputs[:1], parameters(weight=weight))]


def dropout(name: str) -> Entry:
    """It does nothing in inference and stays a layer."""
    return lambda operation: [Made(layer(name, float(operation["p"])), operation.inputs[:1])]


def merge(name: str) -> Entry:
    """Two tensors, value by value; or a tensor and a number."""

    def entry(operation: Operation) -> list[Made] | None:
        first, second = operation["self"], operation["other"]
        alpha = operation.arguments.get("alpha", 1)
        if isinstance(first, Value) and isinstance(second, Value):
            return [Made(layer(name), (first, second))] if alpha == 1 else None
        number, tensor = (first, second) if isinstance(second, Value) else (second, first)
        if not isinstance(number, (int, float)) or isinstance(number, bool):
            return None
        return with_number(name, number * alpha, tensor)

    return entry


def with_number(name: str, number: float, tensor: Value) -> list[Made]:
    """A tensor plus a number, or times a number."""
    factor, offset = (1, number) if name == "Add" else (number, 0)
    if (factor, offset) == (1, 0):
        return []
    return [Made(layer("Scale", factor, offset), (tensor,))]


def subtract(operation: Operation) -> list[Made] | None:
    """A tensor less a tensor or a number."""
    first, second, alpha = operation["self"], operation["other"], operation.arguments.get("alpha", 1)
    if isinstance(first, Value) and isinstance(second, Value):
        return [Made(layer("Subtract"), (first, second))] if alpha == 1 else None
    if isinstance(first, Value):
        return with_number("Add", -second * alpha, first)
    return [Made(layer("Scale", -alpha, first), (second,))]


def subtract_from(operation: Operation) -> list[Made] | None:
    """A number less a tensor."""
    number, alpha = operation["other"], operation.arguments.get("alpha", 1)
    return None if isinstance(number, Value) else [Made(layer("Scale", -alpha, number), operation.inputs[:1])]


def divide(operation: Operation) -> list[Made] | None:
    """A tensor by a tensor or a number."""
    first, second = operation["self"], operation["other"]
    if operation.arguments.get("rounding_mode"):
        return None
    if isinstance(first, Value) and isinstance(second, Value):
        return [Made(layer("Divide"), (first, second))]
    return [Made(layer("Scale", 1 / second), (first,))] if isinstance(first, Value) else None


def plus_product(operation: Operation) -> list[Made] | None:
    """A tensor plus the product of two others."""
    if operation.arguments.get("value", 1) != 1:
        return None
    steps, full = Steps(), operation.out.full
    product = steps.add(layer("Multiply"), operation["tensor1"], operation["tensor2"], full=full)
    steps.add(layer("Add"), operation["self"], product, full=full)
    return steps.made


def extreme(name: str) -> Entry:
    """The larger or the smaller of two tensors."""
    return lambda operation: [Made(layer(name), operation.inputs[:2])]


def function(name: str) -> Entry:
    """A function of each value."""
    return lambda operation: [Made(layer("Function", name), operation.inputs[:1])]


def power(operation: Operation) -> list[Made] | None:
    """A tensor to a power that is a number."""
    exponent = operation["exponent"]
    if isinstance(exponent, Value) or not isinstance(operation["self"], Value):
        return None
    known = {2: "square", 0.5: "sqrt", -0.5: "rsqrt", -1: "reciprocal"}.get(exponent)
    made = layer("Function", known) if known else layer("Function", "pow", exponent)
    return [Made(made, operation.inputs[:1])]


def negate(operation: Operation) -> list[Made]:
    """Minus a tensor."""
    return [Made(layer("Scale", -1), operation.inputs[:1])]


def concat(operation: Operation) -> list[Made] | None:
    """Tensors side by side along an axis, which must not be the batch's."""
    tensors = tuple(tensor for tensor in operation["tensors"] if 0 not in tensor.full)
    axis = operation.out.axis(operation["dim"])
    if axis is None:
        return None
    if len(tensors) == 1:
        return [] if tensors == operation.inputs[:1] else [Made(layer("Identity"), tensors)]
    return [Made(layer("Concat", axis + 1), tensors)]


SIMPLE = {
    "relu": "ReLU",
    "relu6": "ReLU6",
    "hardswish": "Hardswish",
    "hardsigmoid": "Hardsigmoid",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "silu": "SiLU",
    "selu": "SELU",
    "mish": "Mish",
    "log_sigmoid": "LogSigmoid",
}

FUNCTIONS = (
    "exp",
    "log",
    "sin",
    "cos",
    "erf",
    "sqrt",
    "rsqrt",
    "abs",
    "square",
    "reciprocal",
    "sign",
    "floor",
    "ceil",
    "round",
)
"""Functions that are called the same here and in ATen."""

TABLE: dict[str, Entry] = {
    **{operator: same(name) for operator, name in SIMPLE.items()},
    "gelu": same("GELU", "approximate"),
    "leaky_relu": same("LeakyReLU", "negative_slope"),
    "elu": same("ELU", "alpha"),
    "celu": same("CELU", "alpha"),
    "softplus": same("Softplus", "beta", "threshold"),
    "threshold": same("Threshold", "threshold", "value"),
    "hardtanh": hardtanh,
    "clamp": clamp,
    "clamp_min": clamp,
    "prelu": prelu,
    "softmax": softmax("Softmax"),
    "log_softmax": softmax("LogSoftmax"),
    "dropout": dropout("Dropout"),
    "feature_dropout": dropout("Dropout2d"),
    "alpha_dropout": dropout("AlphaDropout"),
    "add": merge("Add"),
    "mul": merge("Multiply"),
    "sub": subtract,
    "rsub": subtract_from,
    "div": divide,
    "neg": negate,
    "cat": concat,
    "concat": concat,
    "addcmul": plus_product,
    "maximum": extreme("Maximum"),
    "minimum": extreme("Minimum"),
    "pow": power,
    **{name: function(name) for name in FUNCTIONS},
}
