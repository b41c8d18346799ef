"""Blocks that were expanded before: the same arguments on the same shape make the same nodes.

A ResNet-152 has 50 blocks but a dozen different ones. Each is expanded once; the others are copies
of its nodes under another name.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cnncost.dims import Shape
from cnncost.network.graph import BlockCall, Node
from cnncost.spec import limits
from cnncost.spec.structure import Block


@dataclass
class Expansion:
    """The expansion of one block: its nodes, below `path` and behind the output `source`.

    It is `closed` if no `ref` in it leads outside; only then is it the same anywhere else.
    """

    path: str
    source: str
    first: int
    steps: int
    closed: bool = True
    nodes: tuple[Node, ...] = ()
    blocks: tuple[tuple[str, BlockCall], ...] = ()  # itself and those in it
    output: str = ""
    longest: int = 0

    def refers_to(self, output: str) -> None:
        """Note that a `ref` within it leads to an output."""
        if not is_within(output, self.path):
            self.closed = False

    def complete(self, nodes: list[Node], output: str, steps: int) -> None:
        """Note what it came to, when all of it is expanded."""
        self.nodes, self.output, self.steps = tuple(nodes[self.first :]), output, steps - self.steps
        self.longest = max((len(node.name) for node in self.nodes), default=0)

    def fits(self, path: str, nodes: int, steps: int) -> bool:
        """Whether a copy stays within the limits; if not, expanding it says which it breaks."""
        names = self.longest - len(self.path) + len(path) <= limits.NAME_CHARACTERS
        return names and nodes + len(self.nodes) <= limits.NODES and steps + self.steps <= limits.STEPS

    def renamed(self, name: str, path: str, source: str) -> str:
        """The name that an output has in a copy."""
        if name == self.source:
            return source
        return path + name[len(self.path) :] if is_within(name, self.path) else name

    def original(self, name: str, path: str) -> str:
        """The name that an output of a copy has here."""
        return self.path + name[len(path) :]

    def used_again(self, path: str, source: str) -> Iterator[tuple[str, Node, tuple[str, ...]]]:
        """Each node with the name and the inputs that it has where these layers are used again."""
        for node in self.nodes:
            inputs = tuple([self.renamed(name, path, source) for name in node.inputs])
            yield self.renamed(node.name, path, source), node, inputs

    def copies(self, path: str, source: str) -> list[Node]:
        """The nodes of a copy under another name, behind another output."""
        start = len(self.path)
        names = {node.name: path + node.name[start:] for node in self.nodes}
        names[self.source] = source
        return [
            Node(
                names[node.name],
                node.layer,
                tuple([names[name] for name in node.inputs]),
                node.in_shapes,
                node.out_shape,
                node.aux,
                names.get(node.shares, node.shares),
            )
            for node in self.nodes
        ]


def is_within(name: str, path: str) -> bool:
    """Whether a name is this path or below it."""
    return name == path or name.startswith(f"{path}.")


def key_of(block: Block, bound: Mapping[str, Any], shape: Shape, depth: int, aux: bool) -> Hashable | None:
    """What an expansion depends on; None where an argument or a size is an array."""
    key = (block, tuple((name, typed(value)) for name, value in bound.items()), shape, depth, aux)
    try:
        hash(key)
    except TypeError:
        return None
    return key


def typed(value: Any) -> Any:
    """A value with its type, so that 1, 1.0 and True, which Python calls equal, are different keys."""
    return tuple(map(typed, value)) if isinstance(value, tuple) else (type(value), value)
