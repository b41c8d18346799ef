"""The roofline: what a device can do at most, measured, and how near to it a layer comes."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from cnncost.measure.device import DTYPES, Clock, Device, cache_folder, free_bytes, working

Tick = Callable[[float, str], None]
"""Told how far a measurement is, from 0 to 1, and what it is of."""


@dataclass(frozen=True)
class Roof:
    """The fastest matrix product and the fastest large copy of a device, for a dtype.

    A copy of n bytes moves 2n: it reads and writes them.
    """

    flops_per_second: float
    bytes_per_second: float
    matrix: int = 0
    copied_bytes: int = 0

    @property
    def ridge(self) -> float:
        """The operations a byte from which on computing takes longer than moving."""
        return self.flops_per_second / self.bytes_per_second

    def least_seconds(self, flops: int, moved: int) -> float:
        """The time below the roof: computing and moving at full speed, each behind the other's back."""
        return max(flops / self.flops_per_second, moved / self.bytes_per_second)


@dataclass(frozen=True)
class Placed:
    """Work under a roof: operations and bytes, the time they took, and the time they would take at best."""

    flops: int
    moved_bytes: int
    seconds: float
    roof: Roof

    @property
    def intensity(self) -> float | None:
        """Operations a byte; None where nothing is moved."""
        return self.flops / self.moved_bytes if self.moved_bytes else None

    @property
    def flops_per_second(self) -> float | None:
        """Operations a second that were reached; None where the clock saw no time pass."""
        return self.flops / self.seconds if self.seconds > 0 else None

    @property
    def bytes_per_second(self) -> float | None:
        """Bytes a second that were reached; None where the clock saw no time pass."""
        return self.moved_bytes / self.seconds if self.seconds > 0 else None

    @property
    def bound(self) -> str | None:
        """``compute`` or ``memory``, whichever takes longer at best; None where there is nothing to do."""
        if self.intensity is None:
            return "compute" if self.flops else None
        return "compute" if self.intensity >= self.roof.ridge else "memory"

    @property
    def share(self) -> float | None:
        """The part of the roof that was reached; above 1 where data came from a cache."""
        least = self.roof.least_seconds(self.flops, self.moved_bytes)
        return least / self.seconds if least and self.seconds > 0 else None


def roof_of(
    device: Device, dtype: str, remeasure: bool = False, tick: Tick | None = None, folder: Path | None = None
) -> Roof:
    """The roof of a device for a dtype: from the user's cache, or measured now and kept there."""
    path = (folder or cache_folder()) / "roofline.json"
    key = f"{device.label} | {device.kind} | {dtype} | torch {device.torch}"
    known = kept(path)
    if not remeasure and key in known:
        return known[key]
    if tick:
        tick(0, f"roof of {dtype}")
    roof = measure(device, dtype)
    keep(path, {**kept(path), key: roof})
    return roof


def kept(path: Path) -> dict[str, Roof]:
    """The roofs of a cache file; none from one that is missing or spoilt."""
    try:
        entries = json.loads(path.read_text("utf-8"))
        roofs = {key: Roof(**entry) for key, entry in entries.items()}
        return {key: roof for key, roof in roofs.items() if usable(roof)}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def usable(roof: Roof) -> bool:
    """Whether the numbers can be those of a device."""
    return all(0 < value < float("inf") for value in (roof.flops_per_second, roof.bytes_per_second))


def keep(path: Path, roofs: dict[str, Roof]) -> None:
    """Write the cache anew, whole or not at all; without a place for it, the next run measures again."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump({key: asdict(roof) for key, roof in roofs.items()}, stream, indent=2)
        os.replace(temporary, path)


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
