"""A network's table: its columns and the text of each cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from cnncost import numbers
from cnncost.count.convention import memory_steps
from cnncost.count.expectation import expected
from cnncost.count.footprint import footprint, params_bytes
from cnncost.count.profile import NetworkCost, add_up
from cnncost.count.rows import Row, prefixes
from cnncost.count.selection import chosen_rows
from cnncost.errors import CnncostError
from cnncost.numbers import Unit
from cnncost.tables.selection import order, with_columns
from cnncost.tables.table import Column, Table

LONG = 60
"""A table of more rows is folded by stage where people read it, unless they ask otherwise."""
RowValue = Callable[[Row], Any]
"""A row's value in a column."""


def table_of(
    profile: NetworkCost,
    *,
    part: str | None = None,
    only: Sequence[str] | str = (),
    by: str | None = None,
    depth: int | None = None,
    sort: str | None = None,
    top: int | None = None,
    columns: Sequence[str] | str | None = None,
    every: bool = False,
    exact: bool = False,
    percent: bool = False,
    fold_long: bool = False,
) -> Table:
    """A network's table with the rows and columns that the options of `cnncost table` choose.

    Args:
        part: only the layers of this stage, block or layer.
        only: only the rows of these names or types; `*` matches any text. With `by`, only these layers.
        by: sums by `type` or by `stage`.
        depth: one row for all layers that share this many first parts of their names; 0 for none.
        sort: the column to sort by: numbers from the largest, texts from A.
        top: only this many rows of that order; without `sort`, those with the most FLOPs.
        columns: only these columns, by key: a list, or a text such as "flops,params".
        every: one row per node, in-place layers too.
        exact: costs in full, not in the unit of their total.
        percent: show what per cent of the network's total each cost is.
        fold_long: of more than `LONG` rows, show one per stage, unless the options above choose rows.

    Raises:
        CnncostError: an unknown part, pattern or column, or a number out of range.
    """
    whole_number("top", top, 1)
    whole_number("depth", depth, 0)
    only, columns = [only] if isinstance(only, str) else only, column_names(columns)
    rows = chosen_rows(profile, part, only, by, depth or None, every)
    hints: tuple[str, ...] = ()
    if fold_long and len(rows) > LONG and depth is None and not (every or only or by or sort or top):
        hints = (f"{len(rows)} layers, grouped by stage: --depth 2 shows their blocks, --depth 0 each layer",)
        rows = chosen_rows(profile, part, depth=part.count(".") + 2 if part else 1)
    look: dict[str, Any] = {"every": every, "exact": exact, "percent": percent, "by": by or ""}
    label = part if part and not only else counted_rows(len(rows))
    table = network_table(profile, rows, label=label, **look)
    if sort or top:
        first = order(table, sort or "flops")[:top]
        label = label if len(first) == len(rows) else counted_rows(len(first))
        rows = [rows[i] for i in first]
        table = network_table(profile, rows, label=label, **look)
    if columns:
        table = with_columns(table, columns)
        table = replace(table, notes=tuple(footnotes(profile, table.columns)))
    return replace(table, hints=hints, data=lambda: json_data(profile, table))


def whole_number(name: str, value: int | None, least: int) -> None:
    """Refuse an option that is no whole number from `least`.

    Raises:
        CnncostError: it is none.
    """
    if value is not None and (type(value) is not int or value < least):
        raise CnncostError(f"--{name}: must be a whole number from {least}, got {value!r}")


def column_names(columns: Sequence[str] | str | None) -> list[str]:
    """The names of columns, from a list or from a text with commas.

    Raises:
        CnncostError: there are none; None is allowed and means the usual columns.
    """
    if columns is None:
        return []
    names = columns.split(",") if isinstance(columns, str) else columns
    given = [name for name in names if name.strip()]
    if not given:
        raise CnncostError("--columns: name at least one column")
    return given


def counted_rows(count: int) -> str:
    """`1 row`, `5 rows`."""
    return "1 row" if count == 1 else f"{count} rows"


def json_data(profile: NetworkCost, table: Table) -> dict[str, Any]:
    """What JSON writes: the whole profile, and the rows where some were chosen."""
    from cnncost.views.data import to_dict

    return {**to_dict(profile), **chosen_data(table)}


def chosen_data(table: Table) -> dict[str, Any]:
    """The rows that JSON has in addition to all layers, and their sum if they are not the whole network."""
    sums = table.totals[:-1]
    return {"rows": table.rows, **({"rows_total": sums[0]} if sums else {})}


