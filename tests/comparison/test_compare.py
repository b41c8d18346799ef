"""`cnncost compare`: networks side by side, in totals and by stage."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from pathlib import Path

import pytest

import cnncost as package
from cnncost import numbers
from cnncost.comparison.side_by_side import COSTS, compare
from cnncost.count.rows import fold
from cnncost.tables.formats import NAMES
from tests.chart_checks import is_picture
from tests.command_line import cnncost

FOUR = ("alexnet", "vgg16", "googlenet", "resnet50")
TWELVE = (
    *("alexnet", "alexnet-2012", "zfnet", "vgg16", "vgg19-bn", "googlenet", "inception_v3", "resnet50"),
    *("resnet152", "densenet264", "resnet110-stochastic_depth", "vit_b_16"),
)


def test_the_lecturers_table() -> None:
    """Four networks have one column each, with ratios to the first and the errors that are printed."""
    result = cnncost("compare", *FOUR)
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[:12] == [
        "4 networks, batch 1, float32, convention lecture",
        "",
        "                   alexnet      vgg16        googlenet         resnet50",
        "─────────────────────────────────────────────────────────────────────────────",
        "input            3×227×227  3×224×224        3×224×224        3×224×224",
        "depth                    8         16               22               50",
        "params              62.4 M      138 M ×2.2      7.00 M ×0.11     25.6 M ×0.41",
        "FLOPs               1.14 G     15.5 G ×13.6     1.60 G ×1.4      3.86 G ×3.4",
        "memory             3.02 MB    57.6 MB ×19.1    22.4 MB ×7.4     62.2 MB ×20.6",
        "receptive field        195        212              715              483",
        lines[10],
        lines[11],
    ]
    assert lines[10].startswith("top-1 error (%)")
    assert "Not counted, for training only: googlenet aux1, aux2." in lines


@pytest.mark.parametrize("columns", [80, 100, 160])
@pytest.mark.parametrize("networks", [FOUR[:2], FOUR, TWELVE])
@pytest.mark.parametrize("options", [(), ("--stages",)])
def test_it_fits(networks: tuple[str, ...], columns: int, options: tuple[str, ...]) -> None:
    """From two networks to twelve, no line is wider than the terminal, and every network is there."""
    result = cnncost("compare", *networks, *options, columns=columns)
    assert max(map(len, result.out.splitlines())) <= columns
    assert set(networks) <= set(result.out.replace(",", "").split())


def test_twelve_networks_have_a_row_each() -> None:
    """Networks that do not fit as columns become rows, and a note says what rows leave out."""
    result = cnncost("compare", *TWELVE)
    lines = result.out.splitlines()
    assert lines[2].split() == ["network", "depth", "params", "FLOPs", "memory", "top-1"]
    assert [line.split()[0] for line in lines[4:16]] == list(TWELVE)
    assert result.err == "left out to fit 80 columns: input, RF, top-5\n"
    assert cnncost("compare", *TWELVE, columns=160).err == ""


def test_totals_are_the_profiles() -> None:
    """JSON and CSV have each network's exact totals, and the ratios of JSON are those of the totals."""
    data = json.loads(cnncost("compare", *FOUR, "-f", "json").out)
    rows = list(csv.DictReader(io.StringIO(cnncost("compare", *FOUR, "-f", "csv").out)))
    profiles = [package.profile(name) for name in FOUR]
    for network, row, profile in zip(data["networks"], rows, profiles, strict=True):
        assert network["name"] == row["name"] == profile.name
        for cost in COSTS:
            value = getattr(profile.totals, cost)
            assert network[cost] == int(row[cost]) == value
            ratio = Fraction(value, getattr(profiles[0].totals, cost))
            assert network["ratios"][cost] == float(ratio)


@pytest.mark.parametrize("networks", [FOUR, FOUR[2:], TWELVE, ("resnet18", "resnet152"), ("unet", "vgg16")])
def test_stages_add_up(networks: tuple[str, ...]) -> None:
    """Whatever the alignment, the sections of a network add up to its totals, in their order."""
    found = compare(networks)
    for i, entry in enumerate(found.entries):
        sections = [stage.sections[i] for stage in found.stages if stage.sections[i] is not None]
        for cost in COSTS:
            assert sum(getattr(one.totals, cost) for one in sections) == getattr(entry.profile.totals, cost)
        labels = [label for section in sections for label in section.labels]
        assert labels == [row.label for row in fold(entry.profile, 1)]


