"""Sheets and cells as students and courses write them: what is read of each is known beforehand.

`handed_in.yaml` holds them, collected from assignments, exam solutions, blog posts and the summaries of tools.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

import cnncost
from cnncost.count.profile import NetworkCost
from cnncost.homework.make import questions
from cnncost.homework.mark import check, judge_answer
from cnncost.homework.read import QUANTITIES, Answer, AnswerCell, Value, header_meaning, read_cell, read_sheet
from tests.command_line import cnncost as run

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


NUMBERED = "1. 34944\n2) 27x27x96\n\nQ3: 51\n(4) A: 614,656\n"


def test_numbered_answers_are_those_to_a_quiz_or_a_worksheet(tmp_path: Path) -> None:
    """The n-th answer is to the n-th question of the quiz, or to the n-th `?` of the worksheet."""
    answers, sheet = tmp_path / "a.txt", tmp_path / "sheet.csv"
    answers.write_text(NUMBERED)
    sheet.write_text("layer,output,params,rf\nconv1,96x55x55,?,11\npool1,?,0,19\nconv2,,614656,?\n")
    result = run("check", "alexnet", str(answers), "--sheet", str(sheet), "-f", "json")
    assert result.err == "cnncost: a.txt: row 5: there are 3 questions, and no 4\n"
    sheet.write_text("layer,output,params,rf\nconv1,96x55x55,?,11\npool1,?,0,19\nconv2,,?,?\n")
    answers.write_text(NUMBERED.replace("(4)", "(3)").replace("Q3", "4"))
    marked = check("alexnet", answers, worksheet=sheet)
    assert [mark.status for mark in marked.marks] == ["right"] * 4
    asked = questions(cnncost.profile("alexnet"), 2, 3, 5)
    answers.write_text("1. 1\n2. 2\n")
    found = json.loads(run("check", "alexnet", str(answers), "--quiz", "5/2", "-f", "json").out)
    assert {(m["layer"], m["column"]) for m in found["cells"]} == {
        (q.row.label, q.quantity.key) for q in asked
    }
    assert "`cnncost quiz alexnet --questions 10`" in run("check", "alexnet", str(answers)).err
    wrong = run("check", "alexnet", str(answers), "--quiz", "x")
    assert wrong.err == "cnncost: --quiz 'x': write the quiz's seed, such as 7, 7/5 or 7/5/shape\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "1. conv1 params: 34944\n2. What is the receptive field of conv2? 51\n"),
        ("a.csv", "Question,Answer\nparams of conv1,34944\nconv2 receptive field,51\n"),
    ],
)
def test_answers_beside_their_questions(tmp_path: Path, name: str, text: str) -> None:
    """A question that names its layer and column needs no worksheet, and no other cell counts."""
    path = tmp_path / name
    path.write_text(text)
    marked = check("alexnet", path)
    assert [(*mark.address, mark.status) for mark in marked.marks] == [
        ("conv1", "params", "right"),
        ("conv2", "receptive_field", "right"),
    ]


def test_a_slip_is_named_and_the_result_counts(tmp_path: Path) -> None:
    """Of a calculation with a wrong result the result is marked, and a remark says where it slips."""
    path = tmp_path / "a.csv"
    path.write_text("layer,params\nconv1,11*11*3*96+96 = 34954\nconv2,(5*5*96+1)*256\nconv3,885*1000\n")
    marked = check("alexnet", path, explain=False)
    assert [(mark.status, mark.remark) for mark in marked.marks] == [
        ("wrong", "`11*11*3*96+96` does not give 34954"),
        ("right", "`(5*5*96+1)*256` is 614656"),
        ("wrong", "`885*1000` is 885000"),
    ]
    assert "34954\n  `11*11*3*96+96` does not give 34954.\n" in run("check", "alexnet", str(path)).out


def test_a_row_that_may_be_any_of_several_layers_is_said(tmp_path: Path) -> None:
    """A row that only names a kind is not guessed."""
    path = tmp_path / "a.csv"
    path.write_text("layer,params\nfc6,1\nConvolution,1\nLayer 3,1\n")
    sheet = read_sheet(path, cnncost.profile("alexnet"))
    assert sheet.remarks == (
        "row 3 is not marked: `Convolution` may be any of conv1, conv2, conv3, conv4, conv5",
        "row 4 is not marked: alexnet's table has no row `Layer 3`",
    )
