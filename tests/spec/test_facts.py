"""`aliases` and `facts` of a spec: how they are read, and how the audit holds them."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnncost
from cnncost.errors import NameUnknown, SpecError
from cnncost.network.builder import build
from cnncost.network.catalogue import aliases, aliases_in, chosen_specs, index, networks_of, read, spec_files
from cnncost.published import PrintedCell, audit, cells_of, facts_of, judge
from cnncost.published.claim import Claim
from cnncost.spec.facts import CHANGES, QUANTITIES, TERMS
from cnncost.spec.reader import parse_spec
from cnncost.spec.structure import Spec
from tests.command_line import cnncost as command_line
from tests.hostile import EXAMPLES

SPEC = """\
name: tiny
input: [3, 16, 16]
params: {width: 8, act: ReLU}
variants:
  tiny: {}
  tiny-wide: {width: 16}
aliases: {torchvision/tiny: tiny, other/tiny_wide: tiny-wide}
layers:
  - conv: Conv2d(width, 3)
  - act
  - Flatten >> Linear(10)
facts:
"""  # tiny has 224 + 15690 parameters, tiny-wide 448 + 31370

MACS = (3 * 9 * 8 * 14 * 14 + 8 * 14 * 14 * 10, 3 * 9 * 16 * 14 * 14 + 16 * 14 * 14 * 10)


def parsed(facts: str, text: str = SPEC) -> Spec:
    """The spec with facts below it."""
    return parse_spec(text + facts, "tiny.yaml")


def judged(facts: str, tmp_path: Path) -> dict[str, tuple[str, str | None]]:
    """The status and the computed value of each fact, by id."""
    path = tmp_path / "tiny.yaml"
    path.write_text(SPEC + facts, encoding="utf-8")
    return {f.id: (f.status, f.computed) for f in audit(cells_of(str(path))).figures}


# Reading


def test_facts_are_plain_data_with_places() -> None:
    """Source, network, quantity and number are kept as they are typed."""
    spec = parsed(
        "  A 2015, table 1:\n"
        "    tiny: {params: 15.9K, top1_error: 30.20}\n"
        "  B:\n"
        "    tiny-wide:\n"
        "      macs: {printed: 1.2e6, because: cut off, change: {digits: truncated, params: {width: 4}}}\n"
    )
    shown = [(f.source, f.network, f.quantity, f.printed, f.place.line) for f in spec.facts]
    assert shown == [
        ("A 2015, table 1", "tiny", "params", "15.9K", 14),
        ("A 2015, table 1", "tiny", "top1_error", "30.20", 14),
        ("B", "tiny-wide", "macs", "1.2e6", 17),
    ]
    assert [f.measured for f in spec.facts] == [False, True, False]
    assert spec.facts[2].because == "cut off"
    assert spec.facts[2].change == {"digits": "truncated", "params": {"width": 4}}


def test_a_measured_fact_names_its_data_set() -> None:
    """The quantity says what was measured on; an accuracy is an error too; a larger input can be stated."""
    spec = parsed(
        "  A: {tiny: {top1_error: 30.20, top5_accuracy: 91.25, cifar100_error: 3, my_own_accuracy: 99.5, depth: 2}}\n"
        "  B: {tiny: {top1_accuracy: {printed: 70, input: [3, 32, 32], params: {width: 4}}}}\n"
    )
    assert [(f.data_set, f.error) for f in spec.facts if f.measured] == [
        ("ImageNet", Fraction("30.20")),
        ("ImageNet", Fraction("8.75")),
        ("CIFAR-100", 3),
        ("my", Fraction("0.5")),
        ("ImageNet", 30),
    ]
    assert spec.facts[4].data_set is None
    assert spec.facts[5].terms == {"input": [3, 32, 32], "params": {"width": 4}}


@pytest.mark.parametrize(
    "facts, message",
    [
        ("  A: 3\n", "tiny.yaml:13:6: what `A` prints must be a mapping of `key: value`"),
        ("  A: {tiny: 3}\n", "tiny.yaml:13:13: the figures of `tiny` must be a mapping of `key: value`"),
        (
            "  A: {tiny-wid: {params: 3}}\n",
            "tiny.yaml:13:7: `tiny-wid` is not a network of this spec; did you mean tiny-wide?",
        ),
        (
            "  A: {tiny: {param: 3}}\n",
            "tiny.yaml:13:14: `param` is not a quantity of a fact; did you mean params?",
        ),
        (
            "  A: {tiny: {weight: 3}}\n",
            "tiny.yaml:13:14: `weight` is not a quantity of a fact; there are params, macs, flops, depth, and what ends in _error or _accuracy",
        ),
        (
            "  A: {tiny: {params: about 3M}}\n",
            "tiny.yaml:13:22: `about 3M` is not a number: write it as printed, 25.6M, 3.8e9 or 25557032",
        ),
        (
            "  A: {tiny: {top1_error: 3M}}\n",
            "tiny.yaml:13:26: `3M` is not a percentage: write it as printed, 23.85",
        ),
        (
            "  A: {tiny: {params: {because: x}}}\n",
            "tiny.yaml:13:22: `params` needs `printed`: the number as the source has it",
        ),
        (
            "  A: {tiny: {params: {printed: 3, becuase: x}}}\n",
            "tiny.yaml:13:35: `becuase` is not a key of a fact; did you mean because?",
        ),
        (
            "  A: {tiny: {params: {printed: 3, because: x, change: {digit: truncated}}}}\n",
            "tiny.yaml:13:56: `digit` is not a key of a fact; did you mean digits?",
        ),
        (
            "  A: {tiny: {params: {printed: 3, change: {digits: truncated}}}}\n",
            "tiny.yaml:13:35: a `change` needs a `because`: why the figure differs, in a sentence",
        ),
        (
            "  A: {tiny: {params: {printed: 3, only: Conv2d}}}\n",
            "tiny.yaml:13:41: `only` is written as a list of layer types, [Conv2d, Linear]",
        ),
        (
            "  A: {tiny: {params: {printed: 3, because: x, change: {params: 3}}}}\n",
            "tiny.yaml:13:64: `params` is written as params with their values, {width: 64}",
        ),
        (
            "  A: {tiny: {params: {printed: 3, unit: 0}}}\n",
            "tiny.yaml:13:41: `unit` is written as KB, M or a whole number",
        ),
        (
            "  A: {tiny: {params: {printed: 3, kilo: 1000000}}}\n",
            "tiny.yaml:13:41: `kilo` is written as a whole number",
        ),
        (
            "  A: {tiny: {params: {printed: 3, at: [conv]}}}\n",
            "tiny.yaml:13:39: `at` is written as a text, or null",
        ),
        (
            "  A: {tiny: {params: 3e999}}\n",
            "tiny.yaml:13:22: `3e999` is not a number: write it as printed, 25.6M, 3.8e9 or 25557032",
        ),
        (
            "  A: {tiny: {params: {printed: 3, params: {width: [{a: b}]}}}}\n",
            "tiny.yaml:13:43: `params` is written as params with their values, {width: 64}",
        ),
        (
            "  A: {tiny: {params: {printed: 3, params: {width: 3, width: 4}}}}\n",
            "tiny.yaml:13:54: `width` is given twice (first in line 13)",
        ),
        (
            "  A: {tiny: {mnist_error: {printed: 3, because: x}}}\n",
            "tiny.yaml:13:40: `mnist_error` is measured, not counted: it takes the number, input, params, crops, note, no `because`",
        ),
        (
            "  A: {tiny: {top1_accuracy: {printed: 3, value: depth}}}\n",
            "tiny.yaml:13:42: `top1_accuracy` is measured, not counted: it takes the number, input, params, crops, note, no `value`",
        ),
        (
            "  A: {tiny: {error: 3}}\n",
            "tiny.yaml:13:14: `error` on what? top1_error is ImageNet's, cifar10_error CIFAR-10's",
        ),
        (
            "  A: {tiny: {accuracy: 3}}\n",
            "tiny.yaml:13:14: `accuracy` on what? top1_accuracy is ImageNet's, cifar10_accuracy CIFAR-10's",
        ),
        (
            "  A 1: {tiny: {params: 3}}\n  A-1: {tiny: {params: 3}}\n",
            "tiny.yaml:14:3: `A-1` reads like `A 1`: letters and digits tell sources apart",
        ),
        (
            '  "///": {tiny: {params: 3}}\n',
            "tiny.yaml:13:3: `///` cannot be a source: name it in letters or digits",
        ),
        (
            "  A: {tiny: {params: {printed: 3, because: x, change: {spec: x}}}}\n",
            "tiny.yaml:13:56: `spec` is not a key of a fact; there are input, params, convention, biases, train, at, only, value, unit, kilo, significant, digits, holds, network",
        ),
        (
            "  A: {tiny: {params: 3, params: 4}}\n",
            "tiny.yaml:13:25: `params` is given twice (first in line 13)",
        ),
    ],
)
def test_wrong_facts(facts: str, message: str) -> None:
    """Anything that is not a fact is refused, with its place."""
    with pytest.raises(SpecError) as caught:
        parsed(facts)
    assert str(caught.value).partition("\n")[0] == message


def test_wrong_facts_are_told_together() -> None:
    """Several mistakes are all shown at once."""
    with pytest.raises(SpecError) as caught:
        parsed("  A: {tini: {params: 3}, tiny: {mac: 3, params: x}}\n")
    assert str(caught.value).count("tiny.yaml:13:") == 3


@pytest.mark.parametrize(
    "line, message",
    [
        ("aliases: [tiny]", "`aliases` must be a mapping of `key: value`"),
        ("aliases: {tv/tiny: tiny, tv/tiny: tiny}", "`tv/tiny` is given twice (first in line 7)"),
        (
            "aliases: {tiny_tv: tiny}",
            "`tiny_tv` is not an alias: write `source/name`, as in torchvision/vgg16",
        ),
        (
            "aliases: {tv/../x: tiny}",
            "`tv/../x` is not an alias: write `source/name`, as in torchvision/vgg16",
        ),
        (
            "aliases: {torchvision/tiny: tinny}",
            "`torchvision/tiny` stands for `tinny`, which is not a network of this spec; did you mean tiny?",
        ),
        ("aliases: {tv/a: {params: {width: 3}}}", "`tv/a` needs `network`: one of this spec's networks"),
        (
            "aliases: {tv/a: {network: tiny, inputs: fixed}}",
            "`inputs` is not a key of an alias; did you mean input?",
        ),
        (
            "aliases: {tv/a: {network: tiny, x: 3}}",
            "`x` is not a key of an alias; there are network, params, input, functional",
        ),
        ("aliases: {tv/a: {network: tiny, input: 3}}", "`input` of an alias is `fixed`, or left out"),
        (
            "aliases: {tv/a: {network: tiny, params: {wdth: 3}}}",
            "`tv/a` sets `wdth`, which is not a param; did you mean width?",
        ),
    ],
)
def test_wrong_aliases(line: str, message: str) -> None:
    """An alias has a source, and names a network of the same spec."""
    text = SPEC.replace("aliases: {torchvision/tiny: tiny, other/tiny_wide: tiny-wide}", line)
    with pytest.raises(SpecError) as caught:
        parsed("  A: {tiny: {params: 3}}\n", text)
    assert str(caught.value).partition("\n")[0].endswith(message)
    assert str(caught.value).startswith("tiny.yaml:7:")


def test_a_spec_without_variants_has_facts_of_its_own_name() -> None:
    """Where there are no variants, the spec's name is the network."""
    text = (
        "name: one\ninput: [8]\naliases: {tv/one: one}\nlayers: Linear(2)\nfacts: {A: {one: {params: 18}}}\n"
    )
    (fact,) = parse_spec(text, "one.yaml").facts
    assert (fact.network, fact.printed) == ("one", "18")


