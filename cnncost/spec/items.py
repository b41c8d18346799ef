"""Items: what an expression of layers evaluates to, before it is expanded."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from cnncost.errors import Place
from cnncost.spec.expression import Expression, names_in

INPUT = "input"
"""The name of the network's input in specs and graphs."""


class Template(Protocol):
    """Something that a spec can call: a layer type or a block."""

    @property
    def name(self) -> str: ...


class Item:
    """A description of layers, before they are made.

    Items compare by identity and have a short repr, because they may share parts: a few lines can
    unfold to millions. Nothing changes an item once it is made. They are not frozen dataclasses
    because making a frozen one takes three times as long.
    """

    def __repr__(self) -> str:
        return "a layer"


@dataclass(eq=False, repr=False)
class WrittenItem(Item):
    """An item that knows where it is written; a name by itself does not."""

    expression: Expression | None = field(default=None, kw_only=True)
    node: ast.AST | None = field(default=None, kw_only=True)

    @property
    def place(self) -> Place | None:
        """The place in the file; computed on demand, because only errors need it."""
        return self.expression.at(self.node) if self.expression and self.node else None


@dataclass(eq=False, repr=False)
class Call(WrittenItem):
    """A layer or a block with its arguments; a bare name is a call without arguments."""

    template: Template
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def bare(self) -> bool:
        """Whether it has no arguments."""
        return not self.args and not self.kwargs

    def place_of(self, argument: str | int) -> Place | None:
        """The place of an argument, by its name or by the number of a positional one."""
        node = self.node_of(argument)
        return self.expression.at(node) if self.expression and node else None

    def names_in(self, argument: str | int) -> frozenset[str]:
        """The names that an argument mentions."""
        node = self.node_of(argument)
        return names_in(node) if node is not self.node and node else frozenset()

    def node_of(self, argument: str | int) -> ast.AST | None:
        """The part of an argument; that of the call where it has no such argument."""
        if not isinstance(self.node, ast.Call):
            return self.node
        if isinstance(argument, int):
            return self.node.args[argument]
        return next((k for k in self.node.keywords if k.arg == argument), self.node)


@dataclass(eq=False, repr=False)
class Chain(Item):
    """Items one after the other: `a >> b`."""

    items: tuple[Any, ...]


@dataclass(eq=False, repr=False)
class Indexed(Item):
    """The body of `n *` if it mentions `index`: it is evaluated anew for each copy."""

    expression: Expression
    names: Mapping[str, Any]


@dataclass(eq=False, repr=False)
class Repeat(WrittenItem):
    """`n * item`."""

    times: int
    item: Any


@dataclass(eq=False, repr=False)
class Merge(WrittenItem):
    """`add`, `concat` or another merge, with its named branches and its options: `dim=2`."""

    kind: str
    branches: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(eq=False, repr=False)
class Ref(WrittenItem):
    """`ref(name)`: an earlier output, by name."""

    name: str


@dataclass(eq=False, repr=False)
class Again(WrittenItem):
    """`again(name)`: the layers of an earlier item once more, with the same weights."""

    name: str


REFERENCES: dict[str, type[Ref] | type[Again]] = {"ref": Ref, "again": Again}
"""The words that name an earlier item."""

INDEX = "index"  # the number of a copy, behind `n *`
PREVIOUS = "previous"  # `ref(previous)`: what entered the item before this block
BLOCK_INPUT = "block_input"  # `ref(block_input)`: what enters this block; of no block, the network's input
