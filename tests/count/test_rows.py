from __future__ import annotations

import pytest

import cnncost
from cnncost.count.profile import add_up, profile_graph
from cnncost.count.rows import fold
from cnncost.dims import Shape
from cnncost.formulas.explanation import explain
from cnncost.network.catalogue import layer_graph
from tests.walk import NAMES

NESTED = """\
name: nested
input: [3, 12, 12]
layers:
  - conv1: Conv2d(4, 3) >> ReLU
  - outer:
      concat:
        a: {inner: {add: {x: "BatchNorm2d >> Conv2d(4, 1)", y: Identity}}}
        b: ReLU >> Conv2d(2, 1)
        c: Identity
  - unit: BatchNorm2d >> ReLU >> Conv2d(5, 3)
  - mid: Conv2d(8, 3)
  - add: {p: InstanceNorm2d, q: ReLU}
  - head: AdaptiveAvgPool2d(1) >> Flatten >> Linear(3)
"""

IN_PLACE_FIRST = """\
name: first
input: [3, 8, 8]
layers: ReLU >> BatchNorm2d >> ReLU >> Conv2d(4, 3)
"""


def profile(text: str) -> cnncost.Profile:
    """The profile of a spec's text."""
    return cnncost.profile(cnncost.load_text(text))


ALL = [*NAMES, NESTED, IN_PLACE_FIRST]


@pytest.mark.parametrize("network", ALL, ids=lambda n: n.splitlines()[0])
def test_rows_add_up_and_hold_each_layer_once(network: str) -> None:
    """However a table is folded, its rows hold every counted layer exactly once."""
    p = profile(network) if "\n" in network else cnncost.profile(network)
    for depth in (None, 1, 2, 9):
        rows = fold(p, depth)
        assert sorted(c.name for row in rows for c in row.costs) == sorted(c.name for c in p.counted)
        assert add_up(c for row in rows for c in row.costs) == p.totals


def test_a_stage_s_row_is_the_sum_of_its_layers() -> None:
    """`stages`, `below` and the folded table say the same of each stage."""
    p = profile(NESTED)
    for stage in ("conv1", "outer", "unit", "mid", "head"):
        below = add_up(p.below(stage))
        assert (below.params, below.macs) == (p.stages[stage].params, p.stages[stage].macs)
    assert p.stages["conv1"].params == 4 * 3 * 9 + 4


def test_the_table_and_the_explanation_agree_on_a_row() -> None:
    """What `explain` works out for a stage is what the table's row says."""
    p = profile(NESTED)
    for stage in ("conv1", "outer", "unit"):
        worked = sum(q.result for e in explain(p, stage) for q in e.quantities if q.title == "parameters")
        assert worked == p.stages[stage].params


@pytest.mark.parametrize("swapped", [False, True])
def test_a_branch_does_not_change_the_row_before_it(swapped: bool) -> None:
    """In-place layers on branches, in any order, leave size and field of the layer before them."""
    branches = "{p: InstanceNorm2d, q: ReLU}"
    text = NESTED.replace(branches, "{p: ReLU, q: InstanceNorm2d}") if swapped else NESTED
    row = next(row for row in fold(profile(text)) if row.label == "mid")
    assert [axis.size for axis in row.receptive_field] == [7, 7]
    assert row.out_shape == (8, 6, 6)


def test_an_in_place_layer_hosts_no_costs() -> None:
    """A batch norm behind a first ReLU has a row of its own, under its own name."""
    rows = {row.label: row.totals.params for row in fold(profile(IN_PLACE_FIRST))}
    assert rows == {"ReLU": 0, "BatchNorm2d": 6, "Conv2d": 3 * 4 * 9 + 4}


def test_a_merge_s_row_names_no_single_input() -> None:
    """A row that several shapes enter leaves the input blank."""
    row = next(row for row in fold(profile(NESTED)) if row.type == "Concat")
    assert (row.in_shape, row.out_shape) == (None, (10, 10, 10))


@pytest.mark.parametrize(
    ("call", "shape", "axes"),
    [
        ("Conv2d(8, 3) >> Flatten(2) >> Permute((0, 2, 1)) >> LayerNorm", (3, 8, 8), "CHW CT TC TC"),
        ("ClassToken >> MultiheadAttention(2) >> Linear(3) >> Select(0)", (9, 8), "TF TF TF F"),
        ("LayerNorm >> Linear(3) >> AttentionPool(3)", (9, 8), "TF TF F"),
        ("Permute((0, 2, 3, 1)) >> Linear(4) >> Permute((0, 3, 1, 2))", (3, 8, 8), "HWC HWC CHW"),
        ("WindowPartition(4) >> Linear(9) >> ScaledDotProductAttention(1)", (8, 8, 6), "NTC NTC NTF"),
        ("WindowPartition(2) >> Flatten(2) >> Unflatten(1, (4, 4))", (8, 8, 6), "NTC NC HWC"),
        ("Permute((0, 2, 1)) >> Linear(5) >> Permute((0, 2, 1))", (8, 9), "LC LC CL"),
        ("Permute((0, 3, 2, 1)) >> GELU", (3, 8, 6), "HWC HWC"),
        ("Flatten >> Linear(18) >> Unflatten(1, (2, 3, 3)) >> Conv2d(4, 3)", (3, 8, 8), "F F CHW CHW"),
        ("Conv1d(8, 3) >> GELU >> Flatten(1, 2)", (3, 8), "CL CL F"),
        ("Unflatten(1, (2, 3)) >> Flatten(2, 3)", (6, 8, 8), "CNHW CTW"),
        ("Select(1) >> GELU", (3, 8, 8), "HW HW"),
    ],
)
def test_what_the_axes_are_is_followed(call: str, shape: Shape, axes: str) -> None:
    """By hand: layers that move axes, or that take theirs in one order only, tell what each axis is."""
    graph = layer_graph(call, shape)
    assert ["".join(graph.axes[node.name]) for node in graph.nodes] == axes.split()


