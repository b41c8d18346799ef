"""What the arguments of modules of one form have to do with each other: constants, parameters, multiples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cnncost.dims import Shape
from cnncost.layers.arguments import spelled

CHANNELS = ("out_channels", "out_features", "groups", "out", "num_features", "features")
MOST = 16
"""The largest factor between two sizes that is no chance."""


@dataclass(frozen=True)
class Formula:
    """An expression of the notation, in a block."""

    text: str


@dataclass(eq=False)
class BlockParameters:
    """The parameters of a block so far, each with its value in every module of the form."""

    entering: Sequence[Shape]
    columns: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, base: str, item: str, values: list[Any]) -> str:
        """A new parameter, named after its argument, and after its item where that name is taken."""
        name = base
        if name in self.columns or name in ("in_channels", "index"):
            owner = "".join(c if c.isalnum() else "_" for c in item).strip("_")
            name = f"{base}_{owner}" if owner and "__" not in f"{base}_{owner}" else f"{base}_2"
        number = 2
        while name in self.columns:
            name, number = f"{base}_{number}", number + 1
        self.columns[name] = values
        return name


def found_formula(argument: str, values: list[Any], known: BlockParameters) -> Formula | None:
    """The formula that gives these values in all modules; None where it takes a parameter of its own."""
    if all(type(v) is type(values[0]) and v == values[0] for v in values):
        return Formula(spelled(values[0], False))
    for name, column in known.columns.items():
        if alike(name, argument) and equal(column, values):
            return Formula(name)
    if not all(type(v) is int for v in values):
        return None
    if is_channels(argument):
        channels = [shape[0] if shape else 0 for shape in known.entering]
        for name, column in (("in_channels", channels), *known.columns.items()):
            sizes = (name == "in_channels" or is_channels(name)) and all(type(v) is int for v in column)
            if sizes and (found := multiple(name, column, values)):
                return found
    if argument == "padding":
        for name, column in known.columns.items():
            if name.startswith("kernel") and equal([half(k) for k in column], values):
                return Formula(f"{name} // 2")
    return None


def half(kernel: Any) -> Any:
    """Half of a kernel, for a padding that keeps the size."""
    return kernel // 2 if type(kernel) is int else None


def equal(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Whether two lists hold the same values, of the same types."""
    return all(type(a) is type(b) and a == b for a, b in zip(one, other, strict=True))


def alike(name: str, argument: str) -> bool:
    """Whether a parameter and an argument are of one kind, so that equal values are no chance."""
    return (
        (is_channels(name) and is_channels(argument))
        or name.startswith(argument)
        or argument.startswith(name)
    )


def is_channels(name: str) -> bool:
    """Whether an argument or a parameter counts channels."""
    return name.startswith(CHANNELS)


def multiple(name: str, column: Sequence[int], values: Sequence[int]) -> Formula | None:
    """The same values, a multiple or a part of them."""
    if equal(column, values):
        return Formula(name)
    if all(u and v % u == 0 for u, v in zip(column, values, strict=True)):
        factors = {v // u for u, v in zip(column, values, strict=True)}
        if len(factors) == 1 and (factor := factors.pop()) <= MOST:
            return Formula(f"{factor} * {name}")
    if all(v and u % v == 0 for u, v in zip(column, values, strict=True)):
        factors = {u // v for u, v in zip(column, values, strict=True)}
        if len(factors) == 1 and (factor := factors.pop()) <= MOST:
            return Formula(f"{name} // {factor}")
    return None
