"""`cnncost diff`: which layers differ, and changes that add up to the difference of the totals."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

import cnncost as package
from cnncost.comparison.difference import ADDED, CHANGED, COSTS, REMOVED, Change, Difference, difference
from cnncost.count.profile import NetworkCost
from cnncost.errors import CnncostError
from cnncost.network.builder import build
from cnncost.network.catalogue import read_catalogued
from cnncost.spec.reader import parse_spec
from cnncost.tables.formats import NAMES
from cnncost.views.difference import no_difference
from tests.command_line import cnncost

NETWORKS = (
    *("lenet5", "alexnet", "vgg16-bn", "googlenet", "resnet50", "resnext50_32x4d", "densenet121"),
    *("mobilenet_v2", "unet", "vit_b_16", "resnet110-stochastic_depth"),
)


def changes(before: str, after: str) -> Difference:
    """What differs between two networks of the catalogue."""
    return difference(package.profile(before), package.profile(after))


def details_of(change: Change) -> dict[str, tuple[tuple[object, object], ...]]:
    """The details of a change by what they are."""
    return {detail.what: detail.changes for detail in change.details}


@pytest.mark.parametrize("before", NETWORKS)
def test_changes_add_up_to_the_difference_of_the_totals(before: str) -> None:
    """Of any two networks, every cost of the changes is exactly the second's total less the first's."""
    first = package.profile(before)
    for after in NETWORKS:
        second = package.profile(after)
        found = difference(first, second)
        for cost in COSTS:
            expected = getattr(second.totals, cost) - getattr(first.totals, cost)
            assert sum(getattr(change.costs, cost) for change in found.changes) == expected, (after, cost)
        assert bool(found.changes) == (before != after)


def test_groups_of_a_resnext() -> None:
    """ResNeXt is wider and grouped in each of its 16 blocks; its expansions differ in their input alone."""
    found = changes("resnet50", "resnext50_32x4d").changes
    grouped = [change for change in found if "groups" in details_of(change)]
    assert sum(len(change.names) for change in grouped) == 16
    assert {change for one in grouped for change in details_of(one)["groups"]} == {(1, 32)}
    assert details_of(found[0]) == {"out_channels": ((64, 128), (128, 256), (256, 512), (512, 1024))}
    (follows,) = [change for change in found if change.follows]
    assert len(follows.names) == 16
    assert follows.names[0] == "conv2_x.0.body.conv_bn_2"


def test_depth_is_added_blocks() -> None:
    """ResNet-101 is ResNet-50 with 17 blocks more in its fourth stage, and nothing else."""
    (added,) = changes("resnet50", "resnet101").changes
    assert added.kind == ADDED
    assert added.names == tuple(f"conv4_x.{n}" for n in range(6, 23))
    (removed,) = changes("resnet101", "resnet50").changes
    assert (removed.kind, removed.names) == (REMOVED, added.names)
    assert [getattr(removed.costs, c) for c in COSTS] == [-getattr(added.costs, c) for c in COSTS]


def test_depth_on_the_command_line() -> None:
    """The added blocks are one row, and the rows below it are both totals and their difference."""
    result = cnncost("diff", "resnet50", "resnet101")
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "resnet50 → resnet101, input 3×224×224, batch 1, float32, convention lecture\n"
        "\n"
        "layer                        change                    params    FLOPs    memory\n"
        "────────────────────────────────────────────────────────────────────────────────\n"
        "conv4_x.6 … conv4_x.22  ×17  added: 17 blocks of 4    +19.0 M  +3.71 G  +32.5 MB\n"
        "                             layers\n"
        "────────────────────────────────────────────────────────────────────────────────\n"
        "resnet50                                               25.6 M   3.86 G   62.2 MB\n"
        "resnet101                                              44.5 M   7.57 G   94.8 MB\n"
        "difference                                            +19.0 M  +3.71 G  +32.5 MB\n"
        "\n"
        "73 layers are the same.\n"
        "FLOPs: multiply-adds of convolutions, linear layers and attention, kernel² per\n"
        "pooled output, nothing else.\n"
    )


def test_followers_are_details_of() -> None:
    """Batch norms that every convolution gains are one change of 13 layers, with their parameters."""
    (change,) = changes("vgg16", "vgg16-bn").changes
    assert details_of(change) == {"follower": ((None, "BatchNorm2d"),)}
    assert (len(change.names), change.costs.params, change.costs.macs) == (13, 8448, 0)
    assert "conv*_*     ×13  + BatchNorm2d  +8.45 k" in cnncost("diff", "vgg16", "vgg16-bn").out


def test_another_input_changes_no_layer() -> None:
    """On another input every layer that costs more says that only its input differs."""
    result = cnncost("diff", "alexnet", "alexnet", "--input-b", "3x259x259", "-f", "json")
    found = json.loads(result.out)
    assert found["before"]["input"] == [3, 227, 227]
    assert found["after"]["input"] == [3, 259, 259]
    assert all(change["follows"] for change in found["changes"])
    fc6 = found["changes"][-1]
    assert fc6["names"] == ["fc6"]
    assert fc6["details"] == [{"what": "input channels", "changes": [[9216, 12544]]}]
    assert fc6["params"] == (12544 - 9216) * 4096


def test_other_params_of_the_second() -> None:
    """`--set-b` changes the second network alone: another number of classes is a change of one layer."""
    result = cnncost("diff", "alexnet", "alexnet", "--set-b", "classes=10", "-f", "csv")
    (row,) = csv.DictReader(io.StringIO(result.out))
    assert row["names"] == "fc8"
    assert row["change"] == "out_features 1000 → 10"
    assert int(row["params"]) == -990 * 4097


SPEC = """
name: {name}
input: [3, 8, 8]
layers:
  - one: Conv2d(4, 3, padding=1) >> ReLU
  - two: {two}
  - join:
      add:
        body: Conv2d(4, 3, padding=1)
        shortcut: ref({source})
  - head: Flatten >> Linear(2)
