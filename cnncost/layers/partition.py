"""Windows of a map: cutting it into windows of tokens, and putting it together again.

The map has its channels last, H×W×C, or T×H×W×C with windows of three sizes; its windows are
windows × tokens × features, as attention takes them. A map that the windows do not fill is padded
with zeros below and to the right.
"""

from __future__ import annotations

from cnncost import dims
from cnncost.dims import Shape, Size, ceil_div, product
from cnncost.errors import ShapeError
from cnncost.layers.arguments import Counts, Sizes, pair_or_triple
from cnncost.layers.base import Layer, example, layer, no_weights, no_work
from cnncost.layers.saved import Kept, keeps_nothing
from cnncost.layers.shapes import Letters, axes_of, nameless, one_input
from cnncost.layers.window import Reach, UnknownReach


def covering(window: Shape, sizes: Shape) -> Size:
    """How many windows cover a map."""
    return product(map(ceil_div, sizes, window))


def by(sizes: Shape) -> str:
    """The places of sizes in a message: `{}×{}`."""
    return "×".join(["{}"] * len(sizes))


class _Windows(Layer, abstract=True):
    """What both directions share."""

    window_size: Counts
    shift: Sizes
    grid: bool

    letters = ("H", "W", "C")
    out_letters = ("N", "T", "C")
    equal_axes_once = False
    weights = no_weights("it only moves values")
    work = no_work("it only moves values")
    saved = keeps_nothing("it only moves values")

    def temporaries(self, in_shapes: tuple[Shape, ...], out: Shape) -> tuple[Kept, ...]:
        return (Kept("padded map", out),)

    @property
    def sizes_given(self) -> int:
        return pair_or_triple(self.window_size)

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return (*[UnknownReach() for _ in in_shape[1:]], None)


@layer
class WindowPartition(_Windows):
    """Cuts a map into windows, each a sequence of tokens for attention within it.

    A `shift` moves the map up and to the left under the windows, cyclically, except along an axis
    that a single window covers. In a `grid`, the tokens of a window are not neighbours but
    spread evenly over the map.

    Shape: (H, W, C) to (⌈H/h⌉·⌈W/w⌉, h·w, C) for a `window_size` of h×w; likewise (T, H, W, C) for t×h×w.
    Errors: an input that is not H×W×C, or T×H×W×C for three sizes.
    Reference: Liu et al., 2021, section 3.2 (Swin); Tu et al., 2022, section 3.2 (MaxViT)
    """

    window_size: Counts
    shift: Sizes = 0
    grid: bool = False

    twin_name = "cnncost.measure.twins.windows.WindowPartitionModule"
    examples = (
        example("WindowPartition(4)", (8, 12, 3)),
        example("WindowPartition((4, 3), shift=2)", (10, 7, 5)),
        example("WindowPartition(4, grid=True)", (8, 12, 3)),
        example("WindowPartition((4, 3, 2), (2, 1, 0))", (5, 9, 4, 2)),
        example("WindowPartition((2, 3, 2), grid=True)", (4, 6, 4, 2)),
        example(
            "WindowPartition((2, 2, 2, 2))", (4, 4, 3), fails="must be a number or a triple, got 4 values"
        ),
        example("WindowPartition((2, 2, 2))", (4, 4, 3), fails="it takes a T×H×W×C input, not one of 3 axes"),
        example("WindowPartition(4)", (12, 3), fails="it takes a H×W×C input, not one of 2 axes"),
    )

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        axes = len(self.window_size)
        if len(shape) != axes + 1:
            raise ShapeError(f"it takes a {'T×' * (axes - 2)}H×W×C input, not one of {axes_of(shape)}")
        return (covering(self.window_size, shape[:-1]), product(self.window_size), shape[-1])

    def out_axes(self, letters: Letters) -> Letters:
        return self.out_letters


@layer
class WindowReverse(_Windows):
    """Puts windows together again to the map of `size` that they were cut from, padding left out.

    Shape: (⌈H/h⌉·⌈W/w⌉, h·w, C) to (H, W, C) for a `size` of H×W, or of T×H×W.
    Errors: windows that are not those of such a map.
    Reference: Liu et al., 2021, section 3.2 (Swin); Tu et al., 2022, section 3.2 (MaxViT)
    """

    window_size: Counts
    size: Counts
    shift: Sizes = 0
    grid: bool = False

    letters = ("N", "T", "C")
    out_letters = ("H", "W", "C")
    twin_name = "cnncost.measure.twins.windows.WindowReverseModule"
    examples = (
        example("WindowReverse(4, (8, 12))", (6, 16, 3)),
        example("WindowReverse((4, 3), (10, 7), shift=2)", (9, 12, 5)),
        example("WindowReverse(4, (8, 12), grid=True)", (6, 16, 3)),
        example("WindowReverse((4, 3, 2), (5, 9, 4), (2, 1, 0))", (12, 24, 2)),
        example("WindowReverse(4, (8, 8))", (6, 16, 3), fails="6 windows of 16 do not make 8×8"),
        example(
            "WindowReverse(4, (8, 12))", (96, 3), fails="it takes windows × tokens × features, not 2 axes"
        ),
    )

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        if len(shape) != 3:
            raise ShapeError(f"it takes windows × tokens × features, not {axes_of(shape)}")
        windows, tokens, c = shape
        expected = (covering(self.window_size, self.size), product(self.window_size))
        for n, given in zip((windows, tokens), expected, strict=True):
            rule = f"{{}} windows of {{}} do not make {by(self.size)}"
            dims.require(dims.same(n, given), rule, windows, tokens, *self.size)
        return (*self.size, c)

    def out_axes(self, letters: Letters) -> Letters:
        return (*nameless(len(self.size) - 2), *self.out_letters)
