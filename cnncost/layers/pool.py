"""Pooling: max and average over windows, and adaptive pooling to a given size."""

from __future__ import annotations

from cnncost import dims
from cnncost.dims import Shape, Size
from cnncost.errors import ArgumentError
from cnncost.layers.arguments import Count, Counts, Padding, per_axis, settle
from cnncost.layers.base import Layer, Twin, example, layer, no_weights
from cnncost.layers.conv import same_twin
from cnncost.layers.saved import Kept, Saved
from cnncost.layers.shapes import not_empty
from cnncost.layers.window import SAME_TF, windows
from cnncost.layers.work import Work

NO_INDICES = (
    "`return_indices` makes a second output, which a spec cannot use; MaxUnpool2d takes the map that "
    "was pooled instead"
)


class Pool(Layer, abstract=True):
    """What max and average pooling share: windows, and the rule for the last, partial one.

    Errors: a padding of more than half the kernel; an output that shrinks to nothing.
    """

    kernel_size: Counts
    stride: Counts
    padding: Padding
    ceil_mode: bool
    dilation: Counts = 1

    weights = no_weights("a pool learns nothing")

    def __post_init__(self) -> None:
        super().__post_init__()
        settle(self, stride=self.kernel_size if self.stride is None else self.stride)
        same = self.padding == SAME_TF
        pads = SAME_TF if same else tuple((p, p) for p in self.padding)
        dilation = per_axis("dilation", self.dilation, len(self.kernel_size), 1)
        settle(self, window=windows(self.kernel_size, self.stride, pads, dilation))
        rule = "`padding` must be at most half of `kernel_size` {}, got {}"
        for k, p in zip(self.kernel_size, () if same else self.padding, strict=not same):
            dims.require(2 * p <= k, rule, k, p, error=ArgumentError)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c, sizes = self.channels_and_sizes(in_shapes)
        slid = zip(self.window or (), sizes, strict=True)
        places = tuple([w.places_ceil(n) if self.ceil_mode else w.places(n) for w, n in slid])
        return (c, *not_empty(sizes, places))

    def twin(self, *in_shapes: Shape) -> Twin:
        return same_twin(self, super().twin(*in_shapes))

    def read(self, in_shapes: tuple[Shape, ...]) -> Saved:
        """What the windows slide over, which is kept: the input, or a copy with TensorFlow's SAME padding."""
        (c, *sizes), slid = in_shapes[0], self.windows_on(in_shapes[0][1:])
        if self.padding != SAME_TF:
            return Saved(inputs=(0,))
        padded = (n + sum(window.padding) for n, window in zip(sizes, slid, strict=True))
        return Saved(made=(Kept("padded input", (c, *padded)),))

    def seen(self, out: Shape) -> Size:
        """The values that all windows look at together: K² at each output."""
        return dims.product(out) * dims.product(self.kernel_size)


@layer
class _MaxPool(Pool, abstract=True):
    """Fields and work of MaxPool1d, MaxPool2d and MaxPool3d.

    Counts: a comparison for each value of each window.
    """

    kernel_size: Counts
    stride: Counts = None
    padding: Padding = 0
    dilation: Counts = 1
    return_indices: bool = False
    ceil_mode: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.return_indices:
            raise ArgumentError(NO_INDICES)

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(compares=self.seen(out))

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        read = self.read(in_shapes)
        return read._replace(made=(*read.made, Kept("indices", out, "index")))


class MaxPool1d(_MaxPool):
    """The largest value of each window of a sequence."""

    axes = 1
    examples = (
        example("MaxPool1d(3, 2)", (8, 55)),
        example("MaxPool1d(3, 2, padding=1, dilation=2, ceil_mode=True)", (8, 20)),
    )