"""


def written(folder: Path, name: str, two: str = "Conv2d(4, 3, padding=1)", source: str = "one") -> str:
    """A small spec with a choice of layers, as a file."""
    path = folder / f"{name}.yaml"
    path.write_text(SPEC.format(name=name, two=two, source=source))
    return str(path)


def test_a_type_and_a_follower_change(tmp_path: Path) -> None:
    """Another type in the same place is a change, and so is another activation behind a layer."""
    before = written(tmp_path, "before", "MaxPool2d(3, 1, padding=1)")
    after = written(tmp_path, "after", "AvgPool2d(3, 1, padding=1) >> Tanh")
    (change,) = changes(before, after).changes
    assert details_of(change) == {
        "type": (("MaxPool2d(3, stride=1, padding=1)", "AvgPool2d(3, stride=1, padding=1)"),),
        "follower": ((None, "Tanh"),),
    }


def test_a_wire_is_details_of(tmp_path: Path) -> None:
    """A merge that takes another layer's output is a change though no cost is."""
    found = changes(written(tmp_path, "before"), written(tmp_path, "after", source="two")).changes
    assert [(one.kind, one.names) for one in found] == [(CHANGED, ("join",))]
    (detail,) = found[0].details
    assert detail.what == "from"
    assert detail.changes == (("join.body one", "join.body two"),)


def test_an_inserted_layer_shifts_nothing(tmp_path: Path) -> None:
    """A layer in the middle is one that was added; those around it are the same."""
    before = written(tmp_path, "before")
    after = written(tmp_path, "after", "Conv2d(4, 3, padding=1) >> Conv2d(4, 1)")
    (change,) = [one for one in changes(before, after).changes if one.kind != CHANGED]
    assert (change.kind, change.names, change.calls) == (ADDED, ("two.Conv2d_1",), ("Conv2d(4, 1)",))


def test_nothing_differs() -> None:
    """A network and an alias of it do not differ, and one line says so, with exit code 0."""
    result = cnncost("diff", "resnet50-v1.5", "torchvision/resnet50", columns=100)
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "nothing differs between resnet50-v1.5 and resnet50-v1.5: 73 layers, 25.6 M params, 4.09 G MACs\n"
    )
    data = json.loads(cnncost("diff", "lenet5", "lenet5", "-f", "json").out)
    assert (data["changes"], set(data["difference"].values())) == ([], {0})


def test_markdown_and_exact() -> None:
    """In markdown a change is a row of a pipe table; `--exact` writes differences in full."""
    lines = cnncost("diff", "vgg16", "vgg16-bn", "-f", "markdown", "--exact").out.splitlines()
    assert lines[2:5] == [
        "| layer |  | change | params | FLOPs | memory |",
        "| :-- | :-- | :-- | --: | --: | --: |",
        "| conv*_* | ×13 | + BatchNorm2d | +8448 | 0 | 0 |",
    ]
    assert lines[7] == "| **difference** |  |  | **+8448** | **0** | **0** |"