def test_what_a_fact_can_say_are_keys_of_a_claim() -> None:
    """The words of the notation and those of the audit are the same."""
    assert set(TERMS) < set(CHANGES) <= {f.name for f in fields(Claim)}
    assert {"top1_error", "params"} <= set(QUANTITIES)


# Holding


def test_statuses_of_facts(tmp_path: Path) -> None:
    """Reproduced, erratum, unexplained, recorded and differs, as for the printed tables."""
    found = judged(
        "  A:\n"
        "    tiny: {params: 15914, macs: 0.06M, depth: 2, cifar10_error: 6.1}\n"
        "    tiny-wide:\n"
        "      params: {printed: 31.3K, because: without biases, change: {biases: false}}\n"
        "      macs: {printed: 9M, because: nothing found}\n"
        "      depth: 3\n",
        tmp_path,
    )
    assert found == {
        "tiny/tiny/params/a": ("reproduced", "15914"),
        "tiny/tiny/macs/a": ("reproduced", f"{MACS[0] / 1e6:.5f}M"),
        "tiny/tiny/depth/a": ("reproduced", "2"),
        "tiny/tiny/cifar10_error/a": ("recorded", None),
        "tiny/tiny-wide/params/a": ("differs", "31.818K"),
        "tiny/tiny-wide/macs/a": ("unexplained", "0.116M"),
        "tiny/tiny-wide/depth/a": ("differs", "2"),
    }


