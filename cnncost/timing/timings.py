"""How long a network took: whole and layer by layer, and how it was run."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.timing.device import Device
from cnncost.timing.roofline import Placed, Roof

Tick = Callable[[float, str], None]
"""Called with the progress of a measurement, from 0 to 1, and its name."""


@dataclass(frozen=True)
class Settings:
    """How a network is run."""

    device: Device
    dtype: str = "float32"
    batch: int = 1
    train: bool = False
    channels_last: bool = False
    compiled: bool = False
    least_seconds: float = 2.0
    least_runs: int = 5


@dataclass(frozen=True)
class Duration:
    """The median of measured seconds, and their interquartile range."""

    median: float
    iqr: float
    runs: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Duration:
        """The duration that some runs took."""
        if len(seconds) == 1:
            return cls(seconds[0], 0.0, 1)
        low, middle, high = statistics.quantiles(seconds, n=4, method="inclusive")
        return cls(middle, high - low, len(seconds))


@dataclass(frozen=True)
class LayerTime:
    """A layer's time; in training its forward and its backward pass separately.

    `moved_bytes` are those of the forward pass: inputs, weights and outputs, each once; 0 where the
    output is a view of the input.
    """

    cost: LayerCost
    moved_bytes: int
    forward: Duration
    backward: Duration | None = None

    @property
    def seconds(self) -> float:
        """Forward and backward together."""
        return self.forward.median + (self.backward.median if self.backward else 0)

    @property
    def iqr(self) -> float:
        """The sum of both ranges."""
        return self.forward.iqr + (self.backward.iqr if self.backward else 0)


@dataclass(frozen=True)
class Timing:
    """What was measured of a network.

    `latency` is the time of a run with nothing before and after it; `step` that of one of many runs
    back to back, from which the throughput follows. `layers` is empty where the network was compiled
    as a whole. `steps` are the loss and the optimizer's step in training.
    """

    profile: NetworkCost
    settings: Settings
    latency: Duration
    step: Duration
    layers: tuple[LayerTime, ...]
    steps: dict[str, Duration]
    roof: Roof | None = None
    interrupted: bool = False

    @property
    def samples_per_second(self) -> float:
        """The throughput."""
        return self.settings.batch / self.step.median

    @property
    def remainder(self) -> float | None:
        """The latency less the sum of its parts: the time between layers.

        Below 0 where the marks around the layers took longer than that. None without layers.
        """
        if not self.layers:
            return None
        parts = [layer.seconds for layer in self.layers] + [part.median for part in self.steps.values()]
        return self.latency.median - sum(parts)

    def placed(self, layers: Sequence[LayerTime]) -> Placed | None:
        """The forward pass of some layers, under the roof."""
        if self.roof is None or not layers:
            return None
        return Placed(
            sum(layer.cost.flops for layer in layers),
            sum(layer.moved_bytes for layer in layers),
            sum(layer.forward.median for layer in layers),
            self.roof,
        )

    @property
    def whole(self) -> Placed | None:
        """The whole network under the roof, in its own latency; for inference only."""
        placed = None if self.settings.train else self.placed(self.layers)
        return replace(placed, seconds=self.latency.median) if placed else None
