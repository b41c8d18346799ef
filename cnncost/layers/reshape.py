"""Layers that pass values on: identity, dropout, flatten and unflatten, and channel shuffle."""

from __future__ import annotations

from typing import Any

from cnncost import dims
from cnncost.dims import Shape, product
from cnncost.errors import ArgumentError, ShapeError
from cnncost.layers.arguments import Axis, Count, Share, settle, whole
from cnncost.layers.base import Layer, example, layer, no_weights, no_work, same_shape
from cnncost.layers.saved import Kept, Saved, keeps_nothing
from cnncost.layers.shapes import (
    AXES,
    CHANNELS,
    Letters,
    axis_in,
    map_axes,
    nameless,
    one_input,
)
from cnncost.layers.window import Reach, UnknownReach


@layer
class Identity(Layer):
    """The input as it is: an empty branch.

    Errors: none.
    """

    in_place = True
    examples = (example("Identity", (3, 5, 7)),)
    weights = no_weights("it passes the input on")
    work = no_work("it passes the input on")
    saved = keeps_nothing("it passes the input on")
    view = True

    out_shape = same_shape


@layer
class _Dropout(Layer, abstract=True):
    """Zeroes values at random in training; does nothing in inference."""

    p: Share = 0.5
    inplace: bool = False

    in_place = True
    off_in_inference = True
    weights = no_weights("it only drops values")
    work = no_work("dropout is switched off in inference")

    out_shape = same_shape

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return Saved(made=(Kept("kept channels", out[:1]),))


class Dropout(_Dropout):
    """Zeroes single values with probability `p` in training.

    Errors: a `p` outside 0 to 1.
    Reference: Srivastava et al., 2014
    """

    examples = (
        example("Dropout", (3, 5, 7)),
        example("Dropout(1.5)", (3, 5, 7), fails="`p` must be between 0 and 1, got 1.5"),
    )

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return Saved(made=(Kept("mask", out, "mask"),))


class Dropout1d(_Dropout):
    """Zeroes whole channels of a sequence with probability `p` in training."""

    examples = (example("Dropout1d(0.2)", (3, 7)),)


class Dropout2d(_Dropout):
    """Zeroes whole channels with probability `p` in training.

    Shape: (C, H, W), unchanged.
    Errors: a `p` outside 0 to 1.
    Reference: Tompson et al., 2015
    """

    examples = (example("Dropout2d(0.2)", (3, 5, 7)),)


class Dropout3d(_Dropout):
    """Zeroes whole channels of a volume with probability `p` in training."""

    examples = (example("Dropout3d(0.2)", (3, 4, 5, 7)),)


class AlphaDropout(_Dropout):
    """Dropout that keeps mean and variance, for SELU networks.

    Errors: a `p` outside 0 to 1.
    """

    examples = (example("AlphaDropout(0.1)", (11,)),)

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return Saved(made=(Kept("noise", out),))


class FeatureAlphaDropout(_Dropout):
    """AlphaDropout of whole channels.

    Errors: a `p` outside 0 to 1.
    """

    examples = (example("FeatureAlphaDropout(0.1)", (3, 5, 7)),)


@layer
class Flatten(Layer):
    """Lays axes end to end: an image becomes a vector. Axis 0 is the batch, as in torch.

    Shape: (C, H, W) to (C·H·W,) by default.
    Errors: axes that the input does not have; the batch axis.
    """

    start_dim: Axis = 1
    end_dim: Axis = -1

    examples = (
        example("Flatten", (4, 5, 6)),
        example("Flatten(2)", (4, 5, 6)),
        example("Flatten(1, 2)", (4, 5, 6)),
        example("Flatten(3, 2)", (4, 5, 6), fails="`start_dim` 3 comes after `end_dim` 2"),
        example("Flatten(0)", (4, 5, 6), fails="`start_dim` must be an axis other than the batch's 0, got 0"),
    )
    weights = no_weights("the same values in another view")
    work = no_work("the same values in another view")
    saved = keeps_nothing("the same values in another view")
    view = True

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        first, last = (axis_in(shape, getattr(self, name), name) for name in ("start_dim", "end_dim"))
        if first > last:
            raise ShapeError(f"`start_dim` {self.start_dim} comes after `end_dim` {self.end_dim}")
        return (*shape[:first], product(shape[first : last + 1]), *shape[last + 1 :])

    def out_axes(self, letters: Letters) -> Letters:
        first, last = (axis_in(letters, dim) for dim in (self.start_dim, self.end_dim))
        joined = letters[first : last + 1]
        if len(joined) == len(letters):
            return ("F",)
        tokens = "T" if len(joined) > 1 else joined[0]
        channels = next((letter for letter in joined if letter in CHANNELS), tokens)
        return (*letters[:first], channels, *letters[last + 1 :])


