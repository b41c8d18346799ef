from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch, Rectangle

import cnncost
from cnncost.charts import boxes, receptive, roofline
from cnncost.charts.main_path import first_unknown, is_step, main_path, steps
from cnncost.count.profile import profile_graph
from cnncost.count.rows import fold
from cnncost.errors import CnncostError
from cnncost.timing.placed_rows import placed_rows
from cnncost.timing.reports import measured_device
from cnncost.timing.roofline import Roof, at_best
from tests.chart_checks import chart, cut, is_picture, overlapping, texts_of
from tests.command_line import cnncost as run

NUMBERS = "FLOP/s,bytes/s are two numbers from 1e3 to 1e18, such as 440e9,45e9, the first 0.001 to 100000 times the other"
LOOKED_AT = ("lenet5", "alexnet", "googlenet", "resnet152", "densenet264")
PLAIN = """
name: plain
input: [3, 40, 40]
layers:
  - conv1: Conv2d(8, 3, padding=1) >> ReLU
  - conv2: Conv2d(8, 3, stride=2, padding=1)
  - add: {body: "Conv2d(8, 3, padding=1) >> Conv2d(8, 3, padding=1)", shortcut: Identity}
  - pool: MaxPool2d(2)
  - head: AdaptiveAvgPool2d(1) >> Flatten
  - fc: Linear(10)
"""


@pytest.fixture(autouse=True)
def nothing_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder and a user cache of its own, where nothing was measured."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cnncost.timing.reports.REPORTS", tmp_path / "reports")
    return tmp_path


def spec(folder: Path, text: str = PLAIN) -> str:
    """A spec's path."""
    path = folder / "net.yaml"
    path.write_text(text)
    return str(path)


def words(figure: Figure) -> list[str]:
    """What is written in a figure."""
    return [text.get_text() for text in texts_of(figure)]


def told(kind: str, *names: str, **wanted: Any) -> list[str]:
    """What a chart tells next to itself."""
    notes: list[str] = []
    chart(kind, *names, notes=notes, **wanted)
    return notes


# The main path


def test_the_main_path_is_the_longest() -> None:
    """It takes the body of a residual, not the shortcut, and its steps are its convolutions and pools."""
    profile = cnncost.profile(cnncost.load_text(PLAIN))
    names = [cost.name for cost in main_path(profile) if is_step(cost)]
    assert names == ["conv1.Conv2d", "conv2", "body.Conv2d", "body.Conv2d_1", "pool", "head.AdaptiveAvgPool2d", "fc"]  # fmt: skip


def test_the_field_along_the_path() -> None:
    """By hand: 3, 5, then 4 a 3×3 at jump 2, 2 more for the pool, and the global pool's 9 steps of 4."""
    found = list(steps(cnncost.profile(cnncost.load_text(PLAIN))))
    assert [step.size for step in found] == [3, 5, 9, 13, 15, 15 + 9 * 4]
    assert [step.jump for step in found] == [1, 2, 2, 2, 4, None]
    assert [step.number for step in found] == [1, 2, 3, 4, 5, 6]


def test_a_merge_that_sees_more_counts_for_the_step_before_it() -> None:
    """The wider but shorter branch of a concatenation shows once the branches meet."""
    graph = cnncost.load_text(
        "name: n\ninput: [3, 9, 9]\nlayers: [{concat: {long: 'Conv2d(4, 1) >> Conv2d(4, 1)', wide: 'Conv2d(4, 5, padding=2)'}}]"
    )
    assert [step.size for step in steps(cnncost.profile(graph))] == [1, 5]


@pytest.mark.parametrize("name", LOOKED_AT)
def test_the_path_ends_with_the_largest_field(name: str) -> None:
    """Nothing that has a field sees more than the path's end does."""
    profile = cnncost.profile(name)
    largest = max(axis.size for cost in profile.counted for axis in cost.receptive_field or ())
    assert max(step.size for step in steps(profile)) == largest


def test_where_the_field_is_lost() -> None:
    """Tokens have positions but no field; the vector of a classifier has neither and is no loss."""
    lost = first_unknown(cnncost.profile("vit_b_16"))
    assert lost is not None
    assert lost.name == "patches.Flatten"
    assert first_unknown(cnncost.profile("alexnet")) is None


