"""Reading what people hand in: files, headers, cells, and which layer a row is about."""

from __future__ import annotations

import contextlib
import io
import os
import zipfile
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnncost
from cnncost.count.rows import fold
from cnncost.errors import CnncostError
from cnncost.homework.mark import check, judge_answer
from cnncost.homework.read import (
    FORMATS,
    QUANTITIES,
    AnswerCell,
    printable,
    read_answers,
    read_cell,
    read_sheet,
)
from cnncost.homework.read.header_words import header_meaning
from cnncost.homework.read.headers import read_headers


def written(folder: Path, name: str, text: str | bytes) -> Path:
    """A file of answers."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# Quantities


def test_quantities_are_those_of_the_lecture_table() -> None:
    """Each column's right value is the table's own, exact."""
    conv1, pool1, *_, fc8 = fold(cnncost.profile("alexnet"))
    values = {key: quantity.value(conv1) for key, quantity in QUANTITIES.items()}
    assert values == {
        "in_shape": (3, 227, 227),
        "in_channels": 3,
        "in_size": (227, 227),
        "filters": 96,
        "kernel": (11, 11),
        "stride": (4, 4),
        "padding": (0, 0),
        "out_shape": (96, 55, 55),
        "out_channels": 96,
        "out_size": (55, 55),
        "params": 34944,
        "weights": 34848,
        "biases": 96,
        "memory": 1161600,
        "macs": 105415200,
        "flops": 105415200,
        "buffers": 0,
        "receptive_field": (11, 11),
    }
    assert QUANTITIES["filters"].value(pool1) is None
    assert QUANTITIES["out_size"].value(fc8) is None
    assert QUANTITIES["params"].total(cnncost.profile("alexnet")) == 62378344
    assert QUANTITIES["out_shape"].total(cnncost.profile("alexnet")) is None


# Headers


@pytest.mark.parametrize(
    ("header", "key", "unit"),
    [
        ("Params", "params", ""),
        ("#param", "params", ""),
        ("# parameters (k)", "params", "k"),
        ("Number of Parameters", "params", ""),
        ("params_k", "params", "k"),
        ("Parameters (in thousands)", "params", "k"),
        ("Mem (KB)", "memory", "KB"),
        ("memory_bytes", "memory", "B"),
        ("memory in MB", "memory", "MB"),
        ("KB", "memory", "KB"),
        ("MFLOPs", "flops", "M"),
        ("FLOPs [M]", "flops", "M"),
        ("GMACs", "macs", "G"),
        ("multiply-adds", "macs", ""),
        ("Output size", "out_size", ""),
        ("output H/W", "out_size", ""),
        ("Output Shape", "out_shape", ""),
        ("RF", "receptive_field", ""),
        ("kernel_size", "kernel", ""),
        ("pad", "padding", ""),
        ("input C", "in_channels", ""),
        ("Output size (C x H x W)", "out_size", ""),
        ("Output Shape [HxWxC]", "out_shape", ""),
        ("# of params", "params", ""),
        ("No. of parameters", "params", ""),
        ("Memory (KB, float32)", "memory", "KB"),
        ("FLOPS", "flops", ""),
        ("Layer", "layer", ""),
        ("layer type", "type", ""),
    ],
)
def test_headers_are_forgiving(header: str, key: str, unit: str) -> None:
    """What people write above a column is understood, with its unit."""
    found = header_meaning(header)
    assert found is not None
    assert (found.key, found.unit) == (key, unit)


def test_strange_headers_mean_nothing() -> None:
    """A header that is not known has no meaning, rather than a wrong one."""
    assert [header_meaning(text) for text in ("", "remarks", "accuracy", "params_bytes", "Params (MB)")] == [
        None
    ] * 5


def test_lecture_headers_that_stand_twice(tmp_path: Path) -> None:
    """Of `C` and `H/W` twice, the first are the input's and the second the output's."""
    path = written(tmp_path, "a.csv", "layer,C,H/W,filters,C,H/W\nconv1,3,227,96,96,55\n")
    asked = read_headers(read_answers(path)).asked
    assert [found.key for found in asked.values()] == [
        *("in_channels", "in_size", "filters", "out_channels", "out_size")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "layer,H_out,W_out\nconv1,55,54\npool1,27,?\n",
        "layer,output width,output height\nconv1,54,55\npool1,27,\n",
        "layer,H,W\nconv1,55,54\npool1,,27\n",
    ],
)
def test_height_and_width_in_columns_of_their_own(tmp_path: Path, text: str) -> None:
    """Two columns for the axes of one size are one; a size with one axis missing is blank."""
    grid = read_answers(written(tmp_path, "a.csv", text))
    assert [found.key for found in read_headers(grid).asked.values()] == ["out_size"]
    assert [row[1].text for row in grid.rows][:1] == ["55x54"]
    assert grid.rows[1][1].blank


def test_heights_and_widths_of_input_and_output(tmp_path: Path) -> None:
    """The lecture's columns twice, axes apart, are the input's and the output's."""
    path = written(tmp_path, "a.csv", "layer,C,H,W,filters,C,H,W\nconv1,3,227,227,96,96,55,55\n")
    assert {mark.status for mark in check("alexnet", read_answers(path)).marks} == {"right"}


