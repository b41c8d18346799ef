"""Python: whatever a command does, one call does, with the same numbers."""

from __future__ import annotations

import csv
import inspect
import io
import json
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import cnncost
from cnncost.cli import COMMANDS
from cnncost.tables import formats
from tests.chart_checks import is_picture
from tests.command_line import cnncost as command_line

FUNCTIONS = [name for name in cnncost.__all__ if inspect.isfunction(getattr(cnncost, name))]


def test_no_name_is_that_of_a_room() -> None:
    """A function that shares its name with a room is replaced by it as soon as the room is imported."""
    rooms = {module.name for module in pkgutil.iter_modules(cnncost.__path__)}
    assert rooms >= {"layers", "charts", "measure", "timing", "spec", "count", "comparison"}
    assert not rooms & set(cnncost.__all__)
    assert set(cnncost.HOMES) <= set(cnncost.__all__) <= set(dir(cnncost))


def test_unknown_names_are_refused() -> None:
    """A misspelt name is an AttributeError, as in any module."""
    with pytest.raises(AttributeError, match="module 'cnncost' has no attribute 'comparee'"):
        cnncost.comparee  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_documented_and_typed(name: str) -> None:
    """Each has a sentence, types for all arguments and its result, and says what it raises."""
    function = getattr(cnncost, name)
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Signature.empty
    for parameter in signature.parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty, parameter
    assert inspect.getdoc(function)
    if function.__module__.startswith("cnncost.api"):
        assert "Raises:" in function.__doc__
        assert "Args:" in function.__doc__ or not signature.parameters
        assert all(parameter in function.__doc__ for parameter in signature.parameters)


def test_import_is_light() -> None:
    """`import cnncost` imports only what `profile` needs: nothing heavy, no view, no command."""
    code = "import sys, cnncost; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    modules = set(done.stdout.split())
    assert not modules & {"torch", "sympy", "pandas", "matplotlib", "numpy", "rich", "typer"}
    assert not {
        name for name in modules if name.startswith(("cnncost.views", "cnncost.tables", "cnncost.cli"))
    }


SHOWN: dict[str, tuple[Any, tuple[str, ...]]] = {
    "profile": (lambda: cnncost.profile("vgg16"), ("table", "vgg16")),
    "networks": (
        lambda: cnncost.networks(["resnet"], sort="macs"),
        ("list", "--family", "resnet", "--sort", "macs"),
    ),
    "compare": (
        lambda: cnncost.compare("alexnet", "vgg16", "resnet50", convention="macs", batch=2),
        ("compare", "alexnet", "vgg16", "resnet50", "-c", "macs", "-b", "2"),
    ),
    "diff": (lambda: cnncost.diff("resnet50", "resnet101"), ("diff", "resnet50", "resnet101")),
    "audit": (lambda: cnncost.audit("vgg16"), ("audit", "vgg16")),
    "diagnose": (lambda: cnncost.diagnose("vgg16", "macs=13.6G"), ("diagnose", "vgg16", "--macs", "13.6G")),
    "diagnose layers": (
        lambda: cnncost.diagnose("alexnet", "conv1.params=34848", "conv2.macs=896M", most=1),
        ("diagnose", "alexnet", "conv1.params=34848", "conv2.macs=896M", "--most", "1"),
    ),
    "no difference": (lambda: cnncost.diff("lenet5", "lenet5"), ("diff", "lenet5", "lenet5")),
}


@pytest.mark.parametrize("name", SHOWN)
def test_results_are_those_of_the_command(name: str) -> None:
    """JSON, CSV and text are the command's, and `to_dict` and `to_frame` have the same data."""
    call, command = SHOWN[name]
    found = call()
    for form in ("json", "csv", "markdown", "latex", "html"):
        assert found.render(form) == command_line(*command, "-f", form).out
    assert found.to_dict() == json.loads(command_line(*command, "-f", "json").out)
    assert repr(found) + "\n" == command_line(*command, columns=1000).out
    assert found._repr_html_() == found.render("html")
    if name != "profile":  # whose frame has a row for every node
        rows = list(csv.DictReader(io.StringIO(found.render("csv"))))
        frame = found.to_frame()
        assert len(frame) == len(rows)
        assert not rows or list(frame.columns) == list(rows[0])


