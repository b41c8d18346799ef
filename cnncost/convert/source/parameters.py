"""What differs between units of one form becomes the parameters of their class."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cnncost.convert.source.spelling import free, literal, variable
from cnncost.convert.structure.relations import equal, half, multiple

SIZES = re.compile(
    r"((in|out|num)_?(channels|features)|in\d_features|(input|hidden)_size|embed_dim|d_model|.dim|groups|features|"
    r"normalized_shape|dim_feedforward)$"
)
"""The arguments that count channels or features."""

REQUIRED = object()
"""The default of a parameter that every call gives."""

ABSENT = object()
"""The value of an argument in a unit that has no such part."""


@dataclass(frozen=True)
class Slot:
    """An argument in the code of a class, with its value in each of the units; `usual` is its default."""

    name: str
    part: str
    values: tuple[Any, ...]
    usual: Any = REQUIRED
    kind: str = ""

    @property
    def present(self) -> list[Any]:
        """The values in the units that have the part."""
        return self.matching(self.values)

    def matching(self, column: Sequence[Any]) -> list[Any]:
        """The entries of a column for the units that have the part."""
        return [c for c, value in zip(column, self.values, strict=True) if value is not ABSENT]


@dataclass(eq=False)
class ClassParameters:
    """The parameters of a class so far, each with its value in every unit; `given` are those of the block."""

    given: Mapping[str, Sequence[Any]]
    columns: dict[str, Sequence[Any]] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def code(self, slot: Slot) -> str:
        """The code that gives a slot's values in all units: a constant, a formula, or a new parameter."""
        values = slot.present
        if not values:
            return literal(None if slot.usual is REQUIRED else slot.usual)
        if equal(values, values[:1] * len(values)):
            return literal(values[0])
        found = self.formula(slot)
        if found is None:
            found = self.add(slot.name, slot)
        return found

    def formula(self, slot: Slot) -> str | None:
        """A formula of the parameters."""
        columns = {name: slot.matching(column) for name, column in self.every().items()}
        for name, column in columns.items():
            related = name in self.given or name == slot.name or self.both_sizes(name, slot)
            if related and equal(column, slot.present):
                return self.used(name, slot)
        for name, column in columns.items():
            if not all(type(value) is int for value in (*column, *slot.present)):
                continue
            if (
                self.both_sizes(name, slot)
                and 0 not in column
                and (found := multiple(name, column, slot.present))
            ):
                self.used(name, slot)
                return found.text
            if slot.kind == "padding" and equal([half(value) for value in column], slot.present):
                return f"{self.used(name, slot)} // 2"
        return None

    def every(self) -> dict[str, Sequence[Any]]:
        """All parameters: those of the class so far, then those that the block has besides."""
        return {**self.columns, **self.given}

    def both_sizes(self, name: str, slot: Slot) -> bool:
        """Whether a parameter and a slot count channels or features."""
        sizes = name in self.given or SIZES.match(self.kinds.get(name, ""))
        return bool(SIZES.match(slot.kind) and sizes)

    def used(self, name: str, slot: Slot) -> str:
        """A parameter that is used; the block's own is one of the class from then on."""
        if name not in self.columns:
            self.kinds[name] = slot.kind
            self.columns[name] = self.given[name]
            exact = slot.usual in self.given[name] and equal(slot.matching(self.given[name]), slot.present)
            self.defaults[name] = slot.usual if exact else REQUIRED
        return name

    def flag(self, name: str, values: Sequence[bool]) -> str:
        """A parameter that says whether a unit has a part: one of the block's own if one says so."""
        usual = sum(values) * 2 > len(values)
        found = next((known for known, column in self.every().items() if equal(column, values)), "")
        if not found:
            found = free(variable(name), self.every())
            self.columns[found] = values
        self.columns.setdefault(found, values)
        self.defaults[found] = usual
        return found

    def add(self, name: str, slot: Slot) -> str:
        """A new parameter, named after its argument, or also after its part where that name is taken."""
        taken = self.every()
        if name in taken:
            name = f"{re.sub(r'[^0-9A-Za-z]+', '_', slot.part).strip('_').lower()}_{name}"
            name = name if name[0].isalpha() else f"x{name}"
        name = free(name, taken)
        self.columns[name] = slot.values
        self.defaults[name] = slot.usual if slot.usual in slot.values else REQUIRED
        self.kinds[name] = slot.kind
        return name

    @property
    def complete(self) -> bool:
        """Whether every parameter has a value in every unit, also in those that lack a part."""
        return not any(value is ABSENT for column in self.columns.values() for value in column)

    def ordered(self) -> list[str]:
        """The parameters in the order of the signature: those without default first."""
        return sorted(self.columns, key=lambda name: self.defaults[name] is not REQUIRED)
