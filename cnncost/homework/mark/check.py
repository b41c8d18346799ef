"""Marking in one call: a network, a student's answers, and how to mark them."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from cnncost.count.conventions import convention_named
from cnncost.count.profile import NetworkCost, profile_graph
from cnncost.dims import Inputs
from cnncost.errors import CnncostError, shown
from cnncost.homework.mark.explaining import Search, with_explanations
from cnncost.homework.mark.interpretations import Interpretations
from cnncost.homework.mark.marking import Marking
from cnncost.homework.mark.marks import Marked
from cnncost.homework.mark.rubric import Rubric, read_rubric
from cnncost.homework.read import Address, asked_addresses, empty_answers, read_sheet
from cnncost.network.catalogue import load

RubricSource = Rubric | str | os.PathLike[str] | None


@dataclass(frozen=True)
class Task:
    """What answers are compared with: the right network, the points, and the cells that count.

    `convention` is the only accepted way of counting, None to accept what the answers show. `asked` are
    the cells of a worksheet, None where the rubric or the answers say which cells count.
    """

    network: NetworkCost
    rubric: Rubric
    convention: str | None = None
    asked: tuple[Address, ...] | None = None
    follow: bool = True

    def check(self, answers: Any, explain: bool = True) -> Marked:
        """Mark a student's answers; `answers` and `explain` as in :func:`check`."""
        sheet = read_sheet(answers, self.network, self.asked)
        marked = Marking(sheet, self.ways, self.rubric, self.asked, self.follow).marked()
        return with_explanations(marked, self.search) if explain else marked

    @cached_property
    def ways(self) -> Interpretations:
        """The ways to count, which all submissions share."""
        return Interpretations(self.network, self.convention or self.rubric.convention)

    @cached_property
    def search(self) -> Search:
        """The search for causes, in which the answers of a class are looked for once."""
        return Search()

    def points(self) -> dict[Address, Fraction]:
        """The cells that count, with their points: those of a submission that leaves all of them blank."""
        marked = self.check(empty_answers(self.network, tuple(self.rubric.columns) or ("params",)), False)
        return marked.possible_by_cell


def set_task(
    network: Any,
    *,
    rubric: RubricSource = None,
    worksheet: Any = None,
    asked: Collection[Address] | None = None,
    convention: str | None = None,
    tolerance: Fraction | float | str | None = None,
    follow: bool = True,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
    batch: int = 1,
    dtype: str = "float32",
) -> Task:
    """The task that answers are marked against; the arguments as in :func:`check`.

    Raises:
        CnncostError: the network, the rubric, the worksheet or an option cannot be used.
    """
    if convention is not None:
        convention_named(convention)
    points = rubric_of(rubric)
    if tolerance is not None:
        points = replace(points, tolerance=share_of(tolerance))
    convention = convention or points.convention
    if not isinstance(network, NetworkCost):
        graph = load(network, input=input, params=params)
        network = profile_graph(graph, convention or "lecture", batch, dtype)
    if worksheet is not None:
        asked = asked_addresses(worksheet, network)
    return Task(network, points, convention, None if asked is None else tuple(asked), follow)


def share_of(value: object, option: str = "tolerance") -> Fraction:
    """A tolerance as a share: of `1%`, `0.01` or a number.

    Raises:
        CnncostError: it is no share; `option` is the name of the setting.
    """
    numeric = isinstance(value, (int, float, Fraction)) and not isinstance(value, bool)
    written = f"{option} {value if numeric or isinstance(value, str) else shown(value)}"
    if isinstance(value, Fraction):
        found = value
    else:
        text = str(value).strip() if numeric or isinstance(value, str) else ""
        match = re.fullmatch(r"(\d{1,4}(?:\.\d{1,6})?) ?(%?)", text, re.ASCII)
        if isinstance(value, float) and 0 <= value <= 1:
            found = Fraction(str(value))
        elif not match and numeric:
            raise CnncostError(f"{written}: a share is between 0 and 1")
        elif not match:
            raise CnncostError(f"{written}: write a share, such as 1% or 0.01")
        else:
            found = Fraction(match[1]) / (100 if match[2] else 1)
    if not 0 <= found <= 1:
        raise CnncostError(f"{written}: a share is between 0 and 1")
    return found


def rubric_of(rubric: RubricSource) -> Rubric:
    """A rubric, or the one in a file; one point for each cell for None."""
    if isinstance(rubric, Rubric):
        return rubric
    return Rubric() if rubric is None else read_rubric(rubric)


def check(network: Any, answers: Any, *, explain: bool = True, **how: Any) -> Marked:
    """Mark a student's answers about a network, and find the mistakes behind the wrong ones.

    Args:
        network: a catalogue name, a path to a YAML spec, a Spec, a Graph, or a profile.
        answers: a file's path, a DataFrame, a list of dicts, or a dict of dicts by layer.
        explain: whether to look for the mistakes.
        how: any of these.

            - `rubric`: points, tolerance and convention, as a Rubric or a YAML file.
            - `worksheet`: the worksheet that was handed out; only its `?` cells count. Or `asked`, those
              cells by the labels of their rows and the keys of their columns.
            - `convention`: the only accepted way of counting; None to accept what the answers show.
            - `tolerance`: how far off an answer may be, as a share of the right value: 0.01 or "1%".
            - `follow`: whether to accept answers that follow from an earlier mistake.
            - `input`, `params`, `batch`, `dtype`: as in `cnncost.profile`.

    Raises:
        CnncostError: the network, the answers or an option cannot be used.
    """
    return set_task(network, **how).check(answers, explain)
