"""A training run: its work, the time that devices take for it, their energy and their price."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from cnncost.count.training import StepWork, Training
from cnncost.dims import ceil_div
from cnncost.errors import CnncostError
from cnncost.spec.expression import shorten
from cnncost.timing.cards import Cards

DATA_SETS = {
    "imagenet": 1_281_167,
    "cifar10": 50_000,
    "cifar100": 50_000,
    "mnist": 60_000,
    "coco": 118_287,
}
"""Training images of well-known data sets."""

SUFFIXES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "b": 10**9}
SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
HOUR = 3600
MOST = 10**15
"""The largest number of images or epochs."""


@dataclass(frozen=True)
class Plan:
    """A run of some epochs over some images, in steps of `batch` images on all devices together.

    `cached` runs the frozen layers once for each image instead of once an epoch. `took` is how long the run
    took, in seconds, from which the utilisation follows.
    """

    name: str
    training: Training
    images: int
    epochs: int
    batch: int
    device: Cards | None = None
    utilisation: Fraction | None = None
    price: Fraction | None = None
    took: int | None = None
    cached: bool = False

    @property
    def work(self) -> StepWork:
        """What an image takes in each epoch."""
        return (self.training.head if self.cached else self.training).work

    @property
    def steps(self) -> int:
        """The updates; the last one of an epoch may see fewer images."""
        return int(self.epochs * ceil_div(self.images, self.batch))

    @property
    def macs(self) -> int:
        """All multiply-adds of the run."""
        once = self.training.frozen_macs * self.images if self.cached else 0
        return once + self.epochs * self.images * self.work.macs

    @property
    def flops(self) -> int:
        """Two for each multiply-add, and those of the updates."""
        return 2 * self.macs + self.steps * self.work.update_ops

    @property
    def devices(self) -> int:
        """How many there are."""
        return self.device.count if self.device else 1

    @property
    def peak(self) -> int | None:
        """What the devices can do together in a second; None without devices."""
        if self.device is None:
            return None
        return self.device.count * self.device.card.flops_per_second(self.training.use.run.dtype)

    @property
    def seconds_at_peak(self) -> Fraction | None:
        """The least time that the devices can take."""
        return Fraction(self.flops, self.peak) if self.peak else None

    @property
    def seconds(self) -> Fraction | None:
        """The time at the stated utilisation, or what the run took; None where neither is known."""
        if self.took is not None:
            return Fraction(self.took)
        if self.seconds_at_peak is None or self.utilisation is None:
            return None
        return self.seconds_at_peak / self.utilisation

    @property
    def implied_utilisation(self) -> Fraction | None:
        """The part of the peak that a run of this length uses."""
        return self.seconds_at_peak / self.took if self.seconds_at_peak and self.took else None

    @property
    def device_hours(self) -> Fraction | None:
        """Hours of all devices; at the peak where no other time is known."""
        seconds = self.seconds if self.seconds is not None else self.seconds_at_peak
        return None if seconds is None else seconds * self.devices / HOUR

    @property
    def kilowatt_hours(self) -> Fraction | None:
        """The energy of the devices alone, at the power that their maker gives."""
        if self.device_hours is None or self.device is None:
            return None
        return self.device_hours * self.device.card.watts / 1000

    @property
    def cost(self) -> Fraction | None:
        """The price of the device-hours."""
        return (
            self.device_hours * self.price
            if self.device_hours is not None and self.price is not None
            else None
        )

    @property
    def batch_of_device(self) -> int:
        """The largest share of a batch that one device gets."""
        return int(ceil_div(self.batch, self.devices))

    @cached_property
    def memory_bytes(self) -> int:
        """What one device needs at the peak."""
        training = self.training.head if self.cached else self.training
        return training.use.with_batch(self.batch_of_device).total_bytes

    @property
    def all_reduce_bytes(self) -> int:
        """What each device sends in a step, so that all have the gradients' sum: 2(n - 1)/n of them."""
        n = self.devices
        return self.training.use.gradients_bytes * 2 * (n - 1) // n

    @property
    def feature_bytes(self) -> int:
        """The cached features of all images."""
        run = replace(self.training.use.run, batch=1)
        return self.images * sum(run.bytes_of(tensor.shape) for tensor in self.training.features.values())


