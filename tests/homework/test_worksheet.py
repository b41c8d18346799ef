"""`cnncost worksheet`: what is asked follows from what remains, in every format, and for a whole class."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from itertools import combinations, product
from pathlib import Path
from random import Random
from unittest import mock

import pytest

import cnncost as library
from cnncost.errors import CnncostError
from cnncost.homework.make.blanks import with_blanks
from cnncost.homework.make.variants import original, vary
from cnncost.homework.make.worksheet import LEVELS, Worksheet
from cnncost.homework.read.roster import read_roster
from cnncost.network.catalogue import layer_graph, read
from cnncost.spec.reader import parse_spec
from tests.command_line import cnncost

ALEXNET = """\
layer,type,input C,input H/W,filters,kernel,stride,pad,output C,output H/W,memory (KB),params (k),FLOPs (M),receptive field
conv1,Conv2d,3,227,96,11,4,0,96,55,1134,35,105,11
pool1,MaxPool2d,96,55,,3,2,0,?,27,273,0,?,19
conv2,Conv2d,?,27,256,?,1,2,256,27,729,615,448,51
pool2,MaxPool2d,256,27,,3,2,0,256,13,169,0,0.4,67
conv3,Conv2d,256,13,384,3,1,1,384,13,254,885,150,?
conv4,Conv2d,384,13,384,3,?,1,384,13,254,1327,224,131
conv5,Conv2d,384,13,256,3,1,1,256,13,169,885,?,?
pool5,MaxPool2d,256,13,,3,2,0,256,6,?,0,0.08,195
flatten,Flatten,256,6,,,,,9216,,36,0,0,
fc6,Linear,9216,,4096,,,,4096,,16,37753,38,
fc7,Linear,4096,,4096,,,,?,,16,16781,17,
fc8,Linear,?,,1000,,,,1000,,?,4097,4,
"""

NETWORKS = ("alexnet", "lenet5", "resnet18", "googlenet", "mobilenet_v2", "unet", "vit_b_16")


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a CSV, by header."""
    return list(csv.DictReader(io.StringIO(text)))


def filled(sheet: str, key: str) -> bool:
    """Whether a key agrees with its sheet wherever the sheet asks nothing."""
    pairs = zip(rows_of(sheet), rows_of(key), strict=True)
    return all(cell in ("?", answers[name]) for row, answers in pairs for name, cell in row.items())


def test_a_sheet_is_the_lectures_table_with_question_marks(tmp_path: Path) -> None:
    """A seed asks the same cells each time, and the key is the whole table."""
    key = tmp_path / "key.csv"
    arguments = ("worksheet", "alexnet", "--blank", "12", "--seed", "7", "-f", "csv")
    result = cnncost(*arguments, "--key", str(key))
    assert (result.code, result.out, result.err) == (0, ALEXNET, "")
    assert cnncost(*arguments).out == ALEXNET
    assert "?" not in key.read_text()
    assert filled(ALEXNET, key.read_text())
    assert key.read_text().splitlines()[3] == "conv2,Conv2d,96,27,256,5,1,2,256,27,729,615,448,51"
    assert cnncost(*arguments[:4], "--seed", "8", "-f", "csv").out != ALEXNET


def test_markdown_says_what_is_asked() -> None:
    """A page has its heading, what to do, and what the numbers are."""
    result = cnncost("worksheet", "lenet5", "-n", "2", "--seed", "3", "--level", "shape")
    assert result.out == (
        "# Worksheet: lenet5\n"
        "\n"
        "lenet5, input 1×32×32, batch 1, float32, convention lecture."
        " Fill in each ?. They all follow from the other cells and the input of 1×32×32.\n"
        "\n"
        "| layer | type | input C | input H/W | filters | kernel | stride | pad | output C | output H/W |\n"
        "| :-- | :-- | --: | --: | --: | --: | --: | --: | --: | --: |\n"
        "| C1 | Conv2d | 1 | 32 | 6 | 5 | 1 | 0 | 6 | 28 |\n"
        "| S2 | AvgPool2d | 6 | 28 |  | 2 | 2 | 0 | 6 | ? |\n"
        "| C3 | Conv2d | 6 | ? | 16 | 5 | 1 | 0 | 16 | 10 |\n"
        "| S4 | AvgPool2d | 16 | 10 |  | 2 | 2 | 0 | 16 | 5 |\n"
        "| C5 | Conv2d | 16 | 5 | 120 | 5 | 1 | 0 | 120 | 1 |\n"
        "| flatten | Flatten | 120 | 1 |  |  |  |  | 120 |  |\n"
        "| F6 | Linear | 120 |  | 84 |  |  |  | 84 |  |\n"
        "| output | Linear | 84 |  | 10 |  |  |  | 10 |  |\n"
    )


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", NETWORKS)
def test_as_many_cells_are_asked_as_wanted(name: str, level: str) -> None:
    """On every kind of network and level, and in no column that the level leaves out."""
    result = cnncost("worksheet", name, "--blank", "20", "--level", level, "-f", "csv")
    assert result.code == 0
    assert [cell for row in rows_of(result.out) for cell in row.values()].count("?") == 20
    header = result.out.splitlines()[0]
    assert [word in header for word in ("params", "memory", "FLOPs", "receptive field")] == [
        level in ("params", "cost"),
        *[level == "cost"] * 3,
    ]


