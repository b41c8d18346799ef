from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import torch
from torch import nn

import cnncost
from cnncost.convert.table import TABLE
from cnncost.errors import CnncostError
from cnncost.network.builder import build
from tests.command_line import cnncost as run
from tests.convert import small_nets

FILE = "tests/convert/small_nets.py"


def test_a_module_becomes_a_spec() -> None:
    """Names are the module's paths, and the spec reads back as the same graph."""
    found = cnncost.import_torch(small_nets.Digits(), input=(1, 28, 28))
    names = [node.name for node in found.graph.nodes]
    assert names == [
        *("conv1", "ReLU", "conv2", "ReLU_1", "MaxPool2d", "dropout1", "Flatten"),
        *("fc1", "ReLU_2", "dropout2", "fc2", "LogSoftmax"),
    ]
    assert build(found.spec).nodes == found.graph.nodes
    assert (found.checked.different, found.unknown) == ((), ())
    assert found.checked.compared == {"parameters": 8, "shapes": 12, "macs": 11_992_448}


def test_a_profile_of_a_module() -> None:
    """A module is a network for any function."""
    totals = cnncost.profile(small_nets.Residual(), input=(3, 16, 16), convention="macs").totals
    assert totals.params == sum(p.numel() for p in small_nets.Residual().parameters())


def test_in_place_changes_are_seen_later() -> None:
    """A sum in place and a shared ReLU in place."""
    graph = cnncost.load(small_nets.Residual(), input=(3, 16, 16))
    assert {node.name: node.inputs for node in graph.nodes} == {
        "stem": ("input",),
        "relu": ("stem",),
        "conv": ("relu",),
        "bn": ("conv",),
        "add": ("bn", "relu"),
        "relu_1": ("add",),
        "AdaptiveAvgPool2d": ("relu_1",),
        "Flatten": ("AdaptiveAvgPool2d",),
        "fc": ("Flatten",),
    }


@pytest.mark.usefixtures("torchvision")
def test_resnet_50_is_exact() -> None:
    """Every parameter, shape and multiply-add is torch's."""
    found = cnncost.import_torch("torchvision.models:resnet50")
    assert (found.checked.different, found.unknown, found.checked.idle) == ((), (), ())
    assert found.checked.compared["macs"] == 4_089_184_256
    assert cnncost.profile(found.graph).totals.params == 25_557_032


@pytest.mark.usefixtures("torchvision")
@pytest.mark.parametrize(("name", "most"), [("resnet50", 45), ("efficientnet_b0", 60)])
def test_a_spec_reads_as_a_person_would_write_it(name: str, most: int) -> None:
    """Blocks with parameters and repeats, in a few dozen lines."""
    found = cnncost.import_torch(f"torchvision.models:{name}")
    assert len(found.spec.text.splitlines()) <= most
    assert build(found.spec).nodes == found.graph.nodes


def test_a_module_used_twice_shares_its_weights() -> None:
    """Its parameters count once, its work twice."""
    module = small_nets.Siamese()
    graph = cnncost.load(module, input={"left": (1, 8, 8), "right": (1, 8, 8)})
    assert {node.name: node.shares for node in graph.nodes if node.shares} == {"tower_1.0": "tower.0"}
    cost = cnncost.profile(graph, convention="macs").totals
    assert (cost.params, cost.macs) == (
        sum(p.numel() for p in module.parameters()),
        2 * 4 * 9 * 36 + 36 * 4 * 2,
    )