def test_two_columns_for_one_quantity(tmp_path: Path) -> None:
    """Two columns that mean the same are one clear error."""
    path = written(tmp_path, "a.csv", "layer,params,# parameters\nconv1,1,2\n")
    with pytest.raises(CnncostError, match="two columns for params: `params` and `# parameters`"):
        read_headers(read_answers(path))


# Cells


@pytest.mark.parametrize(
    ("text", "value", "place"),
    [
        ("34,944", 34944, 1),
        ("34 944", 34944, 1),
        ("+34944", 34944, 1),
        ("35k", 35000, 1000),
        ("~ 35 k", 35000, 1000),
        ("105M", 105_000_000, 10**6),
        ("105 million", 105_000_000, 10**6),
        ("105,415,200", 105_415_200, 1),
        ("105MFLOPs", 105_000_000, 10**6),
        ("1.05e8", 105_000_000, 10**6),
        ("1.05 x 10^8", 105_000_000, 10**6),
        ("1.05·10⁸", 105_000_000, 10**6),
        ("0.1 G", 10**8, 10**8),
        (".6", Fraction(6, 10), Fraction(1, 10)),
    ],
)
def test_counts_keep_their_precision(text: str, value: object, place: object) -> None:
    """A number is read with the place of its last digit."""
    (first, *_) = read_cell(AnswerCell(text, 1), "count").numbers
    assert (first.value, first.place) == (value, place)


@pytest.mark.parametrize(
    ("text", "size"),
    [("1.13 MB", Fraction(113 * 1024**2, 100)), ("12 KiB", 12288), ("16 kB", 16384), ("512 bytes", 512)],
)
def test_memory_has_units_of_bytes(text: str, size: object) -> None:
    """A KB has 1024 bytes, as in the lecture."""
    assert read_cell(AnswerCell(text, 1), "bytes").numbers[0].value == size


@pytest.mark.parametrize(
    "text",
    ["55x55x96", "55 × 55 × 96", "(96, 55, 55)", "[96,55,55]", "96@55x55", "55x55@96", "(None, 55, 55, 96)"],
)
def test_shapes_in_any_notation(text: str) -> None:
    """A shape is right with its channels first or last."""
    answer = read_cell(AnswerCell(text, 1), "shape")
    assert judge_answer(answer, (96, 55, 55), "shape").fits
    assert not judge_answer(answer, (96, 54, 54), "shape").fits


@pytest.mark.parametrize("text", ["4096", "4,096", "1x1x4096", "4096×1×1"])
def test_vectors_in_any_notation(text: str) -> None:
    """A vector may be written with its axes of one."""
    assert judge_answer(read_cell(AnswerCell(text, 1), "shape"), (4096,), "shape").fits


