"""From a spec to a graph: names, shapes and edges as the notation promises, and every refusal."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncost.count.profile import profile_graph
from cnncost.errors import CnncostError, SpecError, SpecErrors
from cnncost.network.builder import build
from cnncost.network.catalogue import layer_graph, load_text, read
from cnncost.network.graph import INPUT, Graph
from cnncost.spec.reader import parse_spec
from tests.design import RESNET
from tests.hostile import EXAMPLES, documents, mutations, specs

INPUT_LINE = "input: [3, 32, 32]\n"


def graph(text: str) -> Graph:
    """The network of a spec's text, on a 32 by 32 image unless it says otherwise."""
    return load_text(text if f"\n{text}".count("\ninput: ") else INPUT_LINE + text, source="net.yaml")


def layers(*items: str) -> Graph:
    """The network of some items."""
    return graph("layers:\n" + "".join(f"  - {item}\n" for item in items))


def names(network: Graph) -> list[str]:
    """The names of its nodes."""
    return [node.name for node in network.nodes]


def edges(network: Graph) -> dict[str, tuple[str, ...]]:
    """Which nodes each node comes from."""
    return {node.name: node.inputs for node in network.nodes}


def refused(text: str) -> str:
    """The first line of the error that a spec meets."""
    with pytest.raises(SpecError) as caught:
        graph(text)
    return str(caught.value).partition("\n")[0]


# Names


def test_names_are_paths() -> None:
    """DESIGN.md's own example: a node's name is the path to it, and a given name is kept."""
    network = graph(RESNET)
    found = names(network)
    assert found[:3] == ["conv1.conv_bn.Conv2d", "conv1.conv_bn.BatchNorm2d", "conv1.ReLU"]
    assert "conv3_x.0.body.conv_bn.Conv2d" in found
    assert found[3] == "maxpool"
    assert found[4:15] == [
        f"conv2_x.0.{name}"
        for name in (
            "body.conv_bn.Conv2d",
            "body.conv_bn.BatchNorm2d",
            "body.ReLU",
            "body.conv_bn_1.Conv2d",
            "body.conv_bn_1.BatchNorm2d",
            "body.ReLU_1",
            "body.conv_bn_2.Conv2d",
            "body.conv_bn_2.BatchNorm2d",
            "shortcut.Conv2d",
            "shortcut.BatchNorm2d",
            "add",
        )
    ]
    assert "conv2_x.2.shortcut" in found  # an Identity takes its branch's name
    assert found[-3:] == ["AdaptiveAvgPool2d", "Flatten", "fc"]
    assert network.nodes[-1].out_shape == (1000,)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    "item, expected",
    [
        ("ReLU >> ReLU >> ReLU", ["ReLU", "ReLU_1", "ReLU_2"]),
        ("conv1_{}: 2 * Conv2d(8, 3)", ["conv1_1", "conv1_2"]),
        (
            "conv1_{}: 2 * (Conv2d(8, 3) >> ReLU)",
            ["conv1_1.Conv2d", "conv1_1.ReLU", "conv1_2.Conv2d", "conv1_2.ReLU"],
        ),
        ("2 * ReLU >> Tanh", ["0", "1", "Tanh"]),
        ("a: 2 * ReLU", ["a.0", "a.1"]),
        ("a: ReLU >> 2 * Tanh", ["a.ReLU", "a.0", "a.1"]),
        ("a: ReLU", ["a"]),
        ("a: {b: {c: ReLU}}", ["a.b.c"]),
        ("a: [ReLU, ReLU]", ["a.ReLU", "a.ReLU_1"]),
        ("[ReLU, [Tanh, []]]", ["ReLU", "Tanh"]),
        ("add(a=ReLU, b=Identity) >> add(a=ReLU, b=Tanh)", ["a", "b", "add", "a_1", "b_1", "add_1"]),
        ("m: add(a=ReLU, b=Tanh)", ["m.a", "m.b", "m"]),
        (
            "m: {concat: {a: ReLU, b: {multiply: {c: Sigmoid, d: Identity}}}}",
            ["m.a", "m.b.c", "m.b.d", "m.b", "m"],
        ),
        ("aux: {side: ReLU}", ["side"]),
        ("aux: ReLU >> Tanh", ["aux.ReLU", "aux.Tanh"]),
        ("0 * ReLU", []),
        ("a: None", []),
        ("3 * None", []),
        ("None if in_channels == 3 else ReLU", []),
        ("0: ReLU", ["0"]),
    ],
)
def test_names(item: str, expected: list[str]) -> None:
    """Each form of an item names its layers in its own way."""
    assert names(layers(item)) == expected


# Edges


def test_merge_forms_agree() -> None:
    """A merge as a mapping and one within a line are the same network."""
    mapping = graph(
        "layers:\n  - ReLU\n  - concat:\n      a: Conv2d(4, 1)\n      b: Identity\n      c: Tanh >> Tanh\n"
    )
    inline = layers("ReLU", "concat(a=Conv2d(4, 1), b=Identity, c=Tanh >> Tanh)")
    assert edges(mapping) == edges(inline)
    assert edges(mapping)["concat"] == ("a", "b", "c.Tanh_1")
    assert mapping.nodes[-1].out_shape == (10, 32, 32)


def test_a_merge_takes_options() -> None:
    """In brackets behind its name: a param, as in a section and within a line."""
    section = "params: {axis: 3}\nlayers:\n  - concat(dim=axis):\n      a: ReLU\n      b: Tanh\n"
    network = graph(section)
    assert network.nodes[-1].out_shape == (3, 32, 64)
    line = layers("concat(dim=3, a=ReLU, b=Tanh)")
    assert [node[:3] for node in line.nodes] == [node[:3] for node in network.nodes]


