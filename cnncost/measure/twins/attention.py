"""Twins of the attention layers, under torchvision's names where it has them."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnncost.measure.twins.windows import Sizes, window_mask


class MultiheadAttentionModule(nn.MultiheadAttention):
    """torch's, on tokens × features behind any number of axes; without keys, it attends to itself.

    Its own forward pass in inference is one fused operator, which no counter knows; this is the same
    in separate steps.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
    ) -> None:
        super().__init__(
            embed_dim,
            num_heads,
            dropout,
            bias,
            add_bias_kv,
            add_zero_attn,
            kdim,
            vdim,
            batch_first=True,
        )

    def forward(
        self, query: Tensor, key: Tensor | None = None, value: Tensor | None = None
    ) -> Tensor:
        rate = self.dropout if self.training else 0.0
        if key is None and self.bias_k is None and not self.add_zero_attn:
            qkv = F.linear(query, self.in_proj_weight, self.in_proj_bias)
            return self.out_proj_of(attend(qkv, self.num_heads, dropout_p=rate))
        key = query if key is None else key
        parts = self.projected(query, key, key if value is None else value)
        q, k, v = (split_heads(part, self.num_heads) for part in parts)
        y = F.scaled_dot_product_attention(q, k, v, dropout_p=rate)
        return self.out_proj_of(joined_heads(y))

    def projected(self, *inputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values; learned and zero ones behind the others."""
        if self.in_proj_weight is not None:
            weights = self.in_proj_weight.chunk(3)
        else:
            weights = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        biases = (
            (None,) * 3 if self.in_proj_bias is None else self.in_proj_bias.chunk(3)
        )
        q, *others = map(F.linear, inputs, weights, biases)
        learned = (
            (self.bias_k, self.bias_v) if self.bias_k is not None else (None, None)
        )
        k, v = (
            self.extended(x, extra) for x, extra in zip(others, learned, strict=True)
        )
        return q, k, v

    def extended(self, x: Tensor, extra: Tensor | None) -> Tensor:
        """Keys or values with a learned one and a zero one behind them, where the layer has these."""
        one = (*x.shape[:-2], 1, x.shape[-1])
        behind = [] if extra is None else [extra.view(-1).expand(one)]
        return torch.cat(
            [x, *behind, *([x.new_zeros(one)] if self.add_zero_attn else [])], -2
        )

    def out_proj_of(self, x: Tensor) -> Tensor:
        """The output's projection."""
        return F.linear(x, self.out_proj.weight, self.out_proj.bias)


class ScaledDotProductAttentionModule(nn.Module):
    """Attention without its projections; with a window, a learned bias for each offset and head."""

    relative_position_index: Tensor

    def __init__(
        self,
        num_heads: int,
        window_size: Sizes | None = None,
        shift: Sizes = (0, 0),
        size: Sizes | None = None,
    ) -> None:
        super().__init__()
        self.num_heads, self.window, self.shift, self.size = (
            num_heads,
            window_size,
            shift,
            size,
        )
        if window_size is not None:
            table = torch.empty(math.prod(2 * n - 1 for n in window_size), num_heads)
            self.relative_position_bias_table = nn.Parameter(table.normal_(std=0.02))
            self.register_buffer(
                "relative_position_index", relative_positions(window_size)
            )

    def forward(self, x: Tensor) -> Tensor:
        if self.window is None:
            return attend(x, self.num_heads)
        bias = self.relative_position_bias_table[self.relative_position_index].permute(
            2, 0, 1
        )
        return attend(
            x,
            self.num_heads,
            attn_mask=bias + window_mask(x, self.window, self.shift, self.size),
        )


class CosineAttentionModule(nn.Module):
    """Swin v2's attention, without its projections; the names are torchvision's."""

    relative_position_index: Tensor
    relative_coords_table: Tensor

    def __init__(
        self,
        num_heads: int,
        window_size: Sizes,
        shift: Sizes = (0, 0),
        size: Sizes | None = None,
        hidden: int = 512,
    ) -> None:
        super().__init__()
        self.num_heads, self.window, self.shift, self.size = (
            num_heads,
            window_size,
            shift,
            size,
        )
        self.logit_scale = nn.Parameter(torch.full((num_heads, 1, 1), 10.0).log())
        self.cpb_mlp = nn.Sequential(
            nn.Linear(2, hidden), nn.ReLU(), nn.Linear(hidden, num_heads, bias=False)
        )
        axes = [torch.arange(1 - n, n) * 8 / max(n - 1, 1) for n in window_size]
        offsets = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1)[None]
        self.register_buffer(
            "relative_coords_table", offsets.sign() * (offsets.abs() + 1).log2() / 3
        )
        self.register_buffer("relative_position_index", relative_positions(window_size))

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = heads_of(x, self.num_heads)
        factor = self.logit_scale.clamp(max=math.log(100)).exp()
        table = self.cpb_mlp(self.relative_coords_table).flatten(0, -2)
        bias = 16 * table[self.relative_position_index].permute(2, 0, 1).sigmoid()
        bias = bias + window_mask(x, self.window, self.shift, self.size)
        q, k = F.normalize(q, dim=-1) * factor, F.normalize(k, dim=-1)
        return joined_heads(
            F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=1.0)
        )


def relative_positions(window: Sizes) -> Tensor:
    """The number of the offset between any two positions of a window."""
    number = torch.zeros((), dtype=torch.int64)
    for n, at in zip(
        window, torch.meshgrid(*map(torch.arange, window), indexing="ij"), strict=True
    ):
        number = (2 * n - 1) * number + at.flatten()[:, None] - at.flatten() + n - 1
    return number


class AttentionPoolModule(nn.MultiheadAttention):
    """torch's attention with one learned query."""

    def __init__(self, embed_dim: int, num_heads: int, bias: bool = True) -> None:
        super().__init__(embed_dim, num_heads, bias=bias, batch_first=True)
        self.query = nn.Parameter(torch.empty(1, 1, embed_dim).normal_(std=0.02))

    def forward(self, x: Tensor) -> Tensor:
        f = self.embed_dim
        q_bias, kv_bias = (
            (None, None)
            if self.in_proj_bias is None
            else self.in_proj_bias.split([f, 2 * f])
        )
        q_weight, kv_weight = self.in_proj_weight.split([f, 2 * f])
        q = F.linear(self.query.expand(len(x), -1, -1), q_weight, q_bias)
        kv = F.linear(x, kv_weight, kv_bias)
        q, k, v = (split_heads(part, self.num_heads) for part in (q, *kv.chunk(2, -1)))
        y = joined_heads(F.scaled_dot_product_attention(q, k, v))
        out: Tensor = F.linear(y, self.out_proj.weight, self.out_proj.bias)
        return out[:, 0]


def attend(qkv: Tensor, heads: int, **options: Any) -> Tensor:
    """Scaled dot-product attention of queries, keys and values side by side in one tensor."""
    return joined_heads(
        F.scaled_dot_product_attention(*heads_of(qkv, heads), **options)
    )


def heads_of(qkv: Tensor, heads: int) -> tuple[Tensor, ...]:
    """Queries, keys and values, head by head."""
    return tuple(split_heads(part, heads) for part in qkv.chunk(3, -1))


def split_heads(x: Tensor, heads: int) -> Tensor:
    """Tokens × features as heads × tokens × features of the head."""
    return x.unflatten(-1, (heads, -1)).transpose(-2, -3)


def joined_heads(x: Tensor) -> Tensor:
    """The heads side by side again."""
    return x.transpose(-2, -3).flatten(-2)