@pytest.mark.parametrize(
    "fact, status",
    [
        (
            "params: {printed: 31.8K, because: without biases, change: {biases: false}}",
            "differs",
        ),  # reproduced
        ("params: {printed: 31792, because: without biases, change: {biases: false}}", "erratum"),
        ("params: {printed: 448, because: conv alone, change: {at: conv}}", "erratum"),
        ("params: {printed: 448, at: conv}", "reproduced"),
        ("params: {printed: 448, only: [Conv2d]}", "reproduced"),
        ("params: {printed: 15914, because: tiny's, change: {network: tiny}}", "erratum"),
        ("params: {printed: 15914, because: width 8, change: {params: {width: 8}}}", "erratum"),
        ("params: {printed: 31834, because: PReLU, change: {params: {act: PReLU(16)}}}", "erratum"),
        ("params: {printed: 122858, because: larger, change: {input: [3, 30, 30]}}", "differs"),
        ("params: {printed: 125898, because: larger, change: {input: [3, 30, 30]}}", "erratum"),
        ("macs: {printed: 116K, because: cut off, change: {digits: truncated}}", "differs"),
        ("macs: {printed: 115K, because: without three layers, change: {value: macs - 600}}", "erratum"),
        ("flops: 119168", "differs"),
        # strict: two for each multiply-add, one for each bias and each ReLU
        (f"flops: {2 * MACS[1] + 2 * 16 * 14 * 14 + 10}", "reproduced"),
    ],
)
def test_terms_and_changes(fact: str, status: str, tmp_path: Path) -> None:
    """A fact's own settings change the number it is compared with; a change must give the printed number."""
    ((found, _),) = judged(f"  A:\n    tiny-wide:\n      {fact}\n", tmp_path).values()
    assert found == status


