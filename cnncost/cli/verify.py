"""`cnncost verify`: builds a network in PyTorch and compares every layer."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncost import measure
from cnncost.cli import completion, options
from cnncost.errors import CnncostError
from cnncost.measure.verification.results import QUANTITIES, quantities_of
from cnncost.network.catalogue import chosen_specs, networks_of
from cnncost.tables import formats

EXAMPLE = "Example: cnncost verify resnet50 --only macs,fvcore"
NEEDS_ARGUMENTS = True
FORMATS = formats.NAMES


def complete_quantity(incomplete: str) -> list[str]:
    """Quantities for the shell, after those that were already typed."""
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
            autocompletion=completion.families,
        ),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(
            metavar="QUANTITIES",
            help=f"Compare only these, separated by commas: {', '.join(QUANTITIES)}.",
            autocompletion=complete_quantity,
        ),
    ] = None,
    fields: Annotated[
        int, typer.Option(min=0, help="Number of layers whose receptive field is compared; 0 = all.")
    ] = 12,
    format: options.Format = None,
    output: options.Output = None,
    dtype: Annotated[
        str, typer.Option("--dtype", help="Data type of weights and input: float32, bfloat16, …")
    ] = "float32",
    input: options.Input = None,
    set: options.Params = None,
) -> None:
    """Build networks in PyTorch and compare every layer with what cnncost says.

    Layers are matched by name. Compared are output shapes, parameters, multiply-adds, memory and
    receptive fields. The table counts the values that are the same, that differ, that PyTorch or fvcore
    does not count, and that were not checked. The exit code is 1 if anything differs.
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
    from cnncost.views.verification import document

    options.show(document(results), chosen, output)
    if any(result.mismatches for result in results):
        raise typer.Exit(1)


def chosen_networks(names: list[str], every: bool, families: list[str]) -> list[str]:
    """The networks to verify.

    Raises:
        CnncostError: none were chosen, or in more than one way.
    """
    if bool(names) + every + bool(families) != 1:
        raise CnncostError("verify takes names, or --family NAME, or --all for the whole catalogue")
    return names or [name for spec in chosen_specs(families) for name in networks_of(spec)]
