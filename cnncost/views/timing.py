"""Measured times for people: one table of all measurements, or the layers of each under the roofline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cnncost import numbers
from cnncost.tables.grid import grid
from cnncost.tables.terminal import Part
from cnncost.timing.records import REMAINDER, Record, giga, layer_records, phases, record, roof_record
from cnncost.timing.timings import Timing

Lines = Iterator[list[Part]]


def lines(
    timings: Sequence[Timing], width: int, layers: bool, depth: int | None = None, every: bool = False
) -> Lines:
    """For people: one table of all measurements, or one of the layers of each."""
    if not layers:
        yield from conditions(timings[0])
        yield []
        yield from styled(*fitted(SUMMARY, [summary(timing) for timing in timings], SPARE_SUMMARY, width))
        yield []
        yield from wrapped(LATENCY_NOTE, width)
    for number, timing in enumerate(timings if layers else ()):
        if number:
            yield []
        yield from measurement(timing, width, depth, every)


def conditions(timing: Timing) -> Lines:
    """Under which all were measured."""
    s = timing.settings
    kind = "training" if s.train else "inference"
    extra = ["channels last"] * s.channels_last + ["compiled"] * s.compiled
    yield [(", ".join([kind, s.device.label, f"torch {s.device.torch}", *extra]), "bold")]


LATENCY_NOTE = (
    "Time: the median of runs that stand alone, IQR the range of their middle half;"
    " samples/s: of runs back to back."
)
SUMMARY = ("network", "batch", "dtype", "time (ms)", "IQR (ms)", "runs", "samples/s", "GFLOP/s", "of roof")
SPARE_SUMMARY = ("runs", "IQR (ms)", "GFLOP/s")


def summary(timing: Timing) -> list[str]:
    """A measurement in a line."""
    s, whole = timing.settings, timing.whole
    return [
        timing.profile.name + (" (interrupted)" if timing.interrupted else ""),
        str(s.batch),
        s.dtype,
        shown(1000 * timing.latency.median),
        shown(1000 * timing.latency.iqr),
        str(timing.latency.runs),
        shown(timing.samples_per_second),
        shown(giga(whole.flops_per_second)) if whole else "",
        share(whole.share) if whole else "",
    ]


def shown(value: float | None) -> str:
    """A measured number for people."""
    return "" if value is None else numbers.significant(value)


def share(value: float | None) -> str:
    """A share in whole percent, with more digits below one."""
    return "" if value is None else f"{100 * value:.0f} %" if value >= 0.01 else f"{100 * value:.1g} %"


def measurement(timing: Timing, width: int, depth: int | None, every: bool) -> Lines:
    """One measurement: the whole, and its layers."""
    s, name = timing.settings, timing.profile.name
    head = f"{name}, input {numbers.shape(timing.profile.graph.input_shape)}, batch {s.batch}, {s.dtype}"
    yield [(head, "bold")]
    yield from conditions(timing)
    took, cut = timing.latency, " (interrupted)" if timing.interrupted else ""
    yield [
        (f"{shown(1000 * took.median)} ms", "bold yellow"),
        (f" (IQR {shown(1000 * took.iqr)}, {took.runs} run{'s' * (took.runs != 1)}{cut}), ", ""),
        (f"{shown(timing.samples_per_second)} samples/s", "bold yellow"),
    ]
    if timing.roof:
        roof = timing.roof
        speed, flow = shown(roof.flops_per_second / 1e9), shown(roof.bytes_per_second / 1e9)
        measured = f"roof (measured {roof.date})" if roof.date else "roof"
        yield [(f"{measured}: {speed} GFLOP/s, {flow} GB/s, ridge at {shown(roof.ridge)} FLOP/byte", "")]
    if timing.layers:
        yield []
        header, spare = (TRAINING, SPARE_TRAINING) if s.train else (LAYERS, SPARE_LAYERS)
        rows = [layer_line(found, timing, header) for found in layer_records(timing, depth, every)]
        yield from styled(*fitted(header, rows, spare, width, [total_line(timing, header)]))
    yield []
    for note in notes(timing):
        yield from wrapped(note, width)


LAYERS = ("layer", "ms", "share", "FLOPs", "bytes", "FLOP/B", "GFLOP/s", "GB/s", "bound", "of roof")
SPARE_LAYERS = ("bytes", "FLOPs", "GB/s", "FLOP/B", "GFLOP/s")
TRAINING = ("layer", "ms", "share", "forward", "backward", "FLOP/B", "GFLOP/s", "GB/s", "bound", "of roof")
SPARE_TRAINING = ("GB/s", "FLOP/B", "GFLOP/s")


def layer_line(found: Record, timing: Timing, header: Sequence[str]) -> list[str]:
    """A layer's record in a line."""
    cells = {
        "layer": found["name"],
        "ms": shown(found["time"]),
        "share": share_of(found["time"], 1000 * timing.latency.median),
        "forward": shown(found.get("forward")),
        "backward": shown(found.get("backward")),
        "FLOPs": numbers.human(found["flops"]) if "flops" in found else "",
        "bytes": numbers.human(found["bytes"], numbers.BYTE_UNITS, 1024) if "bytes" in found else "",
        "FLOP/B": shown(found.get("intensity")),
        "GFLOP/s": shown(found.get("gflops") or None),
        "GB/s": shown(found.get("gb_per_sec") or None),
        "bound": found.get("bound") or "",
        "of roof": share(found.get("roof_share")),
    }
    return [cells[title] for title in header]


