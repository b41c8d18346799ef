"""The roofs that were measured on this machine, in a file in the user's cache."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from cnncost.files import replace_file
from cnncost.timing.roofline import Roof


def cache_folder() -> Path:
    """The user's cache: ``$XDG_CACHE_HOME/cnncost`` or ``~/.cache/cnncost``."""
    set_folder = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(set_folder) if os.path.isabs(set_folder) else Path.home() / ".cache"
    return root / "cnncost"


def cache_file() -> Path:
    """The file with the roofs."""
    return cache_folder() / "roofline.json"


def cached_roofs() -> dict[str, Roof]:
    """The roofs by device and dtype; none where the file is missing or damaged."""
    try:
        entries = json.loads(cache_file().read_text("utf-8"))
        roofs = {key: Roof(**entry) for key, entry in entries.items()}
        return {key: roof for key, roof in roofs.items() if roof.usable}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def cache_roofs(roofs: Mapping[str, Roof]) -> None:
    """Write the file, whole or not at all; where it cannot be written, the next run measures again."""
    path = cache_file()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({key: asdict(roof) for key, roof in roofs.items()}, indent=2)
        replace_file(path, text.encode("utf-8"))
