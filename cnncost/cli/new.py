"""`cnncost new`: a spec to start from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from cnncost.cli import completion, options
from cnncost.errors import CnncostError

EXAMPLE = "Example: cnncost new my_net --from resnet50"
NEEDS_ARGUMENTS = True
FORMATS = ("yaml",)


def command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of the new network.")],
    origin: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="NAME",
            help="The network to start from: a catalogue name or a YAML spec; a small example if left out.",
            autocompletion=completion.network_names,
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file, not to NAME.yaml.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if there is one.")] = False,
) -> None:
    """Write a spec to start from: a network of the catalogue under a new name, or a small example."""
    from cnncost.network.catalogue import read
    from cnncost.network.derive import derive, example

    stem = name.removesuffix(".yaml").removesuffix(".yml")
    text = example(stem) if origin is None else derive(*read(origin), stem)
    if output == Path("-"):
        options.write(text, None)
        return
    target = output or Path(name if name != stem else f"{name}.yaml")
    if os.path.isdir(target):
        raise CnncostError(f"{target} is a folder: give the file a name, -o {target / stem}.yaml")
    if os.path.exists(target) and not force:
        raise CnncostError(f"{target} exists already: --force replaces it, -o names another file")
    options.write(text, target)
    options.note(f"{target} is written; `cnncost table {options.as_name(target)}` shows what it costs")
