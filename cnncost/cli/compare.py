"""`cnncost compare`: networks side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnncost.cli import options, sheets
from cnncost.comparison.side_by_side import Comparison, compare

EXAMPLE = "Example: cnncost compare alexnet vgg16 googlenet resnet50 --chart compare.png"
NEEDS_ARGUMENTS = True
FORMATS = ("terminal", "csv", "json", "markdown", "latex")


def command(
    names: options.Networks = None,
    stages: Annotated[
        bool, typer.Option("--stages", help="Stage by stage, aligned by name or by the size of the maps.")
    ] = False,
    chart: Annotated[
        Path | None, typer.Option(help="Draw the totals into this file too: .png, .svg or .pdf.")
    ] = None,
    format: options.Format = None,
    output: options.Output = None,
    convention: options.Convention = "lecture",
    batch: options.Batch = 1,
    dtype: options.DType = "float32",
    input: options.Input = None,
    set: options.Params = None,
    exact: Annotated[bool, typer.Option("--exact", "-e", help="Costs in full, not in k, M or KB.")] = False,
    train: options.Train = False,
) -> None:
    """Print networks side by side: their totals, what is printed of their errors, ratios to the first.

    With --stages, networks that name their stages alike, such as those of one family, are aligned by
    name, others by the size of their maps.
    """
    chosen = options.choose_format(format, output, FORMATS)
    if chart is not None:
        check_chart(chart)
    found = compare(
        names or [],
        input=options.parse_input(input),
        params=options.parse_params(set),
        convention=convention,
        batch=batch,
        dtype=dtype,
        train=train,
    )
    show(found, chosen, output, exact, stages)
    if chart is not None:
        draw(found, chart)


def show(found: Comparison, chosen: str, output: options.Output, exact: bool, stages: bool) -> None:
    """Write the comparison in one of the formats."""
    if chosen in ("json", "csv"):
        from cnncost.views import comparison_data as data

        options.write((data.to_json if chosen == "json" else data.to_csv)(found, stages), output)
        return
    from cnncost.views import comparison as view

    sheets.show(lambda width: view.sheet(found, width, exact, stages), chosen, output)


def check_chart(path: Path) -> None:
    """Refuse a file whose ending no chart has, before anything is counted.

    Raises:
        CnncostError: its ending is none of a picture.
    """
    from cnncost.charts.save import ending_of

    ending_of(path)


def draw(found: Comparison, path: Path) -> None:
    """Write a chart of the totals: two networks layer by layer, more as bars."""
    from cnncost.charts import figure
    from cnncost.charts.request import Request
    from cnncost.charts.save import ending_of, rendered

    profiles = {entry.name: entry.profile for entry in found.entries}
    request = Request(tuple(entry.name for entry in found.entries), profiles.__getitem__)
    made = figure("versus" if len(found.entries) == 2 else "bars", request)
    options.write_bytes(rendered(made, ending_of(path), request.theme), path)
    for message in request.notes:
        options.note(message)
