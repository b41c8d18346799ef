"""Tables of ready text that are no single network's: on a terminal, in markdown and in LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from textwrap import wrap

from cnncost.tables import latex, markdown
from cnncost.tables.terminal import Part

NARROWEST = 16
"""Characters that a column of wrapped text has at least."""


@dataclass(frozen=True)
class Sheet:
    """A table as text.

    Args:
        caption: what the numbers are.
        head: a title a column.
        rows: the cells, a text each.
        notes: below the table.
        group: a name above each column's title; equal neighbours share theirs.
        left: the columns that are aligned to the left.
        spare: columns that can go where there is no room, the first of them first.
        wraps: the column that is broken into lines where there is no room.
        rules: the rows that have a rule above them.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    left: tuple[int, ...] = (0,)
    spare: tuple[int, ...] = ()
    wraps: int | None = None
    rules: tuple[int, ...] = ()

    def widths(self) -> list[int]:
        """The width of each column; the last of a group is as wide as its name needs."""
        found = [max(len(row[i]) for row in (self.head, *self.rows)) for i in range(len(self.head))]
        for name, places in grouped(self.group):
            if name:
                room = sum(found[i] for i in places) + len(places) - 1  # one space between them
                found[places[-1]] += max(0, len(name) - room)
        return found

    def width(self) -> int:
        """How wide it is at least: one space between columns, its wrapped column as narrow as it can be."""
        found = self.widths()
        if self.wraps is not None:
            found[self.wraps] = min(found[self.wraps], NARROWEST)
        return sum(found) + len(found) - 1

    def without(self, columns: Sequence[int]) -> Sheet:
        """The sheet less some columns."""
        kept = [i for i in range(len(self.head)) if i not in columns]

        def cut(cells: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(cells[i] for i in kept) if cells else ()

        return Sheet(
            self.caption,
            cut(self.head),
            tuple(map(cut, self.rows)),
            self.notes,
            cut(self.group),
            tuple(kept.index(i) for i in self.left if i in kept),
            tuple(kept.index(i) for i in self.spare if i in kept),
            kept.index(self.wraps) if self.wraps is not None else None,
            self.rules,
        )


def grouped(names: Sequence[str]) -> Iterator[tuple[str, list[int]]]:
    """Each group's name with its columns."""
    for name, members in groupby(range(len(names)), key=lambda i: names[i]):
        yield name, list(members)


def fitted(sheet: Sheet, width: int) -> tuple[Sheet, list[str]]:
    """The sheet that fits `width` columns, and the titles of what it had to leave out."""
    gone: list[int] = []
    while sheet.without(gone).width() > width and len(gone) < len(sheet.spare):
        gone.append(sheet.spare[len(gone)])
    return sheet.without(gone), [sheet.head[i] for i in gone]


def lines(sheet: Sheet, width: int) -> Iterator[list[Part]]:
    """The sheet as styled lines; its wrapped column takes what the others leave of `width`."""
    widths = sheet.widths()
    room = width - (sum(widths) + 2 * (len(widths) - 1))
    if sheet.wraps is not None and room < 0:
        widths[sheet.wraps] = max(min(NARROWEST, widths[sheet.wraps]), widths[sheet.wraps] + room)
        room = width - (sum(widths) + 2 * (len(widths) - 1))
    gap = " " * (2 if room >= 0 else 1)
    rule = "─" * (sum(widths) + len(gap) * (len(widths) - 1))
    yield from ([(line, "bold")] for line in wrap(sheet.caption, width))
    yield []
    if any(sheet.group):
        yield [(group_line(sheet, widths, len(gap)), "bold")]
    yield from row_lines(sheet, sheet.head, widths, gap, "bold")
    for i, row in enumerate(sheet.rows):
        if i == 0 or i in sheet.rules:
            yield [(rule, "dim")]
        yield from row_lines(sheet, row, widths, gap, "")
    yield []
    for note in sheet.notes:
        yield from ([(line, "dim")] for line in wrap(note, min(width, 100), break_on_hyphens=False))


def row_lines(
    sheet: Sheet, cells: Sequence[str], widths: Sequence[int], gap: str, style: str
) -> Iterator[list[Part]]:
    """A row: one line, or as many as its wrapped cell has."""
    at = sheet.wraps
    wrapped = (
        [""]
        if at is None
        else wrap(cells[at], widths[at], break_long_words=False, break_on_hyphens=False) or [""]
    )
    for n, part in enumerate(wrapped):
        shown = [part if i == at else cell if n == 0 else "" for i, cell in enumerate(cells)]
        padded = (
            cell.ljust(size) if i in sheet.left else cell.rjust(size)
            for i, (cell, size) in enumerate(zip(shown, widths, strict=True))
        )
        yield [(gap.join(padded).rstrip(), style)]


def group_line(sheet: Sheet, widths: Sequence[int], gap: int) -> str:
    """The names of groups, each at the right end of its columns."""
    parts = [
        name.rjust(sum(widths[i] for i in places) + gap * (len(places) - 1))
        for name, places in grouped(sheet.group)
    ]
    return (" " * gap).join(parts).rstrip()


def to_markdown(sheet: Sheet) -> str:
    """The caption, a pipe table and the notes; a group's name stands in its columns' titles."""
    group = sheet.group or ("",) * len(sheet.head)
    head = [f"{name} {title}".strip() for name, title in zip(group, sheet.head, strict=True)]
    align = [":--" if i in sheet.left else "--:" for i in range(len(head))]
    table = [markdown.line(tight(row)) for row in (head, align, *sheet.rows)]
    return "\n".join([f"**{sheet.caption}**", "", *table, "", *sheet.notes]) + "\n"


def tight(cells: Sequence[str]) -> list[str]:
    """Cells without the spaces that align their parts."""
    return [re.sub(" +", " ", cell.strip()) for cell in cells]


def to_latex(sheet: Sheet) -> str:
    r"""A `table` environment to `\input`; it needs `\usepackage{booktabs}`."""
    columns = "".join("l" if i in sheet.left else "r" for i in range(len(sheet.head)))
    body = []
    for i, row in enumerate(sheet.rows):
        body += [r"\midrule"] if i == 0 or i in sheet.rules else []
        body.append(latex.line(tight(row)))
    over = [
        rf"\multicolumn{{{len(places)}}}{{r}}{{{latex.escape(name)}}}"
        for name, places in grouped(sheet.group)
    ]
    heads = [" & ".join(over) + r" \\"] if any(sheet.group) else []
    caption = f"{sheet.caption}. {' '.join(sheet.notes)}"
    return latex.environment(caption, columns, [*heads, latex.line(tight(sheet.head)), *body])
