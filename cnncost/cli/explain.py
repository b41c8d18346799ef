"""`cnncost explain`: the worked solution that a lecturer writes on the board."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncost.cli import completion, options

EXAMPLE = "Example: cnncost explain alexnet conv1"
NEEDS_ARGUMENTS = True
FORMATS = ("terminal", "markdown", "latex")


def command(
    name: options.Network,
    layer: Annotated[
        str | None,
        typer.Argument(
            metavar="LAYER",
            help="A layer, or a stage with its sums; default: all.",
            autocompletion=completion.layer_names,
        ),
    ] = None,
    format: options.Format = None,
    output: options.Output = None,
    convention: options.Convention = "lecture",
    batch: options.Batch = 1,
    dtype: options.DType = "float32",
    input: options.Input = None,
    set: options.Params = None,
    train: options.Train = False,
) -> None:
    """Work out a layer's shape, parameters, memory, FLOPs and receptive field, formula by formula."""
    from cnncost.api.solutions import explain

    chosen = options.choose_format(format, output, FORMATS)
    result = options.profiled(name, input, set, convention=convention, batch=batch, dtype=dtype, train=train)
    options.write(explain(result, layer).render(chosen), output)
