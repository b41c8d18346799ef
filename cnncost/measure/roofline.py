"""The roof of a device: the fastest matrix product and the fastest large copy, measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from cnncost.measure.device import DTYPES, Clock, Device, free_bytes, working
from cnncost.timing.roofline import Roof, cache_file, keep, kept

Tick = Callable[[float, str], None]
"""Told how far a measurement is, from 0 to 1, and what it is of."""


def roof_of(
    device: Device, dtype: str, remeasure: bool = False, tick: Tick | None = None, folder: Path | None = None
) -> Roof:
    """The roof of a device for a dtype: from the user's cache, or measured now and kept there."""
    path = cache_file(folder)
    key = f"{device.label} | {device.kind} | {dtype} | torch {device.torch}"
    known = kept(path)
    if not remeasure and key in known:
        return known[key]
    if tick:
        tick(0, f"roof of {dtype}")
    roof = measure(device, dtype)
    keep(path, {**kept(path), key: roof})
    return roof


def measure(device: Device, dtype: str) -> Roof:
    """The best of several matrix products and of several large copies."""
    with working(device), torch.inference_mode():
        flops, n = fastest_product(device, DTYPES[dtype])
        speed, copied = fastest_copy(device, DTYPES[dtype])
    return Roof(flops, speed, n, copied)


REPEATS = 10
LARGEST_MATRIX = 16384
LONG_ENOUGH = {True: 0.005, False: 0.05}
"""Seconds of one product, on a GPU and on a CPU, from which on a larger one is not faster."""


def fastest_product(device: Device, dtype: Any) -> tuple[float, int]:
    """Operations a second of the fastest matrix product, and the n of its n×n matrices."""
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

    On a CPU a convolution is one too, often by another library, and the product's own may be at half
    its speed. It is 5×5, for which no library saves multiplications as it may for 3×3.
    """
    if not device.on_gpu:
        c = n // 8
        image = torch.randn(1, c, 32, 32).to(dtype)
        kernel = torch.randn(c, c, 5, 5).to(dtype)
        yield 2 * 32 * 32 * c * c * 25, partial(functional.conv2d, image, kernel, padding=2)
    a, b = (torch.randn(n, n, device=device.kind).to(dtype) for _ in range(2))
    yield 2 * n**3, partial(torch.mm, a, b)


def fastest(clock: Clock, run: Callable[[], Any], enough: float) -> float:
    """The seconds of the fastest of several runs, of few where one takes long."""
    run()  # the first one sets things up
    took = clock.time(run)
    return min(took, *(clock.time(run) for _ in range(REPEATS if took < 10 * enough else 2)))


def fastest_copy(device: Device, dtype: Any) -> tuple[float, int]:
    """Bytes a second of a copy that no cache holds, read and written, and how many bytes were copied."""
    size = min(2**30 if device.on_gpu else 2**29, (free_bytes(device) or 2**31) // 8)
    source = torch.ones(size // dtype.itemsize, dtype=dtype, device=device.kind)
    target = torch.zeros_like(source)
    clock = Clock(device)
    took = min(clock.time(lambda: target.copy_(source)) for _ in range(REPEATS + 2))
    copied = source.numel() * dtype.itemsize
    return 2 * copied / took, copied