def test_a_family_is_aligned_by_name() -> None:
    """Stages of the same name share a line, also across networks."""
    for pair in (("resnet18", "resnet152"), ("resnet50", "resnext50_32x4d")):
        found = compare(pair)
        assert [stage.name for stage in found.stages][:4] == ["conv1", "maxpool", "conv2_x", "conv3_x"]
        assert all(section is not None for stage in found.stages for section in stage.sections)


def test_inserted_stages_keep_the_order() -> None:
    """Layers that only one network has are listed between their neighbours: VGG-19's fourth convolutions."""
    found = compare(("vgg16", "vgg19"))
    names = [stage.name for stage in found.stages]
    at = names.index("conv3_4")
    assert names[at - 1 : at + 2] == ["conv3_3", "conv3_4", "pool3"]
    assert found.stages[at].sections[0] is None


def test_others_are_aligned_by_size() -> None:
    """AlexNet's 55×55 maps stand next to VGG's of 56×56; the classifiers stand together."""
    found = compare(("alexnet", "vgg16"))
    shapes = {stage.name: [s and s.out_shape for s in stage.sections] for stage in found.stages}
    assert shapes == {
        "1/1": [None, (64, 224, 224)],
        "1/2": [None, (128, 112, 112)],
        "1/4": [(96, 55, 55), (256, 56, 56)],
        "1/8": [(256, 27, 27), (512, 28, 28)],
        "1/16": [(256, 13, 13), (512, 14, 14)],
        "1/32": [(256, 6, 6), (512, 7, 7)],
        "vectors": [(1000,), (1000,)],
    }


def test_stages_in_json_and_csv() -> None:
    """Both have a network's stages by name, null or no line where it has none."""
    data = json.loads(cnncost("compare", "alexnet", "vgg16", "--stages", "-f", "json").out)
    assert data["aligned_by"] == "size"
    assert data["stages"][0]["networks"][0] is None
    assert data["stages"][0]["networks"][1]["stages"] == ["conv1_1", "conv1_2"]
    rows = list(
        csv.DictReader(io.StringIO(cnncost("compare", "alexnet", "vgg16", "--stages", "-f", "csv").out))
    )
    assert (rows[0]["stage"], rows[0]["name"], rows[0]["output"]) == ("1/1", "vgg16", "64×224×224")
    assert sum(int(row["params"]) for row in rows) == sum(package.profile(n).totals.params for n in FOUR[:2])


def test_depth_and_field_of_known_networks() -> None:
    """Depths are those in the networks' names, fields those of the last map; tokens have no field."""
    found = {e.name: e for e in compare(("vgg19", "resnet152", "googlenet", "vit_b_16", "lenet5")).entries}
    assert {name: found[name].depth for name in ("vgg19", "resnet152", "googlenet")} == {
        "vgg19": 19,
        "resnet152": 152,
        "googlenet": 22,
    }
    assert found["vit_b_16"].receptive_field is None
    field = found["lenet5"].receptive_field
    assert field is not None
    assert [axis.size for axis in field] == [16, 16]


def test_errors_are_of_the_network_as_printed() -> None:
    """On another input, or with other params, published errors do not apply, and none is shown."""
    assert "resnet50: " in cnncost("compare", "resnet50", "alexnet").out
    for change in (("--input", "3x256x256"), ("--set", "classes=10")):
        assert "error" not in cnncost("compare", "resnet50", "alexnet", *change).out
    assert "error" in cnncost("compare", "resnet50", "vgg16", "--input", "3x224x224").out


def test_changed_params_are_in_the_caption() -> None:
    """Numbers of other params are never mistaken for those of the networks as they are."""
    result = cnncost("compare", "alexnet", "vgg16", "--set", "classes=10")
    assert result.out.startswith("2 networks with classes=10, batch 1, ")


