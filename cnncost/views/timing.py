"""Measured times as tables: one row per measurement, or one row per layer next to the roof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnncost import numbers
from cnncost.tables.table import Column, Document, Line, Paragraph, Part, Table
from cnncost.timing import records
from cnncost.timing.records import REMAINDER, Record, giga, roof_record
from cnncost.timing.timings import Timing

LATENCY_NOTE = (
    "Time: the median of single runs, and IQR their interquartile range. Samples/s: from runs back to back."
)
LAYER_NOTE = (
    "A layer's time is the median of its runs in passes with a time mark around each layer."
    f" `{REMAINDER}` is the total less their sum; it is below 0 where the marks took longer."
)
TRAINING_NOTE = (
    "The backward pass runs layer by layer; the optimizer is SGD with momentum."
    " The columns from FLOP/B to roof describe the forward pass."
)
ROOF_NOTE = (
    "FLOPs: convention flops. Bytes: inputs, weights and outputs, each once; none for a view."
    " Roof: the fastest matrix product and the fastest large copy, or a faster layer;"
    " above 100 % where data came from a cache."
)


def document(
    timings: Sequence[Timing], layers: bool, command: str, depth: int | None = None, every: bool = False
) -> Document:
    """One table of all measurements, or with `layers` one table for each."""
    if layers:
        parts = [part for timing in timings for part in measurement(timing, depth, every)]
    else:
        parts = [summary(timings)]
    return Document(
        parts,
        records=record_table(timings, layers, depth, every),
        data=lambda: records.to_dict(timings, command, depth, every),
    )


def summary(timings: Sequence[Timing]) -> Table:
    """A row per measurement."""
    settings, wholes = [timing.settings for timing in timings], [timing.whole for timing in timings]
    cut = [" (interrupted)" if timing.interrupted else "" for timing in timings]
    names = [timing.profile.name + mark for timing, mark in zip(timings, cut, strict=True)]
    columns = [
        Column("", "network", names, left=True),
        Column("", "batch", [s.batch for s in settings]),
        Column("", "dtype", [s.dtype for s in settings]),
        Column("", "time (ms)", [digits(1000 * timing.latency.median) for timing in timings]),
        Column("", "IQR (ms)", [digits(1000 * timing.latency.iqr) for timing in timings], spare=2),
        Column("", "runs", [timing.latency.runs for timing in timings], spare=3),
        Column("", "samples/s", [digits(timing.samples_per_second) for timing in timings]),
        Column("", "GFLOP/s", [digits(giga(w.flops_per_second) if w else None) for w in wholes], spare=1),
        Column("", "of roof", [share(w.share if w else None) for w in wholes]),
    ]
    return Table(conditions(timings[0]), filled(columns), notes=[LATENCY_NOTE])


def conditions(timing: Timing) -> str:
    """How the networks were run."""
    s = timing.settings
    kind = "training" if s.train else "inference"
    extra = ["channels last"] * s.channels_last + ["compiled"] * s.compiled
    return ", ".join([kind, s.device.label, f"torch {s.device.torch}", *extra])


def measurement(timing: Timing, depth: int | None, every: bool) -> Iterator[Part]:
    """One measurement: the whole network, and its layers."""
    yield Paragraph(tuple(headline(timing)))
    if timing.layers:
        yield layer_table(timing, depth, every)
        return
    reason = (
        "Compiled as a whole: layers were not timed one by one."
        if timing.settings.compiled
        else "Interrupted before the layers were timed one by one."
    )
    yield Paragraph.of(LATENCY_NOTE, reason, style="dim")


def headline(timing: Timing) -> Iterator[Line]:
    """What was measured, how, and the time of the whole network."""
    s, took, roof = timing.settings, timing.latency, timing.roof
    shape = timing.profile.graph.input_text
    yield Line(f"{timing.profile.name}, input {shape}, batch {s.batch}, {s.dtype}", "bold")
    yield Line(conditions(timing), "bold")
    runs = f"{took.runs} run{'s' * (took.runs != 1)}{', interrupted' if timing.interrupted else ''}"
    rest = f" (IQR {digits(1000 * took.iqr)}, {runs}), {digits(timing.samples_per_second)} samples/s"
    yield Line(rest, head=f"{digits(1000 * took.median)} ms", head_style="bold yellow")
    if roof:
        date = f" (measured {roof.date})" if roof.date else ""
        speed, flow = digits(giga(roof.flops_per_second)), digits(giga(roof.bytes_per_second))
        yield Line(f"roof{date}: {speed} GFLOP/s, {flow} GB/s, ridge at {digits(roof.ridge)} FLOP/byte")


def layer_table(timing: Timing, depth: int | None, every: bool) -> Table:
    """A row per layer, for the other parts of a step, and for the whole."""
    rows = [*records.layer_records(timing, depth, every), total_record(timing)]
    total = 1000 * timing.latency.median

    def texts(key: str) -> list[str]:
        return [digits(row.get(key) or None) for row in rows]

    columns = [
        Column("", "layer", [row["name"] for row in rows], left=True),
        Column("", "ms", [digits(row["time"]) for row in rows]),
        Column("", "share", [f"{100 * row['time'] / total:.1f} %" if total else "" for row in rows]),
        *(Column("", phase, texts(phase)) for phase in ("forward", "backward") if timing.settings.train),
        Column("", "FLOPs", texts=[amount(row, "flops") for row in rows], spare=4),
        Column("", "bytes", texts=[amount(row, "bytes") for row in rows], spare=5),
        Column("", "FLOP/B", [digits(row.get("intensity")) for row in rows], spare=2),
        Column("", "GFLOP/s", texts("gflops"), spare=1),
        Column("", "GB/s", texts("gb_per_sec"), spare=3),
        Column("", "bound", [row.get("bound") or "" for row in rows]),
        Column("", "of roof", [share(row.get("roof_share")) for row in rows]),
    ]
    if timing.settings.train:
        columns = [column for column in columns if column.title not in ("FLOPs", "bytes")]
    notes = [LATENCY_NOTE, LAYER_NOTE, *[TRAINING_NOTE] * timing.settings.train]
    return Table("", filled(columns), notes=notes + [ROOF_NOTE] * (timing.roof is not None), summary=1)


def total_record(timing: Timing) -> Record:
    """The whole network, as the records of its layers."""
    whole = timing.whole
    found = {"name": "total", "time": 1000 * timing.latency.median} | (roof_record(whole) if whole else {})
    if timing.settings.train:
        sums = records.phases(timing)
        found |= {"forward": sums["train_fwd_time"], "backward": sums["train_bwd_time"]}
    return found


def filled(columns: Sequence[Column]) -> list[Column]:
    """The columns in which some row has a value."""
    return [column for column in columns if any(column.texts)]


def digits(value: float | None) -> str:
    """A measured number with three digits."""
    return "" if value is None else numbers.significant(value)


def share(value: float | None) -> str:
    """A share in whole percent, with more digits below one."""
    return "" if value is None else f"{100 * value:.0f} %" if value >= 0.01 else f"{100 * value:.1g} %"


def amount(row: Record, key: str) -> str:
    """The FLOPs or bytes of a row, as `1.2 M` or `3.4 KB`."""
    if key not in row:
        return ""
    return numbers.human(row[key], numbers.BYTE_UNITS, 1024) if key == "bytes" else numbers.human(row[key])


def record_table(timings: Sequence[Timing], layers: bool, depth: int | None, every: bool) -> Table:
    """The records for CSV and spreadsheets: one per measurement, or with `layers` one per layer."""
    found = [records.record(timing) for timing in timings]
    if layers:
        shared = ("model", "device_name", "dtype", "infer_batch_size", "train_batch_size")
        found = [
            {key: head[key] for key in shared if key in head} | row
            for head, timing in zip(found, timings, strict=True)
            for row in records.layer_records(timing, depth, every)
        ]
    keys = dict.fromkeys(key for record in found for key in record)
    return Table("", [Column(key, key, [cell(record.get(key)) for record in found]) for key in keys])


def cell(value: object) -> object:
    """A value of a record; a shape as `3x224x224`."""
    return "x".join(map(str, value)) if isinstance(value, list) else value
