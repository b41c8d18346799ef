"""What the tools themselves count: each is run on torchvision's networks, if it is installed.

`python -m tests.tools` writes their totals to tests/count/tool_totals.json, with which the conventions are
compared wherever the tools are not at hand. Versions: count/tools.py.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tests.conftest import imported_torchvision

TOTALS = Path(__file__).parent / "count" / "tool_totals.json"

Run = Callable[[nn.Module, torch.Tensor], dict[str, Any]]


def run_torchinfo(model: nn.Module, x: torch.Tensor) -> dict[str, Any]:
    """torchinfo's mult-adds."""
    import torchinfo

    return {"torchinfo": torchinfo.summary(model, input_data=x, verbose=0).total_mult_adds}


def run_thop(model: nn.Module, x: torch.Tensor) -> dict[str, Any]:
    """thop's MACs."""
    import thop

    return {"thop": thop.profile(model, inputs=(x,), verbose=False)[0]}


def run_ptflops(model: nn.Module, x: torch.Tensor) -> dict[str, Any]:
    """ptflops' MACs, by both backends."""
    from ptflops import get_model_complexity_info as count

    shape = tuple(x.shape[1:])
    options = {"as_strings": False, "print_per_layer_stat": False}
    return {
        name: count(model, shape, backend=backend, **options)[0]
        for name, backend in (("ptflops", "pytorch"), ("ptflops-aten", "aten"))
    }


def run_torchprofile(model: nn.Module, x: torch.Tensor) -> dict[str, Any]:
    """torchprofile's MACs."""
    from torchprofile import profile_macs

    return {"torchprofile": profile_macs(model, x)}


def run_calflops(model: nn.Module, x: torch.Tensor) -> dict[str, Any]:
    """calflops' FLOPs."""
    from calflops import calculate_flops

    options = {"output_as_string": False, "print_results": False, "print_detailed": False}
    return {"calflops": calculate_flops(model, input_shape=tuple(x.shape), **options)[0]}


def run_deepspeed(model: nn.Module, x: torch.Tensor) -> dict[str, Any]:
    """DeepSpeed's FLOPs."""
    from deepspeed.profiling.flops_profiler import get_model_profile

    options = {"as_string": False, "print_profile": False, "detailed": False}
    return {"deepspeed": get_model_profile(model, input_shape=tuple(x.shape), **options)[0]}


def run_torchscan(model: nn.Module, x: torch.Tensor) -> dict[str, Any]:
    """torchscan's FLOPs and MACs; None where it has no rule for a layer."""
    from torchscan.crawler import crawl_module

    totals = crawl_module(model, tuple(x.shape[1:]))["totals"]
    return {"torchscan": totals["module_flops"]["value"], "torchscan-macs": totals["macs"]["value"]}


def run_torchlens(model: nn.Module, x: torch.Tensor) -> dict[str, Any]:
    """torchlens' forward FLOPs."""
    import torchlens

    return {"torchlens": torchlens.trace(model, x).total_flops_forward}


def run_onnx_tool(model: nn.Module, x: torch.Tensor) -> dict[str, Any]:
    """onnx-tool's MACs of torch's export."""
    import onnx_tool

    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        torch.onnx.export(model, x, file.name, opset_version=17, dynamo=False)
        graph = onnx_tool.Model(file.name).graph
        graph.shape_infer(None)
        graph.profile()
    return {"onnx-tool": graph.macs[0] if isinstance(graph.macs, list) else graph.macs}


def run_fvcore(model: nn.Module, x: torch.Tensor) -> dict[str, Any]:
    """fvcore's FLOPs, of attention taken apart and of fused attention."""
    from fvcore.nn import FlopCountAnalysis

    def count() -> int:
        analysis = FlopCountAnalysis(model, x).unsupported_ops_warnings(False)
        return int(analysis.uncalled_modules_warnings(False).total())

    apart = count()
    with torch.no_grad():
        return {"fvcore": apart, "fvcore-fused": count()}


RUNS: dict[str, Run] = {
    "torchinfo": run_torchinfo,
    "thop": run_thop,
    "ptflops": run_ptflops,
    "torchprofile": run_torchprofile,
    "calflops": run_calflops,
    "deepspeed": run_deepspeed,
    "torchscan": run_torchscan,
    "torchlens": run_torchlens,
    "onnx_tool": run_onnx_tool,
    "fvcore": run_fvcore,
}
"""How each tool is run, by the package that it needs."""

NETWORKS = {
    **dict.fromkeys(
        (
            *("alexnet", "googlenet", "resnet18", "resnet50", "densenet121", "mobilenet_v2"),
            *("mobilenet_v3_large", "efficientnet_b0", "inception_v3", "convnext_tiny"),
        ),
        96,
    ),
    "vit_b_16": 224,
}
"""torchvision's networks, with the side of their square input: small ones, because the tools run them."""


def model(name: str) -> nn.Module:
    """One of torchvision's networks, for inference."""
    import torchvision

    options = {"aux_logits": True, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
    made: nn.Module = getattr(torchvision.models, name)(weights=None, **options)
    return made.eval()


def totals(name: str, package: str, size: int) -> dict[str, int | None]:
    """What a tool counts for a network on a square input."""
    logging.disable(logging.WARNING)
    found = RUNS[package](model(name), torch.zeros(1, 3, size, size))  # as one would, gradients on
    return {tool: None if value is None else int(value) for tool, value in found.items()}


def alone(job: tuple[str, str, int]) -> dict[str, int | None]:
    """The totals of one tool for one network, in a process of its own: some tools patch torch for good."""
    name, package, size = job
    with contextmanager(imported_torchvision)():
        try:
            return totals(name, package, size)
        except Exception as error:  # a tool may not manage a network: said, and left out
            print(f"{package} on {name}: {type(error).__name__}: {str(error)[:100]}")
            return {}


def main() -> None:
    """Run every tool that is installed on every network."""
    packages = [package for package in RUNS if importlib.util.find_spec(package)]
    jobs = [(name, package, size) for name, size in NETWORKS.items() for package in packages]
    written: dict[str, Any] = {name: {"size": size, "totals": {}} for name, size in NETWORKS.items()}
    with get_context("spawn").Pool(2, maxtasksperchild=1) as pool:
        for (name, _, _), found in zip(jobs, pool.imap(alone, jobs, chunksize=1), strict=True):
            written[name]["totals"] |= found
    TOTALS.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
