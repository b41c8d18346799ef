"""Measured times as text and data: a row a measurement, or a row a layer under the roofline."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cnncost.rows import Row, fold
from cnncost.views import numbers
from cnncost.views.grid import grid
from cnncost.views.terminal import Part

if TYPE_CHECKING:
    from cnncost.measure.roofline import Placed
    from cnncost.measure.timing import LayerTime, Timing

SCHEMA = 1
REMAINDER = "between layers"
Record = dict[str, Any]
Lines = Iterator[list[Part]]


def rounded(value: float | None) -> float | None:
    """A measured number as data: six digits, more than any clock is good for."""
    return None if value is None else float(f"{value:.6g}")


def milliseconds(seconds: float) -> float | None:
    """Seconds as rounded milliseconds."""
    return rounded(1000 * seconds)


def record(timing: Timing) -> Record:
    """A measurement in a flat record; columns that timm's benchmark has bear its names and units.

    Times are milliseconds, `param_count` is millions. `…_samples_per_sec` is of steps back to back,
    `…_step_time` of one that stands alone.
    """
    settings, profile = timing.settings, timing.profile
    device, graph = settings.device, profile.graph
    kind = "train" if settings.train else "infer"
    return {
        "model": profile.name,
        f"{kind}_samples_per_sec": rounded(timing.samples_per_second),
        f"{kind}_step_time": milliseconds(timing.latency.median),
        f"{kind}_step_time_iqr": milliseconds(timing.latency.iqr),
        f"{kind}_runs": timing.latency.runs,
        f"{kind}_batch_size": settings.batch,
        f"{kind}_img_size": graph.input_shape[-1],
        **(phases(timing) if settings.train else counts(timing)),
        "param_count": sum(cost.params for cost in profile.costs if not cost.node.aux) / 10**6,
        "input": list(graph.input_shape),
        "dtype": settings.dtype,
        "device": device.kind,
        "device_name": device.name,
        "threads": device.threads,
        "torch": device.torch,
        "channels_last": settings.channels_last,
        "compiled": settings.compiled,
        "interrupted": timing.interrupted,
        "peak_gflops": rounded(timing.roof.flops_per_second / 1e9) if timing.roof else None,
        "peak_gb_per_sec": rounded(timing.roof.bytes_per_second / 1e9) if timing.roof else None,
        "remainder": None if timing.remainder is None else milliseconds(timing.remainder),
    }


def counts(timing: Timing) -> Record:
    """timm's counts of one sample: multiply-adds, and the outputs of the layers that do them.

    It counts maps within an attention layer too, which a layer's shape does not tell: null there.
    """
    costs = timing.profile.counted
    macs = sum(cost.work.macs for cost in costs)
    maps = sum(cost_elements(cost.out_shape) for cost in costs if cost.work.macs)
    attention = any(cost.work.products for cost in costs)
    return {"infer_gmacs": macs / 10**9, "infer_macts": None if attention else maps / 10**6}


def cost_elements(shape: Sequence[int]) -> int:
    """How many values a map holds."""
    values = 1
    for n in shape:
        values *= n
    return values


def phases(timing: Timing) -> Record:
    """timm's parts of a training step, here the sums of what was measured layer by layer."""
    if not timing.layers:
        return {}
    forward = sum(layer.forward.median for layer in timing.layers)
    backward = sum(layer.backward.median for layer in timing.layers if layer.backward)
    step = timing.steps.get("optimizer step")
    return {
        "train_fwd_time": milliseconds(forward),
        "train_bwd_time": milliseconds(backward),
        "train_opt_time": milliseconds(step.median) if step else None,
    }


def layer_records(timing: Timing, depth: int | None = None, every: bool = False) -> list[Record]:
    """The rows of a measurement: its layers, the other parts of a step, and the remainder."""
    records = [
        layer_record(row.label, row.type, layers, timing) for row, layers in timed(timing, depth, every)
    ]
    records += [
        {"name": name, "type": None, "time": milliseconds(part.median), "iqr": milliseconds(part.iqr)}
        for name, part in timing.steps.items()
    ]
    if timing.remainder is not None:
        records.append({"name": REMAINDER, "type": None, "time": milliseconds(timing.remainder)})
    return records