@pytest.mark.parametrize("columns", [60, 80, 160])
def test_it_fits(columns: int) -> None:
    """Text is wrapped, then the memory left out, and said, so that no line is wider than the terminal."""
    result = cnncost("diff", "densenet121", "densenet169", columns=columns)
    assert max(map(len, result.out.splitlines())) <= max(columns, 80)
    assert result.err == (f"left out to fit {columns} columns: memory\n" if columns <= 80 else "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("alexnet", "alexnt"), "cnncost: no network `alexnt`; did you mean alexnet?\n"),
        (
            ("alexnet", "vgg16", "--format", "yaml"),
            f"cnncost: no format `yaml`; there are {', '.join(NAMES)}\n",
        ),
        (
            ("alexnet", "vgg16", "--input-b", "3x"),
            "cnncost: --input-b 3x: a shape is written as 3x224x224\n",
        ),
        (
            ("alexnet", "vgg16", "--set-b", "classes"),
            "cnncost: --set-b classes: write --set-b name=value\n",
        ),
        (("-", "-"), "cnncost: -: standard input is read once; name a file in its place\n"),
    ],
)
def test_wrong_input(arguments: tuple[str, ...], message: str) -> None:
    """What cannot be compared is one line and exit code 2."""
    result = cnncost("diff", *arguments)
    assert (result.code, result.out, result.err) == (2, "", message)


def test_a_network_against_itself_on_the_command_line() -> None:
    """Totals with the same name have distinct labels, and with --exact memory is in bytes."""
    result = cnncost("diff", "alexnet", "alexnet", "--set-b", "classes=10", "--exact", columns=100)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("alexnet → alexnet with classes=10, input 3×227×227, ")
    assert result.out.splitlines()[2:9] == [
        "layer           change                    params       FLOPs     memory",
        "───────────────────────────────────────────────────────────────────────",
        "fc8             out_features 1000 → 10  -4056030    -4055040    -3960 B",
        "───────────────────────────────────────────────────────────────────────",
        "alexnet before                          62378344  1136358272  3163808 B",
        "alexnet after                           58322314  1132303232  3159848 B",
        "difference                              -4056030    -4055040    -3960 B",
    ]


def test_networks_counted_differently() -> None:
    """Profiles of two conventions have no difference that means anything."""
    one, other = package.profile("lenet5"), package.profile("lenet5", convention="flops")
    with pytest.raises(
        CnncostError, match=r"^networks that are counted with another convention cannot be compared"
    ):
        difference(one, other)


def edited(name: str, **texts: str) -> NetworkCost:
    """A network of the catalogue with other texts in its spec."""
    spec, variant = read_catalogued(name)
    text = spec.text
    for old, new in texts.items():
        text = text.replace(old, new)
    return package.profile(build(parse_spec(text, "edited.yaml"), variant))


def test_other_names_are_no_other_layers() -> None:
    """ResNet-18 with a renamed stage differs in nothing but this name, which the sentence says."""
    found = difference(package.profile("resnet18"), edited("resnet18", conv2_x="layer2", conv3_x="layer3"))
    assert not found.changes
    assert (found.same, found.renamed) == (32, 13)
    assert found.names == (("conv2_x", "layer2"), ("conv3_x", "layer3"))
    sentence = no_difference(found)
    assert sentence.startswith("nothing but names differs between resnet18 and resnet18: 32 layers")
    assert sentence.endswith("13 of them have another name: conv2_x → layer2, conv3_x → layer3")


def test_renamed_stages_of_other_widths_pair() -> None:
    """A stage with another name and another width is changed, not removed and added."""
    after = edited("resnet50", conv3_x="layer3", **{"stage(128, depths": "stage(96, depths"})
    found = difference(package.profile("resnet50"), after)
    assert {change.kind for change in found.changes} == {"changed"}
    assert found.costs.params == after.totals.params - package.profile("resnet50").totals.params


def test_branches_pair_with_the_layer_that_they_are_fused_into() -> None:
    """RepVGG's 3×3 branch is its block's only convolution when it is deployed; the other branches are removed."""
    found = difference(package.profile("repvgg_a0"), package.profile("repvgg_a0-deploy"))
    names = [name for change in found.changes if change.kind == "changed" for name in change.names]
    assert len(names) == 22
    assert all(
        name.partition(" → ")[0] == f"{name.partition(' → ')[2]}.branches.conv3" for name in names[1:-1]
    )
    assert {change.kind for change in found.changes} == {"changed", "removed"}
