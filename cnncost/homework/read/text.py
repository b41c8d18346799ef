"""Small operations on texts that others wrote."""

from __future__ import annotations

from collections.abc import Sequence

SHOWN = 40
"""Characters of a longer text that are shown."""
SIGNS = str.maketrans("×✕⨯·−’\u00a0\u2009\u202f", "xxx*-'   ")


def printable(text: str, most: int = SHOWN) -> str:
    """A text on one line, without control characters, cut after `most` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * most]).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def without_markup(text: str) -> str:
    """A cell without the markdown for bold, italic, code or math around it."""
    stripped = text.strip()
    for mark in ("**", "__", "`", "$", "*"):
        if len(stripped) > 2 * len(mark) and stripped.startswith(mark) and stripped.endswith(mark):
            stripped = stripped[len(mark) : -len(mark)].strip()
    return stripped


def with_common_signs(text: str) -> str:
    """A text with a single kind of minus, times, space and quote."""
    return " ".join(text.translate(SIGNS).split())


def without_empty_end(cells: Sequence[str]) -> Sequence[str]:
    """Cells up to the last one that is not empty."""
    count = next((i for i in range(len(cells), 0, -1) if cells[i - 1].strip()), 0)
    return cells[:count]


def as_sentence(text: str) -> str:
    """A text that begins with a capital and ends with a full stop."""
    ended = text if text.endswith((".", "?", "!")) else f"{text}."
    return ended[:1].upper() + ended[1:]
