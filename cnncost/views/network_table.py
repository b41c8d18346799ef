"""The columns of a network's table: which there are, and what stands in each cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from cnncost import numbers
from cnncost.count.convention import memory_steps
from cnncost.count.expectation import expected
from cnncost.count.profile import NetworkCost
from cnncost.count.rows import Row, fold, prefixes
from cnncost.numbers import Unit

LONG = 60
"""A table of more rows is folded by stage where people read it, unless they ask otherwise."""


@dataclass(frozen=True, eq=False, repr=False)
class Column:
    """One column, as text: two header lines, a cell for each row, and the total's cell.

    `shares` are the parts of the total, for bars. Where a table is too wide, columns of the
    highest `spare` go first; those of 0 stay. Columns of one `group` stand below its name.
    """

    key: str
    head: tuple[str, str]
    cells: tuple[str, ...]
    total: str = ""
    left: bool = False
    spare: int = 0
    shares: tuple[Fraction, ...] = ()
    group: str = ""

    @property
    def title(self) -> str:
        """The header on one line: `input H/W`, `memory (KB)`, `receptive field`."""
        if self.key == "receptive_field":
            return "receptive field"
        return " ".join(part for part in (self.group, *self.head) if part)


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """A network's table, ready to be set in any format."""

    profile: NetworkCost
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]

    @property
    def caption(self) -> str:
        """What the numbers are."""
        return caption(self.profile)

    @property
    def shown(self) -> list[Column]:
        """The columns that have anything in them."""
        return [column for column in self.columns if column.spare == 0 or any(column.cells)]

    @property
    def footnotes(self) -> tuple[str, ...]:
        """What the units mean, and what the totals leave out."""
        p = self.profile
        notes = [f"{p.convention.flops_label}: {p.convention.summary}."]
        element, unit = p.convention.element_bytes, next(c for c in self.columns if c.key == "memory").head[1]
        memory = "outputs" if unit == "(B)" else f"outputs, 1 KB = {p.convention.kilo} bytes"
        memory = "outputs, counted in elements" if element == 1 else memory
        notes.append(f"Memory: {memory}; what works in place has none. RF: receptive field.")
        notes.extend(training_note(p))
        notes.extend(f"Left out: a side head, for training only. {reason}." for reason in p.graph.unfit)
        heads = side_heads(p)
        if heads and not p.train:
            extra = numbers.human(p.aux_totals.params)
            notes.append(
                f"Not counted: {', '.join(heads)}, for training only ({extra} params; --train adds them)."
            )
        return tuple(notes)


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


def table_of(
    profile: NetworkCost, depth: int | None = None, every: bool = False, exact: bool = False
) -> Table:
    """The table of a profile; `depth` and `every` as in :func:`cnncost.count.rows.fold`.

    `exact` shows costs in full, not in the unit of their total.
    """
    rows = fold(profile, depth, every)
    columns = (*shape_columns(rows, every), *cost_columns(profile, rows, exact), field_column(rows))
    return Table(profile, tuple(rows), columns)


def shape_columns(rows: Sequence[Row], every: bool) -> list[Column]:
    """The layer, its input, its arguments and its output."""

    def column(key: str, name: str, cell: Callable[[Row], Any], spare: int, group: str = "") -> Column:
        cells = tuple("" if (value := cell(row)) is None else str(value) for row in rows)
        first = key == "layer"
        left = first or key == "type"
        return Column(key, ("", name), cells, "total" if first else "", left, spare, group=group)

    return [
        column("layer", "layer", lambda r: r.label, 0),
        *([column("type", "type", lambda r: r.type, 9)] if every else []),
        column("in_channels", "C", lambda r: r.in_shape[0] if r.in_shape else None, 7, "input"),
        column("in_size", "H/W", lambda r: size_cell(r.in_shape), 6, "input"),
        column("filters", "filters", filters, 8),
        column("kernel", "kernel", lambda r: window_cell(r, "kernel_size"), 3),
        column("stride", "stride", lambda r: window_cell(r, "stride"), 4),
        column("pad", "pad", lambda r: window_cell(r, "padding"), 5),
        column("out_channels", "C", lambda r: r.out_shape[0], 1, "output"),
        column("out_size", "H/W", lambda r: size_cell(r.out_shape), 1, "output"),
    ]


def headed(columns: Sequence[Column]) -> list[Column]:
    """The columns with each group's name above the first of its columns."""
    named: list[Column] = []
    for i, column in enumerate(columns):
        first = bool(column.group) and (i == 0 or columns[i - 1].group != column.group)
        named.append(replace(column, head=(column.group, column.head[1])) if first else column)
    return named


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
    totals, convention = profile.totals, profile.convention
    memory, params, flops = units(profile)
    if exact:
        memory, params, flops = Unit("" if convention.element_bytes == 1 else "B", 1), ONE, ONE
    return [
        cost_column("memory", "memory", memory, [r.totals.memory_bytes for r in rows], totals.memory_bytes),
        cost_column("params", "params", params, [r.totals.params for r in rows], totals.params),
        cost_column("flops", convention.flops_label, flops, [r.totals.flops for r in rows], totals.flops),
    ]


ONE = Unit("", 1)


def units(profile: NetworkCost) -> tuple[Unit, Unit, Unit]:
    """The units of memory, parameters and FLOPs that suit a network's totals."""
    totals, convention = profile.totals, profile.convention
    memory = numbers.column_unit(totals.memory_bytes, *memory_steps(convention))
    return memory, numbers.column_unit(totals.params), numbers.column_unit(totals.flops)


def cost_column(key: str, name: str, unit: Unit, values: list[int], total: int) -> Column:
    """One column of costs, whose cells add up to the total."""
    assert sum(values) == total
    head = (name, f"({unit.symbol})" if unit.symbol else "")
    shares = tuple(numbers.percent(value, total) for value in values)
    return Column(key, head, tuple(map(unit.cell, values)), unit.cell(total), shares=shares)


def field_column(rows: Sequence[Row]) -> Column:
    """The receptive field of each row's output."""
    cells = tuple(
        numbers.sizes([axis.size for axis in row.receptive_field]) if row.receptive_field else ""
        for row in rows
    )
    return Column("receptive_field", ("", "RF"), cells, spare=2)
