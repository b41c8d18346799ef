"""A class's files as course systems hand them out, and the class list."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest

from cnncost.cli.autograding import submission_results
from cnncost.errors import CnncostError
from cnncost.homework.read.roster import read_roster
from cnncost.homework.read.student_names import match_student, named_in, natural
from cnncost.homework.read.submissions import SUBMISSIONS, find_submissions, opened
from tests.command_line import cnncost as run

ANSWERS = "layer,params\nconv1,34944\n"
ROSTER = """\
Name,ID,Email
"Doe, Jane",111,jane.doe@x.edu
José García,222,jg@x.edu
Student2,s2,
Student10,s10,
Max Muster,1234567,mm@x.edu
Anna Müller,333,am@x.edu
Late Person,444,lp@x.edu
John Doe,555,jdoe2@x.edu
"""
METADATA = """\
---
submission_1:
  :submitters:
  - :name: Jane Doe
    :sid: '111'
    :email: jane.doe@x.edu
  - :name: Jo Else
    :sid: '999'
  :results:
    :tests:
      - :name: not a student
submission_2:
  :submitters:
  - :name: Pepe
    :email: jg@x.edu
"""


def put(folder: Path, *names: str, text: str = ANSWERS) -> Path:
    """A folder with files of answers."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    """A class list."""
    path = tmp_path / "roster.csv"
    path.write_text(ROSTER)
    return path


@pytest.mark.parametrize(
    ("entry", "student", "copy"),
    [
        ("doejane_1234_5678_answers", "doejane", ""),
        ("doejane_LATE_1234_5678_my_answers-2", "doejane", "2"),
        ("Jane Doe_123456_assignsubmission_file_", "Jane Doe", ""),
        ("Jane Doe_123456_assignsubmission_file_answers", "Jane Doe", ""),
        ("1234-5678 - Jane Doe - Nov 3, 2025 1234 PM - answers", "Jane Doe", ""),
        ("HW2_jdoe2_attempt_2025-11-03-12-34-56_answers", "jdoe2", ""),
        ("jane_doe (1)", "jane_doe", "1"),
        ("Copy of jane_doe", "jane_doe", ""),
        ("jane_doe - Copy", "jane_doe", "Copy"),
        ("student_7", "student_7", ""),
    ],
)
def test_course_systems_put_names_into_file_names(entry: str, student: str, copy: str) -> None:
    """The student is found in the name of a file, and what tells a later attempt."""
    assert named_in(entry) == (student, copy)


def test_a_class_is_matched_with_its_list(tmp_path: Path, roster: Path) -> None:
    """The marks are in the list's names and natural order; who is missing has 0, and doubts are listed."""
    moodle = "Jane Doe_123456_assignsubmission_file_"
    folder = put(
        *(tmp_path / "in", f"{moodle}/answers.csv", "garciajose_1_2_answers.csv", "student10.csv"),
        *("garciajose_LATE_1_3_answers-1.csv", "student2.csv", "student2 (1).csv", "s1234567_hw2.csv"),
        *("Copy of Mueller.csv", "HW2_jdoe2_attempt_2025-11-03-12-34-56_answers.csv", "zoe.csv"),
    )
    put(folder, f"{moodle}/README.md", f"{moodle}/notes.txt", text="I used a calculator: 2 + 2 = 4.\n")
    result = run("grade", str(folder), "--key", "alexnet", "--roster", str(roster), "-f", "csv")
    rows = {row["student"]: row for row in csv.DictReader(io.StringIO(result.out))}
    assert list(rows)[-3:] == ["Student2 (s2)", "Student10 (s10)", "zoe"]
    assert {row["score"] for name, row in rows.items() if name != "Late Person (444)"} == {"1"}
    late = rows["Late Person (444)"]
    assert (late["score"], late["max_score"], late["percent"], late["error"]) == (
        "0",
        "1",
        "0",
        "not handed in",
    )
    shown = run("grade", str(folder), "--key", "alexnet", "--roster", str(roster)).out
    assert "10 submissions" not in shown
    assert "1 not handed in: Late Person (444)" in shown
    assert shown[shown.index("to check") :] == (
        "to check\n"
        "Anna Müller (333): `Mueller` is taken for Anna Müller (333)\n"
        "José García (222): 2 files: garciajose_LATE_1_3_answers-1.csv is marked\n"
        "Student2 (s2): 2 files: student2 (1).csv is marked\n"
        "zoe: `zoe` is not on the class list\n"
    )


