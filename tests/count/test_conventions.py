"""Conventions: those of tools against the tools, digit for digit; the others against numbers computed on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
import torch
from torch import nn

import cnncost
from cnncost import CONVENTIONS, Graph
from cnncost.count.convention import memory_steps
from cnncost.count.conventions import convention_named
from cnncost.count.dtype import DTYPE_BITS, dtype_bytes
from cnncost.dims import Shape
from cnncost.errors import CnncostError, NameUnknown
from cnncost.layers import Layer, Work, catalogue
from cnncost.measure import build
from cnncost.measure.inputs import inputs_of
from cnncost.network.catalogue import layer_graph
from cnncost.network.graph_builder import layer_of
from cnncost.numbers import BYTE_UNITS, PREFIXES
from tests.command_line import cnncost as run
from tests.torch_counts import fvcore_analysis, run_counted
from tests.walk import FAMILIES, smallest, smallest_graph

pytestmark = pytest.mark.filterwarnings(
    # torch tells what 'same' padding with an even kernel costs it; the sizes are right
    "ignore:Using padding='same' with even kernel lengths:UserWarning"
)


def flops(graph: Graph, convention: str, batch: int = 1) -> int:
    """What cnncost calls the FLOPs of a network."""
    return int(cnncost.profile(graph, convention=convention, batch=batch).totals.flops)


def fvcore_flops(module: nn.Module, *shape: int) -> int:
    """What fvcore counts for an input."""
    return int(fvcore_analysis(module, torch.ones(*shape)).total())


def single(call: str, shape: Shape) -> Graph:
    """One layer or a chain."""
    return layer_graph(call, shape)


# Tools

ATTENTION = [
    ("ScaledDotProductAttention(4)", (10, 96)),
    ("ScaledDotProductAttention(2, (3, 4), 1, (6, 7))", (4, 12, 24)),
    ("AttentionPool(4)", (10, 32)),
    (
        "WindowPartition(4, shift=2) >> MixtureOfExperts(4, 24, top_k=2) >> WindowReverse(4, (8, 6))",
        (8, 6, 6),
    ),
]

TRANSFORMERS = [
    ("TransformerEncoderLayer(2, 12)", (5, 8)),
    ("TransformerEncoderLayer(2, 12, activation='gelu', norm_first=True, bias=False)", (3, 5, 8)),
    ("TransformerDecoderLayer(2, 12, memory=Linear(8) >> Slice(1, dim=1))", (5, 8)),
    ("MultiheadAttention(2, key=Linear(6), value=Linear(4))", (5, 8)),
]

OTHERS = [
    ("RMSNorm >> GLU >> Softmin >> Hardshrink", (5, 8)),
    ("Softmax2d >> RReLU >> ReflectionPad2d(1) >> CircularPad2d(1) >> LPPool2d(2, 3)", (4, 6, 8)),
    ("Unfold(3, padding=1) >> Fold((6, 8), 3, padding=1) >> UpsamplingNearest2d(scale_factor=2)", (4, 6, 8)),
    ("UpsamplingBilinear2d(scale_factor=2)", (4, 6, 8)),
    ("PairwiseDistance(x2=Linear(8))", (5, 8)),
    ("CosineSimilarity(-1, x2=Linear(8))", (5, 8)),
    ("convolve(padding=1, x=Identity, weight=Parameter((8, 4, 3, 3)))", (4, 6, 8)),
]

RECURRENT = [
    ("RNN(5, 2, 'relu') >> RNN(4, bidirectional=True)", (6, 3)),
    ("LSTM(5, 2, bidirectional=True, proj_size=2) >> LSTM(3, bias=False) >> Linear(4)", (6, 3)),
    ("GRU(5, 2)", (6, 3)),
    ("RNNCell(5) >> LSTMCell(4) >> GRUCell(3)", (6,)),
]

TORCH_LAYERS = [
    ("Conv2d(8, 3, stride=2, padding=1)", (4, 9, 11)),
    ("Conv2d(8, 3, groups=4, bias=False)", (4, 9, 11)),
    ("Conv2d(8, 4, padding='same', dilation=3)", (2, 15, 16)),
    ("Conv1d(8, 5)", (4, 20)),
    ("Conv3d(8, 3)", (4, 5, 6, 7)),
    ("ConvTranspose2d(8, 3, stride=2, groups=2)", (4, 5, 6)),
    ("ConvTranspose1d(8, 3, stride=2)", (4, 5)),
    ("Linear(10)", (20,)),
    ("Linear(10, bias=False)", (6, 20)),
    ("BatchNorm2d >> ReLU >> MaxPool2d(2)", (4, 6, 6)),
    ("Upsample(scale_factor=2, mode='bilinear')", (4, 6, 6)),
    ("LocalResponseNorm(3) >> AvgPool2d(2) >> GELU", (4, 6, 6)),
    ("MultiheadAttention(4)", (10, 32)),
    ("MultiheadAttention(2, bias=False)", (3, 9, 16)),
    ("LayerNorm >> ClassToken >> PositionEmbedding >> Select(0) >> Linear(10)", (10, 32)),
    *ATTENTION,
    *RECURRENT,
    *TRANSFORMERS,
    *OTHERS,
]


@pytest.mark.parametrize(("call", "shape"), TORCH_LAYERS)
def test_torch_counts_layers_the_same(call: str, shape: Shape) -> None:
    """Single layers and chains against FlopCounterMode: convolutions and products count, the rest not."""
    graph = single(call, shape)
    assert flops(graph, "torch") == run_counted(build(graph, "meta"), shape)[1]


NORMS = [
    *(f"BatchNorm2d(affine={a}, track_running_stats={t})" for a in (True, False) for t in (True, False)),
    *(f"InstanceNorm2d(affine={a}, track_running_stats={t})" for a in (True, False) for t in (True, False)),
    *(f"GroupNorm(2, affine={a})" for a in (True, False)),
    *(f"LayerNorm((4, 6, 8), elementwise_affine={a})" for a in (True, False)),
    "LayerNorm(8, bias=False)",
    "LocalResponseNorm(3)",
]

FVCORE_LAYERS = [
    *((call, (4, 6, 8)) for call in NORMS),
    *(
        (f"{kind}Norm{n}d{args}", (4, 6, 7, 8)[: n + 1])
        for kind in ("Batch", "Instance")
        for n in (1, 3)
        for args in ("(affine=True)", "(affine=False)")
    ),
    ("BatchNorm1d", (12,)),
    ("GroupNorm(2, affine=False)", (4, 9)),
    *((f"Adaptive{kind}Pool{n}d(3)", (4, 6, 7, 8)[: n + 1]) for kind in ("Avg", "Max") for n in (1, 2, 3)),
    *((f"{kind}Pool2d(3, 2, padding=1, ceil_mode=True)", (4, 6, 8)) for kind in ("Avg", "Max")),
    *(("Upsample(scale_factor=2)", (4, 6, 7, 8)[: n + 1]) for n in (1, 2, 3)),
    *(
        (f"Upsample(scale_factor=2, mode='{mode}')", (4, 6, 7, 8)[: n + 1])
        for n, mode in ((1, "linear"), (2, "bilinear"), (3, "trilinear"))
    ),
    ("Upsample((9, 17), mode='bilinear', align_corners=True)", (4, 6, 8)),
    *((f"Conv{n}d(8, 3, stride=2, padding=1, groups=2)", (4, 6, 7, 8)[: n + 1]) for n in (1, 2, 3)),
    *((f"ConvTranspose{n}d(8, 3, stride=2, groups=2)", (4, 6, 7, 8)[: n + 1]) for n in (1, 2, 3)),
    ("Conv2d(8, 3, padding=1, padding_mode='circular')", (4, 6, 8)),
    ("Linear(10)", (20,)),
    ("Linear(10, bias=False)", (6, 20)),
    ("ReLU >> GELU >> Sigmoid >> Softmax >> PixelShuffle(2) >> Flatten", (4, 6, 8)),
    *((f"LayerNorm2d(elementwise_affine={a})", (4, 6, 8)) for a in (True, False)),
    ("MultiheadAttention(4)", (10, 32)),
    ("MultiheadAttention(2, bias=False)", (3, 9, 16)),
    ("LayerScale(0.1) >> Scale(2, 1) >> StochasticDepth(0.1) >> CenterCrop(3) >> Slice(2)", (4, 6, 8)),
    ("LayerNorm >> ClassToken >> PositionEmbedding >> Select(0) >> Linear(10)", (10, 32)),
    *ATTENTION,
    *RECURRENT,
    *TRANSFORMERS,
    *OTHERS,
]


@pytest.mark.parametrize(("call", "shape"), FVCORE_LAYERS)
@pytest.mark.parametrize("batch", [1, 2])
def test_fvcore_counts_layers_the_same(call: str, shape: Shape, batch: int) -> None:
    """Single layers against FlopCountAnalysis, for one sample and two."""
    graph = single(call, shape)
    assert flops(graph, "fvcore", batch) == fvcore_flops(build(graph), batch, *shape)


def test_neither_tool_knows_bilinear_layers_and_deformable_convolutions() -> None:
    """torch's own nn.Bilinear counts as 0 for both; cnncost's twin computes it in steps that they know."""
    shapes, module = ((5,), (7,)), nn.Bilinear(5, 7, 3)
    layer = catalogue()["Bilinear"](3)
    work = layer.work(shapes, (3,))
    assert (work.macs, run_counted(module, *shapes, device="cpu")[1]) == (3 * 7 * (5 + 1), 0)
    assert fvcore_analysis(module, (torch.ones(1, 5), torch.ones(1, 7))).total() == 0
    for name in ("torch", "fvcore"):
        assert CONVENTIONS[name].flops(layer, work, shapes, (3,)) == 0
        for kind in ("Bilinear", "DeformConv"):
            assert CONVENTIONS[name].weights[kind] == {}


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_fvcore_does_not_know_a_padding_in_words(padding: str) -> None:
    """fvcore has no formula for aten::_convolution_mode: it counts 0 and reports the operator as unsupported.

    By hand, 'same': 8 filters of 4·3·3 weights at 6·8 outputs, 8·36·48 = 13 824; 'valid', at 4·6
    outputs, 8·36·24 = 6 912. cnncost gives these, as fvcore does where the padding is a number.
    """
    shape = (4, 6, 8)
    named = single(f"Conv2d(8, 3, padding='{padding}')", shape)
    analysis = fvcore_analysis(build(named), torch.ones(1, *shape))
    assert analysis.total() == 0
    assert analysis.unsupported_ops() == {"aten::_convolution_mode": 1}
    in_numbers = single(f"Conv2d(8, 3, padding={1 if padding == 'same' else 0})", shape)
    by_hand = 13_824 if padding == "same" else 6_912
    assert flops(named, "fvcore") == by_hand == fvcore_flops(build(in_numbers), 1, *shape)


@pytest.mark.parametrize("family", FAMILIES)
def test_fvcore_counts_networks_the_same(family: str) -> None:
    """A network of each family against FlopCountAnalysis at its full input: batch norm and pools included.

    test_networks compares every network with what torch counts.
    """
    totals = cnncost.profile(smallest(family)).totals
    if totals.params > 200_000_000 or family == "mvit":  # which takes no smaller input
        pytest.skip("too large to run with real numbers; its layers are compared one by one")
    graph = in_numbers(smallest_graph(family))
    network = build(graph, "meta").to_empty(device="cpu")  # fvcore cannot trace on the meta device
    for buffer in network.buffers():
        buffer.zero_()  # some are indices
    analysis = fvcore_analysis(network, tuple(inputs_of(graph)))
    assert flops(graph, "fvcore") == int(analysis.total())


def in_numbers(graph: Graph) -> Graph:
    """The graph with numbers for paddings in words, which fvcore does not know."""

    def spelled(layer: Layer) -> Layer:
        if getattr(layer, "padding", None) not in ("same", "valid"):  # TensorFlow's is a layer before ours
            return layer
        return replace(layer, padding=tuple(window.padding[0] for window in layer.window or ()))  # type: ignore[type-var]

    return graph.replace(nodes=tuple(node._replace(layer=spelled(node.layer)) for node in graph.nodes))


def test_cosine_attention_needs_its_network_once_in_a_batch() -> None:
    """12 positions have 5·7 offsets, each 512·(2 + 2) multiply-adds; cnncost counts them for each sample."""
    shape = (5, 12, 24)
    graph = single("CosineAttention(2, (3, 4))", shape)
    network, products = 35 * 512 * 4, 5 * 2 * 12 * 12 * 8
    assert flops(graph, "macs", 2) == 2 * (network + products)
    assert flops(graph, "torch") == 2 * (network + products) == run_counted(build(graph, "meta"), shape)[1]
    assert flops(graph, "fvcore") == network == fvcore_flops(build(graph), 2, *shape)


class SelfAttention(nn.Module):
    """torch's own layer, called as torchvision calls it."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.MultiheadAttention(32, 4, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x, x, x, need_weights=False)[0]


