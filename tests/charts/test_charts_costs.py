"""The charts of costs: `layers`, `versus`, `bars` and `scaling`, and the sweeps behind the last."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure

import cnncost
from cnncost import numbers
from cnncost.charts import bars, figure, layers, scaling, versus
from cnncost.charts.axes import ChartFigure
from cnncost.charts.panels import COSTS, LONG, LONGEST, short_name, title_and_note
from cnncost.charts.placement import spaced_out
from cnncost.charts.request import Request
from cnncost.charts.theme import THEMES
from cnncost.count.rows import fold
from cnncost.errors import CnncostError
from cnncost.network.catalogue import index
from cnncost.space.sweep import exponent, parse_over, sweep
from tests.chart_checks import chart, cut, is_picture, overlapping, texts_of
from tests.command_line import cnncost as command_line

FIVE = ("lenet5", "alexnet", "googlenet", "resnet152", "densenet264")
LONG_NAME = "a_network_whose_name_somebody_made_up_in_a_hurry_and_never_changed"


@pytest.fixture
def deep(tmp_path: Path) -> str:
    """A spec of 1000 layers with long names."""
    lines = [
        f"name: {LONG_NAME}",
        "input: [3, 32, 32]",
        "layers:",
        "  - a_first_convolution_with_a_name_of_its_own: Conv2d(8, 3, padding=1)",
        "  - body: 997 * Conv2d(8, 3, padding=1)",
        "  - Flatten",
        "  - fc: Linear(10)",
    ]
    path = tmp_path / "deep.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def words(figure: Figure) -> list[str]:
    """The texts of a figure."""
    return [text.get_text() for text in texts_of(figure)]


def widths(axes: Axes) -> list[float]:
    """How long the bars of Axes are."""
    return [patch.get_width() for patch in axes.patches]


def labels(axes: Axes) -> list[str]:
    """The texts next to the y axis, from the top."""
    return [text.get_text() for text in axes.get_yticklabels()]


def legible(figure: Figure) -> bool:
    """Whether no text covers another or leaves the figure."""
    assert overlapping(figure) == []
    assert cut(figure) == []
    return True


# What they share


@pytest.mark.parametrize(
    ("largest", "symbol", "size"),
    [(0, "", 1), (999, "", 1), (1000, "k", 10**3), (999_999, "k", 10**3), (10**6, "M", 10**6)],
)
def test_the_unit_of_an_axis(largest: int, symbol: str, size: int) -> None:
    """It is the largest that fits into the axis's largest value."""
    assert numbers.axis_unit(largest) == numbers.Unit(symbol, size)


@pytest.mark.parametrize(
    ("value", "text"), [(1, "1"), (1000, "1 k"), (10**7, "10 M"), (25 * 10**8, "2.5 G"), (10**11, "100 G")]
)
def test_ticks_have_no_idle_zeros(value: int, text: str) -> None:
    """A tick says `10 M`, not `10.0 M`."""
    assert numbers.tick(value) == text