def test_gradescope_says_who_handed_in(tmp_path: Path) -> None:
    """Of an export, packed or not, the metadata names the submitters; a group's file is marked for each."""
    export = put(tmp_path / "in", "export/submission_1/a.csv", "export/submission_2/b.csv")
    put(export, "export/submission_metadata.yml", text=METADATA)
    packed = tmp_path / "in.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in export.rglob("*.*"):
            archive.write(path, path.relative_to(export))
        archive.writestr("../evil.csv", ANSWERS)
        archive.writestr("export/submission_1/run.py", "raise SystemExit")
    for source in (export, packed):
        with opened(source) as folder:
            found = [(one.student, one.path.name, one.others) for one in find_submissions(folder)]
        assert found == [
            ("Jane Doe", "a.csv", ("111", "jane.doe@x.edu")),
            ("Jo Else", "a.csv", ("999",)),
            ("Pepe", "b.csv", ("jg@x.edu",)),
        ]
    assert not (tmp_path / "evil.csv").exists()


def test_sections_have_folders_of_their_own(tmp_path: Path) -> None:
    """Students' folders may be in the folders of their sections."""
    folder = put(tmp_path, "a/ann/x.csv", "a/bob/x.csv", "b/cleo/x.csv", "b/dan/x.csv")
    assert [one.student for one in find_submissions(folder)] == ["ann", "bob", "cleo", "dan"]


def test_what_may_be_several_students_is_nobodys(roster: Path) -> None:
    """A name that fits two students is not given to either."""
    students = read_roster(roster).students
    assert match_student("doe", students).student is None
    assert match_student("doe", students).doubt == "may be John Doe (555) or Doe, Jane (111)"
    assert match_student("jd@x.edu", students).doubt == "is not on the class list"


def test_a_zip_that_is_none(tmp_path: Path) -> None:
    """A broken zip is one clear line."""
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 nothing")
    with (
        pytest.raises(CnncostError, match=r"^a\.zip: not a zip of submissions: BadZipFile$"),
        opened(tmp_path / "a.zip"),
    ):
        pass
    assert natural("student2") < natural("student10")
    assert SUBMISSIONS == 5_000


def test_an_autograder_knows_each_students_own_network(tmp_path: Path, roster: Path) -> None:
    """From the folder of the worksheets, one zip marks each submission with its submitter's own network."""
    sheets, packed, root = tmp_path / "sheets", tmp_path / "a.zip", tmp_path / "autograder"
    run("worksheet", "lenet5", "--students", str(roster), "-n", "4", "-o", str(sheets))
    result = run("autograder", str(sheets), "-o", str(packed))
    assert result.err == f"{packed}: 8 students, for the first 4 cells, 4 points\n"
    with zipfile.ZipFile(packed) as archive:
        assert "keys/222.key.csv" not in archive.namelist()
        archive.extractall(root / "source", [n for n in archive.namelist() if not n.startswith("lib/")])
    (root / "submission").mkdir()
    right = (sheets / "222.key.csv").read_text()
    for user, score in (({"name": "José García", "sid": "222"}, 4.0), ({"name": "Jane", "sid": "111"}, None)):
        (root / "submission" / "answers.csv").write_text(right)
        (root / "submission_metadata.json").write_text(json.dumps({"users": [user]}))
        found = submission_results(root)
        assert (found["score"] == score) if score else found["score"] < 4
    (root / "submission_metadata.json").write_text('{"users": [{"name": "Who"}]}')
    assert submission_results(root)["output"] == (
        "No worksheet is known for Who: please contact your instructor."
    )
    folder = put(tmp_path / "in", "garciajose_1_2_answers.csv", text=right)
    shown = run("grade", str(folder), "--key", str(sheets), "-f", "csv").out
    assert "José García (222),garciajose_1_2_answers.csv,4,4,100,4,0,0,0,0,\n" in shown
    assert "Late Person (444),,0,4,0,,,,,,not handed in\n" in shown
    refused = run("autograder", str(sheets), "--sheet", str(roster), "-o", str(packed))
    assert "without --sheet, --input and --set" in refused.err
