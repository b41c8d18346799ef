"""Normalisation by the sample itself: layer, group and local response norms.

Work is that of inference. Where the statistics are known beforehand (running ones), normalising is
one multiplication and one addition per value; where they come from the sample itself, a group of n
values takes n additions for the mean, n subtractions, n squares and n additions for the variance,
a division each, ε added, a square root and a reciprocal, and then one multiplication per value.
"""

from __future__ import annotations

from typing import Any

from cnncost import dims
from cnncost.dims import Shape, Size, product
from cnncost.errors import ShapeError
from cnncost.layers.arguments import Count, Epsilon, settle, whole
from cnncost.layers.base import Layer, example, layer, no_weights
from cnncost.layers.saved import Kept, Saved
from cnncost.layers.shapes import one_input
from cnncost.layers.window import Reach, Whole, Window, in_groups
from cnncost.layers.work import Work


def standardise(groups: Size, n: Size, affine: Size) -> Work:
    """Normalising `groups` groups of n values each by their own mean and variance.

    `affine` is how many values are then scaled and shifted.
    """
    values = groups * n
    return Work(
        adds=3 * values + groups + affine,
        muls=2 * values + affine,
        divs=3 * groups,
        sqrts=groups,
    )


STATISTICS = ("mean", "inverse deviation")
"""What a norm keeps of each group of values beside its input."""


def keeps_statistics(groups: Shape) -> Saved:
    """The input, and mean and inverse deviation of each group."""
    return Saved(inputs=(0,), made=tuple(Kept(name, groups, "statistic") for name in STATISTICS))


def norm_cost_type(kind: str, affine: bool) -> str:
    """The cost type of a norm: fvcore counts one without scale and shift separately."""
    return kind if affine else f"{kind}-plain"


class _LastAxes(Layer, abstract=True):
    """Normalises the last axes of each sample.

    Shape: unchanged. Without `normalized_shape`, the last axis alone is normalised.
    Errors: a `normalized_shape` that is not the end of the input's shape.
    """

    normalized_shape: Any
    elementwise_affine: bool

    in_place = True
    equal_axes_once = False
    features_last = True

    def __post_init__(self) -> None:
        super().__post_init__()
        shape = self.normalized_shape
        if shape is not None:
            sizes = shape if isinstance(shape, (tuple, list)) else (shape,)
            settle(self, normalized_shape=tuple(whole("normalized_shape", n, 1) for n in sizes))

    def group(self, in_shape: Shape) -> Shape:
        """The axes that are normalised together."""
        return in_shape[-1:] if self.normalized_shape is None else self.normalized_shape

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        group = self.group(shape)
        if len(group) > len(shape):
            raise ShapeError(f"`normalized_shape` {group} has more axes than the input")
        for n, given in zip(shape[-len(group) :], group, strict=True):
            rule = "`normalized_shape` {} is not the end of the input's shape{}"
            dims.require(dims.same(n, given), rule, group, of_channels(group, shape))
        return shape

    def groups_of(self, in_shape: Shape) -> tuple[Size, Size]:
        """How many groups there are, and the values of each."""
        group = self.group(in_shape)
        return product(in_shape[: len(in_shape) - len(group)]), product(group)

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        apart = len(in_shape) - len(self.group(in_shape))
        return (*(None for _ in in_shape[:apart]), *map(Whole, in_shape[apart:]))

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"normalized_shape": self.group(in_shapes[0])}

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        if self.normalized_shape is None:
            del given["normalized_shape"]
        return given


