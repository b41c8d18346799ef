"""The printed tables, compared with what cnncost computes."""

from __future__ import annotations

import csv
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from cnncost.count.profile import profile_graph
from cnncost.errors import CnncostError
from cnncost.network.catalogue import layer_graph
from cnncost.numbers import decimal, read_number
from cnncost.published import Audit, Figure, PrintedCell, audit, cells_of, judge, read_table, read_tables
from cnncost.published.claim import claim_of
from cnncost.published.compute import arithmetic, notation
from cnncost.published.exact import evaluate
from cnncost.published.networks import plain_quantity
from cnncost.published.quantities import connections, depth, part_of
from cnncost.published.sources import rules, table_of
from cnncost.published.tables import Excuse, folder
from cnncost.tables.formats.terminal import lines
from cnncost.views.audit import audit_document, to_dict
from tests.command_line import cnncost as command_line

LABELS = {
    "alexnet_rodrigo": {"layer"},
    "alexnet_xiang": {"layer"},
    "cifar_params": {"method"},
    "figures": {"id", "subject", "quantity", "unit", "source"},
    "formulas": {"id", "subject", "quantity", "source"},
    "googlenet_paper": {"type"},
    "googlenet_stem_rodrigo": {"layer"},
    "ilsvrc_winners": {"year", "entry", "source"},
    "imagenet_error": {"model", "source"},
    "resnet_hoiem": {"stage"},
    "vgg16_xiang": {"layer"},
}
"""The columns of each table that name things; every other cell is a figure."""


STATUSES = ["reproduced", "erratum", "unexplained", "differs", "missing", "recorded"]


@cache
def whole() -> Audit:
    """The audit of everything, once for all tests."""
    return audit(cells_of())


@cache
def tables() -> Audit:
    """The printed tables alone, without the facts of the specs."""
    return Audit(tuple(f for f in whole().figures if f.id.partition("/")[0] in LABELS))


def render(judged: Audit, every: bool = False, width: int = 80) -> str:
    """The audit as the terminal shows it, without colour."""
    shown = lines(audit_document(judged, every), width)
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in shown)


@cache
def cells() -> dict[str, PrintedCell]:
    """Every cell by its id."""
    return {cell.id: cell for cell in read_tables()}


def figure(name: str) -> Figure:
    """A judged figure by its id."""
    return next(f for f in whole().figures if f.id == name)


# The whole


def test_nothing_differs() -> None:
    """Every printed figure is reproduced, or what is recorded of it is true."""
    assert [f for f in whole().figures if f.status == "differs"] == []
    assert not whole().failed


def test_no_cell_is_skipped() -> None:
    """There is a figure for each cell that is not empty and names nothing."""
    expected = 0
    for path in folder().glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            for line in csv.DictReader(stream):
                expected += sum(bool(v) for c, v in line.items() if c not in LABELS[path.stem])
    assert len(tables().figures) == expected
    assert sum(tables().counts.values()) == expected


def test_every_table_is_read() -> None:
    """Each CSV has its YAML, and the two agree on what is a label."""
    assert {path.stem for path in folder().glob("*.csv")} == set(LABELS)
    assert {path.stem for path in folder().glob("*.yaml")} == {*LABELS, "sources"}


def test_ids_are_unique() -> None:
    """No two figures share an id."""
    ids = [f.id for f in whole().figures]
    assert len(set(ids)) == len(ids)


def test_statuses_and_causes() -> None:
    """Each status is known, and whatever is not simply reproduced says why."""
    for f in whole().figures:
        assert f.status in STATUSES
        assert bool(f.cause) == (f.status != "reproduced"), f
        assert (f.computed is None) == (f.status in ("missing", "recorded")), f
        assert f.source, f


def test_counts() -> None:
    """What the lectures and papers print stays as it was found to be, and nothing waits for a network."""
    counts = tables().counts
    assert counts["reproduced"] >= 631
    assert counts["erratum"] >= 27
    assert (
        counts["unexplained"] <= 17
    )  # three errata went, whose causes other rows of their tables contradict
    assert list(counts) == STATUSES
    assert [f.id for f in whole().figures if f.status == "missing"] == []


