"""How many points a cell is worth: one for each, unless a rubric says otherwise.

points: 1                # for a cell that nothing else names
columns: {params: 2, memory: 0}
rows: {fc8: 2}           # for each cell of a row
cells: {conv1/params: 3}
follow: 1                # of a cell's points, for what follows from an earlier mistake
out_of: 20               # all points together come to so many
tolerance: 0.01          # how far off an answer may be, as a share of the right value
convention: lecture
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from cnncost.count.convention import convention_named
from cnncost.errors import CnncostError, SpecError, did_you_mean
from cnncost.homework.read.grid import printable
from cnncost.homework.read.headers import meaning
from cnncost.homework.read.quantities import QUANTITIES
from cnncost.homework.read.reader import read_bytes, text_of

NUMBER = re.compile(r"(\d{1,6})(?:\.(\d{1,6}))?|(\d{1,4})/(\d{1,4})", re.ASCII)


@dataclass(frozen=True)
class Rubric:
    """Points by cell, row and column; what follows from a mistake gets `follow` of them.

    With `columns`, these are what is asked, of every row that has them; of the total if `rows` names it.
    """

    points: Fraction = Fraction(1)
    columns: Mapping[str, Fraction] = field(default_factory=dict)
    rows: Mapping[str, Fraction] = field(default_factory=dict)
    cells: Mapping[tuple[str, str], Fraction] = field(default_factory=dict)
    follow: Fraction = Fraction(1)
    out_of: Fraction | None = None
    tolerance: Fraction = Fraction(0)
    convention: str | None = None

    def worth(self, label: str, key: str) -> Fraction:
        """The points of a cell: as the cell, its row or its column says, whichever is named first."""
        if (label, key) in self.cells:
            return self.cells[label, key]
        return self.rows.get(label, self.columns.get(key, self.points))

    def check(self, labels: Mapping[str, Any]) -> None:
        """Refuse rows that the network does not have.

        Raises:
            CnncostError: a row is unknown; the nearest is named.
        """
        for label in [*self.rows, *(label for label, _ in self.cells)]:
            if label not in labels:
                raise CnncostError(f"rubric: no row `{printable(label)}`{did_you_mean(label, labels)}")


def read_rubric(path: str | os.PathLike[str] | None) -> Rubric:
    """The rubric in a YAML file; the plain one for None.

    Raises:
        CnncostError: it is no rubric, with the line.
    """
    if path is None:
        return Rubric()
    name = Path(path).name
    return parse_rubric(text_of(read_bytes(path), name), name)


def parse_rubric(text: str, name: str) -> Rubric:
    """The rubric in a text; `name` stands in its errors."""
    from cnncost.spec.document import Document

    try:
        root = Document(text, name).compose()
    except SpecError as error:
        place = f"{error.place.line}: " if error.place else ""
        raise CnncostError(f"{name}:{place}{error.message}") from None
    values: dict[str, Any] = {}
    for key, node in pairs(root, name):
        if key not in READERS:
            raise wrong(name, node, f"no `{printable(key)}` in a rubric{known(key, READERS)}")
        values[key] = READERS[key](node, name)
    return Rubric(**values)


def pairs(node: yaml.Node, name: str) -> list[tuple[str, yaml.Node]]:
    """The keys of a mapping with what they hold, each once."""
    if not isinstance(node, yaml.MappingNode):
        raise wrong(name, node, "a mapping is expected, `key: points`")
    found = [(str(key.value), value) for key, value in node.value]
    for i, (key, value) in enumerate(found):
        if any(key == other for other, _ in found[:i]):
            raise wrong(name, value, f"`{printable(key)}` stands twice")
    return found


def wrong(name: str, node: yaml.Node, message: str) -> CnncostError:
    """An error with its line."""
    return CnncostError(f"{name}:{node.start_mark.line + 1}: {message}")


def known(key: str, names: Mapping[str, Any]) -> str:
    """The nearest known name, or all of them."""
    return did_you_mean(key, names) or f"; there are {', '.join(names)}"


def points(node: yaml.Node, name: str) -> Fraction:
    """A number of points: 2, 0.5 or 1/2."""
    match = NUMBER.fullmatch(node.value) if isinstance(node, yaml.ScalarNode) else None
    if not match or match[4] == "0":
        raise wrong(name, node, "points are a number from 0, such as 2, 0.5 or 1/2")
    return Fraction(node.value)


def share(node: yaml.Node, name: str) -> Fraction:
    """A number from 0 to 1."""
    value = points(node, name)
    if value > 1:
        raise wrong(name, node, "a share lies between 0 and 1")
    return value


def by_column(node: yaml.Node, name: str) -> dict[str, Fraction]:
    """Points by column, whose names are as forgiving as an answer's headers."""
    return {column(key, value, name): points(value, name) for key, value in pairs(node, name)}


def column(header: str, node: yaml.Node, name: str) -> str:
    """The key of a column."""
    found = meaning(header)
    if found is None or found.quantity is None:
        raise wrong(name, node, f"no column `{printable(header)}`{known(header, QUANTITIES)}")
    return found.key


def by_row(node: yaml.Node, name: str) -> dict[str, Fraction]:
    """Points by row."""
    return {key: points(value, name) for key, value in pairs(node, name)}


def by_cell(node: yaml.Node, name: str) -> dict[tuple[str, str], Fraction]:
    """Points by cell, written `conv1/params`."""
    found = {}
    for key, value in pairs(node, name):
        label, slash, header = key.rpartition("/")
        if not slash:
            raise wrong(
                name, value, f"a cell is written row/column, such as conv1/params, not `{printable(key)}`"
            )
        found[label, column(header, value, name)] = points(value, name)
    return found


def convention(node: yaml.Node, name: str) -> str:
    """A convention's name."""
    value = node.value if isinstance(node, yaml.ScalarNode) else ""
    try:
        return convention_named(value).name
    except CnncostError as error:
        raise wrong(name, node, str(error)) from None


READERS: dict[str, Callable[[yaml.Node, str], Any]] = {
    "points": points,
    "columns": by_column,
    "rows": by_row,
    "cells": by_cell,
    "follow": share,
    "out_of": points,
    "tolerance": share,
    "convention": convention,
}
"""What a rubric can say, and how each is read."""