def network_table(
    profile: NetworkCost,
    rows: Sequence[Row],
    *,
    every: bool = False,
    exact: bool = False,
    percent: bool = False,
    by: str = "",
    label: str = "shown",
) -> Table:
    """The table of some rows of a profile: their sum below, and the network's where that is another.

    Rows that are sums `by` something have costs alone; `label` names their sum; the rest is as above.
    """
    sums = [Row("total", profile.counted, None, profile.graph)]
    chosen = tuple(cost for row in rows for cost in row.costs)
    if add_up(chosen) != profile.totals:
        sums.insert(0, Row(label, chosen, None, profile.graph))
    every_row = [*rows, *sums]
    columns = [Column("name", by or "layer", [row.label for row in every_row], left=True)]
    costs = cost_columns(profile, every_row, len(rows), exact, percent)
    if by:
        columns += [Column("layers", "layers", [len(row.costs) for row in every_row]), *costs]
    else:
        columns += [*shape_columns(rows, len(sums), every), *costs, *last_columns(rows, len(sums))]
    return Table(caption(profile), columns, tuple(footnotes(profile, columns)), summary=len(sums))


MACTS = "macts: the elements that convolutions, linear layers and matrix products write (timm's activations)."


def footnotes(profile: NetworkCost, columns: Sequence[Column]) -> Iterator[str]:
    """What the columns that are shown mean, and what the totals leave out."""
    convention = profile.convention
    units = {column.key.partition("_")[0]: column.unit for column in columns if not column.hidden}
    if "flops" in units:
        sequences = any(column.key == "out_size" and column.title == "L" for column in columns)
        summary = convention.summary.replace("kernel²", "kernel") if sequences else convention.summary
        yield f"{convention.flops_label}: {summary}."
    if "macts" in units:
        yield MACTS
    memory = "outputs" if units.get("memory") == "B" else f"outputs, 1 KB = {convention.kilo} bytes"
    memory = "outputs, counted in elements" if convention.element_bytes == 1 else memory
    in_memory = f"Memory: {memory}. In-place layers (ReLU, BatchNorm, Dropout) add no memory."
    inputs = profile.graph.inputs
    where = f", in {' and '.join(inputs)} on top of each other" if len(inputs) > 1 else ""
    field = field_note(columns, where) if "receptive" in units else ""
    dilation = "dil: dilation, the step between the inputs of a kernel." if "dilation" in units else ""
    in_memory = in_memory if "memory" in units else ""
    yield from filter(None, [" ".join(filter(None, (in_memory, field, dilation)))])
    if any(cost.node.shares for cost in profile.counted):
        yield "Weights that are used again are counted once, where they are first used."
    yield together(profile)
    yield from (f"{remark}." for remark in profile.remarks)
    yield from training_note(profile)
    yield from (f"Left out: a side head, for training only. {reason}." for reason in profile.graph.unfit)
    heads = side_heads(profile)
    if heads and not profile.train:
        extra = numbers.human(profile.aux_totals.params)
        yield f"Not counted: {', '.join(heads)}, for training only ({extra} params; --train adds them)."


def together(profile: NetworkCost) -> str:
    """The memory of input, outputs and parameters."""
    found, steps = footprint(profile), memory_steps(profile.convention)
    input, outputs, params, total = (
        numbers.human(n, *steps)
        for n in (found.input_bytes, found.outputs_bytes, found.params_bytes, found.total_bytes)
    )
    return f"Input {input} + outputs {outputs} + parameters {params} = {total}."


def caption(profile: NetworkCost) -> str:
    """The caption of a profile: network, input, batch, dtype, convention."""
    graph, convention = profile.graph, profile.convention.name
    name = f"{profile.name} with {graph.settings}" if graph.settings else profile.name
    shape = graph.input_text
    return f"{name}, input {shape}, batch {profile.batch}, {profile.dtype}, convention {convention}"


def training_note(profile: NetworkCost) -> Iterator[str]:
    """The average cost of a training step if stochastic depth drops branches."""
    found = expected(profile)
    if found and found.flops < (full := profile.totals.flops):
        label = profile.convention.flops_label
        yield (
            f"Stochastic depth: in training {numbers.human(round(found.flops))} {label} are expected, "
            f"{float(found.flops / full):.1%} of the total, if a dropped branch is not computed."
        )


def side_heads(profile: NetworkCost) -> list[str]:
    """The names that contain only side heads: `aux1`, or `mlpconv1.companion` within a stage."""
    main = {prefix for cost in profile.costs if not cost.node.aux for prefix in prefixes(cost.name)}
    names = [cost.name for cost in profile.costs if cost.node.aux]
    return list(dict.fromkeys(next(p for p in prefixes(name) if p not in main) for name in names))


def described(rows: Sequence[Row], sums: int, key: str, title: str, cell: RowValue, **how: Any) -> Column:
    """A column of what each row is, which has nothing in its sums."""
    return Column(key, title, [*map(cell, rows), *[None] * sums], **how)


