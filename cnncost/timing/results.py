"""What `cnncost time` has kept: devices, their roofs, and how long each layer of a network took on them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnncost.count.profile import NetworkCost
from cnncost.count.rows import Row, fold
from cnncost.errors import CnncostError, did_you_mean
from cnncost.files import PACKAGE
from cnncost.timing.roofline import Placed, Roof, at_best, cache_file, kept, usable

Result = Mapping[str, Any]
"""A measurement as a report holds it: its conditions, and its layers."""


@dataclass(frozen=True)
class Measured:
    """A device of which something is known: its results, and a roof for each dtype."""

    label: str
    results: tuple[Result, ...]
    roofs: Mapping[str, Roof]

    def roof(self, dtype: str) -> Roof:
        """The roof for a dtype; one that was given by its two numbers holds for any.

        Raises:
            CnncostError: it was not measured.
        """
        found = self.roofs.get(dtype) or self.roofs.get(ANY)
        if found is None:
            there = ", ".join(self.roofs) or "none"
            raise CnncostError(
                f"--dtype {dtype}: no roof of {self.label} is known for it; there is {there};"
                f" `cnncost time NAME --dtype {dtype} --save {REPORTS}` measures it"
            )
        return found

    def of(self, profile: NetworkCost) -> list[Result]:
        """The results of a network on its input, in training or not, at any batch and dtype."""
        kind = batch_key(profile)
        shape = list(profile.graph.input_shape)
        return [r for r in self.results if r["model"] == profile.name and r["input"] == shape and kind in r]

    def result(self, profile: NetworkCost) -> Result | None:
        """The newest result of a network at its batch and dtype that tells of its layers."""
        wanted = profile.batch, profile.dtype
        key = batch_key(profile)
        found = [r for r in self.of(profile) if (r[key], r["dtype"]) == wanted and r["layers"]]
        return found[-1] if found else None


ANY = "any"
"""Stands for every dtype."""
REPORTS = Path("reports", "measured")


def batch_key(profile: NetworkCost) -> str:
    """What a result calls its batch, which tells inference and training apart."""
    return "train_batch_size" if profile.train else "infer_batch_size"


def read_report(path: Path) -> dict[str, Any] | None:
    """A report of `cnncost time`; None where a file is something else."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        if all(isinstance(result, dict) for result in report["results"]):
            return dict(report)
    except (OSError, ValueError, TypeError, KeyError):
        pass
    return None


def device_named(name: str | None) -> Measured:
    """The device that a name, a report's file or two numbers stand for; the only one if there is no name.

    Args:
        name: part of a device's name (``epyc``), a path, or ``440e9,45e9``: FLOP/s and bytes/s.

    Raises:
        CnncostError: there is no such device, or several have this name.
    """
    if name is None:
        return the_only(reported_devices() or cached_devices(), "--device: which one? ")
    if re.fullmatch(r"[\s\d.,eE+-]+", name) and not Path(name).is_file():
        return Measured(ROOF_ALONE, (), {ANY: parse_roof(name)})
    if name.endswith(".json") or Path(name).is_file():
        return the_only(devices_of(results_in(Path(name))), f"--device {name}: several devices: ")
    known = reported_devices(), cached_devices()
    found = next((some for group in known if (some := called(name, group))), [])
    if not found:
        labels = list(dict.fromkeys(device.label for group in known for device in group))
        hint = did_you_mean(name, labels) + f"; there are {'; '.join(labels)}" if labels else f": {NOTHING}"
        raise CnncostError(f"--device {name}: no such device was measured{hint}")
    return the_only(found, f"--device {name}: several devices: ")


def called(name: str, devices: Iterable[Measured]) -> list[Measured]:
    """The devices in whose names this one occurs, whatever its case, blanks and signs."""
    wanted = plain(name)
    return [device for device in devices if wanted and wanted in plain(device.label)]


ROOF_ALONE = "a device"
NOTHING = f"`cnncost time NAME --save {REPORTS}` measures one; FLOP/s,bytes/s describe one: 440e9,45e9"


def the_only(devices: Sequence[Measured], complaint: str) -> Measured:
    """The one device that there is.

    Raises:
        CnncostError: there is none, or another.
    """
    if not devices:
        raise CnncostError(f"--device: nothing was measured yet: {NOTHING}")
    if len(devices) > 1:
        raise CnncostError(complaint + "; ".join(device.label for device in devices))
    return devices[0]


RATES, RIDGES = (1e3, 1e18), (1e-3, 1e5)
"""Operations or bytes a second, and operations a byte, between which every device lies."""


def parse_roof(text: str) -> Roof:
    """`440e9,45e9` as a roof.

    Raises:
        CnncostError: it is no pair of numbers that a device may have.
    """
    try:
        flops, moved = (float(part) for part in text.split(","))
        roof = Roof(flops, moved)
    except ValueError:
        roof = Roof(0, 1)
    rates = roof.flops_per_second, roof.bytes_per_second
    if not (all(RATES[0] <= rate <= RATES[1] for rate in rates) and RIDGES[0] <= roof.ridge <= RIDGES[1]):
        raise CnncostError(
            f"--device {text}: FLOP/s,bytes/s are two numbers from 1e3 to 1e18, such as 440e9,45e9, "
            "the first 0.001 to 100000 times the other"
        )
    return roof