def test_our_tables_are_the_printed_ones() -> None:
    """Where the master copies of the tables are at hand, ours equal them byte for byte.

    The winners of the ImageNet challenge are our own: no lecture prints them in one table.
    """
    masters = folder().parent.parent.parent / "shared" / "published"
    if not masters.is_dir():
        pytest.skip("no ../shared/published here")
    assert {path.name: path.read_bytes() for path in masters.glob("*.csv")} == {
        path.name: path.read_bytes() for path in folder().glob("*.csv") if path.stem != "ilsvrc_winners"
    }


# Errata

ERRATA = {
    "alexnet_rodrigo/conv1/pad": ("2", "0"),
    "alexnet_rodrigo/pool1/flops_m": ("0", "0.63"),
    "alexnet_rodrigo/fc8/params_k": ("4096", "4097"),
    "figures/exercise-28-output": ("6x32x32", "6x28x28"),
    "figures/exercise-28-elements": ("6144", "4704"),
    "figures/exercise-28-macs-color": ("460800", "352800"),
    "figures/alexnet-pool1-size/derivation": (
        "(56 - 3 + 0)/2 + 1 = 27.5, floor",
        "(55 - 3 + 0)/2 + 1 = 27, floor",
    ),
    "figures/alexnet-units": ("650000", "659272"),
    "figures/alexnet-params": ("60e6", "60965224"),
    "figures/vgg16-to-28-memory": ("42.9 MB", "51.2969 MB"),
    "figures/vgg16-to-28-params": ("1.1 M", "1.7355 M"),
    "figures/vgg16-to-28-flops": ("7485 M", "9340.764 M"),
    "figures/vgg16-gflop": ("13.6", "15.4764"),
    "figures/googlenet-stem-flops": ("418 M", "480.837 M"),
    "formulas/group-conv": ("C_out C_in K^2 HW (the slide omits /G)", None),
    "googlenet_paper/conv1/params": ("2.7K", "9.1875K"),
    "googlenet_paper/conv1/ops": ("34M", "118.014M"),
    "googlenet_paper/inception3a/params": ("159K", "159.5K"),
    "resnet_hoiem/flops/resnet34": ("3.6e9", "3663761408"),
    "figures/resnet34-gflop": ("3.6", "3.6638"),
    "cifar_params/resnet-pre-activation-1001/params_m": ("10.2", "10.3277"),
    "cifar_params/resnet-with-stochastic-depth-1202/params_m": ("10.2", "19.4661"),
}


@pytest.mark.parametrize("name", ERRATA)
def test_known_errata(name: str) -> None:
    """Each known misprint is an erratum with a verified cause, next to the right number."""
    printed, computed = ERRATA[name]
    found = figure(name)
    assert found.status == "erratum"
    assert found.printed == printed
    assert computed is None or found.computed == computed


@pytest.mark.parametrize(
    "cell", [c for c in read_tables() if c.excuse and c.excuse.change], ids=lambda c: c.id
)
def test_an_erratum_without_its_change_differs(cell: PrintedCell) -> None:
    """A change that changes nothing does not give the printed number, and the audit fails."""
    judged = judge(replace(cell, excuse=Excuse("nothing", {})))
    assert judged.status == "differs"
    assert "its cause gives" in judged.cause
    assert Audit((judged,)).failed


def test_a_wrong_cause_differs() -> None:
    """A change that gives another number than the printed one is no cause."""
    cell = cells()["figures/vgg16-gflop"]
    wrong = Excuse("one convolution less in stage 5", {"params": {"convs": (2, 2, 3, 3, 2)}})
    assert judge(replace(cell, excuse=wrong)).status == "differs"


def test_a_cause_must_keep_what_it_holds() -> None:
    """Pad 2 at an input of 227 prints the 2, but not the 55 next to it."""
    cell = cells()["alexnet_rodrigo/conv1/pad"]
    wrong = Excuse("pad 2", {"params": {"pad": 2}, "holds": "out_size == 55"})
    assert judge(replace(cell, excuse=wrong)).status == "differs"
    assert judge(replace(cell, excuse=replace(wrong, change={"params": {"pad": 2}}))).status == "erratum"


