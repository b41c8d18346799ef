"""What autograd keeps of a layer from the forward pass, because the backward pass needs it.

It follows PyTorch: a convolution keeps its input, ReLU its output, a max pool its input and where the
maxima were. Parameters are not listed; they are there anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cnncost.dims import Shape


class Kept(NamedTuple):
    """A tensor that a layer makes for the backward pass only: a mask, indices, statistics.

    `kind` is "" for the network's own dtype, ``index`` for int64, ``statistic`` for float32, which
    statistics have under 16-bit maps too, and ``mask`` for a dropout mask, a byte a value on a GPU. Without
    `batch`, the shape is for all samples together.
    """

    name: str
    shape: Shape
    kind: str = ""
    batch: bool = True


class Saved(NamedTuple):
    """What autograd keeps of a layer.

    `inputs` are the places of inputs that are kept, `output` says whether the output is, and `made` are
    further tensors. `factors` are the places of inputs that are kept only where the other factor needs a
    gradient: the weights of a linear layer, the other branch of a product.
    """

    inputs: tuple[int, ...] = ()
    output: bool = False
    made: tuple[Kept, ...] = ()
    factors: tuple[int, ...] = ()


SavedMethod = Callable[..., Saved]


def keeps(*inputs: int, output: bool = False, factors: tuple[int, ...] = ()) -> SavedMethod:
    """A `saved` method of a layer that keeps these inputs, or its output, and makes nothing."""
    kept = Saved(inputs, output, (), factors)

    def saved(self: Any, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return kept

    saved.__doc__ = "The same for all inputs."
    return saved


def keeps_nothing(reason: str) -> SavedMethod:
    """A `saved` method of a layer whose backward pass needs no values, because of `reason`."""
    saved = keeps()
    saved.__doc__ = f"Nothing: {reason}."
    return saved


def keeps_all(in_shapes: tuple[Shape, ...]) -> Saved:
    """Every input is kept."""
    return Saved(inputs=tuple(range(len(in_shapes))))
