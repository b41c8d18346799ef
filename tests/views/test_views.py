from __future__ import annotations

import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

import cnncost
from cnncost import numbers
from cnncost.count.profile import NetworkCost
from cnncost.count.rows import fold
from cnncost.numbers import Unit, column_unit, human
from cnncost.tables.formats import latex, terminal
from cnncost.tables.table import Document, Table
from cnncost.tables.terminal import plain_text as without_styles
from cnncost.views.data import to_dict
from cnncost.views.network_table import network_table
from tests.command_line import cnncost as run


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (7, "7"),
        (999, "999"),
        (1000, "1.00 k"),
        (1005, "1.01 k"),
        (9995, "10.0 k"),
        (62378344, "62.4 M"),
        (99949, "99.9 k"),
        (99950, "100 k"),
        (999499, "999 k"),
        (999999, "1.00 M"),
        (7 * 10**6, "7.00 M"),
        (15470264320, "15.5 G"),
    ],
)
def test_human_numbers_have_three_digits(value: int, text: str) -> None:
    """Three significant digits, and no 1000 k."""
    assert human(value) == text


@pytest.mark.parametrize(
    ("value", "size", "text"),
    [
        (34944, 1000, "35"),
        (259584, 1024, "254"),  # 253.5, a half goes up
        (1500, 1000, "2"),
        (1499, 1000, "1"),
        (999, 1000, "1"),
        (629856, 10**6, "0.6"),
        (82944, 10**6, "0.08"),
        (960, 1000, "1"),
        (5, 10**6, "0.000005"),
        (0, 1000, "0"),
        (123, 1, "123"),
    ],
)
def test_a_cell_is_rounded_in_the_unit_of_its_column(value: int, size: int, text: str) -> None:
    """Whole from one unit on; one significant digit below, so that a small cost is not a zero."""
    assert Unit("x", size).cell(value) == text


def test_the_unit_of_a_column_keeps_four_digits_of_its_total() -> None:
    """AlexNet's parameters count in thousands, LeNet's in ones."""
    assert [column_unit(n).symbol for n in (999, 61706, 999_999, 1_000_000, 62_378_344, 10**9)] == [
        "",
        "",
        "",
        "k",
        "k",
        "M",
    ]


def test_equal_sizes_are_written_once() -> None:
    """`11` for 11×11, `1×7` otherwise."""
    assert [numbers.sizes(s) for s in ((11, 11), (1, 7), (5,))] == ["11", "1×7", "5"]


def whole_table(profile: NetworkCost) -> Table:
    """A network's table, one row per layer."""
    return network_table(profile, fold(profile))


def test_markdown_is_one_rectangle() -> None:
    """Every line of the pipe table has as many cells."""
    lines = [
        line
        for line in run("table", "googlenet", "--format", "markdown", "--depth", "0").out.splitlines()
        if line.startswith("|")
    ]
    assert {line.count("|") for line in lines} == {14}
    assert len(lines) == 2 + len(fold(cnncost.profile("googlenet"))) + 1


BEAMER = (
    shutil.which("kpsewhich")
    and subprocess.run(
        ["kpsewhich", "beamer.cls", "pgfmath.sty"], capture_output=True, text=True, check=False
    ).stdout.count("\n")
    == 2
)


def compiled(kind: str, body: str, folder: Path) -> str:
    """The log of pdflatex, run twice, on a document of this class with the packages that the body names."""
    named = re.findall(r"% needs \\usepackage{([\w,]+)}", body)
    if kind == "beamer":  # it has graphics already
        named, body = [], f"\\begin{{frame}}\n{body}\\end{{frame}}"
    packages = "".join(f"\\usepackage{{{name}}}" for name in ["booktabs", *named])
    source = f"\\documentclass{{{kind}}}{packages}\\begin{{document}}\n{body}\\end{{document}}\n"
    (folder / "t.tex").write_text(source, encoding="utf-8")
    for _ in range(2):
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"],
            cwd=folder,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-1500:]
    return done.stdout.decode(errors="replace")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex on this machine")
@pytest.mark.parametrize(
    ("kind", "command", "several"),
    [
        ("article", "table googlenet", False),
        ("article", "table vgg16", False),
        ("article", "table resnet50 -d 0", True),
        ("article", "table resnet50 -a", True),
        ("article", "table alexnet --percent", False),
        ("article", "list", True),
        ("article", "list --sort params", True),
        ("article", "diff resnet50 resnext50_32x4d", False),
        ("article", "compare alexnet vgg16 googlenet --stages", False),
        ("beamer", "table alexnet", False),
    ],
)
def test_a_latex_table_fits_the_line(kind: str, command: str, several: bool, tmp_path: Path) -> None:
    """Nothing is wider than the text, a long table breaks over pages, and the packages are named."""
    if kind == "beamer" and not BEAMER:
        pytest.skip("no beamer on this machine")
    log = compiled(kind, run(*command.split(), "--format", "latex").out, tmp_path)
    assert "Overfull \\hbox" not in log
    found = re.search(r"Output written on t.pdf \((\d+) page", log)
    assert found is not None
    assert (int(found[1]) > 1) == several


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex on this machine")
@pytest.mark.parametrize("command", [("explain", "alexnet"), ("formula", "Conv2d(F, K, stride=S)")])
def test_formulas_compile(command: tuple[str, ...], tmp_path: Path) -> None:
    """Explanations and formulas need the packages that they name."""
    compiled("article", run(*command, "--format", "latex").out, tmp_path)


