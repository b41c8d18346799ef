"""Lines of Python as ruff formats them."""

from __future__ import annotations

from collections.abc import Iterator

WIDTH = 88
CLOSING = {"(": ")", "[": "]", "{": "}"}


def laid_out(line: str, indent: int) -> Iterator[str]:
    """A line, or the lines that it is broken into where it is too long."""
    space = "    " * indent
    start, end = last_brackets(line)
    if len(space) + len(line) <= WIDTH or end - start < 2:
        yield f"{space}{line}"
        return
    yield f"{space}{line[: start + 1]}"
    items, inner = split(line[start + 1 : end]), "    " * (indent + 1)
    together = ", ".join(items)
    if len(inner) + len(together) <= WIDTH:
        yield f"{inner}{together}"
    elif len(items) == 1 and (cut := comprehension(items[0])):
        yield from laid_out(items[0][:cut], indent + 1)
        yield f"{inner}{items[0][cut + 1 :]}"
    elif len(items) == 1:
        yield from laid_out(items[0], indent + 1)
    else:
        for item in items:
            yield from laid_out(f"{item},", indent + 1)
    yield f"{space}{line[end:]}"


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


def split(text: str) -> list[str]:
    """The items of a list, as they are between its brackets."""
    depth, start, items = 0, 0, []
    for place, char in outside_strings(text):
        depth += (char in CLOSING) - (char in CLOSING.values())
        if char == "," and not depth and not comprehension(text[start:]):
            items.append(text[start:place].strip())
            start = place + 1
    return [*items, text[start:].strip()] if text[start:].strip() else items


def comprehension(item: str) -> int:
    """Where the `for` of a comprehension begins; 0 in what is none."""
    depth = 0
    for place, char in outside_strings(item):
        depth += (char in CLOSING) - (char in CLOSING.values())
        if not depth and item[place : place + 5] == " for ":
            return place
        if not depth and char == ",":
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
