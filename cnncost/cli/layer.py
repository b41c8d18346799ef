"""`cnncost layer`: one layer or a chain, without a file; the homework calculator."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncost.cli import completion, options
from cnncost.count.profile import profile_graph
from cnncost.errors import CnncostError, Place
from cnncost.network.catalogue import layer_graph
from cnncost.spec.expression import parse
from cnncost.tables import formats
from cnncost.views.network_table import table_of

EXAMPLE = 'Example: cnncost layer "Conv2d(96, 11, stride=4) >> ReLU >> MaxPool2d(3, 2)" --input 3x227x227'
NEEDS_ARGUMENTS = True
FORMATS = formats.NAMES


def command(
    call: Annotated[
        str,
        typer.Argument(
            metavar="CALL",
            help='A layer or a chain, such as "Conv2d(96, 11, stride=4)".',
            autocompletion=completion.layer_types,
        ),
    ],
    input: options.Input = None,
    columns: options.Columns = None,
    percent: options.Percent = False,
    format: options.Format = None,
    output: options.Output = None,
    convention: options.Convention = "lecture",
    batch: options.Batch = 1,
    dtype: options.DType = "float32",
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the worked solution instead of the table.")
    ] = False,
) -> None:
    """Work out one layer, or a chain of layers, on an input."""
    chosen = options.choose_format(format, output, FORMATS)
    shape = options.parse_input(input)
    parse(call, Place("layer", 1, 1, call))  # a mistake in the call comes before a missing input
    if shape is None:
        raise CnncostError("the layer needs an input: --input 3x224x224")
    result = profile_graph(layer_graph(call, shape), convention, batch, dtype)
    if explain:
        from cnncost.api.solutions import explain as solutions

        options.write(solutions(result).render(chosen), output)
    else:
        table = table_of(result, exact=True, columns=columns, percent=percent)
        options.show(table, chosen, output)
