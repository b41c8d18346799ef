"""`cnncost verify`: what is compared with torch, what is counted as compared, and that it can fail."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
import torch
from hypothesis import given, settings

import cnncost as api
from cnncost import CnncostError, Graph
from cnncost.dims import Shape
from cnncost.layers import Work
from cnncost.layers.base import Layer, Twin
from cnncost.layers.window import Window
from cnncost.measure import verify
from cnncost.measure.counters import fvcore_analysis
from cnncost.measure.verification.against_fvcore import build_layer_of_zeros, fvcore_macs
from cnncost.measure.verification.results import QUANTITIES, Mismatch, QuantityCheck, Verification
from cnncost.network.catalogue import layer_graph, load_text
from cnncost.tables import formats
from cnncost.tables.formats import terminal as styled
from cnncost.views import verification as view
from tests.command_line import cnncost
from tests.networks import compared, specs
from tests.walk import FAMILIES, LARGE, smallest_graph

torch.set_num_threads(1)  # pytest-xdist already keeps every core busy

IN_PLACE, NOTHING = "in-place layer, 0 by convention", "no convolution or matrix product, 0 here too"


def one(call: str, shape: Shape, **options: Any) -> Verification:
    """A chain, verified."""
    return verify(layer_graph(call, shape), **options)


def counts(result: Verification) -> dict[str, tuple[int, ...]]:
    """Same, different, not counted and not checked, by quantity."""
    return {comparison.quantity: tuple(comparison.counts.values()) for comparison in result.checks}


# What is counted as compared


def test_everything_is_counted_once() -> None:
    """Each layer has one outcome in each quantity, and each tensor one in params; a chain of five is counted on paper."""
    result = one("Conv2d(4, 3) >> BatchNorm2d >> ReLU >> Flatten >> Linear(3)", (2, 6, 6))
    assert counts(result) == {
        "shapes": (5, 0, 0, 0),
        "params": (2 + 5 + 2, 0, 0, 0),
        "macs": (2, 0, 3, 0),
        "fvcore": (2, 0, 3, 0),
        "memory": (3, 0, 0, 2),
        "field": (1, 0, 0, 4),
    }
    assert result["macs"].not_counted == {NOTHING: 3}
    assert result["memory"].not_checked == {IN_PLACE: 2}


def test_only_what_is_asked_for_is_compared() -> None:
    """In the table's order, whatever order was asked for."""
    result = one("Conv2d(4, 3)", (2, 6, 6), quantities=["field", "shapes"])
    assert [comparison.quantity for comparison in result.checks] == ["shapes", "field"]


def test_fields_that_are_not_looked_at_are_counted_as_such() -> None:
    """Three of nine layers, from the last one on; with None all."""
    call = "9 * Conv2d(2, 3, padding=1)"
    assert one(call, (2, 20, 20), fields=3)["field"].counts["not_checked"] == 6
    assert one(call, (2, 20, 20), fields=3)["field"].same == 3
    assert one(call, (2, 30, 30), fields=None)["field"].same == 9


def test_side_heads_are_compared_too() -> None:
    """They run in training only, on two samples."""
    graph = api.load("googlenet-torchvision")
    result = verify(graph, ("shapes", "macs", "memory"))
    assert sum(node.aux for node in graph.nodes) > 4
    assert counts(result)["shapes"] == (len(graph.nodes), 0, 0, 0)
    assert result["macs"].same == sum(node.type in ("Conv2d", "Linear") for node in graph.nodes)


@pytest.mark.parametrize("dtype", ["float64", "float16", "bfloat16"])
def test_memory_is_that_of_the_dtype(dtype: str) -> None:
    """The module runs in it."""
    result = verify(api.load("lenet5"), ["memory"], dtype)
    assert counts(result) == {"memory": (8, 0, 0, 4)}


def test_too_large_for_numbers() -> None:
    """vgg16's fc6 has 102 760 448 weights, which fvcore would need as numbers."""
    found = verify(api.load("vgg16"), ["fvcore"])["fvcore"]
    assert found.not_checked == {"too large to run with numbers": 1}
    assert found.same == 15