def test_tables_of_chosen_rows() -> None:
    """`Profile.table` takes what the options of `cnncost table` take."""
    found = cnncost.profile("resnet50").table(sort="params", top=3, percent=True)
    assert (
        repr(found) + "\n"
        == command_line(
            *("table", "resnet50", "--sort", "params", "--top", "3", "--percent"), columns=1000
        ).out
    )
    long = cnncost.profile("resnet152")
    assert long.render("csv") == command_line("table", "resnet152", "-f", "csv").out
    assert repr(long) + "\n" == command_line("table", "resnet152", columns=1000).out


def test_stages_side_by_side() -> None:
    """The stages' table is that of `compare --stages`."""
    found = cnncost.compare("resnet18", "resnet50").stages_table()
    assert found.render("csv") == command_line("compare", "resnet18", "resnet50", "--stages", "-f", "csv").out


def test_results_are_saved_by_their_ending(tmp_path: Path) -> None:
    """`save` writes every format of the command line, whole."""
    found = cnncost.compare("alexnet", "vgg16")
    for ending, form in formats.endings().items():
        found.save(tmp_path / f"x{ending}")
        written = (tmp_path / f"x{ending}").read_bytes()
        assert len(written) > 100
        if form not in ("xlsx",):
            assert written.decode() == found.render(form)
    with pytest.raises(cnncost.CnncostError, match=r"no format has the ending `\.doc`; use \.txt"):
        found.save(tmp_path / "x.doc")
    with pytest.raises(cnncost.CnncostError, match=r"no format `cvs`; did you mean csv\?"):
        found.render("cvs")


def test_compare_takes_graphs_and_specs() -> None:
    """Networks made in Python are compared as those of the catalogue; nobody printed their errors."""
    graph = cnncost.load("alexnet", params={"classes": 10})
    found = cnncost.compare(graph, "alexnet-2012")
    assert found.entries[0].profile.totals.params == cnncost.profile(graph).totals.params
    assert found.entries[0].error is None
    assert found.entries[1].error is not None
    with pytest.raises(cnncost.CnncostError, match="takes two networks or more, got 1"):
        cnncost.compare("alexnet")
    with pytest.raises(cnncost.CnncostError, match="a Graph has its input and params already"):
        cnncost.compare(graph, graph, input=(3, 224, 224))


def test_diff_takes_profiles() -> None:
    """Profiles are compared as they are counted, networks as the arguments say."""
    one, other = (cnncost.profile(name, batch=4) for name in ("resnet18", "resnet34"))
    assert cnncost.diff(one, other).costs == cnncost.diff("resnet18", "resnet34", batch=4).costs


def test_sweeps() -> None:
    """Each point is the network's own totals at that size; a size that does not fit is left out."""
    found = cnncost.sweep("alexnet", "input=8,227,259")
    assert [int(point.value.number or 0) for point in found.points] == [227, 259]
    for point in found.points:
        size = int(point.value.number or 0)
        assert point.totals == cnncost.profile("alexnet", input=(3, size, size)).totals
    assert list(found.to_frame()["macs"]) == [point.totals.macs for point in found.points]
    assert "Left out: 8: " in repr(found)


@pytest.mark.parametrize("layer", [None, "conv1"])
def test_worked_solutions(layer: str | None) -> None:
    """`explain` prints what the command prints, in its three formats."""
    found = cnncost.explain("lenet5" if layer is None else "alexnet", layer)
    arguments = ("explain", "lenet5") if layer is None else ("explain", "alexnet", "conv1")
    for form in ("terminal", "markdown", "latex"):
        assert found.render(form) == command_line(*arguments, "-f", form).out
    assert repr(found) + "\n" == found.render()
    assert found._repr_markdown_() == found.render("markdown")
    with pytest.raises(cnncost.CnncostError, match="no format `html`; there are terminal, markdown, latex"):
        found.render("html")


