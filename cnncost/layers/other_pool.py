"""Other pools: of powers, over random windows, and the way back."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from cnncost import dims
from cnncost.dims import Shape, Size
from cnncost.errors import ArgumentError, ShapeError
from cnncost.layers.arguments import Counts, Sizes, number, per_axis, settle
from cnncost.layers.base import Layer, Twin, example, layer, no_weights, no_work
from cnncost.layers.pool import NO_INDICES, Pool
from cnncost.layers.saved import Kept, Saved
from cnncost.layers.window import Reach, UnknownReach, windows
from cnncost.layers.work import Work


@layer
class _LPPool(Pool, abstract=True):
    """The p-norm of each window, (Σ xᵖ)¹ᐟᵖ.

    Counts: a power for each value of the input (a multiplication for p = 2, nothing for p = 1), an addition
        for each value of each window, and a root per output.
    Errors: a `norm_type` of 0; an output that shrinks to nothing.
    """

    norm_type: float
    kernel_size: Counts
    stride: Counts = None
    ceil_mode: bool = False

    padding = 0

    def __post_init__(self) -> None:
        settle(self, padding=per_axis("padding", 0, self.axes or 2))
        super().__post_init__()
        if self.norm_type == 0:
            raise ArgumentError("`norm_type` must not be 0")

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        values, outputs = dims.product(in_shapes[0]), dims.product(out)
        sums = Work(adds=self.seen(out))
        if self.norm_type == 1:
            return sums
        if self.norm_type == 2:
            return sums.plus(Work(muls=values, sqrts=outputs))
        return sums.plus(Work(exps=values + outputs))

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        steps = ("mean", "sign", "absolute values", "root")
        made = (Kept("powers", in_shapes[0]), *(Kept(step, out) for step in steps))
        return Saved(inputs=(0,), made=made)


class LPPool1d(_LPPool):
    """The p-norm of each window of a sequence."""

    axes = 1
    examples = (example("LPPool1d(2, 3)", (4, 20)), example("LPPool1d(1, 3, 2)", (4, 20)))

    def twin(self, *in_shapes: Shape) -> Twin:
        twin = super().twin(*in_shapes)  # torch takes no pairs here
        return Twin(
            twin.name, {**twin.arguments, "kernel_size": self.kernel_size[0], "stride": self.stride[0]}
        )


class LPPool2d(_LPPool):
    """The p-norm of each window of an image."""

    axes = 2
    examples = (
        example("LPPool2d(2, 3, stride=2)", (4, 9, 10)),
        example("LPPool2d(1.5, (3, 2), ceil_mode=True)", (4, 10, 9)),
        example("LPPool2d(0, 3)", (4, 9, 9), fails="`norm_type` must not be 0"),
    )


class LPPool3d(_LPPool):
    """The p-norm of each window of a volume."""

    axes = 3
    examples = (example("LPPool3d(2, 2)", (4, 5, 7, 6)),)


@layer
class _FractionalMaxPool(Layer, abstract=True):
    """The largest value of windows at random distances, so that a map shrinks by a fraction.

    Shape: (C, …) to (C, …) of `output_size`, or of ⌊n · `output_ratio`⌋ per axis.
    Counts: a comparison for each value of each window.
    Errors: both or neither of `output_size` and `output_ratio`; a ratio outside 0 to 1; windows that do not
        fit the input.
    """

    kernel_size: Counts
    output_size: Counts = None
    output_ratio: Any = None
    return_indices: bool = False

    weights = no_weights("a pool learns nothing")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.return_indices:
            raise ArgumentError(NO_INDICES)
        if (self.output_size is None) == (self.output_ratio is None):
            raise ArgumentError("it needs one of `output_size` and `output_ratio`")
        if self.output_ratio is not None:
            settle(self, output_ratio=ratios(self.output_ratio, self.axes or 2))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c, sizes = self.channels_and_sizes(in_shapes)
        out = self.output_size or tuple(map(part_of, sizes, self.output_ratio))
        rule = "windows of {} do not fit {} times into {}"
        for n, k, o in zip(sizes, self.kernel_size, out, strict=True):
            dims.require(o >= 1, "the output shrinks to nothing: a size of {} becomes {}", n, o)
            dims.require(o + k - 1 <= n, rule, k, o, n)
        return (c, *out)

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(compares=dims.product(out) * dims.product(self.kernel_size))

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return Saved(inputs=(0,), made=(Kept("indices", out, "index"),))

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return (None, *(UnknownReach() for _ in out[1:]))


def ratios(value: Any, axes: int) -> tuple[float, ...]:
    """A share of the input for each axis."""
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * axes
    if len(values) != axes or not all(0 < number("output_ratio", share) < 1 for share in values):
        raise ArgumentError(
            f"`output_ratio` must be between 0 and 1, or one such number per axis, got {value}"
        )
    return values


def part_of(n: Size, ratio: float) -> Size:
    """⌊n · ratio⌋, of a number with torch's rounding."""
    if isinstance(n, int):
        return int(n * ratio)
    share = Fraction(str(ratio))
    return n * share.numerator // share.denominator