def test_without_fvcore_macs_are_torchs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message says so, and what to install."""
    fvcore_macs.cache_clear()
    monkeypatch.setitem(sys.modules, "fvcore.nn", None)
    result = one("Conv2d(4, 3)", (2, 6, 6))
    assert result["macs"].same == 1
    assert result["fvcore"].not_checked == {"fvcore is not installed: pip install 'cnncost[torch]'": 1}


# Where the other side is wrong, computed on paper


def test_fvcore_misses_a_padding_in_words() -> None:
    """8 filters of 4·3·3 weights at 6·8 outputs are 13 824 multiply-adds; fvcore says 0, unsupported."""
    result = one("Conv2d(8, 3, padding='same')", (4, 6, 8))
    assert fvcore_macs(
        layer_graph("Conv2d(8, 3, padding='same')", (4, 6, 8)).nodes[0].layer, ((4, 6, 8),)
    ) == (
        0,
        "aten::_convolution_mode",
    )
    assert result["fvcore"].not_counted == {"fvcore misses a convolution whose padding is a word": 1}
    assert result["macs"].same == 1
    assert fvcore_macs(layer_graph("Conv2d(8, 3, padding=1)", (4, 6, 8)).nodes[0].layer, ((4, 6, 8),)) == (
        13_824,
        "",
    )


def test_fvcore_misses_the_products_of_attention() -> None:
    """10 tokens, 4 heads of 8: two products of 10²·32, 6400, of which it has none; projections 4·10·32²."""
    shape = (10, 32)
    layer = layer_graph("MultiheadAttention(4)", shape).nodes[0].layer
    assert layer.work((shape,), shape).macs == 40_960 + 6_400
    assert fvcore_macs(layer, (shape,)) == (40_960, "aten::scaled_dot_product_attention")
    bare = one("ScaledDotProductAttention(4)", (10, 96))
    assert bare["fvcore"].not_counted == {"fvcore misses the products of attention": 1}
    assert bare["macs"].same == 1


@pytest.mark.parametrize(("call", "flops"), [("BatchNorm2d", 2 * 4 * 36), ("AdaptiveAvgPool2d(2)", 4 * 36)])
def test_fvcore_counts_what_is_no_multiply_add(call: str, flops: int) -> None:
    """Batch norm two per value, adaptive pooling one per input value: rows that are not compared."""
    shape = (4, 6, 6)
    module = build_layer_of_zeros(layer_graph(call, shape).nodes[0].layer, (shape,))
    assert fvcore_analysis(module, (torch.zeros(1, *shape),)).total() == flops
    assert one(call, shape)["fvcore"].not_counted == {NOTHING: 1}


# The comparison can fail


def changed(graph: Graph, node: int = 0, **methods: Any) -> Graph:
    """The graph with one layer that says something else: methods or attributes by name."""
    old = graph.nodes[node]
    cls = type(old.layer)
    with mock.patch.dict(Layer.registry):
        del Layer.registry[cls.__name__]
        other = type(cls.__name__, (cls,), methods)
    layer = object.__new__(other)
    for name, value in old.layer.arguments().items():
        object.__setattr__(layer, name, value)
    for name in ("window", "order"):
        if name in vars(old.layer):
            object.__setattr__(layer, name, getattr(old.layer, name))
    for name in methods.keys() & {"window"}:
        object.__setattr__(layer, name, methods[name])
    nodes = list(graph.nodes)
    nodes[node] = old._replace(layer=layer)
    return graph.replace(nodes=tuple(nodes))


CONV = ("Conv2d(4, 3, padding=1)", (2, 6, 6))
WRONG: dict[str, tuple[dict[str, Any], Mismatch]] = {
    "params": (
        {"weights": lambda *_: {"weight": (4, 2, 3, 3), "bias": (5,)}},
        Mismatch("Conv2d", ("parameter", (5,)), ("parameter", (4,)), "bias"),
    ),
    "macs": ({"work": lambda *_: Work(macs=2591)}, Mismatch("Conv2d", 2591, 2592)),
    "fvcore": ({"work": lambda *_: Work(macs=2591)}, Mismatch("Conv2d", 2591, 2592)),
    "field": (
        {"window": (Window(3, 1, (2, 0), 1),) * 2},
        Mismatch("Conv2d", ((0, 0), (0, 0)), ((0, 1), (0, 1)), "seen from 0, 0"),
    ),
}


@pytest.mark.parametrize("quantity", WRONG)
def test_a_layer_that_says_otherwise_is_a_difference(quantity: str) -> None:
    """With our value and torch's; a bias of 5, 2591 multiply-adds, a window moved by one."""
    methods, difference = WRONG[quantity]
    assert verify(layer_graph(*CONV), [quantity])[quantity].same > 0
    (found,) = verify(changed(layer_graph(*CONV), **methods), [quantity])[quantity].mismatches
    assert found == difference