# receptive


@pytest.mark.parametrize("name", LOOKED_AT)
def test_one_network(name: str) -> None:
    """The line holds every step; no text is cut or covers another."""
    figure = chart("receptive", name)
    left, _ = figure.axes
    found = list(steps(cnncost.profile(name)))
    assert list(left.lines[0].get_ydata()) == [1, *(step.size for step in found)]
    assert (overlapping(figure), cut(figure)) == ([], [])


def frames(figure: Figure) -> list[tuple[float, ...]]:
    """The boxes of a chart, from large to small: left, top, width, height."""
    found = [p for p in figure.axes[1].patches if isinstance(p, Rectangle) and not p.get_fill()]
    return [(*p.get_xy(), p.get_width(), p.get_height()) for p in found]


def test_boxes_are_the_fields_of_the_middle_outputs() -> None:
    """AlexNet's conv5: output 6 of 13 starts at 6·16 - 64 and sees 163; each box has a label and a line."""
    figure = chart("receptive", "alexnet")
    assert (32.0, 32.0, 163, 163) in frames(figure)
    sizes = [195, 163, 131, 99, 67, 51, 19, 11]
    assert [width for _, _, width, _ in frames(figure)] == sizes
    labels = [word for word in words(figure) if "  " in word]
    assert [int(label.split()[-1]) for label in labels] == sizes
    assert (
        sum(isinstance(artist, ConnectionPatch) for artist in figure.axes[1].artists + figure.axes[1].patches)
        == 8
    )


def test_what_does_not_fit_the_picture_is_named() -> None:
    """ResNet-152's last fields are six times its input: their sizes stand next to the boxes."""
    figure = chart("receptive", "resnet152")
    assert {"larger than this picture:", "conv4_x  1315", "conv5_x  1507", "avgpool  1699"} <= set(
        words(figure)
    )
    assert max(width for _, _, width, _ in frames(figure)) == 163


def test_padding_is_hatched_where_a_box_reaches_it() -> None:
    """LeNet-5 sees nothing beyond its input, GoogLeNet does, and says so."""
    assert "hatched: padding" not in words(chart("receptive", "lenet5"))
    figure = chart("receptive", "googlenet")
    assert "hatched: padding" in words(figure)
    assert any(patch.get_hatch() for patch in figure.axes[1].patches)


def test_chosen_layers() -> None:
    """--layer takes layers and stages; a stage means its layers, and a few of them are chosen."""
    figure = chart("receptive", "vgg16", layer="conv1_1, conv3_3")
    assert [width for _, _, width, _ in frames(figure)] == [40, 3]
    figure = chart("receptive", "resnet152", layer="conv4_x")
    assert len(frames(figure)) == 5
    assert (overlapping(figure), cut(figure)) == ([], [])
    assert told("receptive", "resnet152", layer="conv4_x") == [
        "8 of 37 fields are shown; --layer NAME,NAME chooses others"
    ]


def test_jumps_stand_above_the_line() -> None:
    """Each stretch of equal jump has its number, where there is room."""
    shown = words(chart("receptive", "alexnet"))
    assert shown[shown.index("jump") - 4 : shown.index("jump")] == ["1", "4", "8", "16"]
    assert "227" not in shown
    assert "input 227" in shown


def test_several_networks() -> None:
    """A line each in the legend, inputs close together under one label, sizes logarithmic where uneven."""
    names = ("alexnet", "vgg16", "resnet50", "densenet121")
    figure = chart("receptive", *names)
    (axes,) = figure.axes
    assert {*names, "where the jump changes", "input 224, 227"} <= set(words(figure))
    assert axes.get_yscale() == "log"
    assert chart("receptive", "alexnet", "vgg16").axes[0].get_yscale() == "linear"
    assert (overlapping(figure), cut(figure)) == ([], [])
    sizes = {name: list(steps(cnncost.profile(name)))[-1].size for name in names}
    assert {
        line.get_label(): line.get_ydata()[-1] for line in axes.lines if line.get_label() in names
    } == sizes


