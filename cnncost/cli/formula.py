"""`cnncost formula`: closed forms in C, H, W."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncost.cli import completion, options

EXAMPLE = 'Example: cnncost formula "Conv2d(F, K, stride=S, padding=P)"'
NEEDS_ARGUMENTS = True
FORMATS = ("terminal", "markdown", "latex")


def command(
    call: Annotated[
        str,
        typer.Argument(
            metavar="CALL|NAME",
            help="A layer, a chain or a network.",
            autocompletion=completion.layers_and_networks,
        ),
    ],
    block: Annotated[
        str | None,
        typer.Argument(
            metavar="BLOCK",
            help="A block or a type of that network's spec.",
            autocompletion=completion.blocks,
        ),
    ] = None,
    input: Annotated[
        str | None, typer.Option("--input", "-i", help="The input's sizes, such as C,H,W or 4*C,H,W.")
    ] = None,
    params: options.Params = None,
    convention: options.Convention = "lecture",
    dtype: options.DType = "float32",
    format: options.Format = None,
    output: options.Output = None,
) -> None:
    """Print closed forms: output, parameters, FLOPs and memory in letters."""
    chosen = options.choose_format(format, output, FORMATS)
    from cnncost.formulas.closed_form import closed_form
    from cnncost.views import closed_form as view

    form = closed_form(call, block, input, convention, dtype, options.parse_params(params))
    render = {"terminal": view.text, "markdown": view.markdown, "latex": view.latex}[chosen]
    options.write(render(form), output)
