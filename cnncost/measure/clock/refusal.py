"""What torch refuses to run, as an error of one line."""

from __future__ import annotations

from typing import Any

from cnncost.count.profile import NetworkCost
from cnncost.errors import CnncostError
from cnncost.measure.clock.device import free_bytes
from cnncost.measure.clock.memory import is_out_of_memory, out_of_memory
from cnncost.measure.counters import first_line
from cnncost.timing.timings import Settings


class CurrentNode:
    """The node that is being prepared or run, so that torch's refusal names it."""

    def __init__(self, profile: NetworkCost, settings: Settings) -> None:
        self.profile, self.settings, self.node = profile, settings, ""

    def reach(self, node: str) -> None:
        """Note the node that runs next; an empty string for the network as a whole."""
        self.node = node

    def __enter__(self) -> CurrentNode:
        return self

    def __exit__(self, kind: Any, error: Any, _: Any) -> None:
        if isinstance(error, (RuntimeError, MemoryError)) or (isinstance(error, ValueError) and self.node):
            raise self.refusal(error) from error

    def refusal(self, error: BaseException) -> CnncostError:
        """Torch's error as one line."""
        name, s = self.profile.name, self.settings
        text = first_line(error)
        if is_out_of_memory(error):
            return out_of_memory(self.profile, s.device, free_bytes(s.device))
        if self.node == "--compile":
            return CnncostError(f"--compile: torch cannot compile {name} here: {text}")
        cost = self.profile.by_name.get(self.node)
        where = f"{name}, {self.node} ({cost.type})" if cost else name
        if "not implemented for" in text or "not support" in text:
            return CnncostError(f"--dtype {s.dtype}: {where}: {s.device.kind} does not have it: {text}")
        doing = "trained" if s.train else "run"
        return CnncostError(f"{where} cannot be {doing} at batch {s.batch}, {s.dtype}: {text}")
