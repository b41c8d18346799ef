"""`cnncost memory`: what a network needs to run or to train, and what fits."""

from __future__ import annotations

from typing import Annotated

import typer

import cnncost
from cnncost.cli import completion, options
from cnncost.tables import formats
from cnncost.views.memory import document

EXAMPLE = "Example: cnncost memory resnet50 --batch 32 --train --optimizer adamw --device rtx3090"
NEEDS_ARGUMENTS = True
FORMATS = formats.NAMES


def command(
    name: options.Network,
    batch: options.Batch = 1,
    dtype: options.DType = "float32",
    train: Annotated[bool, typer.Option("--train", help="A training step instead of inference.")] = False,
    optimizer: Annotated[
        str, typer.Option(metavar="NAME", help="What trains it: sgd, momentum, adam, adamw, …")
    ] = "sgd",
    master: Annotated[
        bool, typer.Option("--master/--no-master", help="16-bit training keeps float32 weights and state.")
    ] = True,
    checkpoint: Annotated[
        str | None,
        typer.Option(
            metavar="stage", help="Keep only what passes from stage to stage; compute the rest again."
        ),
    ] = None,
    inplace: Annotated[
        bool, typer.Option("--inplace", help="Activations overwrite their inputs, as in torchvision.")
    ] = False,
    freeze: options.Freeze = None,
    train_only: options.TrainOnly = None,
    fits: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Find the largest batch for this memory, such as 24GB.")
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Find the largest batch for the memory of a device, such as rtx3090 or a100-40gb.",
            autocompletion=completion.cards,
        ),
    ] = None,
    over: Annotated[
        str | None,
        typer.Option(
            metavar="PARAM=VALUES",
            help="At several sizes: input=160,192,224.",
            autocompletion=completion.settings,
        ),
    ] = None,
    steps: Annotated[bool, typer.Option("--steps", help="One row per step of the run.")] = False,
    format: options.Format = None,
    output: options.Output = None,
    input: options.Input = None,
    set: options.Params = None,
    exact: options.Exact = False,
) -> None:
    """Print the memory that a network needs at its peak, and where that is.

    In inference, maps live until their last use. In training, what autograd keeps lives until the backward
    pass of its layer, as in PyTorch. `cnncost chart memory` draws it step by step. With --fits or --device,
    the exit code is 1 if the batch does not fit.
    """
    chosen = options.choose_format(format, output, FORMATS)
    found = cnncost.memory(
        name,
        batch=batch,
        dtype=dtype,
        train=train,
        optimizer=optimizer,
        master=master,
        checkpoint=checkpoint,
        inplace=inplace,
        freeze=freeze or (),
        train_only=train_only or (),
        fits=fits,
        device=device,
        over=over,
        input=options.parse_input(input),
        params=options.parse_params(set),
    )
    options.show(document(found, exact, steps), chosen, output)
    if not found.fits:
        raise typer.Exit(1)
