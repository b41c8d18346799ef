"""A network's totals over a range of sizes or params as a table."""

from __future__ import annotations

from cnncost import numbers
from cnncost.comparison.difference import COSTS
from cnncost.count.convention import memory_steps
from cnncost.space.sweep import Curve
from cnncost.tables.table import Column, Table


def table(curve: Curve) -> Table:
    """One row per value; below it, the values at which the network cannot be built."""
    values = [point.value for point in curve.points]
    columns = [Column("value", "value", [v.number if v.number is not None else v.text for v in values])]
    for cost in COSTS:
        symbols, base = memory_steps(curve.convention) if cost == "memory_bytes" else (numbers.PREFIXES, 1000)
        counts = [getattr(point.totals, cost) for point in curve.points]
        titles = {"flops": curve.convention.flops_label, "memory_bytes": "memory", "macs": "MACs"}
        texts = [numbers.human(count, symbols, base) for count in counts]
        columns.append(
            Column(cost, titles.get(cost, cost), counts, texts, hidden=cost in ("buffers", "macts"))
        )
    caption = f"{curve.network}, batch {curve.batch}, {curve.dtype}, convention {curve.convention.name}"
    left_out = [f"Left out: {value.text}: {reason}." for value, reason in curve.left_out]
    return Table(caption, columns, left_out)