def test_a_merge_of_copies() -> None:
    """Each copy is a branch of its own, from the merge's input; one that comes to nothing is left out."""
    found = edges(
        graph("layers:\n  - ReLU\n  - concat:\n      x{}: 3 * Conv2d(4 + index, 1)\n      y: Identity\n")
    )
    assert found["concat"] == ("x1", "x2", "x3", "y")
    assert found["x1"] == found["x3"] == ("ReLU",)
    some = edges(graph("layers:\n  - add:\n      x{}: 4 * (Tanh if index % 2 else None)\n"))
    assert some == {"x2": ("input",), "x4": ("input",), "add": ("x2", "x4")}


def test_a_ref_can_be_computed() -> None:
    """`{}` is the number of the copy, or the number behind the name: HarDNet's links, WaveNet's skips."""
    links = "concat:\n        x{}: 3 * (ref('layer{}', k - 2 ** index) if k % 2 ** index == 0 else None)"
    block = f"blocks:\n  layer(k):\n    - {links}\n    - Conv2d(4, 1)\n"
    units = "  - layer0: Identity\n  - layer{}: 4 * layer(index + 1)\n"
    found = edges(graph(f"{block}layers:\n{units}  - add:\n      skip{{}}: 4 * (ref('layer{{}}') >> ReLU)\n"))
    assert found["layer1.Conv2d"] == ("layer0",)
    assert found["layer2.concat"] == ("layer1.Conv2d", "layer0")
    assert found["layer4.concat"] == ("layer3.Conv2d", "layer2.Conv2d", "layer0")
    assert [found[f"skip{i}.ReLU"] for i in (1, 4)] == [("layer1.Conv2d",), ("layer4.Conv2d",)]


def test_a_ref_can_have_several_numbers() -> None:
    """In the order of the `{}`; those that are not given are the number of the copy."""
    row = "blocks:\n  row(i):\n    - cell{}: 2 * (ref('row{}.cell{}', i) >> Conv2d(4, 1))\n"
    first = "layers:\n  - row0:\n      - cell{}: 2 * Conv2d(4, 1)\n"
    last = "  - row{}: 2 * row(index)\n  - ref('row{}.cell{}', 2, 1) >> Tanh\n"
    found = edges(graph(row + first + last))
    assert found["row1.cell1.Conv2d"] == ("row0.cell1",)
    assert found["row2.cell2.Conv2d"] == ("row1.cell2.Conv2d",)
    assert found["Tanh"] == ("row2.cell1.Conv2d",)


def test_a_branch_of_none_is_not_there() -> None:
    """A merge of what is left; of a single branch, no merge at all: a residual where the shape allows it."""
    block = "blocks:\n  block(out):\n    - add:\n        body: Conv2d(out, 1)\n"
    shortcut = "        shortcut: Identity if out == in_channels else None\n"
    network = graph(block + shortcut + "layers:\n  - a: block(8)\n  - b: block(8)\n")
    assert edges(network) == {
        "a.body": ("input",),
        "b.body": ("a.body",),
        "b.shortcut": ("a.body",),
        "b.add": ("b.body", "b.shortcut"),
    }
    assert "`add` has no branch left" in refused("layers: add(a=None, b=2 * None)")


def test_each_branch_starts_from_the_merges_input() -> None:
    """Branches do not follow each other."""
    found = edges(layers("ReLU", "multiply(gate=Sigmoid, body=Conv2d(3, 1))"))
    assert found["gate"] == found["body"] == ("ReLU",)
    assert found["multiply"] == ("gate", "body")


def test_ref_starts_from_an_earlier_output() -> None:
    """`ref` leads back to a named output, the network's input, or a path in quotes."""
    found = edges(
        layers(
            "a: Conv2d(8, 1) >> ReLU",
            "b: Tanh",
            "ref(a) >> Sigmoid",
            "concat(x=ref(input), y=ref('a.Conv2d'))",
        )
    )
    assert found["Sigmoid"] == ("a.ReLU",)
    assert found["concat"] == ("input", "a.Conv2d")


def test_ref_looks_outward() -> None:
    """The nearest name counts: of the same block first, then of those around it."""
    network = graph(
        "blocks:\n  f:\n    - a: Tanh\n    - g\n  g: add(x=ref(a), y=ref(b))\n"
        "layers:\n  - a: ReLU\n  - b: Sigmoid\n  - s: f\n  - add(x=ref(a), y=ref('s.a'))\n"
    )
    found = edges(network)
    assert found["s.g.add"] == ("s.a", "b")
    assert found["add"] == ("a", "s.a")


def test_side_heads_are_marked() -> None:
    """A side head hangs on the main path, which goes on from where it stood."""
    network = layers("a: ReLU", "aux: {side: MaxPool2d(8) >> Flatten}", "b: Tanh")
    assert [(n.name, n.aux, n.inputs) for n in network.nodes] == [
        ("a", False, (INPUT,)),
        ("side.MaxPool2d", True, ("a",)),
        ("side.Flatten", True, ("side.MaxPool2d",)),
        ("b", False, ("a",)),
    ]
    assert network.output == "b"


def test_in_shape() -> None:
    """`in_shape` is what entered the enclosing block: its sizes are found by index."""
    network = graph(
        "blocks:\n  f: Flatten >> Linear(in_shape[0] + in_shape[1] * in_shape[2])\n"
        "layers: Conv2d(5, 1) >> MaxPool2d(2) >> f\n"
    )
    c, h, w = network.nodes[1].out_shape
    assert network.nodes[-1].out_shape == (c + h * w,)


def test_in_channels() -> None:
    """`in_channels` is what entered the enclosing block, not the layer."""
    network = graph(
        "blocks:\n  f: Conv2d(2 * in_channels, 1) >> Conv2d(in_channels, 1)\nlayers:\n  - Conv2d(5, 1) >> f\n"
    )
    assert [node.out_shape[0] for node in network.nodes] == [5, 10, 5]


