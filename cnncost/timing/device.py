"""A device that runs networks, as plain data."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Device:
    """Where a network is run.

    `kind` is torch's word for it (``cpu``, ``cuda``, ``cuda:1``), `name` the processor's own name, and
    `threads` the number of CPU threads that work on one operation.
    """

    kind: str
    name: str
    threads: int
    torch: str

    @property
    def on_gpu(self) -> bool:
        """Whether a GPU does the work, while the caller goes on."""
        return self.kind.startswith("cuda")

    @property
    def label(self) -> str:
        """The name with what else decides the speed: `AMD EPYC, 2 threads`."""
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        return self.name if self.on_gpu else f"{self.name}, {threads}"

    @property
    def file_name(self) -> str:
        """The name in a form for files: ``nvidia-h200``."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-") or "cpu"
