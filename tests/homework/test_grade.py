"""A class: a folder of submissions, and the autograders for Gradescope and otter-grader."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import types
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cnncost.homework.make.autograder import bundle
from cnncost.views.marks import harmless
from cnncost.views.otter import expect
from tests.command_line import cnncost as run

ANSWERS = Path(__file__).parent.parent / "answers"


@pytest.fixture
def submissions(tmp_path: Path) -> Path:
    """A class of six, two of whose files cannot be read."""
    folder = tmp_path / "submissions"
    folder.mkdir()
    for student, file in (
        ("ada", "no_biases.tsv"),
        ("bob", "two_mistakes_in_a_chain.csv"),
        ("cleo", "totals.csv"),
    ):
        shutil.copy(ANSWERS / file, folder / f"{student}{Path(file).suffix}")
    (folder / "dan.csv").write_text("")
    (folder / "eve.xlsx").write_bytes(b"PK\x03\x04 no spreadsheet")
    (folder / "finn_42_file" / "homework").mkdir(parents=True)
    shutil.copy(ANSWERS / "right_in_units.csv", folder / "finn_42_file" / "homework" / "homework.csv")
    (folder / ".DS_Store").write_text("")
    (folder / "__MACOSX").mkdir()
    return folder


def test_grade_marks_the_others_and_lists_the_broken(submissions: Path, tmp_path: Path) -> None:
    """The CSV has a line for each student, those whose file is broken with the reason."""
    target = tmp_path / "marks.csv"
    result = run("grade", str(submissions), "--key", "alexnet", "-o", str(target))
    assert result.code == 1
    assert target.read_text() == (
        "student,file,score,max_score,percent,right,follows,wrong,blank,unread,error\n"
        "ada,ada.tsv,0,8,0,0,0,8,0,0,\n"
        "bob,bob.csv,8,10,80,6,2,2,0,0,\n"
        "cleo,cleo.csv,8,9,88.89,7,1,1,0,0,\n"
        "dan,dan.csv,,,,,,,,,dan.csv: the file is empty: it needs a header and a row for each layer\n"
        "eve,eve.xlsx,,,,,,,,,eve.xlsx: not a spreadsheet: it cannot be unpacked\n"
        "finn_42_file,homework.csv,56,56,100,56,0,0,0,0,\n"
    )
    assert (
        result.err
        == "The submissions answer different cells: name the cells that count with --rubric or --sheet.\n"
    )


def test_grade_counts_the_mistakes_of_the_class(submissions: Path) -> None:
    """The class's mistakes are listed with the number of students."""
    result = run("grade", str(submissions), "--key", "alexnet")
    assert "6 submissions, 4 marked\nmean 67.22 %, median 84.44 % of the points\n" in result.out
    out = " ".join(result.out.split())
    assert "bias forgotten 3 10 (1?) conv1 parameters" in out
    assert "one place forgotten 1 1 (1?) conv1 output" in out
    assert "conv2 parameters    1 of 4   25 %\n" in result.out
    assert "not marked\ndan: dan.csv: the file is empty" in result.out


def test_grade_as_json(submissions: Path) -> None:
    """The JSON holds every mark and the statistics."""
    value = json.loads(run("grade", str(submissions), "--key", "alexnet", "--format", "json").out)
    assert [each["student"] for each in value["submissions"]] == [
        "ada",
        "bob",
        "cleo",
        "dan",
        "eve",
        "finn_42_file",
    ]
    assert value["submissions"][1]["marks"]["score"] == 8
    assert value["submissions"][3]["marks"] is None
    assert value["unexplained"] == 0
    assert value["misconceptions"][0] == {
        "name": "bias forgotten",
        "cells": 10,
        "students": 3,
        "example": "conv1 parameters 34848",
        "hint": "look at the biases again",
        "possible": 1,
    }


def test_grade_counts_what_nothing_explains_and_a_class_without_marks(tmp_path: Path) -> None:
    """A wrong answer that no mistake gives is counted; where nothing could be marked, the mean is 0."""
    (tmp_path / "ann.csv").write_text("layer,params\nconv1,123457\nconv2,614400\nconv3,\n")
    value = json.loads(run("grade", str(tmp_path), "--key", "alexnet", "--format", "json").out)
    assert value["unexplained"] == 1
    assert [(cell["label"], cell["right"], cell["blank"]) for cell in value["cells"]] == [
        *(("conv1", 0, 0), ("conv2", 0, 0), ("conv3", 0, 1))
    ]
    (tmp_path / "ann.csv").write_text("")
    value = json.loads(run("grade", str(tmp_path), "--key", "alexnet", "--format", "json").out)
    assert (value["mean"], value["median"]) == (0, 0)


