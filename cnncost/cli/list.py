"""`cnncost list`: what is in the catalogue."""

from __future__ import annotations

import json
from typing import Any

from cnncost.catalogue import entries
from cnncost.cli import options
from cnncost.views import numbers
from cnncost.views.grid import grid

EXAMPLE = "Example: cnncost list --format json"
NEEDS_ARGUMENTS = False
FORMATS = ("terminal", "json", "csv", "markdown")


def command(format: options.Format = None, output: options.Output = None) -> None:
    """List the networks of the catalogue with their parameters and multiply-adds."""
    chosen = options.choose_format(format, output, FORMATS)
    found = entries()
    if chosen == "json":
        options.write(json.dumps(found, indent=2) + "\n", output)
        return
    header = ("name", "family", "year", "params", "MACs", "input")
    exact = chosen == "csv"
    options.write(grid(chosen, header, [line(entry, exact) for entry in found], left=(0, 1)), output)


def line(entry: dict[str, Any], exact: bool) -> list[str]:
    """One network: in full for data, rounded for people."""
    show = str if exact else numbers.human
    shape = numbers.shape(entry["input"])
    return [
        entry["name"],
        entry["family"],
        str(entry["year"]),
        show(entry["params"]),
        show(entry["macs"]),
        shape,
    ]
