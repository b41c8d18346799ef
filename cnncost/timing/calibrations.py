"""The calibrations that there are: this machine's in the user's cache, and those that come with cnncost."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from cnncost.errors import CnncostError
from cnncost.files import replace_file
from cnncost.timing.calibration import Calibration
from cnncost.timing.device import Device
from cnncost.timing.roof_cache import cache_folder

SHIPPED = Path(__file__).with_suffix(".json")


def calibrations() -> dict[str, Calibration]:
    """All, by device, dtype and version of torch; one's own come first."""
    own = read(own_file())
    return own | {key: found for key, found in read(SHIPPED).items() if key not in own}


def own_file() -> Path:
    """The file in the user's cache."""
    return cache_folder() / SHIPPED.name


def read(path: Path) -> dict[str, Calibration]:
    """Those in a file; none where it is missing or damaged."""
    try:
        entries: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
        return {key: Calibration.from_plain(entry, str(path)) for key, entry in entries.items()}
    except (OSError, ValueError, AttributeError, CnncostError):
        return {}


def keep(calibration: Calibration, path: Path | None = None) -> None:
    """Add one to a file, the user's cache by default; where that cannot be written, it is measured again."""
    path = path or own_file()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        known = {**read(path), key_of(calibration): calibration}
        text = json.dumps({key: one.to_plain() for key, one in known.items()}, indent=1)
        replace_file(path, f"{text}\n".encode())


def key_of(calibration: Calibration) -> str:
    """The name of a calibration in a file."""
    return f"{calibration.device} | {calibration.dtype} | torch {calibration.torch}"


def of_device(device: Device, dtype: str) -> Calibration | None:
    """The calibration of this machine; None if it was not measured."""
    found = [c for c in calibrations().values() if c.device == device.label and c.dtype == dtype]
    return next((c for c in found if c.torch == device.torch), None)


def named(name: str, dtype: str) -> Calibration | None:
    """The calibration of a device by name or by the beginning of it: `amd-epyc`; None if there is none."""
    found = [c for c in calibrations().values() if slug(c.device).startswith(slug(name))]
    return next((c for c in found if c.dtype == dtype), None)


def slug(text: str) -> str:
    """A name in the form of a file name."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
