"""Small modules as people write them, for the tests of imports."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Digits(nn.Module):
    """The network of PyTorch's MNIST example, functional calls and all."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, 1)
        self.conv2 = nn.Conv2d(32, 64, 3, 1)
        self.dropout1 = nn.Dropout(0.25)
        self.dropout2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = self.dropout1(F.max_pool2d(x, 2))
        x = torch.flatten(x, 1)
        x = self.dropout2(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)


class Residual(nn.Module):
    """One residual block with a shared ReLU and an in-place sum, as torchvision writes it."""

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, padding=1)
        self.conv = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.fc = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.stem(x))
        out = self.bn(self.conv(x))
        out += x
        out = self.relu(out)
        return self.fc(F.adaptive_avg_pool2d(out, 1).view(out.size(0), -1))


class Decides(nn.Module):
    """What it computes depends on the values of its input."""

    def forward(self, x: Tensor) -> Tensor:
        return x * 2 if x.sum() > 0 else x


class Fails(nn.Module):
    """Its forward is wrong."""

    def forward(self, x: Tensor) -> Tensor:
        return self.missing(x)


class Odd(nn.Module):
    """It uses an operator that no table of layers has."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x).cumsum(1)


class Siamese(nn.Module):
    """Two inputs through one tower."""

    def __init__(self) -> None:
        super().__init__()
        self.tower = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten())
        self.fc = nn.Linear(144, 2)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return self.fc(self.tower(left) + self.tower(right))


class Attends(nn.Module):
    """Queries, keys and values side by side, as timm's vision transformers write it; two blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Parameter(torch.zeros(1, 1, 8))
        self.blocks = nn.Sequential(Heads(8, 2), Heads(8, 2))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.tokens.expand(x.shape[0], -1, -1), x], dim=1)
        return self.blocks(x)[:, 0]


class Heads(nn.Module):
    """Attention in several heads, with a residual."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, self.qkv, self.proj = heads, nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        b, n, c = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        return x + self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, c))


class Frames(nn.Module):
    """Each frame of a video through a convolution whose weights are normalised, then a recurrent layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3, bias=False))
        self.first, self.bn = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)
        self.rnn = nn.GRU(4, 5, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        b, t = x.shape[:2]
        y = self.bn(self.first(x.flatten(0, 1))).view(b, t, *x.shape[2:]).mean(1)
        y = self.conv(y).flatten(2).transpose(1, 2)
        return self.rnn(y)[0].mean(1)


class Tied(nn.Module):
    """A table whose weights are those of the last layer too."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.head = nn.Embedding(20, 6), nn.Linear(6, 20, bias=False)
        self.head.weight = self.table.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.table(x))
