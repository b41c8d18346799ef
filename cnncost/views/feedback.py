"""What students read about their marks: notes on what is wrong, unread, or follows from a mistake."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction

from cnncost import numbers
from cnncost.homework.mark import BLANK, FOLLOWS, RIGHT, STATUSES, UNREAD, WRONG, Mark, Marked
from cnncost.homework.read import BYTES, COUNT, QUANTITIES, SIZE, Address, as_sentence, printable

HINTS = ("none", "hint", "diagnosis", "reveal")
"""How much a student reads about a wrong answer: nothing, where to look, the mistake, the right value too."""
SIGNS = {RIGHT: "✓", FOLLOWS: "↪", WRONG: "✗", BLANK: "·", UNREAD: "?"}
LEGEND = {
    RIGHT: "right",
    FOLLOWS: "right, given your earlier answers",
    WRONG: "wrong",
    BLANK: "not answered",
    UNREAD: "not read",
}
UNEXPLAINED = "None of the usual mistakes, nor two of them together, leads to this answer."
NOT_SOUGHT = "Not analysed, because too many answers are wrong. Correct the others first."
GIVEN = ("in_shape", "filters", "kernel", "stride", "padding")
"""Columns that are copied from the task: no mistake in a formula leads to a wrong answer."""
UNTOLD = ("Concat", "Add", "Flatten")
"""The layers whose output channels no task tells."""
MOST_SAID = 3
"""How many answers with the same mistake get a sentence each."""
TOLD_BY_ANYTHING = 10
"""Smaller numbers stand in too many sentences to be secrets."""


@dataclass(frozen=True)
class Note:
    """A remark on some cells: their addresses, what was answered, and the sentences about it."""

    status: str
    addresses: tuple[Address, ...]
    head: str
    text: str


def points_text(value: Fraction) -> str:
    """Points with at most two decimals: 3, 2.5, 1.33."""
    return numbers.decimal(value, 2)


def score_text(marked: Marked) -> str:
    """The score: `18 of 20 points`."""
    return f"{points_text(marked.score)} of {points_text(marked.possible)} points"


def count_text(marked: Marked) -> str:
    """How many cells have each mark: `5 right, 2 wrong`."""
    words = {**LEGEND, FOLLOWS: "right given earlier answers"}
    return ", ".join(f"{marked.counts[s]} {words[s]}" for s in STATUSES if marked.counts[s])


def header_text(marked: Marked, key: str) -> str:
    """The header of a column as the student wrote it, else the quantity's own."""
    return printable(marked.headers.get(key) or QUANTITIES[key].header, 24)


def answers_text(marks: Sequence[Mark], most: int, text_of: Callable[[Mark], str]) -> str:
    """Several answers on one line, the first `most` of them one by one."""
    more = f" and {len(marks) - most} more" if len(marks) > most else ""
    return ", ".join(map(text_of, marks[:most])) + more


def answer_text(mark: Mark) -> str:
    """One answer: `conv1, parameters: 34848`."""
    return f"{mark.label}, {mark.quantity.words}: {mark.answer.cell.one_line}"


def feedback(marked: Marked, hints: str = "diagnosis") -> list[Note]:
    """The notes, one per cause, on answers that are wrong, unread, following, or read in an unusual way."""
    notes = [*wrong_notes(marked, hints), *unread_notes(marked), *following_notes(marked)]
    return notes if hints == "none" else [*notes, *reading_notes(marked)]


def grouped_marks(
    marked: Marked, status: str, cause: Callable[[Mark], Hashable]
) -> list[tuple[tuple[Address, ...], list[Mark]]]:
    """The marks of a status that have the same cause, with their addresses."""
    groups: dict[Hashable, list[Mark]] = {}
    for mark in marked.marks:
        if mark.status == status:
            groups.setdefault(cause(mark), []).append(mark)
    return [(tuple(mark.address for mark in group), group) for group in groups.values()]


def wrong_notes(marked: Marked, hints: str) -> Iterator[Note]:
    """The wrong answers; those of one column with the same mistake together."""

    def cause(mark: Mark) -> Hashable:
        why = (mark.cause.deviations, mark.hedged, mark.at_own) if mark.cause else mark.sought
        return mark.key, why, mark.answer.slip

    secrets = secret_values(marked)
    for addresses, group in grouped_marks(marked, WRONG, cause):
        head = answer_text(group[0])
        if len(group) > 1:
            answers = answers_text(group, 8, lambda mark: f"{mark.label} {mark.answer.cell.one_line}")
            head = f"{group[0].quantity.words}: {answers}"
        yield Note(WRONG, addresses, head, " ".join(filter(None, wrong_sentences(group, hints, secrets))))