def test_a_shape_that_differs_is_seen_and_so_is_its_memory() -> None:
    """The graph says 4×5×6; the module gives 4×6×6."""
    graph = layer_graph(*CONV)
    wrong = graph.replace(nodes=(graph.nodes[0]._replace(out_shape=(4, 5, 6)),))
    result = verify(wrong, ["shapes", "memory"])
    assert result["shapes"].mismatches == [Mismatch("Conv2d", (4, 5, 6), (4, 6, 6))]
    assert result["memory"].mismatches == [Mismatch("Conv2d", 480, 576)]
    assert result.mismatches == 2


def test_weights_are_compared_by_name_and_kind() -> None:
    """One that only one side has, and a buffer that torch calls a parameter."""
    graph = layer_graph("BatchNorm2d", (2, 3, 3))
    wrong = changed(
        graph, weights=lambda *_: {"weight": (2,), "scale": (2,)}, buffer_names=frozenset({"weight"})
    )
    found = {difference.what: difference for difference in verify(wrong, ["params"])["params"].mismatches}
    assert found["weight"] == Mismatch("BatchNorm2d", ("buffer", (2,)), ("parameter", (2,)), "weight")
    assert found["scale"] == Mismatch("BatchNorm2d", ("parameter", (2,)), None, "scale")
    assert found["bias"] == Mismatch("BatchNorm2d", None, ("parameter", (2,)), "bias")
    assert set(found) == {"weight", "scale", "bias", "running_mean", "running_var", "num_batches_tracked"}


def test_a_module_that_torch_does_not_make_or_run_is_a_difference() -> None:
    """The layer at which it stops is named; layers after it are not checked."""
    graph = layer_graph("Conv2d(4, 3) >> ReLU >> Conv2d(4, 3)", (2, 9, 9))

    def twin(*changes: Any) -> Graph:
        arguments = {"in_channels": 4, "out_channels": 4, "kernel_size": 3, **dict(changes)}
        return changed(graph, 2, twin=lambda *_: Twin("torch.nn.Conv2d", arguments))

    unmade = verify(twin(("groups", 3)), ["shapes", "macs"])
    (difference,) = unmade["shapes"].mismatches
    assert difference.node == "Conv2d_1"
    assert difference.theirs == "ValueError: in_channels must be divisible by groups"
    assert unmade["macs"].not_checked == {"the network could not be built in torch": 3}
    unmade = verify(twin(("groups", 3)), ["params"])
    assert (unmade["params"].compared, sum(unmade["params"].counts.values())) == (1, 4)
    stopped = verify(twin(("in_channels", 5)), ["shapes", "macs"])
    assert stopped["shapes"].counts["not_checked"] == 2
    (difference,) = stopped["shapes"].mismatches
    assert (difference.node, difference.ours) == ("Conv2d_1", (4, 5, 5))
    assert difference.theirs.startswith("RuntimeError: ")
    assert stopped.mismatches == 1


