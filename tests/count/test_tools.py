"""The conventions of tools: against their totals as recorded, and against the tools where they are installed."""

from __future__ import annotations

import json
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import nn

import cnncost
from cnncost.count.tools import CELLS, RECURRENT, TOOLS
from cnncost.layers import catalogue
from tests import tools
from tests.command_line import cnncost as run

RECORDED: dict[str, Any] = json.loads(tools.TOTALS.read_text(encoding="utf-8"))

NOT_COUNTED = {
    # a product of two sizes in torchvision's code, which torchprofile's trace shows as a multiplication
    ("vit_b_16", "torchprofile"): 1,
}
"""What a tool counts beside the layers."""


def reconciled(name: str, size: int) -> Any:
    """What cnncost says that the tools count for a network of torchvision."""
    return cnncost.reconcile(f"torchvision/{name}", input=(3, size, size))


@pytest.mark.parametrize("name", RECORDED)
def test_totals_are_those_that_the_tools_print(name: str) -> None:
    """Every tool's total, digit for digit, as `python -m tests.tools` recorded them."""
    size, totals = RECORDED[name]["size"], RECORDED[name]["totals"]
    counts = {count.tool: count for count in reconciled(name, size).counts}
    known = [tool for tool, value in totals.items() if value is not None and not counts[tool].unknown]
    assert len(known) >= 8
    assert {tool: counts[tool].value + NOT_COUNTED.get((name, tool), 0) for tool in known} == {
        tool: totals[tool] for tool in known
    }
    for tool, value in totals.items():
        assert value is not None or counts[tool].unknown, f"{tool} prints no total"


INSTALLED = [package for package in tools.RUNS if find_spec(package)]


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "googlenet"])
@pytest.mark.parametrize("package", ["torchinfo", "thop", "ptflops", "torchprofile", "fvcore"])
@pytest.mark.filterwarnings("ignore")  # the tools' own
def test_the_tools_print_these_totals(name: str, package: str, torchvision: ModuleType) -> None:
    """The tools themselves, on an input of another size than that of the record."""
    assert torchvision
    if package not in INSTALLED:
        pytest.skip(f"{package} is not installed; its recorded totals are tested")
    found = tools.totals(name, package, 64)
    ours = {count.tool: count.value for count in reconciled(name, 64).counts}
    assert found
    assert {tool: ours[tool] for tool in found} == found


@pytest.mark.parametrize("package", ["torchinfo", "thop", "ptflops", "torchprofile"])
@pytest.mark.filterwarnings("ignore")  # the tools' own
def test_the_tools_count_recurrent_layers_so(package: str, torchvision: ModuleType) -> None:
    """Each kind of layer and cell, of one or two layers and directions, unless the tool's rule is not known."""
    assert torchvision
    if package not in INSTALLED:
        pytest.skip(f"{package} is not installed")
    for kind, shape, options in (
        *((kind, (10, 5), {"num_layers": layers}) for kind in RECURRENT for layers in (1, 2)),
        *((kind, (10, 5), {"bias": False, "bidirectional": True}) for kind in ("RNN", "GRU")),
        *((kind, (5,), {}) for kind in CELLS),
    ):
        batch_first = {"batch_first": True} if len(shape) == 2 else {}
        module = FirstOutput(getattr(nn, kind)(5, 7, **options, **batch_first)).eval()
        layer = catalogue()[kind](7, **options)
        for tool, value in tools.RUNS[package](module, torch.randn(1, *shape)).items():
            if kind not in TOOLS[tool].unknown:
                out = layer.out_shape(shape)
                work = layer.work((shape,), out)
                assert TOOLS[tool].flops(layer, work, (shape,), out) == value, (layer, tool)


class FirstOutput(nn.Module):
    """A module without its further outputs."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: torch.Tensor) -> Any:
        y = self.module(x)
        return y[0] if isinstance(y, tuple) else y


def test_each_tool_is_recorded_or_says_why_not() -> None:
    """TensorFlow's profiler, pytorchcv, timm's own and the old thop and ptflops are not run here; all others are on record."""
    recorded = {tool for entry in RECORDED.values() for tool in entry["totals"]}
    assert set(TOOLS) - recorded == {"tensorflow", "pytorchcv", "thop-old", "ptflops-old", "timm"}


@pytest.mark.parametrize(
    ("network", "number", "printed"),
    [
        # printed figures of others: Araujo 2019, table; EfficientNetV2's paper; timm's results
        ("torchvision/resnet50", "4.11G", {"fvcore": "rounded", "thop-old": "rounded"}),
        ("torchvision/resnet50", "4100300288", {"torchprofile": "exactly"}),
        ("torchvision/resnet18", "1.82G", {"fvcore": "rounded", "thop": "rounded", "thop-old": "rounded"}),
        ("vit_b_16", "11.29G", {"fvcore-fused": "rounded"}),
    ],
)
def test_the_tools_that_print_a_number_are_named(network: str, number: str, printed: dict[str, str]) -> None:
    """`--number`: exactly, rounded, or cut off."""
    found = {count.tool: how for count, how in cnncost.reconcile(network, number=number).found}
    assert printed.items() <= found.items()


@pytest.mark.parametrize("network", ["alexnet", "torchvision/inception_v3", "vit_b_16", "unet", "swin_t"])
def test_each_sum_adds_up(network: str) -> None:
    """The terms of every tool add up to its total, which is the convention's count."""
    found = cnncost.reconcile(network)
    macs = cnncost.profile(network, convention="macs").totals.flops
    assert len(found.counts) == len(TOOLS) + 3
    for count in found.counts:
        assert sum(count.terms.values()) == count.value
        assert count.terms["multiply-adds"] == macs
        assert count.value == cnncost.profile(network, convention=count.convention).totals.flops


