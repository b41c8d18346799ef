"""Twins of the recurrent layers: torch's own, of whose outputs only the sequence or hidden state goes on."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn


class RNNModule(nn.RNN):
    """torch's RNN on a batch of sequences; its output at every step."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,  # noqa: ARG002  (the batch is always first here)
        dropout: float = 0.0,
        bidirectional: bool = False,
    ) -> None:
        dropout = between_layers(dropout, num_layers)
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            nonlinearity,
            bias,
            True,
            dropout,
            bidirectional,
        )

    def forward(self, x: Tensor) -> Tensor:
        return sequence(super().forward(x))


class LSTMModule(nn.LSTM):
    """torch's LSTM on a batch of sequences; its output at every step."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,  # noqa: ARG002  (the batch is always first here)
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
    ) -> None:
        dropout = between_layers(dropout, num_layers)
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            True,
            dropout,
            bidirectional,
            proj_size,
        )

    def forward(self, x: Tensor) -> Tensor:
        return sequence(super().forward(x))


class GRUModule(nn.GRU):
    """torch's GRU on a batch of sequences; its output at every step."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,  # noqa: ARG002  (the batch is always first here)
        dropout: float = 0.0,
        bidirectional: bool = False,
    ) -> None:
        dropout = between_layers(dropout, num_layers)
        super().__init__(
            input_size, hidden_size, num_layers, bias, True, dropout, bidirectional
        )

    def forward(self, x: Tensor) -> Tensor:
        return sequence(super().forward(x))


class LSTMCellModule(nn.LSTMCell):
    """torch's LSTM cell from the state zero; its hidden state."""

    def forward(self, x: Tensor) -> Tensor:
        return sequence(super().forward(x))


def between_layers(dropout: float, num_layers: int) -> float:
    """The dropout between layers; torch warns of one where there is a single layer."""
    return dropout if num_layers > 1 else 0.0


def sequence(outputs: Any) -> Tensor:
    """The first of several outputs; the others are states."""
    first: Tensor = outputs[0]
    return first
