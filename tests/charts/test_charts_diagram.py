"""The diagram of an architecture: what is folded, what is opened, what is drawn, and that it can be read."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Polygon

import cnncost
from cnncost.charts import diagram
from cnncost.charts.architecture import Box, Drawing, Prism, Way, Word, page_of
from cnncost.charts.architecture.blocks import DrawnBlock, DrawnColumn
from cnncost.charts.architecture.layer_words import layer_words
from cnncost.charts.architecture.layered import lay_out
from cnncost.charts.architecture.opened import OpenedBlock
from cnncost.charts.placement import spaced
from cnncost.charts.theme import THEMES
from cnncost.count.profile import Totals
from cnncost.errors import NameUnknown
from cnncost.layers.conv import Conv2d
from cnncost.network.graph_builder import layer_of
from tests.chart_checks import chart, cut, is_picture, overlapping, profiled, texts_of
from tests.command_line import cnncost as run
from tests.walk import SOME

SHOWN = (
    "lenet5",
    "alexnet",
    "vgg16",
    "googlenet",
    "resnet18",
    "resnet152",
    "densenet264",
    "mobilenet_v1",
    "unet",
    "nasnet_a_mobile",
    "vit_b_16",
    "mlp",
)


def page(name: str, layer: str | None = None, depth: int | None = None) -> Drawing:
    """The layout of a network's diagram."""
    return page_of(profiled(name), layer=layer, depth=depth)


def words(shown: Drawing) -> list[str]:
    """The texts of a page."""
    return [word.text for word in shown.of(Word)]


def patches(figure: Figure, gid: str) -> list[object]:
    """What is drawn under a name: maps, layers, edges, skips."""
    return [patch for patch in figure.axes[0].patches if patch.get_gid() == gid]


def hidden(profile: cnncost.Profile, shown: Drawing) -> list[str]:
    """The layers with weights and the strides of convolutions that a drawing's own description does not have."""
    said: Counter[str] = Counter()
    for line in shown.words_of_parts:
        if " params: " in line and not line.endswith("no layer with weights"):
            for text in line.partition(" params: ")[2].split("; "):
                kind, _, count = text.partition(" ×")
                said[re.sub(r"(?<=[, ])\d+(–\d+)?(?=$|,)", "N", kind)] += int(count or 1)
    there: Counter[str] = Counter()
    for cost in profile.costs:
        if not cost.node.aux and (cost.params or isinstance(cost.node.layer, Conv2d)):
            there[re.sub(r"(?<=[, ])\d+(?=$|,)", "N", layer_words(cost.node.layer))] += 1
    return sorted((there - said).elements())


def test_a_hidden_stride_is_found() -> None:
    """The check can fail: a stride, a count or a layer that the description loses is named."""
    shown = page("resnet18")
    at = next(i for i, line in enumerate(shown.words_of_parts) if line.startswith("conv3_x"))
    assert "3×3, 128, /2" in shown.words_of_parts[at]
    shown.words_of_parts[at] = shown.words_of_parts[at].replace(", /2", "").replace("BN ×5", "BN ×4")
    assert hidden(profiled("resnet18"), shown) == ["1×1, N, /2", "3×3, N, /2", "BN"]


@pytest.mark.parametrize("name", SOME)
def test_any_network_has_a_page(name: str) -> None:
    """Each stage is in one column, the columns add up to the totals, and layers without a place are left out."""
    profile = profiled(name)
    shown = page_of(profile)
    assert hidden(profile, shown) == []
    units = [unit.number for column in shown.columns for unit in column.units]
    costs = [cost for column in shown.columns for unit in column.units for cost in unit.costs]
    assert sorted(units) == list(range(len(units)))
    assert sum((column.totals for column in shown.columns), Totals()) == profile.totals
    assert {cost.node.stage for cost in costs} >= set(profile.stages)
    assert all(0 < w.x < shown.width and 0 < w.y < shown.height for w in shown.of(Word))
    assert min(w.size for w in shown.of(Word)) >= 6


@pytest.mark.parametrize("name", SHOWN)
def test_texts_neither_overlap_nor_leave_the_figure(name: str) -> None:
    """What a lecturer shows can be read."""
    made = chart("diagram", name)
    assert overlapping(made) == []
    assert cut(made) == []


@pytest.mark.parametrize(
    ("name", "layer", "depth"),
    [
        ("googlenet", "inception3a", None),
        ("googlenet", None, 0),
        ("resnet152", "conv4_x", None),
        ("resnet50", None, 2),
        ("nasnet_a_mobile", "reduction1", None),
        ("unet", "up4", None),
        ("inception_v3", None, None),
        ("vmoe_15b", None, None),
        ("resnet110-stochastic_depth", None, 0),
    ],
)
def test_opened_drawings_can_be_read(name: str, layer: str | None, depth: int | None) -> None:
    """So can a stage that is opened, every layer in a column, and what takes several lines."""
    made = chart("diagram", name, layer=layer, depth=depth)
    assert overlapping(made) == []
    assert cut(made) == []


