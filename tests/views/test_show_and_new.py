"""`cnncost show` and `cnncost new`: a spec as it is, and one to start from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnncost.count.profile import profile_graph
from cnncost.errors import CnncostError
from cnncost.network.builder import build
from cnncost.network.catalogue import catalogue_spec, index, specs_folder
from cnncost.network.derive import derive, without
from cnncost.spec.reader import parse_spec
from tests.command_line import cnncost

SPEC = """\
# A file's own comment stays.
name: tiny
title: A Tiny Network
paper: {authors: [Who, Whom], venue: Here, year: 2020}
input: [3, size, size]

# widths of the two convolutions
params:                        # all of it
  size: 32                     # pixels
  widths: [8, 16]              # of both
  act: ReLU
  # rows of numbers
  rows:                        # three of them
    - [1, 1]
    # the last
    - [2, 3]
  last: Linear(10)

# what differs
variants:
  tiny: {}
  # a comment between
  tiny-long: {size: 64, widths: [1, 2], act: "LeakyReLU(0.1, True)", rows: [[3, 3]]}
  tiny-rows:
    rows:
      - [5, 1]     # said here only
      - [5, 1]
      - [3, 1]
      - [1, 111111]
      - [1, 111111]
    last: Flatten >> Linear(5)

aliases: {torchvision/tiny: tiny}

layers:
  - conv{}: len(rows) * Conv2d(widths[0], rows[index][0])
  - act
  # between layers

  - Flatten >> last

facts:
  A:
    tiny: {params: 3}
# the end
"""


pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# show


def test_show_prints_the_file(folder: Path) -> None:
    """Standard output is the spec to the byte; saved, it runs."""
    result = cnncost("show", "vgg16")
    assert result.out == (specs_folder() / "vgg.yaml").read_text(encoding="utf-8")
    (folder / "copy.yaml").write_text(result.out, encoding="utf-8")
    assert cnncost("table", "copy.yaml::vgg16").out == cnncost("table", "vgg16").out


def test_show_says_what_a_network_is() -> None:
    """Standard error has the paper, the variant, its other names and its facts with their status."""
    lines = cnncost("show", "torchvision/resnet50", columns=100).err.splitlines()
    assert lines[:5] == [
        "",
        "resnet50-v1.5  resnet.yaml",
        "Deep Residual Learning for Image Recognition (He, Zhang, Ren, Sun, CVPR 2016)",
        "The spec `resnet` with stride_in: 3. In your own copy of the file, write copy.yaml::resnet50-v1.5.",
        "also torchvision/resnet50",
    ]
    assert "torchvision" in lines[5:]
    facts = {tuple(line.split()[-3:]) for line in lines[5:]}
    assert ("params", "25557032", "reproduced") in facts
    assert ("top1_accuracy", "76.130", "recorded") in facts
    assert any("erratum: batch norm left out" in line for line in lines)


def test_show_says_how_an_error_was_measured() -> None:
    """Of ten crops, or with another network than the one that the paper draws."""
    lines = cnncost("show", "resnet50", columns=100).err.splitlines()
    assert "top1_error 22.85 recorded: average of 10 crops" in [" ".join(line.split()) for line in lines]
    err = " ".join(cnncost("show", "inception_resnet_v2").err.split())
    assert "19.9 recorded: measured with the 55.8 M parameters of inception_resnet_v2-slim, not" in err
    facts = json.loads(cnncost("show", "resnet50", "-f", "json").out)["facts"]
    assert {f["note"] for f in facts if f["source"] == "He 2016, table 3 (10 crops)"} == {
        "average of 10 crops"
    }


def test_show_says_how_an_alias_differs() -> None:
    """What torchvision's network has that ours of the same name lacks."""
    assert (
        "torchvision/vgg16 is vgg16 with avgpool: AdaptiveAvgPool2d(7)"
        in cnncost("show", "torchvision/vgg16").err
    )
    assert (
        "torchvision/vit_b_16 is vit_b_16 for inputs of one size"
        in cnncost("show", "torchvision/vit_b_16").err
    )


def test_new_from_an_alias() -> None:
    """The spec has what the alias adds."""
    cnncost("new", "mine", "--from", "torchvision/vgg11")
    assert cnncost("table", "mine.yaml", "-i", "3x320x320").out.count("avgpool") == 1


