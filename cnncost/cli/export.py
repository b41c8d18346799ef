"""`cnncost export`: a network for other programs."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncost.cli import options

EXAMPLE = "Example: cnncost export resnet50 --to torch -o resnet50.py"
NEEDS_ARGUMENTS = True
FORMATS = ("torch", "onnx", "dot", "json")
ENDINGS = {".py": "torch", ".onnx": "onnx", ".dot": "dot", ".gv": "dot", ".json": "json"}


def command(
    name: options.Network,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="FORMAT",
            help="One of those below. Default: by the ending of -o, or else torch.",
            autocompletion=options.completion.formats,
        ),
    ] = None,
    output: options.Output = None,
    input: options.Input = None,
    set: options.Params = None,
    depth: Annotated[
        int,
        typer.Option(
            "--depth", "-d", min=0, help="In dot, one box per first N parts of layer names; 0 = per layer."
        ),
    ] = 0,
) -> None:
    """Write a network as PyTorch source, as an ONNX file, as Graphviz text or as JSON.

    The source has a class for each block of the spec and runs with torch alone. Its state_dict has the
    names of the layers. The ONNX file has random weights; it needs torch, onnx and onnxscript. The JSON is
    that of `table`, with all that is needed to build the network.
    """
    chosen = options.choose_format(to, output, FORMATS, ENDINGS, option="--to")
    from cnncost.api.exports import export

    made = export(
        name, chosen, input=options.parse_input(input), params=options.parse_params(set), depth=depth
    )
    options.write_rendered(made, chosen, output)
