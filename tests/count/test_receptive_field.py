"""Receptive fields: the numbers of the literature, and every interior output against a gradient."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import cnncost
from cnncost import Graph, SpecError
from cnncost.count.profile import profile_graph
from cnncost.count.receptive_field import START, AxisField, Effort, receptive_fields, through
from cnncost.dims import Shape
from cnncost.layers.window import Window
from cnncost.network.catalogue import layer_graph
from tests.gradients import (
    around_the_middle,
    check_fields,
    clipped,
    interior,
    positive,
    seen,
    thin,
)
from tests.walk import FAMILIES, INPUTS, LARGE, some_of

pytestmark = pytest.mark.filterwarnings(
    # torch tells what 'same' padding with an even kernel costs it; the sizes are right
    "ignore:Using padding='same' with even kernel lengths:UserWarning"
)

# The numbers of the literature


def spatial_sizes(name: str) -> list[tuple[int, int]]:
    """The fields of a network's convolutions and pools, in order."""
    profile = cnncost.profile(name)
    costs = [cost for cost in profile.costs if cost.type in ("Conv2d", "MaxPool2d")]
    return [(h.size, w.size) for cost in costs for h, w in [cost.receptive_field]]


def both(*sizes: int) -> list[tuple[int, int]]:
    """Square fields."""
    return [(n, n) for n in sizes]


def test_alexnet() -> None:
    """Its eight spatial layers."""
    assert spatial_sizes("alexnet") == both(11, 19, 51, 67, 99, 131, 163, 195)


def test_vgg16() -> None:
    """Its thirteen convolutions and five pools."""
    assert spatial_sizes("vgg16") == both(
        3, 5, 6, 10, 14, 16, 24, 32, 40, 44, 60, 76, 92, 100, 132, 164, 196, 212
    )


def test_where_alexnets_first_output_looks() -> None:
    """By hand: conv1 has no padding; conv2's padding 2 on a jump of 8 begins 16 before the input."""
    profile = cnncost.profile("alexnet")
    for name, first, jump in (("conv1", 0, 4), ("pool1", 0, 8), ("conv2", -16, 8), ("pool2", -16, 16)):
        (field, _) = profile[name].receptive_field
        assert (field.first, field.jump, field.shift) == ((first,), jump, jump)
    assert profile["conv1"].receptive_field[0].interval(54) == (216, 226)


def last_field(call: str, shape: Shape) -> list[tuple[int, int, int]]:
    """What the first output of a chain sees along each axis, and its jump."""
    graph = layer_graph(call, shape)
    field = receptive_fields(graph)[graph.output]
    assert field is not None
    return [(*axis.interval(0), axis.jump) for axis in field]


def test_channels_last_see_what_channels_first_see() -> None:
    """A permutation takes the fields along: ConvNeXt's linear layers are convolutions of kernel 1."""
    conv, pool = "Conv2d(4, (7, 5), padding=3) >> ", " >> MaxPool2d(2)"
    first = "LayerNorm2d >> Conv2d(8, 1) >> GELU >> Conv2d(4, 1)"
    last = "Permute((0, 2, 3, 1)) >> LayerNorm >> Linear(8) >> GELU >> Linear(4)"
    there = last_field(conv + last, (3, 16, 20))
    assert there == last_field(conv + first, (3, 16, 20)) == [(-3, 3, 1), (-3, 1, 1)]
    back = last_field(f"{conv}{last} >> Permute((0, 3, 1, 2)){pool}", (3, 16, 20))
    assert back == last_field(conv + first + pool, (3, 16, 20)) == [(-3, 4, 2), (-3, 2, 2)]


def test_a_convolution_mixes_what_stands_in_the_channels_place() -> None:
    """With the rows first, each of its outputs sees them all; a vertical window slides over the columns."""
    rows_first = "Permute((0, 2, 3, 1)) >> Conv2d(4, (3, 1))"
    assert last_field(rows_first, (3, 16, 20)) == [(0, 15, 1), (0, 2, 1)]


