"""How many points a cell is worth: one, unless a rubric says otherwise.

points: 1                # for each cell that nothing below names
columns: {params: 2, memory: 0}
rows: {fc8: 2}           # for each cell of a row
cells: {conv1/params: 3}
follow: 1                # the share of points for an answer that follows from an earlier mistake
out_of: 20               # the sum of all points
tolerance: 0.01          # how far off an answer may be, as a share of the right value
convention: lecture
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from cnncost.count.conventions import convention_named
from cnncost.errors import CnncostError, SpecError, did_you_mean
from cnncost.homework.read import QUANTITIES, header_meaning, printable, read_text_file

POINTS = re.compile(r"\d{1,6}(\.\d{1,6})?|\d{1,4}/0*[1-9]\d{0,3}", re.ASCII)


@dataclass(frozen=True)
class Rubric:
    """Points by cell, row and column; `follow` is the share for answers that follow from a mistake.

    `columns`, if given, are the ones that are asked, in every row that has them; in the total only if
    `rows` names it.
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
        """The points of a cell, by the first of cell, row and column that the rubric names."""
        if (label, key) in self.cells:
            return self.cells[label, key]
        return self.rows.get(label, self.columns.get(key, self.points))

    def check_rows(self, labels: Sequence[str]) -> None:
        """Refuse rows that the network does not have."""
        for label in [*self.rows, *(label for label, _ in self.cells)]:
            if label not in labels:
                raise CnncostError(f"rubric: no row `{printable(label)}`{did_you_mean(label, labels)}")


def read_rubric(path: str | os.PathLike[str]) -> Rubric:
    """The rubric in a YAML file."""
    return parse_rubric(read_text_file(path), Path(path).name)


def parse_rubric(text: str, name: str = "rubric") -> Rubric:
    """The rubric in a text; `name` is its name in errors."""
    from cnncost.spec.document import SourceText

    try:
        root = SourceText(text, name).compose()
    except SpecError as error:
        line = f"{error.place.line}: " if error.place else ""
        raise CnncostError(f"{name}:{line}{error.message}") from None
    found: dict[str, Any] = {}
    for key, node in key_values(root, name):
        if key not in READERS:
            raise rubric_error(name, node, f"no `{printable(key)}` in a rubric{nearest_or_all(key, READERS)}")
        found[key] = READERS[key](node, name)
    return Rubric(**found)


def rubric_error(name: str, node: yaml.Node, message: str) -> CnncostError:
    """An error with its line."""
    return CnncostError(f"{name}:{node.start_mark.line + 1}: {message}")


def key_values(node: yaml.Node, name: str) -> list[tuple[str, yaml.Node]]:
    """The keys of a mapping with their values; no key may occur twice."""
    if not isinstance(node, yaml.MappingNode):
        raise rubric_error(name, node, "a mapping is expected, `key: points`")
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if str(key.value) in found:
            raise rubric_error(name, value, f"`{printable(str(key.value))}` occurs twice")
        found[str(key.value)] = value
    return list(found.items())


def read_points(node: yaml.Node, name: str) -> Fraction:
    """A number of points: 2, 0.5 or 1/2."""
    if not isinstance(node, yaml.ScalarNode) or not POINTS.fullmatch(node.value):
        raise rubric_error(name, node, "points are a number from 0, such as 2, 0.5 or 1/2")
    return Fraction(node.value)


def read_share(node: yaml.Node, name: str) -> Fraction:
    """A number from 0 to 1."""
    value = read_points(node, name)
    if value > 1:
        raise rubric_error(name, node, "a share is between 0 and 1")
    return value


def read_convention_name(node: yaml.Node, name: str) -> str:
    """The name of a convention."""
    try:
        return convention_named(node.value if isinstance(node, yaml.ScalarNode) else "").name
    except CnncostError as error:
        raise rubric_error(name, node, str(error)) from None


def column_named(header: str, node: yaml.Node, name: str) -> str:
    """The key of a column, which may be named by any header that answers may have."""
    found = header_meaning(header)
    if found is None or found.quantity is None or found.guessed:
        raise rubric_error(name, node, f"no column `{printable(header)}`{nearest_or_all(header, QUANTITIES)}")
    return found.key


def cell_named(text: str, node: yaml.Node, name: str) -> tuple[str, str]:
    """A cell, written `conv1/params`."""
    label, slash, header = text.rpartition("/")
    if not slash:
        shown = printable(text)
        raise rubric_error(name, node, f"write a cell as row/column, such as conv1/params, not `{shown}`")
    return label, column_named(header, node, name)


def points_by(named: Callable[[str, yaml.Node, str], Any]) -> Callable[[yaml.Node, str], Any]:
    """A reader of points by what each key names."""
    return lambda node, name: {
        named(key, value, name): read_points(value, name) for key, value in key_values(node, name)
    }


def nearest_or_all(key: str, names: Mapping[str, Any]) -> str:
    """The nearest of some names, or all of them, as the end of a message."""
    return did_you_mean(key, names) or f"; there are {', '.join(names)}"


READERS: dict[str, Callable[[yaml.Node, str], Any]] = {
    "points": read_points,
    "columns": points_by(column_named),
    "rows": points_by(lambda key, *_: key),
    "cells": points_by(cell_named),
    "follow": read_share,
    "out_of": read_points,
    "tolerance": read_share,
    "convention": read_convention_name,
}
"""The keys of a rubric, and how their values are read."""