# The catalogue and drawn networks


@pytest.mark.parametrize("family", [family for family in FAMILIES if family not in LARGE])
def test_fields_of_a_network_of_each_family(family: str) -> None:
    """The smallest of each: as many layers as can be looked at are what the gradient sees."""
    result = verify(smallest_graph(family), ["field"])
    assert result["field"].mismatches == []


@settings(max_examples=500, derandomize=True, deadline=None)
@given(specs())
def test_drawn_networks_are_the_same_in_torch(text: str) -> None:
    """Whatever a spec says: shapes, params, macs, memory and fields are those of its module."""
    compared(text)


FOUND = {
    "a norm over a map whose last column sees nothing": (
        (6, 10, 13),
        "ConvTranspose2d(3, 1, stride=2, output_padding=(0, 1)) >> BatchNorm2d(track_running_stats=False)"
        " >> Conv2d(8, 4, padding='same')",
    ),
    "a dilated window over the padding, and one behind it": (
        (4, 10, 7),
        "2 * add(a=Conv2d(4, 3, padding=2, dilation=2) >> BatchNorm2d >> ReLU, b=Identity)",
    ),
    "a dilated pool whose first tap lies in the padding": (
        (5, 6, 21),
        "MaxPool2d((2, 3), padding=(1, 0), ceil_mode=True, dilation=2) >> Conv2d(5, 1)",
    ),
    "a padding that repeats a map whose positions see everything": (
        (6, 10, 21),
        "Conv2d(6, 1, stride=2) >> Upsample(2, mode='bilinear') >> "
        "Conv2d(8, 4, padding=(3, 4), padding_mode='replicate') >> CenterCrop(5)",
    ),
    "a group of a single value": ((1, 20, 9), "AdaptiveMaxPool2d(1) >> GroupNorm(1) >> ReLU6 >> Flatten"),
    "a batch norm of a single value": (
        (6, 9, 5),
        "AdaptiveAvgPool2d(1) >> BatchNorm2d(track_running_stats=False) >> ConvTranspose2d(6, 4, groups=6)",
    ),
    "an interpolation that falls on an input but for rounding": (
        (6, 29),
        "Upsample(scale_factor=3, mode='linear', align_corners=True) >> Conv1d(1, 3, stride=2, padding=3)",
    ),
    "an interpolation that falls on an input but for rounding, of a map made smaller": (
        (4, 7, 17),
        "Upsample(2) >> Upsample(10, mode='bilinear')",
    ),
    "a stride that meets nothing but gaps": (
        (3, 9),
        "ConvTranspose1d(2, 2, stride=3) >> Conv1d(5, 1, stride=3, padding=1) >> Conv1d(5, 3) >> Conv1d(5, 1)",
    ),
    "gaps between outputs that see the whole map, next to a map": (
        (2, 60),
        "concat(a=InstanceNorm1d >> ConvTranspose1d(3, 2, stride=3, padding=1)"
        " >> ConvTranspose1d(3, 3, stride=2, padding=2), b=Upsample(351))",
    ),
    "gaps along one axis, where branches meet": (
        (1, 9, 5),
        "add(a=AdaptiveAvgPool2d((1, 5)) >> Upsample((9, 5)) >> ConvTranspose2d(1, 1, stride=(1, 3)), "
        "b=Upsample((9, 13)))",
    ),
    "branches whose channels go to other places": (
        (1, 18, 14),
        "concat(a=Identity, b=Conv2d(3, 5, padding=2)) >> PixelShuffle(2) >> Conv2d(1, 1)",
    ),
    "a side head whose layers have fields": ((2, 9, 9), "Conv2d(2, 3) >> Conv2d(2, 3, padding=1)"),
}