def test_levels_have_numbers_too() -> None:
    """`--level 2` is `--level params`."""
    arguments = ("worksheet", "alexnet", "-f", "csv", "--level")
    assert cnncost(*arguments, "2").out == cnncost(*arguments, "params").out != cnncost(*arguments, "1").out


def test_a_layer_says_what_has_no_column() -> None:
    """Groups, a missing bias and a norm behind the layer count in its parameters, so the sheet names them."""
    types = [row["type"] for row in rows_of(cnncost("worksheet", "resnet18", "-f", "csv").out)]
    assert types[:2] == ["Conv2d(bias=False) >> BatchNorm2d", "MaxPool2d"]
    types = [row["type"] for row in rows_of(cnncost("worksheet", "alexnet-2012", "-f", "csv").out)]
    assert "Conv2d(groups=2)" in types


def test_a_branch_says_where_it_starts() -> None:
    """Where rows do not follow each other, a column tells what they start from."""
    starts = {row["layer"]: row["from"] for row in rows_of(cnncost("worksheet", "resnet18", "-f", "csv").out)}
    assert starts["maxpool"] == ""
    assert starts["conv2_x.0.add"] == "conv2_x.0.body.conv_bn_1, maxpool"
    assert starts["conv3_x.0.shortcut"] == "conv2_x.1.add"


# what is asked follows from the rest


def solve(sheet: list[dict[str, str]], input: tuple[int, ...]) -> list[dict[str, str]]:
    """Fill in a sheet of a chain from nothing but its own cells; more than one way is a failure."""
    shape, field, jump = input, 1, 1
    solved = []
    for i, row in enumerate(sheet):
        after = sheet[i + 1] if i + 1 < len(sheet) else {}
        ways = []
        for values in product(
            *(options(row, name, after) for name in ("filters", "kernel", "stride", "pad"))
        ):
            given = dict(zip(("filters", "kernel", "stride", "pad"), values, strict=True))
            try:
                found = library.profile(layer_graph(call(row["type"], given), shape)).costs[0]
            except CnncostError:
                continue
            channels, *sizes = found.out_shape
            reach = field + (int(given["kernel"] or 1) - 1) * jump
            told = {
                **given,
                "output C": str(channels),
                "output H/W": str(sizes[0]) if sizes else "",
                "receptive field": str(reach) if row.get("receptive field") and sizes else "",
            }
            nexts = {"input C": told["output C"], "input H/W": told["output H/W"]}
            here = all(row[name] in ("?", cell) for name, cell in told.items() if name in row)
            if here and all(after.get(name, "?") in ("?", cell) for name, cell in nexts.items()):
                ways.append((told, found.out_shape, reach, jump * int(given["stride"] or 1)))
        assert len(ways) == 1, (row, ways)
        entering = {"input C": str(shape[0]), "input H/W": str(shape[1]) if len(shape) > 1 else ""}
        told, shape, field, jump = ways[0]
        solved.append({**entering, **told})
    return solved


def options(row: dict[str, str], name: str, after: dict[str, str]) -> list[str]:
    """What a reader would try for an argument: what is there, or every ordinary number."""
    if row[name] != "?":
        return [row[name]]
    if name == "filters":
        return [cell for cell in (row["output C"], after.get("input C", "?")) if cell != "?"][:1]
    ranges = {"kernel": range(1, 16), "stride": range(1, 9), "pad": range(8)}
    return [str(n) for n in ranges[name]]


