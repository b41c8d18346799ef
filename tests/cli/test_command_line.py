from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer import Context
from typer.main import get_command

from cnncost import __version__ as version
from cnncost.cli import COMMANDS, app
from tests.command_line import cnncost

LECTURE = {  # memory in KB, params in k, FLOPs in M, as the lecture prints them (its pools print 0)
    "conv1": ("1134", "35", "105"),
    "conv2": ("729", "615", "448"),
    "conv3": ("254", "885", "150"),
    "conv4": ("254", "1327", "224"),
    "conv5": ("169", "885", "150"),
    "fc6": ("16", "37753", "38"),
    "fc7": ("16", "16781", "17"),
}


def rows_of(text: str) -> dict[str, list[str]]:
    """The lines of a plain table by their first word."""
    return {words[0]: words for line in text.splitlines() if (words := line.split())}


def test_alexnet_is_the_lecture_s_table() -> None:
    """Memory, params and FLOPs print as in the lecture, all columns within 80."""
    result = cnncost("table", "alexnet")
    assert (result.code, result.err) == (0, "")
    rows = rows_of(result.out)
    for layer, printed in LECTURE.items():
        costs = rows[layer][-4:-1] if layer.startswith("conv") else rows[layer][-3:]
        assert tuple(costs) == printed
    assert rows["conv1"] == ["conv1", "3", "227", "96", "11", "4", "0", "96", "55", "1134", "35", "105", "11"]
    assert rows["total"] == ["total", "3090", "62378", "1136"]
    assert max(map(len, result.out.splitlines())) <= 80


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 160])
@pytest.mark.parametrize("network", ["alexnet", "googlenet", "vgg16-bn", "lenet5"])
def test_a_table_fits_its_width_by_leaving_columns_out(network: str, columns: int) -> None:
    """No line is wider than asked, no number is cut, and a note says what is left out."""
    narrow, wide = cnncost("table", network, columns=columns), cnncost("table", network, columns=1000)
    lines = narrow.out.splitlines()
    assert max(map(len, [line for line in lines if not line.startswith(network)])) <= max(columns, 60)
    words = set(wide.out.split())
    rule = next(i for i, line in enumerate(lines) if line.startswith("──"))
    assert {word for line in lines[rule + 1 : rule + 8] for word in line.split()} <= words
    if columns < 80:
        assert f"left out to fit {columns} columns" in narrow.err


def test_the_csv_is_exact_and_adds_up() -> None:
    """CSV columns hold exact numbers and add up to the JSON's totals."""
    rows = list(csv.DictReader(io.StringIO(cnncost("table", "googlenet", "-f", "csv").out)))
    totals = json.loads(cnncost("table", "googlenet", "-f", "json").out)["totals"]
    for column in ("params", "buffers", "macs", "flops", "memory_bytes"):
        assert sum(int(row[column]) for row in rows) == totals[column]


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_folding_hides_nothing(depth: int) -> None:
    """At every depth the columns add up to the same totals."""
    out = cnncost("table", "googlenet", "-f", "csv", "--depth", str(depth)).out
    rows = list(csv.DictReader(io.StringIO(out)))
    assert sum(int(row["params"]) for row in rows) == 6998552
    assert sum(int(row["macs"]) for row in rows) == 1582671872


def test_the_json_rebuilds_the_network() -> None:
    """From the JSON alone: every input is an earlier node, shapes chain, args make the layer again."""
    from cnncost.layers import catalogue

    data = json.loads(cnncost("table", "googlenet-torchvision", "-f", "json").out)
    assert (data["schema"], data["convention"], data["dtype"], data["batch"]) == (1, "lecture", "float32", 1)
    shapes = {"input": tuple(data["input"])}
    for layer in data["layers"]:
        in_shapes = [shapes[name] for name in layer["inputs"]]
        assert [list(shape) for shape in in_shapes] == layer["in_shapes"]
        made = catalogue()[layer["type"]](
            **{k: tuple(v) if isinstance(v, list) else v for k, v in layer["args"].items()}
        )
        shapes[layer["name"]] = made.out_shape(*in_shapes)
        assert list(shapes[layer["name"]]) == layer["out_shape"]
    counted = [layer for layer in data["layers"] if not layer["aux"]]
    assert sum(layer["params"] for layer in counted) == data["totals"]["params"] == 6624904


