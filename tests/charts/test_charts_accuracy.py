"""The charts of accuracy: `bubble` and `depth`, how their labels are placed, and which errors they take."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import pi
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

import cnncost
from cnncost.charts import bubble
from cnncost.charts import depth as depth_chart
from cnncost.charts.placement import CLEAR, Disc, LabelBox, lines_cross, place_labels
from cnncost.charts.request import Request
from cnncost.comparison.accuracy import first_error, imagenet_error, imagenet_graph, lettered
from cnncost.comparison.tradeoff import Bubble, bubbles_of, group_of, pareto
from cnncost.errors import CnncostError
from cnncost.network.catalogue import chosen_specs, networks_of, read_family
from cnncost.published.winners import layers_of, winners
from cnncost.spec.reader import parse_spec
from tests.chart_checks import chart, cut, is_picture, overlapping, texts_of
from tests.command_line import cnncost as command_line

FIVE = ("alexnet-2012", "googlenet-torchvision", "resnet152", "densenet264", "vgg16")


def words(figure: Figure) -> list[str]:
    """The texts of a figure."""
    return [text.get_text() for text in texts_of(figure)]


# Which errors


def test_every_measured_fact_names_its_data_set() -> None:
    """Each network has its errors on the data that it was made for: no CIFAR error is shown as ImageNet's."""
    classes = {"ImageNet": {1000}, "CIFAR-10": {10}, "CIFAR-100": {100}, "MNIST": {10}}
    found = set()
    for spec in chosen_specs():
        for network in networks_of(spec):
            found_error = first_error(spec, network)
            if found_error is None or network == "vmoe_15b":
                continue
            graph = cnncost.load(network)
            assert graph.by_name[graph.output].out_shape[0] in classes[found_error.data_set], network
            found.add(found_error.data_set)
    assert found == set(classes)


def test_an_error_to_compare_by() -> None:
    """One look at an image comes before several, then the source that has most networks."""
    resnet = read_family("resnet")
    chosen = {
        n: imagenet_error(resnet, n) for n in ("resnet50", "resnet18", "resnet34-c", "resnet18-lecture")
    }
    shown = {n: one and (one.source, one.error) for n, one in chosen.items()}
    assert shown == {
        "resnet50": ("Hu 2018, table 2 (re-implementation)", Fraction("24.80")),
        "resnet18": ("torchvision", Fraction("30.242")),
        "resnet34-c": ("He 2016, table 3 (10 crops)", Fraction("24.19")),
        "resnet18-lecture": None,
    }
    assert imagenet_error(read_family("resnet_cifar"), "resnet20") is None
    top5 = imagenet_error(read_family("googlenet"), "googlenet", "top5")
    assert top5 is not None
    assert top5.error == Fraction("10.07")


def test_operations_are_those_of_the_tested_input() -> None:
    """A network that was tested on 512 pixels costs what it costs there."""
    (shown,), _ = bubbles_of(["coatnet_4"])
    tested = cnncost.profile("coatnet_4", input=(3, 512, 512)).totals
    assert (shown.macs, shown.params) == (tested.macs, tested.params)
    (plain,), _ = bubbles_of(["vgg16"])
    totals = cnncost.profile("vgg16").totals
    assert (plain.macs, plain.params, plain.accuracy) == (totals.macs, totals.params, Fraction("71.592"))


def test_letters_of_sources() -> None:
    """The source of most networks is `a`; behind `z` comes `aa`."""
    assert lettered(["x", "y", "y"]) == {"y": "a", "x": "b"}
    many = lettered(map(str, range(30)))
    assert list(many.values())[24:28] == ["y", "z", "aa", "ab"]


# bubble


def test_the_discs_are_the_networks() -> None:
    """Place by multiply-adds and accuracy, area by parameters, all on one scale."""
    bubbles, _ = bubbles_of(FIVE)
    (discs,) = [c for c in chart("bubble", *FIVE).axes[0].collections if isinstance(c, PathCollection)]
    places: Any = discs.get_offsets()
    sizes: Any = discs.get_sizes()
    pairs = zip(places, sizes, strict=True)
    drawn = {(round(float(x)), round(float(y), 3)): float(size) for (x, y), size in pairs}
    assert set(drawn) == {(one.macs, round(float(one.accuracy), 3)) for one in bubbles}
    per_param = {drawn[one.macs, round(float(one.accuracy), 3)] / one.params for one in bubbles}
    assert max(per_param) == pytest.approx(min(per_param))