def test_flops_are_strict_unless_a_fact_says_otherwise(tmp_path: Path) -> None:
    """`macs` are multiply-adds; `flops` count every operation, or as a convention of their own does."""
    found = judged(
        f"  A:\n    tiny:\n      macs: {MACS[0]}\n      flops: {{printed: {2 * MACS[0]}, convention: torch}}\n",
        tmp_path,
    )
    assert [status for status, _ in found.values()] == ["reproduced", "reproduced"]


def test_hostile_expressions_are_refused(tmp_path: Path) -> None:
    """A fact's expressions come from a user's file: nothing is computed that takes forever."""
    path = tmp_path / "tiny.yaml"
    path.write_text(
        SPEC + "  A:\n    tiny:\n"
        '      params: {printed: 1, value: "9**9**9"}\n'
        '      macs: {printed: 1, value: "(macs**30)**30"}\n'
        '      depth: {printed: 1, value: "(1).real"}\n'
    )
    assert [f.cause for f in audit(cells_of(str(path))).figures] == [
        "cannot be computed: `9**9**9` is too large",
        "cannot be computed: `(macs**30)**30` is too large",
        "cannot be computed: attribute access is not part of the notation",
    ]


@pytest.mark.parametrize(
    "fact, cause",
    [
        ('params: {printed: 1, value: "params / 0"}', "cannot be computed: `params / 0` divides by zero"),
        ('params: {printed: 1, value: "0 ** -1"}', "cannot be computed: `0 ** -1` divides by zero"),
        (
            "params: {printed: 1, only: [Linaer]}",
            "cannot be computed: no layer type `Linaer`; did you mean Linear?",
        ),
        (
            'params: {printed: 1, at: "Linear..conv"}',
            "cannot be computed: `Linear..conv` is no range: conv comes before Linear",
        ),
        (
            'params: {printed: 15914, holds: "depth == 3"}',
            "`depth == 3` does not hold",
        ),
        (
            'params: {printed: 1, because: x, change: {value: "1", holds: "depth == 3"}}',
            "its cause gives 1, but `depth == 3` does not hold: x",
        ),
        (
            'params: {printed: 1, input: [3, "1/2", 5]}',
            "cannot be computed: an input is a shape of positive whole numbers such as (3, 224, 224), got (3, 1/2, 5)",
        ),
    ],
)
def test_what_cannot_be_held_says_why(fact: str, cause: str) -> None:
    """Nothing is computed in silence from what makes no sense."""
    (figure,) = audit(facts_of(parsed(f"  A: {{tiny: {{{fact}}}}}\n"), catalogued=False)).figures
    assert (figure.status, figure.cause) == ("differs", cause)


