"""`cnncost diagnose`: exit codes, whole outputs and errors."""

from __future__ import annotations

import json
import re

import pytest

from cnncost import profile as cnncost_profile
from cnncost.deviation import Cause, Diagnosis, Given, read_given
from cnncost.deviation.confidence import Evidence
from cnncost.views.diagnosis import doubts, remarks
from tests.command_line import cnncost


def test_one_number_is_explained() -> None:
    """The question of the engineer: the lecture says 13.6, I compute 15.5."""
    result = cnncost("diagnose", "vgg16", "--macs", "13.6G", "--limit", "1")
    assert result.err == ""
    assert result.code == 0
    assert result.out == (
        "vgg16, input 3×224×224, batch 1, float32, convention lecture\n"
        "\n"
        "number  given  computed\n"
        "───────────────────────\n"
        "macs    13.6G  15.4703G\n"
        "\n"
        "1. 13.6G is printed for vgg16 (rodrigo): a VGG with only two convolutions in\n"
        "   stage 3, pools not counted\n"
        "   gives macs 13.6G\n"
        "   certain: on record\n"
    )


def test_several_numbers_have_one_cause() -> None:
    """Memory, params and MACs of a range are explained together."""
    numbers = ("--memory", "42.9MB", "--params", "1.1M", "--macs", "7485M")
    result = cnncost("diagnose", "vgg16", "--at", "..pool3", *numbers, columns=120)
    assert result.code == 0
    assert result.out == (
        "vgg16, input 3×224×224, batch 1, float32, convention lecture\n"
        "\n"
        "number               given    computed\n"
        "──────────────────────────────────────\n"
        "params of ..pool3     1.1M     1.7355M\n"
        "macs of ..pool3     7,485M   9335.144M\n"
        "memory of ..pool3  42.9 MB  51.2969 MB\n"
        "\n"
        "1. conv3_3 and all MaxPool2d layers are left out\n"
        "   gives params of ..pool3 1.1454M, macs of ..pool3 7485.456M, memory of ..pool3 42.875 MB\n"
        "   likely: of 36,046 explanations of this kind, only this one fits\n"
    )


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (
            "resnet50-v1.5 --macs 3.86G",
            "\n2. the stride is in the 1×1 convolution before the 3×3, not in the 3×3\n",
        ),
        (
            "googlenet --stem --flops 418M",
            "1. 418M has two digits swapped\n   gives flops of ..pool2 480.837M\n",
        ),
        (
            "alexnet conv1.params=34,848",
            "1. 34,848 leaves out the 96 biases\n   gives params of conv1 34,848\n",
        ),
        ("alexnet conv1.shape=96x56x56", "1. the layer is padded by 2\n   gives shape of conv1 96×56×56\n"),
    ],
)
def test_causes_are_named(arguments: str, sentence: str) -> None:
    """Networks, stems and single cells are asked about in the same way."""
    result = cnncost("diagnose", *arguments.split())
    assert result.code == 0
    assert sentence in result.out


def test_numbers_that_add_up_stand_beside_those_that_do_not() -> None:
    """A receptive field and a sum of one layer are searched for together, conventions and all."""
    result = cnncost("diagnose", "alexnet", "conv3.receptive_field=51", "conv2.params=6656")
    assert (result.code, result.err) == (1, "")  # 51 has too few digits to be explained
    assert (
        "1. 6,656 leaves out the 96 input channels of conv2\n   gives params of conv2 6,656\n" in result.out
    )
    second = "2. pool1 is missing from the network\n   gives receptive field of conv3 51\n"
    assert second in result.out
    limited = cnncost("diagnose", "alexnet", "conv3.receptive_field=51", "conv2.params=6656", "--limit", "1")
    assert second in limited.out  # the limit leaves no number without its cause


def test_what_is_not_explained_fails() -> None:
    """No explanation is an answer, with exit code 1."""
    result = cnncost("diagnose", "alexnet", "conv1.params=34999")
    assert result.code == 1
    assert result.out.endswith("\n\nnothing within two deviations gives this number\n")
    single = cnncost("diagnose", "alexnet", "conv1.params=3168", "--most", "1")
    assert single.code == 1
    assert single.out.endswith("nothing within one deviation gives this number\n")


