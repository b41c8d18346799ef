"""`cnncost layers`: the layer types, documented by their own classes."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncost.cli import options
from cnncost.formulas.reference import layer_type
from cnncost.layers import catalogue
from cnncost.tables import formats
from cnncost.tables.table import Content
from cnncost.views.layer_reference import overview, page

EXAMPLE = "Example: cnncost layers Conv2d"
NEEDS_ARGUMENTS = False
FORMATS = formats.NAMES


def complete_layer(incomplete: str) -> list[str]:
    """Layer names for the shell."""
    return [name for name in catalogue() if name.lower().startswith(incomplete.lower())]


def command(
    layer: Annotated[
        str | None, typer.Argument(metavar="LAYER", help="A layer type.", autocompletion=complete_layer)
    ] = None,
    format: options.Format = None,
    output: options.Output = None,
) -> None:
    """List the layer types, or show one: arguments, shapes, what is counted, and its formulas."""
    chosen = options.choose_format(format, output, FORMATS)
    if layer:
        shown: Content = page(layer_type(layer))
    else:
        shown = overview(list(catalogue().values()))
    options.show(shown, chosen, output)
