"""The networks of the catalogue as a table: family by family, or sorted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnncost import numbers
from cnncost.spec.structure import citation
from cnncost.tables.table import Column, Table

Entry = Mapping[str, Any]
"""A network as `comparison.networks` returns it."""


def table(entries: Sequence[Entry], by_family: bool = False) -> Table:
    """One row per network; `by_family` puts a heading with year and paper above each family."""
    names = [entry["name"] for entry in entries]
    families = [entry["family"] for entry in entries]
    new = [i for i, family in enumerate(families) if by_family and (i == 0 or family != families[i - 1])]
    columns = [
        Column("name", "name", names, [f"  {name}" for name in names] if by_family else names, left=True),
        Column("family", "family", families, left=True, spare=4, hidden=by_family),
        Column("year", "year", [entry["year"] for entry in entries], spare=3, hidden=by_family),
        count_column(entries, "params", "params"),
        count_column(entries, "macs", "MACs"),
        *memory_columns(entries),
        *latency_columns(entries),
        Column("input", "input", [first_input(entry["input"]) for entry in entries], spare=2),
        Column(
            "top-1 error",
            "top-1 error",
            [entry["top1_error"] for entry in entries],
            error_texts(entries),
            spare=1,
        ),
        Column("data set", "data set", list(map(tested_on, entries)), hidden=True),
        Column("tested with", "tested with", list(map(conditions, entries)), hidden=True),
        Column("macts", "macts", [entry["macts"] for entry in entries], hidden=True),
        Column("params_bytes", "params_bytes", [entry["params_bytes"] for entry in entries], hidden=True),
    ]
    headings = {i: heading(entries[i]) for i in new}
    return Table("", columns, notes(entries), headings=headings, data=entries)


def first_input(sizes: Any) -> str:
    """The shape of an input; of several, the first: `1×105×105, …`."""
    if isinstance(sizes, dict):
        return f"{numbers.shape(next(iter(sizes.values())))}, …"
    return numbers.shape(sizes)


def count_column(entries: Sequence[Entry], key: str, title: str) -> Column:
    """Parameters or operations: exact as data, rounded for people."""
    values = [entry[key] for entry in entries]
    return Column(title, title, values, [numbers.human(value) for value in values])


def memory_columns(entries: Sequence[Entry]) -> list[Column]:
    """What running and training one sample need, where the entries say it."""
    titles = {"peak_memory_bytes": "peak memory", "training_memory_bytes": "training memory"}
    columns = []
    for key, title in titles.items():
        if entries and key in entries[0]:
            values = [entry[key] for entry in entries]
            texts = [numbers.human(value, numbers.BYTE_UNITS) for value in values]
            columns.append(Column(key, title, values, texts))
    return columns


def latency_columns(entries: Sequence[Entry]) -> list[Column]:
    """The predicted latency, where the entries say it."""
    if not entries or "latency_s" not in entries[0]:
        return []
    values = [entry["latency_s"] for entry in entries]
    return [Column("latency_s", "latency", values, [f"{numbers.significant(1000 * s)} ms" for s in values])]


def error_texts(entries: Sequence[Entry]) -> list[str]:
    """The data set and the error: `CIFAR-10 5.24 %`; a star marks an error with conditions."""
    texts = [
        f"{entry['top1_data_set']} {entry['top1_error']:.2f} %{'*' if conditions(entry) else ' '}"
        if entry["top1_error"] is not None
        else ""
        for entry in entries
    ]
    return texts if any(text.endswith("*") for text in texts) else [text.rstrip() for text in texts]


def tested_on(entry: Entry) -> str:
    """The data of the error, with the test size if it is not the spec's input: `ImageNet at 512`."""
    if entry["top1_input"] in (None, entry["input"]):
        return entry["top1_data_set"] or ""
    return f"{entry['top1_data_set']} at {numbers.sizes(entry['top1_input'][1:])}"


def conditions(entry: Entry) -> str:
    """How the test differs from a single crop on the network's own input; empty where it does not."""
    return "; ".join(entry["errors"]["conditions"]) if entry["top1_error"] is not None else ""


def notes(entries: Sequence[Entry]) -> list[str]:
    """How the starred errors were tested."""
    found: dict[str, list[str]] = {}
    for entry in entries:
        if text := conditions(entry):
            found.setdefault(text, []).append(entry["name"])
    listed = "; ".join(f"{', '.join(names)}: {text}" for text, names in found.items())
    return [f"* Not tested with a single crop on this network and input. {listed}."] if found else []


def heading(entry: Entry) -> list[str]:
    """The year and family of a network; behind them its paper, with authors where there is room."""
    title = entry["title"]
    if not title:
        return [f"{entry['year'] or '    '}  {entry['family']}"]
    paper = {key: text for key, text in entry["paper"].items() if key != "year"}
    return [f"{entry['year'] or '    '}  {entry['family']}", citation(title, paper), title]
