"""`cnncost diagnose`: what would have to differ for a printed number to come out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from cnncost.cli import options
from cnncost.count.profile import NetworkCost
from cnncost.deviation import Given
from cnncost.errors import CnncostError

EXAMPLE = "Example: cnncost diagnose vgg16 --macs 13.6G"
NEEDS_ARGUMENTS = True
FORMATS = ("terminal", "json", "markdown")


def number(quantity: str) -> typer.models.OptionInfo:
    """The option of a quantity."""
    metavar = "SHAPE" if quantity == "shape" else "NUMBER"
    info: typer.models.OptionInfo = typer.Option(
        f"--{quantity.replace('_', '-')}", metavar=metavar, help=HELP[quantity]
    )
    return info


HELP = {
    "params": "The parameters as printed, such as 61.1M.",
    "macs": "The multiply-adds, such as 13.6G.",
    "flops": "What the convention calls FLOPs.",
    "memory": "The memory, such as 42.9MB.",
    "shape": "The output's shape, such as 96x55x55.",
    "receptive_field": "The receptive field.",
}


def command(
    name: options.Network,
    givens: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[LAYER.QUANTITY=NUMBER]...",
            help="Numbers of single layers or stages: conv1.params=34848.",
        ),
    ] = None,
    params: Annotated[str | None, number("params")] = None,
    macs: Annotated[str | None, number("macs")] = None,
    flops: Annotated[str | None, number("flops")] = None,
    memory: Annotated[str | None, number("memory")] = None,
    shape: Annotated[str | None, number("shape")] = None,
    receptive_field: Annotated[str | None, number("receptive_field")] = None,
    at: Annotated[
        str,
        typer.Option(
            "--at", metavar="LAYER", help="What the numbers are of: a layer, a stage, or a range (..pool3)."
        ),
    ] = "",
    stem: Annotated[
        bool, typer.Option("--stem", help="They are of the layers before the network first branches.")
    ] = False,
    most: Annotated[int, typer.Option("--most", min=1, max=2, help="How many deviations at once.")] = 2,
    limit: Annotated[int, typer.Option("--limit", min=1, max=50, help="How many explanations at most.")] = 5,
    format: options.Format = None,
    output: options.Output = None,
    convention: options.Convention = "lecture",
    batch: options.Batch = 1,
    dtype: options.DType = "float32",
    input: options.Input = None,
    set: options.Params = None,
    train: options.Train = False,
) -> None:
    """Find what would have to differ for a printed number to come out.

    Single deviations are tried first, then pairs; each that is told recomputes to exactly the printed digits.
    Several numbers are explained together where one cause covers them. The exit code is 1 if nothing explains
    a number.
    """
    chosen = options.choose_format(format, output, FORMATS)
    from cnncost.deviation import explain, recompute
    from cnncost.views import diagnosis

    profile = options.profiled(name, input, set, convention=convention, batch=batch, dtype=dtype, train=train)
    totals = {
        "params": params,
        "macs": macs,
        "flops": flops,
        "memory": memory,
        "shape": shape,
        "receptive_field": receptive_field,
    }
    asked = list(read(profile, totals, stem_of(profile) if stem else at, givens or []))
    if stem and at:
        raise CnncostError("--stem is a place of its own: leave out --at")
    if not asked:
        raise CnncostError("give a number to explain, such as --macs 13.6G or conv1.params=34848")
    computed, found = recompute(profile, asked), explain(profile, asked, most, limit)
    if chosen == "json":
        data = diagnosis.to_dict(profile, computed, found)
        options.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n", output)
    elif chosen == "markdown":
        options.write(diagnosis.markdown(profile, computed, found, most), output)
    else:
        from cnncost.tables import terminal

        width = min(terminal.terminal_width(sys.stdout), 100) if output is None else 100
        options.write_lines(diagnosis.lines(profile, computed, found, most, width), output)
    if diagnosis.unexplained(computed, found):
        raise typer.Exit(1)


def read(profile: NetworkCost, totals: dict[str, str | None], at: str, givens: list[str]) -> Iterator[Given]:
    """The numbers given: those of options, at one place, and those that say their own."""
    from cnncost.deviation.reading import read_given

    kilo = profile.convention.kilo
    for quantity, text in totals.items():
        if text is not None:
            yield read_given(quantity, text, at, kilo)
    for each in givens:
        place, equals, text = each.partition("=")
        layer, _, quantity = place.rpartition(".")
        if not equals or not quantity:
            raise CnncostError(f"`{each}`: write LAYER.QUANTITY=NUMBER, such as conv1.params=34848")
        yield read_given(quantity, text, layer, kilo)


def stem_of(profile: NetworkCost) -> str:
    """The range of the layers before the first output that several layers read.

    Raises:
        CnncostError: the network does not branch.
    """
    from cnncost.deviation.network import Network

    net = Network(profile)
    for i, node in enumerate(net.nodes):
        if len(net.consumers[node.name]) > 1:
            return f"..{net.row_of.get(i, node.name)}"
    raise CnncostError(f"{profile.name} does not branch, so it has no stem: --at ..LAYER says where it ends")