def test_feedback_is_a_page_for_each_student(submissions: Path, tmp_path: Path) -> None:
    """Each student who was marked gets a page, without the others' names."""
    folder = tmp_path / "pages"
    run("grade", str(submissions), "--key", "alexnet", "--feedback", str(folder))
    assert sorted(path.name for path in folder.iterdir()) == [
        "ada.html",
        "bob.html",
        "cleo.html",
        "finn_42_file.html",
    ]
    page = (folder / "bob.html").read_text(encoding="utf-8")
    assert "614,400 leaves out the 256 biases." in page
    assert "cleo" not in page


def test_a_rubric_makes_the_points_alike(submissions: Path, tmp_path: Path) -> None:
    """With a rubric all are marked on the same cells, and what is missing is blank."""
    rubric = tmp_path / "r.yaml"
    rubric.write_text("columns: {params: 1}\n")
    value = run("grade", str(submissions), "--key", "alexnet", "--rubric", str(rubric), "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(value.out)))
    assert {row["max_score"] for row in rows if row["score"]} == {"12"}
    assert value.err == ""


def test_names_that_would_leave_the_folder(tmp_path: Path) -> None:
    """A student's name is not a path, a formula or an escape sequence, wherever it is written."""
    folder = tmp_path / "in"
    folder.mkdir()
    right = (ANSWERS / "right_in_units.csv").read_text()
    for name in ("..%2fup.csv", "=HYPERLINK(1).csv", "a\x1b[31mb.csv", "…… ….csv"):
        (folder / name).write_text(right)
    result = run(
        "grade", str(folder), "--key", "alexnet", "--feedback", str(tmp_path / "out"), "--format", "csv"
    )
    assert result.code == 0
    assert "\x1b" not in result.out
    assert "'=HYPERLINK(1)" in result.out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("2fup.html", "HYPERLINK_1.html", "a_31mb.html", "student.html")
    ]
    assert {path.name for path in tmp_path.iterdir()} == {"in", "out"}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_no_cell_of_the_marks_is_a_formula(text: str) -> None:
    """What a spreadsheet would run gets a sign before it."""
    assert harmless(text) == f"'{text}"
    assert harmless(f"a;{text}") == f"a;'{text}"  # where a semicolon divides cells


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A link in a folder of submissions is listed and not read."""
    folder, secret = tmp_path / "in", tmp_path / "secret.csv"
    folder.mkdir()
    secret.write_text((ANSWERS / "totals.csv").read_text())
    (folder / "mallory.csv").symlink_to(secret)
    (folder / "ann").mkdir()
    (folder / "ann" / "a.csv").symlink_to(secret)
    result = run("grade", str(folder), "--key", "alexnet", "--format", "csv")
    assert result.out.splitlines()[1:] == [
        "ann,ann,,,,,,,,,no file of answers",
        'mallory,mallory.csv,,,,,,,,,"a link, which is not followed"',
    ]


def test_two_files_of_one_student_side_by_side(tmp_path: Path) -> None:
    """Two files that bear a student's name are not two students."""
    for name in ("ann.csv", "ann.tsv", "bob.csv"):
        shutil.copy(ANSWERS / "totals.csv", tmp_path / name)
    result = run("grade", str(tmp_path), "--key", "alexnet", "--format", "json")
    found = json.loads(result.out)["submissions"]
    assert [(each["student"], each["error"]) for each in found] == [
        ("ann", "2 files of answers: ann.csv, ann.tsv"),
        ("bob", None),
    ]


def test_pages_of_names_that_come_to_the_same(tmp_path: Path) -> None:
    """Students whose names differ in signs alone have a page each; a link is not written through."""
    folder, pages = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for name in ("a b.csv", "a_b.csv", "好" * 80 + ".csv"):
        shutil.copy(ANSWERS / "totals.csv", folder / name)
    run("grade", str(folder), "--key", "alexnet", "--feedback", str(pages))
    assert sorted(path.name for path in pages.iterdir()) == ["a_b(2).html", "a_b.html", "好" * 50 + ".html"]
    (pages / "a_b.html").unlink()
    (pages / "a_b.html").symlink_to(tmp_path / "secret")
    result = run("grade", str(folder), "--key", "alexnet", "--feedback", str(pages))
    assert result.err == f"cnncost: {pages / 'a_b.html'}: a link, which is not followed\n"
    assert not (tmp_path / "secret").exists()


def test_two_files_of_one_student(tmp_path: Path) -> None:
    """A folder with two files of answers says so."""
    (tmp_path / "ann").mkdir()
    for name in ("a.csv", "b.csv"):
        shutil.copy(ANSWERS / "totals.csv", tmp_path / "ann" / name)
    result = run("grade", str(tmp_path), "--key", "alexnet", "--format", "csv")
    assert "2 files of answers: a.csv, b.csv" in result.out


