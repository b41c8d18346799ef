"""A deviation in words: its template filled in with the facts of its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cnncost import numbers
from cnncost.deviation.altering import with_arguments
from cnncost.deviation.declaring import Deviation
from cnncost.dims import product
from cnncost.network.graph import Node


@dataclass(frozen=True)
class Where:
    """The place of a deviation, in words.

    `label` is empty if there is only one place; `everywhere` marks a mistake that is made in every layer.
    `nodes` are the nodes there, and `detail` is what the deviation was tried with.
    """

    label: str = ""
    everywhere: bool = False
    plural: bool = False
    nodes: Sequence[Node] = ()
    detail: Any = ""


Step = tuple[Deviation, Where]
"""A deviation, and where or with what it was tried."""


class Facts(dict[str, str]):
    """The words that a template can use, computed when they are used."""

    def __init__(self, where: Where, it: str) -> None:
        super().__init__(it=it)
        self.where = where

    def __missing__(self, name: str) -> str:
        return str(FACTS[name](self))

    @property
    def node(self) -> Node:
        """The first node of the place."""
        return self.where.nodes[0]

    @property
    def layer(self) -> Any:
        """Its layer; a template asks only for arguments that it has."""
        return self.node.layer

    def labelled(self, everywhere: str, without_label: str) -> str:
        """The label of the place, or other words for every layer and for the only one."""
        return everywhere if self.where.everywhere else self.where.label or without_label

    def value(self, value: Any, letters: str) -> str:
        """A fact of a single layer; the letters of the formula for every layer."""
        return letters if self.where.everywhere else f"{value:,}" if isinstance(value, int) else str(value)


def bias_count(node: Node) -> int:
    """How many weights a layer has that it would not have without biases."""
    weights = node.layer.weights(*node.in_shapes)
    rest = with_arguments(node.layer, bias=False).weights(*node.in_shapes)
    return sum(product(shape) for name, shape in weights.items() if name not in rest)


def the_biases(facts: Facts) -> str:
    """The biases of the place's layers: `the 96 biases of conv1`."""
    count = sum(map(bias_count, facts.where.nodes))
    if facts.where.everywhere:
        return f"the biases of every layer, {count:,} in all"
    return f"the {count:,} biases{facts['of']}"


FACTS: dict[str, Callable[[Facts], Any]] = {
    "of": lambda f: (label := f.labelled("every layer", "")) and f" of {label}",
    "the_layer": lambda f: f.labelled("every layer", "the layer"),
    "the_pool": lambda f: f.labelled("every pooling layer", "the pooling layer"),
    "what": lambda f: f.where.label or "the layer",
    "where": lambda f: f.where.label,
    "is_are": lambda f: "are" if f.where.plural else "is",
    "detail": lambda f: f.where.detail,
    "the_biases": the_biases,
    "kernel": lambda f: f.value(numbers.shape(f.layer.kernel_size), "K×K"),
    "side": lambda f: f.value(f.layer.kernel_size[0], "K"),
    "groups": lambda f: f.value(f.layer.groups, "G"),
    "in_channels": lambda f: f.value(f.node.in_shape[0], "C_in"),
    "out_channels": lambda f: f.value(f.node.out_shape[0], "C_out"),
    "in_size": lambda f: f.value(numbers.shape(f.node.in_shape[1:]), "H_in×W_in"),
    "out_size": lambda f: f.value(numbers.shape(f.node.out_shape[1:]), "H_out×W_out"),
    "side_out": lambda f: f.value(f.node.out_shape[1], "H_out"),
}
"""The facts by name; for a mistake in every layer, the letters of the formula."""


def sentence_of(parts: Sequence[tuple[Deviation, Where, str]]) -> str:
    """One or two deviations as a sentence without a full stop, each with the number that it explains."""
    first, *others = parts
    if others and others[0][0] is first[0] and first[0].kind == "part":
        label = f"{first[1].label} and {others[0][1].label}"
        first, others = (first[0], replace(first[1], label=label, plural=True), first[2]), []
    clauses: list[str] = []
    for deviation, where, it in [first, *others]:
        known = clauses and first[0].says.startswith("{it}") and first[2] == it
        clauses.append(deviation.says.format_map(Facts(where, "it" if known else it)))
    return ", and ".join(clauses)


def joined_hints(deviations: Sequence[Deviation]) -> str:
    """Their hints, each once."""
    first, *others = dict.fromkeys(d.hint for d in deviations)
    for other in others:
        first += f" {other[0].upper()}{other[1:]}" if first.endswith("?") else f"; {other}"
    return first