@layer
class LayerNorm(_LastAxes):
    """Layer normalisation: the last axes of each sample by their own mean and variance.

    Counts: mean and variance of each group, then a subtraction and a multiplication per value; with
        `elementwise_affine`, one more of each.
    Reference: Ba et al., 2016
    """

    normalized_shape: Any = None
    eps: Epsilon = 1e-5
    elementwise_affine: bool = True
    bias: bool = True

    examples = (
        example("LayerNorm", (10, 16)),
        example("LayerNorm((9, 9))", (4, 9, 9)),
        example("LayerNorm((8, 5, 7), bias=False)", (8, 5, 7)),
        example("LayerNorm(7, elementwise_affine=False)", (8, 5, 7)),
        example(
            "LayerNorm(6)", (8, 5, 7), fails="`normalized_shape` (6,) is not the end of the input's shape"
        ),
    )

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        group = self.group(in_shapes[0])
        if not self.elementwise_affine:
            return {}
        return {"weight": group, "bias": group} if self.bias else {"weight": group}

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        groups, values = self.groups_of(in_shapes[0])
        return standardise(groups, values, product(out) if self.elementwise_affine else 0)

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return keeps_statistics((self.groups_of(in_shapes[0])[0],))

    @property
    def cost_type(self) -> str:
        return norm_cost_type(super().cost_type, self.elementwise_affine)


def of_channels(group: Shape, shape: Shape) -> str:
    """What to write where the channels of a map are normalised."""
    channels = type(shape[0]) is int and len(shape) == 3 and group == shape[:1]
    return "; LayerNorm2d normalises the channels of a map" if channels else ""


@layer
class RMSNorm(_LastAxes):
    """Normalisation by the root mean square of the last axes, without a mean or a bias.

    Counts: each group of n values takes n squares and n additions, a division, ε added, a square root and a
        reciprocal, then a multiplication per value; with `elementwise_affine`, one more.
    Reference: Zhang and Sennrich, 2019
    """

    normalized_shape: Any = None
    eps: Epsilon = None  # type: ignore[assignment]  # torch then takes the smallest step of the dtype
    elementwise_affine: bool = True

    examples = (
        example("RMSNorm", (10, 16)),
        example("RMSNorm((9, 9), elementwise_affine=False)", (4, 9, 9)),
        example("RMSNorm(6)", (8, 5, 7), fails="`normalized_shape` (6,) is not the end of the input's shape"),
    )

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        return {"weight": self.group(in_shapes[0])} if self.elementwise_affine else {}

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        groups, n = self.groups_of(in_shapes[0])
        scaled = 2 if self.elementwise_affine else 1
        return Work(muls=(1 + scaled) * n, adds=n + 1, divs=2, sqrts=1).times(groups)

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        normalised = (Kept("normalised input", out),) if self.elementwise_affine else ()
        root = Kept("inverse root", (self.groups_of(in_shapes[0])[0],), "statistic")
        return Saved(inputs=(0,), made=(root, *normalised))


@layer
class LayerNorm2d(Layer):
    """Layer normalisation of a map: the channels of each position by their own mean and variance.

    Counts: mean and variance of each position, then a subtraction and a multiplication per value; with
        `elementwise_affine`, one more of each.
    Errors: an input that is no map.
    Reference: Liu et al., 2022 (ConvNeXt); torchvision.models.convnext.LayerNorm2d
    """

    eps: Epsilon = 1e-5
    elementwise_affine: bool = True
    bias: bool = True

    axes = 2
    in_place = True
    twin_name = "cnncost.measure.twins.modules.LayerNorm2dModule"
    examples = (
        example("LayerNorm2d", (8, 5, 7)),
        example("LayerNorm2d(1e-6, bias=False)", (8, 5, 7)),
        example("LayerNorm2d(elementwise_affine=False)", (8, 5, 7)),
        example("LayerNorm2d(96)", (96, 5, 7), fails="drop the 96 and write `LayerNorm2d`"),
        example("LayerNorm2d", (8, 5), fails="it takes a C×H×W input, not one of 2 axes"),
    )

    def out_shape(self, *in_shapes: Shape) -> Shape:
        self.channels_and_sizes(in_shapes)
        return in_shapes[0]

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        c = (in_shapes[0][0],)
        if not self.elementwise_affine:
            return {}
        return {"weight": c, "bias": c} if self.bias else {"weight": c}

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return standardise(product(out[1:]), out[0], product(out) if self.elementwise_affine else 0)

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return keeps_statistics(out[1:])

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return (Whole(in_shape[0]), *(None for _ in in_shape[1:]))

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"normalized_shape": in_shapes[0][0]}

    @property
    def cost_type(self) -> str:
        return norm_cost_type(super().cost_type, self.elementwise_affine)


