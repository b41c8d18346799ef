"""Where items are expanded: the path of names so far, and which names are taken."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cnncost.errors import Place, SpecError
from cnncost.spec import limits
from cnncost.spec.expression import shorten
from cnncost.spec.items import INPUT


@dataclass
class Scope:
    """A path, the values that its expressions may name, and the names that are taken below it."""

    path: str
    values: Mapping[str, Any]
    taken: dict[str, Place | None]
    counts: dict[str, int]
    source: str = INPUT  # what entered the enclosing block
    depth: int = 0
    inputs: Collection[str] = ()  # names of the network's own inputs, which no layer may take
    until: str = ""  # the path of the layer behind which a network in use ends

    def inside(self, path: str) -> Scope:
        """A scope below this one, for a path of its own."""
        return Scope(path, self.values, {}, {}, self.source, self.depth)

    def entered(self, path: str, source: str) -> Scope:
        """A scope within a block of this path, entered by the output `source`."""
        return Scope(path, {}, {}, {}, source, self.depth + 1)

    def claim(self, name: str, place: Place | None = None, given: bool = False) -> str:
        """The full path of a name that is free here; a second `ReLU` becomes `ReLU_1`."""
        if given and name in self.taken:
            first = self.taken[name]
            if name in self.inputs:
                raise SpecError(f"`{name}` is the network's own input: a layer needs another name", place)
            where = f" (first in line {first.line})" if first else "; the first has it by default"
            raise SpecError(f"the name `{name}` is given twice{where}", place)
        base = name
        while name in self.taken:
            self.counts[base] = self.counts.get(base, 0) + 1
            name = f"{base}_{self.counts[base]}"
        self.taken[name] = place if given else None
        path = f"{self.path}.{name}" if self.path else name
        if len(path) > limits.NAME_CHARACTERS:
            message = f"`{shorten(path)}`: a name of more than {limits.NAME_CHARACTERS} characters"
            raise SpecError(message, place)
        return path

    def number(self) -> str:
        """The next number of the unnamed repeats here: 0, 1, 2 …"""
        self.counts["#"] = self.counts.get("#", -1) + 1
        return str(self.counts["#"])
