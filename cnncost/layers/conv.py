"""Convolutions: Conv1d, Conv2d, Conv3d and their transposes."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncost import dims
from cnncost.dims import Shape, Size
from cnncost.errors import ArgumentError
from cnncost.layers.arguments import Count, Counts, Sizes, one_of, per_axis, settle
from cnncost.layers.base import Layer, Twin, example, layer
from cnncost.layers.saved import Kept, Saved, keeps
from cnncost.layers.shapes import not_empty
from cnncost.layers.window import SAME_TF, Reach, TransposedWindow, in_groups, windows
from cnncost.layers.work import Work


class _AnyConv(Layer, abstract=True):
    """What all convolutions share, for any number of spatial axes.

    `axes` is how many there are, set by the class; `window`, from Layer, is what receptive fields
    and output sizes read, set when the padding is settled.

    Errors: channels that `groups` does not divide; an output that shrinks to nothing.
    """

    out_channels: Count
    kernel_size: Counts
    stride: Counts
    padding: Any
    dilation: Counts
    groups: Count
    bias: bool
    padding_mode: str
    padding_modes: ClassVar[tuple[str, ...]] = ("zeros", "reflect", "replicate", "circular")

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("padding_mode", self.padding_mode, self.padding_modes)
        self.settle_padding()
        divides = dims.divisible(self.out_channels, self.groups)
        rule = "`out_channels` {} is not divisible by `groups` {}"
        dims.require(divides, rule, self.out_channels, self.groups, error=ArgumentError)

    def settle_padding(self) -> None:
        """Give the padding its normal form."""
        raise TypeError

    def out_sizes(self, sizes: Shape) -> Shape:
        """The sizes of the output's spatial axes."""
        raise TypeError

    def ways(self, sizes: Shape) -> tuple[Reach, ...]:
        """How outputs look back along the spatial axes."""
        return self.windows_on(sizes)

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach, ...]:
        return (in_groups(in_shape[0], out[0], self.groups), *self.ways(in_shape[1:]))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c, sizes = self.channels_and_sizes(in_shapes)
        rule = "its {} input channels are not divisible by `groups` {}"
        dims.require(dims.divisible(c, self.groups), rule, c, self.groups)
        return (self.out_channels, *not_empty(sizes, self.out_sizes(sizes)))

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"in_channels": in_shapes[0][0]}

    def with_bias(self, weight: Shape) -> dict[str, Shape]:
        """The weight, and one bias for each output channel where the layer has them."""
        return {"weight": weight, "bias": (self.out_channels,)} if self.bias else {"weight": weight}


