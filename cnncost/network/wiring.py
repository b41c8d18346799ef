"""The nodes of a graph that is being built, their shapes, and where names and refs lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncost.dims import Shape
from cnncost.errors import Place, SpecError, did_you_mean
from cnncost.layers import Layer
from cnncost.network.nodes import Nodes
from cnncost.network.reuse import Expansion
from cnncost.network.scope import Scope
from cnncost.spec.expression import shorten
from cnncost.spec.items import PREVIOUS, Ref


class Wiring(Nodes):
    """What has been built so far.

    `outputs` maps names to the nodes whose output they mean: a stage to its last layer.
    """

    def __init__(self, inputs: Mapping[str, Shape]) -> None:
        super().__init__(inputs)
        self.outputs: dict[str, str] = {name: name for name in inputs}
        self.before: dict[str, str] = {}  # what entered the layer or block that made an output
        self.copied: dict[str, tuple[Expansion, str]] = {}  # what a path is a copy of, and its source
        self.open: list[Expansion] = []  # the blocks that are being expanded
        self.aux = False  # whether this is a side head
        self.sides: set[str] = set()

    def add(self, path: str, layer: Layer, inputs: tuple[str, ...]) -> None:
        """A new node, to which its name leads."""
        self.check_new(path)
        self.append_layer(path, layer, inputs, self.aux)
        self.outputs[path] = path
        if self.aux:
            self.sides.add(path)

    def copy(self, known: Expansion, path: str, source: str) -> str:
        """Copy a block that was expanded before; its output."""
        for node in known.copies(path, source):
            self.check_new(node.name)
            self.nodes.append(node)
            self.shapes[node.name] = node.out_shape
            if node.aux:
                self.sides.add(node.name)
        self.copied[path] = known, source
        return known.renamed(known.output, path, source)

    def check_new(self, path: str) -> None:
        """Refuse a second node of one name: the name of an item may be the path of another."""
        if path in self.shapes:
            raise SpecError(f"the name `{shorten(path)}` is given twice")

    def state(self) -> tuple[int, ...]:
        """The current lengths, to which the wiring can be reset."""
        return len(self.nodes), len(self.open), len(self.shapes), len(self.outputs), len(self.before)

    def go_back(self, state: tuple[int, ...]) -> None:
        """Undo everything since that state; nothing may have been copied."""
        nodes, opened, *tables = state
        self.sides.difference_update(node.name for node in self.nodes[nodes:])
        del self.nodes[nodes:], self.open[opened:]
        grown: tuple[dict[str, Any], ...] = (self.shapes, self.outputs, self.before)
        for table, size in zip(grown, tables, strict=True):
            while len(table) > size:  # the latest come first
                table.popitem()

    def resolve(self, ref: Ref, scope: Scope) -> str:
        """The output that a ref leads to: a name is looked up from the inside outwards."""
        output = self.previous(scope) if ref.name == PREVIOUS else self.named(ref.name, scope.path)
        if output is None:
            message = f"`ref({shorten(ref.name)})`: no earlier layer has this name"
            if ref.name == PREVIOUS:
                raise SpecError("`ref(previous)`: nothing comes before what enters this block", ref.place)
            raise SpecError(message + did_you_mean(ref.name, self.outputs), ref.place)
        if output in self.sides and not self.aux:
            raise SpecError(f"`ref({ref.name})` is in a side head, which only training has", ref.place)
        for expansion in self.open:
            expansion.refers_to(output)
        return output

    def output_named(self, name: str, place: Place) -> str:
        """The output that `outputs` means by a name."""
        output = self.look_up(self.outputs, name)
        if output is None:
            message = f"`outputs`: no layer has the name `{shorten(name)}`"
            raise SpecError(message + did_you_mean(name, self.outputs), place)
        if output in self.sides:
            raise SpecError(f"`outputs`: `{shorten(name)}` is in a side head, which only training has", place)
        return output

    def previous(self, scope: Scope) -> str | None:
        """What entered the layer or block that made the input of this block."""
        return self.look_up(self.before, scope.source)

    def named(self, name: str, path: str) -> str | None:
        """The output of a name, below the nearest enclosing path that has one."""
        while path:
            if output := self.look_up(self.outputs, f"{path}.{name}"):
                return output
            path = path.rpartition(".")[0]
        return self.look_up(self.outputs, name)

    def look_up(self, table: Mapping[str, str], name: str) -> str | None:
        """The output of a name; within a copied block, looked up in the original."""
        if name in table:
            return table[name]
        path = name
        while path := path.rpartition(".")[0]:
            if copy := self.copied.get(path):
                known, source = copy
                found = self.look_up(table, known.original(name, path))
                return found and known.renamed(found, path, source)
        return None
