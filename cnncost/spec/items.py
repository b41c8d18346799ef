"""Items: what an expression of layers evaluates to, before it is expanded."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from cnncost.errors import Place
from cnncost.spec.expression import Expression


class Template(Protocol):
    """Something that a spec can call: a layer type or a block."""

    @property
    def name(self) -> str: ...


class Item:
    """What stands for layers. It compares by identity and shows itself short: items may share parts,
    so that one of a few lines unfolds to millions."""

    def __repr__(self) -> str:
        return "a layer"


@dataclass(frozen=True, eq=False, repr=False)
class Call(Item):
    """A layer or a block with its arguments; a bare name is a call without arguments."""

    template: Template
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    expression: Expression | None = None  # where it is written: None for the name by itself
    node: ast.AST | None = None

    @property
    def bare(self) -> bool:
        """Whether it has no arguments."""
        return not self.args and not self.kwargs

    @property
    def place(self) -> Place | None:
        """Where it stands."""
        return self.expression.at(self.node) if self.expression and self.node else None

    def place_of(self, argument: str | int) -> Place | None:
        """Where an argument stands: by its name, or the number of a positional one."""
        if not self.expression or not isinstance(self.node, ast.Call):
            return self.place
        if isinstance(argument, int):
            return self.expression.at(self.node.args[argument])
        keyword = next((k for k in self.node.keywords if k.arg == argument), None)
        return self.expression.at(keyword or self.node)


@dataclass(frozen=True, eq=False, repr=False)
class Chain(Item):
    """Items one after the other: `a >> b`."""

    items: tuple[Any, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Repeat(Item):
    """`n * item`."""

    times: int
    item: Any
    place: Place


@dataclass(frozen=True, eq=False, repr=False)
class Merge(Item):
    """`add`, `concat` or `multiply` with its named branches."""

    kind: str
    branches: Mapping[str, Any]
    place: Place


@dataclass(frozen=True, eq=False, repr=False)
class Ref(Item):
    """`ref(name)`: an earlier output, by name."""

    name: str
    place: Place