def test_the_input_of_a_fact_has_the_limit_of_every_input() -> None:
    """A size that is written as an expression is held to the limit as well."""
    spec = parsed('  A: {tiny: {params: {printed: 1, input: [3, "2**400", 5]}}}\n')
    (figure,) = audit(facts_of(spec, catalogued=False)).figures
    assert figure.cause.startswith("cannot be computed: an input is a shape of positive whole numbers")


@pytest.mark.parametrize("name", ["-", "./tiny.yaml", "tiny.yaml"])
def test_a_change_reads_no_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change names a network of the catalogue, or of its own spec; nothing else is opened."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(SPEC + "  A: {tiny: {params: 15914}}\n")
    spec = parsed(f'  A: {{tiny: {{params: {{printed: 3, because: x, change: {{network: "{name}"}}}}}}}}\n')
    (figure,) = audit(facts_of(spec, catalogued=False)).figures
    assert figure.cause.startswith(f"its cause cannot be computed: no network `{name}`; ")


def test_a_range_may_start_at_a_side_head() -> None:
    """A side head names a place, and is counted in training alone."""
    text = (
        "name: side\ninput: [8]\nlayers:\n  - aux: {head: Linear(2)}\n  - a: Linear(3)\n  - b: Linear(4)\nfacts:\n"
        "  A: {side: {params: {printed: 27, at: head..a}}}\n"
        "  B: {side: {params: {printed: 45, at: head..a, train: true}}}\n"
    )
    found = audit(facts_of(parse_spec(text, "side.yaml"), catalogued=False)).figures
    assert [figure.status for figure in found] == ["reproduced", "reproduced"]


SAID = (
    "3", "0", "-1", "truncated", "swapped", "macs", "tiny", "nope", "null", "true", "[3, 30, 30]", "[F, H, W]",
    "[Conv2d]", "[x]", "{width: 3}", "{act: 'PReLU(16)'}", "{act: '1 +'}", "conv", "conv..", "..conv", "conv9",
    "params / 0", "macs ** -1", "name", "shape", "rf", "kernel", "1 if macs else 2", "input", "torch", "MB",
    "1024", "'Conv2d(3, 3)'", "'layers: ReLU'", "depth == 2", "F", "in_channels + C", "residual",
    "stage_depths", "stage_depths[0]", "sum(stage_depths)", "2 ** 0.5", "ReLU", "max", "''",
)  # fmt: skip
SAYINGS = st.dictionaries(st.sampled_from(TERMS), st.sampled_from(SAID), max_size=3)