def test_a_number_that_no_tool_prints() -> None:
    """The exit code is 1, and the table says so."""
    result = run("reconcile", "resnet50", "--number", "5.55G")
    assert result.code == 1
    assert "No tool here prints 5.55G for resnet50." in result.out


def test_an_unknown_tool_and_a_number_that_is_none() -> None:
    """The nearest tool is named."""
    result = run("reconcile", "resnet50", "--tools", "fvcor")
    assert (result.code, "no tool `fvcor`; did you mean fvcore?" in result.err) == (2, True)
    result = run("reconcile", "resnet50", "--number", "many")
    assert (result.code, "`many` starts with no number" in result.err) == (2, True)


def test_json_holds_the_sums() -> None:
    """One object a tool: its version, what it counts, the total and the terms."""
    data = json.loads(run("reconcile", "alexnet", "--tools", "thop,macs", "--format", "json").out)
    assert data["name"] == "alexnet"
    thop = next(tool for tool in data["tools"] if tool["tool"] == "thop")
    assert thop["version"] == "0.1.1"
    assert thop["quantity"] == "MACs"
    assert sum(term["value"] for term in thop["terms"]) == thop["value"]


def test_a_tool_is_a_convention() -> None:
    """`--convention thop` counts as thop does, in every command."""
    out = run("table", "torchvision/resnet18", "--convention", "thop", "--format", "json").out
    assert json.loads(out)["totals"]["flops"] == 1824033792


def test_what_is_not_known_is_said() -> None:
    """torchscan prints no total for a network with SiLU: the number is marked, and never matched."""
    found = cnncost.reconcile("efficientnet_b0", tools="torchscan", number="794301216")
    assert found.counts[0].unknown == ("SiLU",)
    assert not found.found
    assert "how it counts SiLU is not known here" in run("reconcile", "efficientnet_b0").out


@pytest.mark.parametrize(
    ("network", "quantity", "tool", "number"),
    [
        # Keras' documentation
        ("resnet50", "params", "keras-biased", "25636712"),
        ("resnet50", "params", "keras-biased-headless", "23587712"),
        ("inception_v3", "params", "keras-unscaled", "23851784"),
        ("efficientnet_b0", "params", "keras-normalised", "5330571"),
        ("nasnet_a_mobile", "params", "keras", "5326716"),
        ("vgg16", "params", "keras-headless", "14714688"),
        # torch and thop, run on torchvision's networks
        ("torchvision/googlenet", "params", "torch", "13004888"),
        ("torchvision/vit_b_16", "params", "thop", "58067176"),
        ("torchvision/convnext_tiny", "params", "thop", "28579432"),
        # the results tables of timm
        ("torchvision/resnet50", "activations", "timm", "11.11M"),
        ("efficientnet_b0", "activations", "timm", "6.75M"),
        # the READMEs of torchsummary and convnet-burden, torchinfo's own test
        ("vgg16", "memory", "torchsummary", "218.59MB"),
        ("resnet152", "memory", "convnet-burden", "219MB"),
        ("resnext50_32x4d", "memory", "convnet-burden", "132MB"),
        ("torchvision/alexnet", "memory", "torchinfo", "3.95MB"),
        ("vgg16", "memory", "weights", "528MB"),
    ],
)
def test_what_tools_print_beside_operations(network: str, quantity: str, tool: str, number: str) -> None:
    """Parameters, activations and memory: what others print is found, and each sum adds up."""
    found = cnncost.reconcile(network, quantity=quantity, number=number)
    assert tool in [count.tool for count, _ in found.found]
    for count in found.counts:
        assert sum(count.terms.values()) == count.value


def test_quantities_at_the_command_line() -> None:
    """The table names what is not known; an unknown quantity is refused."""
    out = run("reconcile", "resnet18", "--quantity", "memory").out
    assert "torchsummary: how it counts networks with Add is not known here." in out
    result = run("reconcile", "resnet18", "--quantity", "memori")
    assert (result.code, result.err) == (2, "cnncost: no quantity `memori`; did you mean memory?\n")
    out = run("reconcile", "resnet50", "--number", "4.12G", columns=160).out
    assert "`cnncost diagnose resnet50 --macs 4.12G` looks further." in out
