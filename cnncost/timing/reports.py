"""The reports of `cnncost time --save`: devices, their roofs, and the times of networks on them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnncost.count.profile import NetworkCost
from cnncost.errors import CnncostError, did_you_mean
from cnncost.files import PACKAGE
from cnncost.timing.device import Device
from cnncost.timing.roof_cache import cached_roofs
from cnncost.timing.roofline import Roof

Result = Mapping[str, Any]
"""One measurement of a report: its conditions and its layers."""


@dataclass(frozen=True)
class Measured:
    """A device with its results, and its roof for each dtype."""

    label: str
    results: tuple[Result, ...]
    roofs: Mapping[str, Roof]

    def roof(self, dtype: str) -> Roof:
        """The roof for a dtype; a roof given as two numbers holds for every dtype.

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
        """The results of a network at its input shape, in training or not, at any batch and dtype."""
        kind = batch_key(profile)
        shape = profile.graph.input_sizes
        return [r for r in self.results if r["model"] == profile.name and r["input"] == shape and kind in r]

    def result(self, profile: NetworkCost) -> Result | None:
        """The newest result of a network at its batch and dtype that has times of layers."""
        wanted = profile.batch, profile.dtype
        key = batch_key(profile)
        found = [r for r in self.of(profile) if (r[key], r["dtype"]) == wanted and r["layers"]]
        return found[-1] if found else None


ANY = "any"
"""The key of a roof that holds for every dtype."""
REPORTS = Path("reports", "measured")


def batch_key(profile: NetworkCost) -> str:
    """The key of a result's batch, which differs for inference and training."""
    return "train_batch_size" if profile.train else "infer_batch_size"


def read_report(path: Path) -> dict[str, Any] | None:
    """The report in a file; None where the file is something else."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        if all(isinstance(result, dict) for result in report["results"]):
            return dict(report)
    except (OSError, ValueError, TypeError, KeyError):
        pass
    return None


def measured_device(name: str | None) -> Measured:
    """The device of a name, of a report's file or of two numbers; without a name, the only one there is.

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
    found = next((some for group in known if (some := devices_called(name, group))), [])
    if not found:
        labels = list(dict.fromkeys(device.label for group in known for device in group))
        hint = did_you_mean(name, labels) + f"; there are {'; '.join(labels)}" if labels else f": {NOTHING}"
        raise CnncostError(f"--device {name}: no such device was measured{hint}")
    return the_only(found, f"--device {name}: several devices: ")


def devices_called(name: str, devices: Iterable[Measured]) -> list[Measured]:
    """The devices whose names contain this one; case, blanks and signs make no difference."""
    wanted = letters_and_digits(name)
    return [device for device in devices if wanted and wanted in letters_and_digits(device.label)]


ROOF_ALONE = "a device"
NOTHING = f"`cnncost time NAME --save {REPORTS}` measures one; FLOP/s,bytes/s describe one: 440e9,45e9"


def the_only(devices: Sequence[Measured], complaint: str) -> Measured:
    """The only one of some devices.

    Raises:
        CnncostError: there is none, or more than one.
    """
    if not devices:
        raise CnncostError(f"--device: nothing was measured yet: {NOTHING}")
    if len(devices) > 1:
        raise CnncostError(complaint + "; ".join(device.label for device in devices))
    return devices[0]


RATES, RIDGES = (1e3, 1e18), (1e-3, 1e5)
"""The range of any device's operations or bytes per second, and of its operations per byte."""


def parse_roof(text: str) -> Roof:
    """`440e9,45e9` as a roof.

    Raises:
        CnncostError: these are not two numbers that a device may have.
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


def letters_and_digits(text: str) -> str:
    """A name in lower case, without blanks and signs."""
    return re.sub(r"[^a-z0-9]+", "", text.lower())


def reported_devices() -> list[Measured]:
    """The devices of the reports in this folder and in the source tree."""
    folders = dict.fromkeys(f.resolve() for f in (REPORTS, PACKAGE.parent / REPORTS))
    files = [path for folder in folders for path in sorted(folder.glob("*.json")) if read_report(path)]
    return devices_of([result for path in files for result in results_in(path)])


def results_in(path: Path) -> list[Result]:
    """The results of a report's file.

    Raises:
        CnncostError: the file is missing, or is no report.
    """
    if not path.is_file():
        raise CnncostError(f"--device {path}: no such file")
    report = read_report(path)
    if report is None or not all(map(complete, report["results"])):
        raise CnncostError(f"--device {path}: it is no report of `cnncost time`")
    return list(report["results"])


NEEDED = ("model", "input", "dtype", "device", "device_name", "threads", "peak_gflops", "peak_gb_per_sec")


def complete(result: Result) -> bool:
    """Whether a result has all that is read here."""
    layers = result.get("layers")
    return all(key in result for key in NEEDED) and isinstance(layers, list) and all(map(is_layer, layers))


def is_layer(entry: Any) -> bool:
    """Whether an entry of a result's layers has a name and a time, and numbers for operations and bytes."""
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        return False
    numbers = [entry.get("time"), *(entry[key] for key in ("flops", "bytes") if key in entry)]
    return all(isinstance(number, (int, float)) for number in numbers)


def devices_of(results: Iterable[Result]) -> list[Measured]:
    """The devices of some results, each with the newest roof of each dtype."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(label_of(result), []).append(result)
    return [Measured(label, tuple(some), dict(roofs_in(some))) for label, some in groups.items()]


def label_of(result: Result) -> str:
    """The label of a result's device: `AMD EPYC, 2 threads`."""
    return Device(str(result["device"]), str(result["device_name"]), result["threads"], "").label


def roofs_in(results: Iterable[Result]) -> Iterator[tuple[str, Roof]]:
    """The roof of each result, with its dtype."""
    for result in results:
        if (roof := roof_in(result)) is not None:
            yield result["dtype"], roof


def roof_in(result: Result) -> Roof | None:
    """The roof of a result; None where it has none."""
    try:
        roof = Roof(
            1e9 * result["peak_gflops"], 1e9 * result["peak_gb_per_sec"], date=result.get("peak_date") or ""
        )
        return roof if roof.usable else None
    except TypeError:
        return None


def cached_devices() -> list[Measured]:
    """The devices whose roofs are in the user's cache, without results."""
    groups: dict[str, dict[str, Roof]] = {}
    for key, roof in cached_roofs().items():
        label, _, dtype, *_ = (*key.split(" | "), "", "")
        groups.setdefault(label, {})[dtype] = roof
    return [Measured(label, (), roofs) for label, roofs in groups.items()]
