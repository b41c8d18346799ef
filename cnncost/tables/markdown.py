"""The table in markdown (GitHub's pipe tables)."""

from __future__ import annotations

from collections.abc import Sequence

from cnncost.views.network_table import Column, Table


def render(table: Table) -> str:
    """The table with a caption above and footnotes below."""
    columns = table.shown
    lines = [f"**{table.caption}**", "", *pipes(columns), "", *table.footnotes]
    return "\n".join(lines) + "\n"


def pipes(columns: Sequence[Column]) -> list[str]:
    """Header, alignment, rows and the total."""
    heads = [column.title for column in columns]
    align = [":--" if column.left else "--:" for column in columns]
    rows = zip(*(column.cells for column in columns), strict=True)
    total = [f"**{column.total}**" if column.total else "" for column in columns]
    return [line(heads), line(align), *map(line, rows), line(total)]


def line(cells: Sequence[str]) -> str:
    """One line of a pipe table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