def test_closed_forms() -> None:
    """`formula` has expressions to calculate with, and prints what the command prints."""
    call = "Conv2d(F, K, stride=S) >> ReLU"
    found = cnncost.formula(call, input="C,N,N")
    for form in ("terminal", "markdown", "latex"):
        assert found.render(form) == command_line("formula", call, "-i", "C,N,N", "-f", form).out
    letters = {str(letter): letter for letter in found.params.free_symbols}
    assert found.params.subs({letters["C"]: 3, letters["F"]: 96, letters["K"]: 11}) == 34944


def test_pytorch() -> None:
    """`build` and `verify` agree with `profile`."""
    module = cnncost.build("resnet18", device="meta", params={"classes": 10})
    expected = cnncost.profile("resnet18", params={"classes": 10}).totals.params
    assert sum(parameter.numel() for parameter in module.parameters()) == expected
    found = cnncost.verify("lenet5", ["shapes", "params", "macs"])
    assert found.mismatches == 0
    assert [check.quantity for check in found.checks] == ["shapes", "params", "macs"]


def test_homework(tmp_path: Path) -> None:
    """A worksheet's key is right in every cell, and is marked as the command marks it."""
    sheet = cnncost.worksheet("alexnet", blanks=8, seed=3)
    arguments = ("worksheet", "alexnet", "--blank", "8", "--seed", "3")
    for form in ("csv", "html", "markdown", "terminal"):
        assert sheet.render(form) == command_line(*arguments, "-f", form).out
    sheet.save(tmp_path / "sheet.csv")
    sheet.key().save(tmp_path / "anna.csv")
    marked = cnncost.check("alexnet", tmp_path / "anna.csv", worksheet=tmp_path / "sheet.csv")
    assert marked.accepted
    assert len(marked.marks) == len(sheet.answers) == 8
    command = ("check", "alexnet", str(tmp_path / "anna.csv"), "--sheet", str(tmp_path / "sheet.csv"))
    assert marked.to_dict() == json.loads(command_line(*command, "-f", "json").out)
    folder = tmp_path / "class"
    folder.mkdir()
    sheet.key().save(folder / "anna.csv")
    sheet.save(folder / "bert.csv")
    graded = cnncost.grade(folder, "alexnet", worksheet=tmp_path / "sheet.csv")
    assert [submission.student for submission in graded.submissions] == ["anna", "bert"]
    assert "anna" in repr(graded)


def test_charts(tmp_path: Path) -> None:
    """A chart is a figure of matplotlib, and is saved by its ending; options that do nothing are refused."""
    graph = cnncost.load("alexnet", params={"classes": 10})
    figure = cnncost.chart("versus", graph, "vgg16", path=tmp_path / "x.svg", theme="dark")
    assert len(figure.axes) >= 2
    assert is_picture(tmp_path / "x.svg")
    with pytest.raises(cnncost.CnncostError, match="chart versus: --quantity does not apply here"):
        cnncost.chart("versus", "alexnet", "vgg16", quantity="macs")
    with pytest.raises(cnncost.CnncostError, match="chart layers: takes one network, got 2"):
        cnncost.chart("layers", "alexnet", "vgg16")


PYTHON_NAMES = {"import": "import_torch", "list": "networks", "table": "profile"}
ONLY_COMMANDS = {
    *("show", "new", "layer", "layers", "gallery"),  # write files for people; `load` and `layer_graph` read
    *("autograder", "quiz"),  # a file for another program, and a dialogue
}


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ONLY_COMMANDS])
def test_every_command_has_a_function(command: str) -> None:
    """The function has the command's name, but for `import`, `list` and `table`."""
    assert PYTHON_NAMES.get(command, command) in cnncost.__all__


def test_a_single_name_is_no_list_of_letters() -> None:
    """`names`, `networks` and `verify` take one name without a list."""
    assert cnncost.names("resnet") == cnncost.names(["resnet"])
    assert cnncost.networks("lenet5") == cnncost.networks(["lenet5"])
    assert cnncost.verify("lenet5", "shapes").mismatches == 0