def call(type: str, given: dict[str, str]) -> str:
    """A sheet's row as a call."""
    kind = type.partition(" ")[0]
    filters = {"Linear": "out_features", "Conv2d": "out_channels"}.get(kind, "")
    names = {"filters": filters, "kernel": "kernel_size", "stride": "stride", "pad": "padding"}
    words = ", ".join(f"{names[name]}={value}" for name, value in given.items() if value)
    return f"{kind}({words})" if words else kind


@pytest.mark.parametrize("level", ["shape", "cost"])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", ["alexnet", "vgg11", "zfnet", "lenet5"])
def test_each_sheet_has_one_answer(name: str, seed: int, level: str, tmp_path: Path) -> None:
    """Trying every ordinary argument on the sheet's own cells leaves one network, which is the key's."""
    key = tmp_path / "key.csv"
    arguments = ("-n", "18", "--seed", str(seed), "--level", level, "-f", "csv", "--key", str(key))
    sheet = rows_of(cnncost("worksheet", name, *arguments).out)
    answers = rows_of(key.read_text())
    for found, right in zip(solve(sheet, library.load(name).input_shape), answers, strict=True):
        assert {name: right[name] for name in found if name in right} == {
            name: cell for name, cell in found.items() if name in right
        }


def test_the_solver_finds_two_answers_where_there_are_two() -> None:
    """A kernel that the sheet does not tell is noticed: 11, 10, 9 and 8 all leave 55 of 227 at stride 4."""
    text = cnncost("worksheet", "alexnet", "-n", "1", "--level", "shape", "-f", "csv").out
    sheet = rows_of(text)
    sheet[0]["kernel"] = "?"
    with pytest.raises(AssertionError, match="conv1"):
        solve(sheet, (3, 227, 227))


def test_arguments_are_asked_only_where_they_follow() -> None:
    """AlexNet's first kernel is asked with the receptive field next to it, and never at the level of shapes."""
    profile = library.profile("alexnet")
    cells = {level: Counter[tuple[int, str]]() for level in LEVELS.values()}
    for level, seen in cells.items():
        for seed in range(40):
            blanks = with_blanks(Worksheet.of(profile, level), 20, seed).blanks
            seen.update(blanks)
            assert not {(0, "kernel"), (0, "receptive_field")} <= blanks
            assert all((i, "out_channels") not in blanks for i, key in blanks if key == "filters")
    assert cells[1][0, "kernel"] == cells[2][0, "kernel"] == 0 < cells[3][0, "kernel"]
    for level in (1, 2):
        assert not any(key in ("memory", "flops", "receptive_field") for _, key in cells[level])
    assert {"filters", "kernel", "stride", "padding"} <= {key for _, key in cells[3]}


def test_the_next_row_does_not_give_an_output_away() -> None:
    """An output that is asked is asked wherever a row repeats it as its input, and the input itself is given."""
    for name in NETWORKS:
        made = with_blanks(Worksheet.of(library.profile(name)), 40, 1)
        for i, key in made.blanks:
            repeats = {"out_channels": "in_channels", "out_size": "in_size"}.get(key)
            for j, sources in enumerate(made.sources):
                if repeats and sources == (i,) and made.value((j, repeats)) == made.value((i, key)):
                    assert (j, repeats) in made.blanks
            assert key not in ("in_channels", "in_size") or made.sources[i] != (None,)


def test_rows_of_several_layers_are_given() -> None:
    """Folded stages ask nothing, and below them no receptive field, whose step they hide."""
    profile = library.profile("resnet50")
    made = Worksheet.of(profile, depth=1)
    most = (
        r"resnet50: 999 blanks are too many at level cost: with this seed (\d+) cells follow from the others"
    )
    with pytest.raises(CnncostError, match=most) as error:
        with_blanks(made, 999, 0)
    count = int(re.findall(r"seed (\d+)", str(error.value))[0])
    blanks = with_blanks(made, count, 0).blanks
    assert {made.rows[i].label for i, _ in blanks} == {
        "conv1",
        "maxpool",
        "avgpool",
        "flatten",
        "fc",
        "conv2_x",
    }
    assert {key for i, key in blanks if made.rows[i].label == "conv2_x"} <= {"in_channels", "in_size"}
    assert not any(key == "receptive_field" for i, key in blanks if made.rows[i].label == "avgpool")


