"""Sheets and cells as students and courses write them: what is read of each is known beforehand.

`handed_in.yaml` holds them, collected from assignments, exam solutions, blog posts and the summaries of tools.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

import cnncost
from cnncost.count.profile import NetworkCost
from cnncost.homework.mark import judge_answer
from cnncost.homework.read import QUANTITIES, Answer, AnswerCell, Value, header_meaning, read_cell, read_sheet

CASES = yaml.safe_load((Path(__file__).parent / "handed_in.yaml").read_text(encoding="utf-8"))
KEYS = {
    "output": "out_shape",
    "rf": "receptive_field",
    "H": "out_size",
    "H/W": "out_size",
    "C": "out_channels",
}
KINDS = {
    "params": "count",
    "macs": "count",
    "output": "shape",
    "vector": "shape",
    "memory": "bytes",
    "rf": "size",
}
NEAR = Fraction(1, 500)
"""How near a number must be to the true one, which is exact where the text is rounded."""


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, NetworkCost]:
    """The networks of the cases by name: those of the file, and the catalogue's."""
    found = {}
    folder = tmp_path_factory.mktemp("networks")
    for name in dict.fromkeys(case["net"] for case in CASES["sheets"]):
        path = folder / f"{name}.yaml"
        if name in CASES["networks"]:
            path.write_text(f"name: {name}\n{CASES['networks'][name]}")
        found[name] = cnncost.profile(str(path) if path.exists() else name)
    return found


def written(case: dict[str, Any], folder: Path) -> Path:
    """The file of a case."""
    path: Path = folder / case["file"]
    if "xlsx" not in case:
        path.write_text(case["sheet"], encoding="utf-8")
        return path
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in case["xlsx"].items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for merged in case.get("merge", []):
            sheet.merge_cells(merged)
    stream = io.BytesIO()
    book.save(stream)
    path.write_bytes(stream.getvalue())
    return path


def says(answer: Answer, truth: Any, kind: str) -> bool:
    """Whether a cell was read as what it says."""
    if kind in ("shape", "size"):
        sizes: Value = tuple(map(int, str(truth).split("x")))
        return not answer.problem and judge_answer(answer, sizes, kind).fits
    value = Fraction(str(truth))
    return any(abs(number.value - value) <= NEAR * abs(value) for number in answer.numbers)


def misread(case: dict[str, Any], network: NetworkCost, folder: Path) -> Iterator[str]:
    """The cells of a sheet that are not read as what they say."""
    sheet = read_sheet(written(case, folder), network)
    for label, row in case["reads"].items():
        for name, truth in row.items():
            key = KEYS.get(name, name)
            if key == "macs" and (label, key) not in sheet.cells:
                key = "flops"
            if not says(sheet.answer((label, key)), truth, QUANTITIES[key].kind):
                yield f"{case['id']}: {label} {name} is not {truth}"


def test_sheets_are_read_as_what_they_say(networks: dict[str, NetworkCost], tmp_path: Path) -> None:
    """Every row, column and value of every sheet is understood."""
    assert [each for case in CASES["sheets"] for each in misread(case, networks[case["net"]], tmp_path)] == []


def test_cells_are_read_as_what_they_say() -> None:
    """Each spelling of a number or a shape is read; what says nothing is blank or unread."""
    wrong = []
    for column, cells in CASES["cells"].items():
        kind = KINDS[column]
        for text, truth in cells.items():
            answer = read_cell(AnswerCell(text, 1), kind)
            right = says(answer, truth, kind) if truth is not None else bool(answer.blank or answer.problem)
            wrong += [] if right else [f"{column}: {text}: {answer}"]
    assert wrong == []


def test_headers_are_understood_as_what_they_say() -> None:
    """Each header names the column that its writer meant, or none."""
    found = {text: header_meaning(text) for text in CASES["headers"]}
    assert {text: meaning.key if meaning else None for text, meaning in found.items()} == CASES["headers"]
