"""Layers that move values, drop them or repeat them: flatten, dropout, upsampling, shuffles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from cnncost import dims
from cnncost.dims import Shape, Size, product
from cnncost.errors import ArgumentError, ShapeError
from cnncost.layers.base import (
    NO_WORK,
    Layer,
    Work,
    channels_and_sizes,
    example,
    flag,
    no_weights,
    no_work,
    not_empty,
    number,
    one_input,
    one_of,
    per_axis,
    settle,
    whole,
)
from cnncost.layers.window import Interpolation, Reach, Window


@dataclass(frozen=True)
class Identity(Layer):
    """The input as it is: an empty branch.

    Shape: any, unchanged.
    Counts: nothing.
    Errors: none.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Identity.html

    Example:
        >>> Identity().out_shape((64, 56, 56))
        (64, 56, 56)
    """

    in_place = True
    examples = (example("Identity", (3, 5, 7)),)
    weights = no_weights("it passes the input on")
    work = no_work("it passes the input on")

    def out_shape(self, *in_shapes: Shape) -> Shape:
        return one_input(in_shapes)


@dataclass(frozen=True)
class _Dropout(Layer, abstract=True):
    """Zeroes values at random in training; does nothing in inference."""

    p: float = 0.5
    inplace: bool = False

    in_place = True
    weights = no_weights("it only drops values")
    work = no_work("dropout is switched off in inference")

    def __post_init__(self) -> None:
        if not 0 <= number("p", self.p) <= 1:
            raise ArgumentError(f"`p` must lie between 0 and 1, got {self.p}")
        settle(self, inplace=flag("inplace", self.inplace))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        return one_input(in_shapes)


class Dropout(_Dropout):
    """Zeroes single values with probability `p` in training.

    Shape: any, unchanged.
    Counts: nothing: in inference it is switched off.
    Errors: a `p` outside 0 to 1.
    Reference: Srivastava et al., 2014; https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html

    Example:
        >>> Dropout(0.5).out_shape((4096,))
        (4096,)
    """

    examples = (
        example("Dropout", (3, 5, 7)),
        example("Dropout(1.5)", (3, 5, 7), fails="`p` must lie between 0 and 1, got 1.5"),
    )


class Dropout2d(_Dropout):
    """Zeroes whole channels with probability `p` in training.

    Shape: (C, H, W), unchanged.
    Counts: nothing: in inference it is switched off.
    Errors: a `p` outside 0 to 1.
    Reference: Tompson et al., 2015; https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html

    Example:
        >>> Dropout2d(0.2).out_shape((64, 8, 8))
        (64, 8, 8)
    """

    examples = (example("Dropout2d(0.2)", (3, 5, 7)),)


class AlphaDropout(_Dropout):
    """Dropout that keeps mean and variance, for SELU networks.

    Shape: any, unchanged.
    Counts: nothing: in inference it is switched off.
    Errors: a `p` outside 0 to 1.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AlphaDropout.html

    Example:
        >>> AlphaDropout(0.1).out_shape((128,))
        (128,)
    """

    examples = (example("AlphaDropout(0.1)", (11,)),)


@dataclass(frozen=True)
class Flatten(Layer):
    """Lays axes end to end: an image becomes a vector. Axis 0 is the batch, as in torch.

    Shape: (C, H, W) to (C·H·W,) by default.
    Counts: nothing: the same values in another view.
    Errors: axes that the input does not have; the batch axis.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html

    Example:
        >>> Flatten().out_shape((256, 6, 6))
        (9216,)
    """

    start_dim: int = 1
    end_dim: int = -1

    examples = (
        example("Flatten", (4, 5, 6)),
        example("Flatten(2)", (4, 5, 6)),
        example("Flatten(1, 2)", (4, 5, 6)),
        example("Flatten(3, 2)", (4, 5, 6), fails="`start_dim` 3 comes after `end_dim` 2"),
        example("Flatten(0)", (4, 5, 6), fails="`start_dim` must be an axis other than the batch's 0, got 0"),
    )
    weights = no_weights("the same values in another view")
    work = no_work("the same values in another view")

    def __post_init__(self) -> None:
        for name in ("start_dim", "end_dim"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value == 0:
                raise ArgumentError(f"`{name}` must be an axis other than the batch's 0, got {value!r}")

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        first, last = (d - 1 if d > 0 else len(shape) + d for d in (self.start_dim, self.end_dim))
        for name, axis in (("start_dim", first), ("end_dim", last)):
            if not 0 <= axis < len(shape):
                raise ShapeError(f"`{name}` {getattr(self, name)} is not an axis of the input")
        if first > last:
            raise ShapeError(f"`start_dim` {self.start_dim} comes after `end_dim` {self.end_dim}")
        return (*shape[:first], product(shape[first : last + 1]), *shape[last + 1 :])


@dataclass(frozen=True)
class Upsample(Layer):
    """Enlarges a map by repeating or interpolating values.

    Shape: (C, …) to (C, …) of `size`, or of ⌊n · `scale_factor`⌋ an axis.
    Counts: for 'nearest' nothing, values are copied; for 'linear', 'bilinear' and 'trilinear'
        2ⁿ multiplications and 2ⁿ - 1 additions an output over n axes.
    Errors: both or neither of `size` and `scale_factor`; a mode for other axes.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html

    Example:
        >>> Upsample(scale_factor=2).out_shape((64, 28, 28))
        (64, 56, 56)
    """

    size: Any = None
    scale_factor: Any = None
    mode: str = "nearest"
    align_corners: Any = None

    modes: ClassVar[dict[str, int | None]] = {"nearest": None, "linear": 1, "bilinear": 2, "trilinear": 3}
    examples = (
        example("Upsample(scale_factor=2)", (3, 5, 7)),
        example("Upsample((9, 14), mode='bilinear')", (3, 5, 7)),
        example("Upsample(scale_factor=(2, 3), mode='bilinear', align_corners=True)", (3, 5, 7)),
        example("Upsample(7)", (3, 5)),
        example("Upsample(scale_factor=2, mode='linear')", (3, 5)),
        example("Upsample(2, 2)", (3, 5, 7), fails="one of `size` and `scale_factor`"),
        example("Upsample(9, mode='linear')", (3, 5, 7), fails="mode 'linear' takes 1 spatial axis, not 2"),
    )
    weights = no_weights("interpolation has fixed coefficients")

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
        return Work(muls=2**axes, adds=2**axes - 1).times(product(out))

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach, ...]:
        linear = self.mode != "nearest"
        aligned = bool(self.align_corners)
        return tuple(
            Interpolation(n, o, linear, aligned) for n, o in zip(in_shape[1:], out[1:], strict=True)
        )

    @property
    def cost_type(self) -> str:
        return f"Upsample-{self.mode}"


@dataclass(frozen=True)
class PixelShuffle(Layer):
    """Channels into space: r² channels become one r times as wide and high.

    Shape: (C·r², H, W) to (C, H·r, W·r).
    Counts: nothing: values are moved.
    Errors: channels that r² does not divide.
    Reference: Shi et al., 2016; https://docs.pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html

    Example:
        >>> PixelShuffle(2).out_shape((64, 14, 14))
        (16, 28, 28)
    """

    upscale_factor: Size

    axes = 2
    examples = (
        example("PixelShuffle(2)", (12, 5, 7)),
        example("PixelShuffle(3)", (12, 5, 7), fails="its 12 channels are not divisible by 9"),
    )
    weights = no_weights("it only moves values")
    work = no_work("it only moves values")

    def __post_init__(self) -> None:
        whole("upscale_factor", self.upscale_factor, 1)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c, (h, w) = channels_and_sizes(self, one_input(in_shapes))
        r = self.upscale_factor
        dims.require(dims.divisible(c, r * r), "its {} channels are not divisible by {}", c, r * r)
        return (c // (r * r), h * r, w * r)

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach, ...]:
        return tuple(Interpolation(n, o) for n, o in zip(in_shape[1:], out[1:], strict=True))


@dataclass(frozen=True)
class PixelUnshuffle(Layer):
    """Space into channels: the inverse of PixelShuffle.

    Shape: (C, H·r, W·r) to (C·r², H, W).
    Counts: nothing: values are moved.
    Errors: sizes that r does not divide.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html

    Example:
        >>> PixelUnshuffle(2).out_shape((16, 28, 28))
        (64, 14, 14)
    """

    downscale_factor: Size

    axes = 2
    examples = (
        example("PixelUnshuffle(2)", (3, 4, 6)),
        example("PixelUnshuffle(2)", (3, 5, 6), fails="its size 5 is not divisible by 2"),
    )
    weights = no_weights("it only moves values")
    work = no_work("it only moves values")

    def __post_init__(self) -> None:
        r = whole("downscale_factor", self.downscale_factor, 1)
        settle(self, window=(Window(r, r, (0, 0), 1),) * 2)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c, (h, w) = channels_and_sizes(self, one_input(in_shapes))
        r = self.downscale_factor
        for n in (h, w):
            dims.require(dims.divisible(n, r), "its size {} is not divisible by {}", n, r)
        return (c * r * r, h // r, w // r)


@dataclass(frozen=True)
class ChannelShuffle(Layer):
    """Mixes the channels of `groups` groups, as after a grouped convolution.

    Shape: (C, …), unchanged.
    Counts: nothing: values are moved.
    Errors: channels that `groups` does not divide.
    Reference: Zhang et al., 2018; https://docs.pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html

    Example:
        >>> ChannelShuffle(3).out_shape((240, 28, 28))
        (240, 28, 28)
    """

    groups: Size

    examples = (
        example("ChannelShuffle(3)", (12, 5, 7)),
        example("ChannelShuffle(5)", (12, 5, 7), fails="its 12 channels are not divisible by `groups` 5"),
    )
    weights = no_weights("it only moves values")
    work = no_work("it only moves values")

    def __post_init__(self) -> None:
        whole("groups", self.groups, 1)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c = one_input(in_shapes)[0]
        rule = "its {} channels are not divisible by `groups` {}"
        dims.require(dims.divisible(c, self.groups), rule, c, self.groups)
        return in_shapes[0]


@dataclass(frozen=True)
class ZeroPad2d(Layer):
    """Adds rows and columns of zeros: (left, right, top, bottom), or one number for all four.

    Shape: (C, H, W) to (C, H + top + bottom, W + left + right).
    Counts: nothing: values are moved.
    Errors: a padding that is neither a number nor four.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad2d.html

    Example:
        >>> ZeroPad2d((0, 1, 0, 1)).out_shape((3, 224, 224))
        (3, 225, 225)
    """

    padding: Any

    axes = 2
    examples = (
        example("ZeroPad2d(2)", (3, 5, 7)),
        example("ZeroPad2d((0, 1, 2, 3))", (3, 5, 7)),
        example("ZeroPad2d((0, 1))", (3, 5, 7), fails="`padding` must be a number or four, got 2 values"),
    )
    weights = no_weights("it only adds zeros")
    work = no_work("it only adds zeros")

    def __post_init__(self) -> None:
        value = self.padding
        sides = tuple(value) if isinstance(value, (tuple, list)) else (value,) * 4
        if len(sides) != 4:
            raise ArgumentError(f"`padding` must be a number or four, got {len(sides)} values")
        left, right, top, bottom = (whole("padding", side) for side in sides)
        settle(self, padding=(left, right, top, bottom))
        settle(self, window=(Window(1, 1, (top, bottom), 1), Window(1, 1, (left, right), 1)))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c, sizes = channels_and_sizes(self, one_input(in_shapes))
        assert self.window is not None
        return (c, *not_empty(sizes, tuple(map(Window.places, self.window, sizes))))
