"""`cnncost audit`: every printed figure, held against the computed one."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from cnncost.cli import options

EXAMPLE = "Example: cnncost audit vgg16 --all"
NEEDS_ARGUMENTS = False
FORMATS = ("terminal", "json", "markdown")


def command(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="Only the figures of a network, of a YAML spec (net.yaml), or of all networks of a family; "
            "every figure if left out.",
            autocompletion=options.complete_name,
        ),
    ] = None,
    format: options.Format = None,
    output: options.Output = None,
    all: Annotated[
        bool, typer.Option("--all", "-a", help="A line for each figure, reproduced ones too.")
    ] = False,
) -> None:
    """Hold what lectures and papers print against what is computed.

    The figures are those of the printed tables and the `facts` of the specs. The exit code is 1 if a
    figure differs without a recorded reason, or its recorded cause does not reproduce it.
    """
    chosen = options.choose_format(format, output, FORMATS)
    from cnncost.published import audit, cells_of
    from cnncost.views import audit as view

    result = audit(cells_of(name))
    if not result.figures:
        options.note(f"no figure of {name} is recorded: neither a table nor the spec's `facts` has one")
    if chosen == "json":
        options.write(json.dumps(view.to_dict(result), indent=2, ensure_ascii=False) + "\n", output)
    elif chosen == "markdown":
        options.write(view.markdown(result), output)
    else:
        from cnncost.tables import terminal

        width = terminal.terminal_width(sys.stdout) if output is None else view.WIDEST
        options.write_lines(view.lines(result, all, width), output)
    if result.failed:
        raise typer.Exit(1)
