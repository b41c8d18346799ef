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


TABLE: dict[str, Entry] = {"embedding": embedding}