@pytest.mark.parametrize("columns", [60, 80, 160])
@pytest.mark.parametrize("name", ["resnet50", "resnet", "googlenet", "lenet5", "mobilenet_v3_small"])
def test_what_show_says_fits(name: str, columns: int) -> None:
    """No line about a network is wider than asked, but for facts on a very narrow terminal."""
    result = cnncost("show", name, columns=columns)
    assert result.code == 0
    assert max(map(len, result.err.splitlines())) <= max(columns, 80)


def test_show_of_a_family() -> None:
    """A family shows its variants, and its facts network by network."""
    err = cnncost("show", "vgg", columns=200).err
    assert "variants: vgg11, vgg13, vgg16, vgg19, vgg11-bn" in err
    assert "vgg16     params" in err


def test_show_of_a_file() -> None:
    """A path shows that file, from standard input too."""
    Path("tiny.yaml").write_text(SPEC)
    result = cnncost("show", "tiny.yaml::tiny-long")
    assert (result.code, result.out) == (0, SPEC)
    assert "tiny-long  tiny.yaml\nA Tiny Network (Who, Whom, Here 2020)\n" in result.err
    assert "widths: [1, 2]" in result.err
    assert (
        cnncost("show", "-", stdin="input: [8]\nlayers: Linear(2)").out == "input: [8]\nlayers: Linear(2)\n"
    )


def test_show_as_json() -> None:
    """Everything about a network, its spec's text included."""
    found = json.loads(cnncost("show", "resnet50", "-f", "json").out)
    assert list(found) == [
        "name",
        "family",
        "title",
        "paper",
        "source",
        "variants",
        "changes",
        "aliases",
        "facts",
        "text",
    ]
    assert found["paper"] == {"authors": "He, Zhang, Ren, Sun", "venue": "CVPR", "year": "2016"}
    fact = next(fact for fact in found["facts"] if fact["id"] == "resnet/resnet50/macs/he-2016-table-1")
    assert (fact["quantity"], fact["printed"], fact["status"]) == ("macs", "3.8e9", "unexplained")
    assert parse_spec(found["text"], "copy").name == "resnet"


def test_show_of_nothing() -> None:
    """A name that is none is answered with the nearest."""
    result = cnncost("show", "vgg61")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("cnncost: no network `vgg61`; did you mean vgg1")


# new


def test_a_derived_spec_is_edited_text() -> None:
    """Name, params and sections change; layout and comments stay, aligned."""
    spec = parse_spec(SPEC, "tiny.yaml")
    assert derive(spec, "tiny-long", "mine").splitlines() == [
        "# Started from tiny-long: A Tiny Network (Who, Whom, Here 2020)",
        "name: mine",
        "input: [3, size, size]",
        "",
        "# widths of the two convolutions",
        "params:                        # all of it",
        "  size: 64                     # pixels",
        "  widths: [1, 2]               # of both",
        '  act: "LeakyReLU(0.1, True)"',
        "  # rows of numbers",
        "  rows: [[3, 3]]               # three of them",
        "  last: Linear(10)",
        "",
        "layers:",
        "  - conv{}: len(rows) * Conv2d(widths[0], rows[index][0])",
        "  - act",
        "  # between layers",
        "",
        "  - Flatten >> last",
    ]
    assert derive(spec, "tiny-rows", "mine").splitlines()[10:18] == [
        "  rows:                        # three of them",
        "    - [5, 1]",
        "    - [5, 1]",
        "    - [3, 1]",
        "    - [1, 111111]",
        "    - [1, 111111]",
        "  last: Flatten >> Linear(5)",
        "",
    ]


def test_values_within_brackets_are_quoted() -> None:
    """A call with a comma that moves into `{ }` is put in quotes."""
    text = (
        "name: a\ninput: [3, 8, 8]\nparams: {act: ReLU, size: 3}\n"
        "variants:\n  a-1:\n    act: LeakyReLU(0.1, True)\n    size: 5\nlayers: Conv2d(4, size) >> act\n"
    )
    assert 'params: {act: "LeakyReLU(0.1, True)", size: 5}\n' in derive(parse_spec(text, "a"), "a-1", "b")


def test_sections_are_left_out_with_their_comments() -> None:
    """Comments directly above a section go with it; those before a blank line stay."""
    text = "# a\n\n# b\nfacts:\n  x: 1\n# c\nlayers: y\n# d\n"
    assert without(text, ("facts",)) == "# a\n\n# c\nlayers: y\n# d\n"


