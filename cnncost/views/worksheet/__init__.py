"""Worksheets and their keys in every format."""

from __future__ import annotations

from collections.abc import Callable

from cnncost.homework.make.sheet import Sheet
from cnncost.views.worksheet.html import to_html
from cnncost.views.worksheet.latex import to_latex
from cnncost.views.worksheet.plain import to_csv, to_markdown
from cnncost.views.worksheet.xlsx import to_xlsx

FORMATS: dict[str, Callable[[Sheet, bool, bool], str | bytes]] = {
    "markdown": to_markdown,
    "csv": to_csv,
    "latex": to_latex,
    "xlsx": to_xlsx,
    "html": to_html,
}
ENDINGS = {"markdown": ".md", "csv": ".csv", "latex": ".tex", "xlsx": ".xlsx", "html": ".html"}


def render(sheet: Sheet, form: str, answers: bool = False, exact: bool = False) -> bytes:
    """A worksheet, or with `answers` its key, in one of `FORMATS`."""
    made = FORMATS[form](sheet, answers, exact)
    return made if isinstance(made, bytes) else made.encode("utf-8")
