"""Names: what an expression can call, and what layers are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cnncost.dims import symbol
from cnncost.errors import Place, SpecError
from cnncost.layers import MERGES, Layer, catalogue
from cnncost.spec import limits
from cnncost.spec.expression import shorten
from cnncost.spec.functions import FUNCTIONS
from cnncost.spec.items import INPUT, Call
from cnncost.spec.structure import Spec


@dataclass(frozen=True)
class LayerTemplate:
    """A layer type, callable from a spec."""

    layer: type[Layer]

    @property
    def name(self) -> str:
        return self.layer.__name__


LAYERS: dict[str, Call] = {
    name: Call(LayerTemplate(layer)) for name, layer in catalogue().items() if name not in MERGES.values()
}


@dataclass
class Scope:
    """Where items are expanded: the path of names so far, and which names are taken."""

    path: str
    values: Mapping[str, Any]
    taken: dict[str, Place | None]
    counts: dict[str, int]
    source: str = INPUT  # what entered the enclosing block
    depth: int = 0

    def inside(self, path: str) -> Scope:
        """A scope below this one, for a path of its own."""
        return Scope(path, self.values, {}, {}, self.source, self.depth)

    def claim(self, name: str, place: Place | None = None, given: bool = False) -> str:
        """The full path of a name that is free here; a second `ReLU` becomes `ReLU_1`."""
        if given and name in self.taken:
            first = self.taken[name]
            where = f" (first in line {first.line})" if first else "; the first has it by default"
            if not self.path and name == INPUT:
                raise SpecError(f"`{name}` is the network's own input: a layer needs another name", place)
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


class WithSymbols(dict[str, Any]):
    """Names, where an unknown name of a size (`F`, `C_out`) is a symbol."""

    def __missing__(self, name: str) -> Any:
        if name in FUNCTIONS or (len(name) > 1 and not ("_" in name or name[1:].isdigit() or name.isupper())):
            raise KeyError(name)
        return symbol(name)


def root_names(spec: Spec, params: Mapping[str, Any]) -> dict[str, Any]:
    """What every expression of a spec can name: layers, blocks and params."""
    blocks = {name: Call(block) for name, block in spec.blocks.items()}
    return {**LAYERS, **blocks, **params}


def known_names(values: Mapping[str, Any]) -> list[str]:
    """Names for suggestions."""
    return [*values, *FUNCTIONS, *MERGES, "ref"]


def signatures() -> dict[str, tuple[str, ...]]:
    """The arguments of each layer."""
    return {name: tuple(f.name for f in layer.parameters()) for name, layer in catalogue().items()}