@pytest.mark.parametrize("name", SHOWN)
def test_a_slide_holds_it(name: str) -> None:
    """By default a network is drawn in landscape, about 16 to 9, in one line of at most 19 columns."""
    shown = page(name)
    assert 1.6 <= shown.width / shown.height <= 2.4
    assert len(shown.columns) <= (18 if name == "unet" else 15)
    assert words(shown).count("output") <= (2 if name in ("mlp", "lenet5") else 1)


def test_each_stage_of_a_plain_network_is_a_box() -> None:
    """AlexNet: a map for the input and each of its twelve stages, named, with output and params, in a row of arrows."""
    made = chart("diagram", "alexnet")
    profile = cnncost.profile("alexnet")
    texts = [text.get_text() for text in texts_of(made)]
    assert len(patches(made, "map")) == 1 + len(profile.stages)
    assert len(patches(made, "edge")) == len(profile.stages)
    assert not patches(made, "skip")
    for stage in profile.stages:
        assert texts.count(stage) == 1
    for text in ("96×55×55", "34.9 k", "11×11, 96, /4", "256×6×6", "37.8 M", "linear 4096"):
        assert text in texts


def test_maps_are_to_scale() -> None:
    """Heights go as the square root of H, thickness as that of C, vectors as that of F; the legend says so."""
    prisms = page("vgg16").of(Prism)
    entrance, first, pool = prisms[:3]
    assert entrance.height == first.height
    assert first.height / pool.height == pytest.approx((224 / 112) ** 0.5)
    assert prisms[3].width / first.width == pytest.approx((128 / 64) ** 0.5)
    fc6, fc8 = prisms[-3], prisms[-1]
    assert fc6.height / fc8.height == pytest.approx((4096 / 1000) ** 0.5)
    texts = [text.get_text() for text in texts_of(chart("diagram", "vgg16"))]
    assert any("height √H, depth √W, thickness √C" in text for text in texts)


def test_equal_blocks_fold_and_one_is_opened() -> None:
    """ResNet-152: conv4_x is one box ×36; below it a block of 35 and the one that projects."""
    shown = page("resnet152")
    texts = words(shown)
    assert [texts.count(f"×{n}") for n in (3, 8, 36)] == [2, 1, 1]
    counts = {column.blocks[0].name: len(column.repeated) for column in shown.columns}
    assert counts["conv4_x"] == 36
    assert counts["maxpool"] == 1
    assert [cell.block.name for cell in shown.opened] == ["conv4_x.1", "conv4_x.0"]
    assert "35 of 36 blocks, with other widths in conv2_x, conv3_x, conv5_x" in texts
    assert [len(cell.items) for cell in shown.opened] == [
        4,
        5,
    ]  # three layers and the sum; and the projection


def test_a_shortcut_is_a_line_past_the_layers() -> None:
    """A bottleneck: input, three layers, sum, output in a row, and a line from the input to the sum."""
    (cell, _) = page("resnet50").opened
    assert sorted(cell.layout.ways) == [(0, 1), (0, 4), (1, 2), (2, 3), (3, 4), (4, 5)]
    heights = [round(y, 3) for _, y in cell.layout.centres]
    assert max(heights) - min(heights) < 0.05  # the main line is straight
    assert max(y for _, y in cell.layout.ways[0, 4]) > max(heights) + 0.15


def lanes(cell: OpenedBlock) -> list[list[str]]:
    """What each branch of a block with one input and one merge at its end does."""
    after = {}
    for a, b in cell.layout.ways:
        after.setdefault(a, []).append(b)
    found = []
    for first in after[0]:
        lane = [first]
        while cell.items[lane[-1] - 1].lines[0] != "concat":
            lane.append(after[lane[-1]][0])
        found.append([cell.items[i - 1].lines[0] for i in lane])
    return found


def test_all_branches_of_an_inception_block_stand_side_by_side() -> None:
    """Inception 3a opened: four lanes with their layers, and the merge."""
    (cell,) = page("googlenet", layer="inception3a").opened
    assert lanes(cell) == [
        ["1×1, 64", "concat"],
        ["1×1, 96", "3×3, 128", "concat"],
        ["1×1, 16", "5×5, 32", "concat"],
        ["max 3×3", "1×1, 32", "concat"],
    ]
    firsts = [cell.layout.centres[b] for a, b in cell.layout.ways if a == 0]
    assert len({round(x, 6) for x, _ in firsts}) == 1
    assert all(b[1] - a[1] > 0.3 for a, b in pairwise(sorted(firsts, key=lambda p: p[1])))
    made = chart("diagram", "googlenet", layer="inception3a")
    assert len(patches(made, "layer")) == 8
    assert len(patches(made, "edge")) == 12
    assert "192×28×28" in " ".join(text.get_text() for text in texts_of(made))