# formats


class Tables(HTMLParser):
    """The rows of a page, as how many columns each spans, and the texts of its cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.widths: list[int] = []
        self.open: list[str] = []
        self.asked = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count a cell, and remember what is open."""
        if tag == "tr":
            self.widths.append(0)
        if tag in ("td", "th"):
            self.widths[-1] += int(dict(attrs).get("colspan") or 1)
            self.asked += "color:grey" in (dict(attrs).get("style") or "")
        if tag not in ("meta", "br", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened last."""
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", ["alexnet", "googlenet"])
def test_html_is_ready_to_print(name: str) -> None:
    """Rows are whole and as wide as the header, which is repeated on each page; no row is cut, no paper fixed."""
    page = cnncost("worksheet", name, "-n", "15", "-f", "html").out
    tables = Tables(page)
    assert tables.open == []
    assert len(set(tables.widths)) == 1
    assert tables.asked == 15
    for rule in (
        "@page { size: landscape; margin: 14mm; }",
        "thead { display: table-header-group; }",
        "tr { break-inside: avoid; page-break-inside: avoid; }",
    ):
        assert rule in page
    assert '<span class="name">Name: </span>' in page


def test_html_key_has_the_answers_marked(tmp_path: Path) -> None:
    """The key is the same page with bold numbers where the sheet asks."""
    key = tmp_path / "key.html"
    cnncost("worksheet", "alexnet", "--seed", "7", "-k", str(key))
    page = key.read_text(encoding="utf-8")
    assert "<h1>Key: alexnet</h1>" in page
    assert page.count("font-weight:bold'>") == 12
    assert "font-weight:bold'>0.6</td>" in page


@pytest.mark.parametrize("name", ["alexnet", "resnet18"])
def test_latex_is_a_document(name: str, tmp_path: Path) -> None:
    """Every row has as many cells as the header, braces are closed, and it compiles where LaTeX is there."""
    target = tmp_path / "ws.tex"
    assert cnncost("worksheet", name, "-n", "12", "--seed", "7", "-o", str(target)).code == 0
    text = target.read_text(encoding="utf-8")
    body = text.partition(r"\endlastfoot")[2].partition(r"\end{longtable}")[0].strip().splitlines()
    header = next(line for line in text.splitlines() if line.startswith("layer & "))
    assert {line.count(" & ") for line in body} == {header.count(" & ")}
    assert text.count("{") == text.count("}")
    assert text.count(r"\asked ") + text.count("\\asked\\") + text.count("\\asked \\\\") >= 12
    if shutil.which("pdflatex"):
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", target.name]
        assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0


def test_a_spreadsheet_holds_numbers_and_nothing_to_evaluate(tmp_path: Path) -> None:
    """Numbers are numbers, what is asked is a text, and nothing is a formula."""
    openpyxl = pytest.importorskip("openpyxl")
    target = tmp_path / "ws.xlsx"
    assert cnncost("worksheet", "alexnet", "--seed", "7", "-o", str(target)).code == 0
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["worksheet", "notes"]
    lines = [[cell.value for cell in row] for row in book["worksheet"].iter_rows()]
    wanted = list(csv.reader(io.StringIO(ALEXNET)))
    assert [["" if cell is None else str(cell) for cell in line] for line in lines] == wanted
    assert lines[1][2:5] == [3, 227, 96]
    assert book["notes"]["A1"].value == "Worksheet: alexnet"
    kinds = {cell.data_type for page in book for row in page.iter_rows() for cell in row}
    assert kinds <= {"n", "s"}


def test_without_openpyxl_a_spreadsheet_says_what_to_install(tmp_path: Path) -> None:
    """The extra is named."""
    with mock.patch.dict(sys.modules, {"openpyxl": None}):
        result = cnncost("worksheet", "alexnet", "-o", str(tmp_path / "ws.xlsx"))
    assert (result.code, result.err) == (
        2,
        'cnncost: a spreadsheet needs openpyxl: pip install "cnncost[excel]"\n',
    )


@pytest.mark.parametrize("name", ["alexnet", "resnet18", "vit_b_16"])
@pytest.mark.parametrize("ending", [".csv", ".md", ".xlsx"])
def test_a_key_handed_in_is_all_right(name: str, ending: str, tmp_path: Path) -> None:
    """`cnncost check` reads each sheet and its key, and marks every cell that was asked as right."""
    sheet, key = tmp_path / f"ws{ending}", tmp_path / f"key{ending}"
    cnncost("worksheet", name, "-n", "25", "--seed", "2", "-o", str(sheet), "--key", str(key))
    result = cnncost("check", name, str(key), "--sheet", str(sheet))
    assert result.code == 0, result.out + result.err
    assert "25 right" in result.out


def test_a_sheet_handed_in_as_it_is_has_only_blanks(tmp_path: Path) -> None:
    """`?` is a blank, and nothing else counts."""
    sheet = tmp_path / "ws.csv"
    cnncost("worksheet", "alexnet", "--seed", "7", "-o", str(sheet))
    result = cnncost("check", "alexnet", str(sheet), "--sheet", str(sheet))
    assert result.code == 1
    assert result.out.splitlines()[1] == "12 not answered"


def test_costs_can_stand_in_full() -> None:
    """`--exact` needs no units."""
    text = cnncost("worksheet", "alexnet", "--seed", "7", "--exact", "-f", "csv").out
    assert "memory (B),params,FLOPs," in text
    assert rows_of(text)[0]["params"] == "34944"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("alexnet", "-n", "0"), "a worksheet asks at least one cell, not 0"),
        (
            ("lenet5", "-n", "999", "-l", "shape"),
            "lenet5: 999 blanks are too many at level shape: with this seed 23 cells follow from the others",
        ),
        (("alexnet", "-l", "shap"), "no level `shap`; did you mean shape?"),
        (("alexnet", "-l", "4"), "no level `4`; there are shape (1), params (2), cost (3)"),
        (
            ("alexnet", "-f", "pdf"),
            "no format `pdf`; there are markdown, terminal, csv, html, json, latex, xlsx",
        ),
        (
            ("alexnet", "-k", "key.pdf"),
            "key.pdf: no format has the ending `.pdf`; use .txt, .csv, .html, .json, .tex, .md, .xlsx or --format",
        ),
        (
            ("alexnet", "--students", "roster.csv"),
            "--students writes files for each student: name their folder with -o",
        ),
        (
            ("alexnet", "--students", "roster.csv", "-k", "key.csv"),
            "--students varies the network and writes the keys itself: leave out --input, --set and --key",
        ),
        (("alexnett",), "no network `alexnett`; did you mean alexnet?"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments: tuple[str, ...], message: str) -> None:
    """A wrong option says what is wrong and what there is."""
    result = cnncost("worksheet", *arguments)
    assert (result.code, result.out, result.err) == (2, "", f"cnncost: {message}\n")


# a class

ROSTER = 'Student ID,Name\ns1,Alice Ångström\ns2,Bob\n,\ns3,"O\'Neil, Cy"\n'


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    """A class of three, with an empty row."""
    path = tmp_path / "roster.csv"
    path.write_text(ROSTER, encoding="utf-8")
    return path


def test_each_student_has_a_sheet_a_key_and_a_network(roster: Path, tmp_path: Path) -> None:
    """The folder holds all three for each, the list names them, and the same seed writes the same."""
    folder = tmp_path / "sheets"
    arguments = ("worksheet", "alexnet", "--blank", "12", "--seed", "7", "--students", str(roster), "-o")
    result = cnncost(*arguments, str(folder))
    assert (result.code, result.out) == (0, "")
    assert result.err == (
        f"{roster}: 1 empty row left out\n"
        f"{folder}: 3 worksheets, each with its key and its network; students.csv lists them\n"
    )
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert sorted(files) == sorted(
        [f"s{n}{ending}" for n in (1, 2, 3) for ending in (".csv", ".key.csv", ".yaml")] + ["students.csv"]
    )
    listed = rows_of(files["students.csv"].decode())
    assert [row["student"] for row in listed] == ["Alice Ångström (s1)", "Bob (s2)", "O'Neil, Cy (s3)"]
    assert all(row["changes"] for row in listed)
    assert files["s1.yaml"].decode().startswith("# For Alice Ångström (s1)\n# Started from alexnet: ")
    again = tmp_path / "again"
    cnncost(*arguments, str(again))
    assert {path.name: path.read_bytes() for path in again.iterdir()} == files


def test_check_and_grade_know_each_students_network(roster: Path, tmp_path: Path) -> None:
    """A key handed in is right for its own network alone; the folder is the key of a whole class."""
    folder, handed_in = tmp_path / "sheets", tmp_path / "submissions"
    cnncost("worksheet", "alexnet", "--seed", "7", "--students", str(roster), "-o", str(folder))
    handed_in.mkdir()
    for n in (1, 2, 3):
        shutil.copy(folder / f"s{n}.key.csv", handed_in / f"s{n}.csv")
    own = cnncost(
        "check", str(folder / "s1.yaml"), str(handed_in / "s1.csv"), "--sheet", str(folder / "s1.csv")
    )
    assert (own.code, own.out.splitlines()[1]) == (0, "12 right")
    other = cnncost(
        "check", str(folder / "s2.yaml"), str(handed_in / "s1.csv"), "--sheet", str(folder / "s2.csv")
    )
    assert other.code == 1
    graded = cnncost("grade", str(handed_in), "--key", str(folder))
    assert graded.code == 0, graded.err
    assert graded.out.count("12 right") == 3


def test_a_large_class_has_no_two_sheets_alike(tmp_path: Path) -> None:
    """Sixty variants are all valid, ask the same cells, and any two differ in a third of their answers."""
    roster, folder = tmp_path / "roster.txt", tmp_path / "sheets"
    roster.write_text("".join(f"student {n}\n" for n in range(60)))
    arguments = ("--seed", "1", "--exact", "--students", str(roster), "-o", str(folder))
    result = cnncost("worksheet", "alexnet", *arguments)
    assert result.code == 0, result.err
    keys, sheets = set(), set()
    for n in range(60):
        stem = f"student_{n}"
        sheet, key = ((folder / f"{stem}{ending}").read_text() for ending in (".csv", ".key.csv"))
        assert filled(sheet, key)
        asked = zip(rows_of(sheet), rows_of(key), strict=True)
        keys.add(tuple(answers[name] for row, answers in asked for name in row if row[name] == "?"))
        sheets.add(sheet)
        assert key == csv_of(folder / f"{stem}.yaml")
    assert len(keys) == len(sheets) == 60
    pairs = combinations(keys, 2)
    assert min(sum(a != b for a, b in zip(one, other, strict=True)) for one, other in pairs) >= 4
    assert len({rows_of(sheet)[0]["input H/W"] for sheet in sheets}) > 3
    assert len({place_of(sheet) for sheet in sheets}) == 1


def place_of(sheet: str) -> tuple[tuple[int, str], ...]:
    """Which cells a sheet asks."""
    return tuple((i, name) for i, row in enumerate(rows_of(sheet)) for name in row if row[name] == "?")


def csv_of(spec: Path) -> str:
    """The complete table of a spec, in the form of a key."""
    key = spec.with_suffix(".full.csv")
    target = str(spec.with_suffix(".ws.csv"))
    cnncost("worksheet", str(spec), "-n", "1", "--exact", "-o", target, "-k", str(key))
    return key.read_text()


@pytest.mark.parametrize("form", ["html", "latex"])
def test_a_sheet_on_paper_has_one_to_hand_in(form: str, roster: Path, tmp_path: Path) -> None:
    """The same sheet is written as a CSV next to the page; the page has the student's name."""
    folder = tmp_path / "sheets"
    cnncost("worksheet", "lenet5", "--students", str(roster), "-o", str(folder), "-f", form)
    ending = {"html": ".html", "latex": ".tex"}[form]
    assert (folder / "s2.csv").read_text().count("?") == 12
    page = (folder / f"s2{ending}").read_text(encoding="utf-8")
    assert "Bob (s2)" in page
    assert (folder / f"s2.key{ending}").exists()


@pytest.mark.parametrize(
    "name", ["alexnet", "vgg16", "resnet18", "resnet50", "googlenet", "mobilenet_v2", "unet"]
)
def test_variants_keep_the_network_valid(name: str) -> None:
    """A variant has the same layers in the same order, changes only sizes, and its text builds to it."""
    start = original(*read(name))
    for seed in range(6):
        made = vary(start, Random(str(seed)))
        assert library.load(parse_spec(made.text, "variant")).nodes == made.graph.nodes
        assert made.graph != start.graph
        assert made.graph.input_shape[0] == start.graph.input_shape[0]
        for new, old in zip(made.graph.nodes, start.graph.nodes, strict=True):
            assert (new.name, new.type, new.inputs) == (old.name, old.type, old.inputs)
            was, now = old.layer.arguments(), new.layer.arguments()
            sizes = {"kernel_size", "stride", "padding", "out_channels", "out_features", "groups"}
            assert {key for key in was if was[key] != now[key]} <= sizes


def test_a_kernel_takes_its_padding_along() -> None:
    """A padding of half the kernel stays half the kernel."""
    start = original(*read("vgg16"))
    kernels = set()
    for seed in range(60):
        layer = vary(start, Random(str(seed))).graph.nodes[0].layer.arguments()
        kernels.add(layer["kernel_size"])
        assert layer["padding"] == tuple(n // 2 for n in layer["kernel_size"])
    assert len(kernels) > 1


def test_too_few_variants_are_said(tmp_path: Path) -> None:
    """Where a class is larger than what can differ, the message says how many there are."""
    roster = tmp_path / "roster.txt"
    roster.write_text("".join(f"s{n}\n" for n in range(50)))
    folder = tmp_path / "sheets"
    result = cnncost("worksheet", "alexnet", "-n", "1", "--students", str(roster), "-o", str(folder))
    assert result.code == 2
    assert re.fullmatch(
        r"cnncost: alexnet with 1 blanks gives only \d+ worksheets with different answers, and the"
        r" roster has 50 students: ask for more blanks\n",
        result.err,
    )
    assert not folder.exists()


def test_a_spec_that_cannot_be_taken_apart_is_said(roster: Path, tmp_path: Path) -> None:
    """A spec in braces has no text to edit."""
    spec = tmp_path / "net.yaml"
    spec.write_text("{name: net, input: [3, 8, 8], layers: [conv: 'Conv2d(8, 3)']}\n")
    result = cnncost("worksheet", str(spec), "-n", "1", "--students", str(roster), "-o", str(tmp_path / "s"))
    assert (result.code, result.err) == (
        2,
        f"cnncost: {spec} cannot be taken apart: write `input:`, `params:` and the other keys a line each,"
        " without quotes or outer braces\n",
    )


def test_a_folder_that_cannot_be_made_is_said(roster: Path, tmp_path: Path) -> None:
    """There is a file where the folder should be."""
    taken = tmp_path / "taken"
    taken.write_text("")
    result = cnncost("worksheet", "alexnet", "--students", str(roster), "-o", str(taken))
    assert (result.code, result.err) == (
        2,
        f"cnncost: {taken}: the folder cannot be made: a file has this name\n",
    )


# rosters


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("alice\nbob\n", ["alice", "bob"]),
        ("Name\nAlice B.\n", ["Alice_B"]),
        ("\ufeffFirst name;Last name;ID number\nAda;Lovelace;42\n", ["42"]),
        ("First name\tSurname\nAda\tLovelace\n", ["Ada_Lovelace"]),
        ('Student,ID,SIS User ID\n"Lovelace, Ada",7,x\n', ["7"]),
        ("email\nada@example.org\n", ["ada_example_org"]),
        ("name\nCON\nstudents\n", ["CON_", "students_"]),
        ("name\n<b>=1+1</b>\u3042\n", None),
        ("name\n..hidden\n李雷\n", ["hidden", "李雷"]),
    ],
)
def test_rosters_of_many_forms(text: str, files: list[str] | None, tmp_path: Path) -> None:
    """Names or ids under any usual header become safe file names."""
    path = tmp_path / "roster.csv"
    path.write_text(text, encoding="utf-8")
    if files is None:
        with pytest.raises(CnncostError, match="path separator"):
            read_roster(path)
        return
    assert [student.file for student in read_roster(path).students] == files


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", ": the roster is empty: it needs a name or an id in each row"),
        (b"\n,\n", ": the roster is empty: it needs a name or an id in each row"),
        (b"name\n", ": no student below the header"),
        (b"name,id\n,\n", ": no student below the header"),
        (b"group,mark\na,1\n", ": no column of names or ids: group, mark; name a column `name` or `id`"),
        (b"name\na\nb\na\n", ":4: `a` is there twice (first in line 2); add a column `id`"),
        (
            b"name\nAnn B\nann_b\n",
            ":3: `ann_b` and `Ann B` give the same file name (first in line 2); add a column `id`",
        ),
        (
            b"name\n../eve\n",
            ":2: `../eve` has a path separator, which a file name cannot have",
        ),
        (b"name\nC:\\x\n", ":2: `C:\\x` has a path separator, which a file name cannot have"),
        (b"name\n...\n", ":2: `...` has no letter or digit for a file name"),
        (b"name\na\x1bb\n", ":2: `a\\x1bb` has characters that cannot be printed"),
        (b"name\n" + b"x" * 101 + b"\n", ":2: `" + "x" * 59 + "…` is longer than 100 characters"),
        (b"name\n\xff\xff\n", ": not a text file: byte 5 is not UTF-8; save it as CSV"),
        (b"name\na\0b\n", ": not a text file: it contains a zero byte; save it as CSV"),
        (
            b"name\n" + b"".join(b"s%d\n" % n for n in range(2001)),
            ": 2001 students: at most 2000 get worksheets at once",
        ),
        (b'name\n"' + b"x" * 140_000 + b"\n", ":3: field larger than field limit (131072)"),
    ],
)
def test_a_roster_that_cannot_be_used_is_one_line(data: bytes, message: str, tmp_path: Path) -> None:
    """Each says what is wrong and in which line."""
    path = tmp_path / "roster.csv"
    path.write_bytes(data)
    folder = tmp_path / "sheets"
    result = cnncost("worksheet", "alexnet", "--students", str(path), "-o", str(folder))
    assert (result.code, result.out, result.err) == (2, "", f"cnncost: {path}{message}\n")
    assert not folder.exists()