def timed(timing: Timing, depth: int | None, every: bool) -> Iterator[tuple[Row, tuple[LayerTime, ...]]]:
    """The rows of the network's table, each with the times of its layers."""
    times = {layer.cost.name: layer for layer in timing.layers}
    for row in fold(timing.profile, depth, every) if times else ():
        yield row, tuple(times[cost.name] for cost in row.costs if cost.name in times)


def layer_record(name: str, type: str, layers: tuple[LayerTime, ...], timing: Timing) -> Record:
    """A row: its time, and where its forward pass lies under the roof."""
    found: Record = {
        "name": name,
        "type": type,
        "time": milliseconds(sum(layer.seconds for layer in layers)),
        "iqr": milliseconds(sum(layer.iqr for layer in layers)),
    }
    if timing.settings.train:
        backward = [layer.backward.median for layer in layers if layer.backward]
        found["forward"] = milliseconds(sum(layer.forward.median for layer in layers))
        found["backward"] = milliseconds(sum(backward)) if backward else None
    placed = timing.placed(layers)
    return found | (roof_record(placed) if placed else {})


def roof_record(placed: Placed) -> Record:
    """Work under the roof."""
    return {
        "flops": placed.flops,
        "bytes": placed.moved_bytes,
        "intensity": rounded(placed.intensity),
        "gflops": rounded(giga(placed.flops_per_second)),
        "gb_per_sec": rounded(giga(placed.bytes_per_second)),
        "bound": placed.bound,
        "roof_share": rounded(placed.share),
    }


def giga(value: float | None) -> float | None:
    """A rate in billions."""
    return None if value is None else value / 1e9


def to_dict(timings: Sequence[Timing], command: str, depth: int | None = None, every: bool = False) -> Record:
    """All measurements with their layers, and the command that made them."""
    results = [
        record(timing) | {"command": command, "layers": layer_records(timing, depth, every)}
        for timing in timings
    ]
    return {"schema": SCHEMA, "results": results}


def to_json(content: Any, indent: str = "") -> str:
    """JSON with what holds only plain values on a line each."""
    nested = isinstance(content, (dict, list)) and any(
        isinstance(v, dict) or (isinstance(v, list) and v and isinstance(v[0], dict))
        for v in (content.values() if isinstance(content, dict) else content)
    )
    if not nested and not (isinstance(content, dict) and "model" in content):
        return json.dumps(content, ensure_ascii=False)
    inner = indent + " "
    if isinstance(content, dict):
        parts = [f"{json.dumps(key)}: {to_json(value, inner)}" for key, value in content.items()]
    else:
        parts = [to_json(value, inner) for value in content]
    opening, closing = "{}" if isinstance(content, dict) else "[]"
    return f"{opening}\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}{closing}"


IDENTITY = ("model", "input", "dtype", "device", "device_name", "threads", "channels_last", "compiled")
"""What two measurements of the same thing have in common, beside kind and batch."""


def merged(old: Mapping[str, Any], new: Record) -> Record:
    """An earlier report with newer results in the place of those of the same thing."""

    def identity(result: Mapping[str, Any]) -> tuple[Any, ...]:
        batch = [(key, result[key]) for key in result if key.endswith("_batch_size")]
        return (*(json.dumps(result.get(key)) for key in IDENTITY), *batch)

    results = {identity(result): result for result in (*old["results"], *new["results"])}
    return {"schema": SCHEMA, "results": list(results.values())}


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
    s, whole = timing.settings, whole_placed(timing)
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


def whole_placed(timing: Timing) -> Placed | None:
    """The whole network under the roof, in its own latency; for inference only."""
    from dataclasses import replace

    placed = None if timing.settings.train else timing.placed(timing.layers)
    return replace(placed, seconds=timing.latency.median) if placed else None


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
        yield [(f"roof: {speed} GFLOP/s, {flow} GB/s, ridge at {shown(roof.ridge)} FLOP/byte", "")]
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
    whole = whole_placed(timing)
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