@pytest.mark.parametrize("title", FOUND)
def test_what_drawn_networks_found(title: str) -> None:
    """Each differed, or stopped, once: in a field, in its check, or for one sample."""
    shape, call = FOUND[title]
    head = "  - aux:\n      side: AdaptiveAvgPool2d(2) >> Flatten\n" if "side head" in title else ""
    text = f"name: found\ninput: {list(shape)}\nlayers:\n  - {call}\n{head}"
    result = compared(text, fields=99)
    assert result["shapes"].same == result.layers
    assert result["fvcore"].not_checked == {}


def test_one_value_is_normalised_in_a_batch_of_two() -> None:
    """By hand: 6 channels to 6·4·4, a filter each, so 6·16 multiply-adds a sample."""
    shape, call = FOUND["a batch norm of a single value"]
    costs = api.profile(layer_graph(call, shape)).costs
    assert costs[-1].macs == 6 * 16
    assert one(call, shape)["macs"].mismatches == one(call, shape)["memory"].mismatches == []


def test_a_drawn_network_that_differs_is_told_with_its_spec() -> None:
    """So that it can be kept as a case."""
    text = "name: n\ninput: [2, 6, 6]\nlayers:\n  - Conv2d(4, 3, padding=1)\n"
    wrong = changed(load_text(text), work=lambda *_: Work(macs=1))
    with (
        mock.patch("tests.networks.load_text", return_value=wrong),
        pytest.raises(AssertionError, match=r"macs: Mismatch\(node='Conv2d', ours=1, theirs=2592"),
    ):
        compared(text)


# The twin of a field


@pytest.mark.parametrize(
    ("call", "same"),
    [
        ("Conv2d(64, 3, padding=1) >> PixelShuffle(2) >> Conv2d(64, 3)", 3),
        ("Conv2d(64, 3, padding=1) >> PixelUnshuffle(2) >> Conv2d(8, 3)", 3),
        ("Conv2d(64, 3, padding=1) >> GroupNorm(8) >> Conv2d(64, 3)", 2),
        ("Conv2d(64, 3, padding=1) >> InstanceNorm2d >> Conv2d(64, 3)", 2),
        ("Conv2d(64, 3) >> Conv2d(64, 3, groups=64) >> Slice(16) >> Conv2d(64, 3)", 3),
    ],
)
def test_a_wide_network_is_differentiated_one_channel_wide(call: str, same: int) -> None:
    """Also through layers that count channels; norms and slices work in place."""
    found = one(call, (16, 24, 24), quantities=["field"])["field"]
    assert "one channel wide" in found.against
    assert (found.same, found.mismatches) == (same, [])


def test_gaps_along_both_axes_are_no_difference() -> None:
    """There a field is the smallest product of intervals, and some outputs see less: not checked."""
    branch = "AvgPool2d({0}) >> ConvTranspose2d(2, 1, stride={0}, output_padding={1})"
    call = f"add(a={branch.format(4, 3)}, b={branch.format(2, 1)})"
    found = one(f"{call} >> Conv2d(2, 1)", (2, 20, 24), fields=None)["field"]
    assert found.mismatches == []
    assert found.not_checked["behind gaps of a transposed stride: the gradient sees that much at most"] > 0


# The command


def test_the_table_of_a_network() -> None:
    """Counts by quantity; below them, what each was compared with and what was not checked."""
    result = cnncost("verify", "lenet5", "--only", "macs,memory")
    assert (result.code, result.err) == (0, "")
    assert result.out == GOLDEN


GOLDEN = """\
lenet5, input 1×32×32, float32, 12 layers

                 same  different  not counted  not checked
──────────────────────────────────────────────────────────
macs    layers      5                       7
memory  outputs     8                                    4

macs    torch's FlopCounterMode, halved
        7 not counted: no convolution or matrix product, 0 here too
memory  the bytes of each module's output
        4 not checked: in-place layer, 0 by convention
"""


def test_several_networks_have_a_row_each() -> None:
    """And the counts of all together."""
    result = cnncost("verify", "lenet5", "alexnet", "--only", "shapes,macs", "--dtype", "bfloat16")
    assert result.out.splitlines()[:8] == [
        "network  shapes  macs",
        "─────────────────────",
        "lenet5       12     5",
        "alexnet      21     8",
        "",
        "2 networks, 33 layers, bfloat16",
        "",
        "                 same  different  not counted  not checked",
    ]