def test_the_json_of_a_layer_is_as_designed() -> None:
    """AlexNet's first layer, key by key."""
    layer = json.loads(cnncost("table", "alexnet", "--format", "json").out)["layers"][0]
    assert layer == {
        "name": "conv1",
        "type": "Conv2d",
        "stage": "conv1",
        "inputs": ["input"],
        "shares": None,
        "args": {
            "out_channels": 96,
            "kernel_size": [11, 11],
            "stride": [4, 4],
            "padding": [0, 0],
            "dilation": [1, 1],
            "groups": 1,
            "bias": True,
            "padding_mode": "zeros",
        },
        "inferred": {"in_channels": 3},
        "in_shapes": [[3, 227, 227]],
        "out_shape": [96, 55, 55],
        "aux": False,
        "params": 34944,
        "buffers": 0,
        "macs": 105415200,
        "flops": 105415200,
        "memory_bytes": 1161600,
        "macts": 290400,
        "params_bytes": 139776,
        "work": {
            **dict.fromkeys(("muls", "compares", "divs", "exps", "sqrts", "products"), 0),
            "macs": 105415200,
            "adds": 290400,
            "macts": 290400,
        },
        "receptive_field": {"size": [11, 11], "jump": [4, 4], "first": [0, 0]},
    }


def totals(*options: str) -> dict[str, int]:
    """The totals of `table alexnet` with options."""
    found: dict[str, int] = json.loads(cnncost("table", "alexnet", "-f", "json", *options).out)["totals"]
    return found


def test_options_change_what_one_expects() -> None:
    """Batch multiplies work and memory, dtype memory, convention FLOPs; parameters stay."""
    plain = totals()
    batched = totals("--batch", "32")
    assert batched["params"] == plain["params"]
    assert (batched["macs"], batched["memory_bytes"]) == (32 * plain["macs"], 32 * plain["memory_bytes"])
    assert totals("--dtype", "bfloat16")["memory_bytes"] * 2 == plain["memory_bytes"]
    assert totals("--convention", "torch")["flops"] == 2 * plain["macs"]
    assert totals("--set", "classes=10")["params"] == plain["params"] - 990 * 4097
    larger = json.loads(cnncost("table", "vgg16", "-i", "3x448x224", "--set", "classes=10", "-f", "json").out)
    assert larger["input"] == [3, 448, 224]
    assert larger["layers"][0]["out_shape"] == [64, 448, 224]


def test_side_heads_count_in_training_only() -> None:
    """GoogLeNet's totals grow by its two auxiliary heads with --train."""
    command = ("table", "googlenet-torchvision", "-f", "json")
    assert json.loads(cnncost(*command).out)["totals"]["params"] == 6624904
    assert json.loads(cnncost(*command, "--train").out)["totals"]["params"] == 13004888
    assert "Not counted: aux1, aux2" in cnncost("table", "googlenet").out


def test_every_node_is_shown_on_request() -> None:
    """`--all` has a row for each node, with its type."""
    out = cnncost("table", "alexnet", "--all", columns=120).out
    assert rows_of(out)["ReLU"][:2] == ["ReLU", "ReLU"]
    assert rows_of(out)["total"] == ["total", "3090", "62378", "1136"]


def test_a_file_knows_its_format_by_its_ending(tmp_path: Path) -> None:
    """`-o` writes CSV, JSON, markdown, LaTeX or text, and nothing to standard output."""
    for ending, start in {"csv": "name,", "json": "{", "md": "**", "tex": "% needs", "txt": "lenet5"}.items():
        path = tmp_path / f"table.{ending}"
        result = cnncost("table", "lenet5", "-o", str(path))
        assert (result.code, result.out) == (0, "")
        assert path.read_text().startswith(start)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        f"table.{e}" for e in ("csv", "json", "md", "tex", "txt")
    )