def test_a_cause_that_cannot_be_computed_differs() -> None:
    """A change that the spec refuses fails the audit with the spec's message."""
    cell = cells()["figures/vgg16-gflop"]
    judged = judge(replace(cell, excuse=Excuse("?", {"params": {"depth": 3}})))
    assert (judged.status, judged.cause) == (
        "differs",
        "its cause cannot be computed: vgg has no param `depth`; it has convs, norm, avgpool, classes",
    )


@pytest.mark.parametrize("change", [None, {"convention": "macs"}])
def test_a_stale_excuse_differs(change: dict[str, str] | None) -> None:
    """A figure that is reproduced may not be excused, as erratum or as unexplained."""
    cell = cells()["alexnet_rodrigo/conv2/flops_m"]
    assert judge(cell).status == "reproduced"
    judged = judge(replace(cell, excuse=Excuse("old", change)))
    assert judged.status == "differs"
    assert judged.cause == "it is reproduced, yet the data excuses it: old"


def test_another_number_differs() -> None:
    """A printed number one off fails the audit."""
    cell = cells()["alexnet_rodrigo/conv1/params_k"]
    assert judge(replace(cell, printed="36")).status == "differs"
    assert judge(replace(cell, printed="35.0")).status == "differs"
    assert judge(replace(cell, printed="34.9")).status == "reproduced"


def test_a_wrong_formula_differs() -> None:
    """A formula is proved, not believed."""
    cell = cells()["formulas/bottleneck-block"]
    assert judge(replace(cell, printed="4HWC^2 + 9HWC^2 + 4HWC^2 = 18HWC^2")).status == "differs"
    assert judge(replace(cells()["formulas/densenet-connections"], printed="L(L - 1)/2")).status == "differs"
    assert judge(replace(cells()["formulas/receptive-field"], printed="L(K - 1)")).status == "differs"


def test_a_wrong_derivation_differs() -> None:
    """A derivation must put in the right sizes and come to the printed result."""
    cell = cells()["figures/alexnet-conv1-params/derivation"]
    assert judge(replace(cell, printed="96 x 3 x 11 x 11 + 95")).status == "differs"
    assert judge(replace(cell, result="34945")).status == "differs"
    assert judge(cell).status == "reproduced"


def test_networks_to_come_are_missing() -> None:
    """What the catalogue does not have is missing, by name, and does not fail the audit."""
    cell = cells()["figures/vgg16-gflop"]
    judged = judge(replace(cell, claim=replace(cell.claim, network="vgg99"), excuse=None))
    assert (judged.status, judged.cause) == ("missing", "waits for vgg99")
    waiting = replace(cell, claim=replace(cell.claim, waits="vgg16"), excuse=None)
    assert judge(waiting).cause.startswith("vgg16 is in the catalogue now")


def test_a_receptive_field_of_a_network_is_computed() -> None:
    """A network's fields are worked out where a claim speaks of them: 212 before the first linear layer."""
    claim = claim_of({"network": "vgg16", "at": "pool5", "value": "rf"})
    assert judge(PrintedCell("t/rf", "a", "212", claim)).status == "reproduced"
    assert judge(PrintedCell("t/rf", "a", "213", claim)).computed == "212"


def test_unknown_layers_differ() -> None:
    """A wrong name of a layer is no missing network."""
    cell = cells()["alexnet_rodrigo/conv1/pad"]
    judged = judge(replace(cell, claim=replace(cell.claim, at="conv9"), excuse=None))
    assert judged.status == "differs"
    assert "alexnet has no layer `conv9`" in judged.cause


def test_measured_figures_are_recorded() -> None:
    """Error rates, training times and search costs are kept with the reason."""
    recorded = [f.id for f in whole().figures if f.status == "recorded"]
    assert "imagenet_error/resnet-50/top1_error" in recorded
    assert "figures/nas-search" in recorded


def test_what_unexplained_cells_say_is_true() -> None:
    """The left side of the 28×28 exercise's derivation is 26, as its entry says."""
    cell = cells()["figures/exercise-28-output/derivation"]
    assert arithmetic(cell.printed) == (26, 32)
    assert figure(cell.id).status == "unexplained"


# Precision


