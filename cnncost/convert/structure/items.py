"""The nodes of a graph as a tree of items: what a spec would list, module by module."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from cnncost.dims import Shape
from cnncost.layers.base import Layer
from cnncost.network.graph import Graph, Node
from cnncost.spec.items import BLOCK_INPUT

Values = dict[str, Any]
AGAIN = "again"


@dataclass(eq=False)
class ModuleItem:
    """One item of a spec: a layer, a merge, or a module with items of its own.

    `sources` are where its inputs come from, as names that the item's block knows: "" for the item before
    it, `block_input` for what enters the block. `values` are the arguments of the layer or of the block.
    The `items` of a merge are its branches.
    """

    name: str
    target: str  # the layer's type; the block's name; "" for a module whose items are listed in place
    values: Values = field(default_factory=dict)
    sources: tuple[str, ...] = ("",)
    items: tuple[ModuleItem, ...] = ()
    layer: Layer | None = None
    path: str = ""
    entering: Shape = ()
    again: str = ""
    takes: tuple[str, ...] = ()  # the outputs that enter it, by their names in the graph
    gives: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        """What items of the same form have in common: all but the values."""
        inner = tuple(item.key for item in self.items)
        return (self.name, self.target, tuple(self.values), self.sources, self.again, inner)


class ModuleBlock(NamedTuple):
    """The module around some nodes that may become a block of the spec: its path, and what enters it."""

    path: str
    entry: str


Listing = Callable[[Sequence[ModuleItem], str], tuple[ModuleItem, ...]]
"""What is made of the items of a list, behind the output that enters it."""


CONTAINERS = ("", "Sequential", "ModuleList", "ModuleDict")
"""Classes that only hold others: their items are listed where they are."""


class Tree:
    """Reads a graph into items; `classes` are those of its modules, by path."""

    def __init__(self, graph: Graph, classes: Mapping[str, str], listed: Listing) -> None:
        self.graph, self.classes, self.listed = graph, classes, listed
        self.nodes = graph.nodes
        self.shapes = {**graph.inputs, **{node.name: node.out_shape for node in graph.nodes}}
        parts = [node.name.split(".") for node in self.nodes]
        self.sizes = Counter(".".join(part[:end]) for part in parts for end in range(1, len(part) + 1))
        self.ends: dict[str, list[str]] = {}  # the modules so far that end with a node

    def root(self) -> tuple[ModuleItem, ...]:
        """The items of the whole network."""
        start = self.graph.first_input
        found = [*self.items("", range(len(self.nodes)), start, ModuleBlock("", start))]
        last = self.nodes[-1].name if self.nodes else start
        end = () if self.graph.output == last else (reference(self.graph.output, self.graph.output),)
        return (*self.listed(found, start), *end)

    def items(
        self, path: str, places: Sequence[int], current: str, block: ModuleBlock, inside: str = ""
    ) -> Iterator[ModuleItem]:
        """The items of the nodes at these places, below a path; `current` is the output before them.

        `inside` is a module below the path that is no item itself, as several outputs enter it: the items of
        its parts are named by their paths.
        """
        for name, group in self.children(inside or path, places):
            inner = f"{inside or path}.{name}" if inside or path else name
            enters = self.entry(group)
            if len(group) == 1:
                yield self.leaf(self.nodes[group[0]], path, current, block)
            elif enters is None:
                yield from self.items(path, group, current, block, inner)
            else:
                if enters != current:
                    yield reference(self.relative(enters, path, block), enters)
                whole = self.classes.get(inner, "") not in CONTAINERS
                around = ModuleBlock(inner, enters) if whole else block
                items = self.listed([*self.items(inner, group, enters, around)], enters)
                shown, last = inner[len(path) + 1 :] if path else inner, self.nodes[group[-1]].name
                entering = self.shapes[enters]
                yield ModuleItem(shown, "", {}, ("",), items, None, inner, entering, "", (enters,), last)
                self.ends.setdefault(last, []).append(inner)
            current = self.nodes[group[-1]].name

    def children(self, path: str, places: Sequence[int]) -> Iterator[tuple[str, list[int]]]:
        """Neighbouring nodes of a module below a path, by its name; of one torn apart, its parts."""
        start = len(path) + 1 if path else 0
        names = [self.nodes[place].name[start:].partition(".")[0] for place in places]
        for name, run in groupby(zip(places, names, strict=True), itemgetter(1)):
            group = [place for place, _ in run]
            inner = f"{path}.{name}" if path else name
            if len(group) in (1, self.sizes[inner]):
                yield (name if len(group) > 1 else self.nodes[group[0]].name[start:]), group
            else:
                yield from ((f"{name}.{part}", nodes) for part, nodes in self.children(inner, group))

    def entry(self, group: Sequence[int]) -> str | None:
        """The one output from outside that a group of nodes starts from; None if there are several."""
        own = {self.nodes[place].name for place in group}
        outside = {name for place in group for name in self.nodes[place].inputs} - own
        return outside.pop() if len(outside) == 1 else None

    def leaf(self, node: Node, path: str, current: str, block: ModuleBlock) -> ModuleItem:
        """The item of one node."""
        name = node.name[len(path) + 1 :] if path else node.name
        values = {key: plain(value, node.layer) for key, value in node.layer.arguments().items()}
        sources = tuple(self.relative(source, path, block) for source in node.inputs)
        if node.inputs == (current,):
            sources = ("",)
        if node.shares:
            again = self.relative(node.shares, path, block)
            return ModuleItem(name, AGAIN, {}, sources, again=again, takes=node.inputs, gives=node.name)
        entering = node.in_shapes[0] if node.in_shapes else ()
        made = (node.layer, node.name, entering, "", node.inputs, node.name)
        return ModuleItem(name, node.type, values, sources, (), *made)

    def relative(self, name: str, path: str, block: ModuleBlock) -> str:
        """An output as a ref below a path names it: by its module where it is the module's last."""
        names = [*self.ends.get(name, ())[::-1], name]
        for around in (path, block.path):
            for known in names:
                if around and known.startswith(f"{around}."):
                    return str(known[len(around) + 1 :])
        return BLOCK_INPUT if name == block.entry and block.path else names[0]


def reference(name: str, output: str) -> ModuleItem:
    """An item that only goes back to an earlier output, under the name that its block knows."""
    return ModuleItem("", "", {}, (name,), takes=(output,), gives=output)


def plain(value: Any, layer: Layer) -> Any:
    """An argument as a spec would write it: equal sizes of all axes as one."""
    if layer.equal_axes_once and isinstance(value, tuple) and value and all(v == value[0] for v in value):
        return value[0]
    return value
