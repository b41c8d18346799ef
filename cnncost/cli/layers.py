"""`cnncost layers`: the layer types, documented by their own classes."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncost.cli import completion, options
from cnncost.formulas.reference import is_network, layer_type, own_types
from cnncost.layers import catalogue
from cnncost.tables import formats
from cnncost.tables.table import Content
from cnncost.views.layer_reference import overview, page

EXAMPLE = "Example: cnncost layers Conv2d"
NEEDS_ARGUMENTS = False
FORMATS = formats.NAMES


def command(
    layer: Annotated[
        str | None,
        typer.Argument(
            metavar="LAYER|NAME",
            help="A layer type, or a network: the types that its spec defines.",
            autocompletion=completion.layers_and_networks,
        ),
    ] = None,
    type: Annotated[
        str | None,
        typer.Argument(
            metavar="TYPE", help="A type of that network's spec.", autocompletion=completion.blocks
        ),
    ] = None,
    format: options.Format = None,
    output: options.Output = None,
) -> None:
    """List the layer types, or show one: arguments, shapes, what is counted, and its formulas."""
    chosen = options.choose_format(format, output, FORMATS)
    if layer and (type or is_network(layer)):
        own = own_types(layer)
        shown: Content = page(layer_type(type, own)) if type else overview(list(own.values()))
    elif layer:
        shown = page(layer_type(layer))
    else:
        shown = overview(list(catalogue().values()))
    options.show(shown, chosen, output)
