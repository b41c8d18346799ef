"""A marked submission as text: the answers with a sign each, what was said of them, and the score."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from textwrap import wrap
from typing import Any

from cnncost import numbers
from cnncost.homework.mark.marks import BLANK, FOLLOWS, RIGHT, STATUSES, UNREAD, WRONG, Mark, Marked
from cnncost.homework.read.grid import printable
from cnncost.homework.read.quantities import BYTES, COUNT, SIZE
from cnncost.numbers import decimal
from cnncost.tables.terminal import Part
from cnncost.views.network_table import caption

HINTS = ("none", "hint", "diagnosis", "reveal")
"""How much is told of a wrong answer: nothing, where to look, what went wrong, the right value too."""
SIGNS = {RIGHT: "✓", FOLLOWS: "↪", WRONG: "✗", BLANK: "·", UNREAD: "?"}
WORDS = {
    RIGHT: "right",
    FOLLOWS: "right, from an earlier answer of yours",
    WRONG: "wrong",
    BLANK: "not answered",
    UNREAD: "not read",
}
COLOURS = {RIGHT: "green", FOLLOWS: "cyan", WRONG: "bold red", BLANK: "dim", UNREAD: "magenta"}
NOTHING = "No one or two of the usual mistakes give this."
NOT_SOUGHT = "Not looked into: too many answers are wrong. Mend the others first."
GIVEN = ("in_shape", "filters", "kernel", "stride", "padding")
"""Columns that are read off the task: no mistake in a formula leads to them."""
SHAPES = ("in_shape", "in_size", "out_shape", "out_size")
WIDEST = 100


@dataclass(frozen=True)
class Note:
    """What is told of some cells together: their places, the answer of a single one, and the sentences."""

    status: str
    places: tuple[tuple[str, str], ...]
    head: str
    text: str


def points(value: Fraction) -> str:
    """Points without needless decimals: 3, 2.5, 1.33."""
    return decimal(value, 2)


def score(marked: Marked) -> str:
    """`18 of 20 points`."""
    return f"{points(marked.score)} of {points(marked.possible)} points"


def summary(marked: Marked) -> str:
    """How many cells have which mark: `5 right, 2 wrong`."""
    words = {RIGHT: "right", FOLLOWS: "right from earlier answers", **{s: WORDS[s] for s in STATUSES[2:]}}
    return ", ".join(f"{marked.counts[s]} {words[s]}" for s in STATUSES if marked.counts[s])


def header(marked: Marked, key: str) -> str:
    """A column's header as the student wrote it, else the quantity's own."""
    from cnncost.homework.read.quantities import QUANTITIES

    return printable(marked.headers.get(key) or QUANTITIES[key].header, 24)


def cell(mark: Mark | None) -> str:
    """An answer with its sign."""
    if mark is None:
        return ""
    text = printable(mark.answer.cell.text, 24)
    return f"{text} {SIGNS[mark.status]}".strip()


def cells(marked: Marked) -> list[list[Mark | None]]:
    """The marks as a table: a list for each row, None where nothing was asked."""
    return [[marked.by_place.get((label, key)) for key in marked.columns] for label in marked.labels]


def notes(marked: Marked, hints: str = "diagnosis") -> list[Note]:
    """What is told, one cause at a time: wrong answers, what could not be read, what follows, readings."""
    return [
        *wrong_notes(marked, hints),
        *(note_of(mark, f"{place_in_file(marked, mark)}: {mark.remark}") for mark in of(marked, UNREAD)),
        *following_notes(marked),
        *(reading_notes(marked) if hints != "none" else ()),
    ]


def of(marked: Marked, status: str) -> list[Mark]:
    """The marks of one status."""
    return [mark for mark in marked.marks if mark.status == status]


def note_of(mark: Mark, text: str) -> Note:
    """A note on one cell."""
    head = f"{mark.label}, {mark.quantity.words}: {mark.answer.cell.shown}"
    return Note(mark.status, (mark.place,), head, sentence(text))


def reading_notes(marked: Marked) -> Iterator[Note]:
    """How right answers were read, where that is not plain; those of one remark together."""
    groups: dict[str, list[Mark]] = {}
    for mark in of(marked, RIGHT):
        if mark.remark:
            groups.setdefault(mark.remark, []).append(mark)
    for remark, group in groups.items():
        yield Note(RIGHT, tuple(mark.place for mark in group), listed(group), sentence(remark))


def listed(group: Sequence[Mark]) -> str:
    """Several answers in one line, the first of them by name."""
    answers = ", ".join(f"{m.label}, {m.quantity.words}: {m.answer.cell.shown}" for m in group[:2])
    return answers + (f" and {len(group) - 2} more" if len(group) > 2 else "")


def place_in_file(marked: Marked, mark: Mark) -> str:
    """Where a cell stands in the file: row 3, column `Mem (KB)`."""
    return f"row {mark.answer.cell.row}, column `{header(marked, mark.key)}`"


def wrong_notes(marked: Marked, hints: str) -> Iterator[Note]:
    """The wrong answers, those of one cause together."""
    groups: dict[Any, list[Mark]] = {}
    for mark in of(marked, WRONG):
        cause = mark.explanation.sentence if mark.explanation else mark.sought
        groups.setdefault((mark.key, cause), []).append(mark)
    secrets = unreached_sizes(marked)
    for group in groups.values():
        yield wrong_note(group, hints, secrets)


def unreached_sizes(marked: Marked) -> list[str]:
    """The sizes of outputs and inputs that were asked and not found, as a sentence would name them."""
    shapes = [(mark.key, mark.right) for mark in marked.marks if mark.status != RIGHT and mark.key in SHAPES]
    sizes = [
        right if key.endswith("size") else right[1:] for key, right in shapes if isinstance(right, tuple)
    ]
    return ["×".join(map(str, each)) for each in sizes if len(each) > 1]


def wrong_note(group: Sequence[Mark], hints: str, secrets: Sequence[str]) -> Note:
    """One cause, and the answers that it explains; `secrets` are sizes that are not to be told."""
    first = group[0]
    answers = ", ".join(f"{mark.label} {mark.answer.cell.shown}" for mark in group[:8])
    more = f" and {len(group) - 8} more" if len(group) > 8 else ""
    head = f"{first.label}, {first.quantity.words}: {first.answer.cell.shown}"
    if len(group) > 1:
        head = f"{first.quantity.words}: {answers}{more}"
    return Note(
        WRONG, tuple(mark.place for mark in group), head, " ".join(filter(None, told(group, hints, secrets)))
    )


def told(group: Sequence[Mark], hints: str, secrets: Sequence[str]) -> Iterator[str]:
    """The sentences on a wrong answer, as much as is asked for.

    A sentence that would name a size which another cell asks gives way to its hint.
    """
    first = group[0]
    if hints == "none":
        return
    if first.explanation is None:
        yield "" if first.key in GIVEN else NOTHING if first.sought else NOT_SOUGHT
    elif level(first.explanation.sentence, hints, secrets) == "hint":
        yield sentence(first.explanation.hint)
    else:
        start = "From your own earlier answers: " if first.at_own else ""
        yield start + sentence(first.explanation.sentence)
    if hints == "reveal":
        right = "; ".join(
            (f"{mark.label} {right_value(mark)}" if len(group) > 1 else right_value(mark)) for mark in group
        )
        yield f"Right: {right}."


def level(text: str, hints: str, secrets: Sequence[str]) -> str:
    """How much is told where a sentence would be: its hint alone, if it names a secret size."""
    named = any(re.search(rf"(?<![\d×]){each}(?![\d×])", text) for each in secrets)
    return "hint" if hints == "diagnosis" and named else hints


def sentence(text: str) -> str:
    """A text that begins with a capital and ends with a full stop."""
    ended = text if text.endswith((".", "?", "!")) else f"{text}."
    return ended[:1].upper() + ended[1:]


def right_value(mark: Mark) -> str:
    """The right value, in the unit of the answer where it has one, and in full."""
    value = mark.right
    if isinstance(value, tuple):
        return numbers.sizes(value) if mark.quantity.kind == SIZE else numbers.shape(value)
    exact = f"{value} bytes" if mark.quantity.kind == BYTES else str(value)
    number = next(iter(mark.answer.numbers), None)
    if mark.quantity.kind in (COUNT, BYTES) and number is not None and number.scale != 1:
        return f"{number.show(Fraction(value))} ({exact})"
    return exact


def following(mark: Mark) -> str:
    """What is told of one answer that follows from an earlier one."""
    return f"Right given your own answer for {mark.origin}."


def following_notes(marked: Marked) -> Iterator[Note]:
    """Which answers follow from which mistake."""
    groups: dict[str, list[Mark]] = {}
    for mark in of(marked, FOLLOWS):
        groups.setdefault(mark.origin, []).append(mark)
    for origin, group in groups.items():
        many = f"{len(group)} answers are" if len(group) > 1 else "1 answer is"
        places = ", ".join(f"{mark.label} {mark.quantity.words}" for mark in group[:6])
        more = f" and {len(group) - 6} more" if len(group) > 6 else ""
        text = f"{many} right given your own answer for {origin}, and counted: {places}{more}."
        yield Note(FOLLOWS, tuple(mark.place for mark in group), f"from {origin}", text)


def lines(marked: Marked, hints: str = "diagnosis", width: int = 80) -> Iterator[list[Part]]:
    """A submission in a terminal: the score, the answers with their signs, and what is told of them."""
    width = min(width, WIDEST)
    yield [(f"{marked.source}: {score(marked)}", "bold")]
    yield [(summary(marked), "")]
    yield [(caption(marked.profile), "dim")]
    yield []
    yield from table_lines(marked, width)
    used = [s for s in STATUSES if marked.counts[s]]
    yield from wrapped("  ".join(f"{SIGNS[s]} {WORDS[s]}" for s in used), width, "dim")
    for note in notes(marked, hints):
        yield []
        yield from note_lines(note, width)
    if marked.remarks:
        yield []
    for remark in marked.remarks:
        yield from wrapped(sentence(remark), width, "dim")


def wrapped(text: str, width: int, style: str, indent: str = "") -> Iterator[list[Part]]:
    """A text in lines of a width."""
    for line in wrap(text, width, initial_indent=indent, subsequent_indent=indent):
        yield [(line, style)]


def note_lines(note: Note, width: int) -> Iterator[list[Part]]:
    """A note: its sign and place, and below it the text."""
    first, *rest = wrap(note.head, width - 2) or [""]
    yield [(f"{SIGNS[note.status]} ", COLOURS[note.status]), (first, "bold")]
    yield from ([("  " + line, "bold")] for line in rest)
    yield from wrapped(note.text, width, "", "  ")


def table_lines(marked: Marked, width: int) -> Iterator[list[Part]]:
    """The answers in a table; where it is too wide, in several below each other."""
    labels, rows = marked.labels, cells(marked)
    heads = [header(marked, key) for key in marked.columns]
    widths = [max(len(heads[i]), *(len(cell(row[i])) for row in rows)) for i in range(len(heads))]
    first = max(len("layer"), *map(len, labels))
    start = 0
    while start < len(heads):
        stop, used = start + 1, first + 2 + widths[start]
        while stop < len(heads) and used + 2 + widths[stop] <= width:
            used += 2 + widths[stop]
            stop += 1
        span = range(start, stop)
        titles = "  ".join(heads[i].rjust(widths[i]) for i in span)
        yield [(f"{'layer':{first}}  {titles}".rstrip(), "bold")]
        yield [("─" * used, "dim")]
        for label, row in zip(labels, rows, strict=True):
            if not any(row[start:stop]):
                continue
            parts: list[Part] = [(label.ljust(first), "")]
            for i in span:
                mark = row[i]
                parts += [("  ", ""), (cell(mark).rjust(widths[i]), COLOURS[mark.status] if mark else "")]
            yield parts
        yield []
        start = stop
