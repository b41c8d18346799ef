"""`cnncost diagnose`: the small differences that explain a printed number."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncost.cli import options
from cnncost.errors import CnncostError
from cnncost.tables import formats

EXAMPLE = "Example: cnncost diagnose vgg16 --macs 13.6G"
NEEDS_ARGUMENTS = True
FORMATS = formats.NAMES


def number(quantity: str, help: str) -> typer.models.OptionInfo:
    """The option of a quantity."""
    metavar = "SHAPE" if quantity == "shape" else "NUMBER"
    info: typer.models.OptionInfo = typer.Option(
        f"--{quantity.replace('_', '-')}", metavar=metavar, help=help
    )
    return info


def command(
    name: options.Network,
    givens: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[LAYER.QUANTITY=NUMBER]...",
            help="Numbers of single layers or stages: conv1.params=34848.",
        ),
    ] = None,
    params: Annotated[str | None, number("params", "The parameters as printed, such as 61.1M.")] = None,
    macs: Annotated[str | None, number("macs", "The multiply-adds, such as 13.6G.")] = None,
    flops: Annotated[str | None, number("flops", "The FLOPs as the convention counts them.")] = None,
    memory: Annotated[str | None, number("memory", "The memory, such as 42.9MB.")] = None,
    shape: Annotated[str | None, number("shape", "The output shape, such as 96x55x55.")] = None,
    receptive_field: Annotated[str | None, number("receptive_field", "The receptive field.")] = None,
    at: Annotated[
        str,
        typer.Option(
            "--at",
            metavar="LAYER",
            help="The part that the numbers cover: a layer, a stage, or a range such as ..pool3.",
        ),
    ] = "",
    stem: Annotated[
        bool, typer.Option("--stem", help="The numbers cover only the layers before the first branch.")
    ] = False,
    most: Annotated[
        int, typer.Option("--most", min=1, max=2, help="Maximum number of deviations in one cause.")
    ] = 2,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=50, help="Maximum number of causes to show.")
    ] = 5,
    format: options.Format = None,
    output: options.Output = None,
    convention: options.Convention = "lecture",
    batch: options.Batch = 1,
    dtype: options.DType = "float32",
    input: options.Input = None,
    set: options.Params = None,
    train: options.Train = False,
) -> None:
    """Find the small differences that explain a printed number.

    A deviation is one small difference: a layer left out, a forgotten bias, another convention. Single
    deviations are tried first, then pairs; each cause that is shown recomputes to exactly the printed digits.
    One cause can explain several numbers. The exit code is 1 if a number stays unexplained.
    """
    chosen = options.choose_format(format, output, FORMATS)
    if stem and at:
        raise CnncostError("--stem already says which part the numbers cover: leave out --at")
    from cnncost.deviation import diagnose, read_givens, stem_of
    from cnncost.views.diagnosis import diagnosis_document

    profile = options.profiled(name, input, set, convention=convention, batch=batch, dtype=dtype, train=train)
    totals = {"params": params, "macs": macs, "flops": flops, "memory": memory, "shape": shape,
              "receptive_field": receptive_field}  # fmt: skip
    where = stem_of(profile) if stem else at
    asked = list(read_givens(totals, where, givens or [], profile.convention.kilo))
    if not asked:
        raise CnncostError("give a number to explain, such as --macs 13.6G or conv1.params=34848")
    diagnosis = diagnose(profile, asked, most, limit)
    options.show(diagnosis_document(diagnosis), chosen, output)
    if diagnosis.unexplained:
        raise typer.Exit(1)
