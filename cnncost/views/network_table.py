"""A network's table: which columns it has, and what stands in each cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cnncost import numbers
from cnncost.count.convention import memory_steps
from cnncost.count.expectation import expected
from cnncost.count.profile import NetworkCost
from cnncost.count.rows import Row, prefixes
from cnncost.numbers import Unit
from cnncost.tables.table import Column, Table
from cnncost.views.data import to_dict

LONG = 60
"""A table of more rows is folded by stage where people read it, unless they ask otherwise."""
COLOURS = {"memory_bytes": "cyan", "params": "magenta", "flops": "yellow"}


def network_table(
    profile: NetworkCost, rows: Sequence[Row], every: bool = False, exact: bool = False
) -> Table:
    """The table of some rows of a profile, as `cnncost.count.rows.fold` makes them.

    Args:
        every: the rows are all nodes, each of a type of its own.
        exact: show costs in full, not in the unit of their total.
    """
    columns = (*shape_columns(rows, every), *cost_columns(profile, rows, exact), field_column(rows))
    unit = next(column.unit for column in columns if column.key == "memory_bytes")
    notes = tuple(footnotes(profile, unit or ""))
    return Table(caption(profile), columns, notes, summary=1, data=lambda: to_dict(profile))


def footnotes(profile: NetworkCost, memory_unit: str) -> Iterator[str]:
    """What the units mean, and what the totals leave out."""
    convention = profile.convention
    yield f"{convention.flops_label}: {convention.summary}."
    memory = "outputs" if memory_unit == "B" else f"outputs, 1 KB = {convention.kilo} bytes"
    memory = "outputs, counted in elements" if convention.element_bytes == 1 else memory
    yield f"Memory: {memory}; what works in place has none. RF: receptive field."
    yield from (f"{remark}." for remark in profile.remarks)
    yield from training_note(profile)
    yield from (f"Left out: a side head, for training only. {reason}." for reason in profile.graph.unfit)
    heads = side_heads(profile)
    if heads and not profile.train:
        extra = numbers.human(profile.aux_totals.params)
        yield f"Not counted: {', '.join(heads)}, for training only ({extra} params; --train adds them)."


def caption(profile: NetworkCost) -> str:
    """What the numbers of a profile are: network, input, batch, dtype, convention."""
    shape = numbers.shape(profile.graph.input_shape)
    name = profile.convention.name
    return f"{profile.name}, input {shape}, batch {profile.batch}, {profile.dtype}, convention {name}"


def training_note(profile: NetworkCost) -> Iterator[str]:
    """What a training step computes on average, where stochastic depth drops branches."""
    found = expected(profile)
    if found and found.flops < (full := profile.totals.flops):
        label = profile.convention.flops_label
        yield (
            f"Stochastic depth: in training {numbers.human(round(found.flops))} {label} are expected, "
            f"{float(found.flops / full):.1%} of the total, if a dropped branch is not computed."
        )


def side_heads(profile: NetworkCost) -> list[str]:
    """The names that stand for side heads alone: `aux1`, or `mlpconv1.companion` within a stage."""
    main = {prefix for cost in profile.costs if not cost.node.aux for prefix in prefixes(cost.name)}
    names = [cost.name for cost in profile.costs if cost.node.aux]
    return list(dict.fromkeys(next(p for p in prefixes(name) if p not in main) for name in names))


def shape_columns(rows: Sequence[Row], every: bool) -> list[Column]:
    """The layer, its input, its arguments and its output."""

    def column(key: str, title: str, cell: Callable[[Row], Any], spare: int, **how: Any) -> Column:
        return Column(key, title, (*map(cell, rows), None), spare=spare, **how)

    names = (*(row.label for row in rows), "total")
    return [
        Column("name", "layer", names, left=True),
        column("type", "type", lambda r: r.type, 9, left=True, hidden=not every),
        column("in_channels", "C", lambda r: r.in_shape[0] if r.in_shape else None, 7, group="input"),
        column("in_size", "H/W", lambda r: size_cell(r.in_shape), 6, group="input"),
        column("filters", "filters", filters, 8),
        column("kernel", "kernel", lambda r: window_cell(r, "kernel_size"), 3),
        column("stride", "stride", lambda r: window_cell(r, "stride"), 4),
        column("padding", "pad", lambda r: window_cell(r, "padding"), 5),
        column("out_channels", "C", lambda r: r.out_shape[0], 1, group="output"),
        column("out_size", "H/W", lambda r: size_cell(r.out_shape), 1, group="output"),
    ]


def size_cell(shape: tuple[Any, ...] | None) -> str | None:
    """The spatial sizes: `227`, `112×56`; none for a vector, or where several shapes enter."""
    return numbers.sizes(shape[1:]) if shape and len(shape) > 1 else None


def filters(row: Row) -> Any:
    """The number of filters or output features."""
    return row.argument("out_channels") or row.argument("out_features")


def window_cell(row: Row, argument: str) -> str | None:
    """A kernel, stride or padding: `11`, `1×7`, `same`."""
    value = row.argument(argument)
    return (
        value
        if isinstance(value, str) or value is None
        else numbers.sizes(value if isinstance(value, tuple) else (value,))
    )


def cost_columns(profile: NetworkCost, rows: Sequence[Row], exact: bool) -> list[Column]:
    """Memory, parameters and FLOPs, each in the unit of its total, with shares for bars."""
    convention = profile.convention
    memory, params, flops = units(profile)
    if exact:
        memory, params, flops = Unit("" if convention.element_bytes == 1 else "B", 1), ONE, ONE

    def column(key: str, title: str = "", unit: Unit = ONE) -> Column:
        values = [getattr(row.totals, key) for row in rows]
        total = getattr(profile.totals, key)
        assert sum(values) == total
        return Column(
            key,
            title,
            (*values, total),
            (*map(unit.cell, values), unit.cell(total)),
            unit=unit.symbol,
            shares=[numbers.percent(value, total) for value in values],
            colour=COLOURS.get(key, ""),
            hidden=not title,
        )

    return [
        column("memory_bytes", "memory", memory),
        column("params", "params", params),
        column("buffers"),
        column("macs"),
        column("flops", convention.flops_label, flops),
    ]


ONE = Unit("", 1)


def units(profile: NetworkCost) -> tuple[Unit, Unit, Unit]:
    """The units of memory, parameters and FLOPs that suit a network's totals."""
    totals, convention = profile.totals, profile.convention
    memory = numbers.column_unit(totals.memory_bytes, *memory_steps(convention))
    return memory, numbers.column_unit(totals.params), numbers.column_unit(totals.flops)


def field_column(rows: Sequence[Row]) -> Column:
    """The receptive field of each row's output."""
    values = [
        numbers.sizes([axis.size for axis in row.receptive_field]) if row.receptive_field else None
        for row in rows
    ]
    return Column("receptive_field", "receptive field", (*values, None), short="RF", spare=2)