@pytest.mark.parametrize(
    ("text", "kind", "problem"),
    [
        ("3*11*11*", "count", "a calculation or a shape, not one number: write its result"),
        ("9^9^9^9", "count", "a calculation or a shape, not one number: write its result"),
        ("1" * 501, "count", "more than 500 characters: write the answer alone"),
        ("=A1*2", "count", "a formula: formulas are not evaluated, write its value"),
        ("many", "count", "not a number"),
        ("1.2.3", "count", "not one number: write digits, such as 1234 or 1,234"),
        ("3 apples", "count", "the unit `apples` is not known here"),
        ("a lot", "shape", "not a shape: write CxHxW, such as 64x32x32"),
        ("5.5x7.5", "size", "a size is a whole number: write 32 or 32x32"),
        (
            "__import__('os').system('true')",
            "count",
            "a calculation or a shape, not one number: write its result",
        ),
    ],
)
def test_what_cannot_be_read_is_said(text: str, kind: str, problem: str) -> None:
    """A cell that says nothing readable says why, and has no value."""
    answer = read_cell(AnswerCell(text, 1), kind)
    assert (answer.problem, answer.readable) == (problem, False)


@pytest.mark.parametrize("text", ["", "?", " - ", "n/a", "—", "None"])
def test_blanks(text: str) -> None:
    """What was not filled in is blank, and neither read nor a problem."""
    answer = read_cell(AnswerCell(text, 1), "count")
    assert (answer.blank, answer.problem) == (True, "")


@given(st.text(max_size=60), st.sampled_from(["shape", "size", "number", "count", "bytes"]))
def test_no_text_crashes_the_reading_of_a_cell(text: str, kind: str) -> None:
    """Any text is blank, or has a value, or a problem."""
    answer = read_cell(AnswerCell(text, 1), kind)
    assert answer.blank or answer.readable != bool(answer.problem)


@given(st.text(max_size=300))
def test_shown_texts_are_printable(text: str) -> None:
    """What is shown of an answer has no control characters and is short."""
    shown = printable(text)
    assert len(shown) <= 40
    assert shown.isprintable()


@pytest.mark.parametrize(
    ("text", "value", "fits"),
    [
        ("35k", 34944, True),
        ("34.9k", 34944, True),
        ("34k", 34944, False),
        ("34944", 34944, True),
        ("34,945", 34944, False),
        ("105,000,000", 105_415_200, True),
        ("106,000,000", 105_415_200, False),
        ("0", 34944, False),
        ("0 G", 34944, False),
        ("0", 0, True),
        ("34.944", 34944, True),
    ],
)
def test_marks_at_the_precision_given(text: str, value: int, fits: bool) -> None:
    """A number is right if the value prints as it does; nothing says nothing."""
    assert judge_answer(read_cell(AnswerCell(text, 1), "count"), value, "count").fits is fits


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("1,162,000", True),
        ("1,160,000", True),
        ("1,161,000", False),
        ("1,162,000 bytes", False),
        ("1162 KB", False),
    ],
)
def test_zeros_at_the_end_are_rounding_only_where_no_unit_is_named(text: str, fits: bool) -> None:
    """1 162 000 may stand for 1 161 600; who writes the unit has chosen the precision."""
    assert judge_answer(read_cell(AnswerCell(text, 1), "bytes"), 1_161_600, "bytes").fits is fits


def test_tolerance() -> None:
    """Within a tolerance, a number need not print as the value does."""
    answer = read_cell(AnswerCell("34k", 1), "count")
    assert judge_answer(answer, 34944, "count", Fraction(3, 100)).remark == "within 3 %"
    assert not judge_answer(answer, 34944, "count", Fraction(2, 100)).fits


# Files


TABLE = [["layer", "output", "params"], ["conv1", "55x55x96", "34944"], ["pool1", "27x27x96", "?"]]


