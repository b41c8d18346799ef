"""The one Table: every format in every command, and what `table` chooses of a network."""

from __future__ import annotations

import csv
import importlib
import io
import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import cnncost
from cnncost.cli import COMMANDS
from cnncost.errors import CnncostError
from cnncost.tables import formats
from cnncost.tables.formats import csv as csv_format
from cnncost.tables.formats import terminal
from cnncost.tables.table import Column, Document, Line, Paragraph, Table, document
from cnncost.views.network_table import table_of
from tests.command_line import cnncost as run
from tests.goldens import ROOT

SHOWING = {
    "table": ("alexnet",),
    "layer": ("Conv2d(8, 3)", "-i", "3x9x9"),
    "memory": ("lenet5", "--train", "--fits", "1GB"),
    "latency": ("lenet5", "--device", "gtx580"),
    "training": ("lenet5", "--train-only", "F6", "--device", "k40"),
    "compare": ("alexnet", "lenet5"),
    "diff": ("resnet18", "resnet34"),
    "list": ("--family", "resnet"),
    "diagnose": ("alexnet", "--macs", "1.13G"),
    "reconcile": ("alexnet", "--tools", "fvcore,thop"),
    "show": ("vgg16",),
    "layers": (),
    "audit": ("lenet5",),
    "check": ("lenet5", "answers/ada.csv"),
    "grade": ("answers", "--key", "lenet5"),
    "worksheet": ("lenet5",),
}
"""The commands that show a table, each with arguments that are quick to answer, in a folder with answers."""
WITH_TORCH = ("verify", "time")
"""Commands that show a table, which tests of their own run: they take seconds."""

WITHOUT = {
    *("explain", "formula", "new", "import", "export"),  # formulas, specs and source
    *("chart", "gallery"),  # pictures
    *("quiz", "autograder"),  # files to hand out
}
"""The commands that show no table."""


def names_of_formats(command: str) -> tuple[str, ...]:
    """The formats that a command offers."""
    return tuple(importlib.import_module(f"cnncost.cli.{command}").FORMATS)


def test_each_command_shows_a_table_or_says_that_it_does_not() -> None:
    """No command is forgotten here."""
    assert {*SHOWING, *WITH_TORCH, *WITHOUT} == set(COMMANDS)


@pytest.mark.parametrize("command", [*SHOWING, *WITH_TORCH])
def test_a_command_with_a_table_has_every_format(command: str) -> None:
    """Its formats are those of the registry; it may have more of its own."""
    assert set(formats.NAMES) <= set(names_of_formats(command))