def plain(text: str) -> str:
    """A name without case, blanks and signs."""
    return re.sub(r"[^a-z0-9]+", "", text.lower())


def reported_devices() -> list[Measured]:
    """The devices of the reports in this folder and in the source tree."""
    folders = dict.fromkeys(f.resolve() for f in (REPORTS, PACKAGE.parent / REPORTS))
    files = [path for folder in folders for path in sorted(folder.glob("*.json")) if read_report(path)]
    return devices_of([result for path in files for result in results_in(path)])


def results_in(path: Path) -> list[Result]:
    """The results of a report that can be read as such.

    Raises:
        CnncostError: the file is missing, or something else.
    """
    if not path.is_file():
        raise CnncostError(f"--device {path}: no such file")
    report = read_report(path)
    if report is None or not all(map(complete, report["results"])):
        raise CnncostError(f"--device {path}: it is no report of `cnncost time`")
    return list(report["results"])


NEEDED = ("model", "input", "dtype", "device", "device_name", "threads", "peak_gflops", "peak_gb_per_sec")


def complete(result: Result) -> bool:
    """Whether a result has what is asked of it here."""
    layers = result.get("layers")
    return all(key in result for key in NEEDED) and isinstance(layers, list) and all(map(is_layer, layers))


def is_layer(entry: Any) -> bool:
    """Whether an entry of a result's layers has a name and a time; what ran under a roof has numbers."""
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        return False
    numbers = [entry.get("time"), *(entry[key] for key in ("flops", "bytes") if key in entry)]
    return all(isinstance(number, (int, float)) for number in numbers)


def devices_of(results: Iterable[Result]) -> list[Measured]:
    """Results by device, each with the newest roof of a dtype."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(label_of(result), []).append(result)
    return [Measured(label, tuple(some), dict(roofs_in(some))) for label, some in groups.items()]


def label_of(result: Result) -> str:
    """A device's name with what else decides its speed: `AMD EPYC, 2 threads`."""
    name, threads = result["device_name"], result["threads"]
    counted = "1 thread" if threads == 1 else f"{threads} threads"
    return str(name) if str(result["device"]).startswith("cuda") else f"{name}, {counted}"


def roofs_in(results: Iterable[Result]) -> Iterator[tuple[str, Roof]]:
    """The roof that each result was held against, by its dtype."""
    for result in results:
        if (roof := roof_in(result)) is not None:
            yield result["dtype"], roof


def roof_in(result: Result) -> Roof | None:
    """The roof of a result, in operations and bytes a second; None where it has none."""
    try:
        roof = Roof(1e9 * result["peak_gflops"], 1e9 * result["peak_gb_per_sec"])
        return roof if usable(roof) else None
    except TypeError:
        return None


def cached_devices() -> list[Measured]:
    """The devices whose roofs lie in the user's cache, without results."""
    groups: dict[str, dict[str, Roof]] = {}
    for key, roof in kept(cache_file()).items():
        label, _, dtype, *_ = (*key.split(" | "), "", "")
        groups.setdefault(label, {})[dtype] = roof
    return [Measured(label, (), roofs) for label, roofs in groups.items()]


@dataclass(frozen=True)
class Place:
    """A row of a network's table under a roof: as it was measured, or on the roof, as fast as can be."""

    row: Row
    placed: Placed
    measured: bool


def places(profile: NetworkCost, roof: Roof, result: Result | None = None) -> list[Place]:
    """The rows of a network under a roof; those without operations too.

    Args:
        profile: the network, counted by the convention ``flops``, which `cnncost time` counts by.
        roof: of the device, for the profile's dtype.
        result: what was measured of the network; its rows decide how the network is folded.

    Raises:
        CnncostError: the result is of a network of other layers.
    """
    rows, entries = matched(profile, result) if result else (fold(profile), {})
    return [place(row, entries.get(row.label), profile, roof) for row in rows]


def place(row: Row, entry: Result | None, profile: NetworkCost, roof: Roof) -> Place:
    """A row where it was measured; with no time of its own, at best."""
    if entry is None or "flops" not in entry:
        return Place(row, at_best(row.costs, profile, roof), measured=False)
    milliseconds = entry.get("forward", entry["time"])
    return Place(row, Placed(entry["flops"], entry["bytes"], milliseconds / 1000, roof), measured=True)


def matched(profile: NetworkCost, result: Result) -> tuple[list[Row], dict[str, Result]]:
    """The rows that a result was kept by, and its entries by their labels.

    Raises:
        CnncostError: no way of folding gives the same rows with the same operations.
    """
    entries = {entry["name"]: entry for entry in result["layers"] if entry.get("type") is not None}
    deepest = max(cost.name.count(".") + 1 for cost in profile.counted)
    ways: list[dict[str, Any]] = [{}, {"every": True}, *({"depth": d} for d in range(1, deepest + 1))]
    for way in ways:
        rows = fold(profile, **way)
        if [row.label for row in rows] == list(entries):
            counted = [(row.totals.flops, entries[row.label].get("flops")) for row in rows]
            if all(ours == theirs for ours, theirs in counted if theirs is not None):
                return rows, entries
    raise CnncostError(f"{profile.name} has other layers now than when it was measured")
