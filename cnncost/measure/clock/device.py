"""The device that runs a network: its name, its clock and its free memory."""

from __future__ import annotations

import platform
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from cnncost.errors import CnncostError, did_you_mean
from cnncost.timing.device import Device

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
MOST_THREADS = 1024


def running_device(kind: str, threads: int | None = None) -> Device:
    """The device of this torch name, such as ``cpu`` or ``cuda:1``.

    Raises:
        CnncostError: there is none, or it cannot be used.
    """
    if not re.fullmatch(r"cpu|cuda(:\d{1,3})?", kind):
        raise CnncostError(f"--device {kind}: no such device; there are cpu and cuda")
    if threads is not None and not 1 <= threads <= MOST_THREADS:
        raise CnncostError(f"--threads {threads}: threads must be between 1 and {MOST_THREADS}")
    if kind != "cpu":
        require_gpu(kind)
    name = cpu_name() if kind == "cpu" else torch.cuda.get_device_name(kind)
    return Device(kind, name, threads or torch.get_num_threads(), torch.__version__)


def require_gpu(kind: str) -> None:
    """Refuse a GPU that is not there.

    Raises:
        CnncostError: why there is none.
    """
    if torch.version.cuda is None and torch.version.hip is None:
        raise CnncostError(f"--device {kind}: no GPU: torch {torch.__version__} is built for the CPU alone")
    if not torch.cuda.is_available():
        raise CnncostError(f"--device {kind}: no GPU: torch finds none on this machine; --device cpu works")
    count, number = torch.cuda.device_count(), int(kind.partition(":")[2] or 0)
    if number >= count:
        raise CnncostError(f"--device {kind}: no such GPU; the last one is cuda:{count - 1}")


def require_dtype(dtype: str, device: Device) -> None:
    """Refuse a dtype that is unknown, or that the device does not have.

    Raises:
        CnncostError: which there are.
    """
    if dtype not in DTYPES:
        raise CnncostError(
            f"--dtype {dtype}: no such dtype{did_you_mean(dtype, DTYPES)}; there are {', '.join(DTYPES)}"
        )
    if device.on_gpu and dtype == "bfloat16" and not torch.cuda.is_bf16_supported(including_emulation=False):
        raise CnncostError(f"--dtype bfloat16: {device.name} does not have it; use float32 or float16")


def cpu_name() -> str:
    """The processor's own name, where the system gives it."""
    name = first_match(r"^model name\s*: *(.+)$", Path("/proc/cpuinfo"))
    return (name or platform.processor() or platform.machine()).strip()


def first_match(pattern: str, path: Path) -> str | None:
    """The first group of a pattern in a system's file; None without a match or a file."""
    try:
        found = re.search(pattern, path.read_text("utf-8"), re.MULTILINE)
    except OSError:
        return None
    return found[1] if found else None


class Clock:
    """Marks in a device's stream of work, and the seconds between two of them.

    On a GPU a mark is an event that the GPU itself passes, in order with its work; the host's clock
    would only time how fast work is submitted. On the CPU work is done when a call returns.
    """

    def __init__(self, device: Device) -> None:
        self.on_gpu = device.on_gpu
        self.mark: Callable[[], Any] = self.event if self.on_gpu else time.perf_counter

    def event(self) -> Any:
        """An event behind all work submitted so far."""
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def synchronize(self) -> None:
        """Wait until all work is done."""
        if self.on_gpu:
            torch.cuda.synchronize()

    def now(self) -> float:
        """The host's time, once all work is done."""
        self.synchronize()
        return time.perf_counter()

    def seconds(self, start: Any, end: Any) -> float:
        """The time between two marks that have been passed."""
        return float(start.elapsed_time(end)) / 1000 if self.on_gpu else end - start

    def time(self, run: Callable[[], object]) -> float:
        """The seconds of a single run, with nothing before and after it."""
        self.synchronize()
        start = self.mark()
        run()
        end = self.mark()
        self.synchronize()
        return self.seconds(start, end)


@contextmanager
def working(device: Device) -> Iterator[None]:
    """Torch with the device's threads, and with true float32: no TensorFloat-32."""
    threads, conv, product = (
        torch.get_num_threads(),
        torch.backends.cudnn.allow_tf32,
        torch.backends.cuda.matmul.allow_tf32,
    )
    torch.set_num_threads(device.threads)
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    try:
        if device.on_gpu:
            with torch.cuda.device(torch.device(device.kind)):
                yield
        else:
            yield
    finally:
        torch.set_num_threads(threads)
        torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = conv, product


def free_bytes(device: Device) -> int | None:
    """The memory that this process can still take; None where the system does not say."""
    if device.on_gpu:
        gpu = device.kind
        free, _ = torch.cuda.mem_get_info(gpu)
        return int(free + torch.cuda.memory_reserved(gpu) - torch.cuda.memory_allocated(gpu))
    known = [n for n in (system_free_bytes(), group_free_bytes()) if n is not None]
    return min(known) if known else None


def system_free_bytes() -> int | None:
    """The system's available memory; None where it is not known."""
    kilobytes = first_match(r"^MemAvailable: *(\d+) kB", Path("/proc/meminfo"))
    return int(kilobytes) * 1024 if kilobytes else None


def group_free_bytes(folder: Path = Path("/sys/fs/cgroup")) -> int | None:
    """What a container's limit leaves, with cached files counted as free; None without a limit."""
    limit, used = (first_match(r"^(\d+)$", folder / name) for name in ("memory.max", "memory.current"))
    if limit is None or used is None:
        return None
    return int(limit) - int(used) + int(first_match(r"^inactive_file (\d+)", folder / "memory.stat") or 0)