def test_every_network_can_be_started_from() -> None:
    """For each network of the catalogue, the new spec has exactly the same layers, costs and input."""
    for name, path in index():
        spec = catalogue_spec(path)
        variant = name if name in spec.variants else None
        text = derive(spec, variant, "my_net")
        made = parse_spec(text, "my_net.yaml")
        assert (made.name, made.variants, made.aliases, made.facts) == ("my_net", {}, {}, ())
        assert max(map(len, text.splitlines())) <= 120, name
        if variant in (None, *list(spec.variants)[-1:]):
            costs, wanted = (
                [
                    (c.name, c.type, c.params, c.macs, c.out_shape)
                    for c in profile_graph(g, fields=False).costs
                ]
                for g in (build(made), build(spec, variant))
            )
            assert costs == wanted


def test_new_from_a_network() -> None:
    """The file loads, and its table is that of the original but for the name."""
    result = cnncost("new", "my_net", "--from", "torchvision/resnet50")
    assert (result.code, result.out) == (0, "")
    assert result.err == "my_net.yaml is written; `cnncost table my_net.yaml` shows what it costs\n"
    mine, original = cnncost("table", "my_net.yaml").out, cnncost("table", "resnet50-v1.5").out
    assert mine.partition(",")[0] == "my_net"
    assert mine.partition(",")[2] == original.partition(",")[2]
    assert Path("my_net.yaml").read_text().startswith("# Started from resnet50-v1.5: Deep Residual Learning")


def test_new_without_an_origin() -> None:
    """A small commented example that runs, with a variant."""
    assert cnncost("new", "mine").code == 0
    text = Path("mine.yaml").read_text()
    assert text.count("#") >= 4
    assert cnncost("table", "mine.yaml").code == 0
    assert cnncost("table", "mine.yaml::mine-wide").code == 0
    assert cnncost("new", "short.yml").err.startswith("short.yml is written; `cnncost table short.yml` shows")
    assert cnncost("table", "short.yml").out.startswith("short")
    again = cnncost("new", "other", "--from", "mine.yaml::mine-wide")
    assert again.code == 0
    mine, other = cnncost("table", "mine.yaml::mine-wide").out, cnncost("table", "other.yaml").out
    assert mine.partition(",")[2] == other.partition(",")[2]


def test_new_replaces_nothing_unasked() -> None:
    """A file that exists is kept, unless --force says so."""
    Path("mine.yaml").write_text("precious")
    result = cnncost("new", "mine")
    assert result.code == 2
    assert result.err == "cnncost: mine.yaml exists already: --force replaces it, -o names another file\n"
    assert Path("mine.yaml").read_text() == "precious"
    assert cnncost("new", "mine", "-o", "other.yaml").code == 0
    assert cnncost("new", "mine.yaml", "--force").code == 0
    assert Path("mine.yaml").read_text() == Path("other.yaml").read_text() != "precious"


@pytest.mark.parametrize(
    "arguments, error",
    [
        (("a/b",), "`a/b` cannot be a name: use letters, digits and `_ . + -`; -o says where the file goes"),
        (("",), "`` cannot be a name: use letters, digits and `_ . + -`; -o says where the file goes"),
        (
            ("a b", "--from", "lenet5"),
            "`a b` cannot be a name: use letters, digits and `_ . + -`; -o says where the file goes",
        ),
        (("x", "--from", "lenet"), "no network `lenet`; did you mean lenet5?"),
        (("x", "--from", "no.yaml"), "no.yaml: no such file"),
        (
            ("a" * 300,),
            f"`{'a' * 59}…` is too long: a name has at most 250 characters",
        ),
        (("x", "-o", "a" * 300), f"{'a' * 300}: cannot be written: File name too long"),
        (("x", "-o", "no/x.yaml"), "no/x.yaml: cannot be written: No such file or directory"),
        (("x", "-o", "."), ". is a folder: give the file a name, -o x.yaml"),
    ],
)
def test_new_that_cannot_be(folder: Path, arguments: tuple[str, ...], error: str) -> None:
    """One line, exit code 2, and no file."""
    result = cnncost("new", *arguments)
    assert (result.code, result.out, result.err) == (2, "", f"cnncost: {error}\n")
    assert list(folder.iterdir()) == []


def test_a_file_without_ending_is_named_as_a_path() -> None:
    """The written file can be used with the printed command."""
    result = cnncost("new", "mine", "-o", "mine")
    assert "`cnncost table ./mine` shows" in result.err
    assert cnncost("table", "./mine").code == 0


