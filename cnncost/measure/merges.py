"""The twins of the merges, which torch.nn does not have: modules of several inputs."""

from __future__ import annotations

from functools import reduce

import torch
from torch import Tensor, nn


class MergeModule(nn.Module):
    """One function of torch after the other: the sum of its inputs, their product, the largest of them."""

    def __init__(self, operation: str) -> None:
        super().__init__()
        self.operation = operation

    def forward(self, *inputs: Tensor) -> Tensor:
        return reduce(getattr(torch, self.operation), inputs)


class MeanModule(nn.Module):
    """The mean of its inputs."""

    def forward(self, *inputs: Tensor) -> Tensor:
        return reduce(torch.add, inputs) / len(inputs)


class ConcatModule(nn.Module):
    """Its inputs side by side along an axis; axis 0 is the batch."""

    def __init__(self, dim: int = 1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, *inputs: Tensor) -> Tensor:
        return torch.cat(inputs, self.dim)


class ConvolveModule(nn.Module):
    """A convolution with weights from outside, the same for all samples."""

    def __init__(self, stride: int = 1, padding: int = 0, dilation: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.sizes = stride, padding, dilation, groups

    def forward(self, x: Tensor, weight: Tensor) -> Tensor:
        convolve = getattr(nn.functional, f"conv{x.dim() - 2}d")
        result: Tensor = convolve(x, weight[0], None, *self.sizes)
        return result