@given(
    SAYINGS, SAYINGS, st.sampled_from(["params", "macs", "depth"]), st.sampled_from(["15914", "0", "1e99"])
)
@EXAMPLES
def test_no_fact_crashes_the_audit(
    terms: dict[str, str], changed: dict[str, str], quantity: str, printed: str
) -> None:
    """Whatever a fact says is refused with its place, or held and reported; nothing else is raised."""

    def flow(values: dict[str, str]) -> str:
        return "".join(f"{key}: {value}, " for key, value in values.items())

    fact = f"{{{flow(terms)}printed: {printed}, because: x, change: {{{flow(changed)}}}}}"
    try:
        spec = parsed(f"  A: {{tiny: {{{quantity}: {fact}}}}}\n")
    except SpecError:
        return
    (figure,) = audit(facts_of(spec, catalogued=False)).figures
    assert figure.status in ("erratum", "unexplained", "differs")


def test_a_file_is_read_anew(tmp_path: Path) -> None:
    """An audit of a file sees what is in it now, whatever it was before."""
    path = tmp_path / "tiny.yaml"
    for width, status in ((8, "reproduced"), (9, "differs"), (8, "reproduced")):
        path.write_text(SPEC.replace("width: 8", f"width: {width}") + "  A: {tiny: {params: 15914}}\n")
        assert [f.status for f in audit(cells_of(str(path))).figures] == [status]


def test_two_sources_do_not_collide(tmp_path: Path) -> None:
    """The same quantity from two sources makes two figures, which differ in the source."""
    found = judged("  A 2015:\n    tiny: {params: 15914}\n  B (code):\n    tiny: {params: 15.9K}\n", tmp_path)
    assert list(found) == ["tiny/tiny/params/a-2015", "tiny/tiny/params/b-code"]


def test_side_heads_can_be_counted(tmp_path: Path) -> None:
    """`train` counts what training alone has."""
    path = tmp_path / "side.yaml"
    path.write_text(
        "name: side\ninput: [8]\nlayers:\n  - aux: {head: Linear(2)}\n  - Linear(3)\n"
        "facts:\n  A:\n    side:\n      params: {printed: 45, because: the side head too, change: {train: true}}\n"
    )
    assert [f.status for f in audit(cells_of(str(path))).figures] == ["erratum"]


# The catalogue's


def test_facts_have_ids_of_their_own() -> None:
    """No two figures of all facts share an id, and none is that of a table's."""
    ids = [cell.id for cell in cells_of()]
    assert len(set(ids)) == len(ids)
    assert {judge(cell).quantity for spec in chosen_specs(["resnet"]) for cell in facts_of(spec)[:3]} == {
        "macs"
    }


def about(cells: list[PrintedCell]) -> set[str]:
    """The first parts of the cells' ids."""
    return {cell.id.partition("/")[0] for cell in cells}


def test_an_audit_of_a_family_or_a_network() -> None:
    """A name restricts the audit to its own facts and to what the tables say of it."""
    assert about(cells_of("resnet")) == {"resnet", "resnet_hoiem", "figures", "ilsvrc_winners"}
    assert {c.id.split("/")[1] for c in cells_of("alexnet") if c.id.startswith("alexnet/")} <= {"alexnet"}
    one = cells_of("resnet50")
    assert about(one) == {"resnet", "resnet_hoiem"}
    assert {cell.id.split("/")[1] for cell in one if cell.id.startswith("resnet/")} == {"resnet50"}
    assert [c.id for c in cells_of("torchvision/resnet50")] == [c.id for c in cells_of("resnet50-v1.5")]
    with pytest.raises(NameUnknown, match="no network `resnet5O`; did you mean resnet5"):
        cells_of("resnet5O")


