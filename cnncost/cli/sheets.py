"""Where a sheet goes: a terminal, to its width, or a file."""

from __future__ import annotations

import sys
from collections.abc import Callable

from cnncost.cli import options
from cnncost.tables import sheet as view
from cnncost.tables import terminal
from cnncost.tables.sheet import Sheet

NARROW = 80
"""The width for which a sheet is laid out where nothing says how wide it can be."""


def show(make: Callable[[int], Sheet], chosen: str, output: options.Output) -> None:
    """Write the sheet that `make` lays out for a width, as `terminal`, `markdown` or `latex`.

    Only on a terminal or in a pipe is anything left out for want of room.
    """
    if chosen != "terminal":
        made = make(NARROW)
        options.write(view.to_markdown(made) if chosen == "markdown" else view.to_latex(made), output)
    elif output is not None:
        options.write(terminal.plain(view.lines(make(NARROW), 10_000)), output)
    else:
        width = terminal.terminal_width(sys.stdout)
        made, left_out = view.fitted(make(width), width)
        options.write_lines(view.lines(made, width), output)
        if left_out:
            options.note(f"left out to fit {width} columns: {', '.join(left_out)}")
