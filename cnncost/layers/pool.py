"""Pooling: max and average over windows, and adaptive pooling to a given size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cnncost import dims
from cnncost.dims import Shape, Size
from cnncost.errors import ArgumentError
from cnncost.layers.base import (
    Layer,
    Work,
    channels_and_sizes,
    example,
    flag,
    no_weights,
    not_empty,
    one_input,
    per_axis,
    settle,
    whole,
)
from cnncost.layers.window import Bins, Reach, Window


class _Pool(Layer, abstract=True):
    """What max and average pooling share: windows, and the rule for the last, partial one."""

    kernel_size: Any
    stride: Any
    padding: Any
    ceil_mode: bool
    dilation: Any = 1

    weights = no_weights("a pool learns nothing")

    def __post_init__(self) -> None:
        axes = self.axes or 0
        kernel = per_axis("kernel_size", self.kernel_size, axes, 1)
        settle(
            self,
            kernel_size=kernel,
            stride=kernel if self.stride is None else per_axis("stride", self.stride, axes, 1),
            padding=per_axis("padding", self.padding, axes),
            ceil_mode=flag("ceil_mode", self.ceil_mode),
        )
        dilation = per_axis("dilation", self.dilation, axes, 1)
        pads = tuple((p, p) for p in self.padding)
        settle(self, window=tuple(map(Window, kernel, self.stride, pads, dilation)))
        rule = "`padding` must be at most half of `kernel_size` {}, got {}"
        for k, p, d in zip(kernel, self.padding, dilation, strict=True):
            dims.require(2 * p <= d * (k - 1) + 1, rule, k, p, error=ArgumentError)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c, sizes = channels_and_sizes(self, one_input(in_shapes))
        assert self.window is not None
        count = Window.places_ceil if self.ceil_mode else Window.places
        return (c, *not_empty(sizes, tuple(map(count, self.window, sizes))))

    def seen(self, out: Shape) -> Size:
        """The values that all windows look at together: K² at each output."""
        return dims.product(out) * dims.product(self.kernel_size)


@dataclass(frozen=True)
class _MaxPool(_Pool, abstract=True):
    """Fields and work of MaxPool1d, MaxPool2d and MaxPool3d."""

    kernel_size: Any
    stride: Any = None
    padding: Any = 0
    dilation: Any = 1
    return_indices: bool = False
    ceil_mode: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        settle(self, dilation=per_axis("dilation", self.dilation, self.axes or 0, 1))
        if flag("return_indices", self.return_indices):
            raise ArgumentError("`return_indices` makes a second output, which a spec cannot take up")

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(compares=self.seen(out))


class MaxPool1d(_MaxPool):
    """The largest value of each window of a sequence.

    Shape: (C, L) to (C, L').
    Counts: a comparison for each value of each window.
    Errors: a padding of more than half the kernel; an output that shrinks to nothing.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html

    Example:
        >>> MaxPool1d(3, 2).out_shape((8, 55))
        (8, 27)
    """

    axes = 1
    examples = (
        example("MaxPool1d(3, 2)", (8, 55)),
        example("MaxPool1d(3, 2, padding=1, dilation=2, ceil_mode=True)", (8, 20)),
    )


class MaxPool2d(_MaxPool):
    """The largest value of each window of an image.

    Shape: (C, H, W) to (C, H', W'), H' = ⌊(H + 2P - D(K - 1) - 1) / S⌋ + 1; with `ceil_mode`
        rounded up, less a window that would start in the right padding.
    Counts: a comparison for each value of each window, K² an output.
    Errors: a padding of more than half the kernel; an output that shrinks to nothing.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html

    Example:
        >>> MaxPool2d(3, 2).out_shape((96, 55, 55))
        (96, 27, 27)
    """

    axes = 2
    examples = (
        example("MaxPool2d(3, 2)", (96, 55, 55)),
        example("MaxPool2d(2)", (4, 9, 7)),
        example("MaxPool2d(3, 2, ceil_mode=True)", (64, 112, 112)),
        example("MaxPool2d((3, 2), (2, 3), padding=(1, 0), ceil_mode=True)", (4, 10, 13)),
        example("MaxPool2d(2, 3, padding=1, ceil_mode=True)", (4, 7, 8)),
        example("MaxPool2d(3, 1, padding=1, dilation=2)", (4, 9, 9)),
        example("MaxPool2d(3, padding=2)", (4, 9, 9), fails="`padding` must be at most half of `kernel_size` 3, got 2"),
        example("MaxPool2d(3)", (4, 2, 9), fails="shrinks to nothing"),
    )


class MaxPool3d(_MaxPool):
    """The largest value of each window of a volume.

    Shape: (C, D, H, W) to (C, D', H', W').
    Counts: a comparison for each value of each window.
    Errors: a padding of more than half the kernel; an output that shrinks to nothing.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool3d.html

    Example:
        >>> MaxPool3d(2).out_shape((8, 16, 32, 32))
        (8, 8, 16, 16)
    """

    axes = 3
    examples = (example("MaxPool3d((1, 2, 3), padding=(0, 1, 1), ceil_mode=True)", (4, 5, 8, 10)),)


class _AnyAvgPool(_Pool, abstract=True):
    """What average pools share."""

    count_include_pad: bool

    def __post_init__(self) -> None:
        super().__post_init__()
        settle(self, count_include_pad=flag("count_include_pad", self.count_include_pad))

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(adds=self.seen(out), divs=dims.product(out))


@dataclass(frozen=True)
class AvgPool1d(_AnyAvgPool):
    """The mean of each window of a sequence.

    Shape: (C, L) to (C, L').
    Counts: an addition for each value of each window, a division an output.
    Errors: a padding of more than half the kernel; an output that shrinks to nothing.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html

    Example:
        >>> AvgPool1d(2).out_shape((8, 50))
        (8, 25)
    """

    kernel_size: Any
    stride: Any = None
    padding: Any = 0
    ceil_mode: bool = False
    count_include_pad: bool = True

    axes = 1
    examples = (example("AvgPool1d(3, 2, padding=1, ceil_mode=True)", (8, 50)),)


@dataclass(frozen=True)
class _AvgPool(_AnyAvgPool, abstract=True):
    """Fields of AvgPool2d and AvgPool3d."""

    kernel_size: Any
    stride: Any = None
    padding: Any = 0
    ceil_mode: bool = False
    count_include_pad: bool = True
    divisor_override: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.divisor_override is not None:
            whole("divisor_override", self.divisor_override, 1)


class AvgPool2d(_AvgPool):
    """The mean of each window of an image.

    Shape: (C, H, W) to (C, H', W'), as MaxPool2d.
    Counts: an addition for each value of each window, K² an output, and a division an output.
    Errors: a padding of more than half the kernel; an output that shrinks to nothing.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html

    Example:
        >>> AvgPool2d(7).out_shape((1024, 7, 7))
        (1024, 1, 1)
    """

    axes = 2
    examples = (
        example("AvgPool2d(7)", (16, 7, 7)),
        example("AvgPool2d(5, 3, count_include_pad=False)", (4, 14, 15)),
        example("AvgPool2d((2, 3), 2, padding=1, ceil_mode=True, divisor_override=4)", (4, 9, 10)),
    )


class AvgPool3d(_AvgPool):
    """The mean of each window of a volume.

    Shape: (C, D, H, W) to (C, D', H', W').
    Counts: an addition for each value of each window, a division an output.
    Errors: a padding of more than half the kernel; an output that shrinks to nothing.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool3d.html

    Example:
        >>> AvgPool3d(2).out_shape((8, 16, 32, 32))
        (8, 8, 16, 16)
    """

    axes = 3
    examples = (example("AvgPool3d((1, 2, 3), padding=(0, 1, 1))", (4, 5, 8, 10)),)


@dataclass(frozen=True)
class _AdaptivePool(Layer, abstract=True):
    """Pooling to a given output size: windows as even as the division allows.

    Along an axis, output i of o covers the inputs from ⌊i·n/o⌋ to ⌈(i+1)·n/o⌉ - 1.
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

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c, sizes = channels_and_sizes(self, one_input(in_shapes))
        return (c, *(n if o is None else o for n, o in zip(sizes, self.output_size, strict=True)))

    def seen(self, in_shape: Shape, out: Shape) -> Size:
        """The values that all windows look at together."""
        return out[0] * dims.product(map(covered, in_shape[1:], out[1:]))

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach, ...]:
        return tuple(map(Bins, in_shape[1:], out[1:]))


def covered(n: Size, o: Size) -> Size:
    """The lengths of the o windows over n inputs, added up.

    Window ends and next starts, ⌈j·n/o⌉ and ⌊j·n/o⌋ for j = 1 to o - 1, coincide where o divides
    j·n, which happens gcd(n, o) - 1 times, and overlap by one elsewhere: n + (o - 1) - (gcd - 1).
    """
    return n + o - dims.gcd(n, o)


class _AdaptiveAvgPool(_AdaptivePool, abstract=True):
    """Work of the adaptive average pools."""

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(adds=self.seen(in_shapes[0], out), divs=dims.product(out))


class _AdaptiveMaxPool(_AdaptivePool, abstract=True):
    """Work of the adaptive max pools."""

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(compares=self.seen(in_shapes[0], out))


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """The mean of each of a given number of windows over a sequence.

    Shape: (C, L) to (C, `output_size`); None keeps the axis as it is.
    Counts: an addition for each value of each window, a division an output; windows may overlap.
    Errors: an output size below 1.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool1d.html

    Example:
        >>> AdaptiveAvgPool1d(1).out_shape((8, 50))
        (8, 1)
    """

    axes = 1
    examples = (example("AdaptiveAvgPool1d(5)", (4, 12)),)


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """The mean of each of a given number of windows over an image.

    Shape: (C, H, W) to (C, *`output_size`); None keeps the axis as it is.
    Counts: an addition for each value of each window, a division an output; windows may overlap.
    Errors: an output size below 1.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html

    Example:
        >>> AdaptiveAvgPool2d(1).out_shape((512, 7, 7))
        (512, 1, 1)
    """

    axes = 2
    examples = (
        example("AdaptiveAvgPool2d(1)", (4, 7, 9)),
        example("AdaptiveAvgPool2d((3, None))", (4, 7, 5)),
        example("AdaptiveAvgPool2d(6)", (4, 6, 13)),
        example("AdaptiveAvgPool2d(0)", (4, 6, 13), fails="`output_size` must be at least 1, got 0"),
    )


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """The mean of each of a given number of windows over a volume.

    Shape: (C, D, H, W) to (C, *`output_size`); None keeps the axis as it is.
    Counts: an addition for each value of each window, a division an output; windows may overlap.
    Errors: an output size below 1.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool3d.html

    Example:
        >>> AdaptiveAvgPool3d(1).out_shape((8, 4, 7, 7))
        (8, 1, 1, 1)
    """

    axes = 3
    examples = (example("AdaptiveAvgPool3d((2, 3, 1))", (4, 5, 7, 6)),)


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The largest value of each of a given number of windows over a sequence.

    Shape: (C, L) to (C, `output_size`); None keeps the axis as it is.
    Counts: a comparison for each value of each window; windows may overlap.
    Errors: an output size below 1.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool1d.html

    Example:
        >>> AdaptiveMaxPool1d(1).out_shape((8, 50))
        (8, 1)
    """

    axes = 1
    examples = (example("AdaptiveMaxPool1d(5)", (4, 12)),)


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The largest value of each of a given number of windows over an image.

    Shape: (C, H, W) to (C, *`output_size`); None keeps the axis as it is.
    Counts: a comparison for each value of each window; windows may overlap.
    Errors: an output size below 1.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html

    Example:
        >>> AdaptiveMaxPool2d(1).out_shape((512, 7, 7))
        (512, 1, 1)
    """

    axes = 2
    examples = (
        example("AdaptiveMaxPool2d(1)", (4, 7, 9)),
        example("AdaptiveMaxPool2d((3, None))", (4, 7, 5)),
        example("AdaptiveMaxPool2d(6)", (4, 6, 13)),
        example("AdaptiveMaxPool2d(0)", (4, 6, 13), fails="`output_size` must be at least 1, got 0"),
    )


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """The largest value of each of a given number of windows over a volume.

    Shape: (C, D, H, W) to (C, *`output_size`); None keeps the axis as it is.
    Counts: a comparison for each value of each window; windows may overlap.
    Errors: an output size below 1.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool3d.html

    Example:
        >>> AdaptiveMaxPool3d(1).out_shape((8, 4, 7, 7))
        (8, 1, 1, 1)
    """

    axes = 3
    examples = (example("AdaptiveMaxPool3d((2, 3, 1))", (4, 5, 7, 6)),)
