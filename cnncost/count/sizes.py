"""Sizes of a layer that a convention can weigh beside its work: what it reads, writes and learns.

Some tools do not count operations but sizes: torchinfo the parameters, torchscan the side of a pool's
kernel. Each is named here once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnncost import dims
from cnncost.dims import Shape, Size, product
from cnncost.layers.base import Layer

Shapes = tuple[Shape, ...]


def inputs(layer: Layer, in_shapes: Shapes, out: Shape) -> Size:
    """The elements that the layer reads."""
    return sum(product(shape) for shape in in_shapes)


def outputs(layer: Layer, in_shapes: Shapes, out: Shape) -> Size:
    """The elements that the layer writes."""
    return product(out)


def params(layer: Layer, in_shapes: Shapes, out: Shape) -> Size:
    """The parameters that the layer learns."""
    weights = layer.weights(*in_shapes).items()
    return sum(product(shape) for name, shape in weights if name not in layer.buffer_names)


def placed_params(layer: Layer, in_shapes: Shapes, out: Shape) -> Size:
    """The parameters, once for each position of the output map."""
    return params(layer, in_shapes, out) * product(out[1:])


def token_params(layer: Layer, in_shapes: Shapes, out: Shape) -> Size:
    """The parameters, once for each token of the input."""
    return params(layer, in_shapes, out) * product(in_shapes[0][:-1])


def kernel_outputs(layer: Layer, in_shapes: Shapes, out: Shape) -> Size:
    """The outputs times the kernel size as it is written: 3 for a square kernel of 3×3, 6 for one of 2×3."""
    kernel: Any = layer.kernel_size  # type: ignore[attr-defined]
    return product(out) * (kernel[0] if len(set(kernel)) == 1 else product(kernel))


def window_outputs(layer: Layer, in_shapes: Shapes, out: Shape) -> Size:
    """The outputs times the window that torchscan takes an adaptive pool to have."""
    return product(out) * product(map(window_side, in_shapes[0][1:], out[1:]))


def window_side(n: Size, o: Size) -> Size:
    """n/o where that is whole, else the remainder and one: without a branch, as a size may be a symbol."""
    rest = n % o
    uneven = dims.minimum(rest, 1)
    return n // o * (1 - uneven) + (rest + 1) * uneven


def reached_outputs(layer: Layer, in_shapes: Shapes, out: Shape) -> Size:
    """The inputs in all windows of a transposed convolution, counted as if it were a plain one."""
    kernel: Any = layer.kernel_size  # type: ignore[attr-defined]
    groups: int = layer.groups  # type: ignore[attr-defined]
    return product(out) * product(kernel) * (in_shapes[0][0] // groups)


def score_rows(layer: Layer, in_shapes: Shapes, out: Shape) -> Size:
    """The rows of attention scores that a softmax normalises: one for each head and query."""
    heads: int = layer.num_heads  # type: ignore[attr-defined]
    return heads * product(out[:-1])


def layers(layer: Layer, in_shapes: Shapes, out: Shape) -> Size:
    """One for each layer."""
    return 1


SIZES: dict[str, Callable[[Layer, Shapes, Shape], Size]] = {
    size.__name__: size
    for size in (
        inputs,
        outputs,
        params,
        placed_params,
        token_params,
        kernel_outputs,
        window_outputs,
        reached_outputs,
        score_rows,
        layers,
    )
}
"""The sizes by their names."""