def test_tools_count_torchs_own_attention_the_same() -> None:
    """10 tokens of 32 features: projections of 4·10·32², two products of 10²·32; fvcore has no product."""
    graph = single("MultiheadAttention(4)", (10, 32))
    with torch.device("meta"):
        module = SelfAttention()
    assert flops(graph, "macs") == 40_960 + 6_400
    assert flops(graph, "torch") == run_counted(module, (10, 32))[1]
    analysis = fvcore_analysis(SelfAttention(), torch.ones(1, 10, 32))
    assert flops(graph, "fvcore") == analysis.total() == 40_960
    assert "aten::scaled_dot_product_attention" in analysis.unsupported_ops()


# By hand: Conv2d(4, 3, padding=1) on 2×6×6, then the rest on its 4·36 = 144 values.
# The convolution takes 144 · 2·9 = 2592 multiply-adds and 144 bias additions; batch norm a product
# and a sum per value; ReLU a comparison; the pool 4·9 outputs of 2·2 values; the linear layer 10 · 36.

CHAIN = "Conv2d(4, 3, padding=1) >> BatchNorm2d >> ReLU >> {pool} >> Flatten >> Linear(10)"
BY_HAND = {
    ("lecture", "MaxPool2d(2)"): [2592, 0, 0, 144, 0, 360],
    ("lecture", "AvgPool2d(2)"): [2592, 0, 0, 144, 0, 360],
    ("lecture", "AdaptiveMaxPool2d(3)"): [2592, 0, 0, 144, 0, 360],
    ("macs", "MaxPool2d(2)"): [2592, 0, 0, 0, 0, 360],
    ("flops", "MaxPool2d(2)"): [5184 + 144, 288, 144, 144, 0, 720 + 10],
    ("flops", "AvgPool2d(2)"): [5184 + 144, 288, 144, 144 + 36, 0, 720 + 10],  # a division per output
    ("flops", "AdaptiveAvgPool2d(3)"): [5184 + 144, 288, 144, 144 + 36, 0, 720 + 10],
    ("torch", "MaxPool2d(2)"): [5184, 0, 0, 0, 0, 720],
    ("fvcore", "AdaptiveAvgPool2d(3)"): [2592, 288, 0, 144, 0, 360],
}