def test_every_student_may_have_a_key(tmp_path: Path) -> None:
    """With a folder as key, each student is marked against their own network and sheet."""
    keys, folder = tmp_path / "keys", tmp_path / "in"
    keys.mkdir()
    folder.mkdir()
    for student, filters in (("ann", 8), ("bob", 16)):
        spec = f"name: net\ninput: [3, 16, 16]\nlayers:\n  - conv1: Conv2d({filters}, 3)\n"
        (keys / f"{student}.yaml").write_text(spec)
        (keys / f"{student}.csv").write_text("layer,params,output\nconv1,?,1x1\n")
        (folder / f"{student}.csv").write_text(f"layer,params,output\nconv1,{28 * filters},1x1\n")
    (folder / "zoe.csv").write_text("layer,params\nconv1,1\n")
    rows = list(csv.DictReader(io.StringIO(run("grade", str(folder), "--key", str(keys), "-f", "csv").out)))
    assert [(row["score"], row["max_score"]) for row in rows] == [("1", "1"), ("1", "1"), ("", "")]
    assert rows[2]["error"] == f"{keys} has no key for zoe: no zoe.yaml"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("{}/nowhere", "--key", "alexnet"),
            "nowhere: the folder cannot be read: No such file or directory",
        ),
        (("{}", "--key", "alexnett"), "no network `alexnett`; did you mean alexnet?"),
        (("{}", "--key", "alexnet"), "no submissions: put in a file, or a folder with one, for each student"),
    ],
)
def test_wrong_input_is_one_line(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    """What concerns the whole class is one error."""
    result = run("grade", *(text.format(tmp_path) for text in arguments))
    assert result.code == 2
    assert message in result.err
    assert result.err.count("\n") == 1


# Gradescope


RUBRIC = "columns: {output: 1, params: 2}\nout_of: 20\n"
NOT_ON_WINDOWS = pytest.mark.skipif(os.name == "nt", reason="Gradescope runs the scripts in bash")

Grader = Callable[[str, str], dict[str, Any]]


@pytest.fixture
def grader(tmp_path: Path) -> Grader:
    """Unpacks an autograder as Gradescope does, and gives what its scripts make of a submission."""
    (tmp_path / "r.yaml").write_text(RUBRIC)
    zipped = tmp_path / "autograder.zip"
    result = run("autograder", "alexnet", "--rubric", str(tmp_path / "r.yaml"), "-o", str(zipped))
    assert (result.code, result.out, result.err) == (0, "", f"{zipped}: 24 cells, 20 points\n")
    root = tmp_path / "autograder"
    for folder in ("source", "submission", "results"):
        (root / folder).mkdir(parents=True)
    subprocess.run(
        ["unzip", "-q", str(zipped)], cwd=root / "source", check=True
    )  # keeps the scripts executable
    environment = {"AUTOGRADER_ROOT": str(root), "PYTHON": sys.executable, "PATH": os.environ["PATH"]}
    subprocess.run(["bash", str(root / "source" / "setup.sh")], env=environment, cwd=root, check=True)
    shutil.copy(root / "source" / "run_autograder", root / "run_autograder")

    def grade(name: str, text: str) -> dict[str, Any]:
        shutil.rmtree(root / "submission")
        (root / "submission").mkdir()
        if name:
            (root / "submission" / name).write_text(text)
        subprocess.run([str(root / "run_autograder")], env=environment, cwd=root, check=True)
        value: dict[str, Any] = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
        return value

    return grade


@NOT_ON_WINDOWS
def test_the_autograder_runs_as_gradescope_runs_it(grader: Grader) -> None:
    """Built by setup.sh and run by run_autograder, the zip marks submissions, good, bad and missing."""
    result = grader("answers.csv", (ANSWERS / "two_mistakes_in_a_chain.csv").read_text())
    assert result["score"] == pytest.approx(20 * (4 + 2 * 4) / 36, abs=0.005)
    assert len(result["tests"]) == 24
    assert result["tests"][5] == {
        "score": 0.0,
        "max_score": 1.11,
        "status": "failed",
        "name": "conv2: parameters",
        "output": "Your answer: 614400\n614,400 leaves out the 256 biases.",
        "output_format": "text",
        "visibility": "visible",
    }
    broken = grader("answers.csv", "")
    assert (broken["score"], broken["tests"]) == (0.0, [])
    assert broken["output"] == "answers.csv: the file is empty: it needs a header and a row for each layer"
    assert grader("", "")["output"] == "Your submission cannot be marked: no file of answers."


@NOT_ON_WINDOWS
def test_nothing_that_is_handed_in_runs(grader: Grader, tmp_path: Path) -> None:
    """Python files next to the answers, named as modules that marking imports, are not imported."""
    root = tmp_path / "autograder"
    touched = root / "touched"
    hostile = f"open({str(touched)!r}, 'w').close()\n"
    for place in (root, root / "submission"):
        for module in ("yaml", "typer", "rich", "cnncost", "sitecustomize"):
            (place / f"{module}.py").write_text(hostile)
    assert grader("yaml.py", hostile)["score"] == 0.0
    assert grader("answers.csv", (ANSWERS / "totals.csv").read_text())["score"] > 0
    assert not touched.exists()


def test_the_same_autograder_twice_is_the_same_file() -> None:
    """A zip depends on nothing but its input."""
    assert bundle({"network": "alexnet"}, {}) == bundle({"network": "alexnet"}, {})


def test_a_network_of_ones_own_travels_along(tmp_path: Path) -> None:
    """A spec and a worksheet lie in the zip, under names of their own."""
    spec, sheet, target = tmp_path / "secret name.yaml", tmp_path / "ws.csv", tmp_path / "a.zip"
    spec.write_text("name: net\ninput: [3, 16, 16]\nlayers:\n  - conv1: Conv2d(8, 3)\n")
    sheet.write_text("layer,params\nconv1,?\n")
    assert run("autograder", str(spec), "--sheet", str(sheet), "-o", str(target)).code == 0
    archive = zipfile.ZipFile(target)
    assert {"setup.sh", "run_autograder", "autograder.json", "network.yaml", "sheet.csv"} < set(
        archive.namelist()
    )
    assert archive.read("network.yaml") == spec.read_bytes()
    assert archive.getinfo("run_autograder").external_attr >> 16 & 0o111


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "which cells count? give a --rubric with `columns:`, or the worksheet as --sheet"),
        (("--format", "moodle"), "no format `moodle`; there are gradescope, otter"),
        (("--visibility", "now"), "no visibility `now`; there are visible, hidden, after_due_date"),
    ],
)
def test_what_an_autograder_needs(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    """What is missing or wrong is one line."""
    result = run("autograder", "alexnet", "-o", str(tmp_path / "a.zip"), *arguments)
    assert result.code == 2
    assert result.err.startswith(f"cnncost: {message}")
    assert list(tmp_path.iterdir()) == []


# otter-grader


def stand_in(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], Callable[..., None]]]:
    """The one name that a test file takes from otter, kept with what it decorates."""
    cases: list[tuple[dict[str, Any], Callable[..., None]]] = []

    def test_case(**how: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
        def keep(function: Callable[..., None]) -> Callable[..., None]:
            cases.append((how, function))
            return function

        return keep

    module = types.ModuleType("otter.test_files")
    module.test_case = test_case  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "otter", types.ModuleType("otter"))
    monkeypatch.setitem(sys.modules, "otter.test_files", module)
    return cases


