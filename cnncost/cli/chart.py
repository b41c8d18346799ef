"""`cnncost chart`: figures for a lecture or a paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cnncost import profile
from cnncost.charts import ENDINGS, KINDS, Request, check_options, figure, look, picture_ending, rendered
from cnncost.cli import completion, options
from cnncost.count.profile import NetworkCost

EXAMPLE = "Example: cnncost chart layers alexnet -o alexnet.png"
NEEDS_ARGUMENTS = True
FORMATS = ENDINGS


def complete_kind(incomplete: str) -> list[tuple[str, str]]:
    """The kinds of charts for the shell."""
    return [(name, kind.shows) for name, kind in KINDS.items() if name.startswith(incomplete)]


Kind = Annotated[
    str,
    typer.Argument(
        metavar="KIND",
        help="; ".join(f"{name}: {kind.shows}" for name, kind in KINDS.items()) + ".",
        autocompletion=complete_kind,
        show_default=False,
    ),
]


def command(
    ctx: typer.Context,
    kind: Kind,
    names: options.Networks = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file: .png, .svg, .pdf or .pgf (LaTeX). Default: KIND.png."),
    ] = None,
    width: Annotated[
        str | None,
        typer.Option("--width", help="column, page, slide, or a length such as 3.3in or 84mm; text fits it."),
    ] = None,
    font_size: Annotated[
        float | None, typer.Option("--font-size", metavar="PT", help="Size of text in points; 7.2 or more.")
    ] = None,
    title: Annotated[
        bool,
        typer.Option("--title/--no-title", help="Title and note in the picture, or not."),
    ] = True,
    theme: Annotated[str, typer.Option("--theme", help="light or dark.")] = "light",
    style: Annotated[
        Path | None, typer.Option("--style", metavar="FILE", help="A style file of matplotlib (.mplstyle).")
    ] = None,
    quantity: Annotated[
        str | None,
        typer.Option("--quantity", "-Q", help="What to draw or sort by: params, macs, …"),
    ] = None,
    over: Annotated[
        str | None,
        typer.Option(
            "--over",
            metavar="PARAM=VALUES",
            help="scaling: what varies, such as input=128,160.",
            autocompletion=completion.settings,
        ),
    ] = None,
    layer: Annotated[
        str | None,
        typer.Option(
            "--layer",
            "-l",
            help="diagram, receptive: the layer or stage to show; receptive takes several: a,b.",
            autocompletion=completion.layer_names,
        ),
    ] = None,
    depth: Annotated[
        int | None,
        typer.Option(
            "--depth", "-d", min=0, help="Group rows by the first N parts of layer names; 0: one per layer."
        ),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            "--device",
            help="roofline: a measured device (part of its name), a report, or FLOP/s,bytes/s; several: a;b.",
        ),
    ] = None,
    top: Annotated[int | None, typer.Option("--top", min=1, help="bars: only the first N.")] = None,
    family: Annotated[
        str | None,
        typer.Option("--family", help="bars: a whole family.", autocompletion=completion.families),
    ] = None,
    sources: Annotated[
        bool | None, typer.Option("--sources/--no-sources", help="bubble, pareto: list the sources below.")
    ] = None,
    convention: options.Convention = "lecture",
    batch: options.Batch = 1,
    dtype: options.DType = "float32",
    input: options.Input = None,
    set: options.Params = None,
    train: options.Train = False,
    dpi: Annotated[int, typer.Option("--dpi", min=50, max=1200, help="Pixels per inch of a PNG.")] = 200,
) -> None:
    """Draw a chart of networks into a file."""
    check_options(kind, given_options(ctx))
    target = output or Path(f"{kind}.png")
    ending = picture_ending(target)

    given: dict[str, Any] = {
        "input": options.parse_input(input),
        "params": options.parse_params(set),
        "convention": convention,
        "batch": batch,
        "dtype": dtype,
        "train": train,
    }

    def profiled(name: str) -> NetworkCost:
        return profile(name, **given)

    chosen, inches = look(theme, width, font_size, style)
    request = Request(
        *(tuple(names or ()), profiled, chosen, quantity, over, layer, depth, device, top, family, sources),
        *(inches, title, given),
    )
    made = figure(kind, request)
    options.write_bytes(rendered(made, ending, request.theme, dpi), target)
    for message in request.notes:
        options.note(message)
    if output is None:
        options.note(f"written to {target}")


EVERY_KIND = ("kind", "names", "output", "theme", "dpi", "width", "font_size", "title", "style")


def given_options(ctx: typer.Context) -> list[str]:
    """The options on the command line that not every kind reads."""
    written = [
        name
        for name in ctx.params
        if (source := ctx.get_parameter_source(name)) and source.name == "COMMANDLINE"
    ]
    return [name for name in written if name not in EVERY_KIND]