@pytest.mark.parametrize(("convention", "pool"), BY_HAND)
def test_a_chain_by_hand(convention: str, pool: str) -> None:
    """Each layer's FLOPs, worked out in the comment above; two samples take twice as many."""
    linear = CHAIN.format(pool=pool)
    for batch in (1, 2):
        profile = cnncost.profile(single(linear, (2, 6, 6)), convention=convention, batch=batch)
        expected = [batch * n for n in BY_HAND[convention, pool]]
        assert [cost.flops for cost in profile.costs] == expected
        assert profile.totals.flops == sum(expected)


def test_overlapping_adaptive_windows_by_hand() -> None:
    """5 inputs in 2 windows are 0 to 2 and 2 to 4: six additions per row, and six rows."""
    profile = cnncost.profile(single("AdaptiveAvgPool2d(2)", (3, 5, 5)), convention="lecture")
    assert profile.totals.flops == 3 * 6 * 6


def test_a_merge_by_hand() -> None:
    """An addition per value and branch counts as strict FLOPs only."""
    graph = cnncost.load_text(
        "name: n\ninput: [2, 3, 3]\nlayers:\n  - add: {a: Identity, b: ReLU, c: Identity}\n"
    )
    counts = {name: flops(graph, name) for name in CONVENTIONS}
    assert counts == {"lecture": 0, "macs": 0, "flops": 18 + 2 * 18, "torch": 0, "fvcore": 0}