class Balanced(HTMLParser):
    """Counts the cells of each row, and refuses a tag that is closed without being open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells = 0

    def handle_starttag(self, tag: str, _: object) -> None:
        if tag not in ("br", "meta"):
            self.open.append(tag)
        self.cells += tag in ("td", "th")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def check_csv(text: str) -> None:
    """Each block between empty lines is a rectangle with a header and at least one row."""
    for block in text.strip().split("\n\n"):
        rows = list(csv.reader(io.StringIO(block)))
        assert len(rows) > 1
        assert {len(row) for row in rows} == {len(rows[0])}


def check_markdown(text: str) -> None:
    """The lines of each pipe table have equally many cells."""
    blocks = [block for block in text.split("\n\n") if block.startswith("|")]
    assert blocks
    for block in blocks:
        counts = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines() if line.startswith("|")}
        assert len(counts) == 1, block


def check_html(text: str) -> None:
    """Every tag is closed, and there are cells."""
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    assert parser.cells > 3


def check_latex(text: str) -> None:
    """Every environment is closed, and the packages are named."""
    assert re.findall(r"\\begin{(\w+)}", text)
    assert sorted(re.findall(r"\\begin{(\w+)}", text)) == sorted(re.findall(r"\\end{(\w+)}", text))
    assert text.startswith("% needs \\usepackage{") or "\\documentclass" in text


CHECKS = {
    "csv": check_csv,
    "json": json.loads,
    "markdown": check_markdown,
    "html": check_html,
    "latex": check_latex,
}


@pytest.mark.parametrize("name", formats.NAMES)
@pytest.mark.parametrize("command", SHOWING)
def test_each_format_of_each_command_is_well_formed(
    command: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a program of that format reads is read without an error, and is not empty."""
    (tmp_path / "answers").mkdir()
    run("table", "lenet5", "-o", str(tmp_path / "answers/ada.csv"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / f"out{formats.renderer(name).ENDING}"
    result = run(command, *SHOWING[command], "-o", str(path))
    assert result.code == 0, result.err
    assert result.out == "" or command == "grade"  # which also prints its report
    if name == "xlsx":
        openpyxl = pytest.importorskip("openpyxl")
        assert openpyxl.load_workbook(path).worksheets[0].max_row > 1
    else:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) > 1
        CHECKS.get(name, str)(text)


NEW_FORMAT = '''
"""Tables for Typst."""

ENDING = ".typ"


def render(document):
    """Only how many tables there are."""
    return f"#table({len(document.tables)})\\n"
'''


def test_a_new_format_is_one_file(tmp_path: Path) -> None:
    """A file that is put into the folder gives its format to every command that shows a table."""
    shutil.copytree(ROOT / "cnncost", tmp_path / "cnncost", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    (tmp_path / "cnncost/tables/formats/typst.py").write_text(NEW_FORMAT, encoding="utf-8")
    (tmp_path / "answers").mkdir()
    (tmp_path / "run.py").write_text(
        f"import sys\nsys.path.append({str(ROOT)!r})\n"
        "from tests.command_line import cnncost\n"
        "cnncost('table', 'lenet5', '-o', 'answers/ada.csv')\n"
        f"for command, arguments in {SHOWING!r}.items():\n"
        "    for extra in (('-f', 'typst'), ('-o', f'{command}.typ')):\n"
        "        result = cnncost(command, *arguments, *extra)\n"
        "        print(command, result.code, result.out.strip())\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "run.py"], cwd=tmp_path, capture_output=True, text=True, check=True, env={}
    )
    for command in SHOWING:
        assert f"{command} 0 #table(1)\n{command} 0 " in done.stdout
        assert (tmp_path / f"{command}.typ").read_text(encoding="utf-8") == "#table(1)\n"


def test_a_cell_is_never_a_formula(tmp_path: Path) -> None:
    """Texts that begin like formulas are texts in a spreadsheet; numbers are numbers."""
    openpyxl = pytest.importorskip("openpyxl")
    table = Table("t", [Column("a", "a", ("=1+1", "+2", "-3", "@x", 7, None, "\x07bell"))])
    data = formats.render(table, "xlsx")
    assert isinstance(data, bytes)
    (tmp_path / "t.xlsx").write_bytes(data)
    page = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    cells = [page.cell(row, 1) for row in range(2, 9)]
    assert [cell.data_type for cell in cells] == ["s", "s", "s", "s", "n", "n", "s"]
    assert [cell.value for cell in cells] == ["=1+1", "+2", "-3", "@x", 7, None, " bell"]


def test_a_spreadsheet_needs_openpyxl(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without it the error says what to install."""
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    result = run("table", "lenet5", "-o", str(tmp_path / "t.xlsx"))
    assert (result.code, result.out) == (2, "")
    assert result.err == 'cnncost: a spreadsheet needs openpyxl: pip install "cnncost[excel]"\n'


# The model


def text_of(*parts: Table | Paragraph, width: int = 80) -> str:
    """Parts as plain text."""
    found = terminal.lines(Document(parts), width)
    return "\n".join("".join(text for text, _ in line).rstrip() for line in found)


NAMES = Column("name", "layer", ("a", "b", "total"), left=True)
COSTS = Column("flops", "FLOPs", (1, 20, 21), unit="M")


def test_a_table_on_a_terminal() -> None:
    """Two header lines where a column has a unit, a rule above the totals, notes below."""
    table = Table("caption", [NAMES, COSTS], notes=("note",), summary=1)
    assert text_of(table) == (
        "caption\n\n       FLOPs\nlayer    (M)\n────────────\na          1\nb         20\n"
        "────────────\ntotal     21\n\nnote"
    )


def test_totals_are_in_json_but_not_in_csv() -> None:
    """A CSV adds up without them."""
    table = Table("caption", [NAMES, COSTS], summary=1)
    assert csv_format.render(document(table)) == "name,flops\na,1\nb,20\n"
    assert json.loads(formats.render(table, "json")) == {
        "schema": 1,
        "rows": [{"name": "a", "flops": 1}, {"name": "b", "flops": 20}],
        "totals": [{"name": "total", "flops": 21}],
    }


def test_hidden_columns_are_data_and_columns_without_a_key_are_not() -> None:
    """People see other columns than programs."""
    hidden = Column("exact", "exact", (1, 2, 3), hidden=True)
    sign = Column("", "", texts=("x", "y", "z"))
    table = Table("", [NAMES, hidden, sign])
    assert csv_format.render(document(table)).splitlines()[0] == "name,exact"
    assert text_of(table).splitlines()[0].split() == ["layer"]
    assert "y" in text_of(table)


def test_columns_must_be_equally_long() -> None:
    """A table that is no rectangle is a mistake of the program."""
    with pytest.raises(AssertionError, match="columns of different lengths"):
        Table("", [NAMES, Column("b", "b", (1, 2))])


def test_headings_stand_above_their_rows() -> None:
    """The longest wording that fits is shown; in markdown and HTML too."""
    heading = ("2015  resnet", "Deep Residual Learning, He, CVPR", "Deep Residual Learning")
    table = Table("", [NAMES, COSTS], headings={1: heading})
    assert "2015  resnet  Deep Residual Learning, He, CVPR\nb" in text_of(table)
    assert "2015  resnet  Deep Residual Learning\nb" in text_of(table, width=40)
    assert "2015  resnet  Deep Residua…\nb" in text_of(table, width=27)
    assert "| **2015 resnet** |  |\n| b | 20 |" in formats.render(table, "markdown")
    assert "2015  resnet" in str(formats.render(table, "html"))


def test_a_table_that_stacks_shows_every_column() -> None:
    """Too wide, it becomes several tables; a row with nothing in one of them is left out there."""
    columns = [Column(str(i), f"column{i}", ("1234567", "" if i > 2 else "x")) for i in range(6)]
    table = Table("", [Column("name", "name", ("first", "second")), *columns], stacks=True)
    text = text_of(table, width=40)
    assert all(f"column{i}" in text for i in range(6))
    assert max(map(len, text.splitlines())) <= 40
    assert (text.count("first"), text.count("second")) == (2, 1)


def test_a_narrow_table_takes_the_place_of_a_wide_one() -> None:
    """Where the width has no room, and in a document too."""
    narrow = Table("narrow", [NAMES])
    wide = Table("wide", [NAMES, Column("x", "x" * 60, (1, 2, 3))], narrow=narrow)
    assert text_of(wide).startswith("wide")
    assert text_of(wide, width=50).startswith("narrow")


def test_paragraphs_stand_between_tables() -> None:
    """A head precedes its text, whose later lines are indented; markdown makes a list of several lines."""
    lines = Paragraph((Line("a b c d e f", head="  x  "), Line("g")))
    assert text_of(lines, Table("", [NAMES]), width=21).startswith("  x  a b c d e f\ng\n\nlayer")
    assert text_of(lines, width=14).startswith("  x  a b c d e f")  # never narrower than 16 letters
    assert formats.render([lines], "markdown") == "- **x** a b c d e f\n\ng\n"
    assert "<b" not in str(formats.render([Paragraph.of("a < b")], "html"))


def test_several_tables_are_separated_in_csv_and_json() -> None:
    """CSV has an empty line between them, JSON a list, a workbook a sheet for each."""
    parts = [Table("one", [NAMES]), Paragraph.of("text"), Table("two", [NAMES])]
    assert str(formats.render(parts, "csv")).count("name\n") == 2
    data = json.loads(formats.render(parts, "json"))
    assert [table["caption"] for table in data["tables"]] == ["one", "two"]


# What `table` chooses


def rows_of(*options: str) -> list[dict[str, str]]:
    """The rows of `cnncost table … -f csv`."""
    result = run("table", *options, "-f", "csv")
    assert result.code == 0, result.err
    return list(csv.DictReader(io.StringIO(result.out)))


@pytest.mark.parametrize(
    "column", ["flops", "params", "memory", "macs", "macts", "filters", "in_size", "kernel"]
)
def test_sort_puts_the_largest_first(column: str) -> None:
    """Numbers from the largest, rows without one last; sorting leaves nothing out."""
    key = {"memory": "memory_bytes"}.get(column, column)
    rows = rows_of("vgg11", "--sort", column)
    values = [int(row[key]) for row in rows if row[key]]
    assert values == sorted(values, reverse=True)
    assert [bool(row[key]) for row in rows] == sorted((bool(row[key]) for row in rows), reverse=True)
    assert sorted(row["name"] for row in rows) == sorted(row["name"] for row in rows_of("vgg11"))


def test_names_sort_from_a_and_as_people_count() -> None:
    """Denselayer 2 before denselayer 10."""
    names = [row["name"] for row in rows_of("densenet121", "--sort", "name", "--only", "*.1*")]
    numbers = [[int(number) for number in re.findall(r"\d+", name)] for name in names]
    assert len(numbers) > 10
    assert numbers == sorted(numbers)


def test_top_ends_with_two_sums() -> None:
    """The rows that are shown add up to the first, the network to the second."""
    out = run("table", "alexnet", "--top", "3", "--sort", "params", columns=120).out.splitlines()
    rule = max(i for i, line in enumerate(out) if line.startswith("─"))
    assert [line.split()[0] for line in out[5:rule]] == ["fc6", "fc7", "fc8"]
    assert out[rule + 1].split() == ["3", "rows", "36", "58631", "59"]
    assert out[rule + 2].split() == ["total", "3090", "62378", "1136"]


def test_top_without_sort_is_by_flops() -> None:
    """Those that cost most."""
    assert [row["name"] for row in rows_of("alexnet", "--top", "2")] == ["conv2", "conv4"]


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (("conv*",), ["conv1", "conv2", "conv3", "conv4", "conv5"]),
        (("Linear",), ["fc6", "fc7", "fc8"]),
        (("fc8", "pool*"), ["pool1", "pool2", "pool5", "fc8"]),
        (("*Pool2d",), ["pool1", "pool2", "pool5"]),
    ],
)
def test_only_chooses_by_name_or_type(patterns: tuple[str, ...], names: list[str]) -> None:
    """In the network's order; a pattern of small letters names layers, not types."""
    options = [word for pattern in patterns for word in ("--only", pattern)]
    assert [row["name"] for row in rows_of("alexnet", *options)] == names


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--only", "conv"), "no layer has the name or type `conv`; did you mean 'conv*'?"),
        (("--only", "Linaer"), "no layer has the name or type `Linaer`; did you mean Linear?"),
        (
            ("--only", "ReLU"),
            "`ReLU` layers work in place and have no row of their own; add --all to show them",
        ),
        (("--columns", ","), "--columns: name at least one column"),
        (("--columns", ""), "--columns: name at least one column"),
        (("-o", "."), ".: is a folder; name a file in it"),
        (("--by", "tpye"), "--by tpye: sum by type or stage; did you mean type?"),
        (("--sort", "flps"), "no column `flps`; did you mean flops?; there are name, type, stage, "),
        (("--columns", "flops,kernl"), "no column `kernl`; did you mean kernel?; there are name, "),
        (("conv9",), "alexnet has no layer `conv9`; did you mean conv5?"),
    ],
)
def test_what_does_not_exist_is_one_line(options: tuple[str, ...], message: str) -> None:
    """The nearest name is suggested."""
    result = run("table", "alexnet", *options)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"cnncost: {message}")
    assert result.err.count("\n") == 1


