"""Every error that a user can cause.

A :class:`CnncostError` is shown as one message and exit code 2, never as a traceback.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from unicodedata import east_asian_width


class CnncostError(Exception):
    """The user's input cannot be used; the message says why and what to do."""


class ArgumentError(CnncostError):
    """A layer's arguments are wrong whatever the input: `stride` 0, an unknown padding mode."""


class ShapeError(CnncostError):
    """A layer does not fit the shape that reaches it."""


class NameUnknown(CnncostError):
    """No network, layer or convention has this name."""


@dataclass(frozen=True)
class Place:
    """A position in a spec: where an error is shown. Lines and columns count from 1."""

    source: str
    line: int
    column: int
    text: str = ""

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}"

    def right(self, columns: int) -> Place:
        """The place this many columns further right."""
        return Place(self.source, self.line, self.column + columns, self.text)


class SpecError(CnncostError):
    """A spec is wrong: where, which rule, which value, what to do.

    `names` are the names that the wrong part mentions: a wrong value may come from where one was passed.
    `calls` are the calls of blocks between the place and the layers of the network, as texts.
    """

    def __init__(
        self,
        message: str,
        place: Place | None = None,
        names: frozenset[str] = frozenset(),
        calls: tuple[str, ...] = (),
    ) -> None:
        self.rule = message
        self.message = f"{message} ({', '.join(shortened(calls))})" if calls else message
        super().__init__(self.message)
        self.place = place
        self.names = names
        self.calls = calls

    def __str__(self) -> str:
        if self.place is None:
            return self.message
        head = f"{self.place}: {self.message}"
        return head + excerpt(self.place) if self.place.text.strip() else head


def shortened(calls: tuple[str, ...], most: int = 4) -> tuple[str, ...]:
    """A chain of calls, without its middle where it is long."""
    return calls if len(calls) <= most else (*calls[:2], "…", *calls[3 - most :])


class Misfit(SpecError, ShapeError):
    """A layer does not fit the shape that enters it."""


class SpecErrors(SpecError):
    """Several independent errors of one file, in the order of their lines."""

    def __init__(self, errors: Iterable[SpecError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


EXCERPT_WIDTH = 72


def excerpt(place: Place) -> str:
    """The offending line with a caret under the column, cut to fit a terminal."""
    start = max(0, place.column - 1 - EXCERPT_WIDTH // 2) if len(place.text) > EXCERPT_WIDTH else 0
    shown = "".join(c if c.isprintable() else " " for c in place.text[start : start + EXCERPT_WIDTH])
    number = str(place.line)
    before = shown[: place.column - 1 - start].ljust(place.column - 1 - start)
    caret = " " * sum(2 if east_asian_width(c) in "WF" else 1 for c in before) + "^"
    return f"\n  {number} | {shown.rstrip()}\n  {' ' * len(number)} | {caret}"


def did_you_mean(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """`; did you mean X?` for the nearest of `known`, or an empty string."""
    found = nearest(name, known, cutoff)
    return f"; did you mean {found}?" if found else ""


def shown(value: object, most: int = 60) -> str:
    """A value of Python in an error: what can be typed as it is, of anything else its type."""
    if not isinstance(value, (str, int, float, tuple, list, dict, set, range, type(None))):
        return f"a {type(value).__name__}"
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The one of `known` that is most like a misspelt name, if one is.

    Where `known` is long and words are short, a higher `cutoff` keeps chance likenesses out.
    """
    import difflib

    if len(name) > LONGEST_MISSPELT:
        return None
    by_fold = {candidate.casefold(): candidate for candidate in islice(known, MOST_CANDIDATES)}
    match = difflib.get_close_matches(name.casefold(), by_fold, n=1, cutoff=cutoff)
    if not match:
        return None
    usual = re.sub(r"[13]d$", "2d", match[0])  # MaxPool1d and MaxPool3d are as near to maxpool
    typed = re.search(r"\dd?$", name)
    return by_fold[match[0] if typed else usual if usual in by_fold else match[0]]


LONGEST_MISSPELT = 50
MOST_CANDIDATES = 500
