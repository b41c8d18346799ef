"""The table of operators: what layer each operator of PyTorch is.

An operator that is not in the table is never guessed; see `cnncost.layers.unknown`.
"""

from __future__ import annotations

from cnncost.convert.draft import Made
from cnncost.convert.operations import Operation
from cnncost.convert.table import elementwise, moves, norms, products, reductions, sequences, windows
from cnncost.convert.table.entry import Entry

TABLE: dict[str, Entry] = {
    **windows.TABLE,
    **norms.TABLE,
    **elementwise.TABLE,
    **products.TABLE,
    **reductions.TABLE,
    **sequences.TABLE,
    **moves.TABLE,
}
"""The layer that each operator is, by the operator's name in ATen."""


def layers_of(operation: Operation) -> list[Made] | None:
    """The layers that an operation is, one after the other; none if it changes nothing; None if unknown."""
    entry = TABLE.get(operation.operator) or TABLE.get(operation.operator.rstrip("_"))
    return None if entry is None else entry(operation)
