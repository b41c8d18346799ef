"""Patches: the windows of a map side by side, and put together again."""

from __future__ import annotations

from cnncost import dims
from cnncost.dims import Shape, Size
from cnncost.errors import ShapeError
from cnncost.layers.arguments import Counts, Sizes, settle
from cnncost.layers.base import Layer, example, layer, no_weights, no_work
from cnncost.layers.saved import keeps_nothing
from cnncost.layers.shapes import Letters, axes_of, map_axes, one_input
from cnncost.layers.window import Window, windows
from cnncost.layers.work import Work


class _Patches(Layer, abstract=True):
    """Windows as a convolution's."""

    kernel_size: Counts
    dilation: Counts
    padding: Sizes
    stride: Counts

    axes = 2
    weights = no_weights("it only moves values")
    saved = keeps_nothing("it only moves values")

    def __post_init__(self) -> None:
        super().__post_init__()
        pads = tuple((p, p) for p in self.padding)
        settle(self, window=windows(self.kernel_size, self.stride, pads, self.dilation))

    def places(self, sizes: Shape) -> tuple[Size, ...]:
        """How many windows a map has along each axis."""
        assert self.window is not None
        return tuple(map(Window.places, self.window, sizes))


@layer
class Unfold(_Patches):
    """The windows of a map side by side: im2col, or overlapping patches.

    Shape: (C, H, W) to (C·K², L), with L windows as a convolution would have.
    Errors: a window that does not fit the map.
    Reference: Yuan et al., 2021 (T2T-ViT's soft split);
        https://docs.pytorch.org/docs/stable/generated/torch.nn.Unfold.html
    """

    kernel_size: Counts
    dilation: Counts = 1
    padding: Sizes = 0
    stride: Counts = 1

    examples = (
        example("Unfold(3)", (4, 8, 9)),
        example("Unfold((2, 3), dilation=2, padding=(0, 1), stride=(1, 2))", (4, 8, 9)),
        example("Unfold(9)", (4, 8, 9), fails="windows of 9×9 do not fit a map of 8×9"),
    )
    work = no_work("values are copied")

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c, sizes = self.channels_and_sizes(in_shapes)
        places = self.places(sizes)
        rule = "windows of {}×{} do not fit a map of {}×{}"
        for n in places:
            dims.require(n >= 1, rule, *self.kernel_size, *sizes)
        return (c * dims.product(self.kernel_size), dims.product(places))

    def out_axes(self, letters: Letters) -> Letters:
        return map_axes(2)


@layer
class Fold(_Patches):
    """Windows put together to a map, where they overlap added up: the way back from Unfold.

    Shape: (C·K², L) to (C, H, W) of `output_size` H×W.
    Counts: an addition for each value of each window.
    Errors: rows that K² does not divide; a number of windows other than that of the map.
    """

    output_size: Counts
    kernel_size: Counts
    dilation: Counts = 1
    padding: Sizes = 0
    stride: Counts = 1

    examples = (
        example("Fold((8, 9), 3)", (36, 42)),
        example("Fold(6, 2, stride=2)", (12, 9)),
        example("Fold(6, 2, stride=2)", (12, 8), fails="a map of 6×6 has 9 windows, not 8"),
        example(
            "Fold(6, 2, stride=2)", (10, 9), fails="its 10 rows are not divisible by the 4 values of a window"
        ),
        example("Fold(6, 2)", (4, 6, 6), fails="it takes values × windows, not 3 axes"),
    )

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        if len(shape) != 2:
            raise ShapeError(f"it takes values × windows, not {axes_of(shape)}")
        rows, columns = shape
        values, count = dims.product(self.kernel_size), dims.product(self.places(self.output_size))
        rule = "its {} rows are not divisible by the {} values of a window"
        dims.require(dims.divisible(rows, values), rule, rows, values)
        rule = "a map of {}×{} has {} windows, not {}"
        dims.require(dims.same(columns, count), rule, *self.output_size, count, columns)
        return (rows // values, *self.output_size)

    def out_axes(self, letters: Letters) -> Letters:
        return map_axes(3)

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(adds=dims.product(in_shapes[0]))
