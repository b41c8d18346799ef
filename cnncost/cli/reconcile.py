"""`cnncost reconcile`: what each tool counts, and why the totals differ."""

from __future__ import annotations

from typing import Annotated

import typer

import cnncost
from cnncost.cli import options
from cnncost.tables import formats
from cnncost.views.reconciliation import table

EXAMPLE = "Example: cnncost reconcile resnet50 --number 4.12G"
NEEDS_ARGUMENTS = True
FORMATS = formats.NAMES


def command(
    name: options.Network,
    tools: Annotated[
        str | None, typer.Option("--tools", metavar="A,B", help="Only these tools: fvcore,thop.")
    ] = None,
    number: Annotated[
        str | None,
        typer.Option("--number", metavar="N", help="Only the tools that print this total, such as 4.12G."),
    ] = None,
    quantity: Annotated[
        str,
        typer.Option(
            "--quantity",
            "-Q",
            metavar="QUANTITY",
            help="What the tools print: operations, params, activations or memory.",
        ),
    ] = "operations",
    format: options.Format = None,
    output: options.Output = None,
    input: options.Input = None,
    set: options.Params = None,
    exact: options.Exact = False,
) -> None:
    """Print the total of each tool for a network, as its multiply-adds plus what the tool adds.

    With --quantity, what the tools print for parameters, activations or memory. With --number, the exit code
    is 1 if no tool prints the number.
    """
    chosen = options.choose_format(format, output, FORMATS)
    found = cnncost.reconcile(
        name,
        tools=(tools or "").split(",") if tools else (),
        number=number or "",
        quantity=quantity,
        input=options.parse_input(input),
        params=options.parse_params(set),
    )
    options.show(table(found, exact), chosen, output)
    if number and not found.found:
        raise typer.Exit(1)
