"""`cnncost training`: the work, time and price of training a network."""

from __future__ import annotations

from typing import Annotated

import typer

import cnncost
from cnncost.cli import completion, options
from cnncost.errors import CnncostError
from cnncost.tables import formats
from cnncost.views.training import document

EXAMPLE = "Example: cnncost training alexnet --images 1.2M --device 'gtx580 x 2' --took '5.5 days'"
NEEDS_ARGUMENTS = True
FORMATS = formats.NAMES


def command(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="A network, as in `cnncost table`.",
            autocompletion=completion.network_names,
        ),
    ] = None,
    images: Annotated[
        str, typer.Option(metavar="N", help="Training images: 1.28M, 50k, or imagenet, cifar10, …")
    ] = "imagenet",
    epochs: Annotated[str, typer.Option(metavar="N", help="How often each image is seen.")] = "90",
    batch: Annotated[
        int, typer.Option("--batch", "-b", metavar="N", help="Images of a step, on all devices together.")
    ] = 256,
    device: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Devices, such as 'gtx580 x 2'.", autocompletion=completion.cards),
    ] = None,
    utilisation: Annotated[
        str | None, typer.Option(metavar="SHARE", help="The share of the peak that is reached: 0.3 or 30%.")
    ] = None,
    took: Annotated[
        str | None, typer.Option(metavar="TIME", help="How long it took: prints the utilisation. '5.5 days'.")
    ] = None,
    price: Annotated[str | None, typer.Option(metavar="AMOUNT", help="Of one device-hour.")] = None,
    dtype: options.DType = "float32",
    optimizer: Annotated[str, typer.Option(metavar="NAME", help="sgd, momentum, adam, …")] = "momentum",
    freeze: options.Freeze = None,
    train_only: options.TrainOnly = None,
    cache_features: Annotated[
        bool, typer.Option("--cache-features", help="Run frozen layers once for each image.")
    ] = False,
    published: Annotated[
        bool, typer.Option("--published", help="Published runs, and the utilisation that they imply.")
    ] = False,
    format: options.Format = None,
    output: options.Output = None,
    input: options.Input = None,
    set: options.Params = None,
    exact: options.Exact = False,
) -> None:
    """Print what it takes to train a network: work, time, energy and price, memory and communication.

    The backward pass is counted from the layers' own formulas. With --freeze or --train-only, the run is
    shown beside one that trains all layers.
    """
    chosen = options.choose_format(format, output, FORMATS)
    if published:
        options.show(cnncost.training_runs().content(), chosen, output)
        return
    if name is None:
        raise CnncostError("name a network, or give --published for the runs on record")
    found = cnncost.training(
        name,
        images=images,
        epochs=epochs,
        batch=batch,
        device=device,
        utilisation=utilisation,
        took=took,
        price=price,
        dtype=dtype,
        optimizer=optimizer,
        freeze=freeze or (),
        train_only=train_only or (),
        cache_features=cache_features,
        input=options.parse_input(input),
        params=options.parse_params(set),
    )
    options.show(document(found.plans, exact), chosen, output)
