"""The one table: columns of exact values with the texts that people see, ready for every format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import groupby
from typing import Any

SCHEMA = 1
"""The version of the JSON that the commands write."""


@dataclass(frozen=True, eq=False, repr=False)
class Column:
    """One column of a table.

    Args:
        key: its name in CSV, JSON and spreadsheets; a column without one is only shown to people.
        title: its header.
        values: the exact data, one for each row; by default the texts.
        texts: what people see, one for each row; by default the values, nothing for None.
        unit: the text below the title: `KB`, or nothing where the column counts in ones. None for a
            column that has no unit: a table whose costs have units shows its title on their line.
        group: a name above the titles; neighbours of equal groups share it.
        short: the title where room is dear: on a terminal and in LaTeX.
        left: aligned to the left.
        spare: where there is no room, the columns of the highest number go first; those of 0 stay. An
            empty column that can be spared is not shown at all.
        shares: the part of the whole that each row has, for bars; there may be fewer than rows.
        styles: a style for each row, in rich's words: `green`, `bold red`, `dim`.
        wraps: broken into several lines where there is no room.
        hidden: only in CSV, JSON and spreadsheets.
        colour: of its bars.
    """

    key: str
    title: str
    values: Sequence[Any] = ()
    texts: Sequence[str] = ()
    unit: str | None = None
    group: str = ""
    short: str = ""
    left: bool = False
    spare: int = 0
    shares: Sequence[Fraction] = ()
    styles: Sequence[str] = ()
    wraps: bool = False
    hidden: bool = False
    colour: str = "blue"

    def __post_init__(self) -> None:
        if not self.texts:
            texts = tuple("" if value is None else str(value) for value in self.values)
            object.__setattr__(self, "texts", texts)
        if not self.values:
            object.__setattr__(self, "values", self.texts)

    @property
    def header(self) -> str:
        """The whole header on one line: `input H/W`, `memory (KB)`."""
        unit = f"({self.unit})" if self.unit else ""
        return " ".join(part for part in (self.group, self.title, unit) if part)


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """A table, independent of how it is written.

    Args:
        caption: what the numbers are.
        columns: all with the same number of rows.
        notes: sentences below it.
        hints: how to see more of it; the command line writes them to standard error.
        summary: how many of the last rows are totals. CSV leaves them out, JSON names them `totals`.
        rules: rows with a rule above them; the first total always has one.
        headings: lines that span the whole row and precede it, by the row: a name, then what else is
            known about it, from the longest wording to the shortest; the first that fits is shown.
        row_styles: the style of a whole row, where its cells have none.
        narrow: the table to show where this one does not fit the width.
        stacks: too wide, it is cut into several tables below each other, each with the first column.
        records: the table for CSV and spreadsheets, where the shown one is not made of records.
        data: what JSON writes, where that is more than the records; or a function that makes it.
    """

    caption: str
    columns: Sequence[Column]
    notes: Sequence[str] = ()
    hints: Sequence[str] = ()
    summary: int = 0
    rules: Sequence[int] = ()
    headings: Mapping[int, Sequence[str]] = field(default_factory=dict)
    row_styles: Mapping[int, str] = field(default_factory=dict)
    narrow: Table | None = None
    stacks: bool = False
    records: Table | None = None
    data: Any = None

    def __post_init__(self) -> None:
        sizes = {len(cells) for column in self.columns for cells in (column.values, column.texts)}
        assert len(sizes) <= 1, f"columns of different lengths: {sizes}"

    def __len__(self) -> int:
        return len(self.columns[0].texts) if self.columns else 0

    @property
    def body(self) -> int:
        """The number of rows above the totals."""
        return len(self) - self.summary

    @property
    def visible_columns(self) -> list[Column]:
        """The columns for people: those that can be spared only if there is anything in them."""
        return [c for c in self.columns if not c.hidden and (c.spare == 0 or any(c.texts))]

    @property
    def data_columns(self) -> list[Column]:
        """The columns for programs."""
        return [column for column in self.columns if column.key]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The exact values row by row, without the totals."""
        return [self.record(i) for i in range(self.body)]

    @property
    def totals(self) -> list[dict[str, Any]]:
        """The exact values of the totals."""
        return [self.record(i) for i in range(self.body, len(self))]

    def record(self, i: int) -> dict[str, Any]:
        """The exact values of one row."""
        return {column.key: column.values[i] for column in self.data_columns}

    def column(self, key: str) -> Column:
        """The column of a key."""
        return next(column for column in self.columns if column.key == key)

    def with_columns(self, columns: Sequence[Column]) -> Table:
        """The same rows with other columns."""
        return replace(self, columns=tuple(columns))


@dataclass(frozen=True, eq=False, repr=False)
class Line:
    """A text, wrapped if it is too long. `head` precedes it; later lines are indented below the text."""

    text: str
    style: str = ""
    head: str = ""
    head_style: str = "bold"


@dataclass(frozen=True, eq=False, repr=False)
class Paragraph:
    """Lines that belong together; an empty line separates them from the lines around them."""

    lines: tuple[Line, ...]

    @classmethod
    def of(cls, *texts: str, style: str = "") -> Paragraph:
        """A paragraph of texts in one style."""
        return cls(tuple(Line(text, style) for text in texts))


Part = Table | Paragraph


@dataclass(frozen=True, eq=False, repr=False)
class Document:
    """Paragraphs and tables below each other.

    Args:
        parts: in their order.
        records: the table for CSV and spreadsheets; by default all tables of the parts.
        data: what JSON writes; by default that of the tables.
    """

    parts: Sequence[Part]
    records: Table | None = None
    data: Any = None

    @property
    def tables(self) -> list[Table]:
        """The tables for programs."""
        tables = [self.records] if self.records else [part for part in self.parts if isinstance(part, Table)]
        return [table.records or table for table in tables]


Content = Document | Table | Paragraph | Sequence[Part]


def document(content: Content) -> Document:
    """What a command shows, as a document."""
    if isinstance(content, Document):
        return content
    if isinstance(content, (Table, Paragraph)):
        content = [content]
    alone = content[0] if len(content) == 1 else None
    return Document(content, data=alone.data if isinstance(alone, Table) else None)


def grouped(columns: Sequence[Column]) -> Iterator[tuple[str, list[int]]]:
    """Neighbouring columns of one group, by their positions; those without a group one by one."""
    for (name, _), members in groupby(
        enumerate(columns), key=lambda pair: (pair[1].group, pair[0] if not pair[1].group else -1)
    ):
        yield name, [i for i, _ in members]


def header_lines(column: Column) -> tuple[str, str]:
    """A column's title and unit on two lines; a title without a unit is on the second."""
    title = column.short or column.title
    if column.unit is None:
        return "", title
    return title, f"({column.unit})" if column.unit else ""