@pytest.mark.parametrize(
    "text, options, low, high",
    [
        ("35", {"unit": "K"}, 34_500, 35_500),
        ("34944", {}, Fraction("34943.5"), Fraction("34944.5")),
        ("1.8e9", {}, 1_750_000_000, 1_850_000_000),
        ("60e6", {}, 59_500_000, 60_500_000),
        ("13.6", {"unit": "G"}, 13_550_000_000, 13_650_000_000),
        ("13.6G", {}, 13_550_000_000, 13_650_000_000),
        ("2.7K", {}, 2_650, 2_750),
        ("2.7K", {"kilo": 1024}, Fraction("2713.6"), 2_816),
        ("159K", {"kilo": 1024}, Fraction("162304"), 163_328),
        ("34M", {"kilo": 1024}, 33_500_000, 34_500_000),
        ("7.5", {"unit": "MB"}, Fraction("7.45") * 2**20, Fraction("7.55") * 2**20),
        ("150K", {}, 149_500, 150_500),
        ("150K", {"significant": 2}, 145_000, 155_000),
        ("800K", {"significant": 2}, 795_000, 805_000),
        ("3.2M", {"significant": 2}, 3_150_000, 3_250_000),
        ("4096", {"significant": 2}, Fraction("4095.5"), Fraction("4096.5")),
        ("0", {"unit": "M"}, -500_000, 500_000),
        ("5.7x the stem", {}, Fraction("5.65"), Fraction("5.75")),
    ],
)
def test_precision(text: str, options: dict[str, object], low: Fraction, high: Fraction) -> None:
    """A printed number means everything that rounds to it, halves upwards."""
    number = read_number(text, **options)  # type: ignore[arg-type]
    low, high, little = Fraction(low), Fraction(high), Fraction(1, 10**9)
    assert number.fits(low)
    assert number.fits(high - little)
    assert not number.fits(low - little)
    assert not number.fits(high)


def test_truncated_and_swapped() -> None:
    """Other readings of a printed number: cut off, or with two neighbouring digits exchanged."""
    number = read_number("418", "M")
    assert number.fits(Fraction(480_837_120), "swapped")
    assert number.fits(Fraction(418_999_999), "truncated")
    assert not number.fits(Fraction(418_999_999))
    assert not number.fits(Fraction(418_000_000), "swapped")
    assert not number.fits(Fraction(814_000_000), "swapped")
    with pytest.raises(CnncostError, match="no reading `guessed`; there are rounded, truncated, swapped"):
        number.fits(Fraction(1), "guessed")


def test_numbers_that_cannot_be_read() -> None:
    """A text without a number and an unknown unit are refused."""
    with pytest.raises(CnncostError, match="`about 5` starts with no number"):
        read_number("about 5")
    with pytest.raises(CnncostError, match="`6x32x32` starts with no number"):
        read_number("6x32x32")
    with pytest.raises(CnncostError, match="no unit `days`"):
        read_number("5", "days")


@pytest.mark.parametrize(
    "value, places, text",
    [
        (Fraction(5, 2), 3, "2.5"),
        (Fraction(2, 3), 3, "0.667"),
        (Fraction(-1, 3), 2, "-0.33"),
        (Fraction(7), 0, "7"),
    ],
)
def test_decimal(value: Fraction, places: int, text: str) -> None:
    """Fractions are shown rounded, without zeros at the end."""
    assert decimal(value, places) == text


# Arithmetic and formulas


@pytest.mark.parametrize(
    "text, found",
    [
        ("96 x 55 x 55 x 4 / 1024", (Fraction(9075, 8), None)),
        ("(56 - 3 + 0)/2 + 1 = 27.5, floor", (Fraction(55, 2), Fraction(55, 2))),
        ("(96 x 55 x 55) x (3 x 11 x 11)", (105415200, None)),
        ("10/3 + 0", (Fraction(10, 3), None)),
        ("5 convolutional + 3 fully connected", None),
        ("5.7x the GoogLeNet stem", None),
        ("27", None),
    ],
)
def test_arithmetic(text: str, found: object) -> None:
    """Printed arithmetic is evaluated exactly; words are left alone."""
    assert arithmetic(text) == found


