"""Networks side by side as data: JSON and CSV, with exact numbers."""

from __future__ import annotations

import json
from typing import Any

from cnncost import numbers
from cnncost.comparison.side_by_side import COSTS, Comparison, Entry, Errors, Section, Stage
from cnncost.tables.grid import grid
from cnncost.tables.table import SCHEMA
from cnncost.views.data import field_dict, totals_dict


def to_dict(comparison: Comparison, by_stage: bool = False) -> dict[str, Any]:
    """The JSON of ``cnncost compare --format json``: exact numbers."""
    p = comparison.entries[0].profile
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "batch": p.batch,
        "dtype": p.dtype,
        "convention": p.convention.name,
        "train": p.train,
        "networks": [entry_dict(comparison, entry) for entry in comparison.entries],
    }
    if by_stage:
        data["aligned_by"] = "name" if comparison.by_name else "size"
        data["stages"] = [stage_dict(stage) for stage in comparison.stages]
    return data


def entry_dict(comparison: Comparison, entry: Entry) -> dict[str, Any]:
    """One network; its ratios are decimal numbers."""
    ratios = {cost: comparison.ratio(entry, cost) for cost in COSTS}
    return {
        "name": entry.name,
        "input": list(entry.profile.graph.input_shape),
        "depth": entry.depth,
        **totals_dict(entry.profile.totals),
        "ratios": {cost: None if ratio is None else float(ratio) for cost, ratio in ratios.items()},
        "receptive_field": field_dict(entry.receptive_field),
        "errors": errors_dict(entry.errors),
    }


def errors_dict(errors: Errors | None) -> dict[str, Any] | None:
    """Error rates in percent, on what they were measured and who prints them; null where nobody does."""
    if errors is None:
        return None
    rates = {"top1": errors.top1, "top5": errors.top5}
    told = {name: None if rate is None else float(rate) for name, rate in rates.items()}
    return {**told, "data_set": errors.data_set, "source": errors.source}


def stage_dict(stage: Stage) -> dict[str, Any]:
    """A line of aligned stages: what each network has there, null where it has nothing."""
    return {
        "stage": stage.name,
        "networks": [section and section_dict(section) for section in stage.sections],
    }


def section_dict(section: Section) -> dict[str, Any]:
    """A network's part of a stage."""
    shape = list(section.out_shape)
    return {"stages": list(section.labels), "out_shape": shape, **totals_dict(section.totals)}


def to_json(comparison: Comparison, by_stage: bool = False) -> str:
    """The comparison as one JSON object."""
    return json.dumps(to_dict(comparison, by_stage), indent=2, ensure_ascii=False) + "\n"


FIELDS = (
    "name",
    "input",
    "depth",
    *COSTS,
    "receptive_field",
    "top1_error",
    "top5_error",
    "data_set",
    "source",
)
STAGE_FIELDS = ("stage", "name", "stages", "output", *COSTS)


def to_csv(comparison: Comparison, by_stage: bool = False) -> str:
    """A line a network, or for each of a stage's; exact numbers, empty where there is none."""
    if by_stage:
        return grid("csv", STAGE_FIELDS, stage_records(comparison))
    return grid("csv", FIELDS, [record(entry) for entry in comparison.entries])


def record(entry: Entry) -> list[str]:
    """A network's line of the CSV."""
    field, errors = entry.receptive_field, entry.errors
    rates = (errors.top1, errors.top5) if errors else (None, None)
    return [
        entry.name,
        numbers.shape(entry.profile.graph.input_shape),
        str(entry.depth),
        *(str(getattr(entry.profile.totals, cost)) for cost in COSTS),
        numbers.sizes([axis.size for axis in field]) if field else "",
        *("" if rate is None else numbers.rate(rate) for rate in rates),
        *((errors.data_set, errors.source) if errors else ("", "")),
    ]


def stage_records(comparison: Comparison) -> list[list[str]]:
    """The lines of the stages' CSV."""
    return [
        [
            stage.name,
            entry.name,
            " ".join(section.labels),
            numbers.shape(section.out_shape),
            *(str(getattr(section.totals, cost)) for cost in COSTS),
        ]
        for stage in comparison.stages
        for entry, section in zip(comparison.entries, stage.sections, strict=True)
        if section is not None
    ]