def test_networks_without_fields() -> None:
    """One is left out and said; a transformer's field ends where its tokens begin."""
    assert told("receptive", "mlp", "vit_b_16", "alexnet") == [
        "left out: no receptive field is known for mlp: none of its layers looks at positions of a map",
        "vit_b_16: the receptive field is known up to patches.Conv2d, but not from patches.Flatten (Flatten) on",
    ]
    figure = chart("receptive", "vit_b_16")
    assert (overlapping(figure), cut(figure)) == ([], [])


@pytest.mark.parametrize(
    "text, size",
    [
        (
            "input: [1, 800]\nlayers: ['Conv1d(8, 9, stride=4) >> ReLU', 'MaxPool1d(4)', 'Conv1d(4, 9)']",
            "149",
        ),
        (
            "input: [3, 16, 60, 200]\nlayers: ['Conv3d(8, (3, 7, 5), stride=(1, 2, 2))', 'MaxPool3d(2)']",
            "4×9×7",
        ),
        ("input: [3, 20, 600]\nlayers: ['Conv2d(8, (1, 31))', 'Conv2d(8, (9, 1))']", "9×31"),
        ("input: [3, 1, 1]\nlayers: ['Conv2d(8, 1)']", "1"),
    ],
)
def test_other_inputs(text: str, size: str, tmp_path: Path) -> None:
    """A sequence has bars, a volume its last two axes, a wide image its shape, a pixel itself."""
    figure = chart("receptive", spec(tmp_path, f"name: other\n{text}"))
    assert any(word.endswith(f"  {size}") for word in words(figure))
    assert (overlapping(figure), cut(figure)) == ([], [])


def test_long_names_and_many_layers(tmp_path: Path) -> None:
    """Names are cut in their middle, a hundred layers have numbers."""
    name = "a_name_that_goes_on_and_on_and_on_and_on"
    text = f"name: {name}\ninput: [3, 99, 99]\nlayers: [{{{name}: 'Conv2d(3, 3)'}}, {{again: '30 * Conv2d(3, 3)'}}]"
    figure = chart("receptive", spec(tmp_path, text), layer=name)
    assert f"{name[:16]}…{name[-15:]}  3" in words(figure)
    assert (overlapping(figure), cut(figure)) == ([], [])


@pytest.mark.parametrize("kind", ["receptive", "roofline"])
def test_names_too_long_for_the_page(kind: str, tmp_path: Path) -> None:
    """A name as long as a line is cut everywhere: in the title, next to layers and below them."""
    name = "very_long_name_" * 10
    text = f"name: {name}\ninput: [3, 32, 32]\nlayers: [{{{name}a: 'Conv2d(8, 3)'}}, {{{name}b: 'Conv2d(8, 3)'}}]"
    device = {"device": "440e9,45e9"} if kind == "roofline" else {}
    figure = chart(kind, spec(tmp_path, text), **device)
    assert (overlapping(figure), cut(figure)) == ([], [])


def test_an_input_smaller_than_the_field() -> None:
    """The input's name is clear of the line's start: at its far end where the field is much larger."""
    for name, place in (("alexnet", 0), ("resnet152", 1)):
        (label,) = (
            text for text in texts_of(chart("receptive", name)) if text.get_text().startswith("input ")
        )
        assert label.xy[0] == place  # type: ignore[attr-defined]


def test_a_network_that_looks_at_single_positions(tmp_path: Path) -> None:
    """Without a convolution or a pooling there is no step to draw, and one line says so."""
    path = spec(tmp_path, "name: still\ninput: [3, 8, 8]\nlayers: [ReLU]")
    with pytest.raises(
        CnncostError, match=r"^chart receptive: no receptive field is known for still: none of its layers"
    ):
        chart("receptive", path)


def test_receptive_into_axes_of_ones_own() -> None:
    """Both panels are functions of Axes, which they return."""
    figure = Figure()
    one, other = figure.subplots(1, 2)
    profile = cnncost.profile("alexnet")
    assert receptive.draw([profile], one) is one
    assert boxes.draw(profile, other) is other
    assert one.lines
    assert other.patches


