"""Answers as a grid of texts, before anything is known about what they mean."""

from __future__ import annotations

from dataclasses import dataclass

from cnncost.errors import CnncostError
from cnncost.homework.read.text import printable

BLANK = frozenset({"", "?", "-", "–", "—", "...", "…", "n/a", "na", "none", "null", "nan", "tbd"})
"""The texts, in lower case, of a cell that was not filled in."""


class AnswersError(CnncostError):
    """A file of answers cannot be read; the message says where and why."""


@dataclass(frozen=True)
class AnswerCell:
    """The text of one cell, and its line or record in the file, from 1; 0 where the file has no such cell.

    `note` says what is special about the cell, for example that it holds a formula.
    """

    text: str
    row: int
    note: str = ""

    @property
    def blank(self) -> bool:
        """Whether the cell was not filled in."""
        return self.text.strip().casefold() in BLANK

    @property
    def one_line(self) -> str:
        """The text on one line, printable and short."""
        return printable(self.text)


ABSENT = AnswerCell("", 0)
"""A cell that a table with other columns does not have."""


@dataclass(frozen=True)
class Grid:
    """A header and rows of equally many cells; `remarks` say what the reader noticed.

    `in_order` says that every layer has its row, in the order in which they run, as a model's summary has.
    """

    source: str
    header: tuple[str, ...]
    rows: tuple[tuple[AnswerCell, ...], ...]
    remarks: tuple[str, ...] = ()
    in_order: bool = False
