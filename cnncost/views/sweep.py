"""A network's totals over a range of sizes or params as a table."""

from __future__ import annotations

from cnncost.comparison.difference import COSTS
from cnncost.space.sweep import Curve
from cnncost.tables.table import Column, Table
from cnncost.views.costs import SHOWN, cost_column, counted_text


def table(curve: Curve) -> Table:
    """One row per value; below it, the values at which the network cannot be built."""
    values = [point.value for point in curve.points]
    totals = [point.totals for point in curve.points]
    columns = [
        Column("value", "value", [v.number if v.number is not None else v.text for v in values]),
        *(cost_column(cost, totals, curve.convention, shown=(*SHOWN, "macs")) for cost in COSTS),
    ]
    left_out = [f"Left out: {value.text}: {reason}." for value, reason in curve.left_out]
    return Table(f"{curve.network}, {counted_text(curve)}", columns, left_out)
