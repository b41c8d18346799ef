"""`cnncost import`: a PyTorch module or an ONNX file as a spec."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncost.cli import options
from cnncost.errors import CnncostError

EXAMPLE = "Example: cnncost import torchvision.models:resnet50 -o net.yaml"
NEEDS_ARGUMENTS = True
FORMATS = ("yaml", "json")


def command(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="package.module:Net, path/net.py:Net, a saved program net.pt2, or net.onnx.",
        ),
    ],
    output: options.Output = None,
    input: options.Input = None,
    set: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="An argument for Net; can be repeated."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a network with operators of unknown cost.")
    ] = False,
    format: options.Format = None,
) -> None:
    """Write a PyTorch module or an ONNX file as a spec, and compare the two.

    For a PyTorch module, the Python code that SOURCE names is run; apart from --plugin, nothing else in
    cnncost runs code. The module is made without weights and traced by torch.export. Net is a class, a
    function that makes a module, or a module. Wherever a command takes NAME, it takes such a SOURCE too.

    An ONNX file is only read: no code runs, and weights that lie in other files are not needed.

    Every parameter, output shape and multiply-add is compared with torch's; for an ONNX file, the parameters
    and shapes with the file's. The exit code is 1 if one differs. An operator that cnncost does not know
    keeps its output shape and has an unknown cost.
    """
    chosen = options.choose_format(format, output, FORMATS)
    from cnncost.convert import Source, arguments_of, frozen_inputs, import_source, is_source
    from cnncost.views.conversion import notes, to_dict

    if not is_source(source):
        raise CnncostError(
            f"no SOURCE `{source}`: write package.module:Net, path/net.py:Net, net.pt2 or net.onnx"
        )
    arguments = arguments_of(options.parse_params(set))
    found = import_source(Source(source, arguments, frozen_inputs(options.parse_input(input))))
    if strict and found.unknown:
        raise CnncostError(f"{source} has operators of unknown cost: {', '.join(found.unknown)}")
    if chosen == "json":
        import json

        options.write(json.dumps(to_dict(found), indent=2) + "\n", output)
    else:
        options.write(found.spec.text, output)
    for line in notes(found):
        options.note(line)
    if found.checked.different:
        raise typer.Exit(1)