ERRORS = {
    ("table", "alexnte"): "cnncost: no network `alexnte`; did you mean alexnet?\n",
    (
        "table",
        "vgg",
    ): "cnncost: vgg is a family of networks: vgg11, vgg13, vgg16, vgg19, vgg11-bn, vgg13-bn, vgg16-bn, vgg19-bn\n",
    (
        "table",
        "torchvision.models.resnet50",
    ): "cnncost: no network `torchvision.models.resnet50`; did you mean torchvision/resnet50?\n",
    (
        "table",
        "efficentnet",
    ): "cnncost: no network `efficentnet`; did you mean one of the family efficientnet: "
    "efficientnet_b0, efficientnet_b1, efficientnet_b2, efficientnet_b2-288 …?\n",
    ("summary", "alexnet"): "cnncost: no command `summary`; did you mean table?\n",
    (
        "compare",
        "resnet50,vgg16",
    ): "cnncost: resnet50,vgg16: names have spaces between them: resnet50 vgg16\n",
    ("layers", "Dense"): "cnncost: no layer `Dense`; did you mean Linear?\n",
    ("tabel", "alexnet"): "cnncost: no command `tabel`; did you mean table?\n",
    ("alexnet",): "cnncost: no command `alexnet`; did you mean `cnncost table alexnet`?\n",
    (
        "torchvision/vgg16",
        "--exact",
    ): "cnncost: no command `torchvision/vgg16`; did you mean `cnncost table torchvision/vgg16`?\n",
    ("my_net.yaml",): "cnncost: no command `my_net.yaml`; did you mean `cnncost table my_net.yaml`?\n",
    ("xyz",): f"cnncost: no command `xyz`; there are {', '.join(COMMANDS)}\n",
    ("table", "no/such.yaml"): "cnncost: no/such.yaml: no such file\n",
    ("table", "alexnet", "--convention", "lectur"): (
        "cnncost: no convention `lectur`; did you mean lecture?; there are lecture, macs, flops, torch, fvcore, and the tools that `cnncost reconcile` lists\n"
    ),
    ("table", "alexnet", "--dtype", "float31"): (
        "cnncost: no dtype `float31`; did you mean float32?; there are float64, float32, float16, bfloat16,"
        " float8, int64, int32, int16, int8, int4\n"
    ),
    ("table", "alexnet", "--batch", "0"): "cnncost: the batch must be a whole number from 1, got 0\n",
    (
        "table",
        "alexnet",
        "--input",
        "3x0x5",
    ): "cnncost: --input 3x0x5: every size must be between 1 and 1000000000\n",
    ("table", "alexnet", "--input", "big"): "cnncost: --input big: a shape is written as 3x224x224\n",
    (
        "table",
        "alexnet",
        "--set",
        "clases=10",
    ): "cnncost: alexnet has no param `clases`; did you mean classes?\n",
    ("table", "alexnet", "--set", "classes"): "cnncost: --set classes: write --set name=value\n",
    ("table", "alexnet", "--format", "cvs"): (
        "cnncost: no format `cvs`; did you mean csv?; there are terminal, csv, html, json, latex, markdown, xlsx\n"
    ),
    (
        "table",
        "alexnet",
        "-o",
        "x.doc",
    ): "cnncost: x.doc: no format has the ending `.doc`; use .txt, .csv, .html, .json, .tex, .md, .xlsx or --format\n",
    (
        "table",
        "alexnet",
        "-o",
        "/no/such/folder/x.csv",
    ): "cnncost: /no/such/folder/x.csv: cannot be written: No such file or directory\n",
    ("explain", "alexnet", "conv9"): "cnncost: alexnet has no layer `conv9`; did you mean conv5?\n",
    ("layer", "Conv2d(3)", "-i", "3x8x8"): (
        "cnncost: layer:1:1: `Conv2d` needs `kernel_size`\n  1 | Conv2d(3)\n    | ^\n"
    ),
    ("layer", "Conv2d(3, 3)"): "cnncost: the layer needs an input: --input 3x224x224\n",
    ("layers", "Conv2D"): "cnncost: no layer `Conv2D`; did you mean Conv2d?\n",
    (
        "formula",
        "googlenet",
        "incption",
    ): "cnncost: googlenet has no block `incption`; it has conv, pool, inception, side_head\n",
}


@pytest.mark.parametrize("arguments", ERRORS, ids=" ".join)
def test_an_error_is_one_message_and_exit_code_2(arguments: tuple[str, ...]) -> None:
    """An error in what was typed is printed in full on standard error, with nothing on standard output."""
    result = cnncost(*arguments)
    assert (result.code, result.out, result.err) == (2, "", ERRORS[arguments])


