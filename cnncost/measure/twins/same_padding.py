"""Twins of convolutions and pools with TensorFlow's SAME padding, which torch.nn does not have."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class SamePadding(nn.Module):
    """Pads an input so that a window fits ⌈n / stride⌉ times, the odd value behind; then runs the layer."""

    fill = 0.0

    def padded(self, x: Tensor) -> Tensor:
        layer: Any = self
        sides: list[int] = []
        dilations = getattr(layer, "dilation", (1,) * len(layer.kernel_size))
        axes = zip(x.shape[2:], layer.kernel_size, layer.stride, dilations, strict=True)
        for n, kernel, stride, dilation in axes:
            total = max(
                (-(-n // stride) - 1) * stride + dilation * (kernel - 1) + 1 - n, 0
            )
            sides = [
                total // 2,
                total - total // 2,
                *sides,
            ]  # torch pads the last axis first
        return F.pad(x, sides, value=self.fill)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = super().forward(self.padded(x))
        return y


class SameMaximum(SamePadding):
    """What is padded is no maximum."""

    fill = -torch.inf


class SameMean(SamePadding):
    """Without `count_include_pad`, what is padded is no part of the mean, as in TensorFlow."""

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        return (
            y
            if getattr(self, "count_include_pad", True)
            else y / super().forward(torch.ones_like(x))
        )


class Conv1dSame(SamePadding, nn.Conv1d): ...  # noqa: D101


class Conv2dSame(SamePadding, nn.Conv2d): ...  # noqa: D101


class Conv3dSame(SamePadding, nn.Conv3d): ...  # noqa: D101


class MaxPool1dSame(SameMaximum, nn.MaxPool1d): ...  # noqa: D101


class MaxPool2dSame(SameMaximum, nn.MaxPool2d): ...  # noqa: D101


class MaxPool3dSame(SameMaximum, nn.MaxPool3d): ...  # noqa: D101


class AvgPool1dSame(SameMean, nn.AvgPool1d): ...  # noqa: D101


class AvgPool2dSame(SameMean, nn.AvgPool2d): ...  # noqa: D101


class AvgPool3dSame(SameMean, nn.AvgPool3d): ...  # noqa: D101
