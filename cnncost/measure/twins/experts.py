"""Twins of the layers that choose among experts."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Experts(nn.Module):
    """A linear layer for each expert."""

    def __init__(self, experts: int, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(
            torch.empty(experts, inputs, outputs).normal_(std=inputs**-0.5)
        )
        self.bias = nn.Parameter(torch.zeros(experts, 1, outputs))

    def forward(self, x: Tensor, chosen: Tensor) -> Tensor:
        """Each of the vectors through its chosen expert."""
        return torch.bmm(x, self.weight[chosen]) + self.bias[chosen]


class MixtureOfExpertsModule(nn.Module):
    """Several MLPs; a router sends each token through a few of them.

    It gathers the weights for each token: plain, but in need of much memory on a real device.
    """

    def __init__(
        self, features: int, experts: int, hidden: int, top_k: int = 1
    ) -> None:
        super().__init__()
        self.top_k = top_k
        self.router = nn.Linear(features, experts, bias=False)
        self.up = Experts(experts, features, hidden)
        self.down = Experts(experts, hidden, features)

    def forward(self, x: Tensor) -> Tensor:
        shares, chosen = self.router(x).softmax(-1).topk(self.top_k)
        tokens = (
            x.unsqueeze(-2)
            .expand(*x.shape[:-1], self.top_k, -1)
            .reshape(-1, 1, x.shape[-1])
        )
        y = self.down(F.gelu(self.up(tokens, chosen.flatten())), chosen.flatten())
        return (y.view(*shares.shape, -1) * shares.unsqueeze(-1)).sum(-2)