def test_block_defaults_use_earlier_parameters_and_params() -> None:
    """A default may be computed from what the block was given."""
    network = graph(
        "params: {k: 3}\nblocks:\n  f(n, out=n * k): Conv2d(out, k)\nlayers: f(2) >> f(2, out=1)\n"
    )
    assert [node.out_shape[0] for node in network.nodes] == [6, 1]


# Params and variants


def test_params_and_variants() -> None:
    """A variant changes params, later ones see it, and a caller's value comes last."""
    text = (
        "params: {a: 2, b: 2 * a, norm: None}\nvariants: {big: {a: 4, norm: BatchNorm2d}}\n"
        'input: [3, 8 * a, 32]\nlayers: ["Conv2d(b, 1) >> norm"]'
    )
    spec = parse_spec(text, "net.yaml")
    shape = {
        "plain": build(spec).nodes[-1].out_shape,
        "variant": build(spec, "big").nodes[-1].out_shape,
        "given": build(spec, "big", params={"b": 5}, input_shape=(1, 9, 9)).nodes[-1].out_shape,
    }
    assert shape == {"plain": (4, 16, 32), "variant": (8, 32, 32), "given": (5, 9, 9)}
    assert names(build(spec, "big")) == ["Conv2d", "BatchNorm2d"]


def test_params_from_python_may_be_lists() -> None:
    """A list from Python is a list like one in the spec."""
    spec = parse_spec(INPUT_LINE + "params: {d: [1, [2, 3]]}\nlayers: ['d[1][0] * ReLU']", "net.yaml")
    assert names(build(spec, params={"d": [1, [1, 3]]})) == ["0"]


def test_params_hold_blocks_and_layers() -> None:
    """A param may be a block to be called, or a layer with its arguments."""
    text = "params: {f: g, act: LeakyReLU(0.2)}\nblocks:\n  g(n): Conv2d(n, 1) >> act\nlayers: f(7)"
    assert [str(node.layer) for node in graph(text).nodes] == [
        "Conv2d(7, 1)",
        "LeakyReLU(negative_slope=0.2)",
    ]
    message = refused("params: {act: LeakyReLU(0.2)}\nlayers: act >> act(0.1)")
    assert message == "net.yaml:3:16: `act` has its arguments already"


def test_wrong_params() -> None:
    """An unknown variant or param gets the nearest known one."""
    spec = parse_spec(INPUT_LINE + "params: {width: 3}\nvariants: {small: {}}\nlayers: ReLU", "net.yaml")
    with pytest.raises(SpecError, match=r"^net has no variant `smal`; did you mean small\?$"):
        build(spec, "smal")
    with pytest.raises(SpecError, match=r"^net has no param `widht`; did you mean width\?$"):
        build(spec, params={"widht": 3})


# Blocks that repeat are copied, not expanded again

COPIED = """\
blocks:
  unit(out, stride=1): Conv2d(out, 3, stride, 1) >> BatchNorm2d >> ReLU
  cell(out):
    - pre: unit(out)
    - add:
        a: 2 * unit(out)
        b: ref(pre) >> Conv2d(out, 1)
    - aux: {side: Flatten >> Linear(2)}
  looks_back(out, old=ref(previous)):
    - add: {new: "Conv2d(out, 1)", old: "old >> Conv2d(out, 1)"}
  looks_out: concat(here=Identity, there=ref(stem))
layers:
  - stem: unit(8)
  - cell_{}: 3 * cell(8)
  - 2 * (unit(8) >> cell(8))
  - back_{}: 3 * looks_back(8)
  - 2 * looks_out
  - inner: ref('cell_3.pre') >> unit(8)
  - again: ref('1.cell.a.1') >> unit(8)
"""


