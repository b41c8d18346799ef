"""A worksheet as a page of HTML, laid out to be printed: on A4 or letter, no row cut at a page's end."""

from __future__ import annotations

from html import escape
from itertools import groupby

from cnncost.homework.make.sheet import Sheet
from cnncost.tables.table import Column, header_lines
from cnncost.views.worksheet.columns import ASKED, asked_rows, columns, notes, title

STYLE = """
@page { size: landscape; margin: 14mm; }
body { font: 10pt/1.35 "Helvetica Neue", Helvetica, Arial, sans-serif; color: #111; margin: 1em auto;
  max-width: 270mm; padding: 0 1em; }
h1 { font-size: 15pt; margin: 0; }
header { display: flex; justify-content: space-between; align-items: baseline; gap: 2em; }
.name { white-space: nowrap; }
.name::after { content: ""; display: inline-block; width: 60mm; border-bottom: .3mm solid #111; }
table { border-collapse: separate; border-spacing: 0; width: 100%; margin: 4mm 0; font-size: 9pt;
  font-variant-numeric: tabular-nums; }
thead { display: table-header-group; }
thead th { font-weight: 600; padding: 0 1.2mm; }
thead tr:last-child th { border-bottom: .4mm solid #111; padding-bottom: 1mm; }
tr { break-inside: avoid; page-break-inside: avoid; }
td { border-bottom: .15mm solid #bbb; padding: .8mm 1.2mm; height: 6mm; vertical-align: middle; }
th, td { text-align: right; white-space: nowrap; width: 1%; }
.left { text-align: left; white-space: normal; width: auto; }
td.asked { border: .25mm solid #111; min-width: 10mm; color: #888; text-align: center; }
td.answer { border: .25mm solid #111; font-weight: 700; }
footer { font-size: 8.5pt; color: #333; break-inside: avoid; page-break-inside: avoid; }
@media print { body { margin: 0; max-width: none; padding: 0; } h1, header, p { break-after: avoid; } }
"""


def to_html(sheet: Sheet, answers: bool = False, exact: bool = False) -> str:
    """A whole page; a key has the cells that were asked in bold."""
    shown = columns(sheet, answers, exact)
    said, *rest = notes(sheet, answers)
    named = "" if answers or sheet.student else '<span class="name">Name: </span>'
    heading = escape(title(sheet, answers))
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            f'<head><meta charset="utf-8"><title>{heading}</title><style>{STYLE}</style></head>',
            "<body>",
            f"<header><h1>{heading}</h1>{named}</header>",
            f"<p>{escape(said)} {escape(rest[0])}</p>",
            "<table>",
            f"<thead>{head(shown)}</thead>",
            "<tbody>",
            *(row(shown, sheet, i, answers) for i in range(len(sheet.rows))),
            "</tbody>",
            "</table>",
            f"<footer>{'<br>'.join(map(escape, rest[1:]))}</footer>",
            "</body>",
            "</html>",
            "",
        ]
    )


def head(shown: list[Column]) -> str:
    """The two header lines; a group's name spans its columns."""
    tops = []
    for name, members in groupby(shown, key=lambda column: column.group):
        group = list(members)
        cells = [(name, len(group))] if name else [(header_lines(column)[0], 1) for column in group]
        tops += [f'<th colspan="{span}">{escape(text)}</th>' for text, span in cells]
    below = "".join(f"<th{side(column)}>{escape(header_lines(column)[1])}</th>" for column in shown)
    return f"<tr>{''.join(tops)}</tr><tr>{below}</tr>"


def side(column: Column) -> str:
    """The class of a column that is set to the left."""
    return ' class="left"' if column.left else ""


def row(shown: list[Column], sheet: Sheet, i: int, answers: bool) -> str:
    """One line of the table."""
    return f"<tr>{''.join(cell(column, sheet, i, answers) for column in shown)}</tr>"


def cell(column: Column, sheet: Sheet, i: int, answers: bool) -> str:
    """One cell: boxed where it is asked."""
    if i in asked_rows(column, sheet):
        kind = "answer" if answers else "asked"
        return f'<td class="{kind}">{escape(column.texts[i]) if answers else ASKED}</td>'
    text = escape(column.texts[i])
    return f"<td{side(column)}>{breakable(text) if column.left else text}</td>"


def breakable(text: str) -> str:
    """A path or a call that may be broken behind its dots and brackets."""
    for sign in ".(":
        text = text.replace(sign, f"{sign}<wbr>")
    return text