def test_instance_norm_by_hand() -> None:
    """Strictly: 3 additions and 2 products a value; a channel an ε, 3 divisions and a root."""
    assert flops(single("InstanceNorm2d", (2, 3, 3)), "flops") == 18 * 5 + 2 * 5
    assert flops(single("BatchNorm2d(affine=False, track_running_stats=False)", (2, 3, 3)), "flops") == 100


def test_each_convention_counts_every_kind_of_work_it_names() -> None:
    """A weight names a field of Work, or the inputs and outputs."""
    known = {*Work._fields, "inputs", "outputs"}
    for convention in CONVENTIONS.values():
        assert all(set(weights) <= known for weights in convention.weights.values()), convention.name


def test_each_convention_names_layers_that_exist() -> None:
    """No weight is given to a type that no layer has."""
    costed = {"*"}
    for cls in Layer.registry.values():
        for example in cls.examples:
            if not example.fails and example.in_shapes:
                layer, _ = layer_of(cls.__name__, example.call, example.in_shapes[0])
                costed |= {layer.cost_type, f"{layer.cost_type}{len(example.in_shapes[0]) - 1}d"}
    for convention in CONVENTIONS.values():
        assert set(convention.weights) <= costed, convention.name


def test_strict_counting_counts_all_work() -> None:
    """Every operation of Work has a weight in `flops`: `products` are among the macs, `macts` are none."""
    assert set(CONVENTIONS["flops"].weights["*"]) == set(Work._fields) - {"products", "macts"}


