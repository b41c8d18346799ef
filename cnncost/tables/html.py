"""The table in HTML: how a NetworkCost shows itself in a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from cnncost.count.profile import NetworkCost
from cnncost.views.network_table import LONG, Column, Table, table_of

BAR = "linear-gradient(to right, rgba(86,180,233,.45) {0:.1f}%, transparent {0:.1f}%)"


def table(profile: NetworkCost) -> str:
    """A profile as an HTML table with shaded bars; a deep network by its stages."""
    full = table_of(profile)
    return render(full if len(full.rows) <= LONG else table_of(profile, depth=1))


def render(table: Table) -> str:
    """A table element with caption and notes; styles inline, as notebooks need them."""
    columns = table.shown
    rows = [row(columns, i) for i in range(len(table.rows))]
    total = "".join(f"<th style='text-align:right'>{escape(c.total)}</th>" for c in columns)
    return "\n".join(
        [
            "<table>",
            f"<caption style='text-align:left'>{escape(table.caption)}</caption>",
            f"<thead><tr>{''.join(f'<th>{escape(c.title)}</th>' for c in columns)}</tr></thead>",
            "<tbody>",
            *rows,
            "</tbody>",
            f"<tfoot><tr>{total}</tr></tfoot>",
            "</table>",
            notes(table.footnotes),
        ]
    )


def row(columns: Iterable[Column], i: int) -> str:
    """One row; a cost cell is shaded by its share of the total."""
    cells = []
    for column in columns:
        style = f"text-align:{'left' if column.left else 'right'}"
        if column.shares:
            style += f";background:{BAR.format(float(column.shares[i] * 100))}"
        cells.append(f"<td style='{style}'>{escape(column.cells[i])}</td>")
    return f"<tr>{''.join(cells)}</tr>"


def notes(lines: Iterable[str]) -> str:
    """The footnotes below the table."""
    return f"<p style='font-size:smaller'>{'<br>'.join(map(escape, lines))}</p>"
