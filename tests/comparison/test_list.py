"""`cnncost list`: grouped, filtered, sorted, and in every format."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction

import pytest

from cnncost import profile
from cnncost.cli.list import parse_size, parse_years
from cnncost.comparison import compare, listing, networks
from cnncost.comparison.listing import natural, ordered
from cnncost.comparison.tradeoff import bubbles_of
from cnncost.errors import CnncostError
from cnncost.network.catalogue import index
from cnncost.tables.formats import NAMES
from tests.command_line import cnncost

FAMILIES = ("--family", "vgg", "--family", "alexnet", "--family", "lenet5")


def names(*options: str) -> list[str]:
    """The names that a list with these options has, in its order."""
    result = cnncost("list", "-f", "names", *options)
    assert (result.code, result.err) == (0, "")
    return result.out.splitlines()


def test_the_list_is_grouped_by_family_and_year() -> None:
    """Each family has a heading with its year and paper; its networks stand below it."""
    lines = cnncost("list", *FAMILIES).out.splitlines()
    assert lines[0] == "name                   params    MACs      input       top-1 error"
    assert lines[2] == "1998  lenet5  Gradient-Based Learning Applied to Document Recognition"
    assert lines[3].startswith("  lenet5               61.7 k   417 k    1×32×32")
    assert lines[4] == "2012  alexnet  ImageNet Classification with Deep Convolutional Neural Networks"
    assert [line.split()[0] for line in lines[5:9]] == [
        "alexnet",
        "alexnet-lrn",
        "alexnet-2012",
        "alexnet-torchvision",
    ]
    wide = cnncost("list", "--family", "vgg", columns=160).out.splitlines()
    assert wide[2].endswith("Large-Scale Image Recognition (Simonyan, Zisserman, ICLR)")


@pytest.mark.parametrize("columns", [60, 80, 160])
def test_the_whole_list_fits(columns: int) -> None:
    """No line is wider than 80 columns have room for; titles are cut, names and numbers never."""
    text = cnncost("list", columns=columns).out
    assert max(map(len, text.splitlines())) <= max(columns, 80)
    assert {name for name, _ in index()} <= set(text.split())


def test_a_sorted_list_is_one_table() -> None:
    """`--sort` puts all families into one table; what has no such value comes last, either way."""
    narrow = cnncost("list", *FAMILIES, "--sort", "params", columns=70)
    rows = narrow.out.splitlines()
    assert rows[0].split() == ["name", "year", "params", "MACs", "input", "top-1", "error"]
    assert [row.split()[0] for row in rows[2:5]] == ["lenet5", "alexnet-2012", "alexnet-torchvision"]
    assert narrow.err == "left out to fit 70 columns: family\n"
    assert cnncost("list", *FAMILIES, "--sort", "params", columns=120).err == ""
    assert names("--family", "alexnet", "--sort", "macs", "--reverse")[-1] == "alexnet-torchvision"
    by_error = names("--family", "alexnet", "--sort", "error")
    assert by_error == ["alexnet-2012", "alexnet-torchvision", "alexnet", "alexnet-lrn"]
    assert names("--family", "alexnet", "--sort", "error", "-r")[2:] == ["alexnet", "alexnet-lrn"]


def test_errors_name_their_data_set() -> None:
    """Errors on different data never stand next to each other without saying so, nor are sorted together."""
    lines = cnncost("list", "--family", "highway", "--family", "resnet_cifar").out.splitlines()
    assert lines[3].split()[-3:] == ["CIFAR-10", "7.76", "%"]
    assert lines[4].split()[-3:] == ["CIFAR-100", "32.24", "%"]
    assert lines[5].split()[-3:] == ["MNIST", "0.45", "%"]
    families = ("--family", "highway", "--family", "nin", "--family", "lenet5")
    rows = list(csv.DictReader(io.StringIO(cnncost("list", *families, "--sort", "error", "-f", "csv").out)))
    assert [(row["name"], row["top-1 error"], row["data set"]) for row in rows] == [
        ("nin-imagenet", "40.64", "ImageNet"),
        ("highway19", "7.76", "CIFAR-10"),
        ("nin", "8.81", "CIFAR-10"),
        ("highway19-cifar100", "32.24", "CIFAR-100"),
        ("highway10-mnist", "0.45", "MNIST"),
        ("highway10-mnist-thin", "0.57", "MNIST"),
        ("lenet5", "0.95", "MNIST"),
    ]
    reverse = names(*families, "--sort", "error", "--reverse")
    assert reverse[:3] == ["nin-imagenet", "nin", "highway19"]


def test_names_are_sorted_as_people_count() -> None:
    """resnet50 comes before resnet101."""
    assert sorted(["resnet101", "resnet50", "resnet50-v1.5"], key=natural) == [
        "resnet50",
        "resnet50-v1.5",
        "resnet101",
    ]
    assert ordered([{"macs": 1}, {"macs": 2}], None, reverse=True) == [{"macs": 2}, {"macs": 1}]


def test_filters() -> None:
    """By family, year, parameters and multiply-adds; together they all hold."""
    assert names("--family", "lenet5") == ["lenet5"]
    assert set(names("--year", "-2011")) == {"lenet5", "lstm_tagger"}
    assert "alexnet" in names("--year", "2012")
    assert "vgg16" in names("--year", "2015-2015")
    assert "vgg16" not in names("--year", "2016-")
    assert names(*FAMILIES, "--max-params", "62M") == ["lenet5", "alexnet-2012", "alexnet-torchvision"]
    assert names(*FAMILIES, "--max-macs", "0.72G") == ["lenet5", "alexnet-torchvision"]
    assert names(*FAMILIES, "--max-macs", "0.72G", "--year", "2012") == ["alexnet-torchvision"]


def test_of_several_inputs_the_first_is_shown() -> None:
    """The others would make a line too long; the data has them all."""
    assert cnncost("list", "--family", "siamese").out.splitlines()[-1].endswith("1×105×105, …")


def test_nothing_left() -> None:
    """A list without networks says so, and data stays data."""
    assert cnncost("list", "--year", "1900").err == "no network of the catalogue matches these options\n"
    assert cnncost("list", "--year", "1900", "-f", "json").out == "[]\n"


def test_a_list_of_names_builds_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--format names` is as quick as reading the specs."""
    monkeypatch.setattr(listing, "build", None)
    assert set(names()) == {name for name, _ in index()}
    assert names("--year", "1998") == ["lenet5"]
    assert names("--family", "lenet5", "--family", "vgg", "-r")[-2:] == ["vgg11", "lenet5"]


