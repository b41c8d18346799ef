"""Deformable convolution: each tap of the kernel looks where a second input tells it to."""

from __future__ import annotations

from cnncost import dims
from cnncost.dims import Shape, Size, product
from cnncost.errors import ShapeError
from cnncost.layers.arguments import Count, Counts, Sizes, settle
from cnncost.layers.base import example, layer
from cnncost.layers.conv import Conv2d, ForwardConv
from cnncost.layers.saved import Saved, keeps_all
from cnncost.layers.window import Window, windows
from cnncost.layers.work import Work


@layer
class DeformConv2d(ForwardConv):
    """A convolution whose taps are moved by offsets, two for each tap at each output.

    Shape: (C, H, W) and an `offset` of (2·K², H', W') to (`out_channels`, H', W'), H' as Conv2d. A `mask` of
        (K², H', W') weighs the taps. With G times as many offsets, G groups of channels move apart.
        `DeformConv2d(64, 3, padding=1, offset=Conv2d(18, 3, padding=1))`.
    Counts: the multiply-adds of Conv2d; each tap of each channel is interpolated from four values, with four
        multiplications and three additions, and a multiplication with the mask. FlopCounterMode and
        fvcore do not know this layer, and count 0.
    Errors: no `offset`; an offset or a mask that does not fit the kernel and the output; what Conv2d refuses.
    Reference: Dai et al., 2017; Zhu et al., 2019 (mask);
        https://docs.pytorch.org/vision/stable/generated/torchvision.ops.DeformConv2d.html
    """

    out_channels: Count
    kernel_size: Counts
    stride: Counts = 1
    padding: Sizes = 0
    dilation: Counts = 1
    groups: Count = 1
    bias: bool = True

    axes = 2
    padding_mode = "zeros"
    other_inputs = ("offset", "mask")
    twin_name = "cnncost.measure.twins.deform.DeformConv2dModule"
    examples = (
        example("DeformConv2d(6, 3, padding=1)", (4, 8, 9), (18, 8, 9)),
        example(
            "DeformConv2d(6, (3, 2), stride=2, dilation=2, bias=False)", (4, 9, 9), (24, 3, 4), (12, 3, 4)
        ),
        example("DeformConv2d(6, 3, padding=1, groups=2)", (4, 8, 9), (18, 8, 9), (9, 8, 9)),
        example("DeformConv2d(6, 3)", (4, 8, 9), fails="it takes offsets as well: `offset=Conv2d(18, 3)`"),
        example("DeformConv2d(6, 3)", (4, 8, 9), (9, 6, 7), fails="`offset` must have 2·3·3 channels"),
        example("DeformConv2d(6, 3)", (4, 8, 9), (18, 8, 9), fails="`offset` is 8×9, the output 6×7"),
        example(
            "DeformConv2d(6, 3)", (4, 8, 9), (36, 6, 7), (9, 6, 7), fails="`mask` must have 18 channels, half"
        ),
    )

    def settle_padding(self) -> None:
        pads = tuple((p, p) for p in self.padding)
        settle(self, window=windows(self.kernel_size, self.stride, pads, self.dilation))

    def out_sizes(self, sizes: Shape) -> Shape:
        assert self.window is not None
        return tuple(map(Window.places, self.window, sizes))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        x, *others = in_shapes
        out = super().out_shape(x)
        if len(others) not in (1, 2):
            taps = 2 * product(self.kernel_size)
            like = Conv2d(taps, self.kernel_size, self.stride, self.padding, self.dilation)
            raise ShapeError(f"it takes offsets as well: `offset={like}`")
        for name, shape in zip(self.other_inputs, others, strict=False):
            if len(shape) != 3:
                raise ShapeError(f"`{name}` must have channels, height and width, not {len(shape)} axes")
            for n, m in zip(shape[1:], out[1:], strict=True):
                dims.require(dims.same(n, m), "`{}` is {}×{}, the output {}×{}", name, *shape[1:], *out[1:])
        self.check_channels(x[0], *others)
        return out

    def check_channels(self, c: Size, offset: Shape, mask: Shape | None = None) -> None:
        """Hold the channels of offsets and mask to the taps of the kernel."""
        taps = product(self.kernel_size)
        rule = "`offset` must have 2·{}·{} channels or a multiple that divides the {} channels, not {}"
        fits = dims.divisible(offset[0], 2 * taps)
        dims.require(fits, rule, *self.kernel_size, c, offset[0])
        dims.require(dims.divisible(c, offset[0] // (2 * taps)), rule, *self.kernel_size, c, offset[0])
        if mask is not None:
            rule = "`mask` must have {} channels, half of the offsets', not {}"
            dims.require(dims.same(2 * mask[0], offset[0]), rule, offset[0] // 2, mask[0])

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return keeps_all(in_shapes)

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        sampled = in_shapes[0][0] * product(self.kernel_size) * product(out[1:])
        masked = 1 if len(in_shapes) == 3 else 0
        return super().work(in_shapes, out).plus(Work(muls=4 + masked, adds=3).times(sampled))
