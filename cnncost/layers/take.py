"""Taking part of an input and turning its axes: slice, select, centre crop, zero channels, permute.

Axes are counted as torch does: 0 is the batch, 1 the channels of a map or the tokens of a sequence.
Values are moved, none is computed.
"""

from __future__ import annotations

from typing import Any

from cnncost import dims
from cnncost.dims import Shape, Size, product
from cnncost.errors import ArgumentError, ShapeError
from cnncost.layers.arguments import Axis, Count, Counts, settle, whole
from cnncost.layers.base import Layer, example, layer, no_weights, no_work
from cnncost.layers.saved import Kept, Saved, keeps_nothing
from cnncost.layers.shapes import Letters, axes_of, axis_in, map_axes, one_input
from cnncost.layers.window import Reach, UnknownReach, Window


def shifted(start: Size) -> Window:
    """The view of an axis whose first `start` values are cut off."""
    return Window(1, 1, (-start, 0), 1)


def indexed(shape: Shape, dim: int, index: Any) -> str:
    """PyTorch code that takes part of an axis: `{0}[:, :, 3:5]`."""
    return f"{{0}}[{':, ' * (axis_in(shape, dim) + 1)}{index}]"


@layer
class Slice(Layer):
    """The values from `start` up to `stop` along an axis: a channel split is two of these.

    Shape: (C, …) to (`stop` - `start`, …); without `stop`, to the end. `dim` 1 is the channels.
    Errors: a `stop` past the end of the axis, or not beyond `start`; an axis that is not there; the
        batch axis.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.narrow.html
    """

    start: Size = 0
    stop: Any = None
    dim: Axis = 1

    in_place = True
    examples = (
        example("Slice(4)", (12, 5, 7)),
        example("Slice(0, 4)", (12, 5, 7)),
        example("Slice(2, 5, dim=3)", (3, 4, 6)),
        example("Slice(1, 3, dim=-1)", (10, 6)),
        example("Slice(3, 3)", (12, 5, 7), fails="`stop` must be greater than `start` 3, got 3"),
        example("Slice(0, 13)", (12, 5, 7), fails="`stop` 13 is past the 12 values of axis 1"),
        example("Slice(12)", (12, 5, 7), fails="`start` 12 leaves none of the 12 values of axis 1"),
        example("Slice(1, dim=4)", (12, 5, 7), fails="`dim` 4 is not an axis of the input, whose last is 3"),
        example("Slice(1, dim=0)", (12, 5), fails="`dim` must be an axis other than the batch's 0, got 0"),
        example("Slice(1, dim=-3)", (12, 5), fails="`dim` -3 is the batch's axis"),
    )
    weights = no_weights("part of the same values")
    work = no_work("part of the same values")
    saved = keeps_nothing("part of the same values")
    view = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.stop is not None:
            rule = "`stop` must be greater than `start` {}, got {}"
            beyond = whole("stop", self.stop) > self.start
            dims.require(beyond, rule, self.start, self.stop, error=ArgumentError)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        axis = axis_in(shape, self.dim)
        n = shape[axis]
        if self.stop is None:
            rule = "`start` {} leaves none of the {} values of axis {}"
            dims.require(self.start < n, rule, self.start, n, axis + 1)
            kept = n - self.start
        else:
            rule = "`stop` {} is past the {} values of axis {}"
            dims.require(self.stop <= n, rule, self.stop, n, axis + 1)
            kept = self.stop - self.start
        return (*shape[:axis], kept, *shape[axis + 1 :])

    def expression(self, *in_shapes: Shape) -> str:
        ends = "" if self.stop is None else self.stop
        return indexed(in_shapes[0], self.dim, f"{self.start or ''}:{ends}")

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        cut = axis_in(in_shape, self.dim)
        return tuple(shifted(self.start) if axis == cut else None for axis in range(len(in_shape)))


