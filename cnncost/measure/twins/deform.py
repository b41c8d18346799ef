"""The twin of deformable convolution, in steps that torch's counter knows, and without torchvision."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Pair = tuple[int, int]


class DeformConv2dModule(nn.Module):
    """What torchvision.ops.DeformConv2d computes, under its names."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Pair,
        stride: Pair = (1, 1),
        padding: Pair = (0, 0),
        dilation: Pair = (1, 1),
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        like = nn.Conv2d(
            in_channels, out_channels, kernel_size, groups=groups, bias=bias
        )
        self.weight, self.bias = like.weight, like.bias
        self.kernel, self.groups = kernel_size, groups
        self.steps = tuple(zip(stride, padding, dilation, strict=True))

    def forward(self, x: Tensor, offset: Tensor, mask: Tensor | None = None) -> Tensor:
        taps, size = self.kernel[0] * self.kernel[1], offset.shape[2:]
        columns = sampled(
            x, self.places(offset.unflatten(1, (-1, taps, 2)), x.shape[2:])
        )
        if mask is not None:
            columns = columns * mask.unflatten(1, (-1, 1, taps)).flatten(4)
        columns = columns.flatten(1, 2).unflatten(1, (self.groups, -1)).flatten(2, 3)
        weight = self.weight.flatten(1).unflatten(0, (self.groups, -1))
        y = torch.matmul(weight, columns).flatten(1, 2).unflatten(-1, size)
        return y if self.bias is None else y + self.bias.view(-1, 1, 1)

    def places(self, offset: Tensor, sizes: tuple[int, ...]) -> Tensor:
        """Where each tap of each output looks, from -1 to 1 across the map; x before y."""
        taps = torch.meshgrid(
            *(torch.arange(k, device=offset.device) for k in self.kernel), indexing="ij"
        )
        found = []
        for axis, (n, (s, p, d)) in enumerate(zip(sizes, self.steps, strict=True)):
            shape = [1, 1]
            shape[axis] = offset.shape[4 + axis]
            outputs = torch.arange(shape[axis], device=offset.device).view(shape)
            at = (
                outputs * s
                - p
                + (taps[axis].flatten() * d)[:, None, None]
                + offset[:, :, :, axis]
            )
            found.append((2 * at + 1) / n - 1)
        return torch.stack(found[::-1], -1)


def sampled(x: Tensor, places: Tensor) -> Tensor:
    """The map at these places: batch × groups × channels × taps × outputs."""
    groups, taps = places.shape[1:3]
    x = x.unflatten(1, (groups, -1)).flatten(0, 1)
    y = F.grid_sample(x, places.flatten(0, 1).flatten(1, 2), align_corners=False)
    return y.unflatten(0, (-1, groups)).unflatten(3, (taps, -1)).flatten(4)