class MaxPool2d(_MaxPool):
    """The largest value of each window of an image.

    Shape: (C, H, W) to (C, H', W'), H' = ⌊(H + 2P - D(K - 1) - 1) / S⌋ + 1; with `ceil_mode` rounded up,
        less a window that would start in the right padding.
    Counts: a comparison for each value of each window, K² per output.
    """

    axes = 2
    examples = (
        example("MaxPool2d(3, 2)", (96, 55, 55)),
        example("MaxPool2d(2)", (4, 9, 7)),
        example("MaxPool2d(3, 2, ceil_mode=True)", (64, 112, 112)),
        example("MaxPool2d((3, 2), (2, 3), padding=(1, 0), ceil_mode=True)", (4, 10, 13)),
        example("MaxPool2d(2, 3, padding=1, ceil_mode=True)", (4, 7, 8)),
        example("MaxPool2d(3, 1, padding=1, dilation=2)", (4, 9, 9)),
        example("MaxPool2d(3, 2, padding='same_tf')", (4, 9, 8)),
        example("MaxPool2d(3, padding='same')", (4, 9, 9), fails="`padding` must be a size or 'same_tf'"),
        example(
            "MaxPool2d(3, padding=2)",
            (4, 9, 9),
            fails="`padding` must be at most half of `kernel_size` 3, got 2",
        ),
        example(
            "MaxPool2d(2, padding=2, dilation=3)", (4, 9, 9), fails="at most half of `kernel_size` 2, got 2"
        ),
        example("MaxPool2d(3)", (4, 2, 9), fails="shrinks to nothing"),
    )


class MaxPool3d(_MaxPool):
    """The largest value of each window of a volume."""

    axes = 3
    examples = (example("MaxPool3d((1, 2, 3), padding=(0, 1, 1), ceil_mode=True)", (4, 5, 8, 10)),)


class _AnyAvgPool(Pool, abstract=True):
    """What average pools share.

    Counts: an addition for each value of each window, a division per output.
    """

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(adds=self.seen(out), divs=dims.product(out))

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return self.read(in_shapes)


@layer
class AvgPool1d(_AnyAvgPool):
    """The mean of each window of a sequence."""

    kernel_size: Counts
    stride: Counts = None
    padding: Padding = 0
    ceil_mode: bool = False
    count_include_pad: bool = True

    axes = 1
    examples = (example("AvgPool1d(3, 2, padding=1, ceil_mode=True)", (8, 50)),)


@layer
class _AvgPool(_AnyAvgPool, abstract=True):
    """Fields of AvgPool2d and AvgPool3d."""

    kernel_size: Counts
    stride: Counts = None
    padding: Padding = 0
    ceil_mode: bool = False
    count_include_pad: bool = True
    divisor_override: Count = None


class AvgPool2d(_AvgPool):
    """The mean of each window of an image.

    Shape: (C, H, W) to (C, H', W'), as MaxPool2d.
    Counts: an addition for each value of each window, K² per output, and a division per output.
    """

    axes = 2
    examples = (
        example("AvgPool2d(7)", (16, 7, 7)),
        example("AvgPool2d(5, 3, count_include_pad=False)", (4, 14, 15)),
        example("AvgPool2d(2, padding='same_tf')", (4, 7, 6)),
        example("AvgPool2d((2, 3), 2, padding=1, ceil_mode=True, divisor_override=4)", (4, 9, 10)),
    )


class AvgPool3d(_AvgPool):
    """The mean of each window of a volume.

    Errors: a padding of more than half the kernel; a kernel larger than the input, with any padding,
        which torch refuses here; an output that shrinks to nothing.
    """

    axes = 3
    examples = (
        example("AvgPool3d((1, 2, 3), padding=(0, 1, 1))", (4, 5, 8, 10)),
        example("AvgPool3d(5, 1, padding=2)", (2, 5, 4, 8), fails="its 4 are fewer than `kernel_size` 5"),
    )

    def out_shape(self, *in_shapes: Shape) -> Shape:
        _, sizes = self.channels_and_sizes(in_shapes)
        for n, k in zip(sizes, self.kernel_size, strict=True) if self.padding != SAME_TF else ():
            dims.require(n >= k, "its {} are fewer than `kernel_size` {}", n, k)
        return super().out_shape(*in_shapes)
