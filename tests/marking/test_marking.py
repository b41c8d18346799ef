"""Answers of others: what is right stays right, what is wrong is explained, and nothing is told too surely."""

from __future__ import annotations

import itertools
import re
from fractions import Fraction
from pathlib import Path

import pytest

import cnncost as cnncost_library
from cnncost.charts import misconceptions
from cnncost.homework.make import Worksheet, with_blanks
from cnncost.homework.mark import Mark, Marked, Rubric, check, grade
from cnncost.homework.mark.check import set_task
from cnncost.views.feedback import feedback
from cnncost.views.marks import marks_data
from cnncost.views.worksheet.table import printed_table
from tests.benchmarks.classroom import marked_class
from tests.command_line import cnncost
from tests.marking import Shares, cases, count


def sheet(network: str, **columns: dict[str, str]) -> Marked:
    """A sheet by its columns: `params={"conv1": "34848"}`."""
    labels = dict.fromkeys(label for cells in columns.values() for label in cells)
    rows = [
        {"layer": label, **{key: cells.get(label, "") for key, cells in columns.items()}} for label in labels
    ]
    return check(network, rows)


def only(marked: Marked, label: str) -> Mark:
    """The mark of a row."""
    [mark] = [mark for mark in marked.marks if mark.label == label and not mark.answer.blank]
    return mark


def texts(marked: Marked) -> str:
    """All that a student reads."""
    return "\n".join(f"{note.head}\n{note.text}" for note in feedback(marked))


def test_mistakes_of_others_are_named() -> None:
    """Of every sixth case, at least nine in ten mistakes are named, and no wrong answer is counted right."""
    shares = Shares()
    for case in itertools.islice(cases(), 0, None, 6):
        count(case, shares)
    assert not shares.false_right
    assert not shares.wrong_stories
    assert shares.named >= 0.9 * shares.mistakes
    assert shares.marked >= 0.99 * shares.cells


THOUSANDS = {
    **{"conv1": "35", "conv2": "615", "conv3": "885", "conv4": "1327", "conv5": "885"},
    **{"fc6": "37749", "fc7": "16777", "fc8": "4096"},
}


def test_a_column_in_thousands_with_wrong_cells() -> None:
    """The unit is what explains most cells, right or wrong; three forgotten biases are told in that unit."""
    marked = sheet("alexnet", params=THOUSANDS)
    assert [mark.status for mark in marked.marks] == ["right"] * 5 + ["wrong"] * 3
    assert "37,749k leaves out the 4,096 biases." in texts(marked)


@pytest.mark.parametrize(
    ("label", "answer", "status"),
    [
        ("conv1", "34,900", "right"), ("conv1", "35000", "right"), ("conv1", "34,800", "wrong"),
        ("conv2", "1e6", "wrong"), ("conv2", "6.1e5", "right"), ("conv2", "614,700", "right"),
    ],
)  # fmt: skip
def test_rounding_is_one_rule(label: str, answer: str, status: str) -> None:
    """An answer is right at the precision in which it is given; one digit and zeros are no precision."""
    assert only(sheet("alexnet", params={label: answer}), label).status == status


def test_what_a_mistake_gives_to_the_digit_is_not_rounded() -> None:
    """48,000 for 48,120 may be rounded, but it is also the layer without its biases."""
    mark = only(sheet("lenet5", params={"C5": "48000"}), "C5")
    assert mark.status == "wrong"
    assert mark.cause is not None
    assert mark.cause.deviations == ("bias forgotten",)


@pytest.mark.parametrize(
    ("answers", "statuses"),
    [
        ({"conv1": "9408"}, ["right"]),
        ({"conv1": "9536"}, ["right"]),
        ({"conv1": "9408", "bn1": "128", "relu": "0"}, ["right", "right", "right"]),
        ({"conv1": "9408", "bn1": "256"}, ["right", "wrong"]),
        ({"conv1": "9472"}, ["wrong"]),
    ],
)
def test_batch_norm_alone_or_with_its_layer(answers: dict[str, str], statuses: list[str]) -> None:
    """The convolution, its norm, and both together are right; norm and activation have rows where written."""
    assert [mark.status for mark in sheet("torchvision/resnet18", params=answers).marks] == statuses


