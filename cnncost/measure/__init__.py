"""PyTorch as the reference: a graph as a module, compared layer by layer, and timed.

This door opens without torch; the first use of one of its names imports it. Only what is behind
it imports torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cnncost.errors import CnncostError

if TYPE_CHECKING:  # the names themselves, for type checkers and editors
    from cnncost.measure.building import Network, build, build_layer
    from cnncost.measure.clock.calibrating import calibrate
    from cnncost.measure.clock.device import require_dtype, running_device
    from cnncost.measure.clock.roof import Roofs
    from cnncost.measure.clock.timing import time
    from cnncost.measure.verification.against_torch import verify

__all__ = [
    "Network",
    "Roofs",
    "build",
    "build_layer",
    "calibrate",
    "require_dtype",
    "running_device",
    "time",
    "verify",
]

HOMES = {
    "Network": "building",
    "build": "building",
    "build_layer": "building",
    "calibrate": "clock.calibrating",
    "Roofs": "clock.roof",
    "require_dtype": "clock.device",
    "running_device": "clock.device",
    "time": "clock.timing",
    "verify": "verification.against_torch",
}
"""The file of each name."""


def __getattr__(name: str) -> Any:
    """A name of this room, from its file.

    Raises:
        CnncostError: torch is not installed.
    """
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        import torch  # noqa: F401  (asked for once, so that its absence is one clear error)
    except ImportError:
        raise CnncostError("torch is not installed: pip install 'cnncost[torch]'") from None
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