@pytest.mark.parametrize(
    "arguments, sentence, confidence",
    [
        ("alexnet --params 60M", "60M is printed for alexnet-2012", "likely"),  # another network
        ("lenet5 --params 60000", "60,000 is printed for lenet5", "certain"),
        ("mobilenet_v2 --params 3.4M", "3.4M is printed for mobilenet_v2 (Sandler 2018, table 4)", "certain"),
        ("alexnet conv2.params=307456", "alexnet-2012 has this number", "certain"),
        ("torchvision/resnet50 --macs 4100300288", "torchprofile prints this: ", "certain"),
        ("vit_b_16 --macs 17.58G", "timm prints this: multiply-adds, 18.9 M LayerNorm", "likely"),
        ("alexnet --flops 1.43G", "torch prints this for alexnet-torchvision: ", "possible"),
        (
            "inception_v3 --params 23851784",
            "Keras prints this: parameters, 34.4 k running statistics",
            "likely",
        ),
        ("resnet50 --macs 2.9G", "conv3_x is left out", "chance"),
    ],
)
def test_what_is_known_comes_before_a_coincidence(arguments: str, sentence: str, confidence: str) -> None:
    """A figure on record, another network or a tool is named first; each cause says how sure it is."""
    result = cnncost("diagnose", *arguments.split(), "-f", "json")
    first = json.loads(result.out)["explanations"][0]
    assert first["sentence"].startswith(sentence)
    assert first["confidence"] == confidence
    assert result.code == (confidence == "chance")
    assert set(first["evidence"]) == {"digits", "tried", "fitting", "rivals"}


def test_what_is_right_is_said_to_be() -> None:
    """A number as computed needs no explanation."""
    result = cnncost("diagnose", "alexnet", "--params", "62.378M")
    assert result.code == 0
    assert result.out == (
        "alexnet, input 3×227×227, batch 1, float32, convention lecture\n"
        "\n"
        "number    given    computed\n"
        "──────────────────────────────────\n"
        "params  62.378M  62.378344M  right\n"
        "\n"
        "the numbers are as computed: there is nothing to explain\n"
    )


def test_a_weak_explanation_says_so() -> None:
    """Where two digits cannot tell an explanation from chance, it is shown with a caveat."""
    result = cnncost("diagnose", "resnet50", "--macs", "2.9G", "--limit", "1")
    assert "the number has too few digits to tell this from chance" in result.out


def test_several_explanations_are_not_all_right() -> None:
    """If several give the number, a remark says that the digits leave it open; of pairs, how many fit."""
    open_question = "each of these causes gives the number: the digits do not say which one is right\n"
    assert cnncost("diagnose", "vgg16", "--macs", "13.621G").out.endswith(f"\n\n{open_question}")
    assert open_question not in cnncost("diagnose", "vgg16", "--macs", "13.621G", "--limit", "1").out
    pairs = ("diagnose", "resnet50-v1.5", "--macs", "4.23G", "--limit")
    few, many = (int(re.findall(r"\n(\d+) other pairs fit too\n", cnncost(*pairs, n).out)[0]) for n in "23")
    assert few == many + 1
    markdown = cnncost("diagnose", "alexnet", "--params", "61M", "-f", "markdown").out
    assert markdown.endswith(f"\n\n{open_question}")


def test_help_breaks_no_line_within_a_paragraph() -> None:
    """The terminal's width breaks the lines of a command's help, not those of its source."""
    assert (
        "exactly the printed digits. One cause can explain several numbers."
        in cnncost("diagnose", "--help", columns=160).out
    )


def test_json_holds_exact_values() -> None:
    """The JSON has each number, each explanation and which numbers it covers."""
    result = cnncost("diagnose", "alexnet", "conv1.params=34848", "conv1.shape=96x55x55", "-f", "json")
    data = json.loads(result.out)
    assert data["givens"] == [
        {"quantity": "params", "at": "conv1", "given": "34,848", "computed": 34944, "right": False},
        {"quantity": "shape", "at": "conv1", "given": "96×55×55", "computed": [96, 55, 55], "right": True},
    ]
    best = data["explanations"][0]
    assert best["deviations"] == ["bias forgotten"]
    assert best["hint"] == "look at the biases again"
    assert best["covers"] == [0, 1]
    assert best["values"] == [34848, [96, 55, 55]]


def test_markdown_is_a_table_and_a_list() -> None:
    """The Markdown has the numbers in a table and the explanations numbered."""
    result = cnncost("diagnose", "alexnet", "conv1.params=34848", "-f", "markdown")
    assert "| params of conv1 | 34,848 | 34,944 |\n" in result.out
    assert "1. **34,848 leaves out the 96 biases**  \n   gives params of conv1 34,848  \n" in result.out


