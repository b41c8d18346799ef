"""`cnncost compare`: networks side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import cnncost
from cnncost.cli import options
from cnncost.comparison import Comparison, compare
from cnncost.tables import formats

EXAMPLE = "Example: cnncost compare alexnet vgg16 googlenet resnet50 --chart compare.png"
NEEDS_ARGUMENTS = True
FORMATS = formats.NAMES


def command(
    names: options.Networks = None,
    stages: Annotated[
        bool, typer.Option("--stages", help="Compare stage by stage, aligned by name or by size of the maps.")
    ] = False,
    chart: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also draw the totals: .png, .svg, .pdf or .pgf.")
    ] = None,
    memory: Annotated[
        bool, typer.Option("--memory", help="Also what inference and training with SGD need at their peaks.")
    ] = False,
    latency: options.Latency = None,
    format: options.Format = None,
    output: options.Output = None,
    convention: options.Convention = "lecture",
    batch: options.Batch = 1,
    dtype: options.DType = "float32",
    input: options.Input = None,
    set: options.Params = None,
    exact: options.Exact = False,
    train: options.Train = False,
) -> None:
    """Print networks side by side: totals, ratios to the first network, and published errors.

    With --stages, networks of one family, or with mostly the same stage names, are aligned by name;
    others by the size of their maps.
    """
    chosen = options.choose_format(format, output, FORMATS)
    if chart is not None:
        from cnncost.charts import picture_ending

        picture_ending(chart)  # a wrong ending is refused before anything is counted
    found = compare(
        names or [],
        input=options.parse_input(input),
        params=options.parse_params(set),
        convention=convention,
        batch=batch,
        dtype=dtype,
        train=train,
    )
    if stages:
        from cnncost.views.comparison_stages import stages as by_stages

        options.show(by_stages(found, exact), chosen, output)
    else:
        from cnncost.views.comparison import totals

        options.show(totals(found, exact, memory, seconds_of(found, latency)), chosen, output)
    if chart is not None:
        draw(found, chart)


def seconds_of(found: Comparison, device: str | None) -> list[float]:
    """The latencies that are predicted for a device; none without one."""
    if device is None:
        return []
    profiles = [entry.profile for entry in found.entries]
    return [cnncost.latency(p.graph, device=device, batch=p.batch, dtype=p.dtype).seconds for p in profiles]


def draw(found: Comparison, path: Path) -> None:
    """Write a chart of the totals: two networks layer by layer, more as bars."""
    from cnncost.charts import Request, figure, picture_ending, rendered

    profiles = {entry.name: entry.profile for entry in found.entries}
    request = Request(tuple(entry.name for entry in found.entries), profiles.__getitem__)
    made = figure("versus" if len(found.entries) == 2 else "bars", request)
    options.write_bytes(rendered(made, picture_ending(path), request.theme), path)
    for message in request.notes:
        options.note(message)
