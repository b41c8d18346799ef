"""How long a network should take on a device, layer by layer, without running it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.timing.calibration import Calibration, Predicted
from cnncost.timing.roofline import Roof, at_best


@dataclass(frozen=True)
class Prediction:
    """A network's predicted latency: the sum of its layers', in seconds by layer.

    `device` says for which device. `calibration` is what it rests on; without one, it is the roofline of
    a data sheet alone, which real devices do not reach.
    """

    profile: NetworkCost
    device: str
    layers: tuple[tuple[LayerCost, Predicted], ...]
    calibration: Calibration | None = None

    @property
    def seconds(self) -> float:
        """The latency of one batch."""
        return self.sum_of(self.layers)

    @property
    def samples_per_second(self) -> float:
        """The throughput."""
        return self.profile.batch / self.seconds

    @staticmethod
    def sum_of(layers: Sequence[tuple[LayerCost, Predicted]]) -> float:
        """The seconds of some layers."""
        return sum(predicted.seconds for _, predicted in layers)


def predict(profile: NetworkCost, calibration: Calibration) -> Prediction:
    """The latency by the measured costs of each operation; the profile's batch and dtype hold."""
    layers = tuple(
        (
            cost,
            calibration.layer(cost.node.layer, cost.node.in_shapes, cost.node.out_shape, profile.batch),
        )
        for cost in profile.counted
    )
    return Prediction(profile, calibration.device, layers, calibration)


def predict_at_roof(profile: NetworkCost, device: str, roof: Roof) -> Prediction:
    """The least latency that a data sheet allows; the profile counts FLOPs, two a multiply-add."""
    placed = ((cost, at_best([cost], profile, roof)) for cost in profile.counted)
    layers = tuple((cost, Predicted(each.seconds, each.bound or "memory")) for cost, each in placed)
    return Prediction(profile, device, layers)
