"""Twins of layers that torch.nn does not have, under torchvision's names and arguments where it has them."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class ExpressionModule(nn.Module):
    """A line of PyTorch code as a module, with `{0}`, `{1}` for its inputs: `{0}.permute(0, 2, 1)`."""

    def __init__(self, code: str, inputs: int) -> None:
        super().__init__()
        names = [f"x{i}" for i in range(inputs)]
        # a layer's class has made the code, of numbers and of names that it knows
        self.function = eval(
            f"lambda {', '.join(names)}: {code.format(*names)}",
            {"torch": torch, "F": F},
        )

    def forward(self, *inputs: Tensor) -> Tensor:
        output: Tensor = self.function(*inputs)
        return output


class QuantizeModule(nn.Module):
    """Numbers rounded to whole ones, still as numbers with a point: the scale is 1, the zero point 0."""

    def __init__(self, dtype: str = "int8") -> None:
        super().__init__()
        self.low, self.high = (0, 255) if dtype.startswith("u") else (-128, 127)

    def forward(self, x: Tensor) -> Tensor:
        return torch.clamp(torch.round(x / 1.0) + 0.0, self.low, self.high)


class DequantizeModule(nn.Module):
    """Whole numbers times a scale of 1, less a zero point of 0."""

    def __init__(self, dtype: str = "int8") -> None:
        super().__init__()
        self.dtype = dtype

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = (x - 0.0) * 1.0
        return result


class GatherModule(nn.Module):
    """Values at fixed places: here the first ones, again and again."""

    def __init__(self, shape: tuple[int, ...], of: int | None = None) -> None:
        super().__init__()
        self.shape, self.of = shape, of

    def forward(self, x: Tensor) -> Tensor:
        places = torch.arange(math.prod(self.shape), device=x.device) % x[0].numel()
        return x.flatten(1)[:, places].reshape(len(x), *self.shape)


class UnknownModule(nn.Module):
    """The place of an operator that is not known: an output of the right shape."""

    def __init__(
        self, operator: str, shape: tuple[int, ...], of: int | None = None
    ) -> None:
        super().__init__()
        self.operator, self.shape, self.of = operator, shape, of

    def forward(self, *inputs: Tensor) -> Tensor:
        return inputs[0].new_zeros(len(inputs[0]), *self.shape)


class StochasticDepthModule(nn.Module):
    """Drops its whole input at random in training, for each sample ('row') or for the batch."""

    def __init__(self, p: float, mode: str = "row") -> None:
        super().__init__()
        self.p, self.mode = p, mode

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        size = (len(x) if self.mode == "row" else 1,) + (1,) * (x.dim() - 1)
        kept = torch.empty(size, dtype=x.dtype, device=x.device).bernoulli_(1 - self.p)
        return x * (kept / (1 - self.p) if self.p < 1 else kept)


class LayerScaleModule(nn.Module):
    """A learned factor for each value of an axis of an input with `axes` axes."""

    def __init__(self, features: int, axes: int, init: float, dim: int = 1) -> None:
        super().__init__()
        self.behind = (1,) * (axes - 1 - dim % axes)
        self.weight = nn.Parameter(torch.full((features,), float(init)))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight.view(-1, *self.behind)


class AffineModule(nn.Module):
    """A learned factor, and a learned offset, for each value of an axis of an input with `axes` axes."""

    def __init__(
        self, features: int, axes: int, dim: int = 1, bias: bool = True
    ) -> None:
        super().__init__()
        self.behind = (1,) * (axes - 1 - dim % axes)
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        y = x * self.weight.view(-1, *self.behind)
        return y if self.bias is None else y + self.bias.view(-1, *self.behind)


class ParameterModule(nn.Module):
    """A learned array, once for each sample of the network's input."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(shape).normal_(std=0.02))

    def forward(self, x: Tensor | None = None) -> Tensor:
        # without gradients, a view of a parameter must not ask for one
        weight = self.weight if torch.is_grad_enabled() else self.weight.detach()
        return weight.expand(1 if x is None else len(x), *weight.shape)


class ConstantModule(nn.Module):
    """An array of fixed values, once for each sample of the network's input."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor | None = None) -> Tensor:
        return torch.zeros(
            1 if x is None else len(x),
            *self.shape,
            device=None if x is None else x.device,
        )


class LayerNorm2dModule(nn.LayerNorm):
    """Layer normalisation of the channels of a map, at each position."""

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = super().forward(x.permute(0, 2, 3, 1))
        return y.permute(0, 3, 1, 2)


class ClassTokenModule(nn.Module):
    """A learned token before the others."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, 1, features))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.weight.expand(len(x), -1, -1), x], 1)


class PositionEmbeddingModule(nn.Module):
    """A learned value for each value of a sample."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(1, *shape).normal_(std=0.02))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.weight