def test_a_text_that_cannot_be_taken_apart() -> None:
    """A spec on one line has no sections to leave out: a message says so, and nothing wrong is written."""
    text = "{name: a, input: [8], params: {n: 1}, variants: {a-2: {n: 2}}, layers: Linear(n)}"
    for layout in (
        text,
        text.replace(", ", ",\n"),
        '"name": a\n"input": [8]\nparams: {}\nlayers: Linear(2)\n',
    ):
        spec = parse_spec(layout, "a.yaml")
        with pytest.raises(CnncostError) as caught:
            derive(spec, "a-2" if spec.variants else None, "b")
        assert str(caught.value) == (
            "a.yaml cannot be taken apart: write `input:`, `params:` and the other keys a line each, "
            "without quotes or outer braces"
        )


def test_a_variant_of_a_spec_without_params() -> None:
    """Variants that change nothing need no params to start from."""
    text = "name: a\ninput: [8]\nvariants:\n  a: {}\n  b: {}\nlayers: Linear(2)\n"
    assert derive(parse_spec(text, "a.yaml"), "b", "c") == (
        "# Started from b\nname: c\ninput: [8]\nlayers: Linear(2)\n"
    )


def test_a_spec_that_cannot_be_built_is_told_with_its_place() -> None:
    """An error in the network to start from names that network's file."""
    Path("a.yaml").write_text("name: a\ninput: [1, 2, 2]\nlayers: Conv2d(1, 5)\n")
    assert cnncost("new", "b", "--from", "a.yaml").err.startswith("cnncost: a.yaml:3:9: ")


@pytest.mark.parametrize("command", ["show", "audit", "table", "explain"])
@pytest.mark.parametrize("name", ["tiny.yaml", "-"])
def test_a_variant_that_is_none(command: str, name: str) -> None:
    """Every command answers a misspelt variant of a file, or of standard input, in the same words."""
    Path("tiny.yaml").write_text(SPEC)
    result = cnncost(command, "--", f"{name}::tiny-lnog", *["act"] * (command == "explain"), stdin=SPEC)
    assert (result.code, result.out) == (2, "")
    assert result.err == "cnncost: tiny has no variant `tiny-lnog`; did you mean tiny-long?\n"
    assert cnncost("new", "x", "--from", f"{name}::nope", stdin=SPEC).code == 2


def test_what_a_terminal_would_obey_is_written_out() -> None:
    """Titles, authors, params and sources show the escapes that they hold."""
    text = (
        'name: red\ntitle: "\\e[31mred"\npaper: {authors: "\\x07W", year: 2020}\ninput: [8]\n'
        "params: {act: ReLU, way: \"'a'\"}\n"
        "variants:\n  red: {}\n  red-2: {way: \"'\\e[0m'\"}\nlayers: Linear(2)\n"
        'facts: {"S\\e[1m": {red-2: {params: {printed: 19, because: "\\e[2m"}}}}\n'
    )
    Path("red.yaml").write_text(text)
    shown = cnncost("show", "red.yaml::red-2").err
    for said in (r"\x1b[31mred (\x07W, 2020)", r"way: '\x1b[0m'", r"S\x1b[1m", r"unexplained: \x1b[2m"):
        assert said in shown
    told = cnncost("audit", "red.yaml")
    named = cnncost("table", "a\x1b[31m")
    for result in (told, named):
        assert "\x1b" not in result.out + result.err
    assert named.err.startswith(r"cnncost: no network `a\x1b[31m`; ")


def test_rows_within_brackets_stay_on_one_line() -> None:
    """A long list of rows gets a line each only where the params are not in brackets themselves."""
    rows = ", ".join(["[1111111, 2222222]"] * 6)
    head = "name: t\ninput: [3, 9, 9]\n"
    tail = f"variants:\n  long: {{rows: [{rows}]}}\nlayers: len(rows) * ReLU\n"
    within = derive(parse_spec(f"{head}params: {{rows: [[1, 1]]}}\n{tail}", "t.yaml"), "long", "mine")
    assert f"params: {{rows: [{rows}]}}\n" in within
    below = derive(parse_spec(f"{head}params:\n  rows: [[1, 1]]\n{tail}", "t.yaml"), "long", "mine")
    assert below.count("\n    - [1111111, 2222222]") == 6