@pytest.mark.parametrize(
    "printed, ours",
    [
        ("9HWC^2", "9*H*W*C**2"),
        ("C_out C_in K^2 + C_out", "C_out*C_in*K**2+C_out"),
        ("C_out H' W' C_in K^2", "C_out*H_out*W_out*C_in*K**2"),
        ("G(4HWcC + 9HWc^2)", "G*(4*H*W*c*C+9*H*W*c**2)"),
        ("L(L + 1)/2", "L*(L+1)/2"),
        ("(9C + C^2)HW", "(9*C+C**2)*H*W"),
    ],
)
def test_notation(printed: str, ours: str) -> None:
    """A printed formula is read with its products spelled out."""
    assert notation(printed) == ours


def test_formulas_are_not_python() -> None:
    """What is printed is parsed over the notation's whitelist, never run."""
    with pytest.raises(CnncostError, match="is no formula from character"):
        notation("C[0]")
    with pytest.raises(CnncostError, match="attribute access is not part of the notation"):
        evaluate("(1).real", {})


# The data's own errors


def write(tmp_path: Path, table: str, meaning: str) -> Path:
    """A table of one line, with its YAML."""
    (tmp_path / "t.csv").write_text(table, encoding="utf-8")
    (tmp_path / "t.yaml").write_text(meaning, encoding="utf-8")
    return tmp_path / "t.csv"


MEANING = "source: a\nnetwork: alexnet\nlabels: [layer]\nrows: [conv1]\ncolumns: {pad: pad}\n"


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    """A CSV and its YAML are all that a new table takes."""
    path = write(tmp_path, "layer,pad\nconv1,0\n", MEANING)
    assert [f.status for f in audit(read_table(path)).figures] == ["reproduced"]


@pytest.mark.parametrize(
    "table, meaning, message",
    [
        ("layer,pad,size\nconv1,0,2\n", MEANING, "t.yaml: column `size` must be a label or have a meaning"),
        ("layer,pad\nconv1,0\nconv2,2\n", MEANING, "t.yaml: zip"),
        (
            "layer,pad\nconv1,0\n",
            MEANING + "errata: [{cells: [conv2/pad], because: x, change: {}}]",
            "no cell is named conv2/pad",
        ),
        (
            "layer,pad\nconv1,0\n",
            MEANING + "errata: [{cells: [conv1/pad], because: x}]",
            "an erratum has a `change`",
        ),
        (
            "layer,pad\nconv1,0\n",
            MEANING + "netwrok: x",
            "conv1/pad: `netwrok` is no part of a claim; did you mean network?",
        ),
        (
            "layer,pad\nconv1,0\n",
            MEANING + "recorded: x\nunexplained: [{cells: [conv1/pad], because: x}]",
            "it is excused, but not computed",
        ),
    ],
)
def test_wrong_data(tmp_path: Path, table: str, meaning: str, message: str) -> None:
    """A YAML that does not fit its table is refused with the table's name."""
    with pytest.raises(CnncostError, match=r"^t\.yaml: ") as error:
        read_table(write(tmp_path, table, meaning))
    assert message in str(error.value)


def test_unknown_keys_of_a_claim() -> None:
    """A misspelt key is no claim, inner claims included."""
    with pytest.raises(CnncostError, match="`valu` is no part of a claim; did you mean value"):
        claim_of({"per": {"valu": "params"}})


# Views


def test_json() -> None:
    """The JSON has the counts in order, the sources' rules, and every figure with its seven fields."""
    data = to_dict(whole())
    assert list(data) == ["counts", "computable", "rules", "figures"]
    assert data["computable"] == sum(data["counts"][status] for status in STATUSES[:4])
    assert list(data["counts"]) == STATUSES
    assert len(data["figures"]) == len(whole().figures)
    assert list(data["figures"][0]) == ["id", "source", "printed", "computed", "status", "cause", "rule"]


@pytest.mark.parametrize("width", [80, 100, 160])
@pytest.mark.parametrize("every", [False, True])
def test_the_text_fits(every: bool, width: int) -> None:
    """The text fits its width, names each excuse and ends with the counts."""
    text = render(whole(), every, width)
    assert max(map(len, text.splitlines())) <= width
    assert text.splitlines()[-1].split()[0] == "total"
    assert "  erratum      pool1/flops_m: printed 0, computed 0.63\n" in text
    assert ("conv2/params_k" in text) is every