def test_errors_on_other_data_are_marked() -> None:
    """An error on CIFAR-10 has a star next to those on ImageNet, and the data set is named."""
    result = cnncost("compare", "resnet50", "resnet20")
    line = next(line for line in result.out.splitlines() if line.startswith("top-1"))
    assert line.endswith("*")
    assert "on CIFAR-10 (*)" in result.out


def test_markdown_and_latex() -> None:
    """Both are whole tables with the caption and notes; LaTeX names networks above their columns."""
    lines = cnncost("compare", "vgg16", "vgg19", "-f", "markdown").out.splitlines()
    assert lines[0] == "**2 networks, input 3×224×224, batch 1, float32, convention lecture**"
    assert lines[2:6] == [
        "|  | vgg16 | vgg19 |",
        "| :-- | --: | --: |",
        "| depth | 16 | 19 |",
        "| params | 138\N{NO-BREAK SPACE}M | 144\N{NO-BREAK SPACE}M ×1.0 |",
    ]
    latex = cnncost("compare", "resnet50", "resnext50_32x4d", "--stages", "-f", "latex").out
    assert r" & \multicolumn{3}{r}{resnet50} & \multicolumn{3}{r}{resnext50\_32x4d} \\" in latex
    assert latex.count(r"\midrule") == 2


def test_one_name_twice(tmp_path: Path) -> None:
    """Networks of one name go by what was typed for them."""
    path = tmp_path / "mine.yaml"
    path.write_text("name: lenet5\ninput: [1, 32, 32]\nlayers: [Flatten, Linear(10)]\n")
    data = json.loads(cnncost("compare", "lenet5", str(path), "-f", "json").out)
    assert [network["name"] for network in data["networks"]] == ["lenet5", str(path)]


@pytest.mark.parametrize("networks", [FOUR[:2], FOUR])
def test_a_chart_beside_the_table(tmp_path: Path, networks: tuple[str, ...]) -> None:
    """`--chart` draws the totals into a whole file, and the table is printed as without it."""
    path = tmp_path / "compare.svg"
    result = cnncost("compare", *networks, "--chart", str(path))
    assert result.code == 0
    assert result.out == cnncost("compare", *networks).out
    assert is_picture(path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("alexnet",), "cnncost: compare takes two networks or more, got 1\n"),
        (("alexnet", "vg16"), "cnncost: no network `vg16`; did you mean vgg16?\n"),
        (("-", "alexnet", "-"), "cnncost: -: standard input is read once; name a file in its place\n"),
        (
            ("alexnet", "vgg16", "--chart", "x.bmp"),
            "cnncost: x.bmp: a chart cannot be written as `.bmp`; use .png, .svg, .pdf, .pgf\n",
        ),
        (
            ("alexnet", "vgg16", "-f", "yaml"),
            f"cnncost: no format `yaml`; there are {', '.join(NAMES)}\n",
        ),
    ],
)
def test_wrong_input(arguments: tuple[str, ...], message: str) -> None:
    """What cannot be compared is one line and exit code 2, before anything is printed or drawn."""
    result = cnncost("compare", *arguments)
    assert (result.code, result.out, result.err) == (2, "", message)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (Fraction(2), "×2"),
        (Fraction(1), "×1"),
        (Fraction(1001, 1000), "×1.0"),
        (Fraction(136, 10), "×13.6"),
        (Fraction(9996, 100), "×100"),
        (Fraction(41, 100), "×0.41"),
        (Fraction(1, 238), "×0.0042"),
    ],
)
def test_ratios(ratio: Fraction, text: str) -> None:
    """A ratio has one decimal above one and two digits below; an exact integer has no decimals."""
    assert numbers.times(ratio) == text


def test_signed_numbers_and_rates() -> None:
    """Differences have their sign, none has none; percentages have two decimals."""
    assert [numbers.signed(n) for n in (1234567, -456000, 0)] == ["+1.23 M", "-456 k", "0"]
    assert [numbers.rate(Fraction(n)) for n in ("25.6", "23.875")] == ["25.60", "23.88"]
