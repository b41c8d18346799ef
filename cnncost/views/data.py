"""The profile as data: JSON (schema 1), CSV, and the records of a DataFrame."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from cnncost import numbers
from cnncost.count.expectation import expected
from cnncost.count.profile import LayerCost, NetworkCost, Totals
from cnncost.count.receptive_field import Field
from cnncost.count.rows import Row, fold
from cnncost.network.graph import Node
from cnncost.views.network_table import filters, size_cell, window_cell

SCHEMA = 1
FIELDS = (
    *("name", "type", "in_channels", "in_size", "filters", "kernel", "stride", "padding", "out_channels"),
    *("out_size", "memory_bytes", "params", "buffers", "macs", "flops", "receptive_field"),
)
"""The columns of the CSV and of a DataFrame, in this order."""


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


def to_json(profile: NetworkCost) -> str:
    """The profile as one JSON object."""
    return json.dumps(to_dict(profile), indent=2, ensure_ascii=False) + "\n"


def records(profile: NetworkCost, depth: int | None = None, every: bool = False) -> list[dict[str, Any]]:
    """A flat record for each row of the table, with exact numbers."""
    return [record(row) for row in fold(profile, depth, every)]


def record(row: Row) -> dict[str, Any]:
    """One row: sizes as a number, or as `7×3` where the axes differ."""
    field = row.receptive_field
    return {
        "name": row.label,
        "type": row.type,
        "in_channels": row.in_shape[0] if row.in_shape else None,
        "in_size": size_cell(row.in_shape),
        "filters": filters(row),
        "kernel": window_cell(row, "kernel_size"),
        "stride": window_cell(row, "stride"),
        "padding": window_cell(row, "padding"),
        "out_channels": row.out_shape[0],
        "out_size": size_cell(row.out_shape),
        "memory_bytes": row.totals.memory_bytes,
        "params": row.totals.params,
        "buffers": row.totals.buffers,
        "macs": row.totals.macs,
        "flops": row.totals.flops,
        "receptive_field": numbers.sizes([axis.size for axis in field]) if field else None,
    }


def to_csv(profile: NetworkCost, depth: int | None = None, every: bool = False) -> str:
    """The rows of the table as CSV: exact numbers, empty where a cell does not apply."""
    rows = records(profile, depth, every)
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()
