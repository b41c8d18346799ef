"""How many points a cell is worth: one, unless a rubric says otherwise.

points: 1                # for each cell that nothing below names
columns: {params: 2, memory: 0}
rows: {fc8: 2}           # for each cell of a row
cells: {conv1/params: 3}
follow: 1                # the share of a cell's points for what follows from an earlier mistake
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
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from cnncost.count.convention import convention_named
from cnncost.errors import CnncostError, SpecError, did_you_mean
from cnncost.homework.read import QUANTITIES, header_meaning, printable, read_text

POINTS = re.compile(r"(\d{1,6})(?:\.(\d{1,6}))?|(\d{1,4})/(\d{1,4})", re.ASCII)


@dataclass(frozen=True)
class Rubric:
    """Points by cell, row and column; `follow` is the share for what follows from a mistake.

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
        """Refuse rows that the network does not have.

        Raises:
            CnncostError: a row is unknown; the nearest is named.
        """
        for label in [*self.rows, *(label for label, _ in self.cells)]:
            if label not in labels:
                raise CnncostError(f"rubric: no row `{printable(label)}`{did_you_mean(label, labels)}")


def read_rubric(path: str | os.PathLike[str]) -> Rubric:
    """The rubric in a YAML file.

    Raises:
        CnncostError: it is not a rubric, with the line.
    """
    return parse_rubric(read_text(path), Path(path).name)


def parse_rubric(text: str, name: str = "rubric") -> Rubric:
    """The rubric in a text; `name` is its name in errors."""
    from cnncost.spec.document import Document

    try:
        root = Document(text, name).compose()
    except SpecError as error:
        line = f"{error.place.line}: " if error.place else ""
        raise CnncostError(f"{name}:{line}{error.message}") from None
    return Rubric(**RubricReader(name).values(root))


def parse_points(text: str) -> Fraction | None:
    """A number of points, such as 2, 0.5 or 1/2; None for anything else."""
    match = POINTS.fullmatch(text)
    return Fraction(text) if match and match[4] != "0" else None


class RubricReader:
    """Reads the YAML tree of a rubric; `name` is its name in errors."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.readers: dict[str, Callable[[yaml.Node], Any]] = {
            "points": self.points,
            "columns": partial(self.by, self.column),
            "rows": partial(self.by, lambda key, _: key),
            "cells": partial(self.by, self.cell),
            "follow": self.share,
            "out_of": self.points,
            "tolerance": self.share,
            "convention": self.convention,
        }

    def error(self, node: yaml.Node, message: str) -> CnncostError:
        """An error with its line."""
        return CnncostError(f"{self.name}:{node.start_mark.line + 1}: {message}")

    def values(self, root: yaml.Node) -> dict[str, Any]:
        """The fields of the Rubric."""
        found = {}
        for key, node in self.pairs(root):
            if key not in self.readers:
                raise self.error(
                    node, f"no `{printable(key)}` in a rubric{nearest_or_all(key, self.readers)}"
                )
            found[key] = self.readers[key](node)
        return found

    def pairs(self, node: yaml.Node) -> list[tuple[str, yaml.Node]]:
        """The keys of a mapping with their values; no key may occur twice."""
        if not isinstance(node, yaml.MappingNode):
            raise self.error(node, "a mapping is expected, `key: points`")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.value in found:
                raise self.error(value, f"`{printable(str(key.value))}` occurs twice")
            found[str(key.value)] = value
        return list(found.items())

    def points(self, node: yaml.Node) -> Fraction:
        """A number of points."""
        value = parse_points(node.value) if isinstance(node, yaml.ScalarNode) else None
        if value is None:
            raise self.error(node, "points are a number from 0, such as 2, 0.5 or 1/2")
        return value

    def share(self, node: yaml.Node) -> Fraction:
        """A number from 0 to 1."""
        value = self.points(node)
        if value > 1:
            raise self.error(node, "a share lies between 0 and 1")
        return value

    def by(self, name_of: Callable[[str, yaml.Node], Any], node: yaml.Node) -> dict[Any, Fraction]:
        """Points by what each key names."""
        return {name_of(key, value): self.points(value) for key, value in self.pairs(node)}

    def column(self, header: str, node: yaml.Node) -> str:
        """The key of a column, whose name may be any header that answers may have."""
        found = header_meaning(header)
        if found is None or found.quantity is None:
            raise self.error(node, f"no column `{printable(header)}`{nearest_or_all(header, QUANTITIES)}")
        return found.key

    def cell(self, text: str, node: yaml.Node) -> tuple[str, str]:
        """A cell, written `conv1/params`."""
        label, slash, header = text.rpartition("/")
        if not slash:
            shown = printable(text)
            raise self.error(node, f"write a cell as row/column, such as conv1/params, not `{shown}`")
        return label, self.column(header, node)

    def convention(self, node: yaml.Node) -> str:
        """The name of a convention."""
        try:
            return convention_named(node.value if isinstance(node, yaml.ScalarNode) else "").name
        except CnncostError as error:
            raise self.error(node, str(error)) from None


def nearest_or_all(key: str, names: Mapping[str, Any]) -> str:
    """The nearest of some names, or all of them, as the end of a message."""
    return did_you_mean(key, names) or f"; there are {', '.join(names)}"
