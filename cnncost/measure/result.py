"""What was measured of a network, and how it was run."""

from __future__ import annotations

from dataclasses import dataclass

from torch.utils import benchmark

from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.measure.device import Device
from cnncost.timing.roofline import Placed, Roof


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
class Spread:
    """The middle of measured seconds, and the range of the middle half of them."""

    median: float
    iqr: float
    runs: int


def spread(seconds: list[float]) -> Spread:
    """Median and interquartile range of measured seconds."""
    found = benchmark.Measurement(1, seconds, benchmark.TaskSpec("run", "pass"))
    return Spread(found.median, found.iqr, len(seconds))


@dataclass(frozen=True)
class LayerTime:
    """A layer's time; in training its forward and its backward pass apart.

    `moved_bytes` are of the forward pass: inputs, weights and outputs, each once, and nothing where
    the output is a view of the input.
    """

    cost: LayerCost
    moved_bytes: int
    forward: Spread
    backward: Spread | None = None

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

    `latency` is a step that stands alone, with nothing left to do before and after it; `step` is one
    of many back to back, from which the throughput follows. `layers` are empty where the network
    was compiled as a whole. `steps` are the loss and the optimizer's step in training.
    """

    profile: NetworkCost
    settings: Settings
    latency: Spread
    step: Spread
    layers: tuple[LayerTime, ...]
    steps: dict[str, Spread]
    roof: Roof | None = None
    interrupted: bool = False

    @property
    def samples_per_second(self) -> float:
        """The throughput."""
        return self.settings.batch / self.step.median

    @property
    def remainder(self) -> float | None:
        """What the latency has beyond the sum of its parts: the way from layer to layer.

        Below 0 where the marks around the layers took longer than that. None without layers.
        """
        if not self.layers:
            return None
        parts = [layer.seconds for layer in self.layers] + [part.median for part in self.steps.values()]
        return self.latency.median - sum(parts)

    def placed(self, layers: tuple[LayerTime, ...]) -> Placed | None:
        """The forward pass of some layers, under the roof."""
        if self.roof is None or not layers:
            return None
        return Placed(
            sum(layer.cost.flops for layer in layers),
            sum(layer.moved_bytes for layer in layers),
            sum(layer.forward.median for layer in layers),
            self.roof,
        )
