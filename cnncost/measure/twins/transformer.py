"""Twins of the transformer's layers: torch's own, in separate steps instead of one fused operator."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from cnncost.measure.twins.attention import MultiheadAttentionModule


class InSteps(nn.Module):
    """Replaces the attentions of a layer by those whose products can be counted."""

    linear1: nn.Linear
    linear2: nn.Linear
    dropout: nn.Dropout
    activation: Any

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,  # noqa: ARG002  (the batch is always first here)
        norm_first: bool = False,
        bias: bool = True,
    ) -> None:
        arguments: Any = (
            dim_feedforward,
            dropout,
            activation,
            layer_norm_eps,
            True,
            norm_first,
            bias,
        )
        super().__init__(d_model, nhead, *arguments)
        for name, module in [*self.named_children()]:
            if isinstance(module, nn.MultiheadAttention):
                setattr(
                    self, name, MultiheadAttentionModule(d_model, nhead, dropout, bias)
                )

    def mlp(self, x: Tensor) -> Tensor:
        """Both linear layers and what lies between them."""
        y: Tensor = self.linear2(self.dropout(self.activation(self.linear1(x))))
        return y


class TransformerEncoderLayerModule(InSteps, nn.TransformerEncoderLayer):
    """Self-attention and an MLP."""

    def forward(self, x: Tensor) -> Tensor:
        if self.norm_first:
            x = x + self.dropout1(self.self_attn(self.norm1(x)))
            return x + self.dropout2(self.mlp(self.norm2(x)))
        x = self.norm1(x + self.dropout1(self.self_attn(x)))
        y: Tensor = self.norm2(x + self.dropout2(self.mlp(x)))
        return y


class TransformerDecoderLayerModule(InSteps, nn.TransformerDecoderLayer):
    """Self-attention, attention to a memory, and an MLP."""

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        if self.norm_first:
            x = x + self.dropout1(self.self_attn(self.norm1(x)))
            x = x + self.dropout2(self.multihead_attn(self.norm2(x), memory))
            return x + self.dropout3(self.mlp(self.norm3(x)))
        x = self.norm1(x + self.dropout1(self.self_attn(x)))
        x = self.norm2(x + self.dropout2(self.multihead_attn(x, memory)))
        y: Tensor = self.norm3(x + self.dropout3(self.mlp(x)))
        return y