def test_families_and_all_are_chosen_by_name() -> None:
    """`--family` takes its networks; `--all` those of every family."""
    result = cnncost("verify", "--family", "lenet5", "--only", "params", "--format", "csv")
    assert list(csv.DictReader(io.StringIO(result.out))) == [
        {
            "name": "lenet5",
            "quantity": "params",
            "unit": "tensors",
            "same": "10",
            "different": "0",
            "not_counted": "0",
            "not_checked": "0",
        }
    ]
    from cnncost.cli.verify import chosen_networks

    assert (
        len(chosen_networks([], True, []))
        == len(set(chosen_networks([], True, [])))
        == sum(map(len, FAMILIES.values()))
    )


def test_another_input_and_other_params() -> None:
    """As for `table`."""
    result = cnncost(
        "verify", "alexnet", "--input", "3x67x67", "--set", "classes=7", "--only", "shapes", "-f", "json"
    )
    (network,) = json.loads(result.out)["networks"]
    assert (network["input"], network["comparisons"][0]["same"]) == ([3, 67, 67], 21)


def test_json_has_everything() -> None:
    """Counts, reasons and differences of each quantity."""
    data = json.loads(cnncost("verify", "lenet5", "--format", "json").out)
    assert (data["schema"], data["differences"]) == (1, 0)
    (network,) = data["networks"]
    assert [comparison["quantity"] for comparison in network["comparisons"]] == list(QUANTITIES)
    assert network["comparisons"][2]["reasons"] == {NOTHING: 7}


DIFFERENT = Verification(
    "net",
    (2, 6, 6),
    "float32",
    1,
    (
        QuantityCheck("shapes", "torch", 0, [Mismatch("conv", (4, 5, 6), (4, 6, 6))]),
        QuantityCheck("params", "torch", 1, [Mismatch("conv", ("parameter", (5,)), None, "bias")]),
        QuantityCheck("macs", "torch", 0, [Mismatch(f"conv{i}", i, i + 1) for i in range(12)]),
        QuantityCheck(
            "field", "torch", 0, [Mismatch("conv", ((0, 2), None), ((0, 1), (3, 3)), "seen from 0, 0")]
        ),
    ),
)


def test_differences_come_first() -> None:
    """Layer and both values; of many, the first ten."""
    lines = formats.render(view.document([DIFFERENT]), "terminal").splitlines()
    rows = [" ".join(line.split()) for line in lines]
    assert rows[0] == "Different"
    assert rows[2] == "network quantity layer cnncost torch"
    assert rows[4:7] == [
        "net shapes conv 4×5×6 4×6×6",
        "net params conv, bias parameter 5 nothing",
        "net macs conv0 0 1",
    ]
    assert rows[16:19] == [
        "net field conv, seen from 0, 0 0 to 2 × nothing 0 to 1 × 3 to 3",
        "",
        "net: 2 more in macs; --format json has them all.",
    ]
    both = formats.render(view.document([DIFFERENT, replace(DIFFERENT, name="two")]), "terminal").splitlines()
    assert "net      0 of 1  1 of 2  0 of 12  0 of 1" in both


def test_differences_are_red() -> None:
    """Each differing layer, the network's row, and the counts of the quantity."""
    shown = styled.lines(view.document([DIFFERENT, replace(DIFFERENT, name="two")]), 80)
    red = [text.split()[0] for line in shown for text, style in line if style == "bold red" and text.strip()]
    assert red[:2] == ["shapes", "params"]
    assert {"net", "two", "macs", "24"} <= set(red)


