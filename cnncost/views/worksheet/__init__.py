"""Worksheets and their keys in every format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from cnncost.homework.make import Handout, Worksheet
from cnncost.tables import formats
from cnncost.tables.table import Column, Line, Paragraph, Table
from cnncost.views.marks import harmless
from cnncost.views.worksheet.html import printed_page
from cnncost.views.worksheet.latex import latex_document
from cnncost.views.worksheet.table import introduction, worksheet_table, worksheet_title
from cnncost.views.worksheet.xlsx import workbook

OWN_LAYOUT: dict[str, Callable[[Worksheet, bool, bool], str | bytes]] = {
    "html": printed_page,
    "latex": latex_document,
    "xlsx": workbook,
}
ON_PAPER = ("html", "latex")
"""The formats that are printed, not filled in on a computer."""


def rendered_worksheet(sheet: Worksheet, form: str, key: bool = False, exact: bool = False) -> str | bytes:
    """A worksheet in any format of a table, or its key; `exact` shows costs in full, not in k, M or KB.

    CSV and JSON contain nothing but the table, so that any program can fill it in and `cnncost check` can
    read it. HTML, LaTeX and Excel are laid out to be printed.
    """
    if form in OWN_LAYOUT:
        return OWN_LAYOUT[form](sheet, key, exact)
    if form == "markdown":
        table = formats.render(worksheet_table(sheet, key, exact, "**", "**"), form)
        return f"# {worksheet_title(sheet, key)}\n\n{introduction(sheet, key)}\n\n{table!s}"
    about = Paragraph((Line(worksheet_title(sheet, key), "bold"), Line(introduction(sheet, key))))
    return formats.render([about, worksheet_table(sheet, key, exact)], form)


def class_files(handouts: Sequence[Handout], form: str, exact: bool) -> Iterator[tuple[str, str | bytes]]:
    """The files of a class: `alice.csv`, `alice.key.csv` and `alice.yaml` of each student, and their list.

    Beside a worksheet on paper there is one to fill in on a computer, which `cnncost grade` reads too.
    """
    ending = formats.renderer(form).ENDING
    rows = []
    for handout in handouts:
        stem = handout.student.file
        files = (f"{stem}{ending}", f"{stem}.key{ending}", f"{stem}.yaml")
        yield files[0], rendered_worksheet(handout.sheet, form, exact=exact)
        yield files[1], rendered_worksheet(handout.sheet, form, key=True, exact=exact)
        if form in ON_PAPER:
            yield f"{stem}.csv", rendered_worksheet(handout.sheet, "csv", exact=exact)
        yield files[2], handout.spec
        rows.append([harmless(handout.student.name), *files, handout.changes])
    titles = ("student", "sheet", "key", "network", "changes")
    columns = [Column(title, title, [row[i] for row in rows]) for i, title in enumerate(titles)]
    yield "students.csv", formats.render(Table("students", columns), "csv")
