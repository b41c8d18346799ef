"""The totals of several networks as a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cnncost import numbers
from cnncost.comparison.accuracy import IMAGENET, PublishedError
from cnncost.comparison.side_by_side import COSTS, Comparison, Entry
from cnncost.count.convention import Convention, memory_steps
from cnncost.count.footprint import footprint
from cnncost.tables.table import SCHEMA, Column, Table
from cnncost.views.data import field_dict, totals_dict
from cnncost.views.network_table import side_heads


@dataclass(frozen=True)
class Writer:
    """How the costs of a comparison are written: rounded, or in full."""

    convention: Convention
    exact: bool = False

    def cost(self, name: str, value: int) -> str:
        """A cost; memory is in bytes unless the convention counts elements."""
        symbols, base = memory_steps(self.convention) if name == "memory_bytes" else (numbers.PREFIXES, 1000)
        return f"{value} {symbols[0]}".rstrip() if self.exact else numbers.human(value, symbols, base)


def writer_of(comparison: Comparison, exact: bool) -> Writer:
    """The writer for all networks of a comparison, which are counted by one convention."""
    return Writer(comparison.entries[0].profile.convention, exact)


def caption(comparison: Comparison) -> str:
    """How the networks are counted, and the input if they share it."""
    entries = comparison.entries
    p = entries[0].profile
    shared = f"input {numbers.shape(p.graph.input_shape)}, " if has_one_input(comparison) else ""
    return f"{len(entries)} networks, {shared}batch {p.batch}, {p.dtype}, convention {p.convention.name}"


def has_one_input(comparison: Comparison) -> bool:
    """Whether all networks take the same input."""
    return len({entry.profile.graph.input_shape for entry in comparison.entries}) == 1


def totals(comparison: Comparison, exact: bool = False) -> Table:
    """One row per quantity and one column per network; where that is too wide, one row per network."""
    below = totals_below(comparison, exact)
    networks, *quantities = below.shown
    titles = [FULL_TITLES.get(column.title, column.title) for column in quantities]
    columns = [Column("", "", texts=titles, left=True)]
    for i, name in enumerate(networks.texts):
        padded, *texts = aligned([name, *(column.texts[i].rstrip() for column in quantities)])
        columns.append(Column("", name, texts=texts, short=padded))
    return Table(below.caption, columns, below.notes, narrow=below, records=below, data=below.data)


FULL_TITLES = {"RF": "receptive field", "top-1": "top-1 error (%)", "top-5": "top-5 error (%)"}
"""Titles in full, where there is a row for them."""


def totals_below(comparison: Comparison, exact: bool) -> Table:
    """One row per network."""
    entries = comparison.entries
    fields = [entry.receptive_field for entry in entries]
    shapes = [numbers.shape(entry.profile.graph.input_shape) for entry in entries]
    sources = [entry.error for entry in entries]
    depths = [entry.depth for entry in entries]
    columns = [
        Column("name", "network", [entry.name for entry in entries], left=True),
        Column("input", "input", shapes, hidden=has_one_input(comparison), spare=4),
        Column("depth", "depth", depths, spare=1),
        *(cost_column(comparison, cost, exact) for cost in COSTS),
        Column("params_bytes", "params", [footprint(e.profile).params_bytes for e in entries], hidden=True),
        Column(
            "receptive_field", "RF", [f and numbers.sizes([axis.size for axis in f]) for f in fields], spare=2
        ),
        error_column(comparison, "top1", spare=0),
        error_column(comparison, "top5", spare=3),
        Column("data_set", "data set", [error and error.data_set for error in sources], hidden=True),
        Column("source", "source", [error and error.source for error in sources], hidden=True),
        Column(
            "conditions",
            "conditions",
            [error and "; ".join(error.conditions) for error in sources],
            hidden=True,
        ),
    ]
    return Table(caption(comparison), columns, notes(comparison), data=lambda: totals_data(comparison))


def cost_column(comparison: Comparison, cost: str, exact: bool) -> Column:
    """A cost of each network, with its ratio to the first."""
    writer = writer_of(comparison, exact)
    values = [getattr(entry.profile.totals, cost) for entry in comparison.entries]
    ratios = [comparison.ratio(entry, cost) for entry in comparison.entries]
    texts = [
        writer.cost(cost, value) + (f" {numbers.times(ratio)}" if i and ratio is not None else "")
        for i, (value, ratio) in enumerate(zip(values, ratios, strict=True))
    ]
    return Column(cost, cost_title(cost, writer), values, aligned(texts), hidden=cost in ("macs", "macts"))


def cost_title(cost: str, writer: Writer) -> str:
    """The title of a cost's column."""
    return {"flops": writer.convention.flops_label, "memory_bytes": "memory", "macs": "MACs"}.get(cost, cost)