def test_a_roster_too_large_is_not_read(tmp_path: Path) -> None:
    """Fifty megabytes are no class list."""
    path = tmp_path / "roster.csv"
    with path.open("wb") as stream:
        stream.truncate(50_000_000)
    result = cnncost("worksheet", "alexnet", "--students", str(path), "-o", str(tmp_path / "sheets"))
    assert (result.code, result.err) == (
        2,
        f"cnncost: {path}: larger than 1,000,000 bytes: no class list needs that\n",
    )


def test_a_roster_that_is_not_there_is_said(tmp_path: Path) -> None:
    """Neither a missing file nor a folder is a roster."""
    for path, message in ((tmp_path / "none.csv", "no such file"), (tmp_path, "a folder, not a roster")):
        result = cnncost("worksheet", "alexnet", "--students", str(path), "-o", str(tmp_path / "sheets"))
        assert (result.code, result.err) == (2, f"cnncost: {path}: {message}\n")


def test_a_name_cannot_write_into_a_page(tmp_path: Path) -> None:
    """A name with signs of HTML, LaTeX or a spreadsheet's formulas is set as it is."""
    pytest.importorskip("openpyxl")
    roster = tmp_path / "roster.csv"
    roster.write_text("name,id\n=1+1 <b>&_#{},a1\n", encoding="utf-8")
    pages = {}
    for form, ending in (("html", ".html"), ("latex", ".tex"), ("xlsx", ".xlsx")):
        folder = tmp_path / form
        result = cnncost("worksheet", "lenet5", "--students", str(roster), "-o", str(folder), "-f", form)
        assert result.code == 0, result.err
        pages[form] = folder / f"a1{ending}"
    assert "=1+1 &lt;b&gt;&amp;_#{} (a1)" in pages["html"].read_text(encoding="utf-8")
    assert r"=1+1 $<$b$>$\&\_\#\{\} (a1)" in pages["latex"].read_text(encoding="utf-8")
    import openpyxl

    listed = (tmp_path / "html" / "students.csv").read_text(encoding="utf-8").splitlines()[1]
    assert listed.startswith("'=1+1 <b>&_#{} (a1),a1.html,")
    cell = openpyxl.load_workbook(pages["xlsx"])["notes"]["A1"]
    assert (cell.data_type, cell.value) == ("s", "Worksheet: lenet5-variant, =1+1 <b>&_#{} (a1)")