class FractionalMaxPool2d(_FractionalMaxPool):
    """The largest value of windows at random distances: an image shrinks by a fraction."""

    axes = 2
    examples = (
        example("FractionalMaxPool2d(2, output_ratio=0.5)", (4, 12, 10)),
        example("FractionalMaxPool2d((3, 2), output_size=(5, 7))", (4, 9, 10)),
        example(
            "FractionalMaxPool2d(2, output_size=9)", (4, 9, 9), fails="windows of 2 do not fit 9 times into 9"
        ),
        example(
            "FractionalMaxPool2d(2)", (4, 9, 9), fails="it needs one of `output_size` and `output_ratio`"
        ),
        example("FractionalMaxPool2d(2, output_ratio=2)", (4, 9, 9), fails="must be between 0 and 1"),
    )


class FractionalMaxPool3d(_FractionalMaxPool):
    """The largest value of windows at random distances: a volume shrinks by a fraction."""

    axes = 3
    examples = (example("FractionalMaxPool3d(2, output_ratio=(0.5, 0.5, 0.75))", (4, 6, 8, 8)),)


@layer
class _MaxUnpool(Layer, abstract=True):
    """Values back at the places from which a max pool took them, and zeros elsewhere.

    torch takes the pool's indices; here `pooled` is the map that was pooled, which holds the same
    information and the size of the output: `MaxUnpool2d(2, pooled=ref(conv1))` undoes a `MaxPool2d(2)`.

    Shape: (C, …) and the map that was pooled to a (C, …) of its size.
    Errors: no `pooled`; a map whose pooling does not have the shape of the input.
    Reference: Zeiler et al., 2011, section 3; Badrinarayanan et al., 2017 (SegNet);
        https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html
    """

    kernel_size: Counts
    stride: Counts = None
    padding: Sizes = 0

    other_inputs = ("pooled",)
    twin_name = "cnncost.measure.twins.unpool.MaxUnpoolModule"
    weights = no_weights("a pool learns nothing")
    work = no_work("values are moved to places that the pool has found")

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return Saved(inputs=(1,), made=(Kept("indices", in_shapes[0], "index"),))

    def __post_init__(self) -> None:
        super().__post_init__()
        settle(self, stride=self.kernel_size if self.stride is None else self.stride)
        pads = tuple((p, p) for p in self.padding)
        settle(self, window=windows(self.kernel_size, self.stride, pads, (1,) * len(pads)))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        if len(in_shapes) != 2:
            raise ShapeError("it takes the map that was pooled as well: `pooled=ref(name)`")
        (c, sizes), (channels, whole) = (self.channels_and_sizes((shape,)) for shape in in_shapes)
        assert self.window is not None
        fits = [dims.same(c, channels)]
        fits += [dims.same(w.places(n), m) for w, n, m in zip(self.window, whole, sizes, strict=True)]
        for each in fits:
            dims.require(each, "its input is not what a pool makes of `pooled`")
        return in_shapes[1]


class MaxUnpool1d(_MaxUnpool):
    """Undoes a max pool of a sequence: values return to their places among zeros."""

    axes = 1
    examples = (example("MaxUnpool1d(2)", (4, 5), (4, 11)),)


class MaxUnpool2d(_MaxUnpool):
    """Undoes a max pool of an image: values return to their places among zeros, as in SegNet."""

    axes = 2
    examples = (
        example("MaxUnpool2d(2)", (4, 5, 6), (4, 10, 12)),
        example("MaxUnpool2d(3, 2, padding=1)", (4, 5, 6), (4, 9, 12)),
        example("MaxUnpool2d(2)", (4, 5, 6), fails="it takes the map that was pooled as well"),
        example(
            "MaxUnpool2d(2)", (4, 5, 6), (4, 5, 6), fails="its input is not what a pool makes of `pooled`"
        ),
    )


class MaxUnpool3d(_MaxUnpool):
    """Undoes a max pool of a volume: values return to their places among zeros."""

    axes = 3
    examples = (example("MaxUnpool3d(2)", (4, 2, 3, 5), (4, 4, 6, 10)),)
