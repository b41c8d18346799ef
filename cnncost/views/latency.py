"""Predicted latencies as tables: one row a network, or one row a layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnncost import numbers
from cnncost.count.rows import Row, fold
from cnncost.tables.table import Column, Document, Table
from cnncost.timing.calibration import Predicted
from cnncost.timing.prediction import Prediction

BOUND_NOTE = (
    "bound: what most of the time is: computing, moving data to and from memory, or launching the layer."
)
ROOF_NOTE = (
    "By the data sheet alone: the least time that peak FLOP/s and bandwidth allow. Real devices take"
    " longer, small layers many times longer: on the CPU of reports/latency.md it is less than half of"
    " what was measured for most networks."
)


def document(
    predictions: Sequence[Prediction], layers: bool, depth: int | None = None, every: bool = False
) -> Document:
    """One table of all networks, or with `layers` one table for each."""
    if layers:
        parts = [layer_table(prediction, depth, every) for prediction in predictions]
    else:
        parts = [summary(predictions)]
    found = [to_dict(prediction) for prediction in predictions]
    return Document(
        parts,
        records=record_table(found, layers),
        data=lambda: found[0] if len(found) == 1 else {"predictions": found},
    )


def record_table(found: Sequence[Mapping[str, Any]], layers: bool) -> Table:
    """For CSV and spreadsheets: a row a network, or with `layers` a row a layer."""
    shared = ("device", "batch", "dtype")
    rows = [{key: one[key] for key in ("name", *shared, "predicted_s")} for one in found]
    if layers:
        rows = [{key: one[key] for key in shared} | layer for one in found for layer in one["layers"]]
    return Table("", [Column(key, key, [row[key] for row in rows]) for key in rows[0]])


def basis(prediction: Prediction) -> str:
    """What a prediction rests on."""
    if prediction.calibration is None:
        return ROOF_NOTE
    made = prediction.calibration
    return (
        f"Predicted from the times of single layers, measured on {made.device} with torch {made.torch}"
        f" ({made.date}); none is a layer of these networks."
    )


def summary(predictions: Sequence[Prediction]) -> Table:
    """A row a network."""
    profiles = [prediction.profile for prediction in predictions]
    columns = [
        Column("", "network", [profile.name for profile in profiles], left=True),
        Column("", "batch", [profile.batch for profile in profiles]),
        Column("", "dtype", [profile.dtype for profile in profiles], spare=1),
        Column("", "device", [prediction.device for prediction in predictions], left=True),
        Column("", "time (ms)", [milliseconds(prediction.seconds) for prediction in predictions]),
        Column("", "samples/s", [numbers.significant(p.samples_per_second) for p in predictions]),
        Column("", "bound", [bound_of([each for _, each in p.layers]) for p in predictions]),
    ]
    notes = list(dict.fromkeys(map(basis, predictions)))
    return Table("predicted latency", columns, notes=[*notes, BOUND_NOTE])


def layer_table(prediction: Prediction, depth: int | None, every: bool) -> Table:
    """A row a layer, and the whole."""
    profile = prediction.profile
    by_name = {cost.name: each for cost, each in prediction.layers}
    rows = [row for row in fold(profile, depth, every) if parts_of(row, by_name)]
    some = [parts_of(row, by_name) for row in rows]
    seconds = [*(sum(each.seconds for each in part) for part in some), prediction.seconds]
    columns = [
        Column("", "layer", [*(row.label for row in rows), "total"], left=True),
        Column("", "ms", [milliseconds(value) for value in seconds]),
        Column("", "share", [f"{100 * value / prediction.seconds:.1f} %" for value in seconds]),
        Column("", "bound", [*map(bound_of, some), ""]),
    ]
    title = (
        f"{profile.name}, input {profile.graph.input_text}, batch {profile.batch}, {profile.dtype}, "
        f"predicted for {prediction.device}"
    )
    return Table(title, columns, notes=[basis(prediction), BOUND_NOTE], summary=1)


def parts_of(row: Row, by_name: Mapping[str, Predicted]) -> list[Predicted]:
    """The predictions of a row's layers."""
    return [by_name[cost.name] for cost in row.costs if cost.name in by_name]


def bound_of(some: Sequence[Predicted]) -> str:
    """What most of the time of several layers is."""
    sums: dict[str, float] = {}
    for each in some:
        sums[each.bound] = sums.get(each.bound, 0.0) + each.seconds
    return max(sums, key=sums.__getitem__, default="")


def milliseconds(seconds: float) -> str:
    """With three digits."""
    return numbers.significant(1000 * seconds)


def to_dict(prediction: Prediction) -> dict[str, Any]:
    """A prediction as plain data."""
    profile, made = prediction.profile, prediction.calibration
    return {
        "name": profile.name,
        "device": prediction.device,
        "batch": profile.batch,
        "dtype": profile.dtype,
        "predicted_s": rounded(prediction.seconds),
        "samples_per_second": rounded(prediction.samples_per_second),
        "basis": {"calibration": made.date, "torch": made.torch} if made else "data sheet",
        "layers": [
            {"name": cost.name, "predicted_s": rounded(each.seconds), "bound": each.bound}
            for cost, each in prediction.layers
        ],
    }


def rounded(value: float) -> float:
    """With four digits, more than any prediction has."""
    return float(f"{value:.4g}")
