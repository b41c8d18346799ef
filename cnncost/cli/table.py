"""`cnncost table`: the table, as in the lecture."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncost.cli import completion, options
from cnncost.count.selection import GROUPINGS
from cnncost.tables import formats
from cnncost.views.network_table import LONG, table_of

EXAMPLE = "Example: cnncost table vgg16 --sort flops --top 5 --percent"
NEEDS_ARGUMENTS = True
FORMATS = formats.NAMES
FOR_PEOPLE = ("terminal", "markdown", "latex", "html")
"""Formats in which a long table is folded by stage."""


def command(
    name: options.Network,
    part: Annotated[
        str | None,
        typer.Argument(
            metavar="PART",
            help="Only this stage, block or layer, with its sum.",
            autocompletion=completion.layer_names,
        ),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Sort by a column: numbers from the largest, names from A."),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Only the first N rows, by --sort or else by FLOPs."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN", help="Only layers of this name or type: 'conv*', Conv2d; repeatable."
        ),
    ] = None,
    by: Annotated[
        str | None, typer.Option(metavar="GROUP", help=f"Sum the layers by {' or by '.join(GROUPINGS)}.")
    ] = None,
    columns: options.Columns = None,
    percent: options.Percent = False,
    depth: Annotated[
        int | None,
        typer.Option(
            "--depth",
            "-d",
            min=0,
            help="Group rows by the first N parts of layer names; 0 = one row per layer.",
            show_default=f"1 for more than {LONG} layers",
        ),
    ] = None,
    all: Annotated[
        bool, typer.Option("--all", "-a", help="One row per node, with in-place layers as well.")
    ] = False,
    exact: options.Exact = False,
    format: options.Format = None,
    output: options.Output = None,
    convention: options.Convention = "lecture",
    batch: options.Batch = 1,
    dtype: options.DType = "float32",
    input: options.Input = None,
    set: options.Params = None,
    train: options.Train = False,
) -> None:
    """Print a network's table: shapes, receptive fields, memory, params and FLOPs of each layer.

    Where rows are left out, the table ends with their sum and with the network's total.
    """
    chosen = options.choose_format(format, output, FORMATS)
    result = options.profiled(name, input, set, convention=convention, batch=batch, dtype=dtype, train=train)
    table = table_of(
        result,
        part=part,
        only=only or (),
        by=by,
        depth=depth,
        sort=sort,
        top=top,
        columns=columns,
        every=all,
        exact=exact,
        percent=percent,
        fold_long=chosen in FOR_PEOPLE,
    )
    options.show(table, chosen, output)