def test_csv_and_markdown_have_every_column() -> None:
    """Data is exact and complete whatever the width."""
    rows = list(csv.DictReader(io.StringIO(cnncost("list", "--family", "vgg", "-f", "csv", columns=40).out)))
    assert list(rows[0]) == [
        *("name", "family", "year", "params", "MACs", "input", "top-1 error", "data set", "tested with"),
        *("macts", "params_bytes"),
    ]
    assert (rows[2]["name"], rows[2]["params"], rows[2]["MACs"]) == ("vgg16", "138357544", "15470264320")
    options = ("list", "--family", "vgg", "--sort", "name", "-f", "markdown")
    head, _, row, *_ = cnncost(*options, columns=40).out.splitlines()
    assert head == "| name | family | year | params | MACs | input | top-1 error |"
    assert (
        row.replace("\N{NO-BREAK SPACE}", " ")
        == "| vgg11 | vgg | 2015 | 133 M | 7.61 G | 3×224×224 | ImageNet 30.98 % |"
    )
    assert row.count("\N{NO-BREAK SPACE}") == 3  # a number and its unit stay together


def test_json_says_where_an_error_is_from() -> None:
    """A top-1 error names its source and how it was tested; without one both are null."""
    found = {e["name"]: e for e in json.loads(cnncost("list", "--family", "resnet", "-f", "json").out)}
    assert (found["resnet50"]["top1_error"], found["resnet50"]["top1_source"]) == (
        24.8,
        "Hu 2018, table 2 (re-implementation)",
    )
    assert found["resnet50"]["top1_data_set"] == "ImageNet"
    assert found["resnet50"]["errors"]["conditions"] == []
    assert found["resnet34-c"]["errors"] == {
        "top1": 24.19,
        "top5": 7.4,
        "data_set": "ImageNet",
        "source": "He 2016, table 3 (10 crops)",
        "conditions": ["10 crops"],
    }
    assert found["resnet18-lecture"]["top1_error"] is found["resnet18-lecture"]["top1_source"] is None
    assert found["resnet50-v1.5"]["aliases"] == ["torchvision/resnet50"]