def rows_first(chain: str, rows: int = 8) -> tuple[int, int, int | Fraction] | None:
    """First, last and jump along the rows of a map of 12 channels whose rows are on the channel axis."""
    graph = layer_graph(f"Permute((0, 2, 3, 1)) >> {chain}", (12, rows, 20))
    field = receptive_fields(graph)[graph.output]
    return (*field[0].interval(0), field[0].jump) if field else None


def test_a_layer_looks_across_the_rows_that_stand_in_the_channels_place() -> None:
    """Pools, padding and depthwise convolutions at one row; others at their group, at neighbours, at all."""
    for alone in ("MaxPool2d(3, 1, 1)", "AvgPool2d(3, 2)", "ZeroPad2d(1)", "Conv2d(8, 3, groups=8)"):
        assert rows_first(alone) == (0, 0, 1), alone
    assert rows_first("Conv2d(16, 3, groups=8)") == (0, 0, Fraction(1, 2))
    assert rows_first("Conv2d(8, 3, groups=2)") == (0, 3, 1)
    assert rows_first("ConvTranspose2d(8, 3, groups=4)") == (0, 1, 1)
    assert rows_first("Conv2d(8, 3)") == rows_first("LayerNorm2d") == (0, 7, 1)
    assert rows_first("GroupNorm(4)") == (0, 1, 1)
    assert rows_first("LocalResponseNorm(3)") == (-1, 1, 1)
    assert rows_first("LocalResponseNorm(4)") == (-2, 1, 1)
    assert rows_first("PixelShuffle(2)") == (0, 3, 4)
    assert rows_first("PixelUnshuffle(2)") == (0, 0, Fraction(1, 4))


def test_each_group_of_rows_sees_its_own() -> None:
    """Four filters in two groups look at rows 0 to 3 and 4 to 7, as two convolutions do side by side."""
    graph = layer_graph("Permute((0, 2, 3, 1)) >> Conv2d(4, 3, groups=2)", (12, 8, 20))
    field = receptive_fields(graph)[graph.output]
    assert field is not None
    assert [field[0].interval(o) for o in range(4)] == [(0, 3), (0, 3), (4, 7), (4, 7)]
    assert field[0].size == 4


def test_positions_that_are_shuffled_or_joined_have_no_field() -> None:
    """Of rows in the channels' place no even pattern tells what is seen; of channels nothing changes."""
    joined = "concat(a=Identity, b=Conv2d(8, 3, padding=1, groups=8))"
    assert rows_first("ChannelShuffle(2)") is rows_first(joined) is None
    assert last_field(f"{joined} >> ChannelShuffle(2)", (8, 8, 8)) == [(-1, 1, 1)] * 2


def test_an_input_of_tokens_has_the_fields_of_tokens() -> None:
    """An input of tokens × features has one along the tokens: attention sees all of them, a linear layer one."""
    assert last_field("LayerNorm >> Linear(4)", (10, 16)) == [(0, 0, 1)]
    assert last_field("Linear(4) >> MultiheadAttention(2)", (10, 16)) == [(0, 9, 1)]
    assert last_field("ClassToken >> PositionEmbedding", (10, 16)) == [(-1, -1, 1)]
    assert last_field("Conv1d(4, 3) >> ReLU", (10, 16)) == [(0, 2, 1)]


def test_a_crop_and_a_slice_move_the_field() -> None:
    """Their first output is inside the input: a margin of 4, or from position 5 on."""
    assert last_field("CenterCrop(8) >> Conv2d(1, 3)", (1, 16, 16)) == [(4, 6, 1)] * 2
    assert last_field("Slice(5, dim=3) >> Conv2d(1, 3)", (1, 16, 16)) == [(0, 2, 1), (5, 7, 1)]


