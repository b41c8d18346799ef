"""`use`: networks within networks, of the catalogue or of files beside the spec."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnncost
from cnncost.network.catalogue import read
from cnncost.network.derive import derive

HEAD = "params: {classes: 3}\nblocks: {conv(out): 'Conv2d(out, 3) >> ReLU'}\nlayers:\n  - conv: conv(8)\n  - fc: Conv2d(classes, 1)\n"


def spec(use: str, layers: str) -> str:
    """A spec that uses networks."""
    return f"input: [3, 64, 64]\nuse: {{{use}}}\nlayers:\n  - net: {layers}\n"


def test_a_network_is_used_like_a_block() -> None:
    """Its layers lie below its name, cost what they cost there, and can be referred to."""
    text = spec("backbone: resnet50-v1.5", "backbone") + "  - skip: ref('net.conv3_x') >> ReLU\n"
    graph = cnncost.load_text(text)
    whole = cnncost.load("resnet50-v1.5", input=(3, 64, 64))
    assert [(f"net.{node.name}", node.layer) for node in whole.nodes] == [
        (node.name, node.layer) for node in graph.nodes[:-1]
    ]
    assert graph.nodes[-1].out_shape == whole.by_name["conv3_x.3.ReLU"].out_shape


def test_a_network_is_used_until_a_layer() -> None:
    """`until` is the last layer that is there, one of the network itself; a copy of a numbered repeat too."""
    for network, until, last in (("resnet18", "conv4_x", (256, 4, 4)), ("darknet53", "stage3", (256, 8, 8))):
        graph = cnncost.load_text(spec(f"backbone: {network}", f"backbone(until='{until}')"))
        assert graph.by_name[graph.output].out_shape == last
        assert graph.output.startswith(f"net.{until}.")


def test_params_are_given_by_name() -> None:
    """Numbers, and layers and blocks of the spec that uses the network."""
    text = spec("b: resnet18", "b(classes=7, before_pool=mine, depths=[1, 1, 1, 1])")
    graph = cnncost.load_text(text + "blocks: {mine: BatchNorm2d >> SiLU}\n")
    assert graph.by_name["net.fc"].out_shape == (7,)
    assert graph.nodes[2].type == "SiLU"
    assert sum(node.type == "SiLU" for node in graph.nodes) == 1


def test_a_block_of_the_same_name_stays_the_network_s_own() -> None:
    """Names of the two specs do not meet, though both have a block `conv_bn` and a param `bias`."""
    text = (
        spec("b: resnet18", "b(until='conv1') >> conv_bn") + "params: {bias: True}\nblocks: {conv_bn: ReLU}\n"
    )
    graph = cnncost.load_text(text)
    assert [node.type for node in graph.nodes] == ["Conv2d", "BatchNorm2d", "ReLU", "ReLU"]
    assert graph.nodes[0].layer.bias is False  # type: ignore[attr-defined]


def test_ref_input_is_what_enters_the_network(tmp_path: Path) -> None:
    """Within a network in use, `ref(input)` is its own input."""
    (tmp_path / "inner.yaml").write_text(
        "layers:\n  - conv: Conv2d(4, 1)\n  - concat: {a: Identity, b: ref(input)}\n"
    )
    (tmp_path / "outer.yaml").write_text(spec("inner: inner.yaml", "Conv2d(8, 3) >> inner"))
    graph = cnncost.load(tmp_path / "outer.yaml")
    assert graph.nodes[-1].inputs == ("net.inner.a", "net.Conv2d")


def test_a_file_beside_the_spec(tmp_path: Path) -> None:
    """Found beside the file that names it, wherever cnncost runs; its variants too."""
    (tmp_path / "head.yaml").write_text(HEAD + "variants: {large: {classes: 9}}\n")
    for name, classes in (("head.yaml", 3), ("head.yaml::large", 9)):
        (tmp_path / "net.yaml").write_text(spec(f"head: '{name}'", "head"))
        assert cnncost.load(tmp_path / "net.yaml").nodes[-1].out_shape == (classes, 62, 62)


def test_a_spec_made_from_one_that_uses_others() -> None:
    """`cnncost new` keeps what is used."""
    family, variant = read("fcn_resnet101")
    assert cnncost.load_text(derive(family, variant, "mine")).nodes == cnncost.load("fcn_resnet101").nodes


def test_a_mistake_in_the_other_file_is_shown_there(tmp_path: Path) -> None:
    """With its line, and with the call that led to it."""
    (tmp_path / "bad.yaml").write_text("layers:\n  - Conv2d(4, 3\n")
    (tmp_path / "net.yaml").write_text(spec("b: bad.yaml", "b"))
    with pytest.raises(
        cnncost.SpecError, match=r"bad\.yaml:2:11: .* was never closed \(from `net`, line 4\)"
    ):
        cnncost.load(tmp_path / "net.yaml")


@pytest.mark.parametrize(
    ("use", "layers", "message"),
    [
        (
            "b: nothing_like_it",
            "b",
            "the catalogue has no network `nothing_like_it`; `cnncost list` shows what",
        ),
        ("b: resnet5O", "b", "the catalogue has no network `resnet5O`; did you mean resnet5"),
        ("b: missing.yaml", "b", "missing.yaml: no such file"),
        ("b: ../net.yaml", "b", "`../net.yaml` is a path: give the name of a file beside this one"),
        ("2b: resnet50", "ReLU", "`2b` cannot be the name of a network here: use letters, digits and `_`"),
        ("ref: resnet50", "ReLU", "`ref` has a meaning already: the network needs another name"),
        ("p: resnet50", "p", "`p` is a param too: the network needs another name"),
        ("k: resnet50", "k", "`k` is a block too: the network needs another name"),
        ("b: resnet50", "b(3)", "`b` takes its params by name: `b(classes=10)`"),
        ("b: resnet50", "b(depth=3)", "resnet has no param `depth`; did you mean depths?"),
        ("b: resnet50", "b(until=3)", "`until` takes the name of a layer in quotes: until='conv5_x'"),
        ("b: resnet50", "b(until='conv9_x')", "`resnet50` has no layer `conv9_x`; did you mean conv5_x?"),
        ("b: resnet50", "b(until='conv2_x.0')", "`resnet50` has no layer `conv2_x.0`; did you mean conv2_x?"),
        ("b: me.yaml", "b", "`me.yaml` uses itself, directly or through others"),
        ("b: between.yaml", "b", "`me.yaml` uses itself, directly or through others"),
        ("b: two.yaml", "b", "`two.yaml` takes several inputs (left, right): it cannot be used"),
        ("[b]", "b", "`use` must be a mapping of `key: value`"),
    ],
)
def test_what_cannot_be_used(use: str, layers: str, message: str, tmp_path: Path) -> None:
    """One clear error each; loops end."""
    text = spec(use, layers).replace("{[b]}", "[b]")
    (tmp_path / "me.yaml").write_text(text + "params: {p: 1}\nblocks: {k: ReLU}\n")
    (tmp_path / "between.yaml").write_text(spec("b: me.yaml", "b"))
    (tmp_path / "two.yaml").write_text("input: {left: [3, 8, 8], right: [3, 8, 8]}\nlayers: ref(left)\n")
    with pytest.raises(cnncost.CnncostError) as caught:
        cnncost.load(tmp_path / "me.yaml")
    assert message in str(caught.value)


def test_files_that_use_each_other_twice_end(tmp_path: Path) -> None:
    """A chain of files that doubles at each of them ends at a limit, and soon."""
    for i in range(60):
        (tmp_path / f"c{i}.yaml").write_text(spec(f"n: c{i + 1}.yaml", "n >> n"))
    with pytest.raises(cnncost.CnncostError, match="blocks nested more than 40 deep"):
        cnncost.load(tmp_path / "c0.yaml")