def test_the_counts_add_up() -> None:
    """The last line of the text is the sum of the lines above it."""
    text = render(whole(), width=120)
    header, rule, *rows, _, total = text[text.rindex("\n\n") :].strip("\n").splitlines()
    shown = [status for status in STATUSES if whole().counts[status] and status != "recorded"]
    assert header.split() == ["figures", "computable", *shown, "not", "computable"]
    assert len(rows) == len({f.id.partition("/")[0] for f in whole().figures})
    assert set(rule) == {"─"}
    assert sum(int(row.split()[1]) for row in rows) == int(total.split()[1]) == len(whole().figures)


def test_figures_with_one_cause_are_told_together() -> None:
    """The cause of several misprints in a row is printed once, below them."""
    text = render(tables())
    assert text.count("32 is the padded input") == 2  # an unexplained one is between them
    assert (
        "  erratum      flops/resnet34: printed 3.6e9, computed 3663761408\n"
        "               3.66e9 with the projections of its shortcuts; without them, as\n"
        "               option A has it, 3.64e9\n"
    ) in text


def test_the_text_tells_what_differs() -> None:
    """A figure that differs is printed with both numbers, even in the short text."""
    judged = judge(replace(cells()["alexnet_rodrigo/conv1/params_k"], printed="36"))
    assert render(Audit((judged,))).splitlines() == [
        "alexnet_rodrigo",
        "  differs      conv1/params_k: printed 36, computed 34.944",
        "               the computed value is different",
        "",
        "       figures  differs",
        "───────────────────────",
        "total        1        1",
    ]


# Sources


def test_every_rule_of_a_source_fits_better_than_plain_counting() -> None:
    """One rule gives more rows of its source than plain counts do, and every row but those that are excused."""
    found = {(rule.source, rule.quantity): rule for rule in whole().rules}
    assert set(found) == set(rules())
    for rule in found.values():
        assert rule.given > rule.plain, rule
    hu, automl = found["Hu 2018, table 2", "macs"], found["google/automl (the authors' code)", "macs"]
    assert (hu.given, hu.rows) == (9, 10)
    assert (automl.given, automl.rows) == (7, 7)


@pytest.mark.parametrize(
    ("name", "change", "against"),
    [
        # causes that were on record, and fit their own row
        ("vit/vit_b_16/params/dosovitskiy-2021-table-1", {"at": "..norm"}, "vit_l_32, vit_h_14"),
        (
            "efficientnet/efficientnet_b2/params/tan-2019-table-2",
            {"value": "params + buffers"},
            "3 of 7 other",
        ),
        ("resnet/resnet50/macs/he-2016-table-1", {"digits": "truncated"}, "resnet101, resnet152"),
        (
            "mobilenet_v1/mobilenet_v1_0.5-160/macs/howard-2017-table-9",
            {"digits": "truncated"},
            "no other row",
        ),
    ],
)
def test_a_cause_may_not_break_the_other_rows(name: str, change: dict[str, str], against: str) -> None:
    """The audit fails where other rows of the same source contradict a cause, unless that says why not."""
    found = {cell.id: cell for cell in cells_of()}
    source = [c for c in found.values() if table_of(c.source) == table_of(found[name].source)]

    def judged(alone: str) -> Figure:
        wrong = replace(found[name], excuse=Excuse("x", change, alone))
        return next(f for f in audit([c if c.id != name else wrong for c in source]).figures if f.id == name)

    assert judged("").status == "differs"
    assert against in judged("").cause
    assert judged("a reason").status == "erratum"


# Blocks and paths


