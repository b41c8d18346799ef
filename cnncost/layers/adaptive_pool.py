"""Adaptive pooling: max and average over as many windows as the output asks for."""

from __future__ import annotations

from typing import Any

from cnncost import dims
from cnncost.dims import Shape, Size
from cnncost.layers.arguments import per_axis, settle, whole
from cnncost.layers.base import Layer, example, layer, no_weights
from cnncost.layers.saved import Kept, Saved
from cnncost.layers.window import Bins, Reach
from cnncost.layers.work import Work


@layer
class _AdaptivePool(Layer, abstract=True):
    """Pooling to a given output size: windows as even as the division allows.

    Along an axis, output i of o covers the inputs from ⌊i·n/o⌋ to ⌈(i+1)·n/o⌉ - 1.

    Shape: (C, …) to (C, *`output_size`); None keeps the axis as it is.
    Errors: an output size below 1.
    """

    output_size: Any

    weights = no_weights("a pool learns nothing")

    def __post_init__(self) -> None:
        size, axes = self.output_size, self.axes or 0
        if isinstance(size, (tuple, list)) and len(size) == axes:
            size = tuple(None if n is None else whole("output_size", n, 1) for n in size)
        elif size is None:
            size = (None,) * axes
        else:
            size = per_axis("output_size", size, axes, 1)
        settle(self, output_size=size)

    @property
    def cost_type(self) -> str:
        """Tools count a pool over the whole map apart."""
        return super().cost_type + "-global" * (set(self.output_size) == {1})

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c, sizes = self.channels_and_sizes(in_shapes)
        return (c, *(n if o is None else o for n, o in zip(sizes, self.output_size, strict=True)))

    def seen(self, in_shape: Shape, out: Shape) -> Size:
        """The values that all windows look at together."""
        return out[0] * dims.product(map(covered, in_shape[1:], out[1:]))

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return (None, *map(Bins, in_shape[1:], out[1:]))


def covered(n: Size, o: Size) -> Size:
    """The lengths of the o windows over n inputs, added up.

    Window ends and next starts, ⌈j·n/o⌉ and ⌊j·n/o⌋ for j = 1 to o - 1, coincide where o divides
    j·n, which happens gcd(n, o) - 1 times, and overlap by one elsewhere: n + (o - 1) - (gcd - 1).
    """
    return n + o - dims.gcd(n, o)


class _AdaptiveAvgPool(_AdaptivePool, abstract=True):
    """Work of the adaptive average pools.

    Counts: an addition for each value of each window, a division per output; windows may overlap.
    """

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(adds=self.seen(in_shapes[0], out), divs=dims.product(out))

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        # a mean over the whole map needs its size only
        return Saved(inputs=() if set(self.output_size) == {1} else (0,))


class _AdaptiveMaxPool(_AdaptivePool, abstract=True):
    """Work of the adaptive max pools.

    Counts: a comparison for each value of each window; windows may overlap.
    """

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(compares=self.seen(in_shapes[0], out))

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return Saved(inputs=(0,), made=(Kept("indices", out, "index"),))


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """The mean of each of a given number of windows over a sequence."""

    axes = 1
    examples = (example("AdaptiveAvgPool1d(5)", (4, 12)),)


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """The mean of each of a given number of windows over an image."""

    axes = 2
    examples = (
        example("AdaptiveAvgPool2d(1)", (4, 7, 9)),
        example("AdaptiveAvgPool2d((3, None))", (4, 7, 5)),
        example("AdaptiveAvgPool2d(6)", (4, 6, 13)),
        example("AdaptiveAvgPool2d(0)", (4, 6, 13), fails="`output_size` must be at least 1, got 0"),
    )


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """The mean of each of a given number of windows over a volume."""

    axes = 3
    examples = (example("AdaptiveAvgPool3d((2, 3, 1))", (4, 5, 7, 6)),)


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The largest value of each of a given number of windows over a sequence."""

    axes = 1
    examples = (example("AdaptiveMaxPool1d(5)", (4, 12)),)


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The largest value of each of a given number of windows over an image."""

    axes = 2
    examples = (
        example("AdaptiveMaxPool2d(1)", (4, 7, 9)),
        example("AdaptiveMaxPool2d((3, None))", (4, 7, 5)),
        example("AdaptiveMaxPool2d(6)", (4, 6, 13)),
        example("AdaptiveMaxPool2d(0)", (4, 6, 13), fails="`output_size` must be at least 1, got 0"),
    )


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """The largest value of each of a given number of windows over a volume."""

    axes = 3
    examples = (example("AdaptiveMaxPool3d((2, 3, 1))", (4, 5, 7, 6)),)