def test_what_networks_are_made_of() -> None:
    """Groups are recognised by the layers: depthwise before added branches, attention before both."""
    names = [
        "vgg16",
        "googlenet",
        "resnet50",
        "mobilenet_v1",
        "convnext_tiny",
        "densenet121",
        "coatnet_0",
        "vit_b_16",
    ]
    groups = [group_of(cnncost.load(name)) for name in names]
    assert groups == [
        "plain",
        "concat",
        "residual",
        "depthwise",
        "depthwise",
        "concat",
        "attention",
        "attention",
    ]


@pytest.mark.parametrize(
    "names", [(), FIVE, ("vgg16",), ("inception_resnet_v2-slim", "mobilenet_v1_0.25", "vit_g_14")]
)
def test_no_label_of_a_bubble_chart_is_hidden(names: tuple[str, ...]) -> None:
    """Nothing overlaps or leaves the figure; named networks are all labelled."""
    figure = chart("bubble", *names)
    assert overlapping(figure) == []
    assert cut(figure) == []
    assert all(any(text.startswith(name) for text in words(figure)) for name in names)


def test_the_whole_catalogue() -> None:
    """Every network with an accuracy is drawn, the well-known have names; the sources are there on request."""
    bubbles, left_out = bubbles_of()
    with_error = [n for spec in chosen_specs() for n in networks_of(spec) if imagenet_error(spec, n)]
    assert [one.name for one in bubbles] == [name for name in with_error if name != "vmoe_15b"]
    assert left_out[0] == "left out: vmoe_15b has 29593 outputs, it was tested with ImageNet's 1000"
    figure = chart("bubble")
    shown = "\n".join(words(figure))
    sources = {one.source for one in bubbles}
    assert all(source in figure.description for source in sources)
    assert {"coatnet_7", "vgg16", "resnet50", "alexnet-2012"} <= set(words(figure))
    listed = " ".join("\n".join(words(chart("bubble", sources=True))).split())
    assert all(source in listed for source in sources)
    assert f"{len(bubbles)} networks" in shown


def test_the_front() -> None:
    """On it is whatever nothing beats, the cheapest first."""

    def one(name: str, macs: int, error: int) -> Bubble:
        return Bubble(name, "f", macs, 1, Fraction(error), "s", "plain")

    front = pareto([one("d", 9, 5), one("a", 1, 40), one("b", 2, 40), one("c", 3, 5), one("e", 3, 7)])
    assert [b.name for b in front] == ["a", "c"]


def test_sources_under_the_chart() -> None:
    """One source is named; several get letters, which follow the names."""
    assert "accuracy: torchvision" in words(chart("bubble", "vgg16", "resnet18"))
    shown = words(chart("bubble", "vgg16", "resnet18", "densenet264"))
    assert {"vgg16 (a)", "resnet18 (a)", "densenet264 (b)", "accuracy printed by"} <= set(shown)
    assert "a  torchvision\nb  Huang 2017, table 3" in shown


def test_areas_have_a_scale() -> None:
    """The legend's discs have the area of that many parameters."""
    bubbles, _ = bubbles_of(FIVE)
    per_param = bubble.area_per_param(bubbles)
    legend = chart("bubble", *FIVE).axes[0].get_legend()
    assert legend is not None
    sizes = [handle.get_markersize() for handle in legend.legend_handles]  # type: ignore[union-attr]
    assert [text.get_text() for text in legend.get_texts()] == ["1 M", "10 M", "100 M"]
    for size, params in zip(sizes, (10**6, 10**7, 10**8), strict=True):
        assert pi * (size / 2) ** 2 == pytest.approx(pi * per_param * params)


def test_a_network_of_a_file(tmp_path: Path) -> None:
    """A user's own spec is drawn by its own facts."""
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: mine\ninput: [3, 8, 8]\nlayers: Flatten >> Linear(1000)\nfacts: {Me: {mine: {top1_error: 40.5}}}\n"
    )
    (one,), left_out = bubbles_of([str(path), str(path)])
    assert (one.name, one.macs, one.error, left_out) == ("mine", 192000, Fraction("40.5"), [])


def test_draw_bubbles_into_an_axes() -> None:
    """The public function draws into a user's Axes."""
    axes = Figure(figsize=(7, 5)).add_subplot()
    bubbles, _ = bubbles_of(FIVE, "top5")
    assert bubble.draw(bubbles, axes, "top5") is axes
    assert axes.get_ylabel() == "top-5 accuracy on ImageNet (%)"


def test_bubbles_leave_a_figure_its_canvas() -> None:
    """A figure of a window keeps the canvas by which the window shows it."""
    figure = Figure(figsize=(7, 5))
    canvas = FigureCanvasSVG(figure)
    bubble.draw(bubbles_of(FIVE, "top5")[0], figure.add_subplot(), "top5")
    assert figure.canvas is canvas