@pytest.mark.parametrize(
    "arguments, error",
    [
        (
            ("mlp",),
            "chart receptive: no receptive field is known for mlp: none of its layers looks at positions of a map",
        ),
        (("alexnet", "--layer", "conv9"), "alexnet has no layer `conv9`; did you mean conv5?"),
        (("alexnet", "--layer", "conv1,fc6"), "--layer fc6: no receptive field is known for this layer"),
        ((), "chart receptive: takes 1 to 8 networks, got 0"),
    ],
)
def test_what_receptive_cannot_show(arguments: tuple[str, ...], error: str) -> None:
    """Exit code 2 and one line."""
    result = run("chart", "receptive", *arguments)
    assert (result.code, result.out, result.err) == (2, "", f"cnncost: {error}\n")
    assert not Path("receptive.png").exists()


# roofline

CONDITIONS = {
    "input": [3, 40, 40],
    "device": "cpu",
    "device_name": "Some CPU",
    "threads": 2,
    "peak_gflops": 400.0,
    "peak_gb_per_sec": 40.0,
}


def result_of(profile: Any, slowdown: float = 2.0, **changes: Any) -> dict[str, Any]:
    """A result as `cnncost time` keeps it: every row takes this many times its best time."""
    roof, layers = Roof(4e11, 4e10), []
    for row in fold(profile):
        placed = at_best(row.costs, profile, roof)
        entry = {"name": row.label, "type": row.type, "time": 1000 * slowdown * placed.seconds}
        layers.append(entry | {"flops": placed.flops, "bytes": placed.moved_bytes})
    batch = {"infer_batch_size": profile.batch, "infer_step_time": 1.0}
    ends = {"name": "between layers", "type": None, "time": 0.1}
    found = {"model": profile.name, "dtype": profile.dtype, **CONDITIONS, **batch, "layers": [*layers, ends]}
    return found | changes


def counted(**how: Any) -> Any:
    """The plain network, counted as it is timed."""
    return profile_graph(cnncost.load_text(PLAIN), "flops", fields=False, **how)


def report(path: Path, *results: dict[str, Any]) -> Path:
    """A report of these results."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"schema": 1, "results": results}))
    return path


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    """A report of the plain network on a CPU."""
    return report(tmp_path / "reports" / "some-cpu.json", result_of(counted()))


def spots(figure: Figure) -> list[tuple[float, float, bool]]:
    """The dots of a chart: operations a byte, operations a second, and whether they are filled."""
    (axes,) = figure.axes
    ground = axes.get_facecolor()
    from matplotlib.colors import to_rgba

    dots = [line for line in axes.lines if line.get_marker() == "o"]
    filled = [to_rgba(line.get_markerfacecolor()) != ground for line in dots]  # type: ignore[arg-type]
    return [(*line.get_xydata()[0], full) for line, full in zip(dots, filled, strict=True)]


@pytest.mark.usefixtures("measured")
def test_measured_layers_lie_where_they_were_measured(tmp_path: Path) -> None:
    """At half the roof's height, each at its operations a byte; the roof has its two numbers."""
    figure = chart("roofline", spec(tmp_path), device="cpu")
    found = spots(figure)
    assert len(found) == len(fold(counted())) - 1  # all but Flatten
    for intensity, reached, filled in found:
        assert filled
        assert reached == pytest.approx(min(4e11, intensity * 4e10) / 2)
    assert {"peak 400 GFLOP/s", "40.0 GB/s", "ridge 10.0 FLOP/byte"} <= set(words(figure))
    assert "plain, batch 1, float32: Some CPU, 2 threads" in words(figure)
    assert (overlapping(figure), cut(figure)) == ([], [])


@pytest.mark.parametrize("name", LOOKED_AT)
def test_unmeasured_layers_lie_on_the_roof(name: str) -> None:
    """Two numbers are a device too: every layer is hollow and as fast as can be."""
    figure = chart("roofline", name, device="440e9, 45e9")
    for intensity, reached, filled in spots(figure):
        assert not filled
        assert reached == pytest.approx(min(440e9, intensity * 45e9))
    assert f"{name}, batch 1, float32: a device of 440 GFLOP/s and 45.0 GB/s" in words(figure)
    assert (overlapping(figure), cut(figure)) == ([], [])


