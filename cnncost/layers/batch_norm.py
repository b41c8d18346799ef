"""Batch and instance normalisation: each channel by its mean and variance over positions."""

from __future__ import annotations

from typing import Any

from cnncost import dims
from cnncost.dims import Shape, product
from cnncost.layers.arguments import Epsilon, number
from cnncost.layers.base import Layer, example, layer
from cnncost.layers.norm import STATISTICS, norm_cost_type, standardise
from cnncost.layers.saved import Kept, Saved
from cnncost.layers.shapes import one_input
from cnncost.layers.window import Reach, Whole
from cnncost.layers.work import Work


@layer
class _BatchNorm(Layer, abstract=True):
    """Batch normalisation: each channel by its mean and variance over the batch.

    Counts: in inference, where it is a scale and a shift, a multiplication and an addition per value;
        without `track_running_stats`, as InstanceNorm2d. Parameters: γ and β per channel; the running
        mean, variance and batch count are buffers.
    Errors: an input of other axes.
    Reference: Ioffe and Szegedy, 2015
    """

    eps: Epsilon = 1e-5
    momentum: Any = 0.1
    affine: bool = True
    track_running_stats: bool = True

    in_place = True
    buffer_names = frozenset({"running_mean", "running_var", "num_batches_tracked"})

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.momentum is not None:
            number("momentum", self.momentum)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        self.channels_and_sizes(in_shapes)
        return in_shapes[0]

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        c = (in_shapes[0][0],)
        learned = {"weight": c, "bias": c} if self.affine else {}
        kept = {"running_mean": c, "running_var": c, "num_batches_tracked": ()}
        return learned | kept if self.track_running_stats else learned

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        if self.track_running_stats:
            return Work(adds=product(out), muls=product(out))
        return standardise(out[0], product(out[1:]), product(out) if self.affine else 0)

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        c = (in_shapes[0][0],)
        return Saved(inputs=(0,), made=tuple(Kept(name, c, "statistic", batch=False) for name in STATISTICS))

    def temporaries(self, in_shapes: tuple[Shape, ...], out: Shape) -> tuple[Kept, ...]:
        return () if self.track_running_stats else self.saved(in_shapes, out).made

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...] | None:
        return None if self.track_running_stats else (None, *map(Whole, in_shape[1:]))

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"num_features": in_shapes[0][0]}

    @property
    def cost_type(self) -> str:
        # without running statistics, batch norm of one sample is instance norm
        return norm_cost_type(super().cost_type if self.track_running_stats else "InstanceNorm", self.affine)


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of a vector or a sequence.

    Shape: (C,) or (C, L), unchanged.
    """

    axes = 1
    examples = (example("BatchNorm1d", (8,)), example("BatchNorm1d(affine=False)", (8, 5)))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        one_input(in_shapes)
        return in_shapes[0] if len(in_shapes[0]) == 1 else super().out_shape(*in_shapes)


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of an image: each channel scaled and shifted to mean 0, variance 1."""

    axes = 2
    examples = (
        example("BatchNorm2d", (8, 5, 7)),
        example("BatchNorm2d(eps=0.001, affine=False, track_running_stats=False)", (8, 5, 7)),
        example("BatchNorm2d(8)", (8, 5, 7), fails="drop the 8 and write `BatchNorm2d`"),
        example("BatchNorm2d", (8,), fails="takes a C×H×W input"),
    )


class BatchNorm3d(_BatchNorm):
    """Batch normalisation of a volume."""

    axes = 3
    examples = (example("BatchNorm3d", (8, 2, 5, 7)),)


@layer
class _InstanceNorm(_BatchNorm, abstract=True):
    """Each channel of each sample by its own mean and variance.

    Counts: mean and variance of each channel, then a subtraction and a multiplication per value.
    Errors: an input of other axes; a single value per channel, unless `track_running_stats`.
    Reference: Ulyanov et al., 2016
    """

    affine: bool = False
    track_running_stats: bool = False

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        # torch runs it as a batch norm of N·C channels, for which it repeats weights and running statistics
        c = (in_shapes[0][0],)
        repeated = [name for name in self.weights(*in_shapes) if name not in ("bias", "num_batches_tracked")]
        return Saved(inputs=(0,), made=tuple(Kept(name, c, "statistic") for name in (*STATISTICS, *repeated)))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        _, sizes = self.channels_and_sizes(in_shapes)
        if not self.track_running_stats:
            values = product(sizes)
            dims.require(values >= 2, "a channel of {} value has no variance to normalise by", values)
        return super().out_shape(*in_shapes)


class InstanceNorm1d(_InstanceNorm):
    """Instance normalisation of a sequence: each channel by its own statistics."""

    axes = 1
    examples = (example("InstanceNorm1d", (8, 5)),)


class InstanceNorm2d(_InstanceNorm):
    """Instance normalisation of an image: each channel by its own statistics."""

    axes = 2
    examples = (
        example("InstanceNorm2d", (8, 5, 7)),
        example("InstanceNorm2d(affine=True, track_running_stats=True)", (8, 5, 7)),
        example("InstanceNorm2d(track_running_stats=True)", (8, 1, 1)),
        example("InstanceNorm2d", (8, 1, 1), fails="a channel of 1 value has no variance"),
    )


class InstanceNorm3d(_InstanceNorm):
    """Instance normalisation of a volume."""

    axes = 3
    examples = (example("InstanceNorm3d", (8, 2, 5, 7)),)
