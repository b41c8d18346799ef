"""Normalisations."""

from __future__ import annotations

from cnncost.convert.draft import Made
from cnncost.convert.operations import Operation
from cnncost.convert.table.entry import Entry, layer, parameters, plain


def batch_norm(operation: Operation) -> list[Made] | None:
    """Batch normalisation; without running statistics, by the sample's own."""
    weight, bias, mean, variance = (
        operation[name] for name in ("weight", "bias", "running_mean", "running_var")
    )
    if not plain(weight, bias, mean, variance) or (weight is None) != (bias is None):
        return None
    axes = max(len(operation["input"].full) - 2, 1)
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
    return [Made(made, (operation["input"],), found)]


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


def group_norm(operation: Operation) -> list[Made] | None:
    """Groups of channels by their own statistics."""
    weight, bias = operation["weight"], operation["bias"]
    if not plain(weight, bias):
        return None
    made = layer("GroupNorm", operation["num_groups"], operation["eps"], affine=weight is not None)
    return [Made(made, (operation["input"],), parameters(weight=weight, bias=bias))]


TABLE: dict[str, Entry] = {
    "batch_norm": batch_norm,
    "instance_norm": instance_norm,
    "layer_norm": layer_norm,
    "group_norm": group_norm,
}
