"""Normalisations."""

from __future__ import annotations

from cnncost.convert.draft import Made
from cnncost.convert.operations import Operation
from cnncost.convert.table.entry import Entry, Steps, kept, layer, parameters, plain


def batch_norm(operation: Operation) -> list[Made] | None:
    """Batch normalisation; without running statistics, by the sample's own."""
    weight, bias, mean, variance = (
        operation[name] for name in ("weight", "bias", "running_mean", "running_var")
    )
    if operation["input"].batch is None:
        return standardised(operation)
    if not plain(weight, bias) or not kept(mean, variance) or (weight is None) != (bias is None):
        return None
    source = operation["input"]
    order = [1, 0, *range(2, len(source.full))]
    many = source.batch == 0 and not source.alone  # several maps or tokens of each sample
    axes = max(len(source.full) - 2, 1) + (many and len(source.full) > 2)
    made = layer(
        f"BatchNorm{axes}d",
        operation["eps"],
        operation["momentum"],
        affine=weight is not None,
        track_running_stats=mean is not None,
    )
    found = parameters(weight=weight, bias=bias, running_mean=mean, running_var=variance)
    if mean is not None and mean.parameter.endswith("running_mean"):
        found["num_batches_tracked"] = mean.parameter.removesuffix("running_mean") + "num_batches_tracked"
    steps = Steps()
    turned = steps.permute(source, order) if many else source
    result = steps.add(made, turned, full=turned.full)
    steps.made[-1] = steps.made[-1]._replace(weights=found)
    if many:
        steps.permute(result, order)
    return steps.made


def standardised(operation: Operation) -> list[Made] | None:
    """Weights that are standardised: batch normalisation of one sample, and a gain for each channel."""
    source, gain, out = operation["input"], operation["weight"], operation.out
    if operation["bias"] is not None or operation["running_mean"] is not None or source.full[0] != 1:
        return None
    steps, shape = Steps(), source.full[1:]
    kind = layer(
        f"BatchNorm{max(len(shape) - 1, 1)}d", operation["eps"], affine=False, track_running_stats=False
    )
    result = steps.add(kind, steps.reshape(source, shape), full=shape)
    if gain is not None:
        result = steps.add(
            layer("Multiply"), result, steps.reshape(gain, (shape[0], *(1,) * (len(shape) - 1))), full=shape
        )
    steps.reshape(result, out.full)
    return steps.made


def weight_norm(operation: Operation) -> list[Made] | None:
    """Weights as a direction and a length: v · g / |v|."""
    v, g, dim = operation["v"], operation["g"], operation["dim"] % len(operation["v"].full)
    others = tuple(axis + 1 for axis in range(len(v.full)) if axis != dim)
    steps = Steps()
    length = steps.add(layer("Reduce", "norm", others, keepdim=True), v, full=g.full)
    factor = steps.add(layer("Divide"), g, length, full=g.full)
    steps.add(layer("Multiply"), v, factor, full=v.full)
    return steps.made


def instance_norm(operation: Operation) -> list[Made] | None:
    """Each channel by its own statistics."""
    weight, bias, mean = (operation[name] for name in ("weight", "bias", "running_mean"))
    if not plain(weight, bias, mean) or mean is not None:
        return None
    axes = len(operation["input"].full) - 2
    made = layer(f"InstanceNorm{axes}d", operation["eps"], affine=weight is not None)
    return [Made(made, (operation["input"],), parameters(weight=weight, bias=bias))]


def layer_norm(operation: Operation) -> list[Made] | None:
    """The last axes by their own statistics."""
    weight, bias, shape = operation["weight"], operation["bias"], tuple(operation["normalized_shape"])
    if not plain(weight, bias):
        return None
    made = layer(
        "LayerNorm",
        None if len(shape) == 1 else shape,
        operation["eps"],
        elementwise_affine=weight is not None,
        bias=bias is not None or weight is None,
    )
    return [Made(made, (operation["input"],), parameters(weight=weight, bias=bias))]


def rms_norm(operation: Operation) -> list[Made] | None:
    """The last axes by their root mean square."""
    weight, shape = operation["weight"], tuple(operation["normalized_shape"])
    if not plain(weight):
        return None
    made = layer(
        "RMSNorm", None if len(shape) == 1 else shape, operation["eps"], elementwise_affine=weight is not None
    )
    return [Made(made, (operation["input"],), parameters(weight=weight))]


def group_norm(operation: Operation) -> list[Made] | None:
    """Groups of channels by their own statistics."""
    weight, bias = operation["weight"], operation["bias"]
    if not plain(weight, bias):
        return None
    made = layer("GroupNorm", operation["num_groups"], operation["eps"], affine=weight is not None)
    return [Made(made, (operation["input"],), parameters(weight=weight, bias=bias))]


TABLE: dict[str, Entry] = {
    "batch_norm": batch_norm,
    "_weight_norm": weight_norm,
    "_weight_norm_interface": weight_norm,
    "instance_norm": instance_norm,
    "layer_norm": layer_norm,
    "group_norm": group_norm,
    "rms_norm": rms_norm,
}