@pytest.mark.parametrize("swapped", [False, True])
def test_channels_last_read_as_channels_first(swapped: bool) -> None:
    """ConvNeXt's block has the same rows with linear layers on channels last and convolutions of kernel 1."""
    last = "Permute((0, 2, 3, 1)) >> Linear(8) >> GELU >> Linear(4) >> Permute((0, 3, 1, 2))"
    size = (3, 9, 7) if swapped else (3, 7, 9)
    first = profile_graph(layer_graph("Conv2d(4, 3) >> Conv2d(8, 1) >> GELU >> Conv2d(4, 1)", size))
    rows = fold(profile_graph(layer_graph(f"Conv2d(4, 3) >> {last}", size)))
    shapes = [(row.in_shape, row.out_shape, row.receptive_field) for row in rows]
    assert shapes == [(row.in_shape, row.out_shape, row.receptive_field) for row in fold(first)]


def test_tokens_and_windows_have_their_features_first() -> None:
    """ViT's tokens, Swin's windows of tokens and its maps have their channels first in the table."""
    vit = {row.label: row for row in fold(cnncost.profile("vit_b_16"), every=True)}
    assert vit["patches.Flatten"].out_shape == (768, 196)
    assert vit["token"].in_shape == (768, 196)
    assert vit["encoder1.mlp.Linear"].out_shape == (3072, 197)
    assert vit["pool"].out_shape == (768,)
    swin = {row.label: row for row in fold(cnncost.profile("swin_t"), every=True)}
    assert swin["stage1.0.attention.attention.qkv"].in_shape == (96, 64, 49)
    assert swin["stage2.merge.Unflatten"].out_shape == (4 * 96, 28, 28)
    assert swin["stage4.1.add_1"].out_shape == (768, 7, 7)


def test_a_name_stands_for_a_layer_or_says_that_it_is_a_stage() -> None:
    """`p[name]` gives one layer, and refuses a stage instead of giving its first."""
    p = cnncost.profile("googlenet")
    assert p["conv1"].type == "Conv2d"
    with pytest.raises(cnncost.NameUnknown, match="`inception3a` is a stage of 14 layers"):
        p["inception3a"]


SPLIT = """\
name: split
input: [3, 8, 8]
layers:
  - conv1: Conv2d(6, 3) >> ReLU
  - half: Slice(0, 3)
  - conv2: Conv2d(4, 3) >> Permute((0, 1, 3, 2)) >> Select(0)
"""


def test_a_layer_that_changes_the_shape_has_a_row_of_its_own() -> None:
    """Slice and Select leave the row before them its own shape; a square map that is turned looks the same."""
    p = profile(SPLIT)
    rows = fold(p)
    assert [(row.label, row.out_shape) for row in rows] == [
        ("conv1", (6, 6, 6)),
        ("half", (3, 6, 6)),
        ("conv2.Conv2d", (4, 4, 4)),
        ("conv2.Select", (4, 4)),
    ]
    assert add_up(c for row in rows for c in row.costs) == p.totals
    assert fold(p, depth=1)[-1].out_shape == (4, 4)


def test_a_linear_layer_on_a_map_gets_a_remark() -> None:
    """Without Flatten it acts on the width alone; on tokens, channels last and vectors it is meant so."""
    p = cnncost.profile(layer_graph("Conv2d(96, 11, stride=4) >> ReLU >> Linear(10)", (3, 227, 227)))
    assert p.remarks == (
        "Linear: Linear acts on the last axis of its 96×55×55 input, 55 values; "
        "put Flatten before it to use all 290400",
    )
    meant = "Conv2d(4, 3) >> Permute((0, 2, 3, 1)) >> Linear(8) >> Flatten >> Linear(2)"
    assert cnncost.profile(layer_graph(meant, (3, 8, 8))).remarks == ()


def test_values_for_each_token_get_a_remark() -> None:
    """Where features are meant: on tokens, the channels of torch's axis 1 are the tokens."""
    p = cnncost.profile(layer_graph("LayerNorm >> 2 * LayerScale(1) >> BatchNorm1d", (10, 16)))
    assert p.remarks == (
        "0 and 1: LayerScale learns 10 values, one for each token; write `dim=-1` for the 16 features",
        "BatchNorm1d: BatchNorm1d learns 10 values, one for each token; "
        "put `Permute((0, 2, 1))` before and behind it for the 16 features",
    )
    meant = "LayerNorm >> LayerScale(1, dim=-1) >> Affine(-1) >> Permute((0, 2, 1)) >> BatchNorm1d"
    assert cnncost.profile(layer_graph(meant, (10, 16))).remarks == ()
    assert cnncost.profile(layer_graph("Conv1d(4, 3) >> BatchNorm1d >> Affine", (10, 16))).remarks == ()


@pytest.mark.parametrize("name", NAMES)
def test_no_network_of_the_catalogue_gets_a_remark(name: str) -> None:
    """What is drawn in papers is meant so."""
    assert cnncost.profile(name).remarks == ()
