"""Modules of one form become a block, and what differs between them its parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cnncost.convert.structure.items import CONTAINERS, ModuleItem
from cnncost.convert.structure.relations import BlockParameters, Formula, found_formula
from cnncost.layers import MERGES, catalogue
from cnncost.layers.arguments import spelled
from cnncost.spec.item_reader import RESERVED
from cnncost.spec.items import BLOCK_INPUT

NAMES = {"out_channels": "out", "out_features": "out", "kernel_size": "kernel", "num_heads": "heads"}
"""What parameters are called after the arguments that they are for."""


@dataclass(eq=False)
class Form:
    """A block: its parameters with their defaults, and its items with formulas for values."""

    name: str
    items: tuple[ModuleItem, ...]
    defaults: dict[str, Any] = field(default_factory=dict)  # ... for those without
    parameters: list[str] = field(default_factory=list)


REQUIRED = object()
"""The default of a parameter that every call gives."""


class Blocks:
    """Finds the blocks of a tree of items, the innermost first."""

    def __init__(self, classes: Mapping[str, str]) -> None:
        self.classes = classes
        self.forms: list[Form] = []

    def find(self, items: tuple[ModuleItem, ...]) -> None:
        """Turn modules of one form into calls of a block, in place."""
        by_height: dict[int, list[ModuleItem]] = {}
        for item in modules(items):
            by_height.setdefault(height(item), []).append(item)
        for level in sorted(by_height):
            same: dict[Any, list[ModuleItem]] = {}
            for item in by_height[level]:
                kind = self.classes.get(item.path, "") if item.path else ""
                if kind not in CONTAINERS:
                    same.setdefault((kind, tuple(i.key for i in item.items)), []).append(item)
            for (kind, _), group in same.items():
                if len(group) > 1 or refers_to_input(group[0].items):
                    self.make(kind, group)

    def make(self, kind: str, group: list[ModuleItem]) -> None:
        """A block of these modules, which become its calls."""
        form = Form(self.free_name(kind), group[0].items)
        slots = list(zip(*(list(values_in(item.items)) for item in group), strict=True))
        known = BlockParameters([item.entering for item in group])
        formulas = []
        for slot in slots:
            item, argument = slot[0]
            values = [owner.values[key] for owner, key in slot]
            formula = found_formula(argument, values, known)
            if formula is None:
                name = known.add(NAMES.get(argument, argument), item.name, values)
                form.parameters.append(name)
                usual = default_of(item, argument)
                form.defaults[name] = usual if usual in values else REQUIRED
                formula = Formula(name)
            formulas.append(formula)
        form.items = copied(form.items, iter(formulas))
        form.parameters.sort(key=lambda name: form.defaults[name] is not REQUIRED)
        for i, item in enumerate(group):
            item.target, item.items = form.name, ()
            item.values = {name: known.columns[name][i] for name in form.parameters}
        self.forms.append(form)

    def free_name(self, kind: str) -> str:
        """The class's name, or one like it: layers and other blocks keep theirs."""
        base = re.sub("_{2,}", "_", re.sub(r"\W", "_", kind)).strip("_") or "Block"
        if base in catalogue() or base in MERGES or base in RESERVED:
            base += "Block"
        taken = {form.name for form in self.forms}
        number = 2
        name = base
        while name in taken:
            name, number = f"{base}{number}", number + 1
        return name


def modules(items: Sequence[ModuleItem]) -> Iterator[ModuleItem]:
    """All modules among items, at any depth."""
    for item in items:
        yield from modules(item.items)
        if item.items:
            yield item


def height(item: ModuleItem) -> int:
    """How many levels of modules are below an item."""
    return 1 + max((height(inner) for inner in item.items if inner.items), default=0)


def refers_to_input(items: Sequence[ModuleItem]) -> bool:
    """Whether items refer to what enters their block."""
    return any(BLOCK_INPUT in item.sources or refers_to_input(item.items) for item in items)


def values_in(items: Sequence[ModuleItem]) -> Iterator[tuple[ModuleItem, str]]:
    """Every argument of the items, at any depth, in order."""
    for item in items:
        yield from ((item, key) for key in item.values)
        yield from values_in(item.items)


def default_of(item: ModuleItem, argument: str) -> Any:
    """What an argument is if it is not given."""
    if item.layer is None:
        return REQUIRED
    return type(item.layer).defaults().get(argument, REQUIRED)


def copied(items: Sequence[ModuleItem], formulas: Iterator[Formula]) -> tuple[ModuleItem, ...]:
    """Items with formulas in the place of their values."""
    made = []
    for item in items:
        values = {key: next(formulas) for key in item.values}
        inner = copied(item.items, formulas)
        made.append(replace(item, values=values, items=inner))
    return tuple(made)


def written(value: Any) -> str:
    """A value or a formula as a spec writes it."""
    return value.text if isinstance(value, Formula) else spelled(value, False)
