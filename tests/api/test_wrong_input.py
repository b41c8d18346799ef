"""What a newcomer types wrongly: each is one CnncostError with a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cnncost
from cnncost.errors import CnncostError, Misfit, did_you_mean
from cnncost.layers import catalogue
from tests.command_line import cnncost as command_line

ANSWERS = {"conv1": {"params": 34944}}
Call = Callable[..., Any]
ANY: Any = cnncost
"""The package without its types: these tests break them."""


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: ANY.profile("alexnet", convention=5),
            "a convention is a name, a YAML file or a Convention, not 5",
        ),
        (lambda: ANY.names(years=2014), "years are several, such as [2014] or range(2014, 2017), not 2014"),
        (lambda: ANY.networks(max_params="10M"), "max_params is a number, such as 10_000_000, not '10M'"),
        (lambda: ANY.diagnose("alexnet", 13), 'write a number as a text, such as "macs=13.6G", not 13'),
        (lambda: ANY.worksheet("alexnet", blanks="3"), "the number of blanks is a whole number, not '3'"),
        (lambda: ANY.profile("alexnet")[0], "a layer is found by its name, not by 0; `costs` lists all"),
        (
            lambda: ANY.sweep("alexnet", {"classes": [10]}),
            "over is a text, such as \"input=128,160,192\", not {'classes': [10]}",
        ),
        (lambda: ANY.register_convention(5), "give a Convention or the path of a YAML file, not 5"),
        (lambda: ANY.register_dtype(5, 3), "the name of a dtype is a text of letters, digits and _, not 5"),
        (
            lambda: ANY.register_dtype("x y", 3),
            "the name of a dtype is a text of letters, digits and _, not 'x y'",
        ),
        (
            lambda: ANY.profile(ANY.profile("alexnet")),
            "a network is a name, a path, a Spec or a Graph, not a Profile: give its `graph`",
        ),
        (lambda: ANY.check("alexnet", ANSWERS, tolerance=5), "tolerance 5: a share is between 0 and 1"),
        (lambda: ANY.check("alexnet", ANSWERS, tolerance=-0.1), "tolerance -0.1: a share is between 0 and 1"),
        (
            lambda: ANY.check("alexnet", ANSWERS, tolerance="few"),
            "tolerance few: write a share, such as 1% or 0.01",
        ),
        (
            lambda: ANY.check("alexnet", {}),
            'no answers: give a row for each layer, such as {"conv1": {"params": 34944}}',
        ),
        (
            lambda: ANY.check("alexnet", ANSWERS, sheet="a.csv", worksheet="b.csv"),
            "`sheet` and `worksheet` are the same: give one of them",
        ),
    ],
)
def test_wrong_arguments_are_one_sentence(call: Call, message: str) -> None:
    """A wrong argument is refused by its own name."""
    with pytest.raises(CnncostError) as raised:
        call()
    assert str(raised.value) == message


@pytest.mark.parametrize("tolerance", ["1%", 0.01, "0.01"])
def test_a_tolerance_is_a_number_or_a_text(tolerance: Any) -> None:
    """In Python as on the command line; 34,700 is within one per cent of 34,944."""
    answers = {"conv1": {"params": 34700}}
    assert cnncost.check("alexnet", answers, tolerance=tolerance, explain=False).accepted


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: ANY.check("alexnet", ANSWERS, foo=1), "check"),
        (lambda: ANY.grade("folder", "alexnet", foo=1), "grade"),
        (lambda: ANY.profile("alexnet").table(foo=1), "table"),
        (lambda: ANY.time("alexnet", foo=1), "time"),
    ],
)
def test_unknown_keywords_name_the_function_that_was_called(call: Call, name: str) -> None:
    """Not one that the caller does not know."""
    with pytest.raises(TypeError, match=rf"{name}\(\) got an unexpected keyword argument 'foo'"):
        call()


def test_a_wrong_shape_is_a_shape_error() -> None:
    """`except ShapeError` catches a layer that does not fit, also in a whole network."""
    assert issubclass(Misfit, cnncost.ShapeError)
    with pytest.raises(cnncost.ShapeError, match="the output shrinks to nothing"):
        cnncost.profile("alexnet", input=(3, 8, 8))


def test_torch_functions_refuse_unknown_devices_and_types() -> None:
    """The same errors as on the command line."""
    pytest.importorskip("torch")
    with pytest.raises(CnncostError, match="no device 'foo' here; use cpu, cuda or meta"):
        cnncost.build("alexnet", device="foo")
    with pytest.raises(CnncostError, match="no such dtype"):
        cnncost.time("lenet5", dtype="foo")


def test_torch_results_show_themselves() -> None:
    """A verification and a timing print their tables."""
    pytest.importorskip("torch")
    found = cnncost.verify("lenet5", ["shapes"])
    assert repr(found).startswith("lenet5, input 1×32×32, float32")
    assert found.to_dict()["differences"] == 0
    assert found.to_frame()["quantity"].tolist() == ["shapes"]
    timed = cnncost.time("lenet5", least_seconds=0, least_runs=1)
    assert repr(timed).startswith("lenet5, input 1×32×32, batch 1, float32")
    assert timed.to_dict()["results"][0]["model"] == "lenet5"
    assert "C1" in timed.to_frame()["name"].tolist()


def test_formulas_are_saved_and_become_plain_data(tmp_path: Path) -> None:
    """A formula and a worked solution in a file and as a dictionary."""
    form = cnncost.formula("Conv2d(F, K, bias=False)")
    assert form.to_dict()["params"] == "C*F*K**2"
    form.save(tmp_path / "a.tex")
    assert (tmp_path / "a.tex").read_text(encoding="utf-8") == form.render("latex")
    solved = cnncost.explain("alexnet", "conv1")
    assert solved.to_dict()[0]["layer"] == "conv1"
    assert 34944 in [quantity["result"] for quantity in solved.to_dict()[0]["quantities"]]
    with pytest.raises(CnncostError, match=r"no format has the ending `\.xyz`; use \.txt, \.md, \.tex"):
        solved.save(tmp_path / "a.xyz")


def test_a_worksheet_of_another_network_is_refused(tmp_path: Path) -> None:
    """Also where some of its rows match: the error names those that do not."""
    sheet, answers = tmp_path / "w.csv", tmp_path / "answers.csv"
    cnncost.worksheet("lenet5", 6).save(sheet)
    answers.write_text("layer,params\nconv1,34944\n", encoding="utf-8")
    for arguments in (
        ("autograder", "alexnet", "--sheet", str(sheet), "-o", str(tmp_path / "a.zip")),
        ("check", "alexnet", str(answers), "--sheet", str(sheet)),
    ):
        result = command_line(*arguments)
        assert (result.code, result.out) == (2, "")
        assert "w.csv: alexnet's table does not have the rows " in result.err
        assert "is it the worksheet of another network?" in result.err
    assert command_line("check", "lenet5", str(sheet), "--sheet", str(sheet)).code == 1


def test_the_title_of_a_difference_has_both_settings() -> None:
    """Also where the inputs differ."""
    new = ("--set-b", "classes=10")
    other = command_line("diff", "alexnet", "alexnet", *new, "--input-b", "3x224x224", columns=200)
    assert "alexnet, input 3×227×227 → alexnet with classes=10, input 3×224×224, batch" in other.out
    same_input = command_line("diff", "vgg16", "vgg19", "--set", "classes=10", columns=200)
    assert same_input.out.startswith("vgg16 with classes=10 → vgg19 with classes=10, input 3×224×224")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: z\n", "c.yaml:1:1: a convention needs `like` or `weights`"),
        ("", "c.yaml:1:1: the file is empty: a convention needs `like` or `weights`"),
        (
            "like: macs\nname: macs\n",
            "c.yaml:2:7: cnncost has a convention `macs` of its own; choose another name",
        ),
    ],
)
def test_a_convention_file_says_what_it_lacks(tmp_path: Path, text: str, message: str) -> None:
    """It never counts nothing in silence."""
    path = tmp_path / "c.yaml"
    path.write_text(text, encoding="utf-8")
    result = command_line("table", "alexnet", "-c", str(path))
    assert result.code == 2
    assert message in result.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("layers", "maxpool"), "no layer `maxpool`; did you mean MaxPool2d?"),
        (("layers", "GRN"), "no layer `GRN`; write `add(x=Identity, y=multiply("),
        (("layers", "SwiGLU"), "write `multiply(gate=Linear(64) >> SiLU, value=Linear(64))`"),
        (("layer", "Conv2d(96, 11"), "Conv2d(96, 11"),
        (("formula", "resnet", "botleneck"), "resnet has no block `botleneck`; it has conv_bn, plain, basic"),
        (("formula", "conv2d"), "no layer `conv2d`; did you mean Conv2d?"),
        (
            ("chart", "scaling", "alexnet", "--over", "input=abc", "-o", "a.png"),
            "a size is a whole number from 1 to",
        ),
        (("chart", "scaling", "alexnet", "--over", "foo=1", "-o", "a.png"), "alexnet has no param `foo`"),
        (
            ("chart", "scaling", "alexnet", "--over", "input=224", "-o", "a.png"),
            "takes 2 to 200 values, got 1",
        ),
    ],
)
def test_messages_say_how_to_go_on(arguments: tuple[str, ...], message: str) -> None:
    """The first mistake is reported, with what to type instead."""
    result = command_line(*arguments)
    assert result.code == 2
    assert message in result.err
    assert "--input 3x" not in result.err


def test_a_sweep_without_a_fitting_value_is_an_error() -> None:
    """It names the first reason."""
    with pytest.raises(CnncostError, match="no value of input=2,4 fits vgg16: "):
        cnncost.sweep("vgg16", "input=2,4")


def test_a_misspelt_layer_with_axes_keeps_them() -> None:
    """Only a name without axes is taken for the one of maps."""
    assert did_you_mean("maxpol3d", catalogue()) == "; did you mean MaxPool3d?"


def test_show_says_what_a_copy_is_called() -> None:
    """A variant without changes is the spec itself."""
    out = command_line("show", "vgg16", "-f", "terminal", columns=200).out
    assert "The spec `vgg` without changes. In your own copy of the file, write copy.yaml::vgg16." in out


def test_one_cell_is_not_cells(tmp_path: Path) -> None:
    """The note of an autograder with a single cell."""
    sheet = tmp_path / "w.csv"
    sheet.write_text("layer,params\nconv1,?\n", encoding="utf-8")
    result = command_line("autograder", "alexnet", "--sheet", str(sheet), "-o", str(tmp_path / "a.zip"))
    assert result.err.endswith(": 1 cell, 1 points\n") or result.err.endswith(": 1 cell, 1 point\n")