def spreadsheet(rows: list[list[object]]) -> bytes:
    """An Excel file with one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "layer,output,params\nconv1,55x55x96,34944\npool1,27x27x96,?\n"),
        ("a.csv", "\ufefflayer;output;params\r\nconv1;55x55x96;34944\r\npool1;27x27x96;?\r\n"),
        ("a.tsv", "layer\toutput\tparams\nconv1\t55x55x96\t34944\npool1\t27x27x96\t?\n"),
        ("a.csv", "layer\toutput\tparams\nconv1\t55x55x96\t34944\npool1\t27x27x96\t?\n".encode("utf-16")),
        ("a.json", '[{"layer": "conv1", "output": "55x55x96", "params": 34944}, '
                   '{"layer": "pool1", "output": "27x27x96", "params": "?"}]'),
        ("a.json", '{"conv1": {"output": "55x55x96", "params": 34944}, "pool1": {"output": "27x27x96", "params": "?"}}'),
        ("a.yaml", "conv1: {output: 55x55x96, params: 34944}\npool1: {output: 27x27x96, params: '?'}\n"),
        ("a.yml", "- layer: conv1\n  output: 55x55x96\n  params: 34944\n- {layer: pool1, output: 27x27x96, params: '?'}\n"),
        ("a.md", "# Mine\n\n| layer | output | params |\n|:--|--|--:|\n| `conv1` | 55x55x96 | **34944** |\n| pool1 | 27x27x96 | ? |\n\nEnd.\n"),
        ("a.xlsx", spreadsheet(TABLE)),
    ],
)  # fmt: skip
def test_every_kind_of_file_gives_the_same_grid(tmp_path: Path, name: str, text: str | bytes) -> None:
    """CSV, TSV, JSON, YAML, markdown and Excel are read to the same texts."""
    grid = read_answers(written(tmp_path, name, text))
    assert [list(grid.header), *([cell.text for cell in row] for row in grid.rows)] == TABLE


def test_a_windows_code_page_is_read(tmp_path: Path) -> None:
    """What Excel saves as plain CSV has its own byte for ×."""
    grid = read_answers(written(tmp_path, "a.csv", "layer;output\nconv1;55×55×96\n".encode("cp1252")))
    assert grid.rows[0][1].text == "55×55×96"


def test_places_are_those_of_the_file(tmp_path: Path) -> None:
    """A row is named by its line in the file."""
    grid = read_answers(written(tmp_path, "a.csv", "Homework 3\n\nlayer,params\nconv1,1\n\nconv2,2\n"))
    assert [row[0].row for row in grid.rows] == [4, 6]


def test_numbers_of_json_keep_their_digits(tmp_path: Path) -> None:
    """35.0 is not 35: the precision is the answer's own."""
    grid = read_answers(written(tmp_path, "a.json", '[{"layer": "conv1", "params (k)": 35.0}]'))
    assert grid.rows[0][1].text == "35.0"


def test_numbers_of_a_spreadsheet_have_no_noise(tmp_path: Path) -> None:
    """A float is read as the spreadsheet shows it."""
    rows: list[list[object]] = [["layer", "params (M)"], ["a", 0.1 + 0.2], ["b", 35.0], ["c", True]]
    grid = read_answers(written(tmp_path, "a.xlsx", spreadsheet(rows)))
    assert [row[1].text for row in grid.rows] == ["0.3", "35", "True"]


def test_a_formula_is_worked_out_if_it_only_calculates(tmp_path: Path) -> None:
    """A formula without a stored value is worked out from its cells; any other is unread, which is said."""
    rows: list[list[object]] = [
        ["layer", "note", "kernels", "params"],
        ["conv1", "", 96, "=11^2*3*C2+$C$2"],
        ["conv2", "", 256, "=5*5*C2*C3+SUM(C3:C3, 0)"],
        ["conv3", "", 384, '=HYPERLINK("http://x.org", 885120)'],
        ["conv4", "", "=C5", "=C5+1"],
        ["total", "", "", "=SUM(D2:D3)"],
    ]
    marked = check("alexnet", read_answers(written(tmp_path, "a.xlsx", spreadsheet(rows))))
    found = marked["conv1", "params"]
    assert (found.status, found.remark) == ("right", "a formula: =11^2*3*C2+$C$2 is 34944")
    assert marked["conv2", "params"].status == "right"
    only = "a formula without a stored value: only + - * / ^ and SUM of cells are worked out"
    for label in ("conv3", "conv4"):
        found = marked[label, "params"]
        assert (found.status, found.remark) == ("unread", only)
    assert marked["total", "params"].answer.numbers[0].value == 649600


