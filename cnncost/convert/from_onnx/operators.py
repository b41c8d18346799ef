"""The table of ONNX's operators: which operator of PyTorch each one is, and so which layer.

An entry gives the operations of a node in PyTorch's words, of which `cnncost.convert.table` makes layers.
None, or no entry: the operator is of unknown cost.
"""

from __future__ import annotations

from cnncost.convert.from_onnx import moves, quantised, recurrent, values, windows
from cnncost.convert.from_onnx.entries import Entry

TABLE: dict[str, Entry] = {
    **windows.TABLE,
    **values.TABLE,
    **moves.TABLE,
    **quantised.TABLE,
    **recurrent.TABLE,
}
"""The operations of each operator, by its name in ONNX."""