@pytest.mark.parametrize("family", ["alexnet", "resnet", "mobilenet_v2", "vit", "swin", "unet"])
def test_costs_are_those_of_the_profiles(family: str) -> None:
    """Params, their bytes, macs and macts of a list are what the network's table adds up to."""
    for entry in networks([family]):
        totals = profile(entry["name"], convention="macs").totals
        counted = (entry["params"], entry["params_bytes"], entry["macs"], entry["macts"])
        assert counted == (totals.params, 4 * totals.params, totals.macs, totals.macts)


def test_list_compare_and_bubbles_show_one_error() -> None:
    """Of every network that has an error, all three show the same one from the same source."""
    listed = {entry["name"]: entry for entry in networks() if entry["errors"]}
    bubbles = {one.name: one for one in bubbles_of()[0]}
    assert len(bubbles) > 100
    for name, one in bubbles.items():
        assert listed[name]["top1_error"] == float(one.error)
        assert one.source.startswith(listed[name]["top1_source"])
    some = ["resnet50", "resnet34-c", "vgg16", "coatnet_4", "inception_resnet_v2", "resnet20", "googlenet"]
    for entry in compare(some).entries:
        assert entry.error is not None
        assert entry.error.to_dict() == listed[entry.name]["errors"]


def test_an_accuracy_of_another_network_is_said() -> None:
    """The paper's drawing of inception_resnet_v2 has the error of a larger network: list and compare say so."""
    note = "measured with the 55.8 M parameters of inception_resnet_v2-slim"
    assert note in " ".join(cnncost("list", "--family", "inception_resnet").out.split())
    assert note in " ".join(cnncost("compare", "inception_resnet_v2", "inception_v4").out.split())
    assert any(note in message for message in bubbles_of(["inception_resnet_v2"])[1])
    assert "55.8 M" in " ".join(cnncost("show", "inception_resnet_v2").err.split())


@pytest.mark.parametrize(
    "text, size",
    [
        ("10M", 10**7),
        ("1.5G", 1_500_000_000),
        ("500k", 500_000),
        ("500 K", 500_000),
        ("2e6", 2_000_000),
        ("2e+6", 2_000_000),
        ("1.5B", 1_500_000_000),
        ("123", 123),
        (".5M", 500_000),
        ("1.2345", Fraction("1.2345")),
    ],
)
def test_sizes(text: str, size: int) -> None:
    """A size is a number with a suffix or an exponent."""
    assert parse_size(text, "--max-params") == size


@pytest.mark.parametrize(
    "text", ["", "M", "ten", "10MB", "-1M", "1,5G", "10M0", "1e9999999", "٣M", "nan", "inf"]
)
def test_bad_sizes(text: str) -> None:
    """Anything else is answered in one line."""
    with pytest.raises(CnncostError) as caught:
        parse_size(text, "--max-params")
    assert str(caught.value) == f"--max-params {text}: a size is written as 10M, 1.5G, 500k or 2e6"


@pytest.mark.parametrize(
    "text, yes, no",
    [
        ("2015", [2015], [2014, 2016, None]),
        ("2014-2016", [2014, 2015, 2016], [2013, 2017, None]),
        ("2014 - 2016", [2014, 2016], [2013]),
        ("2014-", [2014, 2030], [2013, None]),
        ("-2016", [1998, 2016], [2017, None]),
    ],
)
def test_years(text: str, yes: list[int], no: list[int | None]) -> None:
    """A year, a range, and ranges without one end."""
    chosen = parse_years(text)
    assert chosen is not None
    assert set(yes) <= set(chosen)
    assert not set(no) & set(chosen)