@pytest.mark.parametrize("text", [COPIED, RESNET], ids=["refs", "resnet"])
def test_a_copied_block_is_what_expanding_it_gives(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names, edges, shapes, side heads and places: copying changes nothing, wherever a ref leads."""
    copied = graph(text)
    monkeypatch.setattr("cnncost.network.expander.key_of", lambda *_: None)
    assert copied == graph(text)


@pytest.mark.parametrize("name", ["resnet152", "googlenet", "nasnet_a_mobile", "densenet121", "fractalnet"])
def test_copied_blocks_in_the_catalogue(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for real networks."""
    spec, variant = read(name)
    copied = build(spec, variant)
    monkeypatch.setattr("cnncost.network.expander.key_of", lambda *_: None)
    assert copied == build(spec, variant)


# Side heads

HEADS = """\
input: [3, 32, 32]
blocks:
  head: AvgPool2d(8) >> Conv2d(4, 3) >> Flatten >> Linear(10)
layers:
  - conv: Conv2d(8, 3, padding=1)
  - aux: {side: head}
  - fc: AdaptiveAvgPool2d(1) >> Flatten >> Linear(10)
"""


def test_a_side_head_that_does_not_fit_another_input_is_left_out() -> None:
    """Inference does without it; training, and the spec's own input, do not."""
    spec = parse_spec(HEADS, "net.yaml")
    assert next(node.name for node in build(spec).nodes if node.aux) == "side.AvgPool2d"
    small = build(spec, input_shape=(3, 16, 16))
    assert names(small) == ["conv", "fc.AdaptiveAvgPool2d", "fc.Flatten", "fc.Linear"]
    assert "the output shrinks to nothing: a size of 2 becomes 0" in small.unfit[0]
    with pytest.raises(CnncostError, match="net cannot be trained on this input: side"):
        profile_graph(small, train=True)
    with pytest.raises(SpecError, match="shrinks to nothing"):
        build(parse_spec(HEADS.replace("32, 32", "16, 16"), "net.yaml"))


def test_side_heads_that_share_blocks() -> None:
    """A head that does not fit leaves nothing behind: neither names, nor blocks that others would copy."""
    text = (
        "input: [3, 32, 32]\nblocks:\n  part: [k: 'Conv2d(8, 3, padding=1)']\nlayers:\n"
        "  - c: Conv2d(8, 3, padding=1)\n"
        "  - aux: {one: part >> part >> big}\n"
        "  - aux: {two: part >> last}\n"
        "  - 2 * stage\n"
    )
    more = "  big: Conv2d(8, 20)\n  last: add(a=Identity, b=ref('two.part.k'))\n"
    text = text.replace("layers:", more + "  stage: [aux: {h: big}, ReLU]\nlayers:")
    spec = parse_spec(text, "net.yaml")
    small = build(spec, input_shape=(3, 16, 16))
    assert [node.name for node in small.nodes if node.aux] == ["two.part.k", "two.last.a", "two.last.add"]
    assert [reason.partition(":")[0] for reason in small.unfit] == [
        "one.big.Conv2d",
        "0.h.Conv2d",
        "1.h.Conv2d",
    ]
    assert len(build(spec).nodes) == len(small.nodes) + 5


# Recursion and repeats


def test_conditional_recursion() -> None:
    """A block may hold itself, if it comes to an end within the limit."""
    network = graph("blocks:\n  f(n): ReLU >> f(n - 1) if n else Tanh\nlayers: f(30)\n")
    assert [node.type for node in network.nodes] == ["ReLU"] * 30 + ["Tanh"]
    assert network.nodes[2].name == "f.f.f.ReLU"


def test_index_is_the_number_of_the_copy() -> None:
    """Rows of a list become layers in one line; a plain number with `index` is that of the repeat around."""
    network = graph(
        "params: {widths: [8, 16, 32], depths: [1, 2, 3]}\n"
        "blocks:\n"
        "  block(out): Conv2d(out, 3, padding=1)\n"
        "  stage(out, depth, stride): Conv2d(out, 3, stride, 1) >> (depth - 1) * block(out)\n"
        "layers:\n"
        "  - stage{}: 3 * stage(widths[index], depths[index], 1 if index == 0 else 2)\n"
        "  - 2 * Conv2d(2 * index + 1, 1)\n"
        "  - Linear(2 * 3 * 4)\n"
    )
    assert [(node.name, node.out_shape) for node in network.nodes] == [
        ("stage1.Conv2d", (8, 32, 32)),
        ("stage2.Conv2d", (16, 16, 16)),
        ("stage2.0.Conv2d", (16, 16, 16)),
        ("stage3.Conv2d", (32, 8, 8)),
        ("stage3.0.Conv2d", (32, 8, 8)),
        ("stage3.1.Conv2d", (32, 8, 8)),
        ("0", (1, 8, 8)),
        ("1", (3, 8, 8)),
        ("Linear", (3, 8, 24)),
    ]


def test_index_of_no_copies_or_of_very_different_ones() -> None:
    """A list may be empty where nothing is repeated; a large copy does not speak for the others."""
    assert not graph("params: {w: []}\nlayers: len(w) * Conv2d(w[index], 1)").nodes
    mixed = layers("100 * (300 * Conv2d(3, 3, padding=1) if index == 1 else ReLU)")
    assert len(mixed.nodes) == 399


def test_a_ref_in_a_block_leaves_what_came_before_alone() -> None:
    """`ref(previous)` is about the layer that a block reads, not about blocks that only pass a ref on."""
    network = graph(
        "blocks:\n  back: ref(a)\n  look: add(new=Identity, old=ref(previous))\n"
        "layers:\n  - a: Conv2d(3, 1)\n  - b: Conv2d(3, 1)\n  - back\n  - look\n"
    )
    assert edges(network)["look.add"] == ("look.new", "input")


def test_index_may_leave_copies_out() -> None:
    """What a copy comes to can be nothing, for the first as for any other."""
    assert names(layers("drop_{}: 3 * (Dropout(0.1 * index) if index else None)")) == ["drop_2", "drop_3"]


def test_a_cell_sees_the_output_before_the_last() -> None:
    """NASNet's cells: `ref(previous)` is what entered the block or layer that made this one's input."""
    network = graph(
        "blocks:\n"
        "  stem: Conv2d(4, 1) >> ReLU\n"
        "  cell(old=ref(previous)):\n"
        "    add:\n"
        "      new: Conv2d(4, 1)\n"
        "      old: old >> Conv2d(4, 1)\n"
        "layers:\n  - stem\n  - pool: MaxPool2d(1)\n  - cell_{}: 2 * cell\n  - last: cell(ref(pool))\n"
    )
    assert {name: inputs for name, inputs in edges(network).items() if name.endswith(".old.Conv2d")} == {
        "cell_1.old.Conv2d": ("stem.ReLU",),
        "cell_2.old.Conv2d": ("pool",),
        "last.old.Conv2d": ("pool",),
    }


def test_repeat_that_changes_after_its_first_copy() -> None:
    """Whether all copies fit is not judged by the first, which may be larger."""
    network = graph(
        "blocks:\n  f: Conv2d(4, 1) if in_channels == 4 else 20 * Identity >> Conv2d(4, 1)\n"
        "layers: 1500 * f\n"
    )
    assert len(network.nodes) == 21 + 1499


# Refusals

SHRINKS = "the output shrinks to nothing: a size of 32 becomes"
CONTAINS = "blocks nested more than 40 deep"

REFUSALS = [
    ("layers:\n  - BatchNorm2D\n", "3:5: BatchNorm2D: no such layer; did you mean BatchNorm2d?"),
    ("layers: Conv2d(8, 3, paddin=1)", "2:22: `Conv2d` has no argument `paddin`; did you mean padding?"),
    ("layers: Conv2d('a', 3)", "2:16: Conv2d: `out_channels` must be a whole number, got 'a'"),
    ("layers: Conv2d(8.5, 3)", "2:16: Conv2d: `out_channels` must be a whole number, got 8.5"),
    ("layers: Conv2d(8, 3, bias=2)", "2:22: Conv2d: `bias` must be True or False, got 2"),
    ("layers: Conv2d(ReLU, 3)", "2:16: `Conv2d` takes numbers and texts, not layers"),
    ("layers: Conv2d((ReLU, 1), 3)", "2:16: Conv2d: `out_channels` must be a whole number, got (a layer, 1)"),
    ("layers: Conv2d(8, 0)", "2:19: Conv2d: `kernel_size` must be at least 1, got 0"),
    ("layers: Conv2d(-8, 3)", "2:16: Conv2d: `out_channels` must be at least 1, got -8"),
    ("layers: Conv2d(8, 3, 0)", "2:22: Conv2d: `stride` must be at least 1, got 0"),
    ("layers: Conv2d(8, (3, 3, 3))", "2:19: Conv2d: `kernel_size` must be a number or a pair, got 3 values"),
    ("layers: Conv2d(8)", "2:9: `Conv2d` needs `kernel_size`"),
    ("layers: ReLU >> MaxPool2d", "2:17: `MaxPool2d` needs `kernel_size`"),
    ("layers: Conv2d(1, 1, 1, 1, 1, 1, True, 'zeros', 9)", "2:49: `Conv2d` takes 8 arguments, got 9"),
    ("layers: Tanh(3)", "2:14: `Tanh` takes no argument, got 1"),
    ("layers: Conv2d(8, 3, kernel_size=3)", "2:22: `Conv2d` gets `kernel_size` twice"),
    ("layers: Conv2d(8, 33)", f"2:9: Conv2d: Conv2d(8, 33) on 3×32×32: {SHRINKS} 0"),
    (
        "layers:\n  - a: ReLU >> Conv2d(8, 3, groups=2)",
        "3:16: a.Conv2d: Conv2d(8, 3, groups=2) on 3×32×32: "
        "its 3 input channels are not divisible by `groups` 2",
    ),
    (
        "layers: Conv2d(9, 3, groups=2)",
        "2:16: Conv2d: `out_channels` 9 is not divisible by `groups` 2",
    ),
    (
        "layers:\n  - add:\n      a: Conv2d(8, 3)\n      b: Identity\n",
        "3:5: add: Add on 8×30×30 and 3×32×32: its branches do not fit: 8×30×30 and 3×32×32",
    ),
    (
        "layers: ReLU >> concat(a=Conv2d(8, 3), b=Identity)",
        "2:17: concat: Concat on 8×30×30 and 3×32×32: its branches do not fit: 8×30×30 and 3×32×32",
    ),
    (
        "layers: Flatten >> Conv2d(8, 3)",
        "2:20: Conv2d: Conv2d(8, 3) on 3072: it takes a C×H×W input, not one of 1 axis",
    ),
    ("layers: Conv2d(width, 3)", "2:16: width: no such layer, block or param"),
    ("layers: 3", "2:9: `3` is a value, not a layer"),
    ("layers: \"'ReLU'\"", "2:10: `'ReLU'` is a value, not a layer"),
    ("layers: no", "2:9: no: no such layer, block or param"),
    ("params: {l: [ReLU, Tanh]}\nlayers: l", "3:9: `l` is a value, not a layer"),
    ("blocks:\n  f: f\nlayers: f", f"3:6: {CONTAINS}: `f` seems to contain itself"),
    ("blocks:\n  f: g >> ReLU\n  g: f >> ReLU\nlayers: f", f"4:6: {CONTAINS}: `f` seems to contain itself"),
    ("blocks:\n  f(n): f(n + 1)\nlayers: f(0)", f"3:9: {CONTAINS}: `f` seems to contain itself"),
    ("blocks:\n  ReLU: ReLU >> Tanh\nlayers: ReLU", f"3:9: {CONTAINS}: `ReLU` seems to contain itself"),
    ("blocks:\n  f(n): ReLU\nlayers: ReLU >> f", "4:17: `f` needs `n`"),
    ("blocks:\n  f(n): ReLU\nlayers: f(1, 2)", "4:14: `f` takes 1 argument, got 2"),
    (
        "blocks:\n  f(width): ReLU\nlayers: f(widht=1)",
        "4:11: `f` has no argument `widht`; did you mean width?",
    ),
    ("layers: Conv2d(index + 1, 1)", "2:16: `index` is the number of a copy, and only known behind `n *`"),
    ("layers: 2 * (3 * Conv2d(index, 1))", "2:14: `index` is inside two repeats"),
    ("params: {w: [1]}\nlayers: 2 * Conv2d(w[index], 1)", "3:20: `w[index]`: the list has 1 items"),
    ("blocks: {'b(index)': ReLU}\nlayers: b(1)", "2:10: `index` has a meaning already: the parameter"),
    ("params: {index: 1}\nlayers: ReLU", "2:10: `index` has a meaning already"),
    (
        "blocks: {b: ref(previous) >> ReLU}\nlayers: b",
        "2:17: `ref(previous)`: nothing comes before what enters this block",
    ),
    ("blocks: {b: ReLU}\nlayers: 10**9 * b", "3:9: a repeat of 1000000000: it must be between 0 and 20000"),
    ("layers: 20000 * (ReLU >> Tanh)", "2:9: 20000 copies make more than 20000 layers"),
    ("layers: 15000 * ReLU >> 15000 * ReLU", "2:25: 15000 copies make more than 20000 layers"),
    ("layers: 19999 * ReLU >> ReLU >> ReLU", "2:33: the network has more than 20000 layers"),
    ("blocks: {e: None}\nlayers: 20000 * (20000 * e)", "3:9: 20000 copies take more than 800000 steps"),
    ("layers: Conv2d(9**9**9, 3)", "2:16: `9**9**9` is larger than 1000000000000"),
    (
        "layers: 9 * Upsample(scale_factor=1000)",
        "2:13: 2: an output of 3×32000000000×32000000000 has more values than a tensor can hold",
    ),
    ("layers: ref(conv9)", "2:13: `ref(conv9)`: no earlier layer has this name"),
    ("layers:\n  - ref(conv9)\n  - conv9: ReLU\n", "3:9: `ref(conv9)`: no earlier layer has this name"),
    (
        "layers:\n  - conv1: ReLU\n  - ref(cnov1)\n",
        "4:9: `ref(cnov1)`: no earlier layer has this name; did you mean conv1?",
    ),
    ("layers:\n  - a: ReLU >> ref(a)\n", "3:16: `ref` starts a chain: it must come first"),
    (
        "layers:\n  - aux: {a: ReLU}\n  - ref(a) >> Tanh\n",
        "4:9: `ref(a)` is in a side head, which only training has",
    ),
    ("layers:\n  - a: ReLU\n  - a: ReLU\n", "4:5: the name `a` is given twice (first in line 3)"),
    (
        "layers:\n  - ReLU\n  - ReLU: Tanh\n",
        "4:5: the name `ReLU` is given twice; the first has it by default",
    ),
    ("layers:\n  - input : ReLU\n", "3:5: `input` is the network's own input: a layer needs another name"),
    ("layers:\n  - a_{}: ReLU\n", "3:5: `a_{}` numbers a repeat: write `a_{}: n * layer`"),
    ("layers:\n  - add:\n      a{}: ReLU\n", "3:5: `a{}` numbers a repeat: write `a{}: n * layer`"),
    (
        "layers:\n  - add: {a{}: 2 * ReLU}\n",
        "3:12: not valid YAML: within `{ }` a name with `{}` needs quotes, as in `{'x{}': 3 * ReLU}`",
    ),
    (
        "layers:\n  - concat(2):\n      a: ReLU\n      b: ReLU\n",
        "3:5: `concat` takes its options by name, as in `concat(dim=2):`",
    ),
    (
        "layers:\n  - concat(axis=2):\n      a: ReLU\n      b: ReLU\n",
        "3:12: `Concat` has no argument `axis`",
    ),
    (
        "layers:\n  - concat(dim=0):\n      a: ReLU\n      b: ReLU\n",
        "3:12: Concat: `dim` must be an axis other than the batch's 0, got 0",
    ),
    (
        "layers:\n  - a{}: 2 * ReLU\n  - add:\n      x{}: 3 * ref('a{}')\n",
        "5:20: `ref(a3)`: no earlier layer has this name",
    ),
    (
        "layers:\n  - a: {b: ReLU, c: ReLU}\n",
        "3:5: `a` has branches, but is not a merge; branches meet in add, mean, multiply, subtract, divide, maximum, minimum, concat, matmul",
    ),
    (f"layers:\n  - {'a' * 251}: ReLU\n", f"3:5: `{'a' * 59}…`: a name of more than 250 characters"),
    ("input: [0, 3, 3]\nlayers: ReLU", "1:9: `input` is a shape of positive whole numbers, got 0"),
    ("input: [3, -1, 3]\nlayers: ReLU", "1:12: `input` is a shape of positive whole numbers, got -1"),
    ("input: [3, 2.5, 3]\nlayers: ReLU", "1:12: `input` is a shape of positive whole numbers, got 2.5"),
    ("input: [True, 3, 3]\nlayers: ReLU", "1:9: `input` is a shape of positive whole numbers, got True"),
    ("input: ['\"x\"', 3, 3]\nlayers: ReLU", "1:10: `input` is a shape of positive whole numbers, got 'x'"),
    ("input: [ReLU, 3, 3]\nlayers: ReLU", "1:9: `input` is a shape of positive whole numbers, got a layer"),
    ("input: [c, 3, 3]\nlayers: ReLU", "1:9: c: no such layer, block or param"),
    ("params: {a: a}\nlayers: ReLU", "2:13: a: no such layer, block or param"),
    ("params: {a: b, b: 1}\nlayers: ReLU", "2:13: b: no such layer, block or param"),
]


@pytest.mark.parametrize("text, message", REFUSALS, ids=[repr(text[:40]) for text, _ in REFUSALS])
def test_refusals(text: str, message: str) -> None:
    """The error of what does not build names its place, the rule, the value and the nearest known name."""
    assert refused(text).startswith(f"net.yaml:{message}")


def test_no_input() -> None:
    """Without an input shape there is nothing to count."""
    with pytest.raises(SpecError) as caught:
        load_text("layers: ReLU", source="net.yaml")
    assert (
        str(caught.value) == "net.yaml: no `input`: give the spec one, or a shape such as --input 3x224x224"
    )


def test_all_unknown_names_at_once() -> None:
    """When a build fails, other unknown names and arguments of the file are listed as well, each once."""
    with pytest.raises(SpecErrors) as caught:
        graph(
            "params: {act: LeakyReLU, f: g}\n"
            "blocks:\n  g(kernel, out=kernal): Conv2d(out, kernel, paddin=act)\n"
            "layers:\n  - g(out=3, knl=3) >> f(any=1)\n"
            "  - ReLu >> add(a=ref(nowhere), b=act(slope=1))\n  - Conv2d(8, kernel=3)\n"
        )
    assert [str(error).partition("\n")[0] for error in caught.value.errors] == [
        "net.yaml:4:17: kernal: no such layer, block or param; did you mean kernel?",
        "net.yaml:4:46: `Conv2d` has no argument `paddin`; did you mean padding?",
        "net.yaml:6:14: `g` has no argument `knl`; did you mean kernel?",
        "net.yaml:7:5: ReLu: no such layer; did you mean ReLU?",
        "net.yaml:8:15: `Conv2d` has no argument `kernel`; did you mean kernel_size?",
    ]


def test_nothing_right_is_reported() -> None:
    """Names of params, block parameters, refs and lambdas are not taken for unknown ones."""
    message = refused(
        "params: {Width: 8, l: LeakyReLU}\n"
        "blocks:\n  f(Layer, Conv2d): Layer(whatever=1) >> Conv2d(what=2) >> l(slope=1)\n"
        "layers:\n  - Conv2d(Width, 1) >> add(a=ref(X), b=Identity)\n"
    )
    assert message == "net.yaml:6:35: `ref(X)`: no earlier layer has this name"
    with pytest.raises(SpecError) as caught:
        graph("layers:\n  - ref(X)\n  - 'lambda Y: Y'\n")
    assert not isinstance(caught.value, SpecErrors)


# Hostile specs: they end soon, and in little memory

DOUBLING = "".join(f"  b{i}: b{i - 1} >> b{i - 1}\n" for i in range(1, 40))
PAIRS = "".join(f"  b{i}: [b{i - 1}, b{i - 1}]\n" for i in range(1, 40))
NESTED = "".join(f"  b{i}: {{{'y' * 20}: b{i + 1}}}\n" for i in range(30))

HOSTILE = {
    "blocks double": f"blocks:\n  b0: ReLU\n{DOUBLING}layers: b39\n",
    "nothing doubles": f"blocks:\n  b0: None\n{DOUBLING}layers: b39\n",
    "params double": f"params:\n  b0: ReLU\n{DOUBLING}layers: b39\n",
    "lists double": f"params:\n  b0: [1, 1]\n{PAIRS}layers: Conv2d(b39, 3)\n",
    "a shared item in a list": f"params:\n  b0: ReLU\n{DOUBLING}layers: 'Conv2d((b39, 1), 3)'\n",
    "long paths": f"blocks:\n{NESTED}  b30: 19000 * ReLU\nlayers: b0\n",
    "merges double": "blocks:\n"
    + "".join(f"  b{i}: add(a=b{i + 1}, b=b{i + 1})\n" for i in range(30))
    + "  b30: Identity\nlayers: b0\n",
    "costly expressions": f"blocks:\n  e: None if [{','.join(['max(1, 2)'] * 150)}] else ReLU\n"
    "layers: 20000 * e\n",
    "many defaults": f"blocks:\n  ? e({', '.join(f'a{i}=1' for i in range(200))})\n  : None\n"
    "layers: 20000 * e\n",
    "lists in blocks": "blocks:\n  ? 'f(n)'\n  : " + "[" * 45 + "f(n)" + "]" * 45 + "\nlayers: f(1)\n",
    "round": "layers: Conv2d(round(5, -10**12), 3)",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_specs_are_refused(text: str) -> None:
    """A few lines that unfold to millions meet a limit, with a place."""
    assert refused(text).startswith("net.yaml:")


MEASURE = """
import json, pathlib, resource, sys
from cnncost.network.catalogue import load_text
from cnncost.errors import SpecError
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
for text in json.load(sys.stdin):
    try:
        load_text(text)
    except SpecError:
        pass
print(pathlib.Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak memory from Linux")
def test_hostile_specs_need_little_memory() -> None:
    """All of them together, in a process of their own, stay under 200 MB."""
    texts = json.dumps([text for text, _ in REFUSALS] + [INPUT_LINE + text for text in HOSTILE.values()])
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], input=texts, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    assert int(done.stdout) < 200_000  # kB


def test_comparing_shared_items_is_quick() -> None:
    """Items compare by identity: by content, these would take 2³⁹ comparisons."""
    built = graph(
        f"params:\n  b0: ReLU\n{DOUBLING}{DOUBLING.replace('b', 'c').replace('c0', 'b0')}"
        "  same: (b39,) == (c39,) or b39 == c39\nlayers: Tanh if same else ReLU\n"
    )
    assert [node.type for node in built.nodes] == ["ReLU"]


def test_recursion_error_never_leaks() -> None:
    """Even close to the end of Python's stack, the error is a CnncostError."""
    text = "blocks:\n  f(n): {a: {b: [[[['add(x=f(n - 1) if n else None, y=Identity)']]]]}}\nlayers: f(30)\n"
    limit = sys.getrecursionlimit()
    depth = len(inspect_stack())
    graph(text)
    outcomes = set()
    try:
        for room in range(60, 400, 20):
            sys.setrecursionlimit(depth + room)
            try:
                graph(text)
            except CnncostError as error:
                outcomes.add(type(error))
            except RecursionError:
                if room > 100:  # before that, the test's own helpers do not fit
                    raise
    finally:
        sys.setrecursionlimit(limit)
    assert outcomes == {SpecError}


def inspect_stack() -> list[Any]:
    """The frames that are open."""
    frame, frames = sys._getframe(), []
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back  # type: ignore[assignment]
    return frames


# layer_graph


def test_layer_graph() -> None:
    """One call or a chain is a network without a file."""
    network = layer_graph("Conv2d(8, 3) >> ReLU", (3, 5, 5))
    assert names(network) == ["Conv2d", "ReLU"]
    with pytest.raises(SpecError) as caught:
        layer_graph("  Conv2d(8, 9)", (3, 5, 5))
    assert str(caught.value).startswith(
        "layer:1:3: Conv2d: Conv2d(8, 9) on 3×5×5: the output shrinks to nothing"
    )


# Any text


@given(st.text(max_size=100) | documents() | specs() | mutations())
@EXAMPLES
def test_no_text_crashes_the_builder(text: str) -> None:
    """Any text is a network, or is refused with a CnncostError."""
    try:
        network = load_text(text, input=(3, 32, 32))
    except CnncostError as error:
        message = str(error)
        assert message
    else:
        assert len(set(names(network))) == len(network.nodes)
        assert {name for node in network.nodes for name in node.inputs} <= {INPUT, *names(network)}


# Remarks


def test_an_input_with_its_channels_last_is_remarked_on() -> None:
    """An input that is given as height × width × channels: a remark, or part of the error."""
    spec = parse_spec("input: [3, 32, 32]\nlayers: [ReLU]\n", "net.yaml")
    remark = (
        "The input is read as channels × height × width, so with 224 channels; "
        "for an image with {0}, write {0}x224x200"
    )
    for channels in (1, 3, 4):
        assert build(spec, input_shape=(224, 200, channels)).remarks == (remark.format(channels),)
    for shape in ((3, 224, 200), (224, 200, 5), (4, 5, 4), (5, 4, 4), (3, 3, 3), (224, 3), (2, 224, 224, 3)):
        assert build(spec, input_shape=shape).remarks == ()
    assert build(spec, input_shape=(5, 5, 4)).remarks != ()
    assert build(spec, input_shape=(224, np.array([5, 6]), 3)).remarks == ()
    pool = parse_spec("layers: [pool: MaxPool2d(4)]\n", "net.yaml")
    with pytest.raises(SpecError) as caught:
        build(pool, input_shape=(224, 200, 3))
    assert "becomes 0. " + remark.format(3) in str(caught.value)
    with pytest.raises(SpecError) as own:  # the spec's own input is as its author wants it
        build(parse_spec("input: [224, 200, 3]\nlayers: [pool: MaxPool2d(4)]\n", ""))
    assert "is read as" not in str(own.value)


@pytest.mark.parametrize("sizes", [(7,), (3, 7), (3, 7, 7), (3, 7, 7, 7)])
def test_an_input_has_one_to_four_axes(sizes: tuple[int, ...]) -> None:
    """Of a spec and from outside; none and five are refused."""
    assert load_text(f"input: {list(sizes)}\nlayers: ReLU\n").input_shape == sizes
    assert layer_graph("ReLU", sizes).input_shape == sizes
    for wrong in ((), (1,) * 5):
        with pytest.raises(SpecError, match=r"`input` is a shape: \[channels, height, width\]"):
            load_text(f"input: {list(wrong)}\nlayers: ReLU\n")
        with pytest.raises(CnncostError, match="an input is a shape of positive whole numbers"):
            layer_graph("ReLU", wrong)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("one(1, 2)", "`one` takes 1 argument, got 2"),
        ("two(1, 2, 3)", "`two` takes 2 arguments, got 3"),
        ("none(1)", "`none` takes no argument, got 1"),
    ],
)
def test_too_many_arguments_are_counted(call: str, message: str) -> None:
    """In words: none, one, several."""
    blocks = "{none: ReLU, one(a): ReLU, 'two(a, b)': ReLU}"
    with pytest.raises(SpecError) as caught:
        load_text(f"input: [3, 9, 9]\nblocks: {blocks}\nlayers: {call}\n")
    assert message in str(caught.value)


