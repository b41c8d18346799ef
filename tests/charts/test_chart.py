"""The command `chart`, and what holds for every kind."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from atexit import register
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

import cnncost
from cnncost import charts
from cnncost.charts.picture import ENDINGS, rendered
from cnncost.charts.request import Request
from cnncost.charts.theme import THEMES, settings, themed
from cnncost.errors import CnncostError
from cnncost.network.catalogue import index
from tests.chart_checks import boxes_of, chart, cut, is_picture, overlapping, texts_of
from tests.command_line import cnncost as run

MEASURED = Path(__file__).parents[2] / "reports" / "measured" / "amd-epyc.json"

EXAMPLES = {
    "layers": ("alexnet",),
    "versus": ("alexnet", "vgg16"),
    "bubble": ("alexnet", "vgg16", "resnet50", "mobilenet_v2"),
    "depth": (),
    "bars": ("alexnet", "vgg16", "googlenet"),
    "receptive": ("alexnet",),
    "roofline": ("alexnet", "--device", str(MEASURED)),
    "scaling": ("alexnet", "--over", "input=227,256"),
    "memory": ("resnet18",),
    "diagram": ("alexnet",),
    "pareto": ("alexnet", "vgg16", "resnet50", "mobilenet_v2"),
    "share": ("alexnet",),
    "types": ("alexnet", "vgg16"),
    "heat": ("alexnet",),
}
"""What follows the kind in a command that draws one."""


def test_every_kind_has_an_example() -> None:
    """The tests of this file leave none out."""
    assert set(EXAMPLES) == set(charts.KINDS)


@cache
def written(kind: str, ending: str) -> Path:
    """The example of a kind as the command writes it, alone in a folder; once in a test run."""
    path = Path(mkdtemp()) / f"chart.{ending}"
    register(shutil.rmtree, path.parent)
    result = run("chart", kind, *EXAMPLES[kind], "--dpi", "50", "-o", str(path))
    assert (result.code, result.out) == (0, "")
    return path


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("kind", EXAMPLES)
def test_each_kind_is_written_in_each_format(kind: str, ending: str) -> None:
    """The file is a complete picture, and nothing is printed."""
    path = written(kind, ending)
    assert is_picture(path)
    assert os.listdir(path.parent) == [path.name]


def test_the_same_chart_has_the_same_bytes(tmp_path: Path) -> None:
    """Another process, with other hashes, writes the same files: each kind as SVG, one kind in all formats."""
    code = (
        "import sys, json\n"
        "from cnncost.cli import app\n"
        "for arguments in json.loads(sys.argv[1]): app(arguments, standalone_mode=False)\n"
    )
    wanted = [(kind, "svg") for kind in EXAMPLES] + [("layers", ending) for ending in ENDINGS]
    files = {(kind, ending): tmp_path / f"{kind}.{ending}" for kind, ending in wanted}
    commands = [
        ["chart", kind, *EXAMPLES[kind], "--dpi", "50", "-o", str(path)] for (kind, _), path in files.items()
    ]
    subprocess.run(
        [sys.executable, "-c", code, json.dumps(commands)],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
    )
    for (kind, ending), path in files.items():
        assert path.read_bytes() == written(kind, ending).read_bytes(), path.name


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_colours_the_ground(theme: str, tmp_path: Path) -> None:
    """The first thing drawn is the ground of the theme."""
    path = tmp_path / "chart.svg"
    assert run("chart", "layers", "lenet5", "--theme", theme, "-o", str(path)).code == 0
    drawn = [
        element.get("style", "") for element in ElementTree.parse(path).iter() if "style" in element.attrib
    ]
    assert f"fill: {THEMES[theme].ground}" in next(style for style in drawn if "fill: #" in style)


def test_without_a_file_the_kind_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`cnncost chart layers lenet5` writes layers.png and says so."""
    monkeypatch.chdir(tmp_path)
    result = run("chart", "layers", "lenet5")
    assert (result.code, result.out, result.err) == (0, "", "written to layers.png\n")
    assert is_picture(tmp_path / "layers.png")


def test_the_resolution_of_a_picture_can_be_chosen(tmp_path: Path) -> None:
    """Twice the dots an inch are twice the pixels."""
    widths = []
    for dpi in (100, 200):
        path = tmp_path / f"{dpi}.png"
        assert run("chart", "layers", "lenet5", "--dpi", str(dpi), "-o", str(path)).code == 0
        widths.append(int.from_bytes(path.read_bytes()[16:20], "big"))
    assert widths[1] == 2 * widths[0]


