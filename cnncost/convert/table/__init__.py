"""The table of operators: what layer each operator of PyTorch is.

An operator that is not in the table is never guessed; see `cnncost.layers.unknown`.
"""

from __future__ import annotations

from cnncost.convert.draft import Made
from cnncost.convert.operations import Operation
from cnncost.convert.table import elementwise, moves, norms, products, reductions, sequences, windows
from cnncost.convert.table.entry import Entry, same

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


OF_ONNX: dict[str, Entry] = {
    "softsign": same("Softsign"),
    "local_response_norm": same("LocalResponseNorm", "size", "alpha", "beta", "k"),
    "quantize": same("QuantizeLinear", "dtype"),
    "dequantize": same("DequantizeLinear", "dtype"),
}
"""Operators of ONNX that ATen writes as several, or does not have."""


def layers_of(operation: Operation) -> list[Made] | None:
    """The layers that an operation is, one after the other; none if it changes nothing; None if unknown."""
    name = operation.operator
    entry = TABLE.get(name) or TABLE.get(name.rstrip("_")) or OF_ONNX.get(name)
    return None if entry is None else entry(operation)