@layer
class Select(Layer):
    """One position of an axis, which is then gone: the class token of a sequence.

    Shape: (T, F) to (F,). `dim` 1 is the tokens; an `index` of -1 is the last position.
    Errors: an `index` or an axis that is not there; the batch axis; an input of one axis only.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.select.html
    """

    index: int
    dim: Axis = 1

    in_place = True
    examples = (
        example("Select(0)", (10, 6)),
        example("Select(-1, dim=2)", (3, 4, 6)),
        example("Select(2, dim=-1)", (3, 4, 6)),
        example("Select(10)", (10, 6), fails="`index` 10 is not among the 10 values of axis 1"),
        example("Select(1, 0)", (10, 6), fails="`dim` must be an axis other than the batch's 0, got 0"),
        example("Select(0)", (6,), fails="it takes an input of 2 axes or more, not of 1"),
    )
    weights = no_weights("part of the same values")
    work = no_work("part of the same values")
    saved = keeps_nothing("part of the same values")
    view = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.index, bool) or not isinstance(self.index, int):
            raise ArgumentError(f"`index` must be a whole number, got {self.index!r}")

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        axis = axis_in(shape, self.dim)
        if len(shape) < 2:
            raise ShapeError("it takes an input of 2 axes or more, not of 1")
        n = shape[axis]
        needed = self.index + 1 if self.index >= 0 else -self.index
        dims.require(needed <= n, "`index` {} is not among the {} values of axis {}", self.index, n, axis + 1)
        return (*shape[:axis], *shape[axis + 1 :])

    def expression(self, *in_shapes: Shape) -> str:
        return indexed(in_shapes[0], self.dim, self.index)

    def out_axes(self, letters: Letters) -> Letters:
        axis = axis_in(letters, self.dim)
        return (*letters[:axis], *letters[axis + 1 :])


@layer
class CenterCrop(Layer):
    """The middle of a map: what a U-Net cuts out of a skip connection.

    Shape: (C, H, W) to (C, h, w) for a `size` of h×w.
    Errors: a `size` larger than the map.
    Reference: https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.CenterCrop.html
    """

    size: Counts

    axes = 2
    examples = (
        example("CenterCrop(4)", (3, 8, 7)),
        example("CenterCrop((3, 6))", (3, 6, 6)),
        example("CenterCrop(8)", (3, 9, 7), fails="a crop of 8 is larger than the 7 there are"),
    )
    weights = no_weights("part of the same values")
    work = no_work("part of the same values")
    saved = keeps_nothing("part of the same values")
    view = True

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c, sizes = self.channels_and_sizes(in_shapes)
        for n, size in zip(sizes, self.size, strict=True):
            dims.require(size <= n, "a crop of {} is larger than the {} there are", size, n)
        return (c, *self.size)

    def expression(self, *in_shapes: Shape) -> str:
        margins = [half(n - size) for n, size in zip(in_shapes[0][1:], self.size, strict=True)]
        ends = [f"{m}:{m + size}" for m, size in zip(margins, self.size, strict=True)]
        return f"{{0}}[..., {', '.join(ends)}]"

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        margins = (half(n - size) for n, size in zip(in_shape[1:], self.size, strict=True))
        return (None, *map(shifted, margins))