def test_a_picture_too_large_is_one_clear_line(tmp_path: Path) -> None:
    """Beyond what programs can open, nothing is drawn; a picture of lines has no such limit."""
    names = ["alexnet"] * 320
    result = run("chart", "bars", *names, "--dpi", "1200", "-o", str(tmp_path / "chart.png"))
    assert result.err == (
        "cnncost: a PNG of 74760 pixels along a side is too large, 65535 is the most: lower --dpi, "
        "or write .svg or .pdf\n"
    )
    assert os.listdir(tmp_path) == []
    assert rendered(Figure(figsize=(75, 1)), "svg", THEMES["light"], 1200).rstrip().endswith(b"</svg>")


def test_a_file_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    """As with every `-o`."""
    path = tmp_path / "chart.svg"
    path.write_text("old")
    path.chmod(0o640)
    assert run("chart", "layers", "lenet5", "-o", str(path)).code == 0
    assert is_picture(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_failed_chart_leaves_the_old_file(tmp_path: Path) -> None:
    """What cannot be drawn writes nothing."""
    path = tmp_path / "chart.svg"
    path.write_text("old")
    assert run("chart", "layers", "no_such_net", "-o", str(path)).code == 2
    assert path.read_text() == "old"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["layer", "alexnet"], "no chart `layer`; did you mean layers?"),
        (["pie", "alexnet"], f"no chart `pie`; there are {', '.join(charts.KINDS)}"),
        (["layers"], "chart layers: takes one network, got 0"),
        (["layers", "alexnet", "vgg16"], "chart layers: takes one network, got 2"),
        (["bars", *["alexnet"] * 2001], "chart bars: takes at most 2000 networks, got 2001"),
        (["versus", "alexnet"], "chart versus: takes 2 to 4 networks, got 1"),
        (
            ["layers", "alexnet", "-o", "x.jpeg"],
            "x.jpeg: a chart cannot be written as `.jpeg`; use .png, .svg, .pdf, .pgf",
        ),
        (["layers", "alexnet", "-o", "x"], "x: a chart's file needs an ending; use .png, .svg, .pdf, .pgf"),
        (["layers", "alexnet", "--theme", "drak"], "no theme `drak`; did you mean dark?"),
        (
            ["layers", "alexnet", "-o", "no/such/x.png"],
            "no/such/x.png: cannot be written: No such file or directory",
        ),
        (
            ["depth", "--input", "3x64x64"],
            "chart depth: --input does not apply here; options that do: none",
        ),
        (
            ["bubble", "--batch", "1"],
            "chart bubble: --batch does not apply here; options that do: --quantity, --sources",
        ),
        (["layers", "alexnot", "-o", "x.png"], "no network `alexnot`"),
    ],
)
def test_a_wrong_request_is_one_clear_line(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each tells what is wrong and what there is, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    result = run("chart", *arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"cnncost: {message}")
    assert len(result.err.splitlines()) == 1
    assert os.listdir(tmp_path) == []


def test_matplotlib_is_imported_only_to_draw() -> None:
    """Neither the command's help nor an error loads it."""
    code = (
        "import sys\n"
        "from cnncost import charts\n"
        "for kind, found in charts.KINDS.items(): charts.check_options(kind, found.options)\n"
        "import cnncost.cli.chart\n"
        "print([name for name in ('matplotlib', 'numpy', 'pandas', 'torch') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_the_user_s_own_settings_of_matplotlib_do_not_matter() -> None:
    """A chart is the same under another style, and leaves that style as it was."""
    import matplotlib

    def drawn() -> bytes:
        from cnncost import profile

        made = charts.figure("layers", Request(("lenet5",), profile))
        return rendered(made, "svg", THEMES["light"])

    plain = drawn()
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "lines.linewidth": 9}):
        assert drawn() == plain
        assert matplotlib.rcParams["font.size"] == 30


@pytest.mark.parametrize("kind", [k for k in EXAMPLES if k not in ("roofline", "scaling")])
def test_texts_neither_overlap_nor_leave_the_figure(kind: str) -> None:
    """In each kind's example, in both themes; its own tests look at more networks."""
    light, dark = (chart(kind, *EXAMPLES[kind], theme=theme) for theme in THEMES.values())
    assert (overlapping(light), cut(light)) == ([], [])
    assert [(text, *box.extents) for text, box in boxes_of(light)] == [
        (text, *box.extents) for text, box in boxes_of(dark)
    ]


WIDTHS = {"column": 3.3, "slide": 40 / 3}


@pytest.mark.parametrize("width", WIDTHS)
def test_each_kind_fits_a_paper_and_a_slide(width: str) -> None:
    """At the width asked for no text has less than 6 points, covers another or leaves the figure."""
    profilable = {name for name, _ in index()}
    for kind, (*arguments,) in EXAMPLES.items():
        options = {"device": str(MEASURED)} if kind == "roofline" else {}
        options |= {"over": "input=227,256"} if kind == "scaling" else {}
        names = [name for name in arguments if name in profilable]
        figure = cnncost.chart(kind, *names, width=width, **options)
        theme, _ = charts.look("light", width, None, None)
        with themed(theme):
            figure.draw_without_rendering()
        assert figure.get_figwidth() == pytest.approx(WIDTHS[width]), kind
        assert (overlapping(figure), cut(figure)) == ([], []), kind
        assert min(text.get_fontsize() for text in texts_of(figure)) >= 6 - 1e-9, kind


