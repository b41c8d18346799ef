"""`cnncost audit`: every printed figure, held against the computed one."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from cnncost.cli import options

EXAMPLE = "Example: cnncost audit --format json"
NEEDS_ARGUMENTS = False
FORMATS = ("terminal", "json", "markdown")


def command(
    format: options.Format = None,
    output: options.Output = None,
    all: Annotated[
        bool, typer.Option("--all", "-a", help="A line for each figure, reproduced ones too.")
    ] = False,
) -> None:
    """Hold what lectures and papers print against what is computed.

    The exit code is 1 if a figure differs without a recorded reason, or its recorded cause does not
    reproduce it.
    """
    chosen = options.choose_format(format, output, FORMATS)
    from cnncost.published import audit
    from cnncost.views import audit as view

    result = audit()
    if chosen == "json":
        text = json.dumps(view.to_dict(result), indent=2, ensure_ascii=False) + "\n"
    else:
        text = view.markdown(result) if chosen == "markdown" else view.render(result, all)
    options.write(text, output)
    if result.failed:
        raise typer.Exit(1)
