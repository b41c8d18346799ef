"""What a deviation is, and the decorators that declare one.

A deviation is one small function. It has no formula: it changes what the layers' formulas are given.
Its decorator says what the function takes and returns:

formula     Node -> Node | None: a mistake in one layer's formula; later layers are not affected
argument    Node -> Node | None: another argument or rule of a layer; later layers follow from the new output
part        Node -> tuple[Node, ...] | None: what replaces each node of a row, block, stage or layer type
network     NumberedGraph -> Iterator[Edit]: another structure; later layers take it up
counting    Measure -> Measure | None: another convention
printing    Printed | Shape -> Iterator[Bounds | Shape]: the range of the true value
family      NetworkCost -> Iterator[NetworkCost]: other networks

None means that the deviation does not apply. With `over`, the function takes one of these values as well. Its
docstring gives an example in backticks: a network and a number that `cnncost diagnose` explains by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from math import ceil
from typing import Any, TypeVar

from cnncost.dims import Shape
from cnncost.network.graph import Node

Nodes = tuple[Node, ...]
"""What replaces a node: nothing, another node, or several."""

NodeChange = Callable[[Node], Nodes | None]


@dataclass(frozen=True)
class Bounds:
    """The numbers from `low` up to, but not including, `high`."""

    low: Fraction
    high: Fraction

    @cached_property
    def whole(self) -> range:
        """The whole numbers among them, which are found faster."""
        return range(ceil(self.low), ceil(self.high))

    def __contains__(self, value: int | Fraction) -> bool:
        return value in self.whole if isinstance(value, int) else self.low <= value < self.high


@dataclass(frozen=True)
class Edit:
    """A change of several layers at once, or of the input shape; `where` names the place, if there is one."""

    where: str
    changes: Mapping[int, NodeChange]
    input_shape: Shape | None = None
    detail: str = ""


@dataclass(frozen=True, eq=False)
class Deviation:
    """One small way to be wrong or different.

    `says` is the diagnosis, a template over the facts of the place (:mod:`cnncost.deviation.sentences`), in
    which ``{it}`` is the number given; `hint` points to the mistake without a number. `cost` says how unusual
    the deviation is, in bits: one more, half as likely. `touches` are the quantities that it changes, all if
    it is empty; `follows` says whether later layers use the changed output, and `of_rows` that it is only
    tried for numbers of single rows, as a mistake in an exercise.
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
    of_rows: bool = False

    def about(self, quantity: str) -> bool:
        """Whether it changes this quantity."""
        return not self.touches or quantity in self.touches

    @property
    def example(self) -> str:
        """A network and a number that it explains: the text in backticks in the function's docstring."""
        return (self.change.__doc__ or "").partition("`")[2].partition("`")[0]

    @property
    def details(self) -> tuple[Any, ...]:
        """The values that it is tried with; a single None if it takes none."""
        return self.over or (None,)

    def made_of(self, subject: Any, detail: Any = None) -> Any:
        """How it changes a node, a network, a measure or a printed number."""
        return self.change(subject) if detail is None else self.change(subject, detail)


CATALOGUE: list[Deviation] = []
"""Every deviation, in the order of declaration."""

Function = TypeVar("Function", bound=Callable[..., Any])


def declared(
    kind: str,
    says: str,
    hint: str,
    cost: float,
    touches: str = "",
    over: Iterable[Any] = (),
    follows: bool = False,
    of_rows: bool = False,
) -> Callable[[Function], Function]:
    """A decorator that puts a function into the catalogue under its own name."""

    def declare(function: Function) -> Function:
        name = function.__name__.replace("_", " ")
        touched = frozenset(touches.split())
        found = Deviation(name, kind, function, says, hint, cost, touched, follows, tuple(over), of_rows)
        CATALOGUE.append(found)
        return function

    return declare


formula = partial(declared, "layer")
argument = partial(declared, "layer", follows=True)
part = partial(declared, "part")
network = partial(declared, "network", follows=True)
counting = partial(declared, "counting")
printing = partial(declared, "printing")
family = partial(declared, "family")
