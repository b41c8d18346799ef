"""Normalisation: batch, layer, group, instance and local response.

Work is that of inference. Where the statistics are known beforehand (batch norm), normalising is
one multiplication and one addition a value; where they come from the sample itself, a group of n
values takes n additions for the mean, n subtractions, n squares and n additions for the variance,
a division each, ε added, a square root and a reciprocal, and then one multiplication a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cnncost import dims
from cnncost.dims import Shape, Size, product
from cnncost.errors import ShapeError
from cnncost.layers.base import (
    Layer,
    Work,
    channels_and_sizes,
    example,
    flag,
    no_weights,
    number,
    one_input,
    settle,
    whole,
)
from cnncost.layers.window import Reach, Whole


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


@dataclass(frozen=True)
class _BatchNorm(Layer, abstract=True):
    """Batch normalisation: each channel by its mean and variance over the batch."""

    eps: float = 1e-5
    momentum: Any = 0.1
    affine: bool = True
    track_running_stats: bool = True

    in_place = True
    buffer_names = frozenset({"running_mean", "running_var", "num_batches_tracked"})

    def __post_init__(self) -> None:
        number("eps", self.eps)
        if self.momentum is not None:
            number("momentum", self.momentum)
        settle(self, affine=flag("affine", self.affine))
        settle(self, track_running_stats=flag("track_running_stats", self.track_running_stats))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        channels_and_sizes(self, one_input(in_shapes))
        return in_shapes[0]

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        c = (in_shapes[0][0],)
        learned = {"weight": c, "bias": c} if self.affine else {}
        kept = {"running_mean": c, "running_var": c, "num_batches_tracked": ()}
        return learned | kept if self.track_running_stats else learned

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(adds=product(out), muls=product(out))

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"num_features": in_shapes[0][0]}


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of a vector or a sequence.

    Shape: (C,) or (C, L), unchanged.
    Counts: in inference, where it is a scale and a shift, a multiplication and an addition a value.
    Errors: an input of other axes.
    Reference: Ioffe and Szegedy, 2015; https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html

    Example:
        >>> sorted(BatchNorm1d().weights((64,)))
        ['bias', 'num_batches_tracked', 'running_mean', 'running_var', 'weight']
    """

    axes = 1
    examples = (example("BatchNorm1d", (8,)), example("BatchNorm1d(affine=False)", (8, 5)))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        one_input(in_shapes)
        return in_shapes[0] if len(in_shapes[0]) == 1 else super().out_shape(*in_shapes)


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of an image: each channel scaled and shifted to mean 0, variance 1.

    Shape: (C, H, W), unchanged.
    Counts: in inference, where it is a scale and a shift, a multiplication and an addition a
        value. Parameters: γ and β a channel; the running mean, variance and batch count are buffers.
    Errors: an input that is not C×H×W.
    Reference: Ioffe and Szegedy, 2015; https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html

    Example:
        >>> BatchNorm2d(affine=False, track_running_stats=False).weights((64, 8, 8))
        {}
    """

    axes = 2
    examples = (
        example("BatchNorm2d", (8, 5, 7)),
        example("BatchNorm2d(eps=0.001, affine=False, track_running_stats=False)", (8, 5, 7)),
        example("BatchNorm2d", (8,), fails="takes a C×H×W input"),
    )


class BatchNorm3d(_BatchNorm):
    """Batch normalisation of a volume.

    Shape: (C, D, H, W), unchanged.
    Counts: in inference, a multiplication and an addition a value.
    Errors: an input that is not C×D×H×W.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm3d.html

    Example:
        >>> BatchNorm3d().out_shape((8, 2, 3, 4))
        (8, 2, 3, 4)
    """

    axes = 3
    examples = (example("BatchNorm3d", (8, 2, 5, 7)),)


@dataclass(frozen=True)
class _InstanceNorm(_BatchNorm, abstract=True):
    """Each channel of each sample by its own mean and variance."""

    affine: bool = False
    track_running_stats: bool = False

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        if self.track_running_stats:
            return super().work(in_shapes, out)
        return standardise(out[0], product(out[1:]), product(out) if self.affine else 0)

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach, ...] | None:
        return None if self.track_running_stats else tuple(map(Whole, in_shape[1:]))


class InstanceNorm1d(_InstanceNorm):
    """Instance normalisation of a sequence: each channel by its own statistics.

    Shape: (C, L), unchanged.
    Counts: mean and variance of each channel, then a subtraction and a multiplication a value.
    Errors: an input that is not C×L.
    Reference: Ulyanov et al., 2016; https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm1d.html

    Example:
        >>> InstanceNorm1d().weights((8, 5))
        {}
    """

    axes = 1
    examples = (example("InstanceNorm1d", (8, 5)),)


class InstanceNorm2d(_InstanceNorm):
    """Instance normalisation of an image: each channel by its own statistics.

    Shape: (C, H, W), unchanged.
    Counts: mean and variance of each channel, then a subtraction and a multiplication a value.
    Errors: an input that is not C×H×W.
    Reference: Ulyanov et al., 2016; https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html

    Example:
        >>> InstanceNorm2d(affine=True).weights((8, 5, 5))
        {'weight': (8,), 'bias': (8,)}
    """

    axes = 2
    examples = (
        example("InstanceNorm2d", (8, 5, 7)),
        example("InstanceNorm2d(affine=True, track_running_stats=True)", (8, 5, 7)),
    )


class InstanceNorm3d(_InstanceNorm):
    """Instance normalisation of a volume.

    Shape: (C, D, H, W), unchanged.
    Counts: mean and variance of each channel, then a subtraction and a multiplication a value.
    Errors: an input that is not C×D×H×W.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm3d.html

    Example:
        >>> InstanceNorm3d().out_shape((8, 2, 3, 4))
        (8, 2, 3, 4)
    """

    axes = 3
    examples = (example("InstanceNorm3d", (8, 2, 5, 7)),)


@dataclass(frozen=True)
class LayerNorm(Layer):
    """Layer normalisation: the last axes of each sample by their own mean and variance.

    Shape: unchanged. Without `normalized_shape`, the last axis alone is normalised.
    Counts: mean and variance of each group, then a subtraction and a multiplication a value;
        with `elementwise_affine`, one more of each.
    Errors: a `normalized_shape` that is not the end of the input's shape.
    Reference: Ba et al., 2016; https://docs.pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html

    Example:
        >>> LayerNorm().weights((196, 768))
        {'weight': (768,), 'bias': (768,)}
    """

    normalized_shape: Any = None
    eps: float = 1e-5
    elementwise_affine: bool = True
    bias: bool = True

    in_place = True
    examples = (
        example("LayerNorm", (10, 16)),
        example("LayerNorm((8, 5, 7), bias=False)", (8, 5, 7)),
        example("LayerNorm(7, elementwise_affine=False)", (8, 5, 7)),
        example("LayerNorm(6)", (8, 5, 7), fails="`normalized_shape` (6,) is not the end of the input's shape"),
    )

    def __post_init__(self) -> None:
        shape = self.normalized_shape
        if shape is not None:
            sizes = shape if isinstance(shape, (tuple, list)) else (shape,)
            settle(self, normalized_shape=tuple(whole("normalized_shape", n, 1) for n in sizes))
        number("eps", self.eps)
        settle(self, elementwise_affine=flag("elementwise_affine", self.elementwise_affine))
        settle(self, bias=flag("bias", self.bias))

    def group(self, in_shape: Shape) -> Shape:
        """The axes that are normalised together."""
        return in_shape[-1:] if self.normalized_shape is None else self.normalized_shape

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        group = self.group(shape)
        if len(group) > len(shape):
            raise ShapeError(f"`normalized_shape` {group} has more axes than the input")
        for n, given in zip(shape[-len(group) :], group, strict=True):
            rule = "`normalized_shape` {} is not the end of the input's shape"
            dims.require(dims.same(n, given), rule, group)
        return shape

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        group = self.group(in_shapes[0])
        if not self.elementwise_affine:
            return {}
        return {"weight": group, "bias": group} if self.bias else {"weight": group}

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        group = self.group(in_shapes[0])
        groups = product(out[: len(out) - len(group)])
        return standardise(groups, product(group), product(out) if self.elementwise_affine else 0)

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        mixed = min(len(self.group(in_shape)), len(in_shape) - 1)
        apart = len(in_shape) - 1 - mixed
        return (None,) * apart + tuple(map(Whole, in_shape[1 + apart :]))

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"normalized_shape": self.group(in_shapes[0])}

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        return given if self.normalized_shape is not None else {k: v for k, v in given.items() if v is not None}


@dataclass(frozen=True)
class GroupNorm(Layer):
    """Group normalisation: groups of channels of each sample by their own mean and variance.

    Shape: (C, …), unchanged.
    Counts: mean and variance of each group, then a subtraction and a multiplication a value;
        with `affine`, one more of each.
    Errors: channels that `num_groups` does not divide.
    Reference: Wu and He, 2018; https://docs.pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html

    Example:
        >>> GroupNorm(4).weights((16, 7, 7))
        {'weight': (16,), 'bias': (16,)}
    """

    num_groups: Size
    eps: float = 1e-5
    affine: bool = True

    in_place = True
    examples = (
        example("GroupNorm(4)", (16, 5, 7)),
        example("GroupNorm(1, affine=False)", (6, 9)),
        example("GroupNorm(4)", (6, 5, 7), fails="its 6 channels are not divisible by `num_groups` 4"),
    )

    def __post_init__(self) -> None:
        whole("num_groups", self.num_groups, 1)
        number("eps", self.eps)
        settle(self, affine=flag("affine", self.affine))

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

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach, ...] | None:
        return tuple(map(Whole, in_shape[1:])) or None

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"num_channels": in_shapes[0][0]}


@dataclass(frozen=True)
class LocalResponseNorm(Layer):
    """Local response normalisation: each value against its neighbours in `size` channels.

    Shape: (C, …), unchanged.
    Counts: a value takes a square, `size` additions, a product and a sum with α and k, a power β
        and a division; channels past the ends count as zeros.
    Errors: a `size` below 1.
    Reference: Krizhevsky et al., 2012, section 3.3;
        https://docs.pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html

    Example:
        >>> LocalResponseNorm(5).out_shape((96, 55, 55))
        (96, 55, 55)
    """

    size: Size
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1.0

    in_place = True
    examples = (
        example("LocalResponseNorm(5, k=2)", (96, 5, 7)),
        example("LocalResponseNorm(0)", (96, 5, 7), fails="`size` must be at least 1, got 0"),
    )
    weights = no_weights("its constants are fixed, not learned")

    def __post_init__(self) -> None:
        whole("size", self.size, 1)
        for name in ("alpha", "beta", "k"):
            number(name, getattr(self, name))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        if len(shape) < 2:
            raise ShapeError(f"it takes an input of 2 axes or more, not of {len(shape)}")
        return shape

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        values = product(out)
        return Work(muls=2 * values, adds=(self.size + 1) * values, exps=values, divs=values)