# What else a convention says


def test_biases_can_be_left_out() -> None:
    """A convention without biases counts weights alone, and leaves buffers out as always."""
    bare = CONVENTIONS["lecture"].replace(biases=False)
    graph = single("Conv2d(4, 3) >> BatchNorm2d", (2, 6, 6))
    assert cnncost.profile(graph).totals.params == 4 * 18 + 4 + 4 + 4
    assert cnncost.profile(graph, convention=bare).totals.params == 4 * 18 + 4
    assert cnncost.profile(graph, convention=bare).totals.buffers == 4 + 4 + 1


def test_memory_is_that_of_outputs_not_in_place() -> None:
    """Bytes of the dtype, times the batch; an activation overwrites its input; elements where asked."""
    graph = single("Conv2d(4, 3) >> ReLU", (2, 6, 6))
    assert cnncost.profile(graph).totals.memory_bytes == 4 * 16 * 4
    assert cnncost.profile(graph, dtype="float16", batch=3).totals.memory_bytes == 4 * 16 * 2 * 3
    elements = CONVENTIONS["lecture"].replace(element_bytes=1)
    assert memory_steps(elements) == (PREFIXES, 1000)
    assert memory_steps(elements.replace(element_bytes=2, kilo=1000)) == (BYTE_UNITS, 1000)
    assert cnncost.profile(graph, convention=elements).totals.memory_bytes == 64


@pytest.mark.parametrize(
    "dtype", ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8"]
)
def test_dtypes_have_torchs_bytes(dtype: str) -> None:
    """An element takes what it takes in torch."""
    assert dtype_bytes(dtype) == getattr(torch, dtype).itemsize


def test_unknown_names_are_refused() -> None:
    """With the nearest known name, and the list."""
    with pytest.raises(NameUnknown, match=r"no convention `fvcor`; did you mean fvcore\?; there are lecture"):
        convention_named("fvcor")
    with pytest.raises(CnncostError, match=r"no dtype `float31`; did you mean float32\?"):
        dtype_bytes("float31")


# Conventions and dtypes of one's own


@pytest.fixture
def own_conventions() -> Iterator[None]:
    """What a test registers is forgotten afterwards."""
    with mock.patch.dict(CONVENTIONS), mock.patch.dict(DTYPE_BITS):
        yield


OURS = """\
name: ours
like: macs
summary: multiply-adds, two of them where there is a bias
weights:
  Conv: {macs: 1, adds: 2}
  MaxPool2d: {outputs: 3}
element_bytes: 1
"""


@pytest.mark.usefixtures("own_conventions")
def test_a_convention_from_a_file(tmp_path: Path) -> None:
    """What the file says holds, what it does not say is as in `like`; then its name is known."""
    file = tmp_path / "c.yaml"
    file.write_text(OURS, encoding="utf-8")
    graph = single("Conv2d(4, 3) >> MaxPool2d(2) >> Flatten >> Linear(5)", (2, 6, 6))
    for convention in (str(file), "ours"):
        profile = cnncost.profile(graph, convention=convention)
        assert [cost.flops for cost in profile.costs] == [64 * 18 + 2 * 64, 3 * 16, 0, 16 * 5]
        assert profile.convention.flops_label == "MACs"
        assert profile.totals.memory_bytes == 64 + 16 + 16 + 5
    assert profile.convention.source == str(file)