def test_a_layer_without_a_time_of_its_own(tmp_path: Path) -> None:
    """It is hollow among filled ones, and the legend says what both are."""
    found = result_of(counted())
    for key in ("flops", "bytes"):
        del found["layers"][0][key]
    report(tmp_path / "reports" / "cpu.json", found)
    figure = chart("roofline", spec(tmp_path), device="some")
    assert sum(not filled for _, _, filled in spots(figure)) == 1
    assert {"measured:\narea shows its time", "not measured:\non the roof"} <= set(words(figure))


def test_batch_dtype_and_training_choose(measured: Path, tmp_path: Path) -> None:
    """The result of the same conditions is shown; a note says that others exist."""
    both = result_of(counted(batch=8), 4.0), result_of(counted(), 2.0)
    report(measured, *both)
    path = spec(tmp_path)
    result = run("chart", "roofline", path, "--device", "cpu", "--batch", "8")
    assert (result.code, result.err) == (
        0,
        "left out: 1 layer without operations (head.Flatten)\nwritten to roofline.png\n",
    )
    result = run("chart", "roofline", path, "--device", "cpu", "--batch", "2")
    assert result.err.startswith(
        "plain at batch 2, float32 was not measured on Some CPU, 2 threads (only at batch 8 float32,"
        " batch 1 float32): its layers are drawn on the roof\n"
    )
    result = run("chart", "roofline", path, "--device", "cpu", "--train")
    assert result.err.startswith(
        "plain at batch 1, float32, training, was not measured on Some CPU, 2 threads: "
    )


@pytest.mark.usefixtures("measured")
def test_a_network_that_has_changed(tmp_path: Path) -> None:
    """Rows of other operations are not those that were measured."""
    notes = told("roofline", spec(tmp_path, PLAIN.replace("Conv2d(8, 3, stride=2", "Conv2d(8, 5, stride=2")))
    assert (
        notes[0] == "plain has other layers now than when it was measured; the layers are drawn on the roof"
    )


def test_a_report_by_stages() -> None:
    """Rows stay as they were measured: by stages, or every node."""
    profile = counted()
    for way in ({"depth": 1}, {"every": True}):
        rows = fold(profile, **way)
        entries = [
            {"name": row.label, "type": row.type, "time": 1.0, "flops": row.totals.flops, "bytes": 100}
            for row in rows
        ]
        found = placed_rows(profile, Roof(1e9, 1e9), {"layers": entries})
        assert [place.row.label for place in found] == [row.label for row in rows]
        assert all(place.measured for place in found)


def test_faster_than_the_roof_is_said(tmp_path: Path) -> None:
    """Layers with data from a cache are above the line."""
    report(tmp_path / "reports" / "cpu.json", result_of(counted(), 0.5))
    assert "8 layers above the roof: data from a cache, or a faster algorithm" in told(
        "roofline", spec(tmp_path)
    )


def test_a_roof_from_the_users_cache(tmp_path: Path) -> None:
    """A device that was timed without --save has a roof and no points."""
    folder = tmp_path / "cache" / "cnncost"
    folder.mkdir(parents=True)
    key = "Other CPU, 4 threads | cpu | float32 | torch 2.0"
    (folder / "roofline.json").write_text(
        json.dumps({key: {"flops_per_second": 1e11, "bytes_per_second": 1e10}})
    )
    device = measured_device("other")
    assert (device.label, device.results, device.roof("float32")) == (
        "Other CPU, 4 threads",
        (),
        Roof(1e11, 1e10),
    )
    assert measured_device(None) == device


@pytest.mark.parametrize("device", ["1e3,1e6", "1e8,1e3", "1e18,1e18"])
def test_the_oddest_roofs_can_be_read(device: str) -> None:
    """At the limits of the options, no text covers another or leaves the figure."""
    for name in ("lenet5", "resnet152"):
        figure = chart("roofline", name, device=device)
        assert (overlapping(figure), cut(figure)) == ([], [])


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize(
    "device, error",
    [
        ("tpu", "--device tpu: no such device was measured; there are Some CPU, 2 threads"),
        ("440e9", f"--device 440e9: {NUMBERS}"),
        ("1e9,-4", f"--device 1e9,-4: {NUMBERS}"),
        ("1e999,4", f"--device 1e999,4: {NUMBERS}"),
        ("1,1e15", f"--device 1,1e15: {NUMBERS}"),
        ("1e18,1e3", f"--device 1e18,1e3: {NUMBERS}"),
        ("1e-300,1e300", f"--device 1e-300,1e300: {NUMBERS}"),
        ("", "--device : no such device was measured; there are Some CPU, 2 threads"),
        ("none.json", "--device none.json: no such file"),
        ("net.yaml", "--device net.yaml: it is no report of `cnncost time`"),
    ],
)
def test_wrong_devices(device: str, error: str, tmp_path: Path) -> None:
    """Exit code 2 and one line."""
    result = run("chart", "roofline", spec(tmp_path), "--device", device)
    assert (result.code, result.out, result.err) == (2, "", f"cnncost: {error}\n")


