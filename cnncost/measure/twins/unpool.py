"""Twins of the unpooling layers: they find the places from the map that was pooled."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

Sizes = tuple[int, ...]


class MaxUnpoolModule(nn.Module):
    """Values back at the places of the largest values in each window of another map."""

    def __init__(
        self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes | int = 0
    ) -> None:
        super().__init__()
        self.window = (kernel_size, stride, padding)

    def forward(self, x: Tensor, pooled: Tensor) -> Tensor:
        axes = x.dim() - 2
        _, places = getattr(F, f"max_pool{axes}d")(
            pooled, *self.window, return_indices=True
        )
        y: Tensor = getattr(F, f"max_unpool{axes}d")(
            x, places, *self.window, pooled.shape[2:]
        )
        return y
