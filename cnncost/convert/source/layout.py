"""Lines of Python as ruff formats them."""

from __future__ import annotations

import re
from collections.abc import Iterator

WIDTH = 88
CLOSING = {"(": ")", "[": "]", "{": "}"}
STATEMENT = re.compile(r"(return|[\w., ]+ =) ")
OPERATORS = (" + ", " - ", " * ", " / ", " @ ")


def laid_out(line: str, indent: int) -> Iterator[str]:
    """A line, or the lines that it is broken into where it is too long."""
    space = "    " * indent
    if len(space) + len(line) <= WIDTH:
        yield f"{space}{line}"
        return
    statement = STATEMENT.match(line)
    if statement and (items := split(line[statement.end() :]))[1:]:
        yield from block(f"{statement[0]}(", items, ")", indent, together=False)
    elif statement and (terms := at_operators(line[statement.end() :]))[1:]:
        yield from in_brackets(statement[0], terms, indent)
    else:
        start, end = last_brackets(line)
        if end - start < 2:
            yield f"{space}{line}"
            return
        called = start > 0 and (line[start - 1].isalnum() or line[start - 1] in "_)]")
        yield from block(line[: start + 1], split(line[start + 1 : end]), line[end:], indent, called)


def block(opening: str, items: list[str], closing: str, indent: int, together: bool) -> Iterator[str]:
    """Items between brackets: those of a call together where they fit on one line, others each on its own."""
    space, inner = "    " * indent, "    " * (indent + 1)
    yield f"{space}{opening}"
    joined = ", ".join(items)
    if (together or len(items) == 1) and len(inner) + len(joined) <= WIDTH:
        yield f"{inner}{joined}"
    elif len(items) == 1 and (cut := comprehension(items[0])):
        yield from laid_out(items[0][:cut], indent + 1)
        yield f"{inner}{items[0][cut + 1 :]}"
    elif len(items) == 1:
        yield from laid_out(items[0], indent + 1)
    else:
        for item in items:
            yield from laid_out(f"{item},", indent + 1)
    yield f"{space}{closing}"


def in_brackets(start: str, terms: list[str], indent: int) -> Iterator[str]:
    """A sum in brackets, on one line or a term a line."""
    inner = "    " * (indent + 1)
    yield f"{'    ' * indent}{start}("
    together = " ".join(terms)
    if len(inner) + len(together) <= WIDTH:
        yield f"{inner}{together}"
    else:
        for term in terms:
            yield from laid_out(term, indent + 1)
    yield f"{'    ' * indent})"


def last_brackets(line: str) -> tuple[int, int]:
    """Where the last pair of brackets of a line opens and closes; (0, 0) where there is none."""
    depth, start, found = 0, 0, (0, 0)
    for place, char in outside_strings(line):
        if char in CLOSING:
            start = start if depth else place
            depth += 1
        elif char in CLOSING.values():
            depth -= 1
            found = found if depth else (start, place)
    return found


def outermost(text: str) -> Iterator[tuple[int, str]]:
    """The characters outside all brackets and strings, with their places."""
    depth = 0
    for place, char in outside_strings(text):
        depth += (char in CLOSING) - (char in CLOSING.values())
        if not depth:
            yield place, char


def split(text: str) -> list[str]:
    """The items of a list, as they are between its brackets."""
    start, items = 0, []
    for place, char in outermost(text):
        if char == "," and not comprehension(text[start:]):
            items.append(text[start:place].strip())
            start = place + 1
    return [*items, text[start:].strip()] if text[start:].strip() else items


def at_operators(text: str) -> list[str]:
    """The terms of a sum or product, each behind its operator."""
    places = [place for place, _ in outermost(text) if text[place : place + 3] in OPERATORS]
    ends = [*places, len(text)]
    return [text[start:end].strip() for start, end in zip([0, *places], ends, strict=True)]


def comprehension(item: str) -> int:
    """Where the `for` of a comprehension begins; 0 in what is none."""
    for place, char in outermost(item):
        if item[place : place + 5] == " for ":
            return place
        if char == ",":
            return 0
    return 0


def outside_strings(text: str) -> Iterator[tuple[int, str]]:
    """The characters that are not within a string, with their places."""
    inside = False
    for place, char in enumerate(text):
        if char == '"':
            inside = not inside
        elif not inside:
            yield place, char