def test_the_command(tmp_path: Path) -> None:
    """`cnncost audit NAME`: exit code 1 where a figure differs, and a word where there is none."""
    path = tmp_path / "tiny.yaml"
    path.write_text(SPEC + "  A: {tiny: {params: 15914, macs: 3}}\n")
    result = command_line("audit", str(path))
    assert (result.code, result.err) == (1, "")
    assert result.out.splitlines()[:3] == [
        "tiny",
        "  differs      tiny/macs (A): printed 3, computed 58016",
        "               the computed value is different",
    ]
    path.write_text(SPEC + "  A: {tiny: {params: 15914}}\n")
    assert command_line("audit", str(path)).code == 0
    assert command_line("audit", f"{path}::tiny-wide").err.endswith(
        "is recorded: neither a table nor the spec's `facts` has one\n"
    )
    report = tmp_path / "out.txt"
    assert command_line("audit", f"{path}::tiny-wide", "-o", str(report)).code == 0
    assert report.read_text().splitlines()[-1].split() == ["total", "0"]
    assert command_line("audit", "-", stdin=path.read_text()).code == 0
    assert command_line("audit", "vgg61").code == 2


def test_an_audit_of_one_variant_of_a_file(tmp_path: Path) -> None:
    """`file.yaml::variant` has the facts of that variant alone."""
    path = tmp_path / "tiny.yaml"
    path.write_text(SPEC + "  A: {tiny: {params: 15914}, tiny-wide: {params: 31818}}\n")
    assert [f.id for f in audit(cells_of(f"{path}::tiny-wide")).figures] == ["tiny/tiny-wide/params/a"]
    assert [f.status for f in audit(cells_of(str(path))).figures] == ["reproduced", "reproduced"]


def test_the_quick_look_for_aliases_agrees_with_the_parser() -> None:
    """Aliases found without parsing are those that the parser finds, for every spec and layout."""
    layouts = [
        SPEC,
        SPEC.replace(
            "aliases: {torchvision/tiny: tiny,", "aliases:  # of others\n  {torchvision/tiny: tiny,\n  "
        ),
        SPEC.replace(
            "aliases: {torchvision/tiny: tiny, other/tiny_wide: tiny-wide}",
            "aliases:\n  # no/alias: here\n  torchvision/tiny: tiny     # not/this: one\n\n  'other/tiny_wide': \"tiny-wide\"",
        ),
        SPEC.replace(
            "torchvision/tiny: tiny, other/tiny_wide: tiny-wide",
            "torchvision/tiny: {network: tiny, params: {width: 9}}, other/tiny_wide: { network: 'tiny-wide' }",
        ),
        SPEC.replace(
            "aliases: {torchvision/tiny: tiny, other/tiny_wide: tiny-wide}",
            "aliases:\n  torchvision/tiny:\n    network: tiny\n    input: fixed\n  other/tiny_wide: tiny-wide",
        ),
    ]
    for text in [*(text + "  A: {tiny: {params: 3}}\n" for text in layouts)]:
        assert (
            aliases_in(text)
            == parse_spec(text, "spec").aliases
            == {
                "torchvision/tiny": "tiny",
                "other/tiny_wide": "tiny-wide",
            }
        )
    for path in spec_files():
        text = path.read_text(encoding="utf-8")
        assert aliases_in(text) == parse_spec(text, "spec").aliases


def test_aliases_are_unique_and_no_names() -> None:
    """An alias names one network of the whole catalogue."""
    found = [alias for path in spec_files() for alias in aliases_in(path.read_text(encoding="utf-8"))]
    assert len(found) == len(set(found)) == len(aliases())
    names = {name for name, _ in index()}
    assert set(aliases().values()) <= names
    assert not names & set(found)


def test_an_alias_is_its_network() -> None:
    """`torchvision/vgg16` reads as the catalogue's network, under the catalogue's name."""
    spec, variant = read("torchvision/vgg16")
    assert (spec.name, variant) == ("vgg", "vgg16")
    assert variant in networks_of(spec)


