r"""A worksheet as a LaTeX document, whose table takes as many pages as it needs."""

from __future__ import annotations

from cnncost.homework.make import Worksheet
from cnncost.tables.formats.latex import escape, heads
from cnncost.tables.table import Column, header_lines
from cnncost.views.worksheet.table import introduction, printed_table, worksheet_title

PREAMBLE = r"""% Run it twice: the second run sets the final widths. For US paper write letterpaper.
\documentclass[10pt]{article}
\usepackage[a4paper,landscape,margin=15mm]{geometry}
\usepackage{array,booktabs,longtable}
\newcolumntype{L}[1]{>{\raggedright\arraybackslash}p{#1mm}}
\setlength{\parindent}{0pt}
\setlength{\tabcolsep}{4pt}
\setlength{\LTleft}{0pt}
\setlength{\fboxsep}{0.5mm}
\raggedright
\renewcommand{\arraystretch}{1.5}
\newcommand{\asked}{\fbox{\makebox[9mm]{\rule[-0.6mm]{0pt}{3.2mm}?}}}
\begin{document}
"""

NAME = r"\hfill Name: \rule{60mm}{0.4pt}"
WIDEST = 34
"""The largest width of a column of names, in millimetres."""
MILLIMETRES = 1.4
"""The mean width of a character in the size of a footnote, at most."""


def latex_document(sheet: Worksheet, key: bool, exact: bool) -> str:
    """A document with heading, table and notes."""
    table = printed_table(sheet, key, exact)
    columns = list(table.columns)
    head = [r"\toprule", *heads(columns), r"\midrule"]
    cells = [latex_cells(column, key) for column in columns]
    lines = [
        rf"\textbf{{\large {escape(worksheet_title(sheet, key))}}}{'' if key or sheet.student else NAME}",
        r"\par\medskip",
        escape(introduction(sheet, key)),
        r"\par",
        r"\footnotesize",
        rf"\begin{{longtable}}{{@{{}}{''.join(map(alignment, columns))}@{{}}}}",
        *head,
        r"\endfirsthead",
        *head,
        r"\endhead",
        r"\bottomrule",
        r"\endlastfoot",
        *(" & ".join(row) + r" \\" for row in zip(*cells, strict=True)),
        r"\end{longtable}",
        *(rf"{escape(note)}\par" for note in table.notes),
        r"\end{document}",
    ]
    return PREAMBLE + "\n".join(lines) + "\n"


def alignment(column: Column) -> str:
    """The column's type: numbers to the right, names to the left in lines of limited width."""
    if not column.left:
        return "r"
    longest = max(map(len, (*column.texts, header_lines(column)[1])))
    return f"L{{{min(WIDEST, round(MILLIMETRES * longest) + 2)}}}"


def latex_cells(column: Column, key: bool) -> list[str]:
    """A column's cells, with a box where one is asked, or its answer in bold."""
    texts = [escape(text) for text in column.texts]
    if column.left:  # names and calls may be broken after their dots and brackets
        texts = [text.replace(".", r".\allowbreak{}").replace("(", r"(\allowbreak{}") for text in texts]
    for i, style in enumerate(column.styles):
        if style:
            texts[i] = rf"\textbf{{{texts[i]}}}" if key else r"\asked"
    return texts
