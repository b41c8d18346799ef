"""PyTorch: networks built, compared layer by layer, and timed. These functions need torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cnncost import measure
from cnncost.api.profiles import NetworkLike, profile
from cnncost.api.results import Shown
from cnncost.dims import Inputs
from cnncost.measure.verification.results import Verification
from cnncost.network.catalogue import load
from cnncost.timing.timings import Settings, Timing

if TYPE_CHECKING:
    from cnncost.measure.building import Network
    from cnncost.tables.table import Content


class VerificationResult(Shown, Verification):
    """A comparison with PyTorch, with ways to show it."""

    def content(self, format: str = "terminal") -> Content:  # noqa: ARG002 - the same in every format
        """The mismatches and the counts."""
        from cnncost.views.verification import document

        return document([self])


class TimingResult(Shown, Timing):
    """A measurement, with ways to show it."""

    def content(self, format: str = "terminal") -> Content:  # noqa: ARG002 - the same in every format
        """One row per layer; one for the network where its layers were not timed."""
        from cnncost.views.timing import document

        return document([self], bool(self.layers), "cnncost.time")


def build(
    network: NetworkLike,
    *,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
    device: str | None = None,
) -> Network:
    """A network as a torch module; its state_dict has the names of the layers.

    Args:
        network: as in `profile`.
        input: a shape (C, H, W) instead of the spec's own.
        params: values instead of the spec's params.
        device: where the weights are; ``"meta"`` gives shapes without values.

    Raises:
        CnncostError: no such network, or torch is not installed.

    >>> sum(p.numel() for p in build("alexnet", device="meta").parameters())
    62378344
    """
    return measure.build(load(network, input=input, params=params), device)


def verify(
    network: NetworkLike,
    quantities: Iterable[str] | str | None = None,
    *,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
    dtype: str = "float32",
    fields: int | None = 12,
) -> VerificationResult:
    """Build a network in PyTorch and compare every layer: shapes, parameters, operations, memory, fields.

    Args:
        network: as in `profile`.
        quantities: one or several of shapes, params, macs, fvcore, memory and field; all by default.
        input: a shape (C, H, W) instead of the spec's own.
        params: values instead of the spec's params.
        dtype: the type of weights and input.
        fields: the number of layers whose receptive field is compared; None for all.

    Raises:
        CnncostError: an unknown network, quantity or dtype, or torch is not installed.

    >>> verify("lenet5", ["shapes", "params"]).mismatches
    0
    """
    cost = profile(network, input=input, params=params, convention="macs", dtype=dtype)
    if quantities is None:
        return VerificationResult.from_plain(measure.verify(cost, dtype=dtype, fields=fields))
    wanted = [quantities] if isinstance(quantities, str) else quantities
    return VerificationResult.from_plain(measure.verify(cost, wanted, dtype, fields))


def time(
    network: NetworkLike,
    *,
    device: str = "cpu",
    dtype: str = "float32",
    batch: int = 1,
    train: bool = False,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
    channels_last: bool = False,
    compiled: bool = False,
    least_seconds: float = 2.0,
    least_runs: int = 5,
) -> TimingResult:
    """Time a network layer by layer on a device, next to the device's roofline.

    Args:
        network: as in `profile`.
        device: cpu, cuda or cuda:1.
        dtype: the type of weights and maps.
        batch: the number of samples at a time.
        train: time a training step (forward, backward, optimizer) instead of inference.
        input: a shape (C, H, W) instead of the spec's own.
        params: values instead of the spec's params.
        channels_last: use the channels-last memory format.
        compiled: use torch.compile; layers then have no times.
        least_seconds: minimum time of each measurement, after warming up.
        least_runs: minimum number of timed runs.

    Raises:
        CnncostError: no such device or dtype, too little memory, or torch is not installed.
    """
    graph = load(network, input=input, params=params)
    where = measure.running_device(device)
    measure.require_dtype(dtype, where)
    settings = Settings(where, dtype, batch, train, channels_last, compiled, least_seconds, least_runs)
    return TimingResult.from_plain(measure.time(graph, settings))