def test_a_long_name_loses_its_middle() -> None:
    """A name that is not long stays as it is."""
    assert short_name("x" * LONGEST) == "x" * LONGEST
    assert (
        short_name(LONG_NAME) == "a_network_whose_…_never_changed"[:16] + "…" + LONG_NAME[1 - LONGEST // 2 :]
    )
    assert len(short_name(LONG_NAME)) == LONGEST


@pytest.mark.parametrize("below", ["", "what the numbers hold for, " * 8])
def test_the_head_of_a_chart_takes_the_lines_that_it_needs(below: str) -> None:
    """A title and the texts below the chart are wrapped to the figure's width."""
    figure = ChartFigure(figsize=(5, 5), layout="constrained")
    figure.subplots()
    title_and_note(figure, "a title of many words " * 6, below, THEMES["light"])
    figure.draw_without_rendering()
    assert cut(figure) == []


# layers


@pytest.mark.parametrize("name", FIVE)
def test_layers_draws_each_row_of_the_table(name: str) -> None:
    """Each bar is as long as its row's cost, each panel's title says the total, and every text can be read."""
    figure = chart("layers", name)
    profile = cnncost.profile(name)
    rows = fold(profile) if len(fold(profile)) <= LONG else fold(profile, 1)
    assert labels(figure.axes[0]) == [row.label for row in rows]
    for axes, key in zip(figure.axes, ("memory", "params", "flops"), strict=True):
        quantity = COSTS[key]
        values = [quantity.value(row.totals) for row in rows]
        unit = quantity.unit(max(values), profile.convention)
        assert widths(axes) == [value / unit.size for value in values]
        assert axes.get_title(loc="left") == quantity.headline(profile)
        assert axes.get_xlabel() == quantity.label(profile.convention, unit)
    assert legible(figure)


def test_layers_of_alexnet() -> None:
    """What the chart of the lecture's example says."""
    said = words(chart("layers", "alexnet"))
    assert {"3.02 MB of outputs", "62.4 M params", "1.14 G FLOPs"} <= set(said)
    assert {"memory of outputs (KB)", "params (M)", "multiply-adds (M)"} <= set(said)
    assert {"1130", "37.8", "448", "conv1", "fc8"} <= set(said)
    assert "alexnet" in said


def test_layers_says_what_the_numbers_hold_for() -> None:
    """Input, batch, dtype and convention stand below the chart, and what the units are."""
    below = chart("layers", "lenet5").get_supxlabel().replace("\n", " ").replace("\N{NO-BREAK SPACE}", " ")
    assert below == (
        "input 1×32×32, batch 1, float32, convention lecture. 1 KB = 1024 bytes. FLOPs: multiply-adds of convolutions, "
        "linear layers and attention, kernel² per pooled output, nothing else."
    )


@pytest.mark.parametrize("depth", [None, 0, 1, 2])
def test_layers_of_a_thousand(deep: str, depth: int | None) -> None:
    """A chart of 1000 layers is no longer than a page; long names lose their middle."""
    figure = chart("layers", deep, depth=depth)
    assert figure.get_figheight() < 14
    count = 1000 if depth in (0, 2) else 4
    assert all(len(axes.patches) == count for axes in figure.axes)
    assert legible(figure)


def test_layers_names_the_larger_of_neighbouring_stages() -> None:
    """Of many rows only stages have names, and none that is too near to a larger one."""
    figure = chart("layers", "resnet152", depth=0)
    assert labels(figure.axes[0]) == ["conv2_x", "conv3_x", "conv4_x", "conv5_x", "avgpool"]


def test_layers_without_images() -> None:
    """A network of linear layers, and one of tokens, have their charts."""
    assert legible(chart("layers", "mlp"))
    assert legible(chart("layers", "vit_b_16"))


def test_layers_where_nothing_is_counted() -> None:
    """A column of zeros is empty panels with labels."""
    profile = cnncost.profile(cnncost.load_text("input: [3, 8, 8]\nname: n\nlayers: ReLU"))
    axes = layers.draw(profile, Figure().subplots(1, 3))
    assert [widths(one) for one in axes] == [[0]] * 3
    assert [text.get_text() for text in axes[0].texts] == ["0"]


def test_layers_follows_the_convention() -> None:
    """Axes say what the convention calls FLOPs."""
    profile = cnncost.profile("alexnet", convention="macs")
    axes = layers.draw(profile, Figure().subplots(1, 3))
    assert axes[2].get_xlabel() == "multiply-adds (M)"
    assert axes[2].get_title(loc="left") == "1.14 G MACs"


# versus


def test_versus_of_the_lecture() -> None:
    """AlexNet next to VGG-16: conv1 beside conv1_1 and conv1_2, totals on the same axis, ratios above."""
    figure = chart("versus", "alexnet", "vgg16")
    said = words(figure)
    assert {"×19.1 memory of outputs", "×2.2 params", "×13.6 FLOPs", "138", "62.4"} <= set(said)
    assert labels(figure.axes[0]) == [
        *("conv1", "pool1", "conv2", "pool2", "conv3", "pool3", "conv4", "pool4", "conv5", "pool5"),
        *("flatten", "fc6", "fc7", "fc8", "total"),
    ]
    pair = [cnncost.profile(name) for name in ("alexnet", "vgg16")]
    alexnet, vgg = (bar_widths(figure.axes[1], i) for i in range(2))
    assert alexnet[0] == 34_944 / 10**6
    assert vgg[0] == (1_792 + 36_928) / 10**6
    assert [alexnet[-1], vgg[-1]] == [profile.totals.params / 10**6 for profile in pair]
    assert legible(figure)


def bar_widths(axes: Axes, network: int) -> list[float]:
    """How long the bars of one network of a versus chart are, the total last."""
    return [patch.get_width() for patch in axes.containers[network].patches]


def test_versus_of_four() -> None:
    """Up to four networks have bars next to each other, at any width; networks without shared names by size."""
    figure = cnncost.compare("alexnet", "vgg16", "googlenet", "resnet50").plot(width="page")
    assert [len(axes.containers) for axes in figure.axes] == [4, 4, 4]
    assert labels(figure.axes[0]) == ["1/1", "1/2", "1/4", "1/8", "1/16", "1/32", "vectors", "total"]


@pytest.mark.parametrize(
    "pair", [("resnet152", "densenet264"), ("lenet5", "mlp"), ("googlenet", "vit_b_16"), ("vgg16", "vgg16")]
)
def test_versus_can_be_read(pair: tuple[str, str]) -> None:
    """Deep networks are folded by stage; no text runs into another."""
    assert legible(chart("versus", *pair))


def test_versus_adds_up() -> None:
    """The bars of a network's layers add up to the bar of its total."""
    figure = chart("versus", "resnet152", "densenet264")
    for axes in figure.axes:
        for network in range(2):
            *stages, total = bar_widths(axes, network)
            assert sum(stages) == pytest.approx(total, rel=1e-12)


def test_versus_of_long_names(deep: str) -> None:
    """Names and stages of any length leave room for the bars."""
    assert legible(chart("versus", deep, "resnet110-stochastic_depth"))
    assert legible(chart("versus", deep, "densenet264", depth=0))


def test_versus_of_two_networks_of_one_name(tmp_path: Path) -> None:
    """The input of each is named, though both have the same name."""
    path = tmp_path / "mine.yaml"
    path.write_text("name: lenet5\ninput: [1, 28, 28]\nlayers: [Flatten, Linear(10)]\n", encoding="utf-8")
    below = chart("versus", "lenet5", str(path)).get_supxlabel()
    assert "input 1×32×32 of lenet5, input 1×28×28 of lenet5" in below


def test_versus_without_a_ratio() -> None:
    """To nothing there is no ratio."""
    nothing = cnncost.profile(cnncost.load_text("input: [3, 8, 8]\nname: n\nlayers: MaxPool2d(2)"))
    axes = versus.draw((nothing, cnncost.profile("lenet5")), Figure(figsize=(12, 4)).subplots(1, 3))
    assert [one.get_title(loc="left") for one in axes] == [
        "×171 memory of outputs",
        "params",
        "×2202 FLOPs",
    ]


# bars


def test_bars_are_sorted() -> None:
    """The largest is on top, in every panel in the same order."""
    names = ("googlenet", "vgg16", "resnet50")
    profiles = [cnncost.profile(name) for name in names]
    axes = bars.draw(profiles, Figure().subplots(1, 3), "flops")
    assert labels(axes[0]) == ["vgg16", "resnet50", "googlenet"]
    order = (profiles[1], profiles[2], profiles[0])
    assert widths(axes[0]) == [p.totals.flops / 10**9 for p in order]
    assert widths(axes[1]) == [p.totals.params / 10**6 for p in order]
    assert widths(axes[2]) == [p.totals.memory_bytes / 1024**2 for p in order]


@pytest.mark.parametrize(
    ("quantity", "titles"),
    [
        (None, ["params", "FLOPs", "memory of outputs"]),
        ("memory", ["memory of outputs", "params", "FLOPs"]),
        ("macs", ["multiply-adds", "params", "memory of outputs"]),
    ],
)
def test_bars_show_first_what_they_are_sorted_by(quantity: str | None, titles: list[str]) -> None:
    """Multiply-adds take the place of FLOPs where they are asked for."""
    figure = chart("bars", "vgg16", "resnet50", quantity=quantity)
    assert [axes.get_title(loc="left") for axes in figure.axes] == titles


def test_bars_of_far_values_are_points() -> None:
    """Beyond two decades the scale is logarithmic, with points at the values instead of bars."""
    names = ("vgg16", "lenet5", "alexnet")
    figure = chart("bars", *names)
    axes = figure.axes[0]
    assert axes.get_xscale() == "log"
    assert axes.get_xlabel() == "params, log scale"
    assert widths(axes) == []
    (points,) = [found for found in axes.collections if isinstance(found, PathCollection)]
    assert [x for x, _ in points.get_offsets().tolist()] == [
        cnncost.profile(n).totals.params for n in ("vgg16", "alexnet", "lenet5")
    ]
    assert labels(axes) == ["vgg16  3×224×224", "alexnet  3×227×227", "lenet5  1×32×32"]
    assert legible(figure)


def test_bars_of_nothing_on_a_logarithmic_scale() -> None:
    """A network without params has no point there, only its 0."""
    nothing = cnncost.profile(cnncost.load_text("input: [3, 8, 8]\nname: n\nlayers: MaxPool2d(2)"))
    axes = bars.draw([nothing, cnncost.profile("lenet5"), cnncost.profile("vgg16")], Figure().subplots(1, 3))
    points, lines = (
        [found for found in axes[0].collections if isinstance(found, kind)]
        for kind in (PathCollection, LineCollection)
    )
    assert len(points[0].get_offsets().tolist()) == 2
    assert len(lines[0].get_segments()) == 2
    assert [text.get_text() for text in axes[0].texts] == ["138 M", "61.7 k", "0"]


@pytest.mark.parametrize("count", [1, 2, 40])
def test_bars_of_any_number(count: int, deep: str) -> None:
    """One network or forty, with long names among them."""
    names = [name for name, _ in index()][3::7][: count - 1]
    figure = chart("bars", *names, deep, theme=THEMES["dark"])
    assert len(labels(figure.axes[0])) == count
    assert legible(figure)


def test_bars_without_names_shows_the_catalogue() -> None:
    """Every network of the catalogue has its row."""
    figure = chart("bars")
    count = len(list(index()))
    assert len(labels(figure.axes[0])) == count
    assert f"{count} networks by params" in words(figure)


# scaling


CONV = "name: conv\nparams: {width: 8}\ninput: [3, 32, 32]\nlayers: Conv2d(width, 3, padding=1)\n"


@pytest.fixture
def conv(tmp_path: Path) -> str:
    """A spec of one convolution, whose costs follow laws."""
    path = tmp_path / "conv.yaml"
    path.write_text(CONV, encoding="utf-8")
    return str(path)


def test_scaling_draws_what_the_profiles_say() -> None:
    """Each point is what the network costs at that input, and the name is at the line's end."""
    figure = chart("scaling", "resnet50", "alexnet", over="input=128,160,224")
    axes = figure.axes[0]
    for line, name in zip(axes.lines, ("resnet50", "alexnet"), strict=True):
        profiles = [cnncost.profile(name, input=(3, size, size)) for size in (128, 160, 224)]
        assert list(line.get_xdata()) == [128, 160, 224]
        assert list(line.get_ydata()) == [p.totals.macs / 10**9 for p in profiles]
    assert axes.get_xlabel() == "input size (pixels)"
    assert axes.get_ylabel() == "multiply-adds (G)"
    assert [text.get_text() for text in axes.texts] == ["resnet50  ∝ input²", "alexnet  ∝ input²·²⁴"]
    assert legible(figure)


def test_scaling_over_a_param() -> None:
    """Any param of the spec can vary."""
    figure = chart("scaling", "mobilenet_v2", over="alpha=0.5,1,1.4", quantity="params")
    (line,) = figure.axes[0].lines
    found = [
        cnncost.profile("mobilenet_v2", params={"alpha": alpha}).totals.params for alpha in (0.5, 1, 1.4)
    ]
    assert list(line.get_ydata()) == [value / 10**6 for value in found]
    assert figure.axes[0].get_xlabel() == "alpha"


def test_scaling_over_lists() -> None:
    """Values that are no numbers stand side by side, in the order in which they are given."""
    figure = chart("scaling", "resnet50", over="depths=[3,4,23,3],[3, 4, 6, 3]")
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["[3,4,23,3]", "[3, 4, 6, 3]"]
    found = [cnncost.profile(name).totals.macs / 10**9 for name in ("resnet101", "resnet50")]
    assert list(axes.lines[0].get_ydata()) == found


@pytest.mark.parametrize(
    ("names", "over", "quantity"),
    [
        (FIVE, "input=224,256,288", "macs"),
        (("mobilenet_v2", "vgg16"), "input=32:512:32", "memory"),
        (("resnet50",), "input=32:1024:8", "flops"),
        (
            (
                "resnet18",
                "resnet34",
                "resnet50",
                "resnet101",
                "resnet152",
                "vgg11",
                "vgg16",
                "vgg19",
                "nin",
                "squeezenet1_0",
                "densenet121",
                "densenet169",
                "mobilenet_v1",
                "mobilenet_v2",
                "squeezenet1_1",
            ),
            "input=64:256:64",
            "memory",
        ),
        (
            ("resnet50",),
            "depths=[1,1,1,1],[1,1,1,2],[1,1,2,1],[1,2,1,1],[2,1,1,1],[2,2,1,1],[2,2,2,1],[2,2,2,2]",
            "params",
        ),
    ],
)
def test_scaling_can_be_read(names: tuple[str, ...], over: str, quantity: str) -> None:
    """Names at the ends of lines keep apart, and ticks too."""
    figure = chart("scaling", *names, over=over, quantity=quantity)
    assert len(figure.axes[0].lines) == len(names)
    assert legible(figure)


def test_scaling_of_long_names(deep: str) -> None:
    """A long name leaves the lines their room."""
    figure = chart("scaling", deep, "resnet18", over="input=16,32,48")
    assert legible(figure)
    assert figure.axes[0].get_window_extent().width > 300


def test_scaling_says_what_is_left_out() -> None:
    """Values that do not fit are named with the reason; a network that none fits is left out."""
    request = Request(("alexnet", "resnet50"), cnncost.profile, over="input=8,16,32")
    drawn = figure("scaling", request)
    assert len(drawn.axes[0].lines) == 1
    assert request.notes == [
        "left out: alexnet at input=8: conv1: Conv2d(96, 11, stride=4) on 3×8×8: the output shrinks to nothing: a size of 8 becomes 0",
        "left out: alexnet at input=16: pool1: MaxPool2d(3, stride=2) on 96×2×2: the output shrinks to nothing: a size of 2 becomes 0",
        "left out: alexnet at input=32: pool2: MaxPool2d(3, stride=2) on 256×2×2: the output shrinks to nothing: a size of 2 becomes 0",
    ]


def test_scaling_takes_the_options_of_a_profile(tmp_path: Path, conv: str) -> None:
    """--set, --input, --batch and --convention hold for every point."""
    path = tmp_path / "chart.svg"
    arguments = [
        "--set",
        "width=16",
        "--input",
        "5x8x8",
        "--batch",
        "2",
        "--convention",
        "macs",
        "-Q",
        "flops",
    ]
    result = command_line("chart", "scaling", conv, "--over", "input=8,16", *arguments, "-o", str(path))
    assert (result.code, result.out, result.err) == (0, "", "")
    assert is_picture(path)
    curve = sweep(
        conv, parse_over("input=8,16"), params={"width": 16}, input=(5, 8, 8), batch=2, convention="macs"
    )
    assert [point.totals.flops for point in curve.points] == [2 * 9 * 5 * 16 * size**2 for size in (8, 16)]


def test_scaling_reads_standard_input(tmp_path: Path) -> None:
    """A spec that is piped in is read once for all values."""
    path = tmp_path / "chart.png"
    result = command_line("chart", "scaling", "-", "--over", "width=8:64:8", "-o", str(path), stdin=CONV)
    assert (result.code, result.err) == (0, "")
    assert is_picture(path)


# Sweeps


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("input=128,160", ["128", "160"]),
        ("input = 224, 32 ,32.0", ["32.0", "224"]),
        ("input=128:256:64", ["128", "192", "256"]),
        ("input=1:3", ["1", "2", "3"]),
        ("width=0.25:1:0.25", ["0.25", "0.5", "0.75", "1"]),
        ("width=1/4,2**1", ["1/4", "2**1"]),
        ("depths=[2,2],[3,4,6]", ["[2,2]", "[3,4,6]"]),
        ("size=(1, 2),(3, 4)", ["(1, 2)", "(3, 4)"]),
        ("block=basic,bottleneck", ["basic", "bottleneck"]),
    ],
)
def test_what_a_sweep_varies(text: str, values: list[str]) -> None:
    """Lists, ranges with both ends, and whatever the spec's notation has; numbers are put in order, each once."""
    over = parse_over(text)
    assert over.param == text.partition("=")[0].strip()
    assert [value.text for value in over.values] == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("input", "--over input: write --over input=128,160,192, or a param of the spec"),
        ("=1,2", "--over =1,2: write --over input=128,160,192, or a param of the spec"),
        ("input=1:1000", "--over input=1:1000: takes 2 to 200 values, got 1000"),
        ("input=224:32:8", "--over input=224:32:8: a range goes up, first:last:step with a step above 0"),
        ("input=32:224:0", "--over input=32:224:0: a range goes up, first:last:step with a step above 0"),
        (
            "input=1,,2",
            "--over input:1:3: `1,,2` is not a call, a chain or a value: invalid syntax\n  1 | 1,,2\n    |   ^",
        ),
        ("input=", "--over input:1:1: nothing is written here: write a layer or a value"),
    ],
)
def test_what_no_sweep_varies(text: str, message: str) -> None:
    """Each mistake has its line."""
    with pytest.raises(CnncostError) as raised:
        parse_over(text)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["resnet50"], "chart scaling: give what varies: --over input=128,160,192,224"),
        (
            ["resnet50", "--over", "inptu=1,2"],
            "--over inptu: resnet has no param `inptu`; did you mean input?",
        ),
        (
            ["resnet50", "--over", "dephts=1,2"],
            "--over dephts: resnet has no param `dephts`; did you mean depths?",
        ),
        (["lenet5", "--over", "qqq=1,2"], "--over qqq: lenet5 has no param `qqq`; it has input, {params}"),
        (
            ["resnet50", "--over", "input=8.5,9"],
            "--over input: a size is a whole number from 1 to 1000000000, got 8.5",
        ),
        (
            ["resnet50", "--over", "input=a,b"],
            "--over input: a size is a whole number from 1 to 1000000000, got a",
        ),
        (
            ["resnet50", "--over", "input=8,16", "-Q", "parms"],
            "--quantity parms: not in this chart; did you mean params?",
        ),
        (["vgg61", "--over", "input=8,16"], "no network `vgg61`; did you mean vgg19?"),
        (
            ["vgg16", "--over", "input=8,16", "-c", "mac"],
            "no convention `mac`; did you mean macs?; there are lecture, macs, flops, torch, fvcore, and the tools that `cnncost reconcile` lists",
        ),
        (
            ["alexnet", "--over", "input=8,16"],
            "--over input: no value fits alexnet: conv1: Conv2d(96, 11, stride=4) on 3×8×8: the output shrinks to nothing: a size of 8 becomes 0",
        ),
        ([], "chart scaling: takes one network or more, got 0"),
    ],
)
def test_wrong_requests(arguments: list[str], message: str) -> None:
    """Each has one line and exit code 2."""
    from cnncost.network.catalogue import read

    result = command_line("chart", "scaling", *arguments)
    message = message.format(params=", ".join(read("lenet5")[0].params))
    assert (result.code, result.out, result.err) == (2, "", f"cnncost: {message}\n")