def test_a_part_has_its_own_sum() -> None:
    """`below` and the table of a part give the same rows, followed by the network's total."""
    part = cnncost.profile("resnet50").below("conv4_x")
    rows = rows_of("resnet50", "conv4_x")
    assert sum(int(row["params"]) for row in rows) == sum(cost.params for cost in part) == 7098368
    assert {row["stage"] for row in rows} == {"conv4_x"}
    out = run("table", "resnet50", "conv4_x").out
    assert re.search(r"\nconv4_x +12544 +7098 +1387\ntotal +63720 +25557 +3860\n", out)
    assert (
        json.loads(run("table", "resnet50", "conv4_x", "-f", "json").out)["rows_total"]["params"] == 7098368
    )


def test_a_side_head_is_a_part_of_training_only() -> None:
    """Without --train it has no counted layer."""
    result = run("table", "googlenet", "aux1")
    assert (result.code, result.err.strip()) == (
        2,
        "cnncost: `aux1` is a side head, counted in training only: add --train",
    )
    assert "\naux1 " in run("table", "googlenet", "aux1", "--train").out


@pytest.mark.parametrize("by", ["type", "stage"])
@pytest.mark.parametrize("network", ["resnet50", "googlenet", "swin_t"])
def test_sums_add_up(network: str, by: str) -> None:
    """Each layer is in exactly one sum."""
    rows, totals = rows_of(network, "--by", by), cnncost.profile(network).totals
    for key in ("layers", "params", "buffers", "macs", "flops", "memory_bytes", "macts"):
        assert sum(int(row[key]) for row in rows) == getattr(totals, key)
    assert len({row["name"] for row in rows}) == len(rows)


