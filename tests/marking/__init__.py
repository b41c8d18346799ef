"""Answers with the mistakes that students make: how many are marked and explained rightly.

`mistakes.csv` holds them, each with its true mistake: quizzes' wrong options, forum questions and exercises.
Its values were computed from the layers' sizes alone, by a script that shares nothing with cnncost.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cnncost.homework.mark import RIGHT, WRONG, Mark, Marked
from cnncost.homework.mark.check import set_task
from cnncost.homework.read import Address
from cnncost.spec.reader import parse_spec

FOLDER = Path(__file__).parent
HEADERS = {
    "output": "out_shape",
    "params": "params",
    "memory": "memory",
    "macs": "macs",
    "rf": "receptive_field",
}
"""The columns of the sheets: their headers and the keys of their quantities."""


@dataclass(frozen=True)
class Case:
    """A sheet with mistakes: the mistaken cells with what they should be explained by, and the others."""

    name: str
    part: str
    network: str
    batch: int
    mistakes: dict[Address, str]
    cells: dict[Address, str]
    source: str

    @property
    def single(self) -> bool:
        """Whether it is one mistake, and nothing follows from it."""
        return self.name.startswith("s")


@dataclass
class Shares:
    """What was counted over some cases."""

    cells: int = 0
    marked: int = 0
    false_right: list[str] = field(default_factory=list)
    false_wrong: list[str] = field(default_factory=list)
    mistakes: int = 0
    named: int = 0
    hedged: list[str] = field(default_factory=list)
    wrong_stories: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


def cases(part: str = "") -> Iterator[Case]:
    """The cases of a part: `dev` or `held`; of both without one."""
    with (FOLDER / "mistakes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if part in ("", row["part"]):
                wrong, right = cells_of(row["wrong"]), cells_of(row["right"])
                batch = int(row["options"].removeprefix("batch=") or 1)
                true, cells = cells_of(row["true"]), {**right, **wrong}
                yield Case(row["id"], row["part"], row["network"], batch, true, cells, row["source"])


def cells_of(text: str) -> dict[Address, str]:
    """Cells as the file has them: `conv1:params=34848; conv1:output=55x55x96`."""
    found: dict[Address, str] = {}
    for entry in filter(None, text.split("; ")):
        address, _, value = entry.partition("=")
        label, _, header = address.rpartition(":")
        found[label, HEADERS[header]] = value
    return found


@cache
def task(network: str, batch: int) -> Any:
    """The task on a network of the catalogue, or of networks.yaml."""
    specs = yaml.safe_load((FOLDER / "networks.yaml").read_text(encoding="utf-8"))
    return set_task(
        parse_spec(f"name: {network}\n{specs[network]}", network) if network in specs else network,
        batch=batch,
    )


@cache
def meanings() -> dict[str, list[str]]:
    """The deviations that mean each mistake, by its words."""
    found: dict[str, list[str]] = yaml.safe_load((FOLDER / "meanings.yaml").read_text(encoding="utf-8"))
    return found


def marked(case: Case) -> Marked:
    """A case, marked."""
    keys = list(dict.fromkeys(key for _, key in case.cells))
    headers = {key: header for header, key in HEADERS.items()}
    rows = [
        {"layer": label, **{headers[key]: case.cells.get((label, key), "") for key in keys}}
        for label in dict.fromkeys(label for label, _ in case.cells)
    ]
    return task(case.network, case.batch).check(rows)


def names(mark: Mark, mistake: str) -> bool:
    """Whether a mark's cause says the mistake: each of its parts by one deviation, and nothing else."""
    parts, told = mistake.split(" + "), mark.cause.deviations if mark.cause else ()
    accepted = [meanings().get(part, []) for part in parts]
    if len(told) == 1 and told[0] in meanings().get(mistake, []):
        return True
    return len(told) == len(parts) and any(
        all(name in known for name, known in zip(order, accepted, strict=True))
        for order in itertools.permutations(told)
    )


def count(case: Case, shares: Shares) -> None:
    """Count what the marking makes of a case."""
    for mark in marked(case).marks:
        if mark.answer.blank:
            continue
        told = f"{case.name} {case.network} {mark.label} {mark.key} {mark.answer.cell.text}"
        shares.cells += 1
        mistake = case.mistakes.get(mark.address)
        if mistake is None:
            shares.marked += mark.accepted
            shares.false_wrong += [] if mark.accepted else [f"{told}: {mark.status}"]
            continue
        shares.marked += mark.status == WRONG
        shares.false_right += [told] if mark.status == RIGHT else []
        shares.mistakes += 1
        sentence = re.sub(r"\s+", " ", mark.cause.sentence) if mark.cause else ""
        line = f"{told}: {mistake} -> {mark.cause.deviations if mark.cause else mark.status} {sentence}"
        if mark.cause is None:
            shares.silent.append(line)
        elif names(mark, mistake):
            shares.named += 1
        elif mark.hedged:
            shares.hedged.append(line)
        else:
            shares.wrong_stories.append(line)