def test_vectors_have_none() -> None:
    """Behind a flatten there are no positions; an activation has its layer's field."""
    profile = cnncost.profile("alexnet")
    assert profile["flatten"].receptive_field is None
    assert profile["fc8"].receptive_field is None
    assert profile["ReLU"].receptive_field == profile["conv1"].receptive_field


def test_symbols_go_through_a_window() -> None:
    """R' = R + (k - 1)·d·J and J' = J·s hold for letters."""
    k, s, p, d = sympy.symbols("k s p d", integer=True, positive=True)
    field = through(through(START, Window(3, 2, (1, 1), 1)), Window(k, s, (p, p), d))
    assert sympy.expand(field.size - (3 + 2 * d * (k - 1))) == 0
    assert field.jump == 2 * s
    assert sympy.expand(field.first[0] - (-1 - 2 * p)) == 0


# Hand-made networks, against gradients

CHAINS: dict[str, tuple[str, Shape]] = {
    "strides and padding": (
        "Conv2d(4, 3) >> MaxPool2d(3, 2) >> Conv2d(4, 3, padding=1) >> MaxPool2d(2)",
        (2, 33, 40),
    ),
    "dilation": (
        "Conv2d(4, 3, dilation=2, padding=2) >> Conv2d(4, 3, dilation=(3, 1)) >> AvgPool2d(2, 1)",
        (2, 33, 40),
    ),
    "dilated pool": ("MaxPool2d(3, 2, padding=1, dilation=(2, 3)) >> Conv2d(2, 2)", (2, 33, 40)),
    "rectangles": (
        "Conv2d(4, (3, 5), stride=(1, 2)) >> MaxPool2d((1, 3), (2, 1)) >> Conv2d(4, (5, 1))",
        (2, 33, 40),
    ),
    "gaps": ("Conv2d(4, 1, stride=3) >> Conv2d(4, 2, stride=2)", (2, 33, 40)),
    "transposed": (
        "Conv2d(4, 3, stride=2) >> ConvTranspose2d(4, 4, stride=2, padding=1) >> Conv2d(2, 3, padding=1)",
        (2, 21, 24),
    ),
    "transposed with holes": (
        "ConvTranspose2d(4, 2, stride=3) >> Conv2d(2, 3, padding=1) >> MaxPool2d(2)",
        (2, 9, 12),
    ),
    "transposed with holes left": (
        "ConvTranspose2d(4, 1, stride=3) >> Conv2d(2, 2, dilation=2)",
        (2, 9, 12),
    ),
    "transposed twice": (
        "ConvTranspose2d(4, 3, stride=2) >> ConvTranspose2d(2, 3, stride=2, padding=1)",
        (2, 9, 12),
    ),
    "transposed, dilated": (
        "ConvTranspose2d(4, (3, 5), stride=(2, 3), dilation=(2, 1), padding=(1, 2), output_padding=(1, 2))"
        " >> Conv2d(2, 2)",
        (2, 9, 12),
    ),
    "nearest": ("Conv2d(4, 3) >> Upsample(scale_factor=2) >> Conv2d(2, 3, padding=1)", (2, 9, 12)),
    "nearest, to a size": ("Conv2d(4, 3) >> Upsample((5, 25)) >> Conv2d(2, 3, padding=1)", (2, 9, 12)),
    "bilinear": (
        "Conv2d(4, 3) >> Upsample(scale_factor=(2, 3), mode='bilinear') >> Conv2d(2, 3, padding=1)",
        (2, 9, 12),
    ),
    "bilinear, to a size": (
        "Conv2d(4, 3) >> Upsample((20, 25), mode='bilinear') >> Conv2d(2, 3)",
        (2, 9, 12),
    ),
    "bilinear, aligned": (
        "Conv2d(4, 3) >> Upsample((20, 25), mode='bilinear', align_corners=True) >> Conv2d(2, 3)",
        (2, 9, 12),
    ),
    "bilinear, smaller": (
        "Conv2d(4, 3) >> Upsample((7, 9), mode='bilinear') >> MaxPool2d(2, 1)",
        (2, 19, 22),
    ),
    "bilinear from one": (
        "AdaptiveAvgPool2d(1) >> Upsample(5, mode='bilinear') >> Conv2d(2, 3)",
        (2, 9, 12),
    ),
    "adaptive": (
        "Conv2d(4, 3) >> AdaptiveAvgPool2d((3, 5)) >> Conv2d(2, 3, padding=1) >> Upsample(scale_factor=2)",
        (2, 19, 22),
    ),
    "adaptive, overlapping": ("Conv2d(4, 3) >> AdaptiveMaxPool2d((3, 7)) >> MaxPool2d(2, 1)", (2, 19, 22)),
    "adaptive, larger": ("Conv2d(4, 3) >> AdaptiveMaxPool2d((13, 17)) >> MaxPool2d(2, 1)", (2, 9, 12)),
    "global": (
        "Conv2d(4, 3) >> AdaptiveMaxPool2d(1) >> Upsample(scale_factor=4) >> Conv2d(2, 3)",
        (2, 9, 12),
    ),
    "ceil mode": (
        "MaxPool2d(3, 2, ceil_mode=True) >> AvgPool2d(3, 2, padding=1, ceil_mode=True) >> Conv2d(2, 2)",
        (2, 30, 31),
    ),
    "same padding": (
        "Conv2d(2, 4, padding='same') >> Conv2d(2, (4, 2), padding='same', dilation=3) >> MaxPool2d(2)",
        (2, 30, 31),
    ),
    "shuffles": (
        "Conv2d(8, 3) >> PixelShuffle(2) >> Conv2d(8, 3, padding=1) >> PixelUnshuffle(2) >> Conv2d(2, 3)",
        (2, 12, 14),
    ),
    "zero padding": ("ZeroPad2d((0, 1, 2, 3)) >> Conv2d(8, 3) >> MaxPool2d(2)", (2, 12, 14)),
    "group norm": ("Conv2d(8, 3) >> GroupNorm(2) >> Conv2d(8, 3)", (2, 12, 14)),
    "layer norm along an axis": ("Conv2d(8, 3) >> LayerNorm >> Conv2d(8, 3)", (2, 12, 14)),
    "instance norm": ("Conv2d(8, 3) >> InstanceNorm2d >> Conv2d(8, 3)", (2, 12, 14)),
    "batch norm": ("Conv2d(8, 3) >> BatchNorm2d >> Conv2d(8, 3)", (2, 12, 14)),
    "batch norm of the batch": (
        "Conv2d(8, 3) >> BatchNorm2d(track_running_stats=False) >> Conv2d(8, 3)",
        (2, 12, 14),
    ),
    "linear along an axis": ("Conv2d(8, 3) >> Linear(5) >> Conv2d(8, 3)", (2, 12, 14)),
    "softmax along an axis": ("Conv2d(8, 3) >> Softmax(-1) >> Conv2d(8, 3)", (2, 12, 14)),
    "a sequence": (
        "Conv1d(8, 3) >> MaxPool1d(2) >> Upsample(scale_factor=3) >> Conv1d(2, 3, dilation=2)",
        (2, 40),
    ),
    "a volume": ("Conv3d(8, 3) >> MaxPool3d(2) >> Conv3d(2, (1, 2, 2))", (2, 10, 12, 12)),
}


