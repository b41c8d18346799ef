"""The costs of networks, stages and changes as columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnncost import numbers
from cnncost.count.convention import Convention, memory_steps
from cnncost.tables.table import Column

SHOWN = ("params", "flops", "memory_bytes")
"""The costs that people see; the others are only in data formats."""


def cost_column(
    cost: str,
    totals: Sequence[Any],
    convention: Convention,
    exact: bool = False,
    signs: Sequence[str] = (),
    shown: Sequence[str] = SHOWN,
    **more: Any,
) -> Column:
    """A cost of each of some totals, rounded or in full; None leaves a cell empty, "+" marks differences."""
    symbols, base = memory_steps(convention) if cost == "memory_bytes" else (numbers.PREFIXES, 1000)

    def text(value: int | None, sign: str) -> str:
        if value is None:
            return ""
        if sign and not value:
            return "0"
        if exact:
            return f"{value:{sign}} {symbols[0]}".rstrip()
        return (numbers.signed if sign else numbers.human)(value, symbols, base)

    title = {"flops": convention.flops_label, "memory_bytes": "memory", "macs": "MACs"}.get(cost, cost)
    values = [None if each is None else getattr(each, cost) for each in totals]
    texts = list(map(text, values, signs or [""] * len(values)))
    return Column(cost, title, values, texts, hidden=cost not in shown, **more)


def counted_text(counted: Any) -> str:
    """The end of a caption, which says how a network is counted."""
    return f"batch {counted.batch}, {counted.dtype}, convention {counted.convention.name}"