def test_the_stored_value_of_a_formula_is_read(tmp_path: Path) -> None:
    """What the spreadsheet program stored next to a formula counts as the answer."""
    data = spreadsheet([["layer", "params"], ["conv1", "=34848+96"]])
    source, target = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as copy:
        for part in source.namelist():
            text = source.read(part).replace(b"<v></v>", b"<v>34944</v>").replace(b"<v />", b"<v>34944</v>")
            copy.writestr(part, text.replace(b"<v/>", b"<v>34944</v>"))
    marked = check("alexnet", read_answers(written(tmp_path, "a.xlsx", target.getvalue())))
    found = marked["conv1", "params"]
    assert (found.status, found.remark) == ("right", "a formula: the value stored with it is read")


def test_large_styles_are_left_out(tmp_path: Path) -> None:
    """Only the sheets' own parts may be large: millions of styles would take minutes to read."""
    source, target = zipfile.ZipFile(io.BytesIO(spreadsheet(TABLE))), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for part in source.namelist():
            copy.writestr(part, b"<broken" * 50_000 if part == "xl/styles.xml" else source.read(part))
    grid = read_answers(written(tmp_path, "a.xlsx", target.getvalue()))
    assert grid.rows[0][2].text == "34944"


def bomb(declared: bool) -> bytes:
    """A spreadsheet of a few kilobytes that unpacks to 30 MB."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    data = stream.getvalue()
    if declared:
        return data
    small = (100).to_bytes(4, "little")  # the sizes in the headers are a lie
    return data.replace((30_000_000).to_bytes(4, "little"), small)


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


def archive_of(data: bytes) -> bytes:
    """A zip with one part."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", data)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "", "a.csv: the file is empty: it needs a header and a row for each layer"),
        ("a.csv", "\n \n", "a.csv: the file is empty: it needs a header and a row for each layer"),
        ("a.csv", "layer,params\n", "a.csv: no row below the header layer, params"),
        ("a.csv", b"\xff\xfa\x00", "a.csv: not a text file: byte 0 is not UTF-8"),
        ("a.csv", spreadsheet(TABLE), "is not UTF-8; a spreadsheet has the ending .xlsx"),
        ("a.csv", "layer,params\nconv1,3\0", "a.csv: not a text file: it contains a zero byte; save it as UTF-8"),
        ("a.csv", "a" * 2_000_001, "a.csv: larger than 2,000,000 bytes: no table of answers needs that"),
        ("a.csv", "layer,params\n" + "conv1,1\n" * 5_001, "a.csv: more than 5,000 rows"),
        ("a.txt", "conv1: 1\n" * 5_002, "a.txt: more than 5,000 rows"),
        ("a.md", "#" * 300_001, "a.md: more than 300,000 characters: no table of answers needs that"),
        ("a.json", "[" + "{}," * 5_001 + "{}]", "a.json: more than 5,000 rows"),
        ("a.csv", "layer," + "x," * 200 + "\n1\n", "a.csv: more than 100 columns"),
        ("a.pdf", "%PDF", r"a.pdf: no file of answers has this ending; use .csv, .tsv,"),
        ("a.json", "{", "a.json: not valid JSON: line 1: Expecting property name"),
        ("a.json", "[" * 100_000, "a.json: not valid JSON: nested too deep"),
        ("a.json", '{"conv1": {"params": 1}, "conv1": {"params": 2}}', "a.json: `conv1` occurs twice in one object"),
        ("a.json", "[1, 2]", "a.json: write an object for each layer, by its name or in a list"),
        ("a.yaml", "# nothing\n", "a.yaml: the file is empty"),
        ("a.yaml", "conv1: &a {params: 1}\nconv2: *a\n", r"a.yaml: line 1: YAML aliases"),
        ("a.yaml", "conv1: !!python/object/apply:os.system ['true']\n", r"a.yaml: line 1: YAML tags"),
        ("a.yaml", "conv1: {params: 1, params: 2}\n", "a.yaml: line 1: `params` occurs twice"),
        ("a.yaml", "just a text\n", "a.yaml: write a mapping for each layer"),
        ("a.yaml", "conv1: {? [1, 2] : 3}\n", "a.yaml: line 1: a name must be a text, not a list or a mapping"),
        ("a.md", "no table here\n", r"a.md: no table: write its lines as \| cell \| cell \|"),
        ("a.xlsx", b"PK nothing", "a.xlsx: not a spreadsheet: it cannot be unpacked"),
        ("a.xlsx", spreadsheet([]), "a.xlsx: the spreadsheet is empty"),
        ("a.xlsx", archive_of(b"<workbook/>"), "a.xlsx: not a spreadsheet: KeyError while reading it"),
        ("a.xlsx", bomb(declared=True), "a.xlsx: unpacks to more than 4,000,000 bytes"),
        ("a.xlsx", bomb(declared=False), "a.xlsx: (unpacks to more|not a spreadsheet: it cannot be unpacked)"),
        ("a.xlsx", archive_of(ENTITIES), "a.xlsx: declares entities, which no spreadsheet does"),
        ("a.xlsx", archive_of(ENTITIES.decode().encode("utf-16")), "a.xlsx: declares entities"),
    ],
)  # fmt: skip
def test_a_bad_file_is_one_clear_line(tmp_path: Path, name: str, text: str | bytes, message: str) -> None:
    """Every way in which a file can be wrong has its own message."""
    with pytest.raises(CnncostError, match=message) as error:
        read_answers(written(tmp_path, name, text))
    assert "\n" not in str(error.value)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    """A missing path, or one that is no file, is an error."""
    with pytest.raises(CnncostError, match=r"^b.csv: no such file$"):
        read_answers(tmp_path / "b.csv")
    (tmp_path / "c.csv").mkdir()
    with pytest.raises(CnncostError, match=r"^c.csv: a folder, not a file of answers$"):
        read_answers(tmp_path / "c.csv")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "d.csv")
        with pytest.raises(CnncostError, match=r"^d.csv: a device or a pipe, not a file of answers$"):
            read_answers(tmp_path / "d.csv")