def test_debug_shows_the_traceback() -> None:
    """`--debug` raises the error itself, wherever the option is."""
    from cnncost import NameUnknown

    for arguments in (("--debug", "table", "alexnte"), ("table", "alexnte", "--debug")):
        with pytest.raises(NameUnknown, match="did you mean alexnet"):
            cnncost(*arguments)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["-V", "--version"])
def test_every_command_says_the_version(command: str, option: str) -> None:
    """`-V` is the version, before a command and behind it."""
    shown = cnncost("-V")
    assert (shown.code, shown.out) == (0, f"cnncost {version}\n")
    assert cnncost(command, option) == shown


@pytest.mark.parametrize(
    "arguments",
    [("table", "resnet50"), ("list", "--sort", "params"), ("show", "vgg16"), ("list", "--year", "1900")],
)
def test_quiet_leaves_notes_out(arguments: tuple[str, ...]) -> None:
    """`-q` prints the same results without notes on standard error, wherever the option is."""
    loud = cnncost(*arguments, columns=60)
    assert loud.err
    for quiet in (("-q", *arguments), (*arguments, "-q"), (*arguments, "--quiet")):
        result = cnncost(*quiet, columns=60)
        assert (result.code, result.out, result.err) == (0, loud.out, "")


def test_quiet_hides_no_error() -> None:
    """Errors are printed with `-q` too."""
    assert cnncost("table", "alexnte", "-q") == cnncost("table", "alexnte")


DIFFERENT_MEANINGS = {
    "-l": {"--layer", "--level"},
    "-n": {"--blank", "--questions"},
    "-r": {"--reverse", "--rubric"},
}
"""Short options that have two meanings in old releases; scripts rely on them."""


def test_a_short_option_means_the_same_in_every_command() -> None:
    """One letter is one option; none of the old exceptions may be joined by another."""
    group = get_command(app)
    meanings: dict[str, set[str]] = {}
    for name in COMMANDS:
        for option in group.get_command(Context(group), name).params:
            for short in (text for text in option.opts if re.fullmatch("-[A-Za-z]", text)):
                meanings.setdefault(short, set()).add(option.opts[0])
    assert {short: longs for short, longs in meanings.items() if len(longs) > 1} == DIFFERENT_MEANINGS
    assert meanings["-q"] == {"--quiet"}
    assert meanings["-V"] == {"--version"}


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is replaced whole or not at all, and no temporary file stays."""
    path = tmp_path / "table.csv"
    path.write_text("old")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    result = cnncost("table", "lenet5", "-o", str(path))
    assert (result.code, result.err) == (2, f"cnncost: {path}: cannot be written: No space left on device\n")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("table.csv", "old")]


def test_a_spec_from_standard_input() -> None:
    """`-` reads the spec from standard input, and errors name it."""
    good = cnncost("table", "-", "-f", "csv", stdin="name: n\ninput: [3, 8, 8]\nlayers: Conv2d(4, 3)\n")
    assert good.out.splitlines()[1].startswith("Conv2d,Conv2d,Conv2d,3,8,4,3,1,0,1,1,4,6,")
    bad = cnncost("table", "-", stdin="input: [3, 8, 8]\nlayers:\n  - Conv2D(4, 3)\n")
    assert (
        bad.err
        == "cnncost: <stdin>:3:5: Conv2D: no such layer; did you mean Conv2d?\n  3 |   - Conv2D(4, 3)\n    |     ^\n"
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str) -> None:
    """Each command's help shows how to call it."""
    result = cnncost(command, "--help", columns=100)
    assert result.code == 0
    assert f"Example: cnncost {command}" in " ".join(result.out.split())


def test_the_list_is_the_catalogue() -> None:
    """`list --format json` has name, family, year, params, macs and input of every network."""
    found = {entry["name"]: entry for entry in json.loads(cnncost("list", "--format", "json").out)}
    expected = {
        "name": "vgg16",
        "family": "vgg",
        "year": 2015,
        "params": 138357544,
        "macs": 15470264320,
        "input": [3, 224, 224],
        "title": "Very Deep Convolutional Networks for Large-Scale Image Recognition",
        "paper": {"authors": "Simonyan, Zisserman", "venue": "ICLR", "year": "2015"},
    }
    assert {key: found["vgg16"][key] for key in expected} == expected
    shown = cnncost("list").out
    assert all(name in shown for name in found)


def python(code: str) -> str:
    """What a fresh Python process prints."""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout


