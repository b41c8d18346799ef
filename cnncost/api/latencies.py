"""Predicted latencies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnncost.api.profiles import NetworkLike, profile
from cnncost.api.results import Shown
from cnncost.dims import Inputs
from cnncost.errors import CnncostError, NameUnknown
from cnncost.timing import calibrations
from cnncost.timing.calibration import Calibration
from cnncost.timing.cards import Card, cards_named
from cnncost.timing.prediction import Prediction, predict, predict_at_roof
from cnncost.timing.roofline import Roof

if TYPE_CHECKING:
    from cnncost.tables.table import Content

THIS = "this"


class LatencyResult(Shown, Prediction):
    """A predicted latency, with ways to show it."""

    def content(self, format: str = "terminal") -> Content:  # noqa: ARG002 - the same in every format
        """One row a layer."""
        from cnncost.views.latency import document

        return document([self], layers=True)


def latency(
    network: NetworkLike,
    *,
    device: str = THIS,
    batch: int = 1,
    dtype: str = "float32",
    threads: int | None = None,
    calibrate: bool = False,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
) -> LatencyResult:
    """Predict how long a network takes on a device, layer by layer; the network is not run.

    Args:
        network: as in `profile`.
        device: this machine, the name of one that was calibrated, or a card, by its data sheet.
        batch: the number of samples at a time.
        dtype: the type of weights and maps.
        threads: CPU threads of this machine; torch's choice by default.
        calibrate: measure this machine again, which takes some minutes.
        input: a shape (C, H, W) instead of the spec's own.
        params: values instead of the spec's params.

    Raises:
        CnncostError: no such network or device; this machine is not calibrated and torch is not installed.

    >>> latency("alexnet", device="gtx580").calibration is None
    True
    """
    cost = profile(network, input=input, params=params, convention="flops", batch=batch, dtype=dtype)
    made = of_this_machine(dtype, threads, calibrate) if device == THIS else calibrations.named(device, dtype)
    if made:
        return LatencyResult.from_plain(predict(cost, made))
    card = card_of(device, dtype)
    roof = Roof(card.flops_per_second(dtype), card.bytes_per_second)
    return LatencyResult.from_plain(predict_at_roof(cost, card.title, roof))


def card_of(device: str, dtype: str) -> Card:
    """The card of a name.

    Raises:
        CnncostError: no such card, or several of them.
    """
    calibrated = {calibrations.slug(c.device): c.dtype for c in calibrations.calibrations().values()}
    if device in calibrated:
        raise CnncostError(f"{device} was calibrated for {calibrated[device]}, not for {dtype}")
    try:
        found = cards_named(device)
    except CnncostError as error:
        known = [THIS, *calibrated]
        raise NameUnknown(f"{error}; calibrated are {', '.join(known)}") from None
    if found.count != 1:
        raise CnncostError(f"device {device}: a latency is that of one device; write {found.card.name}")
    return found.card


def of_this_machine(dtype: str, threads: int | None, again: bool) -> Calibration:
    """The calibration of this machine, measured now where there is none.

    Raises:
        CnncostError: torch is not installed, or has no such dtype here.
    """
    from cnncost import measure

    where = measure.running_device("cpu", threads)
    measure.require_dtype(dtype, where)
    found = None if again else calibrations.of_device(where, dtype)
    if found is None:
        found = measure.calibrate(where, dtype)
        calibrations.keep(found)
    return found
