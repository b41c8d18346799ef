"""The roofline: what a device can do at most, and how near to it some work comes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from cnncost.count.convention import dtype_bytes
from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.dims import product
from cnncost.files import replace_file
from cnncost.layers.base import NO_WORK


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


def moved_bytes(cost: LayerCost, profile: NetworkCost) -> int:
    """What a layer reads and writes at least: inputs, weights and outputs, each once."""
    shapes = (*cost.node.in_shapes, cost.node.out_shape)
    values = profile.batch * sum(product(shape) for shape in shapes)
    weights = sum(product(shape) for shape in cost.weights.values())
    return int(values + weights) * dtype_bytes(profile.dtype)


def at_best(costs: Iterable[LayerCost], profile: NetworkCost, roof: Roof) -> Placed:
    """The forward pass of some layers as it could be at most: on the roof.

    A layer of one input and no work moves nothing: what comes out is a view of what went in, as
    for Flatten and Dropout. A copy without work (ChannelShuffle) has no operations to place anyway.
    """
    some = tuple(costs)
    flops = sum(cost.flops for cost in some)
    moved = sum(moved_bytes(c, profile) for c in some if c.work != NO_WORK or len(c.node.inputs) > 1)
    return Placed(flops, moved, roof.least_seconds(flops, moved), roof)


def cache_folder() -> Path:
    """The user's cache: ``$XDG_CACHE_HOME/cnncost`` or ``~/.cache/cnncost``."""
    set_folder = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(set_folder) if os.path.isabs(set_folder) else Path.home() / ".cache"
    return root / "cnncost"


def cache_file(folder: Path | None = None) -> Path:
    """Where the roofs that were measured are kept."""
    return (folder or cache_folder()) / "roofline.json"


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


def keep(path: Path, roofs: Mapping[str, Roof]) -> None:
    """Write the cache anew, whole or not at all; without a place for it, the next run measures again."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({key: asdict(roof) for key, roof in roofs.items()}, indent=2)
        replace_file(path, text.encode("utf-8"))