def test_designs_that_differ_in_widths_share_a_column_where_there_are_many() -> None:
    """GoogLeNet's nine inception blocks are three columns; its side heads leave the column that they hang on."""
    shown = page("googlenet")
    texts = words(shown)
    assert [len(c.repeated) for c in shown.columns if len(c.repeated) > 1] == [2, 5, 2]
    assert {"3a–3b", "4a–4e", "5a–5b"} <= set(texts)
    assert "aux1, aux2: training only" in texts
    assert len([way for way in shown.of(Way) if way.faint]) == 1


def test_long_skips_of_a_u_net_are_level() -> None:
    """U-Net: four lines from the way down to the way up, each level, the longest on top."""
    skips = [way for way in page("unet").of(Way) if way.skip]
    assert len(skips) == 4
    assert all(way.points[0][1] == pytest.approx(way.points[-1][1]) for way in skips)
    by_height = sorted(skips, key=lambda way: way.points[0][1])
    lengths = [way.points[-1][0] - way.points[0][0] for way in by_height]
    assert lengths == sorted(lengths, reverse=True)
    assert len(patches(chart("diagram", "unet"), "skip")) == 4


def test_cells_with_two_inputs_have_lines_past_their_neighbours() -> None:
    """NASNet: each cell also sees the one before the last, and no two such lines run into one another."""
    shown = page("nasnet_a_mobile")
    skips = [way for way in shown.of(Way) if way.skip]
    assert len(skips) == 7
    level = {}
    for way in skips:
        level.setdefault(way.points[1][1], []).append((way.points[1][0], way.points[2][0]))
    for spans in level.values():
        assert all(a[1] <= b[0] for a, b in pairwise(sorted(spans)))
    (cell,) = shown.opened
    assert cell.inputs == ("normal1_1", "stem2")
    assert sum(item.lines[0] == "+" for item in cell.items) == 5


def test_dense_attention_and_separable_blocks_say_what_they_do() -> None:
    """DenseNet's new maps next to the old, ViT's encoder with its heads, MobileNet's depthwise layers."""
    (dense,) = page("densenet121").opened
    assert [item.lines[0] for item in dense.items] == [
        "BN, ReLU",
        "1×1, 128",
        "BN, ReLU",
        "3×3, 32",
        "concat",
    ]
    shown = page("vit_b_16")
    assert "×12" in words(shown)
    assert [item.lines[0] for item in shown.opened[0].items].count("attention, 12 heads") == 1
    texts = words(page("mobilenet_v1"))
    assert texts.count("3×3 dw, /2") == 4
    assert "×6" in texts


@pytest.mark.parametrize(
    ("layer", "word"),
    [
        ("LSTM(20)", "LSTM 20"),
        ("TransformerEncoderLayer(4)", "encoder, 4 heads"),
        ("TransformerDecoderLayer(8)", "decoder, 8 heads"),
        ("DeformConv2d(64, 3)", "deform 3×3, 64"),
        ("MaxUnpool2d(2)", "unpool 2×2"),
        ("FractionalMaxPool2d(2, output_ratio=0.7)", "max 2×2"),
        ("LPPool2d(2, 3, 2)", "LP 3×3, /2"),
    ],
)
def test_layers_of_sequences_and_of_several_inputs_have_words(layer: str, word: str) -> None:
    """As the diagram shows them below a column and in an opened block."""
    made, _ = layer_of("one", layer, (8, 16, 16))
    assert layer_words(made) == word


def test_names_of_what_shares_a_column() -> None:
    """A range counts from the first to the last; names that share only one letter are written in full."""
    for first, last, said in (
        ("inception4a", "inception4e", "inception4a–4e"),
        ("conv3_1", "conv3_3", "conv3_1–3_3"),
        ("Mixed_5b", "Mixed_5d", "Mixed_5b–5d"),
        ("conv4_x.1", "conv4_x.35", "conv4_x.1–35"),
        ("stem1.old", "stem1.add2", "stem1.old–add2"),
        ("flatten", "fc", "flatten–fc"),
    ):
        blocks = [DrawnBlock(name, ()) for name in (first, last)]
        assert DrawnColumn(tuple(blocks)).name == said