@layer
class GroupNorm(Layer):
    """Group normalisation: groups of channels of each sample by their own mean and variance.

    Shape: (C, …), unchanged.
    Counts: mean and variance of each group, then a subtraction and a multiplication per value; with
        `affine`, one more of each.
    Errors: channels that `num_groups` does not divide.
    Reference: Wu and He, 2018
    """

    num_groups: Count
    eps: Epsilon = 1e-5
    affine: bool = True

    inferred_place = 1
    in_place = True
    examples = (
        example("GroupNorm(4)", (16, 5, 7)),
        example("GroupNorm(1, affine=False)", (6, 9)),
        example("GroupNorm(1, 6)", (6, 5, 7), fails="drop the 6 and write `GroupNorm(1)`"),
        example("GroupNorm(4)", (6, 5, 7), fails="its 6 channels are not divisible by `num_groups` 4"),
    )

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c = one_input(in_shapes)[0]
        rule = "its {} channels are not divisible by `num_groups` {}"
        dims.require(dims.divisible(c, self.num_groups), rule, c, self.num_groups)
        return in_shapes[0]

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        c = (in_shapes[0][0],)
        return {"weight": c, "bias": c} if self.affine else {}

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        n = out[0] // self.num_groups * product(out[1:])
        return standardise(self.num_groups, n, product(out) if self.affine else 0)

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return keeps_statistics((self.num_groups,))

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach, ...]:
        return (in_groups(in_shape[0], in_shape[0], self.num_groups), *map(Whole, in_shape[1:]))

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"num_channels": in_shapes[0][0]}

    @property
    def cost_type(self) -> str:
        return norm_cost_type(super().cost_type, self.affine)


@layer
class LocalResponseNorm(Layer):
    """Local response normalisation: each value against its neighbours in `size` channels.

    Shape: (C, …), unchanged.
    Counts: each value takes a square, `size` additions, a product and a sum with α and k, a power β and a
        division; channels past the ends count as zeros.
    Errors: a `size` below 1.
    Reference: Krizhevsky et al., 2012, section 3.3
    """

    size: Count
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1.0

    in_place = True
    examples = (
        example("LocalResponseNorm(5, k=2)", (96, 5, 7)),
        example("LocalResponseNorm(3)", (8, 9)),
        example("LocalResponseNorm(3)", (9,), fails="it takes an input of 2 axes or more, not of 1"),
        example("LocalResponseNorm(0)", (96, 5, 7), fails="`size` must be at least 1, got 0"),
    )
    weights = no_weights("its constants are fixed, not learned")

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        if len(shape) < 2:
            raise ShapeError(f"it takes an input of 2 axes or more, not of {len(shape)}")
        return shape

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        values = product(out)
        return Work(muls=2 * values, adds=(self.size + 1) * values, exps=values, divs=values)

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        squares = (out[0] + self.size - 1, *out[1:])  # zeros at both ends
        made = (Kept("padded squares", squares), Kept("sums", out), Kept("powers", out))
        return Saved(inputs=(0,), made=made)

    def temporaries(self, in_shapes: tuple[Shape, ...], out: Shape) -> tuple[Kept, ...]:
        return (Kept("means", out), Kept("scaled means", out))

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        sides = (self.size // 2, (self.size - 1) // 2)
        return (Window(self.size, 1, sides, 1), *(None for _ in in_shape[1:]))
