"""The roofline: what a device can do at most, and how close to that some work comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cnncost.count.dtype import dtype_bytes, whole_bytes
from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.dims import product
from cnncost.layers.work import NO_WORK


@dataclass(frozen=True)
class Roof:
    """The fastest matrix product and the fastest large copy of a device, for a dtype.

    A copy of n bytes moves 2n: it reads and writes them. `matrix` is the n of the n×n matrices,
    `date` the ISO date of the measurement.
    """

    flops_per_second: float
    bytes_per_second: float
    matrix: int = 0
    copied_bytes: int = 0
    date: str = ""

    @property
    def ridge(self) -> float:
        """The operations per byte above which computing takes longer than moving."""
        return self.flops_per_second / self.bytes_per_second

    def least_seconds(self, flops: int, moved: int) -> float:
        """The shortest possible time: computing and moving overlap, each at full speed."""
        return max(flops / self.flops_per_second, moved / self.bytes_per_second)

    @property
    def usable(self) -> bool:
        """Whether the numbers can be those of a device."""
        return all(0 < value < float("inf") for value in (self.flops_per_second, self.bytes_per_second))


@dataclass(frozen=True)
class Placed:
    """Work under a roof: its operations and bytes, and the time they took."""

    flops: int
    moved_bytes: int
    seconds: float
    roof: Roof

    @property
    def intensity(self) -> float | None:
        """Operations per byte; None where nothing is moved."""
        return self.flops / self.moved_bytes if self.moved_bytes else None

    @property
    def flops_per_second(self) -> float | None:
        """The operations per second that were reached; None where the clock saw no time pass."""
        return self.flops / self.seconds if self.seconds > 0 else None

    @property
    def bytes_per_second(self) -> float | None:
        """The bytes per second that were reached; None where the clock saw no time pass."""
        return self.moved_bytes / self.seconds if self.seconds > 0 else None

    @property
    def bound(self) -> str | None:
        """What limits the speed: ``compute`` or ``memory``; None if the layer computes and moves nothing."""
        if self.intensity is None:
            return "compute" if self.flops else None
        return "compute" if self.intensity >= self.roof.ridge else "memory"

    @property
    def share(self) -> float | None:
        """The share of the roof that was reached; above 1 where data came from a cache."""
        least = self.roof.least_seconds(self.flops, self.moved_bytes)
        return least / self.seconds if least and self.seconds > 0 else None


def moved_bytes(cost: LayerCost, profile: NetworkCost) -> int:
    """The bytes that a layer has to read and write: inputs, weights and outputs, each once."""
    shapes = (*cost.node.in_shapes, cost.node.out_shape)
    values = profile.batch * sum(product(shape) for shape in shapes)
    weights = sum(product(shape) for shape in cost.weights.values())
    return int(whole_bytes(values + weights, dtype_bytes(profile.dtype)))


def at_best(costs: Iterable[LayerCost], profile: NetworkCost, roof: Roof) -> Placed:
    """The forward pass of some layers at the speed of the roof.

    A layer with one input and no work moves nothing: its output is a view of its input, as for
    Flatten and Dropout. A copy without work (ChannelShuffle) has no operations to place anyway.
    """
    some = tuple(costs)
    flops = sum(cost.flops for cost in some)
    moved = sum(moved_bytes(c, profile) for c in some if c.work != NO_WORK or len(c.node.inputs) > 1)
    return Placed(flops, moved, roof.least_seconds(flops, moved), roof)