@pytest.mark.parametrize(
    "network, at, depth, residual",
    [
        ("resnet18", "conv2_x", 4, "[3x3, 64; 3x3, 64] x2"),
        ("resnet18", "conv3_x", 4, "[3x3, 128; 3x3, 128] x2"),
        ("resnet50", "conv5_x", 9, "[1x1, 512; 3x3, 512; 1x1, 2048] x3"),
        ("resnet34-c", "conv4_x", 12, "[3x3, 256; 3x3, 256] x6"),
    ],
)
def test_blocks_are_read_off_the_longest_path(network: str, at: str, depth: int, residual: str) -> None:
    """Projections next to a block are no layers of it, and lengthen nothing."""
    claim = claim_of({"network": network, "at": at})
    assert plain_quantity(replace(claim, value="depth")) == depth
    assert plain_quantity(replace(claim, value="residual")) == residual


def test_a_filter_by_type_breaks_no_path() -> None:
    """The longest path runs through all layers; then those of a type are counted on it."""
    claim = claim_of({"network": "vgg16", "value": "depth"})
    found = {
        types: plain_quantity(replace(claim, only=types))
        for types in ((), ("Conv2d",), ("Linear",), ("ReLU",))
    }
    assert found == {(): 16, ("Conv2d",): 13, ("Linear",): 3, ("ReLU",): 0}
    claim = claim_of({"network": "resnet50", "only": ["Conv2d"], "at": "conv2_x"})
    assert plain_quantity(replace(claim, value="stage_blocks")) == (3,)
    assert plain_quantity(replace(claim, value="stage_depths")) == (9,)


@pytest.mark.parametrize("arguments", ["2", "2, (2, 2)"])
def test_a_product_of_inputs_has_no_depth(arguments: str) -> None:
    """Attention over what it is given multiplies no weights, whatever it adds; its projections do."""
    layers = f"Linear(24) >> ScaledDotProductAttention({arguments}) >> Linear(8)"
    found = part_of(profile_graph(layer_graph(layers, (4, 8)), "macs"))
    assert all(cost.macs for cost in found.costs)
    assert depth(found) == 2


def test_connections_are_counted_in_one_pass() -> None:
    """A path that forks and meets many times is one connection, and no 2**30 steps."""
    layers = " >> ".join(["Conv2d(1, 1)", *30 * ["concat(a=Identity, b=Identity)"], "Conv2d(1, 1)"])
    assert connections(part_of(profile_graph(layer_graph(layers, (1, 1, 1))))) == 2


def test_a_stage_of_unequal_blocks_is_none() -> None:
    """Blocks that differ cannot be printed as N blocks of one kind."""
    cell = cells()["resnet_hoiem/conv3-x/resnet50"]
    assert judge(cell).status == "reproduced"
    assert judge(replace(cell, printed=cell.printed.replace("x4", "x3"))).status == "differs"
    wide = judge(replace(cell, claim=replace(cell.claim, at="conv3_x..conv4_x")))
    assert wide.status == "differs"
    assert "no single kind of block" in wide.cause


# The command


def test_markdown_starts_with_what_does_not_match() -> None:
    """Errata and unexplained figures come first, then the counts, then everything else."""
    text = command_line("audit", "alexnet", "-f", "markdown").out
    first, second, third = (
        "**What does not match**",
        "| **total** | **129** | **125** | **4** |",  # all can be computed
        "**The rest**",
    )
    assert text.index(first) < text.index(second) < text.index(third)
    before, after = text.split(second)
    assert "| conv1/pad | 2 | 0 | erratum | pad 2 belongs to an input of 224" in before
    assert "reproduced |  |" not in before
    assert "| conv2/pad | 2 | 2 | reproduced |  |" in after
    assert "erratum" not in after


def test_csv_has_a_record_for_each_figure() -> None:
    """The CSV has the seven fields of the JSON, for every figure."""
    lines = command_line("audit", "alexnet", "-f", "csv").out.splitlines()
    assert lines[0] == "id,source,printed,computed,status,cause,rule"
    assert len(lines) == 130
    assert sum(",erratum," in line for line in lines) == 4


def test_all_lists_every_figure() -> None:
    """`--all` lists the reproduced figures too, below those that do not match, and the counts last."""
    short, full = command_line("audit", "alexnet").out, command_line("audit", "alexnet", "--all").out
    assert "conv2/pad" not in short
    assert full.index("conv1/pad: printed 2, computed 0") < full.index("conv2/pad: printed 2, computed 2")
    assert full.splitlines()[-1] == short.splitlines()[-1] == "total                129         125        4"