def half(n: Size) -> Size:
    """n / 2 rounded to the nearest whole number, a half to the even one: torchvision's margin."""
    return (n + n // 2 % 2) // 2


@layer
class PadChannels(Layer):
    """Channels of zeros before and after: the shortcut without weights (option A) of a ResNet.

    Shape: (C, …) to (`before` + C + `after`, …); `dim` is another axis than that of the channels, 1.
    Errors: a number of channels below 0; an axis that is not there; the batch axis.
    Reference: He et al., 2016, section 3.3;
        https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
    """

    before: Size
    after: Size
    dim: Axis = 1

    examples = (
        example("PadChannels(2, 3)", (4, 5, 7)),
        example("PadChannels(0, 16)", (16,)),
        example("PadChannels(0, 2, dim=-2)", (4, 5, 7)),
        example("PadChannels(-1, 3)", (4, 5, 7), fails="`before` must be at least 0, got -1"),
    )
    weights = no_weights("it only adds zeros")
    work = no_work("it only adds zeros")
    saved = keeps_nothing("it only adds zeros")

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        axis = axis_in(shape, self.dim)
        return (*shape[:axis], self.before + shape[axis] + self.after, *shape[axis + 1 :])

    def expression(self, *in_shapes: Shape) -> str:
        behind = len(in_shapes[0]) - 1 - axis_in(in_shapes[0], self.dim)
        return f"F.pad({{0}}, {(*(0, 0) * behind, self.before, self.after)})"

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        padded = axis_in(in_shape, self.dim)
        return tuple(shifted(-self.before) if axis == padded else None for axis in range(len(in_shape)))


@layer
class Permute(Layer):
    """The axes in another order: (0, 2, 3, 1) puts the channels of a map last. Axis 0 is the batch.

    Shape: axis i of the output is axis `dims[i]` of the input: (C, H, W) to (H, W, C) for (0, 2, 3, 1).
    Errors: `dims` that do not name every axis once, or that move the batch from its place.
    Reference: https://docs.pytorch.org/vision/stable/generated/torchvision.ops.Permute.html
    """

    dims: Any

    in_place = True
    equal_axes_once = False
    examples = (
        example("Permute((0, 2, 3, 1))", (3, 5, 7)),
        example("Permute([0, 3, 1, 2])", (5, 7, 3)),
        example("Permute((0, -1, -2))", (6, 10)),
        example(
            "Permute((0, 2, 1))", (3, 5, 7), fails="`dims` (0, 2, 1) order 3 axes; the input's are 0 to 3"
        ),
        example("Permute('rows')", (3, 5), fails="`dims` must be numbers of axes, got ('rows',)"),
        example("Permute((0, 2, 3))", (3, 5), fails="`dims` must name each axis once, got (0, 2, 3)"),
        example(
            "Permute((1, 2, 0))", (3, 5), fails="`dims` must begin with 0, the batch's axis, got (1, 2, 0)"
        ),
    )
    weights = no_weights("the same values in another view")
    work = no_work("the same values in another view")
    saved = keeps_nothing("the same values in another view")
    view = True

    def __post_init__(self) -> None:
        given = tuple(self.dims) if isinstance(self.dims, (tuple, list)) else (self.dims,)
        axes = range(len(given))
        if any(isinstance(d, bool) or not isinstance(d, int) for d in given):
            raise ArgumentError(f"`dims` must be numbers of axes, got {given}")
        order = [d + len(given) if d < 0 else d for d in given]
        if sorted(order) != list(axes):
            raise ArgumentError(f"`dims` must name each axis once, got {given}")
        if order[0] != 0:
            raise ArgumentError(f"`dims` must begin with 0, the batch's axis, got {given}")
        settle(self, dims=given, order=tuple(axis - 1 for axis in order[1:]))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        assert self.order is not None
        if len(shape) != len(self.order):
            ordered = f"`dims` {self.dims} order {axes_of(self.dims)}"
            raise ShapeError(f"{ordered}; the input's are 0 to {len(shape)}")
        return tuple(shape[axis] for axis in self.order)

    def expression(self, *in_shapes: Shape) -> str:
        return f"{{0}}.permute({', '.join(map(str, self.dims))})"


@layer
class Gather(Layer):
    """Values of the input at fixed places, in any order and number: by a table of indices, rolled, repeated.

    It stands for what Slice, Permute and the like do not say: an index by a fixed table, `roll`, `flip`,
    every second row, copies of an axis, zeros around a map.

    Shape: any of as many values as `of` says, to `shape`: the places are those of one size of input.
    Counts: nothing: values are copied.
    Errors: a `shape` that is not a list of sizes; an input of another number of values than `of`.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.gather.html
    """

    shape: Any
    of: Count = None

    equal_axes_once = False
    twin_name = "cnncost.measure.twins.modules.GatherModule"
    examples = (
        example("Gather((4, 8))", (4, 15)),
        example("Gather((3, 2, 9))", (4, 15)),
        example("Gather((3, 2, 9), of=60)", (4, 15)),
        example("Gather((3, 2, 9), of=60)", (5, 15), fails="it picks from 60 values, not from 75"),
        example("Gather(8)", (4, 15), fails="`shape` must be a list of sizes, got 8"),
    )
    weights = no_weights("values are copied")
    work = no_work("values are copied")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.shape, (tuple, list)):
            raise ArgumentError(f"`shape` must be a list of sizes, got {self.shape!r}")
        settle(self, shape=tuple(whole("shape", n, 1) for n in self.shape))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        values = product(one_input(in_shapes))
        if self.of is not None:
            dims.require(dims.same(values, self.of), "it picks from {} values, not from {}", self.of, values)
        return tuple(self.shape)

    def out_axes(self, letters: Letters) -> Letters:
        return letters if len(letters) == len(self.shape) else map_axes(len(self.shape))

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return Saved(made=(Kept("places", (product(out),), "index", batch=False),))

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return tuple(UnknownReach() for _ in in_shape)