def test_an_alias_may_differ_from_its_network() -> None:
    """It may set params, with variants or without, and take one size of input; the network itself does not."""
    text = SPEC.replace(
        "torchvision/tiny: tiny", "torchvision/tiny: {network: tiny, params: {width: 9}, input: fixed}"
    )
    for spec in (
        parsed("  A: {tiny: {params: 3}}\n", text),
        parse_spec(
            text.replace("  tiny-wide: {width: 16}\n", "")
            .replace(", other/tiny_wide: tiny-wide", "")
            .replace("variants:\n  tiny: {}\n", "")
            + "  A: {tiny: {params: 3}}\n",
            "tiny.yaml",
        ),
    ):
        variant = "tiny" if spec.variants else None
        other = spec.adapted("torchvision/tiny")
        assert build(other, variant).nodes[0].out_shape == (9, 14, 14)
        assert build(other, variant, input_shape=(3, 16, 16)).nodes[0].out_shape == (9, 14, 14)
        assert build(spec, variant, input_shape=(3, 18, 18)).nodes[0].out_shape == (8, 16, 16)
        with pytest.raises(SpecError) as caught:
            build(other, variant, input_shape=(3, 18, 18))
        assert str(caught.value) == (
            "torchvision/tiny takes inputs of 3×16×16 only, as in the library; not 3×18×18. `tiny` takes other sizes"
        )
        assert spec.adapted("tiny") is spec


def test_torchvision_s_vgg_pools_to_seven() -> None:
    """At 320 by 320 its linear layers stay as they are; the paper's grow, and have no pool at 224."""
    assert cnncost.profile("torchvision/vgg16", input=(3, 320, 320)).totals.params == 138_357_544
    assert cnncost.profile("vgg16", input=(3, 320, 320)).totals.params == 245_312_296
    assert "AdaptiveAvgPool2d" not in {node.type for node in cnncost.load("vgg16").nodes}
    assert cnncost.load("torchvision/vgg16").by_name["avgpool"].type == "AdaptiveAvgPool2d"


def test_how_an_error_was_measured_is_kept() -> None:
    """The number of crops, and a note for the reader; neither is a term of what is counted."""
    spec = parsed("  A: {tiny: {top1_error: {printed: 3, crops: 10, note: of another network}}}\n")
    (fact,) = spec.facts
    assert fact.note == "average of 10 crops; of another network"
    assert fact.terms == {"crops": 10, "note": "of another network"}
    for term, message in (
        ("crops: 10", "`crops` is not a key of a fact"),
        ("note: x", "`note` is not a key of a fact"),
    ):
        with pytest.raises(SpecError, match=message):
            parsed(f"  A: {{tiny: {{params: {{printed: 3, {term}}}}}}}\n")


@pytest.mark.parametrize(
    "name, message",
    [
        ("torchvision/vgg61", "no network `torchvision/vgg61`; did you mean torchvision/vgg1"),
        ("torchvison/vgg16", "no network `torchvison/vgg16`; did you mean torchvision/vgg16?"),
        ("torchvision/nothing_like_it", "no network `torchvision/nothing_like_it`; `cnncost list` shows"),
    ],
)
def test_a_misspelt_alias_is_answered(name: str, message: str) -> None:
    """The nearest alias is suggested."""
    with pytest.raises(NameUnknown) as caught:
        read(name)
    assert message in str(caught.value)


def test_a_path_stays_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that ends in .yaml, starts with a dot, or exists as a file and is no alias, is a file."""
    monkeypatch.chdir(tmp_path)
    Path("torchvision").mkdir()
    for path in ("torchvision/vgg16.yaml", "torchvision/mine", "torchvision/vgg16"):
        Path(path).write_text("name: mine\ninput: [8]\nlayers: Linear(2)\n")
    for name in ("torchvision/vgg16.yaml", "torchvision/mine", "./torchvision/vgg16"):
        assert read(name)[0].name == "mine"
    assert read("torchvision/vgg16")[1] == "vgg16"
    with pytest.raises(SpecError, match="nowhere/at_all: no such file"):
        read("nowhere/at_all")
