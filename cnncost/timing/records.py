"""Measured times as plain records: one per measurement or one per layer; and the reports that keep them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cnncost.count.rows import Row, fold
from cnncost.dims import product
from cnncost.errors import CnncostError
from cnncost.files import replace_file
from cnncost.timing.reports import read_report
from cnncost.timing.roofline import Placed
from cnncost.timing.timings import LayerTime, Timing

SCHEMA = 1
REMAINDER = "between layers"
Record = dict[str, Any]


def six_digits(value: float | None) -> float | None:
    """A measured number with six digits, more than any clock gives."""
    return None if value is None else float(f"{value:.6g}")


def milliseconds(seconds: float) -> float | None:
    """Seconds as rounded milliseconds."""
    return six_digits(1000 * seconds)


def record(timing: Timing) -> Record:
    """One measurement as a flat record, with the names and units of timm's benchmark where it has them.

    Times are milliseconds, `param_count` is millions. `…_samples_per_sec` is for runs back to back,
    `…_step_time` for a single run.
    """
    settings, profile = timing.settings, timing.profile
    device, graph = settings.device, profile.graph
    kind = "train" if settings.train else "infer"
    return {
        "model": profile.name,
        f"{kind}_samples_per_sec": six_digits(timing.samples_per_second),
        f"{kind}_step_time": milliseconds(timing.latency.median),
        f"{kind}_step_time_iqr": milliseconds(timing.latency.iqr),
        f"{kind}_runs": timing.latency.runs,
        f"{kind}_batch_size": settings.batch,
        f"{kind}_img_size": graph.input_shape[-1],
        **(phases(timing) if settings.train else counts(timing)),
        "param_count": sum(cost.params for cost in profile.costs if not cost.node.aux) / 10**6,
        "input": graph.input_sizes,
        "dtype": settings.dtype,
        "device": device.kind,
        "device_name": device.name,
        "threads": device.threads,
        "torch": device.torch,
        "channels_last": settings.channels_last,
        "compiled": settings.compiled,
        "interrupted": timing.interrupted,
        "peak_gflops": six_digits(timing.roof.flops_per_second / 1e9) if timing.roof else None,
        "peak_gb_per_sec": six_digits(timing.roof.bytes_per_second / 1e9) if timing.roof else None,
        "peak_date": timing.roof.date or None if timing.roof else None,
        "remainder": None if timing.remainder is None else milliseconds(timing.remainder),
    }


def counts(timing: Timing) -> Record:
    """timm's counts of one sample: multiply-adds, and the outputs of the layers that do them.

    timm also counts the maps inside an attention layer; these are not known here, so the count is None.
    """
    costs = timing.profile.counted
    macs = sum(cost.work.macs for cost in costs)
    maps = sum(product(cost.out_shape) for cost in costs if cost.work.macs)
    attention = any(cost.work.products for cost in costs)
    return {"infer_gmacs": macs / 10**9, "infer_macts": None if attention else maps / 10**6}


def phases(timing: Timing) -> Record:
    """timm's parts of a training step, as sums over the layers."""
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
    """One row: its time, and its forward pass under the roof."""
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
    """Work under the roof, as data."""
    return {
        "flops": placed.flops,
        "bytes": placed.moved_bytes,
        "intensity": six_digits(placed.intensity),
        "gflops": six_digits(giga(placed.flops_per_second)),
        "gb_per_sec": six_digits(giga(placed.bytes_per_second)),
        "bound": placed.bound,
        "roof_share": six_digits(placed.share),
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


IDENTITY = ("model", "input", "dtype", "device", "device_name", "threads", "channels_last", "compiled")
"""Two measurements with these in common, and kind and batch, are of the same thing."""


def merged_report(old: Mapping[str, Any], new: Record) -> Record:
    """An earlier report, with newer results replacing those of the same thing."""

    def identity(result: Mapping[str, Any]) -> tuple[Any, ...]:
        batch = [(key, result[key]) for key in result if key.endswith("_batch_size")]
        return (*(json.dumps(result.get(key)) for key in IDENTITY), *batch)

    results = {identity(result): result for result in (*old["results"], *new["results"])}
    return {"schema": SCHEMA, "results": list(results.values())}


def save(timing: Timing, folder: Path, command: str, depth: int | None = None, every: bool = False) -> None:
    """Add a measurement to the report of its device, replacing an earlier one of the same thing.

    Raises:
        CnncostError: the report's file is something else, or cannot be written.
    """
    path = folder / f"{timing.settings.device.file_name}.json"
    report = to_dict([timing], command, depth, every)
    if path.exists():
        earlier = read_report(path)
        if earlier is None:
            raise CnncostError(f"{path}: it is no report of `cnncost time`; move it, or save elsewhere")
        report = merged_report(earlier, report)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        results = ",\n".join(json.dumps(result, ensure_ascii=False) for result in report["results"])
        replace_file(path, f'{{"schema": {SCHEMA}, "results": [\n{results}\n]}}\n'.encode())
    except OSError as error:
        raise CnncostError(f"--save {folder}: {error.strerror}") from None
