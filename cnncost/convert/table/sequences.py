"""Layers of sequences: tables of embeddings, recurrent networks."""

from __future__ import annotations

from cnncost.convert.draft import Made
from cnncost.convert.operations import Operation
from cnncost.convert.table.entry import Entry, layer, parameters, plain


def embedding(operation: Operation) -> list[Made] | None:
    """A row of a table for each whole number."""
    weight = operation["weight"]
    if not plain(weight):
        return None
    made = layer("Embedding", *weight.full)
    return [Made(made, (operation["indices"],), parameters(weight=weight))]


def recurrent(name: str) -> Entry:
    """A recurrent network from a state of zeros: its outputs at each step."""

    def entry(operation: Operation) -> list[Made] | None:
        tensors, several = operation["params"], operation["bidirectional"]
        biased, layers = operation["has_biases"], operation["num_layers"]
        hidden = tensors[1].full[-1] if name != "LSTM" else tensors[0].full[0] // 4
        projected = name == "LSTM" and len(tensors) == layers * (1 + several) * (3 + 2 * biased)
        if not plain(*tensors):
            return None
        more = {"proj_size": tensors[4 if biased else 2].full[0]} if projected else {}
        if name == "RNN" and operation.operator == "rnn_relu":
            more["nonlinearity"] = "relu"
        made = layer(
            name,
            hidden,
            num_layers=layers,
            bias=biased,
            batch_first=operation["batch_first"],
            bidirectional=several,
            **more,
        )
        roles = {value.parameter.rpartition(".")[2]: value.parameter for value in tensors}
        return [Made(made, (operation["input"],), roles)]

    return entry


def last_state(operation: Operation, number: int) -> list[Made] | None:
    """The state after the last step, which of a single layer in one direction is its last output."""
    if number != 1 or operation["num_layers"] != 1 or operation["bidirectional"]:
        return None
    steps = operation.out.shape[-2]
    return [Made(layer("Slice", steps - 1), operation.results[:1])]


RECURRENT = {"lstm": "LSTM", "gru": "GRU", "rnn_tanh": "RNN", "rnn_relu": "RNN"}

TABLE: dict[str, Entry] = {
    "embedding": embedding,
    **{operator: recurrent(name) for operator, name in RECURRENT.items()},
}