@pytest.mark.parametrize("text", ["", "-", "15", "2016-2014", "20142016", "2014--2016", "2014-16", "later"])
def test_bad_years(text: str) -> None:
    """Anything else is answered in one line."""
    with pytest.raises(CnncostError) as caught:
        parse_years(text)
    assert str(caught.value) == f"--year {text}: years are written as 2015, 2014-2016, 2014- or -2016"


@pytest.mark.parametrize(
    "arguments, error",
    [
        (("--family", "resent"), "no family `resent`; did you mean resnet?"),
        (
            ("--sort", "flops"),
            "networks cannot be sorted by `flops`; there are name, family, year, params, macs, error",
        ),
        (("--sort", "parms"), "networks cannot be sorted by `parms`; did you mean params?"),
        (("--format", "yaml"), f"no format `yaml`; there are {', '.join(NAMES)}, names"),
    ],
)
def test_wrong_options(arguments: tuple[str, ...], error: str) -> None:
    """Exit code 2 and one line."""
    result = cnncost("list", *arguments)
    assert (result.code, result.out, result.err) == (2, "", f"cnncost: {error}\n")


def test_an_error_on_another_input_than_the_one_counted_is_marked() -> None:
    """CoAtNet-7 was tested at 512, its costs are of 224: a star with a note, and the size in the data."""
    grouped = cnncost("list", "--family", "coatnet", columns=160).out.splitlines()
    assert grouped[-4].endswith("ImageNet 9.12 %*")
    assert grouped[3].endswith("ImageNet 18.40 %")
    note = "* Not tested with a single crop on this network and input. coatnet_4, coatnet_5, coatnet_6, coatnet_7:"
    assert " ".join(grouped[-2:]) == f"{note} input 3×512×512."
    flat = cnncost("list", "--family", "coatnet", "--sort", "macs", columns=160).out.splitlines()
    assert flat[-2:] == grouped[-2:]
    *_, row = csv.DictReader(io.StringIO(cnncost("list", "--family", "coatnet", "-f", "csv").out))
    assert (row["top-1 error"], row["data set"], row["tested with"]) == (
        "9.12",
        "ImageNet at 512",
        "input 3×512×512",
    )
    (last,) = json.loads(cnncost("list", "--family", "coatnet", "-f", "json").out)[-1:]
    assert (last["input"], last["top1_input"]) == ([3, 224, 224], [3, 512, 512])
    assert "*" not in cnncost("list", "--family", "vgg").out


@pytest.mark.parametrize(
    ("typed", "some", "none"),
    [
        ("MobileNet v3", "mobilenet_v3_large", "mobilenet_v2"),
        ("deep residual", "resnet50", "alexnet"),
        ("efficientnetv2", "efficientnet_v2_s", "efficientnet_b0"),
        ("he 2016", "resnet50", "alexnet"),
        ("torchvision/resnet18", "resnet18", "resnet50"),
        ("squeeze and excitation", "seresnet50", "squeezenet1_0"),
    ],
)
def test_words_find_networks(typed: str, some: str, none: str) -> None:
    """All words must be in the name, family, aliases or title, or be an author or the year."""
    found = listing.names(matching=typed.split())
    assert some in found
    assert none not in found


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("efficentnet", "no network of the catalogue matches `efficentnet`; did you mean efficientnet?"),
        ("resent", "did you mean resnet?"),
        ("googlenet inception", "a network must have all of these words"),
        ("xyzzy", "`cnncost list` shows all"),
    ],
)
def test_words_that_find_nothing(typed: str, message: str) -> None:
    """The error suggests the nearest name."""
    with pytest.raises(CnncostError) as caught:
        listing.networks(matching=typed.split())
    assert message in str(caught.value)
