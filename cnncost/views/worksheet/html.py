"""A worksheet as a page of HTML, laid out to be printed on A4 or letter without cutting a row."""

from __future__ import annotations

from html import escape

from cnncost.homework.make import Worksheet
from cnncost.tables.table import Document, Paragraph
from cnncost.views.html_page import html_page
from cnncost.views.worksheet.table import introduction, printed_table, worksheet_title

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
thead th { font-weight: 600; padding: 0 1.2mm 1mm; border-bottom: .4mm solid #111; vertical-align: bottom; }
tr { break-inside: avoid; page-break-inside: avoid; }
td { border-bottom: .15mm solid #bbb; padding: .8mm 1.2mm; height: 6mm; vertical-align: middle;
  white-space: nowrap; width: 1%; }
td[style*="text-align:left"] { white-space: normal; overflow-wrap: anywhere; width: auto; }
td[style*="color:grey"] { border: .25mm solid #111; min-width: 10mm; }
td[style*="font-weight:bold"] { border: .25mm solid #111; }
p { break-inside: avoid; page-break-inside: avoid; }
@media print { body { margin: 0; max-width: none; padding: 0; } h1, header { break-after: avoid; } }
"""
"""The cells that are asked are grey, and bold in a key: their boxes are found by that."""


def printed_page(sheet: Worksheet, key: bool, exact: bool) -> str:
    """The page, with a line for the name of a student if it has none."""
    title = worksheet_title(sheet, key)
    name = "" if key or sheet.student else '<span class="name">Name: </span>'
    content = Document([Paragraph.of(introduction(sheet, key)), printed_table(sheet, key, exact)])
    return html_page(title, content, STYLE, f"<header><h1>{escape(title)}</h1>{name}</header>\n")