def test_a_vector_has_no_size(tmp_path: Path) -> None:
    """An input without height and width cannot be resized."""
    path = tmp_path / "vector.yaml"
    path.write_text("name: vector\ninput: [784]\nlayers: Linear(10)\n", encoding="utf-8")
    with pytest.raises(CnncostError) as raised:
        sweep(path, parse_over("input=1,2"))
    assert str(raised.value) == "--over input: the input of vector is a vector, without height and width"


def test_a_sweep_is_profiles() -> None:
    """Its totals are those of the profile at each value, exactly."""
    curve = sweep("densenet121", parse_over("k=12:48:12"), convention="flops", batch=3, dtype="float16")
    assert [point.value.number for point in curve.points] == [12, 24, 36, 48]
    for point in curve.points:
        whole = cnncost.profile(
            "densenet121",
            params={"k": int(point.value.number or 0)},
            convention="flops",
            batch=3,
            dtype="float16",
        )
        assert point.totals == whole.totals
    assert (curve.network, curve.convention.name, curve.batch, curve.dtype) == (
        "densenet121",
        "flops",
        3,
        "float16",
    )


def test_a_sweep_leaves_out_side_heads_that_do_not_fit() -> None:
    """Trained, a network needs an input that its side heads fit too."""
    curve = sweep("inception_v3", parse_over("input=96,299"), train=True)
    assert [value.text for value, _ in curve.left_out] == ["96"]
    assert [point.value.text for point in sweep("inception_v3", parse_over("input=96,299")).points] == [
        "96",
        "299",
    ]


