"""`cnncost table`: the table, as in the lecture."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncost.cli import options
from cnncost.count.profile import NetworkCost
from cnncost.count.rows import fold
from cnncost.tables import formats
from cnncost.views.network_table import LONG, network_table

EXAMPLE = "Example: cnncost table vgg16 --format csv -o vgg16.csv"
NEEDS_ARGUMENTS = True
FORMATS = formats.NAMES
FOR_PEOPLE = ("terminal", "markdown", "latex", "html")
"""Formats in which a long table is folded by stage."""


def command(
    name: options.Network,
    format: options.Format = None,
    output: options.Output = None,
    convention: options.Convention = "lecture",
    batch: options.Batch = 1,
    dtype: options.DType = "float32",
    input: options.Input = None,
    set: options.Params = None,
    depth: Annotated[
        int | None,
        typer.Option(
            "--depth", "-d", min=0, help="Fold by the first so many parts of the names; 0 for a row a layer."
        ),
    ] = None,
    all: Annotated[
        bool, typer.Option("--all", "-a", help="A row for every node, in-place layers too.")
    ] = False,
    exact: Annotated[bool, typer.Option("--exact", "-e", help="Costs in full, not in k, M or KB.")] = False,
    train: options.Train = False,
) -> None:
    """Print a network's table: shapes, receptive fields, memory, params and FLOPs of each layer."""
    chosen = options.choose_format(format, output, FORMATS)
    result = options.profiled(name, input, set, convention=convention, batch=batch, dtype=dtype, train=train)
    show(result, chosen, output, depth, all, exact)


def show(
    result: NetworkCost,
    chosen: str,
    output: options.Output,
    depth: int | None = 0,
    every: bool = False,
    exact: bool = False,
) -> None:
    """Write a profile in one of the formats; a long table for people is folded by stage."""
    rows = fold(result, depth or None, every)
    if depth is None and not every and chosen in FOR_PEOPLE and len(rows) > LONG:
        options.note(
            f"{len(rows)} layers, folded by stage: --depth 2 opens them, --depth 0 shows a row a layer"
        )
        rows = fold(result, 1)
    options.show(network_table(result, rows, every, exact), chosen, output)
