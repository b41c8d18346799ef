"""What homework can ask about a layer: the columns of a table, and how to get the right value.

A right value is exact: a whole number, a shape, or one size per spatial axis. To add a column, add an
entry to `QUANTITIES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnncost.count.convention import Convention
from cnncost.count.profile import NetworkCost
from cnncost.count.rows import Row, fold
from cnncost.dims import product

SHAPE, SIZE, NUMBER, COUNT, BYTES = "shape", "size", "number", "count", "bytes"
"""Kinds of value: C×H×W; one number per axis; a small number; operations or elements; bytes."""

Value = int | tuple[int, ...]
"""An exact value: a number, a shape with its channels first, or one size per spatial axis."""


@dataclass(frozen=True)
class Quantity:
    """One column that can be asked.

    `header` is the header of its column in a worksheet, `words` its name in a sentence, and `names` are
    other headers with this meaning, as `words_of` returns them, separated by bars. `level` is the first
    difficulty that asks it: 1 shapes, 2 parameters, 3 the rest; a quantity of level 0 is never asked.
    """

    key: str
    header: str
    words: str
    kind: str
    read: Callable[[Row], Any]
    names: str
    level: int = 0

    def value(self, row: Row) -> Value | None:
        """The right value in a row of the table; None where the row has none.

        A row of several layers (a stage) has sums and an output but no kernel.
        """
        value = self.read(row)
        if value is None or value == ():
            return None
        return tuple(value) if isinstance(value, (tuple, list)) else int(value)

    def total(self, profile: NetworkCost) -> int | None:
        """The right value in the row of totals; None for what has no sum, such as a shape."""
        if self.kind not in (COUNT, BYTES):
            return None
        return sum(int(self.read(row)) for row in fold(profile))

    def label(self, convention: Convention) -> str:
        """The header; for FLOPs the convention's own name for them."""
        return convention.flops_label if self.key == "flops" else self.header


def spatial(shape: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    """The sizes after the channels; None for a vector."""
    return shape[1:] if shape and len(shape) > 1 else None


def argument_sizes(row: Row, name: str) -> tuple[Any, ...] | None:
    """The kernel, stride or padding of a row's main layer, one number per axis."""
    value = row.argument(name)
    sizes = value if isinstance(value, tuple) else (value,)
    if not all(isinstance(size, int) and size >= 0 for size in sizes):
        return None  # `same`, and a padding that crops, are not asked
    return sizes


def biases(row: Row) -> int:
    """The biases among a row's parameters."""
    found = 0
    for cost in row.costs:
        if cost.params:
            shapes = cost.node.layer.weights(*cost.node.in_shapes)
            found += sum(int(product(shape)) for name, shape in shapes.items() if name.endswith("bias"))
    return found


QUANTITIES: dict[str, Quantity] = {
    quantity.key: quantity
    for quantity in (
        Quantity("in_shape", "input", "input shape", SHAPE, lambda row: row.in_shape, "input shape|in"),
        Quantity(
            *("in_channels", "in_channels", "input channels", NUMBER),
            lambda row: row.in_shape[0] if row.in_shape else None,
            "input c|input channels|channels in|c in|cin|in c|input depth",
        ),
        Quantity(
            *("in_size", "in_size", "input size", SIZE),
            lambda row: spatial(row.in_shape),
            "input h w|input size|in h w|input height|input width|h in|w in|input l|input t|input length",
        ),
        Quantity(
            *("filters", "filters", "number of filters", NUMBER),
            lambda row: row.argument("out_channels") or row.argument("out_features"),
            "filter|number of filters|num filters|n filters|kernels|features",
        ),
        Quantity(
            *("kernel", "kernel", "kernel size", SIZE),
            lambda row: argument_sizes(row, "kernel_size"),
            "kernel size|filter size|window|k|kernelsize",
        ),
        Quantity("stride", "stride", "stride", SIZE, lambda row: argument_sizes(row, "stride"), "strides|s"),
        Quantity(
            "padding", "padding", "padding", SIZE, lambda row: argument_sizes(row, "padding"), "pad|pads|p"
        ),
        Quantity(
            *("out_shape", "output", "output shape", SHAPE),
            lambda row: row.out_shape,
            "output shape|out|shape|volume|output volume|output dimensions|dimensions",
            level=1,
        ),
        Quantity(
            *("out_channels", "out_channels", "output channels", NUMBER),
            lambda row: row.out_shape[0],
            "output c|output channels|channels out|channels|c out|cout|out c|c|depth|feature map"
            "|feature maps",
            level=1,
        ),
        Quantity(
            *("out_size", "out_size", "output size", SIZE),
            lambda row: spatial(row.out_shape),
            "output h w|output size|size|h w|out h w|h out|w out|output height|output h|h|height|output l"
            "|output t|length|output width|width",
            level=1,
        ),
        Quantity(
            *("params", "params", "parameters", COUNT),
            lambda row: row.totals.params,
            "param|parameters|parameter|number of parameters|num params|n params",
            level=2,
        ),
        Quantity(
            *("weights", "weights", "weights without biases", COUNT),
            lambda row: row.totals.params - biases(row),
            "weight|number of weights|weights only|weights without bias",
        ),
        Quantity("biases", "biases", "biases", COUNT, biases, "bias|number of biases|bias terms"),
        Quantity(
            *("memory", "memory", "memory", BYTES),
            lambda row: row.totals.memory_bytes,
            "mem|memory size|output memory|activation memory|activations",
            level=3,
        ),
        Quantity(
            *("macs", "MACs", "multiply-adds", COUNT),
            lambda row: row.totals.macs,
            "mac|multiply adds|mult adds|multadds|madds|multiply accumulates|macc",
            level=3,
        ),
        Quantity(
            *("flops", "FLOPs", "FLOPs", COUNT),
            lambda row: row.totals.flops,
            "flop|operations|ops|number of flops|computation|compute",
            level=3,
        ),
        Quantity(
            *("buffers", "buffers", "buffers", COUNT),
            lambda row: row.totals.buffers,
            "buffer|statistics|running statistics",
        ),
        Quantity(
            *("receptive_field", "receptive field", "receptive field", SIZE),
            lambda row: tuple(axis.size for axis in row.receptive_field) if row.receptive_field else None,
            "rf|receptive fields|field|field of view|fov|r out|rf out",
            level=3,
        ),
    )
}
"""The quantities by key, in the order of a table's columns."""