@pytest.mark.parametrize("title", CHAINS)
def test_a_chain_sees_what_its_gradient_says(title: str) -> None:
    """Every layer of the chain, in both axes, at several outputs."""
    call, shape = CHAINS[title]
    graph = layer_graph(call, shape)
    assert check_fields(graph) >= 2 * len(graph.nodes)


BRANCHES = {
    "a residual": "add(a=2 * Conv2d(2, 3, padding=1), b=Identity)",
    "an inception": "concat(a=Conv2d(2, 1), b=Conv2d(2, 5, padding=2), c=MaxPool2d(3, 1, padding=1))",
    "unaligned windows": (
        "add(a=Conv2d(2, 3, stride=2), b=Conv2d(2, 1, stride=2) >> Conv2d(2, 2), "
        "c=Conv2d(2, 4, stride=2, padding=1) >> MaxPool2d(2, 1))"
    ),
    "unaligned padding": (
        "concat(a=ZeroPad2d((4, 0, 0, 4)) >> Conv2d(2, 3), b=ZeroPad2d((0, 4, 4, 0)) >> Conv2d(2, 3))"
    ),
    "other jumps": "add(a=Conv2d(2, 2, stride=3), b=Conv2d(2, 1, stride=2) >> AdaptiveAvgPool2d((7, 8)))",
    "up and down": (
        "concat(a=Conv2d(4, 2, stride=2) >> Conv2d(4, 3, padding=1) >> "
        "ConvTranspose2d(2, 2, stride=2), b=Identity)"
    ),
    "up by interpolation": (
        "concat(a=MaxPool2d(2) >> Upsample(scale_factor=2, mode='bilinear'), "
        "b=MaxPool2d(3, 1, padding=1), c=MaxPool2d(4) >> Upsample((20, 24)))"
    ),
    # along one axis: where both have holes, whether a branch sees a row hangs on the column too
    "holes": (
        "add(a=AvgPool2d((4, 1)) >> ConvTranspose2d(2, 1, stride=(4, 1), output_padding=(3, 0)), "
        "b=AvgPool2d((2, 1)) >> ConvTranspose2d(2, 1, stride=(2, 1), output_padding=(1, 0)))"
    ),
    "a gate": "multiply(a=Identity, b=AdaptiveAvgPool2d(1) >> Conv2d(2, 1) >> Sigmoid)",
    "a gate of one axis": "multiply(a=Conv2d(2, 3, padding=1), b=AdaptiveAvgPool2d((None, 1)))",
    "a gate of a part": "multiply(a=Identity, b=MaxPool2d(9, 9) >> MaxPool2d(2))",
    "a gated residual": (
        "add(a=Conv2d(2, 3, padding=1) >> multiply(c=Identity, d=AdaptiveAvgPool2d(1) >> Sigmoid), "
        "b=Identity)"
    ),
    "branches in branches": (
        "concat(a=add(c=Conv2d(2, 3, padding=1), d=Identity), b=Conv2d(2, 5, padding=2))"
    ),
}
TAIL = " >> Conv2d(2, 3, padding=1) >> MaxPool2d(2)"


