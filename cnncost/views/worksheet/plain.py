"""A worksheet as CSV or markdown: nothing but the table in the one, a page to fill in in the other."""

from __future__ import annotations

import csv
import io

from cnncost.homework.make.sheet import Sheet
from cnncost.tables import markdown as pipes
from cnncost.tables.table import Column
from cnncost.views.worksheet.columns import asked_rows, columns, header, notes, title


def to_csv(sheet: Sheet, answers: bool = False, exact: bool = False) -> str:
    """The table alone, so that any program can fill it in and `cnncost check` can read it."""
    shown = columns(sheet, answers, exact)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([header(column) for column in shown])
    writer.writerows(zip(*(column.texts for column in shown), strict=True))
    return buffer.getvalue()


def to_markdown(sheet: Sheet, answers: bool = False, exact: bool = False) -> str:
    """A heading, the table and its notes; a key has the cells that were asked in bold."""
    shown = columns(sheet, answers, exact)
    cells = [marked(column, sheet, answers) for column in shown]
    align = [":--" if column.left else "--:" for column in shown]
    rows = [pipes.line(list(row)) for row in zip(*cells, strict=True)]
    said, *rest = notes(sheet, answers)
    lines = [f"# {title(sheet, answers)}", "", f"{said} {rest[0]}", ""]
    lines += [pipes.line([header(column) for column in shown]), pipes.line(align), *rows]
    lines += ["", *rest[1:]] if rest[1:] else []
    return "\n".join(lines) + "\n"


def marked(column: Column, sheet: Sheet, answers: bool) -> list[str]:
    """A column's cells; in a key the ones that were asked are bold."""
    asked = asked_rows(column, sheet) if answers else set()
    return [f"**{cell}**" if i in asked else cell for i, cell in enumerate(column.texts)]
