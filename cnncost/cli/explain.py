"""`cnncost explain`: the worked solution that a lecturer writes on the board."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncost.cli import options
from cnncost.count.profile import NetworkCost
from cnncost.errors import CnncostError

EXAMPLE = "Example: cnncost explain alexnet conv1"
NEEDS_ARGUMENTS = True
FORMATS = ("terminal", "markdown", "latex")


def command(
    name: options.Network,
    layer: Annotated[
        str | None, typer.Argument(metavar="LAYER", help="A layer or a stage; all layers if left out.")
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
    chosen = options.choose_format(format, output, FORMATS)
    result = options.profiled(name, input, set, convention=convention, batch=batch, dtype=dtype, train=train)
    show(result, layer, chosen, output)


def show(result: NetworkCost, layer: str | None, chosen: str, output: options.Output) -> None:
    """Write the worked solutions of a layer, or of all."""
    from cnncost.formulas.explanation import explain
    from cnncost.views import explanation as view

    render = {"terminal": view.text, "markdown": view.markdown, "latex": view.latex}.get(chosen)
    if render is None:
        raise CnncostError(f"explanations have no format `{chosen}`; there are {', '.join(FORMATS)}")
    options.write(render(explain(result, layer)), output)
