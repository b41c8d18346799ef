"""`cnncost verify`: builds it in PyTorch and compares every layer."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cnncost import measure
from cnncost.cli import options
from cnncost.cli.list import complete_family
from cnncost.errors import CnncostError
from cnncost.measure.verification.results import QUANTITIES, Verification, quantities_of
from cnncost.network.catalogue import chosen_specs, networks_of

EXAMPLE = "Example: cnncost verify resnet50 --only macs,fvcore"
NEEDS_ARGUMENTS = True
FORMATS = ("terminal", "json", "csv", "markdown")


def complete_quantity(incomplete: str) -> list[str]:
    """Quantities for the shell, behind those that are there already."""
    before, comma, last = incomplete.rpartition(",")
    return [before + comma + name for name in QUANTITIES if name.startswith(last)]


def command(
    names: options.Networks = None,
    all: Annotated[bool, typer.Option("--all", "-a", help="Every network of the catalogue.")] = False,
    family: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Every network of this family; can be repeated.",
            autocompletion=complete_family,
        ),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(
            metavar="QUANTITIES",
            help=f"Only these, with commas between: {', '.join(QUANTITIES)}.",
            autocompletion=complete_quantity,
        ),
    ] = None,
    fields: Annotated[
        int, typer.Option(min=0, help="Look at so many layers' receptive fields; 0 for all.")
    ] = 12,
    format: options.Format = None,
    output: options.Output = None,
    dtype: Annotated[
        str, typer.Option("--dtype", help="The type of weights and input: float32, bfloat16, …")
    ] = "float32",
    input: options.Input = None,
    set: options.Params = None,
) -> None:
    """Build networks in PyTorch and compare every layer with what cnncost says.

    Output shapes, parameters, multiply-adds, memory and receptive fields are compared by the names of
    the layers, and counted: what is the same, what differs, what the other side does not count, and what
    was not checked. The exit code is 1 if anything differs.
    """
    chosen = options.choose_format(format, output, FORMATS)
    wanted = quantities_of([name.strip() for name in only.split(",")] if only else QUANTITIES)
    networks = chosen_networks(names or [], all, family or [])
    results = []
    for i, name in enumerate(networks):
        options.progress(i, len(networks), name)
        profile = options.profiled(name, input, set, convention="macs", dtype=dtype)
        results.append(measure.verify(profile, wanted, dtype, fields or None))
    options.progress(len(networks), len(networks))
    show(results, chosen, output)
    if any(result.mismatches for result in results):
        raise typer.Exit(1)


def chosen_networks(names: list[str], every: bool, families: list[str]) -> list[str]:
    """The networks to verify.

    Raises:
        CnncostError: none, or both names and the catalogue.
    """
    if bool(names) + every + bool(families) != 1:
        raise CnncostError("verify takes names, or --family NAME, or --all for the whole catalogue")
    return names or [name for spec in chosen_specs(families) for name in networks_of(spec)]


def show(results: list[Verification], chosen: str, output: options.Output) -> None:
    """Write what was found in one of the formats."""
    from cnncost.tables import terminal
    from cnncost.views import verification as view

    if chosen == "terminal":
        width = terminal.terminal_width(sys.stdout) if output is None else 10_000
        options.write_lines(view.lines(results, width), output)
    else:
        options.write(
            {"json": view.to_json, "csv": view.to_csv, "markdown": view.markdown}[chosen](results), output
        )