def test_laws_of_a_convolution(conv: str) -> None:
    """Multiply-adds grow with the square of the size and with the width; params do not with the size."""
    by_size, by_width = sweep(conv, parse_over("input=8:64:8")), sweep(conv, parse_over("width=8:64:8"))
    assert exponent(by_size, lambda totals: totals.macs) == pytest.approx(2, abs=1e-12)
    assert exponent(by_width, lambda totals: totals.macs) == pytest.approx(1, abs=1e-12)
    assert exponent(by_size, lambda totals: totals.params) == pytest.approx(0, abs=1e-12)


def test_where_no_law_holds(conv: str) -> None:
    """Two points are no law, nor values that are no numbers, nor a cost of nothing, nor points off the line."""
    assert exponent(sweep(conv, parse_over("input=8,16")), lambda totals: totals.macs) is None
    assert (
        exponent(
            sweep("resnet50", parse_over("depths=[1,1,1,1],[2,2,2,2],[3,3,3,3]")), lambda totals: totals.macs
        )
        is None
    )
    assert exponent(sweep(conv, parse_over("input=8,16,24")), lambda totals: totals.buffers) is None
    assert (
        exponent(sweep("mobilenet_v2", parse_over("alpha=0.25:1:0.25")), lambda totals: totals.params) is None
    )


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_names_keep_apart(wanted: list[float]) -> None:
    """They keep their order and a gap, within the chart where there is room; with room enough each stays."""
    gap = 0.05
    found = spaced_out(wanted, gap)
    order = sorted(range(len(wanted)), key=lambda at: wanted[at])
    steps = [found[b] - found[a] for a, b in pairwise(order)]
    assert all(step >= gap - 1e-9 for step in steps)
    assert min(found) >= -1e-9
    assert max(found) <= 1 + 1e-9
    near = [b - a for a, b in pairwise(sorted(wanted))]
    if all(step >= gap + 1e-9 for step in near):
        assert found == pytest.approx(wanted, abs=1e-9)


def test_values_are_fractions() -> None:
    """A value with a point is the number that is computed with."""
    assert [value.number for value in parse_over("width=0.5,3").values] == [Fraction(1, 2), Fraction(3)]


def test_draw_into_own_axes() -> None:
    """The library draws sweeps into a user's Axes."""
    over = parse_over("input=128,224")
    axes = scaling.draw([sweep("vgg16", over)], over, Figure().subplots(), "memory")
    assert axes.get_ylabel() == "memory of outputs (MB)"