def test_the_front_is_explained_where_there_is_one() -> None:
    """A legend has the line through the networks that nothing beats, unless one of them beats all others."""
    words = "no cheaper one is as accurate"
    for names, drawn in ((("vgg16", "resnet50"), False), (("efficientnet_b0", "efficientnet_b3"), True)):
        texts = [text.get_text() for text in texts_of(chart("bubble", *names))]
        assert (words in texts) == drawn


def test_bubble_on_the_command_line(tmp_path: Path) -> None:
    """A note says what is left out; the same bytes are written each time."""
    files = [tmp_path / "a.svg", tmp_path / "b.svg"]
    for file in files:
        result = command_line("chart", "bubble", "vgg16", "alexnet", "resnet20", "-o", str(file))
        assert (result.code, result.out) == (0, "")
        assert result.err == (
            "left out: resnet20 has no top-1 accuracy on ImageNet\n"
            "alexnet has no top-1 accuracy on ImageNet: its variant alexnet-2012 is shown\n"
        )
        assert is_picture(file)
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize(
    "arguments, error",
    [
        (
            ("bubble", "lenet5", "resnet20"),
            "chart bubble: no source prints a top-1 accuracy on ImageNet for lenet5 or resnet20",
        ),
        (("bubble", "vgg61"), "no network `vgg61`; did you mean vgg19?"),
        (("bubble", "-Q", "top6"), "--quantity top6: not in this chart; did you mean top5?"),
        (("depth", "lenet5"), "chart depth: no source prints a top-5 error on ImageNet for lenet5"),
    ],
)
def test_wrong_requests(arguments: tuple[str, ...], error: str, tmp_path: Path) -> None:
    """Exit code 2, one line and no file."""
    result = command_line("chart", *arguments, "-o", str(tmp_path / "x.png"))
    assert (result.code, result.out, result.err) == (2, "", f"cnncost: {error}\n")
    assert list(tmp_path.iterdir()) == []


# Labels


@given(
    st.lists(
        st.tuples(*[st.floats(0, 400)] * 2, st.floats(1, 40), st.floats(20, 120), st.booleans()),
        min_size=1,
        max_size=25,
    )
)
@settings(max_examples=60, deadline=None)
def test_labels_never_collide(made: list[tuple[float, float, float, float, bool]]) -> None:
    """Whatever the discs: boxes are apart and inside, no line runs through a box or crosses another."""
    frame = LabelBox(0, 0, 400, 400)
    discs = [Disc(x, y, r, w, 9.0, needed) for x, y, r, w, needed in made]
    spots = place_labels(discs, frame)
    assert spots == place_labels(discs, frame)
    placed = [spot for spot in spots if spot]
    assert all(spot.box.inside(frame) for spot in placed)
    for one, other in combinations(placed, 2):
        assert not one.box.overlaps(other.box)
        if one.leader:
            assert not other.box.crossed(one.leader)
        if other.leader:
            assert not one.box.crossed(other.leader)
        if one.leader and other.leader:
            assert not lines_cross(one.leader, other.leader)
    for spot, disc in zip(spots, discs, strict=True):
        if spot:
            assert all(o is disc or spot.box.distance(o.x, o.y) >= min(o.radius, CLEAR) for o in discs)
            assert disc.needed or not spot.leader


def test_a_label_stands_right_of_a_disc_that_is_alone() -> None:
    """The first place is on the right, centred; at the right edge it is another."""
    (spot,) = place_labels([Disc(50, 50, 5, 30, 10)], LabelBox(0, 0, 200, 100))
    assert spot is not None
    assert (spot.box, spot.leader) == (LabelBox(57, 45, 30, 10), None)
    (spot,) = place_labels([Disc(195, 50, 5, 30, 10)], LabelBox(0, 0, 200, 100))
    assert spot is not None
    assert spot.box.right <= 200


def test_a_needed_label_has_a_line_where_there_is_no_room() -> None:
    """Among many discs the needed one gets a line, another none at all."""
    crowd = [Disc(100 + 6 * i, 100 + 6 * j, 4, 40, 8, needed=False) for i in range(7) for j in range(7)]
    needed = Disc(118, 118, 4, 40, 8)
    first, *others = place_labels([needed, *crowd], LabelBox(0, 0, 300, 300))
    assert first is not None
    assert first.leader is not None
    assert first.leader[0] == (118, 118)
    assert None in others
    assert place_labels([Disc(5, 5, 2, 40, 8)], LabelBox(0, 0, 20, 20)) == [None]