def test_sums_by_type_of_chosen_layers() -> None:
    """Batch norms have a sum of their own: 53 of them in ResNet-50, with 53 120 parameters."""
    (norms,) = rows_of("resnet50", "--by", "type", "--only", "BatchNorm2d", "--all")
    assert (norms["layers"], norms["params"]) == ("53", "53120")


def test_sums_of_chosen_layers_hold_these_only() -> None:
    """Not the batch norms and ReLUs that share the rows of the convolutions."""
    (convs,) = rows_of("resnet50", "--by", "type", "--only", "Conv2d")
    assert (convs["name"], convs["layers"], convs["params"]) == ("Conv2d", "53", "23454912")
    assert [row["layers"] for row in rows_of("alexnet", "--by", "type", "--only", "ReLU")] == ["7"]


@pytest.mark.parametrize("every", [(), ("--all",)])
def test_in_place_layers_belong_to_the_stage_of_their_row(every: tuple[str, ...]) -> None:
    """As in `Profile.stages`: AlexNet has no stages ReLU, ReLU_1 and so on."""
    rows = rows_of("alexnet", "--by", "stage", *every)
    assert [row["name"] for row in rows] == list(cnncost.profile("alexnet").stages)


@pytest.mark.parametrize("part", ["conv4_x.0.body.conv_bn", "conv4_x.0.body", "conv4_x", "fc"])
def test_the_rows_of_a_part_are_named_as_in_the_whole_table(part: str) -> None:
    """A part that is a single row is not named after the stage around it."""
    whole = [row["name"] for row in rows_of("resnet50") if row["name"].startswith(part)]
    rows = [row["name"] for row in rows_of("resnet50", part)]
    assert [name for name in whole if name in rows] == rows
    assert rows


