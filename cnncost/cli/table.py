"""`cnncost table`: the table, as in the lecture."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cnncost.cli import options
from cnncost.count.profile import NetworkCost
from cnncost.views.network_table import LONG, Table, table_of

EXAMPLE = "Example: cnncost table vgg16 --format csv -o vgg16.csv"
NEEDS_ARGUMENTS = True
FORMATS = ("terminal", "csv", "json", "markdown", "latex")


def command(
    name: options.Network,
    format: options.Format = None,
    output: options.Output = None,
    convention: options.Convention = "lecture",
    batch: options.Batch = 1,
    dtype: options.DType = "float32",
    input: options.Input = None,
    set: options.Params = None,
    depth: Annotated[
        int | None,
        typer.Option(
            "--depth", "-d", min=0, help="Fold by the first so many parts of the names; 0 for a row a layer."
        ),
    ] = None,
    all: Annotated[
        bool, typer.Option("--all", "-a", help="A row for every node, in-place layers too.")
    ] = False,
    exact: Annotated[bool, typer.Option("--exact", "-e", help="Costs in full, not in k, M or KB.")] = False,
    train: options.Train = False,
) -> None:
    """Print a network's table: shapes, receptive fields, memory, params and FLOPs of each layer."""
    chosen = options.choose_format(format, output, FORMATS)
    result = options.profiled(name, input, set, convention=convention, batch=batch, dtype=dtype, train=train)
    show(result, chosen, output, depth, all, exact)


def show(
    result: NetworkCost,
    chosen: str,
    output: options.Output,
    depth: int | None = 0,
    every: bool = False,
    exact: bool = False,
) -> None:
    """Write a profile in one of the formats."""
    if chosen in ("json", "csv"):
        from cnncost.views import data

        text = data.to_json(result) if chosen == "json" else data.to_csv(result, depth or None, every)
        options.write(text, output)
        return
    table = table_of(result, depth or None, every, exact)
    if depth is None and not every and len(table.rows) > LONG:
        layers = len(table.rows)
        table = table_of(result, 1, exact=exact)
        options.note(f"{layers} layers, folded by stage: --depth 2 opens them, --depth 0 shows a row a layer")
    if chosen == "terminal":
        show_on_terminal(table, output)
    else:
        from cnncost.tables import latex, markdown

        options.write((latex if chosen == "latex" else markdown).render(table), output)


def show_on_terminal(table: Table, output: options.Output) -> None:
    """Write a table to the terminal's width, or in full to a file."""
    from cnncost.tables import terminal

    bars = output is None and sys.stdout.isatty()
    width = terminal.terminal_width(sys.stdout) if output is None else 10_000
    lines = [*terminal.lines(table, width, bars), *terminal.notes(table, width)]
    if output is None and sys.stdout.isatty():
        terminal.show(lines)
    else:
        options.write(terminal.plain(lines), output)
    if missing := terminal.left_out(table, width):
        options.note(f"left out to fit {width} columns: {', '.join(missing)}")