@pytest.mark.parametrize(
    "spoilt",
    [{"layers": 7}, {"layers": [{"name": "x", "time": "1"}]}, {"layers": [3]}, {"layers": [{"time": 1}]}],
)
def test_a_spoilt_report(spoilt: dict[str, Any], tmp_path: Path) -> None:
    """What cannot be read as measurements is no report."""
    path = report(tmp_path / "own.json", result_of(counted(), **spoilt))
    result = run("chart", "roofline", spec(tmp_path), "--device", str(path))
    assert (result.code, result.err) == (2, f"cnncost: --device {path}: it is no report of `cnncost time`\n")


@pytest.mark.usefixtures("measured")
def test_no_or_several_devices(tmp_path: Path) -> None:
    """The only one needs no name; several are listed; without any, the error says how to get one."""
    assert measured_device(None).label == "Some CPU, 2 threads"
    report(tmp_path / "reports" / "gpu.json", result_of(counted(), device="cuda", device_name="Some GPU"))
    with pytest.raises(CnncostError, match=r"^--device: which one\? Some GPU; Some CPU, 2 threads$"):
        measured_device(None)
    with pytest.raises(
        CnncostError, match=r"^--device some: several devices: Some GPU; Some CPU, 2 threads$"
    ):
        measured_device("some")
    assert measured_device("SOME-gpu").label == "Some GPU"
    for path in (tmp_path / "reports").iterdir():
        path.unlink()
    with pytest.raises(CnncostError, match=r"^--device: nothing was measured yet: `cnncost time NAME --save"):
        measured_device(None)
    with pytest.raises(
        CnncostError, match=r"^--device x: no such device was measured: `cnncost time NAME --save"
    ):
        measured_device("x")


@pytest.mark.usefixtures("measured")
def test_no_roof_for_a_dtype() -> None:
    """The error says which there are, and how to measure it."""
    with pytest.raises(
        CnncostError, match=r"^--dtype float16: no roof of Some CPU, 2 threads .*there is float32;"
    ):
        measured_device("cpu").roof("float16")


def test_a_network_without_operations(tmp_path: Path) -> None:
    """There is nothing to place."""
    path = spec(tmp_path, "name: idle\ninput: [3, 4, 4]\nlayers: [Flatten]")
    result = run("chart", "roofline", path, "--device", "1e9,1e9")
    assert (result.code, result.err) == (2, "cnncost: chart roofline: idle has no layer with operations\n")


@pytest.mark.usefixtures("measured")
def test_roofline_into_axes_of_ones_own() -> None:
    """The chart is a function of Axes, which it returns."""
    axes = Figure().subplots()
    assert roofline.draw(cnncost.profile(cnncost.load_text(PLAIN)), axes, "some cpu") is axes
    assert len(axes.lines) > 1


def test_both_need_no_torch(measured: Path, tmp_path: Path) -> None:
    """Reports are read without it."""
    code = (
        "import sys; sys.modules['torch'] = None; from cnncost.cli import main;"
        "sys.argv = ['cnncost', *sys.argv[1:]]; main()"
    )
    for arguments in (("roofline", spec(tmp_path), "--device", str(measured)), ("receptive", "lenet5")):
        done = subprocess.run(
            [sys.executable, "-c", code, "chart", *arguments, "-o", f"{arguments[0]}.svg"],
            capture_output=True,
            text=True,
            env=os.environ,
        )
        assert done.returncode == 0, done.stderr
        assert is_picture(Path(f"{arguments[0]}.svg"))