HEAVY = ("torch", "sympy", "pandas", "matplotlib", "numpy", "pydantic")


@pytest.mark.parametrize(
    "arguments",
    [["table", "alexnet"], ["--help"], ["table", "vgg16", "-f", "json"], ["list"], ["show", "vgg16"]],
    ids=" ".join,
)
def test_light_commands_import_nothing_heavy(arguments: list[str]) -> None:
    """`table`, `list` and `--help` import neither torch, sympy, pandas, matplotlib nor numpy."""
    code = f"""
import sys, io, contextlib
sys.argv = ["cnncost", *{arguments!r}]
from cnncost.cli import main
with contextlib.redirect_stdout(io.StringIO()):
    try:
        main()
    except SystemExit as end:
        assert not end.code, end.code
print(sorted(set({HEAVY!r}) & set(sys.modules)))
"""
    assert python(code).strip() == "[]"


def test_a_closed_pipe_is_no_error() -> None:
    """`cnncost table vgg16 -f json | head -1` ends quietly."""
    command = f"{sys.executable} -m cnncost table vgg16 -f json | head -1"
    done = subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_output_follows_a_link_and_keeps_permissions(tmp_path: Path) -> None:
    """`-o` writes what a link points at, and leaves a file's mode as it was."""
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    real.chmod(0o600)
    link.symlink_to(real)
    assert cnncost("table", "lenet5", "-o", str(link)).code == 0
    assert link.is_symlink()
    assert real.read_text().startswith("name,")
    assert real.stat().st_mode & 0o777 == 0o600


def test_output_to_no_ordinary_file_is_written_as_it_stands(tmp_path: Path) -> None:
    """A pipe (or a device) is written to, never replaced by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert cnncost("table", "lenet5", "-f", "csv", "-o", str(pipe)).code == 0
        assert os.read(reader, 5) == b"name,"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this machine")
def test_a_full_disk_is_said() -> None:
    """Output that cannot be written is one line and exit code 2, not an internal error."""
    command = f"{sys.executable} -m cnncost table alexnet > /dev/full"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        2,
        "cnncost: the output cannot be written: No space left on device\n",
    )


def test_an_error_in_a_block_names_the_call(tmp_path: Path) -> None:
    """The place is the argument that the call passed; the message adds the line of the block."""
    path = tmp_path / "net.yaml"
    path.write_text(
        "input: [3, 8, 8]\nblocks:\n  stage(out): Conv2d(out, 3)\nlayers:\n  - ok: stage(8)\n  - bad: stage(0)\n"
    )
    error = cnncost("table", str(path)).err
    assert ":6:16: Conv2d: `out_channels` must be at least 1, got 0 (in `stage`, line 3)\n" in error


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("Conv2d(8, 3, padding=1, padding=2)", "layer:1:25: `Conv2d` gets `padding` twice"),
        (
            "Conv2d(8, 3, in_channels=3)",
            "`Conv2d` has no argument `in_channels`; the input size is inferred",
        ),
        ("Conv2d(8, 3, bias=false)", "false: no such layer, block or param; did you mean False?"),
        ("Conv2d(8, 3, padding=same)", "same: a text needs quotes: 'same'"),
        (
            "BatchNorm2d(3)",
            "BatchNorm2d: the input size is inferred, not written: drop the 3 and write `BatchNorm2d`",
        ),
        ("Add(ReLU, ReLU)", "Add: a merge is written `add:`, with a name for each branch"),
    ],
)
def test_habits_from_python_and_torch_are_answered(call: str, message: str) -> None:
    """What a torch user writes from habit is refused with what to write here."""
    assert message in cnncost("layer", call, "--input", "3x8x8").err


def test_a_param_can_be_set_to_a_block() -> None:
    """`--set` takes what the spec itself could write, its own blocks included."""
    shown = cnncost("table", "alexnet", "--set", "before_pool=lrn", "-f", "json")
    types = [layer["type"] for layer in json.loads(shown.out)["layers"]]
    assert types.count("LocalResponseNorm") == 2
    wrong = cnncost("table", "alexnet", "--set", "before_pool=lrm")
    assert (wrong.code, wrong.err.splitlines()[0]) == (
        2,
        "cnncost: --set before_pool:1:1: lrm: no such layer, block or param",
    )