def test_a_sum_is_named_after_what_it_holds() -> None:
    """After the part, however it is sorted; else after the number of rows."""

    def name(*options: str) -> str:
        found: str = json.loads(run("table", "resnet50", *options, "-f", "json").out)["rows_total"]["name"]
        return found

    assert name("conv4_x", "--sort", "flops") == name("conv4_x") == "conv4_x"
    assert name("conv4_x", "--top", "3") == "3 rows"
    assert name("--top", "1") == name("--only", "fc") == "1 row"


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"top": 0}, "--top: must be a whole number from 1, got 0"),
        ({"top": -1}, "--top: must be a whole number from 1, got -1"),
        ({"top": "5"}, "--top: must be a whole number from 1, got '5'"),
        ({"depth": -1}, "--depth: must be a whole number from 0, got -1"),
        ({"columns": []}, "--columns: name at least one column"),
    ],
)
def test_python_refuses_the_values_that_the_command_refuses(choices: dict[str, Any], message: str) -> None:
    """Before, `top=-1` dropped a row and `top=0` showed all."""
    with pytest.raises(CnncostError, match=f"^{re.escape(message)}$"):
        cnncost.profile("alexnet").table(**choices)


def test_a_single_text_is_no_list_of_letters() -> None:
    """`only` and `columns` may be given without a list."""
    p = cnncost.profile("alexnet")
    frame = p.table(only="conv*", columns="flops,params").to_frame()
    assert frame.equals(p.table(only=["conv*"], columns=["flops", "params"]).to_frame())
    assert len(frame) == 5


