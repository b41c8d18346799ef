"""The roof of a device: the fastest matrix product and the fastest large copy, measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import torch
from torch.nn import functional

from cnncost import numbers
from cnncost.measure.clock.device import DTYPES, Clock, free_bytes, working
from cnncost.timing.device import Device
from cnncost.timing.roof_cache import cache_roofs, cached_roofs
from cnncost.timing.roofline import Roof
from cnncost.timing.timings import LayerTime, Tick, Timing

MOST_CACHE_SPEEDUP = 20
"""How much faster than a large copy a layer may at most move bytes, with its data in a cache."""


class Roofs:
    """The roofs of a device: from the user's cache or measured now, and never below a measured layer.

    A machine that is busy while its roof is measured gives one that is too low. Such a roof shows when a
    layer exceeds it; then it is measured again, and the higher of both rates is kept.
    """

    def __init__(self, device: Device, remeasure: bool = False) -> None:
        self.device, self.remeasure = device, remeasure
        self.known: dict[str, Roof] = {}
        self.notes: list[str] = []
        self.measured_again: set[str] = set()

    def of(self, dtype: str, tick: Tick | None = None) -> Roof:
        """The roof for a dtype."""
        if dtype not in self.known:
            cached = None if self.remeasure else cached_roofs().get(self.key(dtype))
            if cached is None:
                if tick:
                    tick(0, f"roof of {dtype}")
                self.keep(dtype, measure(self.device, dtype))
            else:
                self.known[dtype] = cached
        return self.known[dtype]

    def checked(self, timing: Timing, tick: Tick | None = None) -> Timing:
        """A timing under a roof that no layer's operations exceed; `notes` says where it was too low."""
        dtype = timing.settings.dtype
        old, again = self.of(dtype, tick), dtype not in self.measured_again
        reached = first_above(old, timing, moved_too=again)
        if reached is None:
            return replace(timing, roof=old)
        new = old
        if again:
            self.measured_again.add(dtype)
            if tick:
                tick(0, f"roof of {dtype}")
            new = highest(old, measure(self.device, dtype))
        new = replace(new, flops_per_second=max(new.flops_per_second, *map(speed, timing.layers)))
        self.keep(dtype, new)
        since = f" of {old.date}" if old.date else ""
        self.notes.append(
            f"the {dtype} roof{since} was too low ({rates(old)}): {reached}; "
            f"{'measured again' if again else 'raised to'}: {rates(new)}"
        )
        return replace(timing, roof=new)

    def keep(self, dtype: str, roof: Roof) -> None:
        """Remember a roof, here and in the user's cache."""
        self.known[dtype] = roof
        cache_roofs({**cached_roofs(), self.key(dtype): roof})

    def key(self, dtype: str) -> str:
        """The name of a roof in the cache."""
        device = self.device
        return f"{device.label} | {device.kind} | {dtype} | torch {device.torch}"


def first_above(roof: Roof, timing: Timing, moved_too: bool) -> str | None:
    """The first layer that is faster than its roof allows, and how fast; None if there is none."""
    for layer in timing.layers:
        if speed(layer) > roof.flops_per_second:
            return f"{layer.cost.name} reached {numbers.significant(speed(layer) / 1e9)} GFLOP/s"
        moved = layer.moved_bytes / (layer.forward.median or float("inf"))
        if moved_too and moved > MOST_CACHE_SPEEDUP * roof.bytes_per_second:
            return f"{layer.cost.name} reached {numbers.significant(moved / 1e9)} GB/s"
    return None


def speed(layer: LayerTime) -> float:
    """The operations per second of a layer's forward pass; 0 where the clock saw no time pass."""
    return layer.cost.flops / layer.forward.median if layer.forward.median > 0 else 0.0


def highest(old: Roof, new: Roof) -> Roof:
    """The higher rates of two measurements: other work on the machine can only lower them."""
    best = max(old, new, key=lambda roof: roof.bytes_per_second)
    product = max(old, new, key=lambda roof: roof.flops_per_second)
    return Roof(product.flops_per_second, best.bytes_per_second, product.matrix, best.copied_bytes, new.date)


def rates(roof: Roof) -> str:
    """`440 GFLOP/s, 45.0 GB/s`."""
    flops, moved = (
        numbers.significant(rate / 1e9) for rate in (roof.flops_per_second, roof.bytes_per_second)
    )
    return f"{flops} GFLOP/s, {moved} GB/s"


def measure(device: Device, dtype: str) -> Roof:
    """The best of several matrix products and of several large copies."""
    with working(device), torch.inference_mode():
        flops, n = fastest_product(device, DTYPES[dtype])
        moved, copied = fastest_copy(device, DTYPES[dtype])
    return Roof(flops, moved, n, copied, date.today().isoformat())


REPEATS = 10
LARGEST_MATRIX = 16384
LONG_ENOUGH = {True: 0.005, False: 0.05}
"""Seconds of a product, on a GPU (True) and on a CPU, above which a larger one is not faster."""


def fastest_product(device: Device, dtype: Any) -> tuple[float, int]:
    """Operations per second of the fastest matrix product, and the n of its n×n matrices."""
    clock, best, n = Clock(device), (0.0, 0), 256
    while n <= LARGEST_MATRIX and 4 * n * n * dtype.itemsize < (free_bytes(device) or 2**62):
        took = 0.0
        for operations, run in products(device, dtype, n):
            took = fastest(clock, run, LONG_ENOUGH[device.on_gpu])
            best = max(best, (operations / took, n))
        if took >= LONG_ENOUGH[device.on_gpu]:
            break
        n *= 2
    return best


def products(device: Device, dtype: Any, n: int) -> Iterator[tuple[int, Callable[[], Any]]]:
    """Matrix products with their operations.

    On a CPU also a convolution: another library may compute it, at up to twice the speed. It is 5×5,
    because for 3×3 some libraries save multiplications (Winograd).
    """
    if not device.on_gpu:
        c = n // 8
        image = torch.randn(1, c, 32, 32).to(dtype)
        kernel = torch.randn(c, c, 5, 5).to(dtype)
        yield 2 * 32 * 32 * c * c * 25, partial(functional.conv2d, image, kernel, padding=2)
    a, b = (torch.randn(n, n, device=device.kind).to(dtype) for _ in range(2))
    yield 2 * n**3, partial(torch.mm, a, b)


def fastest(clock: Clock, run: Callable[[], Any], enough: float) -> float:
    """The seconds of the fastest of several runs; of three where one takes long."""
    run()  # the first one sets things up
    took = clock.time(run)
    return min(took, *(clock.time(run) for _ in range(REPEATS if took < 10 * enough else 2)))


def fastest_copy(device: Device, dtype: Any) -> tuple[float, int]:
    """Bytes per second, read and written, of a copy too large for caches, and the bytes copied."""
    size = min(2**30 if device.on_gpu else 2**29, (free_bytes(device) or 2**31) // 8)
    source = torch.ones(size // dtype.itemsize, dtype=dtype, device=device.kind)
    target = torch.zeros_like(source)
    clock = Clock(device)
    took = min(clock.time(lambda: target.copy_(source)) for _ in range(REPEATS + 2))
    copied = source.numel() * dtype.itemsize
    return 2 * copied / took, copied
