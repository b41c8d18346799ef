"""Aligned stages of several networks as a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cnncost import numbers
from cnncost.comparison.side_by_side import COSTS, Comparison, Entry, Section, Stage
from cnncost.tables.table import Column, Table
from cnncost.views.comparison import caption, flops_note, totals_data
from cnncost.views.costs import cost_column
from cnncost.views.data import totals_dict


def stages(comparison: Comparison, exact: bool = False) -> Table:
    """One line per stage and three columns per network; where that is too wide, one line for each of them."""
    names = [*(stage.name for stage in comparison.stages), "total"]
    columns = [Column("", stage_title(comparison), texts=names, left=True)]
    for i, entry in enumerate(comparison.entries):
        sections = [stage.sections[i] for stage in comparison.stages]
        cells = section_columns(sections, exact, [entry])
        columns += [replace(column, group=entry.name) for column in cells if not column.hidden]
    below = stages_below(comparison, exact)
    return Table(below.caption, columns, below.notes, summary=1, narrow=below, records=below, data=below.data)


def stages_below(comparison: Comparison, exact: bool) -> Table:
    """In each stage one line per network; below them the totals."""
    lines = [
        (stage.name, entry.name, section)
        for stage in comparison.stages
        for entry, section in zip(comparison.entries, stage.sections, strict=True)
        if section is not None
    ]
    entries = comparison.entries
    names = [*(stage for stage, _, _ in lines), *("total" for _ in entries)]
    shown = ["" if i and name == names[i - 1] else name for i, name in enumerate(names)]
    networks = [*(name for _, name, _ in lines), *(entry.name for entry in entries)]
    sections = [section for _, _, section in lines]
    labels = [*(section.labels for section in sections), *(() for _ in entries)]
    columns = [
        Column("stage", stage_title(comparison), names, shown, left=True),
        Column("name", "network", networks, left=True),
        Column(
            "stages",
            "layers",
            [" ".join(each) for each in labels],
            [extent(each) for each in labels],
            left=True,
            spare=1,
            hidden=comparison.by_name,
        ),
        *section_columns(sections, exact, entries),
    ]
    return Table(
        caption(comparison),
        columns,
        stage_notes(comparison),
        summary=len(entries),
        data=lambda: stages_data(comparison),
    )


def section_columns(
    sections: Sequence[Section | None], exact: bool, entries: Sequence[Entry]
) -> list[Column]:
    """Output and costs of sections, empty where there is none; below them the entries' totals."""
    shapes = [section and numbers.shape(section.out_shape) for section in sections]
    sums = [*(section and section.totals for section in sections), *(e.profile.totals for e in entries)]
    convention = entries[0].profile.convention
    costs = (cost_column(cost, sums, convention, exact, shown=("params", "flops")) for cost in COSTS)
    return [Column("output", "output", [*shapes, *(None for _ in entries)]), *costs]


def stage_title(comparison: Comparison) -> str:
    """What the lines of aligned stages share: a name, or the size of their maps."""
    return "stage" if comparison.by_name else "size"


def stage_notes(comparison: Comparison) -> tuple[str, str]:
    """What is counted, and which stages share a line."""
    if comparison.by_name:
        return flops_note(comparison), "Stages of the same name share a line."
    size = "1/4 is a map with a quarter of the input's height, rounded to a power of two"
    return flops_note(comparison), f"Stages share a line by the size of their output: {size}."


def extent(labels: Sequence[str]) -> str:
    """The names of neighbouring stages: the only one, two, or from the first to the last."""
    return ", ".join(labels) if len(labels) < 3 else f"{labels[0]} … {labels[-1]}"


def stages_data(comparison: Comparison) -> dict[str, Any]:
    """The JSON of ``cnncost compare --stages --format json``."""
    return {
        **totals_data(comparison),
        "aligned_by": "name" if comparison.by_name else "size",
        "stages": [stage_dict(stage) for stage in comparison.stages],
    }


def stage_dict(stage: Stage) -> dict[str, Any]:
    """A line of aligned stages; null for a network that has no such stage."""
    sections = [
        section
        and {
            "stages": list(section.labels),
            "out_shape": list(section.out_shape),
            **totals_dict(section.totals),
        }
        for section in stage.sections
    ]
    return {"stage": stage.name, "networks": sections}