def test_a_comma_without_quotes_is_said(tmp_path: Path) -> None:
    """A row that a thousands comma has shifted is not read, and said, rather than marked wrong."""
    path = written(tmp_path, "a.csv", "layer,params,FLOPs\nconv1,34,944,105M\nconv2,614656,448M\n")
    marked = check("alexnet", read_answers(path))
    assert marked.remarks == (
        'row 2 is not read: it has 4 cells under 3 headers; write a number with a comma in quotes: "1,234"',
    )
    assert [m.status for m in marked.marks] == ["blank", "blank", "right", "right"]
    path.write_text("layer,params\n" + "conv1,34,944\n" * 30)
    assert read_answers(path).remarks[-1] == "20 more rows have too many cells and are not read"


@given(st.binary(max_size=200), st.sampled_from(sorted(FORMATS)))
def test_no_bytes_crash_the_reader(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, ending: str
) -> None:
    """Any bytes under any ending give a grid or one clear error."""
    path = tmp_path_factory.getbasetemp() / f"any{ending}"
    path.write_bytes(data)
    with contextlib.suppress(CnncostError):
        grid = read_answers(path)
        assert all(len(row) == len(grid.header) for row in grid.rows)


# Layers


def matched(folder: Path, text: str, network: str = "alexnet") -> tuple[list[str], tuple[str, ...]]:
    """The labels of the rows that answers are about, and the remarks."""
    sheet = read_sheet(written(folder, "a.csv", text), cnncost.profile(network))
    return list(dict.fromkeys(label for label, _ in sheet.cells)), sheet.remarks


