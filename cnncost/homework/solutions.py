"""The worked solution of one cell of a table."""

from __future__ import annotations

from dataclasses import replace

from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.count.rows import Row
from cnncost.formulas.explanation import Explanation, explain_layer

WORKED = {
    "out_shape": ("output channels", "features", "output size"),
    "out_channels": ("output channels", "features"),
    "out_size": ("output size",),
    "params": ("parameters",),
    "memory": ("memory",),
    "macs": ("multiply-adds",),
    "receptive_field": ("receptive field", "jump"),
}
"""The titles of a quantity's worked solutions; for FLOPs it is the convention's name for them."""


def worked_solution(network: NetworkCost, row: Row, key: str) -> list[Explanation]:
    """The worked solutions of a quantity of a row; where there is none, the remarks on the layer."""
    titles = WORKED.get(key, (network.convention.flops_label,))
    worked = []
    for cost in layers_of(row, key):
        whole = explain_layer(network, cost)
        chosen = tuple(q for q in whole.quantities if q.title.partition(",")[0] in titles)
        worked.append(replace(whole, quantities=chosen, remarks=() if chosen else whole.remarks))
    return worked


def layers_of(row: Row, key: str) -> tuple[LayerCost, ...]:
    """The row's layer, and the in-place layers that add to what is asked."""
    return tuple(
        cost
        for cost in row.costs
        if cost is row.main or (key in ("params", "flops", "buffers") and getattr(cost, key))
    )