def test_boxes_of_an_opened_block_do_not_overlap() -> None:
    """Of any block that a default page opens."""
    for name in (*SHOWN, "inception_v3", "fractalnet", "pnasnet_5_large", "swin_t", "maxvit_t"):
        boxes = [box for box in page(name).of(Box) if box.family]
        for i, a in enumerate(boxes):
            for b in boxes[i + 1 :]:
                apart = a.x + a.width <= b.x + 1e-9 or b.x + b.width <= a.x + 1e-9
                assert apart or a.y + a.height <= b.y + 1e-9 or b.y + b.height <= a.y + 1e-9


def test_depth_opens_the_stages() -> None:
    """With --depth 2 the blocks of a stage are columns, with --depth 0 the layers."""
    assert len(page("resnet18").columns) == 9
    names = [block.name for column in page("resnet18", depth=2).columns for block in column.blocks]
    assert "conv3_x.0" in names
    assert "conv3_x.1" in names
    assert len(page("unet", depth=0).columns) > len(page("unet").columns)


def test_an_svg_is_xml(tmp_path: Path) -> None:
    """The command writes a picture that any reader of XML can read."""
    path = tmp_path / "one.svg"
    result = run("chart", "diagram", "lenet5", "-o", str(path))
    assert (result.code, result.out, result.err) == (0, "", "")
    assert is_picture(path)
    assert ET.parse(path).getroot().tag.endswith("svg")


def test_unknown_layer(tmp_path: Path) -> None:
    """A layer that the network does not have is one line, with the nearest."""
    result = run("chart", "diagram", "googlenet", "--layer", "inception3", "-o", str(tmp_path / "x.svg"))
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("cnncost: googlenet has no layer `inception3`; did you mean inception3")
    assert not list(tmp_path.iterdir())
    with pytest.raises(NameUnknown, match="has no layer `nothing`"):
        page("alexnet", layer="nothing")


LONG_NAME = "a_stage_with_a_name_that_nobody_can_read_in_a_column_of_a_slide"


@pytest.mark.parametrize(
    "layers",
    [
        ["Identity"],
        ["Dropout", "Flatten"],
        ["Linear(10)"],
        [f"{LONG_NAME}: Conv2d(8, 3, padding=1)", f"{LONG_NAME}2: 3 * Conv2d(8, 3, padding=1)"],
        [f"l{i}: Conv2d({8 + i % 7}, {1 + 2 * (i % 3)}, padding={i % 3})" for i in range(1000)],
        ["add: {a: 'Conv2d(8, 1)', b: 'Conv2d(8, 1)'}", "concat: {c: ReLU, d: ref(a), e: ref(b)}"],
    ],
    ids=["nothing", "passing", "linear", "long names", "1000 layers", "branches"],
)
def test_strange_networks(tmp_path: Path, layers: list[str]) -> None:
    """Whatever can be profiled can be drawn."""
    spec = tmp_path / "net.yaml"
    items = "".join(f"  - {line}\n" for line in layers)
    spec.write_text(f"name: net\ninput: [3, 16, 16]\nlayers:\n{items}", encoding="utf-8")
    made = chart("diagram", str(spec))
    assert overlapping(made) == []
    assert cut(made) == []
    assert patches(made, "map")


def test_draw_into_axes() -> None:
    """The same as a function of Axes, which it returns, with boxes, lines and texts in it."""
    figure = Figure(figsize=(12, 7))
    axes = figure.add_axes((0, 0, 1, 1))
    assert diagram.draw(cnncost.profile("resnet50"), axes, theme=THEMES["dark"]) is axes
    for kind in (Polygon, FancyBboxPatch, FancyArrowPatch):
        assert any(isinstance(patch, kind) for patch in axes.patches)
    assert "×6" in [text.get_text() for text in axes.texts]


def test_spacing_keeps_order_and_room() -> None:
    """Places that are wanted stay where there is room, and part around their middle where there is none."""
    assert spaced([0.0, 5.0], [1.0, 1.0], [1.0]) == [0.0, 5.0]
    assert spaced([2.0, 2.0, 2.0], [1.0, 1.0, 1.0], [1.0, 1.0]) == [1.0, 2.0, 3.0]
    assert spaced([1.0, 0.0], [3.0, 1.0], [1.0]) == [0.5, 1.5]


def test_a_long_edge_passes_between_boxes() -> None:
    """An edge over a rank keeps clear of the box in it."""
    found = lay_out(
        [(1, 0.5, 0.5), (1, 0.5, 0.5), (1, 0.5, 0.5)], [(0, 1), (1, 2), (0, 2)], [0, 1, 2], (0.5, 0.2)
    )
    box, (_, *passing, _) = found.centres[1], found.ways[0, 2]
    assert all(abs(y - box[1]) >= 0.5 + 0.2 - 1e-6 for _, y in passing)
    assert (found.width, round(found.height, 6)) == (4.0, 1.2)