def read_count(text: str | int, option: str) -> int:
    """`1.28M`, `1,281,167`, `50k`, `1.2e6` or the name of a data set as a number of images or epochs.

    Raises:
        CnncostError: it is none, or below 1.
    """
    written = str(text).strip().lower()
    if written in DATA_SETS:
        return DATA_SETS[written]
    found = re.fullmatch(r"([\d,_]*\d(?:\.\d+)?)(?:e\+?(\d{1,2}))?\s*([kmgb]?)", written)
    value = 0
    if found:
        scale = 10 ** int(found[2] or 0) * SUFFIXES[found[3]]
        exact = Fraction(re.sub("[,_]", "", found[1])) * scale
        value = int(exact) if exact.denominator == 1 else 0
    if not 1 <= value <= MOST:
        sets = f" or a data set: {', '.join(DATA_SETS)}" if option == "--images" else ""
        raise CnncostError(
            f"{option} {shorten(str(text))}: write a whole number from 1, such as 90 or 1.28M{sets}"
        )
    return value


def read_share(text: str | float | None, option: str = "--utilisation") -> Fraction | None:
    """`0.3` or `30%` as a fraction above 0 and up to 1.

    Raises:
        CnncostError: it is none.
    """
    if text is None:
        return None
    found = re.fullmatch(r"\s*(\d*\.?\d+)\s*(%?)\s*", str(text))
    share = Fraction(found[1]) / (100 if found[2] else 1) if found else Fraction(0)
    if not 0 < share <= 1:
        hint = f"; for {text} per cent write {text}%" if found and not found[2] and 1 < share <= 100 else ""
        raise CnncostError(
            f"{option} {shorten(str(text))}: write a share of the peak, such as 0.3 or 30%{hint}"
        )
    return share


def read_price(text: str | float | None) -> Fraction | None:
    """`2.5` or `$2.50` a device-hour.

    Raises:
        CnncostError: it is no amount.
    """
    if text is None:
        return None
    found = re.fullmatch(r"\s*[$€£]?\s*(\d*\.?\d+)\s*(?:/\s*h(?:our)?)?\s*", str(text))
    if not found:
        raise CnncostError(f"--price {shorten(str(text))}: write the price of one device-hour, such as 2.50")
    return Fraction(found[1])


def read_duration(text: str | None) -> int | None:
    """`5.5 days`, `29h`, `2 weeks` in seconds.

    Raises:
        CnncostError: it is no time.
    """
    if text is None:
        return None
    found = re.fullmatch(
        r"\s*(\d*\.?\d+)\s*(seconds?|s|min|minutes?|hours?|h|days?|d|weeks?|w)\s*", text.lower()
    )
    seconds = 0
    if found:
        unit = "min" if found[2].startswith("mi") else found[2][0]
        seconds = int(Fraction(found[1]) * SECONDS[unit])
    if seconds < 1:
        raise CnncostError(f"--took {shorten(text)}: write a time with its unit, such as 5.5 days or 29h")
    return seconds


@dataclass(frozen=True)
class PublishedRun:
    """A run on record: its shortest and its longest time in seconds, and its plan where the network is known.

    A search trains many `networks`; of those only the time of the devices is known.
    """

    title: str
    devices: int
    took: tuple[int, int]
    source: str
    assumed: str = ""
    networks: int = 1
    plan: Plan | None = None

    @property
    def device_hours(self) -> tuple[Fraction, Fraction]:
        """Hours of all devices, for each network."""
        fast, slow = (Fraction(seconds * self.devices, HOUR * self.networks) for seconds in self.took)
        return fast, slow

    @property
    def utilisation(self) -> tuple[Fraction, Fraction] | None:
        """What the longest and the shortest time imply."""
        if self.plan is None or self.plan.seconds_at_peak is None:
            return None
        fast, slow = self.took
        return self.plan.seconds_at_peak / slow, self.plan.seconds_at_peak / fast


def published_runs() -> list[Mapping[str, Any]]:
    """The training runs on record."""
    import yaml

    text = Path(__file__).with_name("runs.yaml").read_text(encoding="utf-8")
    found: list[Mapping[str, Any]] = yaml.safe_load(text)
    return found