@pytest.mark.parametrize("title", BRANCHES)
def test_branches_see_what_their_gradient_says(title: str) -> None:
    """Merges take the outermost ends of their branches, and later layers look through them."""
    graph = layer_graph(BRANCHES[title] + TAIL, (2, 20, 24))
    assert check_fields(graph) >= 2 * len(graph.nodes)


@pytest.mark.parametrize("family", [family for family in FAMILIES if family not in LARGE])
def test_networks_see_what_their_gradient_says(family: str) -> None:
    """Catalogue networks at their full input or one that takes less time, one channel wide, which does not change a field.

    Those of a family that differ in their channels only are then the same, and looked at once; so are
    networks of more than a thousand nodes, which repeat the blocks of the smaller ones. Compared are
    some forty layers from the last to the first.
    """
    looked = set()
    for graph in (cnncost.load(name, input=INPUTS.get(family)) for name in some_of(family)):
        if len(graph.nodes) > 1000 or len(graph.input_shape) == 1:
            continue
        narrow = thin(graph)
        whole, fields = receptive_fields(graph), receptive_fields(narrow)
        assert fields == {name: whole[name] for name in fields}
        windows = [node.name for node in narrow.nodes if not node.layer.in_place][::-1]
        if narrow.nodes not in looked:
            some = windows[:: max(len(windows) // 40, 1)]
            assert check_fields(narrow, some, ends=True) >= len(some)
            looked.add(narrow.nodes)


@pytest.mark.parametrize("name", ["googlenet", "googlenet-torchvision"])
def test_a_global_pool_sees_the_whole_input(name: str) -> None:
    """And past its ends, into the padding of the layers before."""
    graph = thin(cnncost.load(name))
    fields = receptive_fields(graph)["avgpool"]
    assert fields is not None
    assert seen(positive(graph), "avgpool", [(0, 0)]) == [((0, 223), (0, 223))]
    for field in fields:
        assert clipped(field, 0, 224) == (0, 223)
        assert field.size > 224


def test_a_map_upsampled_from_one_value_sees_no_more_than_it() -> None:
    """Interpolating between one value and itself looks at that one."""
    graph = layer_graph("AdaptiveAvgPool2d(1) >> Upsample(5, mode='bilinear')", (2, 9, 12))
    fields = receptive_fields(graph)["Upsample"]
    assert fields is not None
    assert [field.size for field in fields] == [9, 12]


def test_fields_that_move_differently_stay_local() -> None:
    """A convolution behind such a merge sees a few positions, not the whole axis around the corner."""
    graph = layer_graph(BRANCHES["other jumps"] + TAIL, (2, 20, 24))
    fields = receptive_fields(graph)["Conv2d"]
    assert fields is not None
    assert all(field.size < 14 for field in fields)
    assert all(field.interval(0)[1] < 10 for field in fields)


# Drawn networks

PIECES = [
    "Conv2d(4, 3)",
    "Conv2d(4, 3, stride=2, padding=1)",
    "Conv2d(4, (1, 4), stride=(1, 3), padding=(0, 2))",
    "Conv2d(4, 3, dilation=2)",
    "Conv2d(4, 4, padding='same')",
    "MaxPool2d(2)",
    "MaxPool2d(3, 2, ceil_mode=True)",
    "MaxPool2d((2, 3), (2, 1), padding=(0, 1))",
    "AvgPool2d(3, 2, padding=1, ceil_mode=True)",
    "ConvTranspose2d(4, 2, stride=2)",
    "ConvTranspose2d(4, (2, 4), stride=(3, 2), padding=(0, 1))",
    "Upsample(scale_factor=2)",
    "Upsample(scale_factor=(2, 3), mode='bilinear')",
    "Upsample((14, 15), mode='bilinear', align_corners=True)",
    "AdaptiveAvgPool2d((6, 9))",
    "AdaptiveMaxPool2d((1, 5))",
    "Conv2d(4, 1) >> PixelShuffle(2)",
    "ZeroPad2d((0, 1, 2, 0))",
    "add(a=Conv2d(4, 1) >> Conv2d(4, 3, padding=1), b=Conv2d(4, 1))",
    "concat(a=Conv2d(4, 2) >> Conv2d(4, 2, padding=1), b=MaxPool2d(5, 1, padding=2))",
    "multiply(a=Identity, gate=AdaptiveAvgPool2d(1))",
]


@settings(max_examples=100, deadline=None)
@given(
    pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=5),
    h=st.integers(12, 30),
    w=st.integers(12, 30),
)
def test_drawn_networks_see_what_their_gradient_says(pieces: list[str], h: int, w: int) -> None:
    """Whatever is put behind whatever: the last layer's field is that of its gradient."""
    torch.manual_seed(0)
    try:
        graph = layer_graph(" >> ".join(pieces), (2, h, w))
    except SpecError:  # it shrinks to nothing
        assume(False)
    assume(all(max(node.out_shape[1:]) <= 90 for node in graph.nodes))
    assume(check_fields(graph, [graph.output]) > 0)


# The helpers can fail


def moved(graph: Graph) -> Graph:
    """The graph with a convolution whose padding is one less before and one more behind."""
    (node,) = graph.nodes
    layer = replace(node.layer)  # type: ignore[type-var]
    object.__setattr__(layer, "window", (Window(3, 1, (2, 0), 1),) * 2)
    return graph.replace(nodes=(node._replace(layer=layer),))


def test_a_field_that_is_off_by_one_is_seen() -> None:
    """The same size a position further fails the comparison."""
    graph = layer_graph("Conv2d(2, 3, padding=1)", (2, 9, 9))
    assert check_fields(graph) == 6
    with pytest.raises(AssertionError, match="Conv2d"):
        check_fields(moved(graph))


def test_the_gradient_sees_a_hole() -> None:
    """A strided transposed convolution of kernel 1 leaves outputs that see nothing."""
    graph = layer_graph("ConvTranspose2d(2, 1, stride=2)", (2, 5, 5))
    network = positive(graph)
    assert seen(network, "ConvTranspose2d", [(2, 2), (3, 2)]) == [((1, 1), (1, 1)), (None, None)]


def test_clipping() -> None:
    """To the input; the region next to it is ignored."""
    field = AxisField((-2,), (1,), 3, 3)
    assert [clipped(field, o, 8) for o in (0, 1, 3, 4)] == [(0, 1), (1, 4), (7, 7), None]


def test_the_interior_leaves_out_what_looks_at_padding() -> None:
    """The first and last output of a padded convolution, and what looks at them later."""
    graph = layer_graph("Conv2d(2, 3, padding=1) >> MaxPool2d(2)", (2, 8, 6))
    inside = interior(graph)
    assert inside["Conv2d"] == [set(range(1, 7)), set(range(1, 5))]
    assert inside["MaxPool2d"] == [{1, 2}, {1}]
    assert around_the_middle(inside["MaxPool2d"]) == [(1, 1), (2, 1)]
    assert around_the_middle([{1}, set()]) == []


@pytest.mark.parametrize(
    ("call", "size", "field"),
    [
        ("AdaptiveAvgPool2d(4) >> Conv2d(4, 2)", 13, 7),
        ("Conv2d(4, 3) >> AdaptiveAvgPool2d(4) >> Conv2d(4, 2)", 15, 9),
        ("MaxPool2d(2) >> AdaptiveAvgPool2d(7) >> Conv2d(4, 3)", 100, 44),
    ],
)
def test_the_size_is_that_of_outputs_which_exist(call: str, size: int, field: int) -> None:
    """Behind uneven windows, the largest field of a pattern counts only if the map is long enough."""
    costs = profile_graph(layer_graph(call, (3, size, size))).costs
    assert [axis.size for axis in costs[-1].receptive_field or ()] == [field, field]


@pytest.mark.parametrize(
    ("call", "size"),
    [
        ("Upsample(scale_factor=2) >> Conv2d(1, 1000000001, padding=500000000)", 500000001),
        # the only output sees 0 to 9998, which are 0 to 10000 of 19997, which are 0 to 500075
        ("Upsample(19997) >> Upsample(19993) >> MaxPool2d(9999)", 500076),
        ("AdaptiveAvgPool2d(999983) >> Conv2d(3, 3, stride=2)", None),
        ("AdaptiveAvgPool2d(9973) >> 300 * Conv2d(3, 3, padding=1)", None),
    ],
)
def test_a_pattern_without_end_is_left_unknown(call: str, size: int | None) -> None:
    """Coprime strides and giant kernels take no more looks than allowed: the field is then None."""
    field = profile_graph(layer_graph(call, (3, 10**6, 10**6))).costs[-1].receptive_field
    assert (field and [axis.size for axis in field]) == (size and [size, size])


def test_effort_is_spent_once() -> None:
    """What is left is what was not spent, and what is too much is not begun."""
    effort = Effort(10)
    assert [effort.allows(n) for n in (4, 7, 6, 1)] == [True, False, True, False]
