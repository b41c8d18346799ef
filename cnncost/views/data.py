"""A profile as plain data: the JSON of `cnncost table`, schema 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncost.count.expectation import expected
from cnncost.count.footprint import footprint, params_bytes
from cnncost.count.profile import LayerCost, NetworkCost, Totals
from cnncost.count.receptive_field import Field
from cnncost.network.graph import Node
from cnncost.tables.table import SCHEMA


def to_dict(profile: NetworkCost) -> dict[str, Any]:
    """Everything about a profile, complete enough to rebuild the network from it."""
    return {
        "schema": SCHEMA,
        "name": profile.name,
        "input": as_lists(profile.graph.input),
        "batch": profile.batch,
        "dtype": profile.dtype,
        "convention": profile.convention.name,
        "train": profile.train,
        "output": profile.graph.output,
        "outputs": list(profile.graph.outputs),
        "layers": [
            {**layer_dict(cost), "params_bytes": params_bytes(profile, (cost,))} for cost in profile.costs
        ],
        "totals": {**totals_dict(profile.totals), **footprint_dict(profile)},
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
        "inferred": {name: as_lists(value) for name, value in inferred(node).items()},
        "in_shapes": as_lists(node.in_shapes),
        "out_shape": list(node.out_shape),
        "aux": node.aux,
        "shares": node.shares or None,
        "params": cost.params,
        "buffers": cost.buffers,
        "macs": cost.macs,
        "flops": cost.flops,
        "macts": cost.macts,
        "memory_bytes": cost.memory_bytes,
        "work": cost.work._asdict(),
        "receptive_field": field_dict(cost.receptive_field),
    }


def arguments(node: Node) -> dict[str, Any]:
    """All arguments of a layer, also those left to the input: LayerNorm's shape, attention's `embed_dim`."""
    names = {"embed_dim", *node.layer.names()}
    left_out = {name: value for name, value in inferred(node).items() if name in names}
    return {name: as_lists(value) for name, value in {**left_out, **node.layer.arguments()}.items()}


def inferred(node: Node) -> dict[str, Any]:
    """The arguments of torch's module that the input decides: together with `args`, its whole call."""
    return node.layer.inferred(*node.in_shapes)


def footprint_dict(profile: NetworkCost) -> dict[str, int]:
    """The bytes of input and parameters, and of these and all outputs together."""
    found = footprint(profile)
    return {
        "input_bytes": found.input_bytes,
        "params_bytes": found.params_bytes,
        "total_bytes": found.total_bytes,
    }


def field_dict(field: Field | None) -> dict[str, Any] | None:
    """Size, jump and first position per axis.

    Null where there are no spatial axes, or where the field's pattern is too long to follow.
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


def as_lists(value: Any) -> Any:
    """Tuples as lists, all the way down."""
    if isinstance(value, Mapping):
        return {name: as_lists(v) for name, v in value.items()}
    return [as_lists(v) for v in value] if isinstance(value, (tuple, list)) else value
