"""The totals of several networks as a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cnncost import numbers
from cnncost.comparison.accuracy import IMAGENET
from cnncost.comparison.side_by_side import COSTS, Comparison, Entry
from cnncost.count.footprint import footprint
from cnncost.tables.table import SCHEMA, Column, Table
from cnncost.views.costs import cost_column, counted_text
from cnncost.views.data import field_dict, totals_dict
from cnncost.views.network_table import side_heads


def caption(comparison: Comparison) -> str:
    """How the networks are counted, and the input if they share it."""
    entries = comparison.entries
    p = entries[0].profile
    shared = f"input {p.graph.input_text}, " if has_one_input(comparison) else ""
    settings = {entry.profile.graph.settings for entry in entries}
    changed = f" with {p.graph.settings}" if len(settings) == 1 and p.graph.settings else ""
    return f"{len(entries)} networks{changed}, {shared}{counted_text(p)}"


def has_one_input(comparison: Comparison) -> bool:
    """Whether all networks take the same input."""
    return len({entry.profile.graph.input_text for entry in comparison.entries}) == 1


def totals(
    comparison: Comparison, exact: bool = False, memory: bool = False, latencies: Sequence[float] = ()
) -> Table:
    """One row per quantity and one column per network; where that is too wide, one row per network.

    With `memory`, also what inference and training need; with `latencies`, these in seconds.
    """
    below = totals_below(comparison, exact, memory, latencies)
    networks, *quantities = below.visible_columns
    titles = [FULL_TITLES.get(column.title, column.title) for column in quantities]
    columns = [Column("", "", texts=titles, left=True)]
    for i, name in enumerate(networks.texts):
        padded, *texts = aligned([name, *(column.texts[i].rstrip() for column in quantities)])
        columns.append(Column("", name, texts=texts, short=padded))
    return Table(below.caption, columns, below.notes, narrow=below, records=below, data=below.data)


FULL_TITLES = {"RF": "receptive field", "top-1": "top-1 error (%)", "top-5": "top-5 error (%)"}
"""Titles in full, where there is a row for them."""


def totals_below(comparison: Comparison, exact: bool, memory: bool, latencies: Sequence[float]) -> Table:
    """One row per network."""
    entries = comparison.entries
    fields = [entry.receptive_field for entry in entries]
    errors = [entry.error for entry in entries]

    def data(key: str, values: Sequence[Any]) -> Column:
        return Column(key, key.replace("_", " "), values, hidden=True)

    shapes = [entry.profile.graph.input_text for entry in entries]
    sizes = [field and numbers.sizes([axis.size for axis in field]) for field in fields]
    columns = [
        Column("name", "network", [entry.name for entry in entries], left=True),
        Column("input", "input", shapes, hidden=has_one_input(comparison), spare=4),
        Column("depth", "depth", [entry.depth for entry in entries], spare=1),
        *(ratio_column(comparison, cost, exact) for cost in COSTS),
        data("params_bytes", [footprint(entry.profile).params_bytes for entry in entries]),
        *(memory_columns(entries, exact) if memory else ()),
        *([latency_column(latencies)] if latencies else ()),
        Column("receptive_field", "RF", sizes, spare=2),
        error_column(comparison, "top1", spare=0),
        error_column(comparison, "top5", spare=3),
        data("data_set", [error and error.data_set for error in errors]),
        data("source", [error and error.source for error in errors]),
        data("conditions", [error and "; ".join(error.conditions) for error in errors]),
    ]
    return Table(
        caption(comparison),
        columns,
        notes(comparison),
        data=lambda: totals_data(comparison, memory, latencies),
    )


MEMORY = {
    "peak_memory_bytes": "peak memory",
    "training_memory_bytes": "training memory",
}
"""What running and training need, with the titles."""


def memory_columns(entries: Sequence[Entry], exact: bool) -> list[Column]:
    """What inference and a training step need at their peaks."""
    values = {key: [getattr(entry, key) for entry in entries] for key in MEMORY}

    def text(value: int | None) -> str:
        if value is None:
            return ""
        return f"{value:,} B" if exact else numbers.human(value, numbers.BYTE_UNITS)

    return [Column(key, title, values[key], list(map(text, values[key]))) for key, title in MEMORY.items()]


def latency_column(latencies: Sequence[float]) -> Column:
    """What `cnncost latency` predicts."""
    values = [float(f"{seconds:.4g}") for seconds in latencies]
    texts = [f"{numbers.significant(1000 * seconds)} ms" for seconds in values]
    return Column("latency_s", "latency", values, texts)


def ratio_column(comparison: Comparison, cost: str, exact: bool) -> Column:
    """A cost of each network, with its ratio to the first."""
    totals = [entry.profile.totals for entry in comparison.entries]
    column = cost_column(cost, totals, comparison.entries[0].profile.convention, exact)
    ratios = [comparison.ratio(entry, cost) for entry in comparison.entries]
    texts = [
        text + (f" {numbers.times(ratio)}" if i and ratio is not None else "")
        for i, (text, ratio) in enumerate(zip(column.texts, ratios, strict=True))
    ]
    return replace(column, texts=aligned(texts))


def error_column(comparison: Comparison, top: str, spare: int) -> Column:
    """An error rate; a star marks errors on other data where others are on ImageNet."""
    errors = [entry.error for entry in comparison.entries]
    values = [None if (rate := getattr(e, top, None)) is None else numbers.rate(rate) for e in errors]
    mixed = len({error.data_set for error in errors if error}) > 1
    texts = [
        "" if error is None or value is None else value + (" *"[error.data_set != IMAGENET] if mixed else "")
        for error, value in zip(errors, values, strict=True)
    ]
    return Column(
        f"{top}_error", top.replace("top", "top-"), values, texts, spare=spare, hidden=not any(texts)
    )


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
    """Notes on what the totals mean and leave out, and on who prints the errors."""
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
            other_data = "" if error.data_set == IMAGENET else f", on {error.data_set} (*)"
            found.setdefault(error.described_source + other_data, []).append(entry.name)
    return found


def totals_data(
    comparison: Comparison, memory: bool = False, latencies: Sequence[float] = ()
) -> dict[str, Any]:
    """The JSON of ``cnncost compare --format json``: exact numbers."""
    p = comparison.entries[0].profile
    predicted = [{"latency_s": s} for s in latency_column(latencies).values] or [{}] * len(comparison.entries)
    return {
        "schema": SCHEMA,
        "batch": p.batch,
        "dtype": p.dtype,
        "convention": p.convention.name,
        "train": p.train,
        "networks": [
            entry_dict(comparison, entry) | {key: getattr(entry, key) for key in MEMORY if memory} | more
            for entry, more in zip(comparison.entries, predicted, strict=True)
        ],
    }


def entry_dict(comparison: Comparison, entry: Entry) -> dict[str, Any]:
    """One network; its ratios are decimal numbers."""
    ratios = {cost: comparison.ratio(entry, cost) for cost in COSTS}
    return {
        "name": entry.name,
        "input": entry.profile.graph.input_sizes,
        "depth": entry.depth,
        **totals_dict(entry.profile.totals),
        "params_bytes": footprint(entry.profile).params_bytes,
        "ratios": {cost: None if ratio is None else float(ratio) for cost, ratio in ratios.items()},
        "receptive_field": field_dict(entry.receptive_field),
        "errors": entry.error and entry.error.to_dict(),
    }