def test_names_match_without_signs_and_case(tmp_path: Path) -> None:
    """`Conv-1` is conv1, and a total is the total."""
    assert matched(tmp_path, "layer,params\nConv-1,1\nFC 8,2\nTotal,3\n") == (["conv1", "fc8", "total"], ())


def test_names_match_by_kind_and_order_and_it_is_said(tmp_path: Path) -> None:
    """A pool's own number, or its place among the pools, names it; a remark says what was taken."""
    labels, said = matched(tmp_path, "layer,params\nMax pooling 3,0\ndense 1,1\ndense 3,1\n")
    assert labels == ["pool5", "fc6", "fc8"]
    assert said == (
        "row 2: `Max pooling 3` is taken for pool5, by kind and order",
        "row 3: `dense 1` is taken for fc6, by kind and order",
        "row 4: `dense 3` is taken for fc8, by kind and order",
    )


def test_a_row_of_another_network_is_said(tmp_path: Path) -> None:
    """A row that is about nothing is left alone, with the nearest name."""
    labels, said = matched(tmp_path, "layer,params\nconv1,1\nkonv3,1\n")
    assert labels == ["conv1"]
    assert said == ("row 3 is not marked: alexnet's table has no row `konv3`; did you mean conv3?",)


def test_many_strange_rows_are_counted(tmp_path: Path) -> None:
    """Of very many rows that are about nothing, the first are named and the others counted."""
    _, said = matched(tmp_path, "layer,params\nconv1,1\n" + "".join(f"row{i},1\n" for i in range(500)))
    assert len(said) == 11
    assert said[-1] == "490 more rows are not marked: alexnet's table does not have them"


def test_a_number_that_the_builder_gave_is_not_the_students(tmp_path: Path) -> None:
    """relu1 is the first and not `ReLU_1`, which is the second; who writes that name as it is means it."""
    text = "layer,output\nconv1,55x55x96\nrelu1,55x55x96\n{},27x27x256\n"
    labels, said = matched(tmp_path, text.format("relu2"))
    assert labels == ["conv1", "ReLU"]
    assert said[0] == "row 4 is not marked: alexnet's table has no row `relu2`; did you mean ReLU?"
    labels, _ = matched(tmp_path, text.format("ReLU_1"))
    assert labels == ["conv1", "ReLU", "ReLU_1"]


def test_rows_without_names_go_by_order(tmp_path: Path) -> None:
    """A file without a column of layers is taken in the table's order, if it has as many rows."""
    rows = "".join("1\n" for _ in range(12))
    labels, said = matched(tmp_path, f"params,\n{rows}")
    assert labels[:2] == ["conv1", "pool1"]
    assert said == ("no column names the layers: the rows are taken in the order of alexnet's table",)
    with pytest.raises(CnncostError, match="3 rows are not the 12 of alexnet: add a column `layer`"):
        matched(tmp_path, "params,\n1\n2\n3\n")


def test_two_rows_for_one_layer(tmp_path: Path) -> None:
    """Two rows for one layer are an error that names both."""
    with pytest.raises(CnncostError, match=r"^a\.csv: two rows for conv1: rows 2 and 4$"):
        matched(tmp_path, "layer,params\nconv1,1\nconv2,1\nConv1,2\n")


def test_no_row_is_about_the_network(tmp_path: Path) -> None:
    """Answers about another network say so, with some of the right names."""
    with pytest.raises(CnncostError, match="no row is about a layer of alexnet: conv1, pool1, conv2,"):
        matched(tmp_path, "layer,params\nfoo,1\nbar,1\n")


def test_rows_may_be_nodes_or_stages(tmp_path: Path) -> None:
    """Whoever lists every node, or stages alone, is understood."""
    labels, _ = matched(tmp_path, "layer,params\nconv2_x,1\nconv3_x,1\nconv4_x,1\n", "resnet18")
    assert labels == ["conv2_x", "conv3_x", "conv4_x"]
    labels, _ = matched(tmp_path, "layer,params\nconv1.Conv2d,1\nconv1.BatchNorm2d,0\n", "resnet18")
    assert labels == ["conv1.Conv2d", "conv1.BatchNorm2d"]
