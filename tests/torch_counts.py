"""What torch itself says of a module: the outside reference of the contract tests."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cnncost.dims import Shape
from cnncost.layers import Layer

torch.set_num_threads(1)  # pytest-xdist already keeps every core busy


def tensor_shapes(tensors: Any) -> dict[str, Shape]:
    """The shapes of named tensors."""
    return {name: tuple(tensor.shape) for name, tensor in tensors}


def same_weights(layer: Layer, weights: Mapping[str, Shape], module: nn.Module) -> None:
    """Hold the names and shapes of a layer's parameters and buffers to those of its torch module."""
    buffers = {name: shape for name, shape in weights.items() if name in layer.buffer_names}
    learned = {name: shape for name, shape in weights.items() if name not in layer.buffer_names}
    assert learned == tensor_shapes(module.named_parameters(recurse=False))
    assert buffers == tensor_shapes(module.named_buffers(recurse=False))


def run_counted(module: nn.Module, *in_shapes: Shape, device: str = "meta") -> tuple[Any, int]:
    """A module's output on one sample, and the FLOPs that FlopCounterMode counts for it."""
    inputs = [torch.ones(1, *shape, device=device) for shape in in_shapes]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        output = module.eval()(*inputs)
    return output, counter.get_total_flops()


def fvcore_analysis(module: nn.Module, x: torch.Tensor) -> Any:
    """fvcore's analysis of an inference run, finished, without its notes on uncounted operators."""
    with warnings.catch_warnings():
        # importing and tracing use torch.jit, which torch deprecates
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        from fvcore.nn import FlopCountAnalysis

        analysis = FlopCountAnalysis(module.eval(), x)
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        analysis.total()
    return analysis
