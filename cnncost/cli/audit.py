"""`cnncost audit`: every printed figure, compared with the computed one."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncost.cli import completion, options
from cnncost.tables import formats

EXAMPLE = "Example: cnncost audit vgg16 --all"
NEEDS_ARGUMENTS = False
FORMATS = formats.NAMES


def command(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="Only the figures of a network, of a YAML spec (net.yaml), or of all networks of a family. "
            "Default: every figure.",
            autocompletion=completion.network_names,
        ),
    ] = None,
    format: options.Format = None,
    output: options.Output = None,
    all: Annotated[bool, typer.Option("--all", "-a", help="Show every figure, reproduced ones too.")] = False,
) -> None:
    """Compare what lectures and papers print with what is computed.

    The figures are those of the printed tables and the `facts` of the specs. On a terminal, only figures that
    do not match are listed; the other formats list all. The exit code is 1 if a figure differs without a
    recorded reason, or its recorded cause does not reproduce it.
    """
    chosen = options.choose_format(format, output, FORMATS)
    from cnncost.published import audit, cells_of
    from cnncost.views.audit import audit_document

    result = audit(cells_of(name))
    if not result.figures:
        options.note(f"no figure of {name} is recorded: neither a table nor the spec's `facts` has one")
    on_terminal = chosen == "terminal"
    options.show(audit_document(result, all or not on_terminal, tables=not on_terminal), chosen, output)
    if result.failed:
        raise typer.Exit(1)
