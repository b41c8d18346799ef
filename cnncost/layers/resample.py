"""Changing the resolution: upsampling, pixel shuffle and its inverse."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncost import dims
from cnncost.dims import Shape, product
from cnncost.errors import ArgumentError, ShapeError
from cnncost.layers.arguments import Count, flag, one_of, per_axis, settle, whole
from cnncost.layers.base import Layer, example, layer, no_weights, no_work
from cnncost.layers.saved import keeps_nothing
from cnncost.layers.shapes import one_input
from cnncost.layers.window import Grouped, Interpolation, Reach, UnknownReach, Window
from cnncost.layers.work import NO_WORK, Work


class _Upsample(Layer, abstract=True):
    """Enlarges a map by repeating or interpolating values.

    Shape: (C, …) to (C, …) of `size`, or of ⌊n · `scale_factor`⌋ per axis.
    Counts: for 'nearest' nothing, values are copied; for 'linear', 'bilinear' and 'trilinear' 2ⁿ
        multiplications and 2ⁿ - 1 additions per output over n axes, for 'bicubic' 16 and 15.
    Errors: both or neither of `size` and `scale_factor`; a mode for other axes.
    """

    size: Any
    scale_factor: Any
    mode: str
    align_corners: Any

    modes: ClassVar[dict[str, int | None]] = {
        "nearest": None,
        "linear": 1,
        "bilinear": 2,
        "bicubic": 2,
        "trilinear": 3,
    }
    weights = no_weights("interpolation has fixed coefficients")
    saved = keeps_nothing("interpolation has fixed coefficients")

    def __post_init__(self) -> None:
        if (self.size is None) == (self.scale_factor is None):
            raise ArgumentError("it needs one of `size` and `scale_factor`")
        one_of("mode", self.mode, tuple(self.modes))
        if self.align_corners is not None:
            if self.mode == "nearest":
                raise ArgumentError("`align_corners` goes with the interpolating modes only")
            settle(self, align_corners=flag("align_corners", self.align_corners))
        name = "size" if self.scale_factor is None else "scale_factor"
        value = getattr(self, name)
        values = value if isinstance(value, (tuple, list)) else (value,)
        if len(values) > 3:
            raise ArgumentError(f"`{name}` must be a number or one for each axis")
        checked = tuple(whole(name, v, 1) for v in values)
        settle(self, **{name: checked if isinstance(value, (tuple, list)) else checked[0]})

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c, *sizes = one_input(in_shapes)
        axes = self.modes[self.mode]
        if not sizes or (axes is not None and len(sizes) != axes):
            wanted = "1 spatial axis" if axes == 1 else f"{axes or '1 to 3'} spatial axes"
            raise ShapeError(f"mode '{self.mode}' takes {wanted}, not {len(sizes)}")
        if self.size is not None:
            return (c, *per_axis("size", self.size, len(sizes), 1))
        factors = per_axis("scale_factor", self.scale_factor, len(sizes), 1)
        return (c, *(n * f for n, f in zip(sizes, factors, strict=True)))

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        axes = self.modes[self.mode]
        if axes is None:
            return NO_WORK
        around = (4 if self.mode == "bicubic" else 2) ** axes
        return Work(muls=around, adds=around - 1).times(product(out))

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        if self.mode == "bicubic":
            return (None, *(UnknownReach() for _ in out[1:]))
        linear = self.mode != "nearest"
        aligned = bool(self.align_corners)
        sizes = zip(in_shape[1:], out[1:], strict=True)
        return (None, *(Interpolation(n, o, linear, aligned) for n, o in sizes))

    @property
    def cost_type(self) -> str:
        return f"Upsample-{self.mode}"


@layer
class Upsample(_Upsample):
    """Enlarges a map by repeating or interpolating values."""

    size: Any = None
    scale_factor: Any = None
    mode: str = "nearest"
    align_corners: Any = None

    examples = (
        example("Upsample(scale_factor=2)", (3, 5, 7)),
        example("Upsample((9, 14), mode='bilinear')", (3, 5, 7)),
        example("Upsample((9, 14), mode='bicubic')", (3, 5, 7)),
        example("Upsample(scale_factor=(2, 3), mode='bilinear', align_corners=True)", (3, 5, 7)),
        example("Upsample(7)", (3, 5)),
        example("Upsample(scale_factor=2, mode='linear')", (3, 5)),
        example("Upsample(2, 2)", (3, 5, 7), fails="one of `size` and `scale_factor`"),
        example("Upsample(9, mode='linear')", (3, 5, 7), fails="mode 'linear' takes 1 spatial axis, not 2"),
    )


@layer
class UpsamplingNearest2d(_Upsample):
    """Enlarges an image by repeating values: Upsample with mode 'nearest'.

    Shape: (C, H, W) to (C, H', W') of `size`, or of H·`scale_factor`.
    Counts: nothing: values are copied.
    Errors: both or neither of `size` and `scale_factor`.
    """

    size: Any = None
    scale_factor: Any = None

    mode = "nearest"
    align_corners = None
    examples = (
        example("UpsamplingNearest2d(scale_factor=2)", (3, 5, 7)),
        example("UpsamplingNearest2d((9, 14))", (3, 5, 7)),
    )


@layer
class UpsamplingBilinear2d(_Upsample):
    """Enlarges an image by interpolating: Upsample with mode 'bilinear' and aligned corners.

    Shape: (C, H, W) to (C, H', W') of `size`, or of H·`scale_factor`.
    Counts: four multiplications and three additions per output.
    Errors: both or neither of `size` and `scale_factor`.
    """

    size: Any = None
    scale_factor: Any = None

    mode = "bilinear"
    align_corners = True
    examples = (
        example("UpsamplingBilinear2d(scale_factor=2)", (3, 5, 7)),
        example("UpsamplingBilinear2d((9, 14))", (3, 5, 7)),
        example("UpsamplingBilinear2d(9)", (3, 5), fails="mode 'bilinear' takes 2 spatial axes, not 1"),
    )


@layer
class PixelShuffle(Layer):
    """Channels into space: r² channels become one r times as wide and high.

    Shape: (C·r², H, W) to (C, H·r, W·r).
    Errors: channels that r² does not divide.
    Reference: Shi et al., 2016
    """

    upscale_factor: Count

    axes = 2
    examples = (
        example("PixelShuffle(2)", (12, 5, 7)),
        example("PixelShuffle(3)", (12, 5, 7), fails="its 12 channels are not divisible by 9"),
    )
    weights = no_weights("it only moves values")
    work = no_work("it only moves values")
    saved = keeps_nothing("it only moves values")

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c, (h, w) = self.channels_and_sizes(in_shapes)
        r = self.upscale_factor
        dims.require(dims.divisible(c, r * r), "its {} channels are not divisible by {}", c, r * r)
        return (c // (r * r), h * r, w * r)

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach, ...]:
        r = self.upscale_factor
        return (Grouped(r * r, 1), *map(Interpolation, in_shape[1:], out[1:]))


@layer
class PixelUnshuffle(Layer):
    """Space into channels: the inverse of PixelShuffle.

    Shape: (C, H·r, W·r) to (C·r², H, W).
    Errors: sizes that r does not divide.
    """

    downscale_factor: Count

    axes = 2
    examples = (
        example("PixelUnshuffle(2)", (3, 4, 6)),
        example("PixelUnshuffle(2)", (3, 5, 6), fails="its size 5 is not divisible by 2"),
    )
    weights = no_weights("it only moves values")
    work = no_work("it only moves values")
    saved = keeps_nothing("it only moves values")

    def __post_init__(self) -> None:
        super().__post_init__()
        r = self.downscale_factor
        settle(self, window=(Window(r, r, (0, 0), 1),) * 2)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c, (h, w) = self.channels_and_sizes(in_shapes)
        r = self.downscale_factor
        for n in (h, w):
            dims.require(dims.divisible(n, r), "its size {} is not divisible by {}", n, r)
        return (c * r * r, h // r, w // r)

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach, ...]:
        assert self.window is not None
        return (Grouped(1, self.downscale_factor**2), *self.window)
