"""Twins of layers that torch.nn does not have, under torchvision's names and arguments where it has them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

Pair = tuple[int, int]


class Slice(nn.Module):
    """The values from `start` up to `stop` along an axis, counted without the batch."""

    def __init__(self, start: int = 0, stop: int | None = None, dim: int = 0) -> None:
        super().__init__()
        self.start, self.stop, self.dim = start, stop, dim

    def forward(self, x: Tensor) -> Tensor:
        dim = past_batch(self.dim)
        stop = x.shape[dim] if self.stop is None else self.stop
        return x.narrow(dim, self.start, stop - self.start)


class Select(nn.Module):
    """One position of an axis, counted without the batch."""

    def __init__(self, index: int, dim: int = 0) -> None:
        super().__init__()
        self.index, self.dim = index, dim

    def forward(self, x: Tensor) -> Tensor:
        return x.select(past_batch(self.dim), self.index)


def past_batch(dim: int) -> int:
    """An axis of a sample as that of a batch."""
    return dim + 1 if dim >= 0 else dim


class CenterCrop(nn.Module):
    """The middle of a map."""

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        h, w = self.size
        top, left = (round(int(n - size) / 2) for n, size in zip(x.shape[-2:], self.size, strict=True))
        return x[..., top : top + h, left : left + w]


class PadChannels(nn.Module):
    """Channels of zeros before and after."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.before, self.after = before, after

    def forward(self, x: Tensor) -> Tensor:
        return functional.pad(x, (0, 0) * (x.dim() - 2) + (self.before, self.after))


class Permute(nn.Module):
    """The axes in another order, the batch left in its place."""

    def __init__(self, dims: Sequence[int]) -> None:
        super().__init__()
        self.dims = (0, *(dim + 1 for dim in dims))

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(self.dims)


class Scale(nn.Module):
    """x · factor + offset."""

    def __init__(self, factor: float, offset: float = 0) -> None:
        super().__init__()
        self.factor, self.offset = factor, offset

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor + self.offset


class StochasticDepth(nn.Module):
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


class LayerScale(nn.Module):
    """A learned factor for each value of an axis of a sample with `axes` axes."""

    def __init__(self, features: int, axes: int, init: float, dim: int = 0) -> None:
        super().__init__()
        self.behind = (1,) * (axes - 1 - dim % axes)
        self.weight = nn.Parameter(torch.full((features,), float(init)))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight.view(-1, *self.behind)


class LayerNorm2d(nn.LayerNorm):
    """Layer normalisation of the channels of a map, at each position."""

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = super().forward(x.permute(0, 2, 3, 1))
        return y.permute(0, 3, 1, 2)


class ClassToken(nn.Module):
    """A learned token before the others."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, 1, features))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.weight.expand(len(x), -1, -1), x], 1)


class PositionEmbedding(nn.Module):
    """A learned value for each value of a sample."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(1, *shape).normal_(std=0.02))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.weight


