"""What torch itself says of a module: the outside reference of the contract tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from cnncost.dims import Shape
from cnncost.layers import Layer
from cnncost.measure.counters import ModuleCall, fvcore_analysis, run_counted, watch

__all__ = ["ModuleCall", "fvcore_analysis", "run_counted", "same_weights", "tensor_shapes", "watch"]

torch.set_num_threads(1)  # pytest-xdist already keeps every core busy


def tensor_shapes(tensors: Any) -> dict[str, Shape]:
    """The shapes of named tensors."""
    return {name: tuple(tensor.shape) for name, tensor in tensors}


def same_weights(layer: Layer, weights: Mapping[str, Shape], module: nn.Module) -> None:
    """Hold the names and shapes of a layer's parameters and buffers to those of its torch module."""
    buffers = {name: shape for name, shape in weights.items() if name in layer.buffer_names}
    learned = {name: shape for name, shape in weights.items() if name not in layer.buffer_names}
    assert learned == tensor_shapes(module.named_parameters())
    assert buffers == tensor_shapes(module.named_buffers())