def test_an_unknown_operator_is_not_guessed() -> None:
    """It keeps its shape, has no cost, is named, and `--strict` refuses it."""
    result = run("import", f"{FILE}:Odd", "--input", "3x8x8", "--format", "json")
    data = json.loads(result.out)
    assert (data["unknown"], data["different"]) == (["aten.cumsum"], [])
    strict = run("import", f"{FILE}:Odd", "--input", "3x8x8", "--strict")
    assert (strict.code, strict.out) == (2, "")
    assert strict.err == f"cnncost: {FILE}:Odd has operators of unknown cost: cumsum\n"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("tests/none.py:Net", "tests/none.py: no such file"),
        ("no_such_package:Net", "no_such_package:Net: no Python module `no_such_package` here; a file is named as file.py:Net"),
        (f"{FILE}:Digit", f"{FILE} has no `Digit`; did you mean Digits?"),
        (f"{FILE}", f"{FILE}: name the class or function that makes the network: write {FILE}:Tied; there are Digits, Residual, Decides, Fails, Odd, Siamese, Attends, Heads, Frames, Tied"),
        (f"{FILE}:F", f"{FILE}:F is no module and no function that makes one"),
    ],
)  # fmt: skip
def test_a_wrong_source_is_one_line(source: str, message: str) -> None:
    """What is wrong, and what to write."""
    result = run("table", source, "--input", "3x8x8")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"cnncost: {message}")
    assert result.err.count("\n") == 1


def test_values_that_decide_are_refused() -> None:
    """Control flow that depends on data: torch's reason and what to try."""
    with pytest.raises(
        CnncostError, match=r"Decides: what it computes depends on the values of tensors.*torch\.where"
    ):
        cnncost.import_torch(small_nets.Decides(), input=(3, 8, 8))


def test_a_failing_forward_is_one_line() -> None:
    """The user's error, the input, and how to give another."""
    message = "Fails: its forward fails on an input of 3×8×8: .*missing.*--input"
    with pytest.raises(CnncostError, match=message):
        cnncost.import_torch(small_nets.Fails(), input=(3, 8, 8))


def test_a_saved_program(tmp_path: Path) -> None:
    """A `.pt2` needs no code."""
    path = tmp_path / "net.pt2"
    program = torch.export.export(small_nets.Residual().eval(), (torch.zeros(1, 3, 8, 8),))
    torch.export.save(program, path)
    assert cnncost.import_torch(str(path), input=(3, 8, 8)).checked.different == ()


def test_the_module_stays_as_it_is() -> None:
    """An import changes neither weights nor mode."""
    module = nn.Sequential(nn.Linear(4, 2), nn.Dropout())
    cnncost.import_torch(module, input=(4,))
    assert module.training
    assert module[0].weight.device.type == "cpu"


def test_attention_is_one_layer() -> None:
    """Queries, keys and values from one tensor are followed place by place."""
    found = cnncost.import_torch(small_nets.Attends(), input=(9, 8))
    assert (found.checked.different, found.unknown) == ((), ())
    kinds = [node.type for node in found.graph.nodes]
    assert kinds[:2] == ["Parameter", "Concat"]
    assert kinds[2:6] == ["Linear", "ScaledDotProductAttention", "Linear", "Add"]
    assert "  - blocks: 2 * Heads" in found.spec.text


def test_frames_normalised_weights_and_a_recurrent_layer() -> None:
    """Several maps of a sample, computed weights, and the parameters of all of them."""
    found = cnncost.import_torch(small_nets.Frames(), input=(2, 3, 6, 6))
    assert (found.checked.different, found.unknown) == ((), ())
    assert {"Conv3d", "BatchNorm3d", "Convolve", "GRU"} <= {node.type for node in found.graph.nodes}


def test_tied_weights_are_a_difference() -> None:
    """Layers of two types cannot share weights here: they count twice, and the import says so."""
    (different,) = cnncost.import_torch(small_nets.Tied(), input=(5,)).checked.different
    assert (different.ours, different.theirs) == ("counted again", "counted once")


@pytest.mark.parametrize("operator", [name for name in TABLE if not name.startswith("_") and "." not in name])
def test_the_table_names_operators_of_torch(operator: str) -> None:
    """A misspelt operator would never be found."""
    assert hasattr(torch.ops.aten, operator) or operator in ("identity", "float", "half", "concat"), operator


def test_an_unknown_cost_is_shown() -> None:
    """`?` for the layer, `≥` for the sum, and a sentence below."""
    shown = run("table", f"{FILE}:Odd", "--input", "3x8x8", columns=100).out
    assert re.search(r"\nUnknown .* \?\s", shown)
    assert "≥768" in shown
    assert "The cost of cumsum is not known (?): totals are at least what is shown." in shown
