"""The nodes of a graph that is being built, their shapes, and where names and refs lead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnncost.dims import Shape
from cnncost.errors import Place, SpecError, did_you_mean
from cnncost.layers import Layer
from cnncost.network.graph import BlockCall, Node
from cnncost.network.nodes import Nodes
from cnncost.network.reuse import Expansion, is_within
from cnncost.network.scope import Scope
from cnncost.spec.expression import shorten
from cnncost.spec.items import BLOCK_INPUT, INPUT, PREVIOUS, Again, Ref


class Wiring(Nodes):
    """What has been built so far.

    `outputs` maps names to the nodes whose output they mean: a stage to its last layer. `first`, `last`
    and `entered` do so for the layers of an item and for what entered it.
    """

    def __init__(self, inputs: Mapping[str, Shape]) -> None:
        super().__init__(inputs)
        self.outputs: dict[str, str] = {name: name for name in inputs}
        self.first: dict[str, str] = {}
        self.last: dict[str, str] = {}
        self.entered: dict[str, str] = {}
        self.places: dict[str, int] = {}  # the numbers of the nodes
        self.before: dict[str, str] = {}  # what entered the layer or block that made an output
        self.copied: dict[str, tuple[Expansion, str]] = {}  # what a path is a copy of, and its source
        self.blocks: dict[str, BlockCall] = {}  # which paths are blocks
        self.open: list[Expansion] = []  # the blocks that are being expanded
        self.aux = False  # whether this is a side head
        self.sides: set[str] = set()

    def add(self, path: str, layer: Layer, inputs: tuple[str, ...], first: Node | None = None) -> None:
        """A new node, to which its name leads; of a layer that is used again, with its `first` use."""
        aux = self.aux or (first is not None and first.aux)
        self.check_new(path)
        self.places[path] = len(self.nodes)
        self.append_layer(path, layer, inputs, aux, first)
        self.outputs[path] = path
        if aux:
            self.sides.add(path)

    def finish(self, path: str, output: str, start: int) -> None:
        """All of an item is expanded: note its output, and its first layer, which has the number `start`."""
        self.outputs[path] = output
        if start < len(self.nodes):
            self.first[path], self.last[path] = self.nodes[start].name, self.nodes[-1].name

    def copy(self, known: Expansion, path: str, source: str) -> str:
        """Copy a block that was expanded before; its output."""
        for node in known.copies(path, source):
            self.check_new(node.name)
            self.places[node.name] = len(self.nodes)
            self.nodes.append(node)
            self.shapes[node.name] = node.out_shape
            if node.aux:
                self.sides.add(node.name)
        self.blocks.update((known.renamed(inner, path, source), call) for inner, call in known.blocks)
        self.copied[path] = known, source
        return known.renamed(known.output, path, source)

    def check_new(self, path: str) -> None:
        """Refuse a second node of one name: the name of an item may be the path of another."""
        if path in self.shapes:
            raise SpecError(f"the name `{shorten(path)}` is given twice")

    def state(self) -> tuple[int, ...]:
        """The current lengths, to which the wiring can be reset."""
        return len(self.nodes), len(self.open), *map(len, self.tables)

    @property
    def tables(self) -> tuple[dict[str, Any], ...]:
        """What grows with the nodes."""
        return (
            *(self.shapes, self.outputs, self.before, self.places),
            *(self.first, self.last, self.entered, self.copied, self.blocks),
        )

    def go_back(self, state: tuple[int, ...]) -> None:
        """Undo everything since that state."""
        nodes, opened, *tables = state
        self.sides.difference_update(node.name for node in self.nodes[nodes:])
        del self.nodes[nodes:], self.open[opened:]
        for table, size in zip(self.tables, tables, strict=True):
            while len(table) > size:  # the latest come first
                table.popitem()

    def resolve(self, ref: Ref, scope: Scope) -> str:
        """The output that a ref leads to: a name is looked up from the inside outwards."""
        if ref.name == BLOCK_INPUT:
            return self.block_input(scope)
        output = self.previous(scope) if ref.name == PREVIOUS else self.named(ref.name, scope.path)
        if output is None:
            message = f"`ref({shorten(ref.name)})`: no earlier layer has this name"
            if ref.name == INPUT:
                raise SpecError(f"`ref(input)`: the inputs are {' and '.join(self.inputs)}", ref.place)
            if ref.name == PREVIOUS:
                raise SpecError("`ref(previous)`: nothing comes before what enters this block", ref.place)
            raise SpecError(message + self.meant(ref.name), ref.place)
        if output in self.sides and not self.aux:
            raise SpecError(f"`ref({ref.name})` is in a side head, which only training has", ref.place)
        for expansion in self.open:
            expansion.refers_to(output)
        return output

    def item(self, again: Again, path: str) -> Expansion:
        """The layers that an `again` at this path means, and what entered them.

        Raises:
            SpecError: there is no such item, it is not finished, or it has no layers to use again.
        """
        said = f"`again({shorten(again.name)})`"
        names = [*self.candidates(again.name, path)]
        found = next((name for name in names if self.look_up(self.outputs, name)), None)
        if found is None:
            if any(is_within(path, name) for name in names):
                raise SpecError(f"{said} is inside `{again.name}` itself, which is not finished", again.place)
            hint = did_you_mean(again.name, self.outputs)
            raise SpecError(f"{said}: no earlier item has this name{hint}", again.place)
        output = self.look_up(self.outputs, found) or ""
        if output in self.sides and not self.aux:
            raise SpecError(f"{said} is in a side head, which only training has", again.place)
        source = self.look_up(self.entered, found)
        if output == source:  # `0 * layer`
            return Expansion(found, source, 0, 0, output=output)
        ends = [self.look_up(table, found) or found for table in (self.first, self.last)]
        if not all(end in self.places for end in ends):
            raise SpecError(f"{said}: `{found}` has no layers to use again", again.place)
        first, last = (self.places[end] for end in ends)
        nodes = tuple(self.nodes[first : last + 1])
        source = source or self.look_up(self.before, found) or ""
        return Expansion(found, source, first, 0, nodes=nodes, output=output)

    def meant(self, name: str) -> str:
        """What a ref may mean: a layer of this name in a block or a stage, else the nearest name."""
        inner = [path for path in self.outputs if path.endswith(f".{name}")]
        return f"; did you mean `ref('{inner[-1]}')`?" if inner else did_you_mean(name, self.outputs)

    def output_named(self, name: str, place: Place) -> str:
        """The output that `outputs` means by a name."""
        output = self.look_up(self.outputs, name)
        if output is None:
            message = f"`outputs`: no layer has the name `{shorten(name)}`"
            raise SpecError(message + did_you_mean(name, self.outputs), place)
        if output in self.sides:
            raise SpecError(f"`outputs`: `{shorten(name)}` is in a side head, which only training has", place)
        return output

    def block_input(self, scope: Scope) -> str:
        """What entered the enclosing block: a copy of the block has its own."""
        for expansion in self.open:
            if expansion.source != scope.source:
                expansion.refers_to(scope.source)
        return scope.source

    def previous(self, scope: Scope) -> str | None:
        """What entered the layer or block that made the input of this block."""
        return self.look_up(self.before, scope.source)

    def named(self, name: str, path: str) -> str | None:
        """The output of a name, below the nearest enclosing path that has one."""
        outputs = (self.look_up(self.outputs, each) for each in self.candidates(name, path))
        return next(filter(None, outputs), None)

    def candidates(self, name: str, path: str) -> Iterator[str]:
        """The full paths that a name can mean, from the inside outwards."""
        while path:
            yield f"{path}.{name}"
            path = path.rpartition(".")[0]
        yield name

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