@layer
class Unflatten(Layer):
    """One axis as several: tokens become a map again. Axis 0 is the batch, as in torch.

    Shape: (C, N) with Unflatten(2, (H, W)) to (C, H, W), where N = H·W.
    Errors: sizes whose product is not that of the axis; an axis that is not there; the batch axis.
    """

    dim: Axis
    unflattened_size: Any

    in_place = True
    equal_axes_once = False
    examples = (
        example("Unflatten(2, (3, 5))", (4, 15)),
        example("Unflatten(-1, (2, 3, 2))", (5, 12)),
        example("Unflatten(2, (3, 4))", (4, 15), fails="an axis of 15 is not 3×4"),
        example("Unflatten(3, (3, 5))", (4, 15), fails="`dim` 3 is not an axis of the input"),
        example(
            "Unflatten(0, (3, 5))", (4, 15), fails="`dim` must be an axis other than the batch's 0, got 0"
        ),
        example("Unflatten(2, 15)", (4, 15), fails="`unflattened_size` must be a list of sizes, got 15"),
    )
    weights = no_weights("the same values in another view")
    work = no_work("the same values in another view")
    saved = keeps_nothing("the same values in another view")
    view = True

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes = self.unflattened_size
        if not isinstance(sizes, (tuple, list)):
            raise ArgumentError(f"`unflattened_size` must be a list of sizes, got {sizes!r}")
        settle(self, unflattened_size=tuple(whole("unflattened_size", n, 1) for n in sizes))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        axis = axis_in(shape, self.dim)
        sizes = self.unflattened_size
        fits = dims.same(shape[axis], product(sizes))
        dims.require(fits, "an axis of {} is not {}", shape[axis], "×".join(map(str, sizes)))
        return (*shape[:axis], *sizes, *shape[axis + 1 :])

    def out_axes(self, letters: Letters) -> Letters:
        axis, count = axis_in(letters, self.dim), len(self.unflattened_size)
        if len(letters) == 1:
            return map_axes(count)
        if letters[axis] in CHANNELS:
            made = (letters[axis], *nameless(count - 1))
        else:
            made = AXES.get(count, nameless(count)) if count > 1 else letters[axis : axis + 1]
        return (*letters[:axis], *made, *letters[axis + 1 :])


@layer
class Reshape(Layer):
    """The same values in the same order, in another shape.

    Shape: any, to `shape`.
    Errors: a `shape` of another number of values.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.reshape.html
    """

    shape: Any

    equal_axes_once = False
    examples = (
        example("Reshape((6, 10))", (4, 15)),
        example("Reshape((5, 3, 4))", (12, 5)),
        example("Reshape((7, 9))", (4, 15), fails="60 values do not make 7×9"),
        example("Reshape(60)", (4, 15), fails="`shape` must be a list of sizes, got 60"),
    )
    weights = no_weights("the same values in another view")
    work = no_work("the same values in another view")
    saved = keeps_nothing("the same values in another view")
    view = True

    def __post_init__(self) -> None:
        sizes = self.shape
        if not isinstance(sizes, (tuple, list)):
            raise ArgumentError(f"`shape` must be a list of sizes, got {sizes!r}")
        settle(self, shape=tuple(whole("shape", n, 1) for n in sizes))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        values = product(one_input(in_shapes))
        fits = dims.same(values, product(self.shape))
        dims.require(fits, "{} values do not make {}", values, "×".join(map(str, self.shape)))
        return self.shape  # type: ignore[no-any-return]

    def expression(self, *in_shapes: Shape) -> str:
        return f"{{0}}.reshape({', '.join(map(str, (-1, *self.shape)))})"

    def out_axes(self, letters: Letters) -> Letters:
        return map_axes(len(self.shape))

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return tuple(UnknownReach() for _ in in_shape)


@layer
class ChannelShuffle(Layer):
    """Mixes the channels of `groups` groups, as after a grouped convolution.

    Shape: (C, …), unchanged.
    Errors: channels that `groups` does not divide.
    Reference: Zhang et al., 2018
    """

    groups: Count

    examples = (
        example("ChannelShuffle(3)", (12, 5, 7)),
        example("ChannelShuffle(5)", (12, 5, 7), fails="its 12 channels are not divisible by `groups` 5"),
    )
    weights = no_weights("it only moves values")
    work = no_work("it only moves values")
    saved = keeps_nothing("it only moves values")

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c = one_input(in_shapes)[0]
        rule = "its {} channels are not divisible by `groups` {}"
        dims.require(dims.divisible(c, self.groups), rule, c, self.groups)
        return in_shapes[0]

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return (UnknownReach(), *(None for _ in in_shape[1:]))