@pytest.mark.usefixtures("own_conventions")
def test_a_convention_of_ones_own_in_the_table(tmp_path: Path) -> None:
    """The command line takes the file, and the table says the convention's name and summary."""
    file = tmp_path / "c.yaml"
    file.write_text(OURS, encoding="utf-8")
    out = run("table", "lenet5", "--convention", str(file)).out
    assert "convention ours" in out
    assert "multiply-adds, two of them where there is a bias." in " ".join(out.split())


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("weight: {}", "c.yaml:1:1: a convention has no `weight`; did you mean weights?"),
        ("like: mac", "c.yaml:1:7: no convention `mac`; did you mean macs?; there are lecture"),
        ("weights: {Konv: {macs: 1}}", "c.yaml:1:11: `weights`: no layer type `Konv`; did you mean Conv?"),
        ("weights: {Conv: {mac: 1}}", "c.yaml:1:18: `weights` of Conv: no work `mac`; did you mean macs?"),
        ("weights: {Conv: {macs: 0.5}}", "c.yaml:1:24: `macs` must be a whole number, got 0.5"),
        ("kilo: 0", "c.yaml:1:7: `kilo` must be a whole number from 1, got 0"),
        ("biases: some", "c.yaml:1:9: `biases` must be true or false, got some"),
        ("name: lecture", "cnncost has a convention `lecture` of its own; choose another name"),
    ],
)
@pytest.mark.usefixtures("own_conventions")
def test_a_wrong_convention_is_refused(
    text: str, error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the place and the nearest name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CnncostError, match=re.escape(error)):
        cnncost.register_convention("c.yaml")


@pytest.mark.usefixtures("own_conventions")
def test_a_convention_registered_from_python() -> None:
    """It is found by its name, also a second time; without a name, by the file's name."""
    twice = replace(CONVENTIONS["macs"], name="twice", weights={"*": {"macs": 2}})
    assert cnncost.register_convention(twice) is cnncost.register_convention(twice)
    assert flops(single("Linear(3)", (4,)), "twice") == 24


@pytest.mark.usefixtures("own_conventions")
def test_half_bytes_are_packed_and_rounded_up() -> None:
    """45 elements of 4 bits take 23 bytes per sample; of 3 bits 17; the sum is that of the rows."""
    graph = single("Conv2d(5, 3) >> Conv2d(1, 3)", (2, 5, 5))
    cnncost.register_dtype("int3", 3)
    for dtype, first, batch in (("int4", 23, 1), ("int3", 17, 1), ("int4", 46, 2)):
        profile = cnncost.profile(graph, dtype=dtype, batch=batch)
        assert [cost.memory_bytes for cost in profile.costs] == [first, batch]
        assert all(type(cost.memory_bytes) is int for cost in profile.costs)


@pytest.mark.usefixtures("own_conventions")
def test_a_dtype_means_one_thing() -> None:
    """It may be registered again as it is, but not with other bits, or with none."""
    cnncost.register_dtype("int8", 8)
    with pytest.raises(CnncostError, match="dtype `int8` has 8 bits already, not 4"):
        cnncost.register_dtype("int8", 4)
    with pytest.raises(CnncostError, match="the bits of a dtype must be a whole number from 1, got 0"):
        cnncost.register_dtype("none", 0)


def test_help_and_readme_list_the_conventions() -> None:
    """Every one in the registry, with its summary and source in the README's table."""
    shown = " ".join(re.sub("[│ ]+", " ", run("table", "--help").out).split())
    assert f"memory mean: {', '.join(CONVENTIONS)}, or a YAML file" in shown
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    for each in CONVENTIONS.values():
        assert f"| `{each.name}` | {each.summary} | {each.source} |" in readme


# The helpers can fail


def test_a_count_that_differs_is_seen() -> None:
    """fvcore's count is that of the module: another kernel, another count."""
    graph = single("Conv2d(4, 3)", (2, 6, 6))
    assert flops(graph, "fvcore") != fvcore_flops(build(single("Conv2d(4, 2)", (2, 6, 6))), 1, 2, 6, 6)
    assert flops(graph, "torch") != run_counted(build(graph), (2, 7, 7), device="cpu")[1]
