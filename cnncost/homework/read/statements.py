"""Answers as sentences: a line for each layer, ``conv1: 55x55x96, 34944 parameters``, or a block of lines.

Of a block, the first line is the layer's name and the others say what each value is: ``Output size: 6x6``.
"""

from __future__ import annotations

import re

from cnncost.homework.read.cells import read_cell
from cnncost.homework.read.grid import ABSENT, AnswerCell, Grid
from cnncost.homework.read.header_words import header_meaning
from cnncost.homework.read.numbering import kind_of_name
from cnncost.homework.read.quantities import COUNT, QUANTITIES, SHAPE
from cnncost.homework.read.text import with_common_signs, without_markup

BULLET = re.compile(r"^\s*(?:[-*•+>]|#+|\d{1,2}[.)])\s*(?=[A-Za-z*`\[(])")
STATEMENT = re.compile(r"(?P<name>(?:(?!->|→)[^:=\t]){1,80}?)\s*(?::|=|->|→|\t)\s*(?P<rest>.+)")
SHAPE_FIRST = re.compile(r"(?P<rest>[\[(][\d\s*x×,]+[\])])\s*(?P<name>[A-Za-z][\w ()-]{0,40})")
"""A shape in front of its layer: ``[55x55x96] CONV1``."""
PARTS = re.compile(r"\s{2,}|;\s+|,\s+(?![^()]*\))(?=[^+*/-])")
COUNTED = re.compile(r"(?P<value>.*\d.*?)\s*(?P<what>[a-z#][a-z ]+)", re.IGNORECASE)
NAMED = re.compile(r"[\[(]?(?P<what>[a-z#][a-z #()]*?)\s*[:=]\s*(?P<value>.+?)", re.IGNORECASE)
WORDS_FIRST = re.compile(r"(?P<what>[a-z#][a-z #]*?)\s+(?P<value>[\d~(].*)", re.IGNORECASE)
MAPS = re.compile(r"\d+ (?:feature ?)?maps of size [\d x×*]*\d")
MARKED = re.compile(r"\s*(?:#+\s|\*\*|__)")
"""The start of a heading in markdown."""
SENTENCE = re.compile(r"\b(?:after|before|per|number of|step)\b", re.IGNORECASE)
"""Words of what is no layer's name."""
LONGEST = 400
"""Characters of a line with answers."""
TOTALS = ("total", "sum", "in total", "altogether")
AXES = ("height", "width", "depth", "h", "w", "d", "c")
"""Of a block, the single axes are left out: the size follows."""


def grid_of_statements(text: str, name: str) -> Grid | None:
    """The answers of such a text; None where it has none."""
    reader = StatementReader()
    for number, line in enumerate(text.splitlines(), 1):
        reader.read(number, line)
    rows = [row for row in reader.rows if row[2]]
    if not rows:
        return None
    header = list(dict.fromkeys(key for _, _, values in rows for key in values))
    cells = [
        (AnswerCell(layer, n), *(AnswerCell(values[key], n) if key in values else ABSENT for key in header))
        for n, layer, values in rows
    ]
    return Grid(name, ("layer", *header), tuple(cells))


class StatementReader:
    """Collects the values of each layer: `rows` are a line's number, the layer, and values by header.

    A line of words alone, such as `Parameters:`, is the `topic` of the lines below it, or begins a block.
    """

    def __init__(self) -> None:
        self.rows: list[tuple[int, str, dict[str, str]]] = []
        self.topic = ""
        self.block: dict[str, str] | None = None

    def read(self, number: int, line: str) -> None:
        """Take in the next line."""
        if len(line) > LONGEST:
            return
        wide = "  " in line.strip()  # spaces that divide columns
        plain = BULLET.sub("", line).strip() if wide else with_common_signs(BULLET.sub("", line))
        if first := SHAPE_FIRST.fullmatch(plain):
            self.rows.append((number, first["name"].strip(), {"output": first["rest"]}))
            return
        match = STATEMENT.fullmatch(plain)
        if not match or not re.search(r"\d", match["rest"]):
            self.heading(number, plain, is_heading=plain.endswith(":") or bool(MARKED.match(line)))
            return
        name = match["name"].strip(" *`#")
        if self.block is not None and (header := header_of(name)):
            if name.casefold() not in AXES:
                self.block.setdefault(header, match["rest"])
        elif SENTENCE.search(name):
            return
        elif self.block is None or re.match(r"[a-z].*\d", name, re.IGNORECASE):
            self.block = None
            self.rows.append((number, name, values_of(match["rest"], self.topic)))

    def heading(self, number: int, plain: str, is_heading: bool) -> None:
        """Take in a line of words: what the lines below are about, or a layer whose values follow."""
        words = plain.strip(" :#*_")
        if self.block is not None and (maps := MAPS.search(plain)):
            self.block.setdefault("output", maps[0])
        elif header_of(words):
            self.topic = words
        elif is_heading and len(words) < 40 and (kind_of_name(words) or re.search(r"\d", words)):
            self.block = {}
            self.rows.append((number, words, self.block))


def values_of(text: str, topic: str) -> dict[str, str]:
    """The values in a line by the headers of what they are of.

    What is not named is a shape, or the one number of the line, which is of the topic or of parameters.
    """
    values: dict[str, str] = {}
    unnamed = []
    for part in (part for part in PARTS.split(text) if len(part) <= LONGEST // 2):
        named = NAMED.fullmatch(part.rstrip("])")) or WORDS_FIRST.fullmatch(part)
        counted = COUNTED.fullmatch(part)
        if named and (header := header_of(named["what"])):
            values.setdefault(header, without_markup(named["value"]))
        elif counted and (header := header_of(counted["what"])):
            values.setdefault(header, without_markup(counted["value"]))
        elif is_shape(part) and not topic:
            values.setdefault("output", without_markup(part))
        else:
            unnamed.append(without_markup(part))
    if len(unnamed) == 1 and "params" not in values and read_cell(AnswerCell(unnamed[0], 1), COUNT).readable:
        values.setdefault(topic or "params", unnamed[0])
    elif topic and len(unnamed) == 1:
        values.setdefault(topic, unnamed[0])
    return values


def header_of(words: str) -> str:
    """The header that some words mean; empty where they mean none."""
    found = header_meaning(words.strip())
    if words.strip().casefold() in TOTALS:
        return "params"
    quantity = found.quantity if found else None
    if found is None or quantity is None:
        return ""
    return f"{quantity.header} ({found.unit})" if found.unit else QUANTITIES[found.key].header


def is_shape(text: str) -> bool:
    """Whether a text is a shape of three or more sizes."""
    return len(read_cell(AnswerCell(text.strip(), 1), SHAPE).sizes) >= 3