def wrong_sentences(group: Sequence[Mark], hints: str, secrets: Set[str]) -> Iterator[str]:
    """The sentences about wrong answers, as much as `hints` allows."""
    first = group[0]
    if hints == "none":
        return
    if slip := first.answer.slip:
        yield as_sentence(slip)
    if first.cause is None:
        yield "" if first.key in GIVEN or slip else UNEXPLAINED if first.sought else NOT_SOUGHT
    else:
        said = list(dict.fromkeys(cause_text(mark, hints, secrets) for mark in group))
        yield " ".join(said[:MOST_SAID])
        rest = [mark.label for mark in group if cause_text(mark, hints, secrets) not in said[:MOST_SAID]]
        yield f"Likewise {', '.join(rest)}." if rest else ""
    if hints == "reveal":
        right = [f"{mark.label} {right_text(mark)}" if len(group) > 1 else right_text(mark) for mark in group]
        yield f"Right: {'; '.join(right)}."


def cause_text(mark: Mark, hints: str, secrets: Set[str]) -> str:
    """What a student reads about the cause of a wrong answer: hedged where it is one of several."""
    assert mark.cause is not None
    causes = [c for c in (mark.cause, *mark.others) if not only_hint(c.sentence, mark, hints, secrets)]
    if mark.cause not in causes:
        return as_sentence(mark.cause.hint)
    start = "Starting from your earlier answers: " if mark.at_own else ""
    if not mark.hedged:
        return start + as_sentence(mark.cause.sentence)
    said = dict.fromkeys(as_sentence(cause.sentence) for cause in causes)
    return f"{start}Possibly: {' Or: '.join(said)}"


def secret_values(marked: Marked) -> set[str]:
    """The values that were asked and not answered rightly, as a sentence would name them.

    The filters of a layer are told by the task; the channels of a merge and the length of a vector are not.
    """
    found: set[str] = set()
    for mark in marked.marks:
        if mark.status == RIGHT:
            continue
        if isinstance(mark.right, tuple):
            sizes = mark.right if mark.quantity.kind == SIZE else mark.right[1:]
            found |= {"×".join(map(str, sizes))} if len(sizes) > 1 else set()
            row = marked.own.rows.get(mark.label)
            if mark.key == "out_shape" and row is not None and row.type in UNTOLD:
                found |= {str(mark.right[0]), f"{mark.right[0]:,}"}
        elif mark.right >= TOLD_BY_ANYTHING:
            found |= {str(mark.right), f"{mark.right:,}"}
    return found


def only_hint(text: str, mark: Mark, hints: str, secrets: Set[str]) -> bool:
    """Whether a student gets the hint instead of a sentence, which may name the answer to another cell."""
    values = [number.value.numerator for number in mark.answer.numbers]
    own = {text for value in values for text in (str(value), f"{value:,}")}
    named = any(re.search(rf"(?<![\d×,.]){re.escape(each)}(?![\d×]|[,.]\d)", text) for each in secrets - own)
    return hints == "hint" or (hints == "diagnosis" and named)


def right_text(mark: Mark) -> str:
    """The right value in full, and in the unit of the answer where it has one."""
    value = mark.right
    if isinstance(value, tuple):
        return numbers.sizes(value) if mark.quantity.kind == SIZE else numbers.shape(value)
    exact = f"{value} bytes" if mark.quantity.kind == BYTES else str(value)
    number = next(iter(mark.answer.numbers), None)
    if mark.quantity.kind in (COUNT, BYTES) and number is not None and number.scale != 1:
        return f"{number.show(Fraction(value))} ({exact})"
    return exact


def unread_notes(marked: Marked) -> Iterator[Note]:
    """The answers that could not be read, with their place in the file."""
    for mark in marked.marks:
        if mark.status == UNREAD:
            column = header_text(marked, mark.key)
            text = f"Row {mark.answer.cell.row}, column `{column}`: {mark.remark}"
            yield Note(UNREAD, (mark.address,), answer_text(mark), as_sentence(text))


def following_text(mark: Mark) -> str:
    """What a student reads about one answer that follows from an earlier mistake."""
    return f"Right given your own answer for {mark.origin}."


def following_notes(marked: Marked) -> Iterator[Note]:
    """The answers that follow from a mistake, by its row."""
    for addresses, group in grouped_marks(marked, FOLLOWS, lambda mark: mark.origin):
        answers = answers_text(group, 6, lambda mark: f"{mark.label} {mark.quantity.words}")
        origin = group[0].origin
        text = f"Right given your own answer for {origin}, so these count: {answers}."
        yield Note(FOLLOWS, addresses, f"from {origin}", text)


def reading_notes(marked: Marked) -> Iterator[Note]:
    """How right answers were read where that is not obvious; those with the same remark together."""
    for addresses, group in grouped_marks(marked, RIGHT, lambda mark: mark.remark):
        if group[0].remark:
            yield Note(RIGHT, addresses, answers_text(group, 2, answer_text), as_sentence(group[0].remark))
