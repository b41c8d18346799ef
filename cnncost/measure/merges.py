"""The twins of the merges, which torch.nn does not have: modules of several inputs."""

from __future__ import annotations

from functools import reduce

import torch
from torch import Tensor, nn


class AddModule(nn.Module):
    """The sum of its inputs."""

    def forward(self, *inputs: Tensor) -> Tensor:
        return reduce(torch.add, inputs)


class MeanModule(nn.Module):
    """The mean of its inputs."""

    def forward(self, *inputs: Tensor) -> Tensor:
        return reduce(torch.add, inputs) / len(inputs)


class MultiplyModule(nn.Module):
    """The product of its inputs."""

    def forward(self, *inputs: Tensor) -> Tensor:
        return reduce(torch.mul, inputs)


class ConcatModule(nn.Module):
    """Its inputs side by side along an axis; axis 0 is the batch."""

    def __init__(self, dim: int = 1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, *inputs: Tensor) -> Tensor:
        return torch.cat(inputs, self.dim)