def test_an_otter_test_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file has otter's variables and a case for each cell, holds no right value, and marks."""
    (tmp_path / "r.yaml").write_text("columns: {params: 2}\n")
    target = tmp_path / "q3.py"
    assert run("autograder", "alexnet", "-r", str(tmp_path / "r.yaml"), "-o", str(target)).code == 0
    text = target.read_text()
    assert "34944" not in text
    cases, names = stand_in(monkeypatch), dict[str, Any]()
    exec(compile(text, "q3.py", "exec"), names)
    assert (names["OK_FORMAT"], names["name"], names["points"]) == (False, "q3", 24)
    assert cases[0][0] == {"points": 2, "name": "conv1: parameters"}
    answers = {"conv1": {"params": 34848}, "pool1": {"params": 0}}
    with pytest.raises(
        AssertionError, match=r"^conv1, parameters: 34848: 34,848 leaves out the 96 biases\.$"
    ):
        cases[0][1](answers)
    cases[1][1](answers)
    with pytest.raises(AssertionError, match=r"^conv2: no answer for parameters$"):
        cases[2][1](answers)


def test_otter_takes_frames_records_and_files() -> None:
    """The notebook's variable may be a DataFrame, records or a path; anything else is an error."""
    import pandas

    records = [{"layer": "conv1", "params": 34944}, {"layer": "conv2", "params": None}]
    frame = pandas.DataFrame(records)
    for answers in (records, frame, frame.set_index("layer"), str(ANSWERS / "right_in_units.csv")):
        expect(answers, "conv1", "params", network="alexnet")
    with pytest.raises(AssertionError, match="conv2: no answer for parameters"):
        expect(frame, "conv2", "params", network="alexnet")
    with pytest.raises(AssertionError, match="answers: give a file's path, a DataFrame, or a dict of dicts"):
        expect(3, "conv1", "params", network="alexnet")