def test_themes_differ_in_colours_alone() -> None:
    """What can be read in one theme can be read in the other: fonts, sizes and widths are the same."""
    light, dark = (settings(theme) for theme in THEMES.values())
    colours = {key for key in light if light[key] != dark[key]}
    assert light.keys() == dark.keys()
    assert colours
    assert all("color" in key for key in colours)


def test_overlapping_and_cut_texts_are_found() -> None:
    """The two checks can fail."""
    figure = Figure(figsize=(2, 1))
    figure.text(0.4, 0.5, "one")
    figure.text(0.42, 0.5, "two")
    figure.text(0.9, 0.1, "far too long")
    figure.draw_without_rendering()
    assert overlapping(figure) == [("one", "two")]
    assert cut(figure) == ["far too long"]


def test_an_unknown_kind_is_an_error_from_python_too() -> None:
    """The same message as on the command line."""
    with pytest.raises(CnncostError, match=r"no chart `bubbles`; did you mean bubble\?"):
        charts.figure("bubbles", Request((), lambda name: pytest.fail(name)))


def own_axes(**settings: object) -> bytes:
    """A chart drawn into a user's own Axes, made under their settings."""
    import matplotlib

    with matplotlib.rc_context(settings):  # type: ignore[arg-type]
        figure = Figure(figsize=(9, 4))
        charts.layers.draw(cnncost.profile("lenet5"), figure.subplots(1, 3))
    return rendered(figure, "svg", THEMES["light"], 72)


def test_own_axes_look_the_same_under_any_settings() -> None:
    """Sizes, colours and lines that the user set for other figures change nothing."""
    others = {"font.size": 20, "axes.facecolor": "red", "axes.grid": True, "xtick.labelsize": 20}
    others |= {"axes.labelcolor": "pink", "text.color": "red", "axes.titlesize": 30, "xtick.direction": "in"}
    assert own_axes(**others, **{"axes.spines.top": True, "lines.linewidth": 5}) == own_axes()


def test_a_style_that_the_user_chose_holds() -> None:
    """With `user_theme` a chart takes the ground, the colours and the size of the style in use."""
    import matplotlib

    with matplotlib.rc_context({"axes.facecolor": "#eeeeff", "text.color": "#222266", "font.size": 12}):
        theme = charts.user_theme()
    assert (theme.ground, theme.text, theme.font) == ("#eeeeff", "#222266", 12.0)
    assert charts.user_theme() == THEMES["light"]


def test_an_axes_that_is_too_small_is_one_clear_line() -> None:
    """It says how large it is and how large it has to be."""
    axes = Figure(figsize=(1.5, 1)).subplots(1, 3)
    with pytest.raises(CnncostError) as raised:
        charts.layers.draw(cnncost.profile("lenet5"), axes)
    assert str(raised.value) == (
        "an Axes of 0.3 by 0.8 inches is too small for this chart: it needs 0.7 by 0.9; make the figure larger, "
        "or its text smaller"
    )


def test_the_text_of_an_svg_is_text() -> None:
    """It can be searched; the file has a title and a description, and without the title in the picture too."""
    figure = cnncost.chart("layers", "lenet5", title=False)
    root = ElementTree.fromstring(rendered(figure, "svg", THEMES["light"]))
    texts = [element.text for element in root.iter() if element.tag.endswith("}text")]
    assert "memory of outputs (KB)" in texts
    assert "lenet5" not in texts
    said = {element.tag.rpartition("}")[2]: element.text for element in root}
    assert said["title"] == "lenet5"
    assert str(said["desc"]).startswith("input 1×32×32, batch 1, float32, convention lecture.")


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--style", "none.mplstyle"], "--style none.mplstyle: there is no such file"),
        (
            ["--style", "bad.mplstyle"],
            "--style bad.mplstyle: no setting of matplotlib in it, such as `font.size: 8`",
        ),
        (["--width", "1in"], "--width 1in: a chart is 2.4 to 60 inches wide"),
        (["--width", "slid"], "--width slid: no width; did you mean slide?"),
        (
            ["--font-size", "3"],
            "--font-size 3: from 7.2 to 72 points; the smallest text of a chart has 5/6 of it",
        ),
    ],
)
def test_a_wrong_size_or_style_is_one_clear_line(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written."""
    monkeypatch.chdir(tmp_path)
    Path("bad.mplstyle").write_text("not a: style\nzzz\n")
    result = run("chart", "layers", "lenet5", *arguments, "-o", "x.png")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"cnncost: {message}")
    assert len(result.err.splitlines()) == 1
    assert os.listdir(tmp_path) == ["bad.mplstyle"]
