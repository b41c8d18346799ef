"""A deviation in words: its template filled in with the facts of the place where it happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from cnncost.deviation.change import with_arguments
from cnncost.deviation.kinds import Deviation
from cnncost.dims import product
from cnncost.network.graph import Node
from cnncost.numbers import Printed, decimal


@dataclass(frozen=True)
class Where:
    """The place of a change, in words.

    `label` is empty where there is only one place to speak of; `everywhere` is said of a slip that is made in
    every layer. `node` is the first node there, and `detail` what a deviation was tried with.
    """

    label: str = ""
    everywhere: bool = False
    plural: bool = False
    nodes: Sequence[Node] = ()
    detail: Any = ""


class Facts(Mapping[str, str]):
    """What a template can name."""

    def __init__(self, where: Where, it: str) -> None:
        self.where = where
        self.it = it

    def __getitem__(self, name: str) -> str:
        return str(FACTS[name](self))

    def __iter__(self) -> Iterator[str]:
        return iter(FACTS)

    def __len__(self) -> int:
        return len(FACTS)

    @property
    def node(self) -> Node:
        """The first node of the place."""
        return self.where.nodes[0]

    @property
    def layer(self) -> Any:
        """Its layer, of which a template asks only what it has."""
        return self.node.layer


def sizes(values: Sequence[Any]) -> str:
    """`55×55`."""
    return "×".join(map(str, values))


def one(facts: Facts, value: Any, several: str) -> str:
    """A fact of a single layer; of all layers, a word for it."""
    return several if facts.where.everywhere else f"{value:,}" if isinstance(value, int) else str(value)


def biases(node: Node) -> int:
    """How many weights a layer has that it would not have without biases."""
    rest = with_arguments(node.layer, bias=False).weights(*node.in_shapes)
    return sum(
        product(shape) for name, shape in node.layer.weights(*node.in_shapes).items() if name not in rest
    )


def the_biases(facts: Facts) -> str:
    """The biases that the layers of the place have: `the 96 biases of conv1`."""
    count = sum(map(biases, facts.where.nodes))
    if facts.where.everywhere:
        return f"the biases of every layer, {count:,} in all"
    return f"the {count:,} biases{facts['of']}"


FACTS: dict[str, Callable[[Facts], Any]] = {
    "it": lambda f: f.it,
    "of": lambda f: " of every layer" if f.where.everywhere else f.where.label and f" of {f.where.label}",
    "the": lambda f: f" {f.where.label}," if f.where.label else "",
    "the_layer": lambda f: "every layer" if f.where.everywhere else f.where.label or "the layer",
    "what": lambda f: f.where.label or "the layer",
    "where": lambda f: f.where.label,
    "is_are": lambda f: "are" if f.where.plural else "is",
    "detail": lambda f: f.where.detail,
    "the_biases": lambda f: the_biases(f),
    "kernel": lambda f: one(f, sizes(f.layer.kernel_size), "K×K"),
    "side": lambda f: one(f, f.layer.kernel_size[0], "K"),
    "groups": lambda f: one(f, f.layer.groups, "G"),
    "in_channels": lambda f: one(f, f.node.in_shapes[0][0], "C"),
    "out_channels": lambda f: one(f, f.node.out_shape[0], "C'"),
    "in_size": lambda f: one(f, sizes(f.node.in_shapes[0][1:]), "H×W"),
    "out_size": lambda f: one(f, sizes(f.node.out_shape[1:]), "H'×W'"),
    "side_out": lambda f: one(f, f.node.out_shape[1], "H'"),
}
"""The facts by name; of a slip in every layer, the letters of the field."""


def sentence(parts: Sequence[tuple[Deviation, Where, str]]) -> str:
    """One or two deviations as a sentence without a full stop, each with the number that it is said of."""
    first, *others = parts
    if others and others[0][0] is first[0] and first[0].kind == "part":
        label = f"{first[1].label} and {others[0][1].label}"
        first, others = (first[0], replace(first[1], label=label, plural=True), first[2]), []
    clauses: list[str] = []
    for k, (deviation, where, it) in enumerate([first, *others]):
        said = k and opens(first[0]) and first[2] == it
        clauses.append(deviation.says.format_map(Facts(where, "it" if said else it)))
    return ", and ".join(clauses)


def opens(deviation: Deviation) -> bool:
    """Whether a deviation's words begin with the number."""
    return deviation.says.startswith("{it}")


def hint(deviations: Sequence[Deviation]) -> str:
    """Their hints, each once."""
    first, *others = dict.fromkeys(d.hint for d in deviations)
    for other in others:
        asked = first.endswith("?")
        first += f" {other[0].upper()}{other[1:]}" if asked else f"; {other}"
    return first


def written(printed: Printed | tuple[Any, ...]) -> str:
    """A number or a shape as it was given."""
    if isinstance(printed, tuple):
        return sizes(printed)
    value = printed.value / printed.scale
    if printed.place > printed.scale or (printed.decimals and printed.place == printed.scale):  # 3.6e9
        power = len(str(int(value))) - len(str(printed.digits))
        return f"{shifted(printed.digits, printed.decimals)}e{power + printed.decimals}{printed.suffix}"
    if printed.decimals:
        return shifted(printed.digits, printed.decimals) + printed.suffix
    return (f"{value.numerator:,}" if value.denominator == 1 else decimal(value)) + printed.suffix


def shifted(digits: int, decimals: int) -> str:
    """Digits with a decimal point, if there are any behind it: `3.60`."""
    if not decimals:
        return str(digits)
    text = f"{digits:0{decimals + 1}d}"
    return f"{text[:-decimals]}.{text[-decimals:]}"


def number(value: Fraction) -> int | Fraction:
    """A whole number as an int."""
    return int(value) if value.denominator == 1 else value
