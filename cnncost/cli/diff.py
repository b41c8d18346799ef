"""`cnncost diff`: which layers differ between two networks, and what that costs."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cnncost import profile
from cnncost.cli import completion, options
from cnncost.comparison import difference
from cnncost.tables import formats
from cnncost.views.difference import document

EXAMPLE = "Example: cnncost diff resnet50 resnext50_32x4d"
NEEDS_ARGUMENTS = True
FORMATS = formats.NAMES


def command(
    before: options.Network,
    after: Annotated[
        str,
        typer.Argument(
            metavar="OTHER", help="The network to compare it with.", autocompletion=completion.network_names
        ),
    ],
    format: options.Format = None,
    output: options.Output = None,
    convention: options.Convention = "lecture",
    batch: options.Batch = 1,
    dtype: options.DType = "float32",
    input: options.Input = None,
    input_b: Annotated[
        str | None, typer.Option("--input-b", metavar="SHAPE", help="The input of OTHER, where it differs.")
    ] = None,
    set: options.Params = None,
    set_b: Annotated[
        list[str] | None,
        typer.Option(
            "--set-b",
            metavar="PARAM=VALUE",
            help="Change a parameter of OTHER only; can be repeated.",
            autocompletion=completion.other_settings,
        ),
    ] = None,
    exact: options.Exact = False,
    train: options.Train = False,
) -> None:
    """Print which layers differ between two networks, in what, and what each change costs.

    Equal changes share a row, and the rows add up to the difference of the totals. The exit code is 0
    whether or not anything differs.
    """
    chosen = options.choose_format(format, output, FORMATS)
    options.read_once([before, after])
    counting: dict[str, Any] = {"convention": convention, "batch": batch, "dtype": dtype, "train": train}
    shape, params = options.parse_input(input), options.parse_params(set)
    other_shape = shape if input_b is None else options.parse_input(input_b, "--input-b")
    other_params = params | options.parse_params(set_b, "--set-b")
    first = profile(before, input=shape, params=params, **counting)
    second = profile(after, input=other_shape, params=other_params, **counting)
    options.show(document(difference(first, second), exact), chosen, output)