def test_what_has_no_room_is_named_in_lines_that_fit() -> None:
    """The note on standard error is no wider than the table."""
    err = run("table", "alexnet", columns=50).err
    assert err.startswith("left out to fit 50 columns: ")
    assert err.count("\n") > 1
    assert max(map(len, err.splitlines())) <= 50


def test_the_heading_of_dilation_is_explained() -> None:
    """Where it is shown."""
    footnote = "dil: dilation"
    assert footnote in run("layer", "Conv2d(4, 3, dilation=2)", "-i", "3x9x9").out
    assert footnote not in run("layer", "Conv2d(4, 3)", "-i", "3x9x9").out


def test_columns_are_chosen_by_key_or_title() -> None:
    """In the order asked, behind the layer's name; `%` is per cent."""
    header = run("table", "alexnet", "--columns", "flops%,RF, memory,pad", "-f", "csv").out.splitlines()[0]
    assert header == "name,flops_percent,receptive_field,memory_bytes,padding"
    out = run("table", "alexnet", "--columns", "macts,params_bytes").out.splitlines()
    assert (out[2].split(), out[3].split()) == (["macts", "params"], ["layer", "(KB)"])
    assert ["total", "659272", "243665"] in [line.split() for line in out]


def test_per_cents_are_of_the_network() -> None:
    """They add up to 100 over the whole network, and say of a selection what it is of it."""
    rows = rows_of("vgg16")
    for key in ("memory_percent", "params_percent", "flops_percent"):
        assert sum(float(row[key]) for row in rows) == pytest.approx(100, abs=0.01)
    out = run("table", "alexnet", "--only", "Linear", "--percent", columns=140).out
    assert re.search(r"\n3 rows +36 +1\.2 +58631 +94\.0 +59 +5\.2 *\n", out)


@pytest.mark.parametrize("network", ["resnext50_32x4d", "mobilenet_v2", "alexnet"])
def test_a_convolution_s_row_can_be_recomputed(network: str) -> None:
    """What is printed gives the multiply-adds: the groups too, where there are any."""
    shown = run("table", network, "--depth", "0", columns=200).out.splitlines()[3].split()
    assert ("groups" in shown) == (network != "alexnet")
    for row in rows_of(network, "--only", "Conv2d"):
        sizes = [int(row[key]) for key in ("kernel", "in_channels", "filters", "groups", "out_size")]
        kernel, channels, filters, groups, out = sizes
        assert int(row["macs"]) == kernel**2 * channels // groups * filters * out**2


