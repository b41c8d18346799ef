r"""A worksheet as a LaTeX document of its own, whose table runs over as many pages as it needs."""

from __future__ import annotations

from cnncost.homework.make.sheet import Sheet
from cnncost.tables.latex import escape, heads
from cnncost.tables.table import Column, header_lines
from cnncost.views.worksheet.columns import asked_rows, columns, notes, title

PREAMBLE = r"""% Run it twice: the table's widths settle in the second run. For US paper write letterpaper.
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


def to_latex(sheet: Sheet, answers: bool = False, exact: bool = False) -> str:
    """A document with heading, table and notes; a key has the cells that were asked in bold."""
    shown = columns(sheet, answers, exact)
    spec = "".join(map(aligned, shown))
    head = [r"\toprule", *heads(shown), r"\midrule"]
    said, *rest = notes(sheet, answers)
    return PREAMBLE + "\n".join(
        [
            rf"\textbf{{\large {escape(title(sheet, answers))}}}{'' if answers or sheet.student else NAME}",
            r"\par\medskip",
            escape(f"{said} {rest[0]}"),
            r"\par",
            r"\footnotesize",
            rf"\begin{{longtable}}{{@{{}}{spec}@{{}}}}",
            *head,
            r"\endfirsthead",
            *head,
            r"\endhead",
            r"\bottomrule",
            r"\endlastfoot",
            *rows(shown, sheet, answers),
            r"\end{longtable}",
            *(rf"{escape(note)}\par" for note in rest[1:]),
            r"\end{document}",
            "",
        ]
    )


def aligned(column: Column) -> str:
    """How a column is set: numbers to the right, names to the left and broken where they are long."""
    if not column.left:
        return "r"
    longest = max(map(len, (*column.texts, header_lines(column)[1])))
    return f"L{{{min(WIDEST, round(MILLIMETRES * longest) + 2)}}}"


WIDEST = 34
"""A column of names, in millimetres."""
MILLIMETRES = 1.4
"""What a letter takes at most, on average, in the size of a footnote."""


def rows(shown: list[Column], sheet: Sheet, answers: bool) -> list[str]:
    """The lines of the table."""
    columns = [set_column(column, asked_rows(column, sheet), answers) for column in shown]
    return [" & ".join(cells) + r" \\" for cells in zip(*columns, strict=True)]


def set_column(column: Column, asked: set[int], answers: bool) -> list[str]:
    """A column's cells: a box where one is asked, bold where a key answers it."""
    shown = [breakable(escape(cell)) if column.left else escape(cell) for cell in column.texts]
    for i in asked:
        shown[i] = rf"\textbf{{{shown[i]}}}" if answers else r"\asked"
    return shown


def breakable(text: str) -> str:
    """A path or a call that may be broken behind its dots and brackets."""
    for sign in (".", "("):
        text = text.replace(sign, sign + r"\allowbreak{}")
    return text