def shape_columns(rows: Sequence[Row], sums: int, every: bool) -> Iterator[Column]:
    """Each row's input, arguments and output; groups and dilation are shown where one is not 1."""

    def column(key: str, title: str, cell: RowValue, spare: int, **how: Any) -> Column:
        return described(rows, sums, key, title, cell, spare=spare, **how)

    def rare(key: str, short: str, cell: RowValue) -> Column:
        return column(key, key, cell, 3, short=short, hidden=all(cell(row) in (None, 1, "1") for row in rows))

    size = size_title(rows)
    yield column("type", "type", lambda r: r.type, 9, left=True, hidden=not every)
    yield column("stage", "stage", lambda r: r.costs[0].node.stage, 9, left=True, hidden=True)
    yield column("in_channels", "C", lambda r: r.in_shape[0] if r.in_shape else None, 7, group="input")
    yield column("in_size", size, lambda r: size_cell(r.in_shape), 6, group="input")
    yield column("filters", "filters", filters, 8)
    yield column("kernel", "kernel", lambda r: window_cell(r, "kernel_size"), 3)
    yield column("stride", "stride", lambda r: window_cell(r, "stride"), 4)
    yield column("padding", "pad", lambda r: window_cell(r, "padding"), 5)
    yield rare("dilation", "dil", lambda r: window_cell(r, "dilation"))
    yield rare("groups", "", lambda r: r.argument("groups"))
    yield column("out_channels", "C", lambda r: r.out_shape[0], 1, group="output")
    yield column("out_size", size, lambda r: size_cell(r.out_shape), 1, group="output")


def size_title(rows: Sequence[Row]) -> str:
    """What the sizes are: `T` of tokens, `L` of sequences or of both, `H/W` where there are maps."""
    found = {letters for row in rows for letters in row.spatial}
    if not found or any(len(letters) != 1 for letters in found):
        return "H/W"
    return found.pop()[0] if len(found) == 1 else "L"


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


def cost_columns(
    profile: NetworkCost, rows: Sequence[Row], body: int, exact: bool, percent: bool
) -> Iterator[Column]:
    """The costs, each in the unit of its total, which is the last row; those from `body` on are sums.

    Memory, parameters and FLOPs have shares for bars, and a column of per cents.
    """
    in_bytes, in_ones = memory_steps(profile.convention), (numbers.PREFIXES, 1000)

    def column(key: str, title: str, steps: Any, values: Sequence[int], colour: str = "") -> Column:
        unit = Unit(steps[0][0], 1) if exact else numbers.column_unit(values[-1], *steps)
        work = key in ("macs", "flops", "macts")
        texts = [
            work_cell(row, unit.cell(n)) if work else unit.cell(n)
            for row, n in zip(rows, values, strict=True)
        ]
        shares = [numbers.percent(value, values[-1]) for value in values[:body]] if colour else ()
        return Column(
            key, title, values, texts, unit=unit.symbol, shares=shares, colour=colour, hidden=not colour
        )

    def counted(key: str, title: str, steps: Any = in_ones, colour: str = "") -> Column:
        return column(key, title, steps, [getattr(row.totals, key) for row in rows], colour)

    def per_cents(cost: Column) -> Column:
        key = cost.key.removesuffix("_bytes") + "_percent"
        values = [100 * value / (cost.values[-1] or 1) for value in cost.values]
        texts = [f"{value:.1f}" for value in values]
        return Column(key, cost.title, [round(v, 4) for v in values], texts, unit="%", hidden=not percent)

    for cost in (
        counted("memory_bytes", "memory", in_bytes, "cyan"),
        counted("params", "params", colour="magenta"),
    ):
        yield from (cost, per_cents(cost))
    yield column("params_bytes", "params", in_bytes, [params_bytes(profile, row.costs) for row in rows])
    yield counted("buffers", "buffers")
    yield counted("macs", "MACs")
    flops = counted("flops", profile.convention.flops_label, colour="yellow")
    yield from (flops, per_cents(flops))
    yield counted("macts", "macts")


def work_cell(row: Row, text: str) -> str:
    """The work of a row; `?` for a layer whose work is not known, `≥` for a sum with such a layer."""
    if row.known:
        return text
    return "?" if len(row.costs) == 1 else f"≥{text}"


def units(profile: NetworkCost) -> tuple[Unit, Unit, Unit]:
    """The units of memory, parameters and FLOPs that suit a network's totals."""
    totals = profile.totals
    memory = numbers.column_unit(totals.memory_bytes, *memory_steps(profile.convention))
    return memory, numbers.column_unit(totals.params), numbers.column_unit(totals.flops)


def last_columns(rows: Sequence[Row], sums: int) -> Iterator[Column]:
    """The receptive field of each row's output; and where rows use the weights of others, of which."""
    yield described(rows, sums, "receptive_field", "receptive field", field_cell, short="RF", spare=2)
    if any(row.shares for row in rows):
        yield described(rows, sums, "shares", "weights of", lambda row: row.shares, left=True, spare=2)


def field_note(columns: Sequence[Column], where: str) -> str:
    """What the column of receptive fields means, if it is there, and why some maps have none."""
    shown = {column.key: column.values for column in columns}
    fields, sizes = shown["receptive_field"], shown.get("out_size", ())
    if not any(fields):
        return ""
    unknown = any(field is None and size for field, size in zip(fields, sizes, strict=False))
    why = "; blank where it is not known, as behind attention or a matrix product" if unknown else ""
    return f"RF: receptive field{where}{why}."


def field_cell(row: Row) -> str | None:
    """The size of a row's receptive field."""
    return numbers.sizes([axis.size for axis in row.receptive_field]) if row.receptive_field else None
