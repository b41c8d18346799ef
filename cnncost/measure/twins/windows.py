"""Twins of the layers that cut a map into windows, and what its moved windows must not mix."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Sizes = tuple[int, ...]


class WindowPartitionModule(nn.Module):
    """A map H×W×C or T×H×W×C as windows of tokens, padded, moved cyclically and spread as asked."""

    def __init__(
        self, window_size: Sizes, shift: Sizes | None = None, grid: bool = False
    ) -> None:
        super().__init__()
        self.window, self.shift, self.grid = (
            window_size,
            shift or (0,) * len(window_size),
            grid,
        )

    def forward(self, x: Tensor) -> Tensor:
        axes, sizes = range(1, len(self.window) + 1), x.shape[1:-1]
        missing = [-n % w for n, w in zip(sizes, self.window, strict=True)]
        back = [-n for n in moved(sizes, self.window, self.shift)]
        x = F.pad(
            x, (0, 0, *[n for many in reversed(missing) for n in (0, many)])
        ).roll(back, [*axes])
        for axis, w in reversed([*zip(axes, self.window, strict=True)]):
            x = x.unflatten(axis, (w, -1) if self.grid else (-1, w))
        first, second = range(1, 2 * len(axes), 2), range(2, 2 * len(axes) + 1, 2)
        windows, tokens = (second, first) if self.grid else (first, second)
        return (
            x.permute(0, *windows, *tokens, -1)
            .flatten(len(axes) + 1, -2)
            .flatten(1, len(axes))
        )


class WindowReverseModule(nn.Module):
    """Windows of tokens as the map that they were cut from."""

    def __init__(
        self,
        window_size: Sizes,
        size: Sizes,
        shift: Sizes | None = None,
        grid: bool = False,
    ) -> None:
        super().__init__()
        self.window, self.size = window_size, size
        self.shift, self.grid = shift or (0,) * len(window_size), grid

    def forward(self, x: Tensor) -> Tensor:
        counts = [-(-n // w) for n, w in zip(self.size, self.window, strict=True)]
        x, axes = (
            x.unflatten(2, self.window).unflatten(1, counts),
            range(1, len(counts) + 1),
        )
        pairs = [(axis, axis + len(axes)) for axis in axes]
        x = x.permute(
            0,
            *[axis for pair in pairs for axis in (pair[::-1] if self.grid else pair)],
            -1,
        )
        for axis in axes:
            x = x.flatten(axis, axis + 1)
        x = x.roll(moved(self.size, self.window, self.shift), [*axes])
        return x[:, *[slice(n) for n in self.size]]


def moved(size: Sizes, window: Sizes, shift: Sizes) -> Sizes:
    """How far the windows of a map are moved: not at all along an axis that one of them fills."""
    return tuple(s if n > w else 0 for n, w, s in zip(size, window, shift, strict=True))


def window_mask(
    x: Tensor, window: Sizes, shift: Sizes, size: Sizes | None
) -> Tensor | int:
    """-100 for the scores of tokens that a cyclic shift has brought together, as torchvision has it."""
    if size is None or not any(moved(size, window, shift)):
        return 0
    parts = torch.zeros((), dtype=x.dtype, device=x.device)
    for n, w, s in zip(size, window, moved(size, window, shift), strict=True):
        part = torch.zeros(-(-n // w) * w, dtype=x.dtype, device=x.device)
        part[len(part) - w : len(part) - s] = (
            1  # the last window holds both ends of the map
        )
        part[len(part) - s :] = 2 if s else 1
        parts = 3 * parts[..., None] + part
    part = WindowPartitionModule(window)(parts[None, ..., None])[0]
    return -100 * (part != part.transpose(1, 2)).to(x.dtype)[:, None]