@pytest.mark.parametrize(
    "arguments, error",
    [
        ("alexnet", "give a number to explain, such as --macs 13.6G or conv1.params=34848"),
        ("alexnet conv1=3", "no quantity `conv1`; there are params, buffers, macs, flops, memory, "),
        ("alexnet conv1.params", "`conv1.params`: write LAYER.QUANTITY=NUMBER, such as conv1.params=34848"),
        (
            "alexnet params 60M",
            "`params`: write --params 60M, or of a layer: LAYER.QUANTITY=NUMBER, such as conv1.params=34848",
        ),
        ("alexnet conv1.parms=3", "no quantity `parms`; did you mean params?; there are params, buffers, "),
        ("alexnet --at conv9 --macs 3", "alexnet has no layer `conv9`; did you mean conv"),
        (
            "vgg16 --stem --macs 3",
            "vgg16 does not branch, so it has no stem: --at ..LAYER says where it ends",
        ),
        (
            "googlenet --stem --at conv1 --macs 3",
            "--stem already says which part the numbers cover: leave out --at",
        ),
        ("alexnet --shape big", "`big` is no shape: write it as 96x55x55"),
        ("alexnet --memory 3MX", "`3MX` is no number of memory: write it as 13.6G, 34944 or 1.13MB"),
        ("alexne --macs 1G", "no network `alexne`; did you mean alexnet?"),
        (
            "alexnet --macs 1G -f pdf",
            "no format `pdf`; there are terminal, csv, html, json, latex, markdown, xlsx",
        ),
    ],
)
def test_bad_input_is_one_line(arguments: str, error: str) -> None:
    """Any error in the question is printed in one line, with exit code 2."""
    result = cnncost("diagnose", *arguments.split())
    assert result.code == 2
    assert result.out == ""
    assert result.err.startswith(f"cnncost: {error}")
    assert result.err.count("\n") == 1


def test_a_receptive_field_is_that_of_the_last_map() -> None:
    """483 in ResNet-50; with the stride in the 3×3, as torchvision has it, 427. Without a map there is none."""
    right = cnncost("diagnose", "resnet50", "--receptive-field", "483")
    assert (right.code, right.out.splitlines()[4]) == (0, "receptive field    483       483  right")
    out = cnncost("diagnose", "resnet50", "--receptive-field", "427").out
    assert "1. resnet50-v1.5 has this number\n   gives receptive field 427\n" in out
    assert "2. the stride is in the 3×3 convolution after the 1×1, not in the 1×1\n" in out
    none = cnncost("diagnose", "mlp", "--receptive-field", "3")
    assert (none.code, none.out) == (2, "")
    assert none.err == "cnncost: mlp has no map, and so no receptive field\n"


def causes(*covers: Given, count: int, fitting: int) -> tuple[Cause, ...]:
    """Causes that all cover the same numbers."""
    return (
        Cause(("left out",), covers, "x", "y", cost=1, evidence=Evidence(2, cost=1), fitting=fitting),
    ) * count


@pytest.mark.parametrize(
    "count, fitting, said",
    [
        (1, 0, []),
        (1, 1, ["another pair fits too"]),
        (1, 2, ["2 other pairs fit too"]),
        (2, 1, ["each of these causes gives the number: the digits do not say which one is right"]),
        (
            2,
            4,
            [
                "3 other pairs fit too",
                "each of these causes gives the number: the digits do not say which one is right",
            ],
        ),
    ],
)
def test_what_the_digits_leave_open(count: int, fitting: int, said: list[str]) -> None:
    """How many pairs fit next to those shown, and that of several causes only one is right."""
    given = read_given("macs", "13.6G")
    profile = cnncost_profile("alexnet")
    found = Diagnosis(profile, {given: (1, False)}, causes(given, count=count, fitting=fitting), 2)
    assert list(doubts(found)) == said
    assert found.unexplained == []


def test_remarks_name_six_places_at_most() -> None:
    """More places are counted; a cause that costs more bits than the digits have says so."""
    places = tuple("abcdefgh")
    cause = Cause(("left out",), (), "x", "y", also=places, cost=1, evidence=Evidence(2, 9, 3, cost=1))
    assert list(remarks(cause)) == [
        "gives the same at a, b, c, d, e, f and 2 more",
        "possible: of 9 explanations of this kind, 3 fit",
    ]
    weak = Cause(("left out",), (), "x", "y", also=places[:6], cost=2, evidence=Evidence(2, cost=2))
    assert list(remarks(weak)) == [
        "gives the same at a, b, c, d, e, f",
        "the number has too few digits to tell this from chance",
    ]


def test_csv_has_a_record_for_each_cause_and_number() -> None:
    """One line per cause and number; without a cause, one per number."""
    lines = cnncost(
        "diagnose", "alexnet", "conv1.params=34848", "conv1.shape=96x55x55", "-f", "csv"
    ).out.splitlines()
    assert lines[0] == (
        "cause,sentence,deviations,cost_bits,evidence_bits,confidence,quantity,at,given,computed,right,value,covered"
    )
    assert lines[1:] == [
        '1,"34,848 leaves out the 96 biases",bias forgotten,1.0,15.089,likely,params,conv1,"34,848",34944,False,34848,True',
        '1,"34,848 leaves out the 96 biases",bias forgotten,1.0,15.089,likely,shape,conv1,96×55×55,96×55×55,True,96×55×55,True',
    ]
    right = cnncost("diagnose", "alexnet", "--params", "62.378M", "-f", "csv").out.splitlines()
    assert right[1:] == [",,,,,,params,,62.378M,62378344,True,,"]
