"""`cnncost latency`: how long a network should take on a device, without running it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Annotated, Any

import typer

import cnncost
from cnncost.cli import completion, options
from cnncost.dims import Inputs
from cnncost.tables import formats
from cnncost.timing.prediction import Prediction
from cnncost.views.latency import document

EXAMPLE = "Example: cnncost latency resnet50 mobilenet_v2 --batch 1,32"
NEEDS_ARGUMENTS = True
FORMATS = formats.NAMES


def command(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME…",
            help="Catalogue names, YAML specs, or - for standard input.",
            autocompletion=completion.network_names,
        ),
    ],
    device: Annotated[
        str,
        typer.Option(
            help="`this` machine, another that was calibrated (amd-epyc), "
            "or a card by its data sheet (a100-40gb).",
        ),
    ] = "this",
    batch: Annotated[
        str,
        typer.Option("--batch", "-b", metavar="SIZES", help="Samples per run; 1,32 for several."),
    ] = "1",
    dtype: Annotated[
        str,
        typer.Option(metavar="DTYPES", help="Data type: float32, bfloat16 or float16."),
    ] = "float32",
    threads: Annotated[
        int | None, typer.Option(help="Number of CPU threads of this machine. Default: torch's choice.")
    ] = None,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Measure this machine again; takes some minutes.")
    ] = False,
    input: options.Input = None,
    set: options.Params = None,
    depth: Annotated[
        int | None,
        typer.Option(
            "--depth",
            "-d",
            min=0,
            help="Group rows by the first N parts of layer names.",
        ),
    ] = None,
    all: Annotated[bool, typer.Option("--all", "-a", help="One row for every node.")] = False,
    format: options.Format = None,
    output: options.Output = None,
) -> None:
    """Predict how long a network takes, layer by layer, without running it.

    A device is calibrated once: single layers of every kind are timed at many sizes, never the networks
    themselves. This machine is calibrated when it is asked for first; that needs torch and some minutes on
    an idle machine. For a card that was never measured, its data sheet gives the least time.
    """
    chosen = options.choose_format(format, output, FORMATS)
    batches = options.parse_batches(batch)
    shape, params = options.parse_input(input), options.parse_params(set)
    found = predictions(names, batches, dtype, device, threads, calibrate, shape, params)
    options.show(document(found, len(found) == 1, depth, all), chosen, output)


def predictions(
    names: Sequence[str],
    batches: Sequence[int],
    dtype: str,
    device: str,
    threads: int | None,
    calibrate: bool,
    shape: Inputs | None,
    params: Mapping[str, Any] | None,
) -> list[Prediction]:
    """Each network at each batch and in each dtype; a calibration is measured once."""
    found: list[Prediction] = []
    for kind in dtype.split(","):
        for number, (name, size) in enumerate(product(names, batches)):
            found.append(
                cnncost.latency(
                    name,
                    device=device,
                    batch=size,
                    dtype=kind,
                    threads=threads,
                    calibrate=calibrate and not number,
                    input=shape,
                    params=params,
                )
            )
    return found