class MultiheadAttention(nn.MultiheadAttention):
    """torch's, as self-attention on tokens × features behind any number of axes.

    Its own forward pass in inference is one fused operator, which no counter knows; this is the same
    in separate steps.
    """

    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True) -> None:
        super().__init__(embed_dim, num_heads, dropout, bias, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        qkv = functional.linear(x, self.in_proj_weight, self.in_proj_bias)
        y = attend(qkv, self.num_heads, dropout_p=self.dropout if self.training else 0.0)
        return functional.linear(y, self.out_proj.weight, self.out_proj.bias)


class ScaledDotProductAttention(nn.Module):
    """Attention without its projections; with a window, a learned bias for each offset and head."""

    relative_position_index: Tensor

    def __init__(
        self,
        num_heads: int,
        window_size: Pair | None = None,
        shift: Pair = (0, 0),
        size: Pair | None = None,
    ) -> None:
        super().__init__()
        self.num_heads, self.window, self.shift, self.size = num_heads, window_size, shift, size
        if window_size is not None:
            h, w = window_size
            table = torch.empty((2 * h - 1) * (2 * w - 1), num_heads)
            self.relative_position_bias_table = nn.Parameter(table.normal_(std=0.02))
            self.register_buffer("relative_position_index", relative_positions(h, w))

    def forward(self, x: Tensor) -> Tensor:
        if self.window is None:
            return attend(x, self.num_heads)
        bias = self.relative_position_bias_table[self.relative_position_index].permute(2, 0, 1)
        return attend(x, self.num_heads, attn_mask=bias + apart(x, self.window, self.shift, self.size))


def moved(size: Pair, window: Pair, shift: Pair) -> tuple[int, ...]:
    """How far the windows of a map are moved: not at all along an axis that one of them fills."""
    return tuple(s if n > w else 0 for n, w, s in zip(size, window, shift, strict=True))


def apart(x: Tensor, window: Pair, shift: Pair, size: Pair | None) -> Tensor | int:
    """-100 for the scores of tokens that a cyclic shift has brought together, as torchvision has it."""
    if size is None or not any(moved(size, window, shift)):
        return 0
    parts = []
    for n, w, s in zip(size, window, moved(size, window, shift), strict=True):
        part = torch.zeros(-(-n // w) * w, dtype=x.dtype, device=x.device)
        part[len(part) - w : len(part) - s] = 1  # the last window holds both ends of the map
        part[len(part) - s :] = 2 if s else 1
        parts.append(part)
    part = WindowPartition(window)((3 * parts[0][:, None] + parts[1])[None, :, :, None])[0]
    return -100 * (part != part.transpose(1, 2)).to(x.dtype)[:, None]


def relative_positions(h: int, w: int) -> Tensor:
    """The number of the offset between any two positions of an h×w window."""
    row, column = torch.arange(h).repeat_interleave(w), torch.arange(w).repeat(h)
    down, right = row[:, None] - row + h - 1, column[:, None] - column + w - 1
    return down * (2 * w - 1) + right


class CosineAttention(nn.Module):
    """Swin v2's attention, without its projections; the names are torchvision's."""

    relative_position_index: Tensor
    relative_coords_table: Tensor

    def __init__(
        self,
        num_heads: int,
        window_size: Pair,
        shift: Pair = (0, 0),
        size: Pair | None = None,
        hidden: int = 512,
    ) -> None:
        super().__init__()
        self.num_heads, self.window, self.shift, self.size = num_heads, window_size, shift, size
        self.logit_scale = nn.Parameter(torch.full((num_heads, 1, 1), 10.0).log())
        self.cpb_mlp = nn.Sequential(
            nn.Linear(2, hidden), nn.ReLU(), nn.Linear(hidden, num_heads, bias=False)
        )
        axes = [torch.arange(1 - n, n) * 8 / max(n - 1, 1) for n in window_size]
        offsets = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1)[None]
        self.register_buffer("relative_coords_table", offsets.sign() * (offsets.abs() + 1).log2() / 3)
        self.register_buffer("relative_position_index", relative_positions(*window_size))

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = heads_of(x, self.num_heads)
        factor = self.logit_scale.clamp(max=math.log(100)).exp()
        table = self.cpb_mlp(self.relative_coords_table).flatten(0, -2)
        bias = 16 * table[self.relative_position_index].permute(2, 0, 1).sigmoid()
        bias = bias + apart(x, self.window, self.shift, self.size)
        q, k = functional.normalize(q, dim=-1) * factor, functional.normalize(k, dim=-1)
        return joined(functional.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=1.0))


class AttentionPool(nn.MultiheadAttention):
    """torch's attention with one learned query."""

    def __init__(self, embed_dim: int, num_heads: int, bias: bool = True) -> None:
        super().__init__(embed_dim, num_heads, bias=bias, batch_first=True)
        self.query = nn.Parameter(torch.empty(1, 1, embed_dim).normal_(std=0.02))

    def forward(self, x: Tensor) -> Tensor:
        f = self.embed_dim
        q_bias, kv_bias = (None, None) if self.in_proj_bias is None else self.in_proj_bias.split([f, 2 * f])
        q_weight, kv_weight = self.in_proj_weight.split([f, 2 * f])
        q = functional.linear(self.query.expand(len(x), -1, -1), q_weight, q_bias)
        kv = functional.linear(x, kv_weight, kv_bias)
        q, k, v = (split_heads(part, self.num_heads) for part in (q, *kv.chunk(2, -1)))
        y = joined(functional.scaled_dot_product_attention(q, k, v))
        out: Tensor = functional.linear(y, self.out_proj.weight, self.out_proj.bias)
        return out[:, 0]


class Experts(nn.Module):
    """A linear layer for each expert."""

    def __init__(self, experts: int, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(experts, inputs, outputs).normal_(std=inputs**-0.5))
        self.bias = nn.Parameter(torch.zeros(experts, 1, outputs))

    def forward(self, x: Tensor, chosen: Tensor) -> Tensor:
        """Each of the vectors through its chosen expert."""
        return torch.bmm(x, self.weight[chosen]) + self.bias[chosen]


class MixtureOfExperts(nn.Module):
    """MLPs of which each token passes through the few that a router chooses.

    It gathers the weights for each token: plain, but in need of much memory on a real device.
    """

    def __init__(self, features: int, experts: int, hidden: int, top_k: int = 1) -> None:
        super().__init__()
        self.top_k = top_k
        self.router = nn.Linear(features, experts, bias=False)
        self.up = Experts(experts, features, hidden)
        self.down = Experts(experts, hidden, features)

    def forward(self, x: Tensor) -> Tensor:
        shares, chosen = self.router(x).softmax(-1).topk(self.top_k)
        tokens = x.unsqueeze(-2).expand(*x.shape[:-1], self.top_k, -1).reshape(-1, 1, x.shape[-1])
        y = self.down(functional.gelu(self.up(tokens, chosen.flatten())), chosen.flatten())
        return (y.view(*shares.shape, -1) * shares.unsqueeze(-1)).sum(-2)


class WindowPartition(nn.Module):
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


class WindowReverse(nn.Module):
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


def attend(qkv: Tensor, heads: int, **options: Any) -> Tensor:
    """Scaled dot-product attention of queries, keys and values that lie side by side."""
    return joined(functional.scaled_dot_product_attention(*heads_of(qkv, heads), **options))


def heads_of(qkv: Tensor, heads: int) -> tuple[Tensor, ...]:
    """Queries, keys and values, head by head."""
    return tuple(split_heads(part, heads) for part in qkv.chunk(3, -1))


def split_heads(x: Tensor, heads: int) -> Tensor:
    """Tokens × features as heads × tokens × features of the head."""
    return x.unflatten(-1, (heads, -1)).transpose(-2, -3)


def joined(x: Tensor) -> Tensor:
    """The heads side by side again."""
    return x.transpose(-2, -3).flatten(-2)