def test_a_latex_table_is_scaled_or_long() -> None:
    """What compiling shows, without LaTeX: a short table is scaled to the line, a long one repeats its head."""
    short, long = (run("table", "resnet50", "-d", depth, "-f", "latex").out for depth in ("1", "0"))
    assert r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%" in short
    assert r"\begin{longtable}" in long
    assert long.count("layer & C & H/W") == 2
    assert short.startswith("% needs \\usepackage{booktabs,graphicx}\n")
    assert long.splitlines()[0] == r"% needs \usepackage{booktabs,longtable,lscape}"


def test_features_stand_under_c() -> None:
    """Tokens and windows stand where the rows and columns of a map do; JSON has the shapes as they are."""
    out = run("table", "vit_b_16").out.splitlines()
    assert " ".join(out[3].split()[:6]) == "layer C H/W filters C H/W"
    assert out[6].split()[:5] == ["token", "768", "196", "768", "197"]
    swin = cnncost.profile("swin_t")
    (record,) = (r for r in whole_table(swin).rows if r["name"] == "stage1.0.attention.attention.qkv")
    assert [record[key] for key in ("in_channels", "in_size", "out_channels", "out_size")] == [
        *(96, "64×49"),
        *(288, "64×49"),
    ]
    (layer,) = (x for x in to_dict(swin)["layers"] if x["name"] == record["name"])
    assert (layer["in_shapes"], layer["out_shape"]) == ([[64, 49, 96]], [64, 49, 288])


def test_latex_escapes_what_latex_reads() -> None:
    """Names with underscores and signs stand as typed."""
    assert latex.escape("a_b & 5% <×>") == r"a\_b \& 5\% $<$$\times$$>$"


def test_a_profile_is_a_table_in_a_notebook() -> None:
    """The HTML has one row per layer, the totals, and shaded bars."""
    shown = cnncost.profile("alexnet")._repr_html_()
    assert shown.count("<tr>") == 1 + 12 + 1
    assert "62378" in shown
    assert "linear-gradient(to right, rgba(86,180,233,.45) 60.5%" in shown  # fc6's share of the parameters
    assert cnncost.profile("googlenet")._repr_html_().count("<tr>") == 1 + 19 + 1


def test_bars_are_shares() -> None:
    """A full bar for everything, none for nothing, a sliver for anything above nothing."""
    bars = [terminal.bar(Fraction(n, 1000)) for n in (0, 1, 500, 1000)]
    assert bars == ["     ", "▏    ", "██▌  ", "█████"]


@pytest.mark.parametrize("width", [40, 80, 120, 160])
def test_bars_fit_the_width_and_cost_no_column(width: int) -> None:
    """Bars stand next to the numbers where there is room, and behind them otherwise."""
    table = Document([whole_table(cnncost.profile("alexnet"))])
    with_bars = list(terminal.lines(table, width, bars=True))
    without = without_styles(terminal.lines(table, width, bars=False)).splitlines()
    shown = without_styles(with_bars).splitlines()
    assert max(map(len, shown)) <= max(width, 60)
    styles = {style for line in with_bars for _, style in line}
    if width < 100:
        assert shown == without
        assert {"black on cyan", "black on magenta", "black on yellow"} <= styles
    else:
        assert any("█" in line for line in shown)
        assert [line.split()[0] for line in shown[5:17]] == [line.split()[0] for line in without[5:17]]


@pytest.mark.parametrize("columns", [50, 60, 70, 80])
def test_groups_keep_their_names(columns: int) -> None:
    """However many columns are left out, `input` and `output` stand above those that stay."""
    lines = run("table", "googlenet", columns=columns).out.splitlines()
    head, below = lines[lines.index("") + 1 :][:2]
    assert head.split().count("output") == 1
    assert head.split().count("input") == (below.split().count("H/W") == 2)


def test_a_frame_has_a_row_a_node() -> None:
    """`to_frame` gives pandas exact numbers by node name."""
    frame = cnncost.profile("alexnet").to_frame()
    assert frame.loc["conv1", "params"] == 34944
    assert frame["flops"].sum() == cnncost.profile("alexnet").totals.flops


def test_totals_are_rounded_sums_of_exact_cells() -> None:
    """The total's cell is the exact sum in the column's unit, not a sum of rounded cells."""
    params = whole_table(cnncost.profile("vgg19")).column("params")
    *cells, total = params.texts
    assert total == str(round(sum(params.values[:-1]) / 1000))
    assert abs(int(total) - sum(map(int, cells))) <= len(cells) / 2