def test_what_is_told_is_about_this_cell() -> None:
    """A mistake that the student's right rows refute is not told of every layer."""
    right = {"conv1": "34944", "conv2": "614656", "conv4": "1327488"}
    marked = sheet("alexnet", params={**right, "conv3": "884736", "conv5": "884736"})
    told = texts(marked)
    assert "884,736 leaves out the 384 biases." in told
    assert "884,736 leaves out the 256 biases." in told
    assert "every layer" not in told


def test_no_sentence_gives_another_answer_away() -> None:
    """The number that flatten gives is asked, so that fc6's mistake is only hinted at."""
    marked = sheet("alexnet", output={"flatten": "256"}, params={"fc6": "1052672"})
    task = set_task("alexnet", asked=[("flatten", "out_shape"), ("fc6", "params")])
    asked = task.check(
        [{"layer": "flatten", "output": "", "params": ""}, {"layer": "fc6", "params": "1052672"}]
    )
    for each in (marked, asked):
        told = texts(each) + str([cell["diagnosis"] for cell in marks_data(each)["cells"]])
        assert not re.search(r"(?<!\d)9,?216(?!\d)", told)


def test_equal_causes_are_hedged() -> None:
    """Where several mistakes give the answer, all are told, and none as certain."""
    mark = only(sheet("vgg16", params={"conv1_1": "640"}), "conv1_1")
    assert mark.hedged
    assert mark.cause is not None
    assert {mark.cause.deviations, *(other.deviations for other in mark.others)} >= {
        ("input channels forgotten",),
        ("kernel not squared",),
    }


@pytest.mark.parametrize("out_of", [10, 20, 7])
def test_points_add_up(out_of: int) -> None:
    """The cells' points are hundredths, and their sum is all points."""
    task = set_task("alexnet", rubric=Rubric(columns={"params": Fraction(1)}, out_of=Fraction(out_of)))
    points = task.points()
    assert sum(points.values()) == out_of
    assert all((100 * worth).denominator == 1 for worth in points.values())


def test_a_class_in_little_time() -> None:
    """A dozen sheets take seconds, and the class's mistakes are counted."""
    seconds, marks = marked_class(12)
    assert len(marks.marked) == 12
    assert marks.misconceptions[0].students >= 2
    assert seconds < 30


def test_worked_solutions_after_the_marks(tmp_path: Path) -> None:
    """`check --explain` works out each cell that is not right, and only these."""
    answers = tmp_path / "answers.csv"
    answers.write_text("layer,output,params\nconv1,55x55x96,34848\npool1,,0\n")
    out = cnncost("check", "alexnet", str(answers), "--explain").out
    assert "conv1, parameters: 34944\n" in out
    assert "96 · 3 · 11² + 96 = 34848 + 96 = 34944" in out
    assert "pool1, output shape: 96×27×27\n" in out
    assert "conv1, output shape" not in out
    assert "34944" not in cnncost("check", "alexnet", str(answers)).out


def test_a_chart_of_the_mistakes_of_a_class(tmp_path: Path) -> None:
    """Each mistake is a bar with its students and what to look at again."""
    (tmp_path / "a").mkdir()
    for name, params in (("ann", "34848"), ("bob", "34848"), ("cleo", "364")):
        (tmp_path / "a" / f"{name}.csv").write_text(f"layer,params\nconv1,{params}\n")
    marks = grade(tmp_path / "a", "alexnet")
    figure = misconceptions.figure(marks)
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == ["bias forgotten (look at the biases again)", "one filter (how many filters are there)"]
    picture = tmp_path / "class.png"
    assert cnncost("grade", str(tmp_path / "a"), "-k", "alexnet", "--chart", str(picture)).code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_long_worksheets_print_what_is_needed() -> None:
    """On paper the rows that are asked, what enters them, and the strides before a receptive field."""
    sheet = with_blanks(Worksheet.of(cnncost_library.profile("densenet121")), 30, 0)
    table = printed_table(sheet, False, False)
    assert len(table) < len(sheet.rows) / 4
    asked = {row for row, _ in sheet.blanks}
    sources = {i for row in asked for i in sheet.sources[row] if isinstance(i, int)}
    assert asked | sources <= set(sheet.shown)
    assert sum(text == "?" for column in table.columns for text in column.texts) == 30
    assert any(text.startswith("… ") for text in table.columns[0].texts)
    assert "are left out; `cnncost table densenet121` has them." in table.notes[-1]