def test_every_format_has_the_differences() -> None:
    """CSV the counts of each quantity, the others every layer too."""
    for name in ("markdown", "html", "latex"):
        assert "conv, bias" in formats.render(view.document([DIFFERENT]), name)
    assert "| net | shapes | conv | 4×5×6 | 4×6×6 |\n" in formats.render(
        view.document([DIFFERENT]), "markdown"
    )
    assert "net,macs,layers,0,12,0,0\n" in formats.render(view.document([DIFFERENT]), "csv")


def test_the_exit_code_is_1_if_anything_differs() -> None:
    """And 0 if nothing does, checked or not."""
    with mock.patch("cnncost.measure.verify", return_value=DIFFERENT):
        assert cnncost("verify", "lenet5").code == 1
    assert cnncost("verify", "lenet5", "--only", "field").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lenet5", "--only", "shape"], "cnncost: no quantity `shape`; did you mean shapes?\n"),
        (
            ["lenet5", "--only", "x"],
            "cnncost: no quantity `x`; there are shapes, params, macs, fvcore, memory, field\n",
        ),
        (
            ["lenet5", "--all"],
            "cnncost: verify takes names, or --family NAME, or --all for the whole catalogue\n",
        ),
        (
            ["--only", "macs"],
            "cnncost: verify takes names, or --family NAME, or --all for the whole catalogue\n",
        ),
        (["--family", "lenet"], "cnncost: no family `lenet`; did you mean lenet5?\n"),
        (
            ["lenet5", "--dtype", "int8"],
            "cnncost: no network runs in int8; there are float64, float32, float16, bfloat16\n",
        ),
        (["lenet5", "--dtype", "float31"], "cnncost: no dtype `float31`; did you mean float32?"),
        (["lenet55"], "cnncost: no network `lenet55`; did you mean lenet5?\n"),
        (
            ["lenet5", "--format", "yaml"],
            f"cnncost: no format `yaml`; there are {', '.join(formats.NAMES)}\n",
        ),
    ],
)
def test_a_wrong_input_is_one_line(arguments: list[str], message: str) -> None:
    """With what to type instead, and exit code 2."""
    result = cnncost("verify", *arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(message)
    assert result.err.count("\n") == 1


def test_without_torch_it_says_what_to_install() -> None:
    """One line; nothing else of the program needs torch."""
    with mock.patch.dict(sys.modules, {"torch": None}):
        result = cnncost("verify", "lenet5")
        help = cnncost("verify", "--help")
    assert (result.code, result.out) == (2, "")
    assert result.err == "cnncost: torch is not installed: pip install 'cnncost[torch]'\n"
    assert help.code == 0


def test_help_and_reports_need_no_torch() -> None:
    """Only a comparison or a measurement imports torch: in a process of its own, nothing else does."""
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from contextlib import suppress\n"
        "from cnncost.cli import main\n"
        "for command in ('verify', 'time'):\n"
        "    sys.argv = ['cnncost', command, '--help']\n"
        "    with suppress(SystemExit):\n"
        "        main()\n"
        "from cnncost.timing.reports import reported_devices\n"
        "from cnncost.views import timing, verification\n"
        "assert reported_devices()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Usage: cnncost verify" in done.stdout
    assert "Usage: cnncost time" in done.stdout


def test_progress_is_shown_on_a_terminal_only(capsys: pytest.CaptureFixture[str]) -> None:
    """One line that is written over, for several networks."""
    from cnncost.cli.options import progress

    with mock.patch("sys.stderr.isatty", return_value=True):
        progress(0, 12, "alexnet")
        progress(12, 12)
        progress(0, 1, "alexnet")
    progress(0, 12, "alexnet")
    assert capsys.readouterr().err == "\r\x1b[K 1/12 alexnet\r\x1b[K"


def test_a_quantity_that_was_not_compared_is_not_there() -> None:
    """Asking for it is an error, not a match."""
    with pytest.raises(KeyError):
        one("ReLU", (2, 3, 3), quantities=["shapes"])["macs"]
    with pytest.raises(CnncostError, match="no quantity `speed`"):
        one("ReLU", (2, 3, 3), quantities=["speed"])