def error_column(comparison: Comparison, top: str, spare: int) -> Column:
    """An error rate; a star marks one on other data than ImageNet, beside errors on ImageNet."""
    errors = [entry.error for entry in comparison.entries]
    rates = [getattr(error, top, None) for error in errors]
    mixed = len({error.data_set for error in errors if error}) > 1

    def text(error: PublishedError | None, rate: Any) -> str:
        if error is None or rate is None:
            return ""
        star = "*" if error.data_set != IMAGENET else " "
        return numbers.rate(rate) + (star if mixed else "")

    texts = [text(error, rate) for error, rate in zip(errors, rates, strict=True)]
    hidden = not any(texts)
    values = [None if rate is None else numbers.rate(rate) for rate in rates]
    return Column(f"{top}_error", top.replace("top", "top-"), values, texts, spare=spare, hidden=hidden)


def aligned(cells: Sequence[str]) -> list[str]:
    """Cells of one column padded so that their ratios and their values are each below each other."""
    pairs = [cell.partition(" ×") for cell in cells]
    if not any(times for _, times, _ in pairs):
        return list(cells)
    room = max(len(times + ratio) for _, times, ratio in pairs)
    values = max(len(value) for value, _, _ in pairs[1:])
    return [
        value + (times + ratio or " ").ljust(room if len(value) <= values else 0)
        for value, times, ratio in pairs
    ]


def notes(comparison: Comparison) -> tuple[str, ...]:
    """What the totals mean and leave out, and who prints the errors."""
    entries = comparison.entries
    lines = [
        flops_note(comparison),
        f"×: ratio to {entries[0].name}. Memory: all outputs. Depth: layers with weights on the longest "
        "path. RF: receptive field of the last map.",
    ]
    heads = {entry.name: side_heads(entry.profile) for entry in entries if not entry.profile.train}
    if listed := "; ".join(f"{name} {', '.join(found)}" for name, found in heads.items() if found):
        lines.append(f"Not counted, for training only: {listed}.")
    if sources := by_source(entries):
        listed = "; ".join(f"{', '.join(names)}: {source}" for source, names in sources.items())
        lines.append(f"Errors in %, as printed; not all were tested in the same way. {listed}.")
    return tuple(lines)


def flops_note(comparison: Comparison) -> str:
    """What the convention counts."""
    convention = comparison.entries[0].profile.convention
    return f"{convention.flops_label}: {convention.summary}."


def by_source(entries: Sequence[Entry]) -> dict[str, list[str]]:
    """The networks whose errors each source prints, with the data set where it is not ImageNet."""
    found: dict[str, list[str]] = {}
    for entry in entries:
        if error := entry.error:
            other_data = [] if error.data_set == IMAGENET else [f"on {error.data_set} (*)"]
            conditions = [text for text in error.conditions if text not in error.source]
            found.setdefault(", ".join([error.source, *other_data, *conditions]), []).append(entry.name)
    return found


def totals_data(comparison: Comparison) -> dict[str, Any]:
    """The JSON of ``cnncost compare --format json``: exact numbers."""
    p = comparison.entries[0].profile
    return {
        "schema": SCHEMA,
        "batch": p.batch,
        "dtype": p.dtype,
        "convention": p.convention.name,
        "train": p.train,
        "networks": [entry_dict(comparison, entry) for entry in comparison.entries],
    }


def entry_dict(comparison: Comparison, entry: Entry) -> dict[str, Any]:
    """One network; its ratios are decimal numbers."""
    ratios = {cost: comparison.ratio(entry, cost) for cost in COSTS}
    return {
        "name": entry.name,
        "input": list(entry.profile.graph.input_shape),
        "depth": entry.depth,
        **totals_dict(entry.profile.totals),
        "params_bytes": footprint(entry.profile).params_bytes,
        "ratios": {cost: None if ratio is None else float(ratio) for cost, ratio in ratios.items()},
        "receptive_field": field_dict(entry.receptive_field),
        "errors": entry.error and entry.error.to_dict(),
    }