def share_of(part: float, whole: float) -> str:
    """A part of the whole time; it can be below 0 for the remainder."""
    return f"{100 * part / whole:.1f} %" if whole else ""


def total_line(timing: Timing, header: Sequence[str]) -> list[str]:
    """The whole network in a line like those of its layers."""
    whole = timing.whole
    found = {"name": "total", "time": 1000 * timing.latency.median} | (roof_record(whole) if whole else {})
    if timing.settings.train:
        sums = phases(timing)
        found |= {"forward": sums["train_fwd_time"], "backward": sums["train_bwd_time"]}
    return layer_line(found, timing, header)


def notes(timing: Timing) -> Iterator[str]:
    """What the columns mean."""
    yield LATENCY_NOTE
    if not timing.layers:
        yield (
            "Compiled as a whole: no layer has a time of its own."
            if timing.settings.compiled
            else "Interrupted before the layers had a time of their own."
        )
        return
    yield (
        "A layer's time is the median of its runs in passes with marks around each layer;"
        f" `{REMAINDER}` is the total less their sum, below 0 where the marks took longer."
    )
    if timing.settings.train:
        yield (
            "The backward pass goes through each layer in turn; the optimizer is SGD with momentum."
            " FLOP/B to roof are of the forward pass."
        )
    if timing.roof:
        yield (
            "FLOPs: convention flops. Bytes: inputs, weights and outputs, each once; none for a view."
            " Roof: the fastest matrix product and large copy; above 100 % where data came from a cache,"
            " or the layer's own algorithm is faster."
        )


def fitted(
    header: Sequence[str],
    rows: list[list[str]],
    spare: Sequence[str],
    width: int,
    total: list[list[str]] | None = None,
) -> tuple[str, int]:
    """A table that fits the width, by leaving out columns that are spare; and how many totals end it."""
    kept = [i for i, title in enumerate(header) if any(row[i] for row in rows) or title == "layer"]
    body = [list(header), *rows, *(total or [])]
    for title in spare:
        if sum(max(len(row[i]) for row in body) + 2 for i in kept) - 2 <= width:
            break
        kept = [i for i in kept if header[i] != title]
    head, *cut = [[row[i] for i in kept] for row in body]
    return grid("terminal", head, cut), len(total or [])


def styled(text: str, totals: int) -> Lines:
    """A table's lines: the header and the total bold, between rules."""
    head, rule, *rows = text.splitlines()
    yield [(head, "bold")]
    yield [(rule, "dim")]
    for row in rows[: len(rows) - totals]:
        yield [(row, "")]
    if totals:
        yield [(rule, "dim")]
        yield from ([(row, "bold")] for row in rows[-totals:])


def wrapped(text: str, width: int) -> Lines:
    """A note to the width."""
    import textwrap

    for line in textwrap.wrap(text, min(width, 100)):
        yield [(line, "dim")]


def table(
    timings: Sequence[Timing], form: str, layers: bool, depth: int | None = None, every: bool = False
) -> str:
    """CSV or markdown: a row a measurement, or with `layers` a row a layer of each."""
    records = [record(timing) for timing in timings]
    if layers:
        shared = ("model", "device_name", "dtype", "infer_batch_size", "train_batch_size")
        records = [
            {key: head[key] for key in shared if key in head} | row
            for head, timing in zip(records, timings, strict=True)
            for row in layer_records(timing, depth, every)
        ]
    header = list(dict.fromkeys(key for found in records for key in found))
    rows = [[cell(found.get(key)) for key in header] for found in records]
    return grid(form, header, rows, left=[header.index(key) for key in ("model", "name") if key in header])


def cell(value: Any) -> str:
    """A value of a record as it stands in a table."""
    if isinstance(value, list):
        return "x".join(map(str, value))
    return "" if value is None else str(value)
