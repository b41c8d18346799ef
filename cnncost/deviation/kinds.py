"""What a deviation is, and the ways in which one can be declared.

A deviation is one small function, declared by the decorator of its kind: that of a layer or a part takes
a node and gives what stands in its place; that of a network takes the network and gives edits; that of a
counting takes a measure, that of a printing a printed number. None has a formula of its own: layers count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from cnncost.deviation.measure import Measure
from cnncost.dims import Shape
from cnncost.network.graph import Node
from cnncost.numbers import Printed

if TYPE_CHECKING:
    from cnncost.deviation.network import Network

Nodes = tuple[Node, ...]
"""What stands in the place of a node: nothing, another, or several."""

NodeChange = Callable[[Node], Nodes | None]

Interval = tuple[Fraction, Fraction]
"""From the first, up to but not including the second."""


@dataclass(frozen=True)
class Edit:
    """A change of several layers at once, at a place with a name, or of the shape that enters."""

    where: str
    changes: Mapping[int, NodeChange]
    input_shape: Shape | None = None
    detail: str = ""


@dataclass(frozen=True, eq=False)
class Deviation:
    """One small, named way to be wrong or different.

    `says` is the diagnosis, a template over the facts of the place (:mod:`cnncost.deviation.words`), where
    ``{it}`` is the number given; `hint` points to it without a number. `cost` says how unusual it is, in
    bits: one more, half as likely. `touches` are the quantities that it changes, all if it is empty;
    `follows` whether the layers behind take up the changed output; `over` the values that it is tried with.
    """

    name: str
    kind: str
    change: Callable[..., Any]
    says: str
    hint: str
    cost: float
    touches: frozenset[str] = frozenset()
    follows: bool = False
    over: tuple[Any, ...] = ()

    def about(self, quantity: str) -> bool:
        """Whether it changes this quantity."""
        return not self.touches or quantity in self.touches


CATALOGUE: list[Deviation] = []
"""Every deviation, in the order of its declaration."""


class Declared(Protocol):
    """A decorator that keeps the function as it is."""

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]: ...


def declared(kind: str, says: str, hint: str, cost: float, **more: Any) -> Declared:
    """A decorator that puts a function into the catalogue, under its own name."""

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        name = function.__name__.strip("_").replace("_", " ")
        CATALOGUE.append(Deviation(name, kind, function, says, hint, cost, **more))
        return function

    return declare


def formula(says: str, hint: str, cost: float, touches: str = "") -> Declared:
    """A slip in the formula of a layer, or of every layer: ``Node -> Node | None``; what follows is right."""
    return declared("layer", says, hint, cost, touches=frozenset(touches.split()))


def argument(says: str, hint: str, cost: float, over: Iterable[Any] = (), touches: str = "") -> Declared:
    """Another argument or rule of a layer, or of every layer, which what follows takes up.

    ``Node -> Node | None``, with one of `over` as second argument if there are any.
    """
    return declared(
        "layer", says, hint, cost, touches=frozenset(touches.split()), follows=True, over=tuple(over)
    )


def part(says: str, hint: str, cost: float, touches: str = "", follows: bool = False) -> Declared:
    """A change of whole rows, blocks, stages and types: ``Node -> tuple[Node, ...] | None``."""
    return declared("part", says, hint, cost, touches=frozenset(touches.split()), follows=follows)


def network(says: str, hint: str, cost: float) -> Declared:
    """A change of the network's structure: ``Network -> Iterator[Edit]``; what follows takes it up."""
    return declared("network", says, hint, cost, follows=True)


def counting(says: str, hint: str, cost: float, touches: str = "", over: Iterable[Any] = ()) -> Declared:
    """Another convention: ``Measure -> Measure | None``, with one of `over` as second argument if any."""
    return declared("counting", says, hint, cost, touches=frozenset(touches.split()), over=tuple(over))


def printing(says: str, hint: str, cost: float, touches: str = "", over: Iterable[Any] = ()) -> Declared:
    """A slip in writing the number down: ``Printed -> Iterator[Interval]``, where the true value may lie."""
    return declared("printing", says, hint, cost, touches=frozenset(touches.split()), over=tuple(over))


NumberSlip = Callable[[Printed], Iterator[Interval]]
MeasureChange = Callable[[Measure], Measure | None]
NetworkChange = Callable[["Network"], Iterator[Edit]]