def test_boxes_and_lines() -> None:
    """A line crosses a box that it passes, not one that it touches or misses."""
    box = LabelBox(10, 10, 20, 10)
    assert box.crossed(((0, 15), (50, 15)))
    assert box.crossed(((20, 0), (20, 30)))
    assert not box.crossed(((0, 25), (50, 25)))
    assert not box.crossed(((0, 15), (10, 15)))
    assert not box.crossed(((5, 0), (5, 30)))
    assert lines_cross(((0, 0), (10, 10)), ((0, 10), (10, 0)))
    assert not lines_cross(((0, 0), (10, 10)), ((20, 0), (20, 10)))


# depth


def test_winners_have_the_depth_of_their_networks() -> None:
    """The layers are those of the catalogue's networks; entries without one carry what is printed."""
    found = [(one.year, one.name, one.layers, float(one.error)) for one in winners()]
    assert found == [
        (2010, "NEC-UIUC", "shallow", 28.2),
        (2011, "XRCE", "shallow", 25.8),
        (2012, "AlexNet", layers_of("alexnet-2012"), 16.4),
        (2013, "Clarifai (ZFNet)", layers_of("zfnet"), 11.7),
        (2014, "VGG", layers_of("vgg19"), 7.3),
        (2014, "GoogLeNet", layers_of("googlenet"), 6.67),
        (2015, "ResNet", layers_of("resnet152"), 3.57),
        (2016, "Trimps-Soushen", "", 2.99),
        (2017, "SENet", 154, 2.251),
        (None, "human", "", 5.1),
    ]
    assert [one[2] for one in found[2:7]] == [8, 8, 19, 22, 152]


def test_the_revolution_of_depth() -> None:
    """Bars are as high as errors and layers; the sources and a person's error are named."""
    figure = chart("depth")
    above, below = figure.axes
    shown = winners()[:-1]
    assert [bar.get_height() for bar in above.patches] == [float(one.error) for one in shown]  # type: ignore[attr-defined]
    layers = [one.layers if isinstance(one.layers, int) else 0 for one in shown]
    assert [bar.get_height() for bar in below.patches] == layers  # type: ignore[attr-defined]
    assert {"28.2", "3.57", "152", "shallow", "several\nnetworks"} <= set(words(figure))
    assert any(text.startswith("human 5.1") for text in words(figure))
    key = figure.get_supxlabel().replace("\n", " ")
    assert all(one.source in key for one in shown)


@pytest.mark.parametrize(
    "names", [(), FIVE, ("resnet152",), ("inception_resnet_v2-slim", "vit_b_16", "googlenet")]
)
def test_no_text_of_a_depth_chart_is_hidden(names: tuple[str, ...]) -> None:
    """Nothing overlaps or leaves the figure, for long names too."""
    figure = chart("depth", *names)
    assert overlapping(figure) == []
    assert cut(figure) == []


def test_depth_of_named_networks() -> None:
    """Networks of the catalogue by year, then depth, each with its top-5 error and its source."""
    entries, left_out = depth_chart.entries_of(
        ["resnet152", "resnet18", "alexnet-2012", "lenet5", "resnet18"]
    )
    assert [(one.year, one.name, one.layers, float(one.error)) for one in entries] == [
        (2012, "alexnet-2012", 8, 18.2),
        (2016, "resnet18", 18, 10.922),
        (2016, "resnet152", 152, 6.34),
    ]
    assert left_out == ["left out: lenet5 has no top-5 error on ImageNet"]
    request = Request(("vgg16", "lenet5"), cnncost.profile)
    depth_chart.figure(request)
    assert request.notes == left_out


def test_a_network_without_a_year(tmp_path: Path) -> None:
    """Without a year it has no place in the chart."""
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\ninput: [8]\nlayers: Linear(1000)\nfacts: {Me: {mine: {top5_error: 9}}}\n")
    assert depth_chart.entries_of([str(path)]) == ([], ["left out: mine has no year"])


def test_a_network_with_other_classes_is_left_out() -> None:
    """An error on ImageNet needs its classes."""
    text = "name: mine\ninput: [8]\nlayers: Linear(10)\nfacts: {Me: {mine: {top1_error: 9}}}\n"
    measured = imagenet_error(parse_spec(text, "mine.yaml"), "mine")
    assert measured is not None
    with pytest.raises(CnncostError, match="mine has 10 outputs, it was tested with ImageNet's 1000"):
        imagenet_graph(measured)


def test_a_single_bubble_has_axes_that_can_be_read() -> None:
    """One network, or two equal ones, are in the middle of a decade and of some percent."""
    (axes, *_) = chart("bubble", "densenet121").axes
    low, high = axes.get_xlim()
    assert high / low >= 10
    assert axes.get_ylim()[1] - axes.get_ylim()[0] >= 5
    assert low < cnncost.profile("densenet121", convention="macs").totals.macs < high
