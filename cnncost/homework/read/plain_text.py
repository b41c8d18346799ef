"""Answers in a plain text: a table drawn with lines or spaces, a pasted model summary, or statements.

torchsummary, torchinfo and Keras print a layer's name, its output shape in brackets and its parameters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from cnncost.homework.read.grid import Grid
from cnncost.homework.read.layout import Lines, asked_in, combined, grid_of_lines
from cnncost.homework.read.questions import numbered_grid
from cnncost.homework.read.statements import grid_of_statements

DRAWN = str.maketrans("┃│║¦", "||||")
RULE = re.compile(r"[\s|+:=_─━═╍╌┄┅┈┉╇╋┼╪┏┓┗┛┡┩┢┪└┘┌┐├┤┬┴╒╕╘╛╞╡╤╧╔╗╚╝╠╣╦╩╬┳┻┣┫╊╉╈-]+")
"""A line that only draws."""
LONGEST = 1_000
"""Characters of a line that are looked at."""
BULLETS = ("-", "*", "•", "+")

# Model summaries

SUMMARY = re.compile(r"Output Shape.*Param", re.IGNORECASE)
FIELD = re.compile(r"[\[(]+\s*(?:None|-1|\?|\d)[^\])]*[\])]+|--+|\?|\S+", re.IGNORECASE)
SHAPE = re.compile(r"[\[(]+\s*(?:None|-1|\?|\d[\d ]*,)[^\])]*[\])]+|\s--\s", re.IGNORECASE)
KNOWN = re.compile(
    r"Layer(?: \([^)]*\))?|Input Shape|Output Shape|Param(?:s|eters)? ?#?|Kernel Shape|Mult-Adds"
    r"|Connected to|Trainable",
    re.IGNORECASE,
)
TOTAL_LINE = re.compile(r"\s*Total params:\s*([\d,]+)", re.IGNORECASE)
LAYERS = "summary"
"""The remark by which the rows' order can be trusted."""


def summary_lines(text: str) -> list[tuple[int, list[str]]] | None:
    """The rows of a pasted model summary below a header; None for any other text."""
    found: list[tuple[int, list[str]]] = []
    header: list[str] = []
    for number, line in enumerate(text.translate(str.maketrans("┃│║├└─", "      ")).splitlines(), 1):
        line = line[:LONGEST]
        if SUMMARY.search(line):
            header = [name.strip() for name in KNOWN.findall(line)]
            found.append((number, ["Layer", *header[1:]]))
        elif header and (total := TOTAL_LINE.match(line)):
            found.append((number, ["total", *(total[1] if "param" in h.lower() else "" for h in header[1:])]))
        elif header and (at := SHAPE.search(line)) and not RULE.fullmatch(line):
            name = line[: at.start()].strip()
            fields = FIELD.findall(line[at.start() :])[: len(header) - 1]
            if name:
                found.append((number, [name, *("0" if set(f) == {"-"} else f for f in fields)]))
    return found if len(found) > 1 else None


# Tables of lines and spaces


def table_lines(text: str) -> list[tuple[int, list[str]]]:
    """The lines of a text with their cells, at the signs that draw columns, at tabs or at wide spaces."""
    found = []
    for number, line in enumerate(text.translate(DRAWN).splitlines(), 1):
        if RULE.fullmatch(line) or not line.strip():
            continue
        if "|" in line:
            cells = line.strip().strip("|").split("|")
        else:
            cells = re.split(r"\t" if "\t" in line else r"\s{2,}|\t", line.strip())
        found.append((number, [cell.strip() for cell in cells]))
    return found


# A text as a whole


def grid_of_text(text: str, name: str) -> Grid | None:
    """The answers in a text that is no table of cells between delimiters; None where it is one."""
    if (lines := summary_lines(text)) is not None:
        grid = grid_of_lines(name, lines)
        return replace(
            grid, remarks=(*grid.remarks, "the text is read as the summary of a model"), in_order=True
        )
    if (numbered := numbered_grid(text, name)) is not None:
        return numbered
    if (record := pasted_dict(text)) is not None:
        return grid_of_lines(name, list(enumerate(([key, value] for key, value in record), 1)))
    lines = table_lines(text)
    if tables := list(split_tables(lines)):
        return combined(name, [grid_of_lines(name, part) for part in tables])
    return grid_of_statements(text, name)


def split_tables(lines: Lines) -> Iterator[Lines]:
    """The tables of a text: each begins with a header."""
    starts = [
        i
        for i, (_, cells) in enumerate(lines)
        if asked_in(cells) and not any(c[:1].isdigit() or c in BULLETS for c in cells)
    ]
    for start, end in zip(starts, [*starts[1:], len(lines)][: len(starts)], strict=True):
        part = [line for line in lines[start:end] if len(line[1]) > 1]
        if len(part) > 1:
            yield part


def pasted_dict(text: str) -> Sequence[tuple[str, str]] | None:
    """The items of a dict of Python or JSON with a value for each name; None for any other text."""
    stripped = text.strip()
    if not (stripped.startswith("{") and stripped.endswith("}")) or len(stripped) > 100_000:
        return None
    try:
        found = json.loads(re.sub(r"'([^'\"]*)'", r'"\1"', stripped), parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        return None
    return list(found.items())