def test_each_repeat_of_a_chain_counts_its_own_copies() -> None:
    """Two repeats in one expression may both mention `index`."""
    chain = "2 * Conv2d(index + 1, 1) >> 2 * Conv2d(index + 5, 1)"
    assert [node.out_shape[0] for node in layer_graph(chain, (3, 9, 9)).nodes] == [1, 2, 5, 6]


def test_a_numbered_name_that_is_given_already_is_refused() -> None:
    """The copies of `a{}` are a1 and a2, which a user can also write."""
    with pytest.raises(SpecError, match="the name `a2` is given twice"):
        load_text("input: [3, 9, 9]\nlayers: [a2: ReLU, 'a{}': 2 * ReLU]\n")


def test_the_name_of_an_item_may_be_a_path() -> None:
    """`a.b: ReLU` is the layer b of a; a path that exists already is refused."""
    graph = load_text(
        "input: [3]\nlayers:\n  - a.b: ReLU\n  - a.c: ReLU\n  - add(x=ref('a.b'), y=ref('a.c'))\n"
    )
    assert [node.name for node in graph.nodes] == ["a.b", "a.c", "add"]
    with pytest.raises(SpecError, match=r"the name `a\.ReLU` is given twice"):
        load_text("input: [3]\nlayers:\n  - a.ReLU: ReLU\n  - a: ReLU >> Tanh\n")


def test_a_ref_to_what_enters_the_block() -> None:
    """`ref(block_input)` is the input of the block, in each of its copies its own."""
    text = """
input: [4, 8, 8]
blocks:
  residual:
    - inner
    - add(a=ref(inner), b=ref(block_input))
  inner:
    - conv: Conv2d(in_channels, 1)
    - gate: Sigmoid
    - multiply(a=ref(gate), b=ref(block_input))
layers:
  - start: ReLU
  - 2 * residual
"""
    graph = load_text(text)
    inputs = {node.name: node.inputs for node in graph.nodes if len(node.inputs) > 1}
    assert inputs == {
        "0.inner.multiply": ("0.inner.gate", "start"),
        "0.add": ("0.inner.multiply", "start"),
        "1.inner.multiply": ("1.inner.gate", "0.add"),
        "1.add": ("1.inner.multiply", "0.add"),
    }