def test_dilation_has_a_column_where_it_is_not_one() -> None:
    """And only there."""
    call = "Conv2d(8, 3, dilation=2) >> Conv2d(8, 3)"
    assert " dil " in run("layer", call, "-i", "3x16x16", columns=120).out
    assert " dil " not in run("layer", "Conv2d(8, 3)", "-i", "3x16x16", columns=120).out


@pytest.mark.parametrize("network", ["alexnet", "resnet50"])
def test_macts_are_what_fvcore_calls_activations(network: str) -> None:
    """Output elements of convolutions and linear layers, counted by running the network."""
    torch = pytest.importorskip("torch")
    analysis = pytest.importorskip("fvcore.nn")
    from cnncost.measure import build

    graph = cnncost.load(network)
    module = build(graph).eval()
    count = analysis.ActivationCountAnalysis(module, torch.zeros(1, *graph.input_shape))
    count.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    assert cnncost.profile(graph).totals.macts == count.total()


def test_the_footprint_adds_up() -> None:
    """Input, outputs and parameters, in the summary and in JSON; the batch multiplies the first two."""
    totals = json.loads(run("table", "alexnet", "-b", "2", "-f", "json").out)["totals"]
    assert totals["input_bytes"] == 2 * 4 * 3 * 227 * 227
    assert totals["params_bytes"] == 4 * 62378344
    assert totals["total_bytes"] == sum(totals[f"{name}_bytes"] for name in ("input", "memory", "params"))
    out = run("table", "alexnet").out
    assert out.endswith("Input 604 KB + outputs 3.02 MB + parameters 238 MB = 242 MB.\n")


def test_json_csv_and_frame_have_the_same_columns() -> None:
    """The rows of the JSON, the header of the CSV, and a DataFrame, with stages."""
    profile = cnncost.profile("lenet5")
    header = run("table", "lenet5", "-f", "csv").out.splitlines()[0].split(",")
    rows = json.loads(run("table", "lenet5", "-f", "json").out)["rows"]
    frame = profile.to_frame()
    assert header == list(rows[0]) == [frame.index.name, *frame.columns]
    assert list(frame["stage"]) == [cost.node.stage for cost in profile.costs]


def test_python_chooses_as_the_command_does() -> None:
    """`Profile.table` takes the same options."""
    table = cnncost.profile("alexnet").table(sort="params", top=2, columns=["flops"])
    rows = table.to_dict()["rows"]
    assert rows == [{"name": "fc6", "flops": 37748736}, {"name": "fc7", "flops": 16777216}]
    with pytest.raises(CnncostError, match="no column `flosp`"):
        table_of(cnncost.profile("alexnet"), sort="flosp")


def test_settings_are_in_the_title() -> None:
    """A table of another network than the catalogue's says so, in each format that has a title."""
    out = run("table", "alexnet", "--set", "classes=10", "--set", "before_pool=lrn", columns=120).out
    assert out.startswith(
        "alexnet with classes=10, before_pool=lrn, input 3×227×227, batch 1, float32, convention lecture\n"
    )
    profile = cnncost.profile("alexnet", params={"classes": 10})
    assert "alexnet with classes=10, input" in profile._repr_html_()


def test_markdown_has_headings_and_lists() -> None:
    """A bold first line is the page's heading; heads make items, and what continues an item is part of it."""
    page = Document(
        [
            Paragraph((Line("answers.csv: 2 of 3", "bold"), Line("2 right"), Line("1 wrong"))),
            Paragraph((Line("a cause", "bold", "1. "), Line("gives 3", head="   "))),
            Paragraph((Line("Formulas:"), Line("K", head="size  "), Line("x)", head="Conv2d("))),
        ]
    )
    assert formats.render(page, "markdown") == (
        "# answers.csv: 2 of 3\n\n2 right  \n1 wrong\n\n"
        "1. **a cause**  \n   gives 3\n\n"
        "Formulas:\n\n- **size** K\n**Conv2d(x)**\n"
    )
