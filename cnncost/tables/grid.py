"""Small tables of text that are no network's: the catalogue, the layers, an audit."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence


def grid(form: str, header: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> str:
    """Rows as aligned text (`terminal`), `csv` or `markdown`; columns in `left` are left-aligned."""
    if form == "csv":
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows([header, *rows])
        return buffer.getvalue()
    if form == "markdown":
        align = [":--" if i in left else "--:" for i in range(len(header))]
        return "".join("| " + " | ".join(row) + " |\n" for row in (header, align, *rows))
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        cells = (
            c.ljust(w) if i in left else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))
        )
        return "  ".join(cells).rstrip() + "\n"

    rule = "─" * (sum(widths) + 2 * (len(widths) - 1)) + "\n"
    return line(header) + rule + "".join(map(line, rows))
