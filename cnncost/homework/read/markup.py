"""Tables in markdown, HTML and LaTeX: the lines of each, with their cells."""

from __future__ import annotations

import re
from html.parser import HTMLParser

LONGEST = 1_000
"""Characters of a cell, beyond which it is no answer."""
MOST = 100_000
"""Characters of a LaTeX text that are looked at."""
Table = list[tuple[int, list[str]]]


def pipe_tables(text: str) -> list[Table]:
    """The tables of a markdown text, with or without a | at the ends of their lines."""
    tables: list[Table] = [[]]
    for number, line in enumerate(text.splitlines(), 1):
        cells = pipe_cells(line)
        if cells is None:
            tables.append([])
        elif not all(set(cell) <= set(":-+= ") and set(cell) & set("-=") for cell in cells):
            tables[-1].append((number, cells))
    return [table for table in tables if table]


def pipe_cells(line: str) -> list[str] | None:
    """The cells of a line of a pipe table; None for any other line."""
    stripped = line.strip()
    if "|" not in stripped:
        return None
    inner = stripped.removeprefix("|").replace("\\|", "\0")
    return [cell.replace("\0", "|").strip() for cell in inner.removesuffix("|").split("|")]


class Tables(HTMLParser):
    """Collects the texts of the cells of HTML tables; nothing else of a page is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Table] = []
        self.inside = False

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        """A table, a row or a cell begins."""
        if tag == "table":
            self.tables.append([])
            self.inside = False
        elif tag == "tr" and self.tables:
            self.tables[-1].append((self.getpos()[0], []))
            self.inside = False
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self.tables[-1][-1][1].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        """A cell ends."""
        self.inside = self.inside and tag not in ("td", "th", "tr", "table")

    def handle_data(self, data: str) -> None:
        """A text, which counts in a cell."""
        if self.inside:
            cells = self.tables[-1][-1][1]
            if len(cells[-1]) < LONGEST:
                cells[-1] = f"{cells[-1]} {data.strip()[:LONGEST]}".strip()


def html_tables(text: str) -> list[Table]:
    """The tables of an HTML text."""
    parser = Tables()
    parser.feed(text)
    return [table for table in parser.tables if any(cells for _, cells in table)]


TABULAR = re.compile(r"\\begin\{(tabular[x*]?|array|longtable|tabu)\}(.*?)\\end\{\1\}", re.DOTALL)
LEFT_OUT = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|centering|endhead|cline\{[^}]*\}|cmidrule(?:\([^)]*\))?\{[^}]*\})"
    r"|^\s*(?:\[[^\]]*\])?(?:\{[^{}]*\})*(?:\{(?:[^{}]|\{[^{}]*\})*\})?"
)


def latex_tables(text: str) -> list[Table]:
    """The tables of a LaTeX text: rows end with two backslashes, cells are between ampersands."""
    text = re.sub(r"(?<!\\)%.*", "", text[:MOST])
    found = []
    for match in TABULAR.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        body = LEFT_OUT.sub("", match[2])
        rows: Table = []
        for row in re.split(r"\\\\(?:\[[^\]]*\])?", body):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)&", row)]
            line += row.count("\n")
            if any(cells):
                rows.append((line, [spanned for cell in cells for spanned in span(cell)]))
        if rows:
            found.append(rows)
    return found


def span(cell: str) -> list[str]:
    """A cell over several columns as that many, the text in the first."""
    match = re.fullmatch(r"\\multicolumn\{(\d{1,2})\}\{[^}]*\}\{(.*)\}", cell, re.DOTALL)
    return [match[2], *[""] * (int(match[1]) - 1)] if match else [cell]