class ForwardConv(_AnyConv, abstract=True):
    """What convolutions share that are not transposed."""

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        return self.with_bias((self.out_channels, in_shapes[0][0] // self.groups, *self.kernel_size))

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        window = in_shapes[0][0] // self.groups * dims.product(self.kernel_size)
        outputs = dims.product(out)
        return Work(macs=outputs * window, adds=outputs if self.bias else 0, macts=outputs)


@layer
class _Conv(ForwardConv, abstract=True):
    """Fields and formulas of Conv1d, Conv2d and Conv3d.

    Counts: a multiply-add for each weight at each output; the bias, one addition per output.
    """

    out_channels: Count
    kernel_size: Counts
    stride: Counts = 1
    padding: Any = 0
    dilation: Counts = 1
    groups: Count = 1
    bias: bool = True
    padding_mode: str = "zeros"

    def settle_padding(self) -> None:
        pads: str | tuple[tuple[Size, Size], ...]
        if self.padding == SAME_TF:
            one_of("padding_mode", self.padding_mode, ("zeros",))
            pads = SAME_TF
        elif self.padding in ("same", "valid"):
            rule = f"`padding='same'` needs `stride` 1; TensorFlow's SAME padding is '{SAME_TF}'"
            for s in self.stride if self.padding == "same" else ():
                dims.require(dims.same(s, 1), rule, error=ArgumentError)
            pads = tuple(map(self.named_padding, self.kernel_size, self.dilation))
        elif isinstance(self.padding, str):
            words = f"'same', 'valid' or '{SAME_TF}'"
            raise ArgumentError(f"`padding` must be a size, {words}, got {self.padding!r}")
        else:
            settle(self, padding=per_axis("padding", self.padding, self.axes or 2))
            pads = tuple((p, p) for p in self.padding)
        settle(self, window=windows(self.kernel_size, self.stride, pads, self.dilation))

    def named_padding(self, k: Size, d: Size) -> tuple[Size, Size]:
        """`same` adds d(k - 1) in all, the odd one behind; `valid` adds nothing."""
        total = d * (k - 1) if self.padding == "same" else 0
        return total // 2, total - total // 2

    def out_sizes(self, sizes: Shape) -> Shape:
        slid = self.window or ()
        if self.padding_mode in ("reflect", "circular"):  # they take their padding from the input
            spare = 1 if self.padding_mode == "reflect" else 0
            rule = "`padding_mode='{}'` has {} values for a `padding` of {}"
            for n, window in zip(sizes, slid, strict=True):
                for pad in window.padding:
                    dims.require(pad <= n - spare, rule, self.padding_mode, n - spare, pad)
        return tuple([window.places(n) for window, n in zip(slid, sizes, strict=True)])

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        sizes, slid = in_shapes[0][1:], self.windows_on(in_shapes[0][1:])
        pads = [window.padding for window in slid]
        # torch pads with zeros by itself where both sides get as many; else it makes a padded copy
        if self.padding_mode == "zeros" and self.padding != SAME_TF:
            pads = [(0, behind - before) for before, behind in pads]
            if not any(behind for _, behind in pads):
                return Saved(inputs=(0,))
        padded = (before + n + behind for n, (before, behind) in zip(sizes, pads, strict=True))
        kept = (0,) if self.padding_mode in ("reflect", "replicate") else ()
        return Saved(inputs=kept, made=(Kept("padded input", (in_shapes[0][0], *padded)),))

    def twin(self, *in_shapes: Shape) -> Twin:
        return same_twin(self, super().twin(*in_shapes))


def same_twin(layer: Layer, twin: Twin) -> Twin:
    """The PyTorch module of a layer with a window; with SAME padding, which torch lacks, one of cnncost's."""
    arguments = dict(twin.arguments)
    if arguments.get("padding") != SAME_TF:
        return twin
    del arguments["padding"]
    return Twin(f"cnncost.measure.twins.same_padding.{type(layer).__name__}Same", arguments)


class Conv1d(_Conv):
    """A convolution over a sequence."""

    axes = 1
    examples = (
        example("Conv1d(16, 5, stride=2, padding=2)", (3, 101)),
        example("Conv1d(6, 3, dilation=2, groups=3, bias=False)", (9, 20)),
        example("Conv1d(4, 9)", (3, 8), fails="shrinks to nothing"),
    )


class Conv2d(_Conv):
    """A convolution over an image: one filter for each output channel slides over the input.

    Shape: (C, H, W) to (`out_channels`, H', W'), H' = ⌊(H + 2P - D(K - 1) - 1) / S⌋ + 1.
    Counts: a multiply-add for each weight at each output, zeros of the padding included; the bias, one
        addition per output.
    """

    axes = 2
    examples = (
        example("Conv2d(96, 11, stride=4)", (3, 227, 227)),
        example("Conv2d(8, 3)", (3, 9, 7)),
        example("Conv2d(8, (3, 5), stride=(1, 2), padding=(1, 0))", (4, 13, 17)),
        example("Conv2d(12, 3, padding=1, groups=4, bias=False)", (8, 10, 11)),
        example("Conv2d(8, 3, dilation=(2, 3))", (2, 15, 16)),
        example("Conv2d(8, 4, padding='same', dilation=3)", (2, 15, 16)),
        example("Conv2d(8, 3, padding='valid', padding_mode='reflect')", (2, 15, 16)),
        example("Conv2d(8, 3, stride=2, padding='same_tf')", (2, 15, 16)),
        example("Conv2d(8, (4, 1), stride=(3, 4), padding='same_tf', dilation=2)", (2, 13, 17)),
        example(
            "Conv2d(8, 3, padding='same_tf', padding_mode='reflect')",
            (2, 15, 16),
            fails="`padding_mode` must be one of 'zeros', got 'reflect'",
        ),
        example(
            "Conv2d(8, 3, padding='full')", (2, 9, 9), fails="must be a size, 'same', 'valid' or 'same_tf'"
        ),
        example(
            "Conv2d(8, 7, padding=3, padding_mode='reflect')",
            (2, 4, 3),
            fails="has 2 values for a `padding` of 3",
        ),
        example("Conv2d(8, 7, padding=3, padding_mode='circular')", (2, 4, 3)),
        example("Conv2d(8, 3, groups=3)", (3, 8, 8), fails="`out_channels` 8 is not divisible by `groups` 3"),
        example("Conv2d(9, 3, groups=3)", (4, 8, 8), fails="4 input channels are not divisible"),
        example("Conv2d(8, 7)", (3, 5, 9), fails="shrinks to nothing"),
        example("Conv2d(8, 3)", (9216,), fails="takes a C×H×W input, not one of 1 axis"),
        example("Conv2d(8, 3, stride=2, padding='same')", (3, 8, 8), fails="needs `stride` 1"),
    )


class Conv3d(_Conv):
    """A convolution over a volume or a video."""

    axes = 3
    examples = (
        example("Conv3d(8, 3, padding=1)", (3, 6, 8, 10)),
        example("Conv3d(8, (1, 3, 5), stride=(1, 2, 2), groups=2)", (4, 5, 9, 11)),
        example("Conv3d(8, (3, 3))", (3, 6, 8, 10), fails="must be a number or a triple, got 2 values"),
    )


@layer
class _ConvTranspose(_AnyConv, abstract=True):
    """A convolution run backwards: each input is spread over the outputs that its kernel covers.

    Counts: a multiply-add for each weight at each *input*; the bias, one addition per output.
    Errors: channels that `groups` does not divide; an output that shrinks to nothing; an
        `output_padding` not smaller than stride or dilation.
    """

    padding_modes = ("zeros",)
    saved = keeps(0)

    out_channels: Count
    kernel_size: Counts
    stride: Counts = 1
    padding: Sizes = 0
    output_padding: Sizes = 0
    groups: Count = 1
    bias: bool = True
    dilation: Counts = 1
    padding_mode: str = "zeros"

    def settle_padding(self) -> None:
        rule = "`output_padding` must be smaller than `stride` or `dilation`, got {}"
        for extra, s, d in zip(self.output_padding, self.stride, self.dilation, strict=True):
            # for symbols, the usual case is the one that is assumed
            smaller = extra < s if dims.is_symbolic(extra < s) else (extra < s) | (extra < d)
            dims.require(smaller, rule, extra, error=ArgumentError)

    def out_sizes(self, sizes: Shape) -> Shape:
        arguments = (self.kernel_size, self.stride, self.padding, self.dilation, self.output_padding)
        return tuple(map(covered_outputs, sizes, *arguments))

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        return self.with_bias((in_shapes[0][0], self.out_channels // self.groups, *self.kernel_size))

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        window = self.out_channels // self.groups * dims.product(self.kernel_size)
        macs = dims.product(in_shapes[0]) * window
        outputs = dims.product(out)
        return Work(macs=macs, adds=outputs if self.bias else 0, macts=outputs)

    def ways(self, sizes: Shape) -> tuple[Reach, ...]:
        return tuple(map(TransposedWindow, self.kernel_size, self.stride, self.padding, self.dilation))


def covered_outputs(n: Size, k: Size, s: Size, p: Size, d: Size, extra: Size) -> Size:
    """The outputs that n spread inputs cover: (n - 1)s - 2p + d(k - 1) + output padding + 1."""
    return (n - 1) * s - 2 * p + d * (k - 1) + extra + 1


class ConvTranspose1d(_ConvTranspose):
    """A transposed convolution over a sequence."""

    axes = 1
    examples = (
        example("ConvTranspose1d(8, 4, stride=2, padding=1)", (3, 50)),
        example("ConvTranspose1d(6, 3, stride=3, output_padding=1, groups=3, dilation=2)", (9, 11)),
    )


class ConvTranspose2d(_ConvTranspose):
    """A transposed ("up-") convolution over an image.

    Shape: (C, H, W) to (`out_channels`, H', W'), H' = (H - 1)S - 2P + D(K - 1) + output padding + 1.
    Counts: a multiply-add for each weight at each *input*, which a real kernel computes; the bias, one
        addition per output.
    """

    axes = 2
    examples = (
        example("ConvTranspose2d(64, 2, stride=2)", (128, 28, 28)),
        example("ConvTranspose2d(8, 3, stride=2, padding=1, output_padding=1)", (4, 7, 9)),
        example(
            "ConvTranspose2d(6, (3, 4), stride=(2, 3), groups=2, bias=False, dilation=(1, 2))", (4, 5, 6)
        ),
        example(
            "ConvTranspose2d(8, 3, output_padding=1)", (4, 7, 9), fails="`output_padding` must be smaller"
        ),
        example("ConvTranspose2d(8, 1, padding=4)", (4, 7, 9), fails="shrinks to nothing"),
    )


class ConvTranspose3d(_ConvTranspose):
    """A transposed convolution over a volume."""

    axes = 3
    examples = (example("ConvTranspose3d(4, 3, stride=2, padding=1)", (8, 4, 5, 6)),)
