"""A profile as plain data: the JSON of `cnncost table`, schema 1."""

from __future__ import annotations

from typing import Any

from cnncost.count.expectation import expected
from cnncost.count.profile import LayerCost, NetworkCost, Totals
from cnncost.count.receptive_field import Field
from cnncost.network.graph import Node
from cnncost.tables.table import SCHEMA


def to_dict(profile: NetworkCost) -> dict[str, Any]:
    """Everything about a profile, complete enough to rebuild the network from it."""
    return {
        "schema": SCHEMA,
        "name": profile.name,
        "input": list(profile.graph.input_shape),
        "batch": profile.batch,
        "dtype": profile.dtype,
        "convention": profile.convention.name,
        "train": profile.train,
        "output": profile.graph.output,
        "layers": [layer_dict(cost) for cost in profile.costs],
        "totals": totals_dict(profile.totals),
        "expected_training": expected_dict(profile),
    }


def expected_dict(profile: NetworkCost) -> dict[str, float] | None:
    """The operations of a training step on average; null without stochastic depth."""
    found = expected(profile)
    return {"macs": float(found.macs), "flops": float(found.flops)} if found else None


def layer_dict(cost: LayerCost) -> dict[str, Any]:
    """One node."""
    node = cost.node
    return {
        "name": node.name,
        "type": node.type,
        "stage": node.stage,
        "inputs": list(node.inputs),
        "args": arguments(node),
        "in_shapes": listed(node.in_shapes),
        "out_shape": list(node.out_shape),
        "aux": node.aux,
        "params": cost.params,
        "buffers": cost.buffers,
        "macs": cost.macs,
        "flops": cost.flops,
        "memory_bytes": cost.memory_bytes,
        "receptive_field": field_dict(cost.receptive_field),
    }


def arguments(node: Node) -> dict[str, Any]:
    """All arguments of a layer; one that was left to the input, as LayerNorm's shape, with its value."""
    names = {f.name for f in node.layer.parameters()}
    inferred = {k: v for k, v in node.layer.inferred(*node.in_shapes).items() if k in names}
    return {name: listed(value) for name, value in {**inferred, **node.layer.arguments()}.items()}


def field_dict(field: Field | None) -> dict[str, Any] | None:
    """Size, jump and first position an axis.

    Null where there are no spatial axes, or where the field's pattern is too long to be told.
    """
    if field is None:
        return None
    return {
        "size": [axis.size for axis in field],
        "jump": [axis.jump if isinstance(axis.jump, int) else float(axis.jump) for axis in field],
        "first": [axis.first[0] for axis in field],
    }


def totals_dict(totals: Totals) -> dict[str, int]:
    """The totals by name."""
    return dict(vars(totals))


def listed(value: Any) -> Any:
    """Tuples as lists, all the way down."""
    return [listed(v) for v in value] if isinstance(value, (tuple, list)) else value
