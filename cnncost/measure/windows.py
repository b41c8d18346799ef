"""Twins of the layers that cut a map into windows, and what its moved windows must not mix."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

Pair = tuple[int, int]


class WindowPartitionModule(nn.Module):
    """A map H×W×C as windows of tokens, padded, moved cyclically and spread as asked."""

    def __init__(self, window_size: Pair, shift: Pair = (0, 0), grid: bool = False) -> None:
        super().__init__()
        self.window, self.shift, self.grid = window_size, shift, grid

    def forward(self, x: Tensor) -> Tensor:
        (h, w), down, right = self.window, -x.shape[1] % self.window[0], -x.shape[2] % self.window[1]
        back = [-n for n in moved(x.shape[1:3], self.window, self.shift)]
        x = functional.pad(x, (0, 0, 0, right, 0, down)).roll(back, (1, 2))
        if self.grid:
            x = x.unflatten(2, (w, -1)).unflatten(1, (h, -1)).permute(0, 2, 4, 1, 3, 5)
        else:
            x = x.unflatten(2, (-1, w)).unflatten(1, (-1, h)).permute(0, 1, 3, 2, 4, 5)
        return x.flatten(3, 4).flatten(1, 2)


class WindowReverseModule(nn.Module):
    """Windows of tokens as the map that they were cut from."""

    def __init__(
        self,
        window_size: Pair,
        size: Pair,
        shift: Pair = (0, 0),
        grid: bool = False,
    ) -> None:
        super().__init__()
        self.window, self.size, self.shift, self.grid = window_size, size, shift, grid

    def forward(self, x: Tensor) -> Tensor:
        rows = -(-self.size[0] // self.window[0])
        x = x.unflatten(2, self.window).unflatten(1, (rows, -1))
        x = x.permute(0, 3, 1, 4, 2, 5) if self.grid else x.permute(0, 1, 3, 2, 4, 5)
        x = x.flatten(3, 4).flatten(1, 2).roll(moved(self.size, self.window, self.shift), (1, 2))
        return x[:, : self.size[0], : self.size[1]]


def moved(size: Pair, window: Pair, shift: Pair) -> tuple[int, ...]:
    """How far the windows of a map are moved: not at all along an axis that one of them fills."""
    return tuple(s if n > w else 0 for n, w, s in zip(size, window, shift, strict=True))


def window_mask(x: Tensor, window: Pair, shift: Pair, size: Pair | None) -> Tensor | int:
    """-100 for the scores of tokens that a cyclic shift has brought together, as torchvision has it."""
    if size is None or not any(moved(size, window, shift)):
        return 0
    parts = []
    for n, w, s in zip(size, window, moved(size, window, shift), strict=True):
        part = torch.zeros(-(-n // w) * w, dtype=x.dtype, device=x.device)
        part[len(part) - w : len(part) - s] = 1  # the last window holds both ends of the map
        part[len(part) - s :] = 2 if s else 1
        parts.append(part)
    part = WindowPartitionModule(window)((3 * parts[0][:, None] + parts[1])[None, :, :, None])[0]
    return -100 * (part != part.transpose(1, 2)).to(x.dtype)[:, None]
