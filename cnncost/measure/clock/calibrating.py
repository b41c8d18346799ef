"""Calibrates a device: times single layers of every operation at many sizes."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice

import torch
from torch import Tensor, nn

from cnncost.count.dtype import dtype_bytes
from cnncost.measure.building import build_layer
from cnncost.measure.clock.device import DTYPES, Clock, require_dtype, working
from cnncost.timing.calibration import Calibration, fitted
from cnncost.timing.device import Device
from cnncost.timing.samples import Sample, samples
from cnncost.timing.timings import Tick

TOGETHER = 24
"""Layers that are timed in turn, so that each finds the caches as another left them, as in a network."""
RUNS = 7


def calibrate(device: Device, dtype: str = "float32", tick: Tick | None = None) -> Calibration:
    """Measure a device.

    Raises:
        CnncostError: it lacks the dtype.
    """
    require_dtype(dtype, device)
    drawn = list(samples())
    measured: list[tuple[Sample, float]] = []
    with working(device), torch.inference_mode():
        clock, waiting = Clock(device), iter(drawn)
        while some := list(islice(waiting, TOGETHER)):
            measured += zip(some, seconds_of(some, device, DTYPES[dtype], clock), strict=True)
            if tick:
                tick(len(measured) / len(drawn), f"layers in {dtype}")
    size = float(dtype_bytes(dtype))
    costs, errors = fitted(measured, size)
    return Calibration(device.label, dtype, size, device.torch, date.today().isoformat(), costs, errors)


def seconds_of(some: list[Sample], device: Device, dtype: torch.dtype, clock: Clock) -> Iterator[float]:
    """The median seconds of each layer, all run in turn."""
    runs = [prepared(sample, device, dtype) for sample in some]
    taken: list[list[float]] = [[] for _ in some]
    for number in range(RUNS + 1):
        for (run, inputs), times in zip(runs, taken, strict=True):
            for x in inputs:
                x.mul_(1)  # a layer's input was written just before
            seconds = clock.time(run)
            if number:  # the first run sets things up
                times.append(seconds)
    yield from map(statistics.median, taken)


def prepared(sample: Sample, device: Device, dtype: torch.dtype) -> tuple[Callable[[], Tensor], list[Tensor]]:
    """A layer on its inputs, ready to run."""
    module: nn.Module = build_layer(sample.layer, *sample.in_shapes).eval().to(device.kind, dtype)
    inputs = [torch.rand(sample.batch, *shape, device=device.kind).to(dtype) for shape in sample.in_shapes]
    return lambda: module(*inputs), inputs
