"""A spec after its YAML is read: items, blocks, and the Spec itself, before they are expanded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cnncost.errors import Place
from cnncost.layers import Layer
from cnncost.spec.expression import Expression
from cnncost.spec.facts import Fact


@dataclass(frozen=True, eq=False, repr=False)
class Sequence:
    """A list of items, one after the other."""

    items: tuple[Structure, ...]
    place: Place


@dataclass(frozen=True, eq=False, repr=False)
class Named:
    """`name: item`."""

    name: str
    item: Structure
    place: Place


@dataclass(frozen=True, eq=False, repr=False)
class Branches:
    """`add:`, `concat(dim=2):` or another merge over named branches."""

    kind: str
    branches: Mapping[str, Structure]
    place: Place
    call: Expression | None = None
    options: Mapping[str, Expression] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, repr=False)
class Aux:
    """`aux:` a side head, used in training only."""

    item: Structure
    place: Place


Structure = Expression | Sequence | Named | Branches | Aux


@dataclass(frozen=True, eq=False, repr=False)
class Block:
    """A named body with parameters: `conv_bn(out, kernel, stride=1):`."""

    name: str
    parameters: tuple[str, ...]
    defaults: Mapping[str, Expression]
    body: Structure
    place: Place
    names: Mapping[str, Any] = field(default_factory=dict)  # what its body can name


@dataclass(frozen=True, eq=False, repr=False)
class UsedNetwork:
    """`use: {backbone: resnet50}`: another network, called like a block with its params."""

    name: str
    network: str
    user: Spec
    place: Place


def citation(title: str, paper: Mapping[str, str]) -> str:
    """`Title (authors, venue year)`, or what is known of it."""
    where = " ".join(filter(None, (paper.get("venue"), paper.get("year"))))
    printed = ", ".join(filter(None, (paper.get("authors"), where)))
    return f"{title} ({printed})" if title and printed else title or printed


Value = Expression | list[Any]
"""A param's value as written: an expression, or a list of values."""


@dataclass(frozen=True, eq=False, repr=False)
class Adaptation:
    """How another library's network differs from ours of the same name."""

    params: Mapping[str, Value] = field(default_factory=dict)
    fixed_input: bool = False  # it takes inputs of one size only
    functional: tuple[str, ...] = ()  # the types or names of layers that it calls as functions


@dataclass(frozen=True, eq=False, repr=False)
class Spec:
    """A spec as written: read and parsed, nothing expanded yet.

    `inputs` are shapes by name, one is called ``"input"``; `outputs` are names with their places, none for
    the end of the layers. `alias` is the name that it was read by, where that changes the network (see
    `adapted`).
    """

    name: str
    source: str
    text: str
    layers: Structure
    title: str = ""
    paper: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, tuple[Expression, ...]] = field(default_factory=dict)
    outputs: Mapping[str, Place] = field(default_factory=dict)
    params: Mapping[str, Value] = field(default_factory=dict)
    variants: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    adaptations: Mapping[str, Adaptation] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()
    types: Mapping[str, type[Layer]] = field(default_factory=dict)
    blocks: Mapping[str, Block] = field(default_factory=dict)
    use: Mapping[str, tuple[str, Place]] = field(default_factory=dict)
    alias: str = ""
    fixed_input: bool = False
    functional: tuple[str, ...] = ()

    def adapted(self, alias: str) -> Spec:
        """The spec as an alias reads it: its own, unless the other library's network differs from ours."""
        found = self.adaptations.get(alias)
        if found is None:
            return self
        network = self.aliases[alias]
        params, variants = self.params, self.variants
        if network in variants:
            variants = {**variants, network: {**variants[network], **found.params}}
        else:
            params = {**params, **found.params}
        return replace(
            self,
            params=params,
            variants=variants,
            alias=alias,
            fixed_input=found.fixed_input,
            functional=found.functional,
        )

    @property
    def citation(self) -> str:
        """`Title (authors, venue year)`, or what is known of it."""
        return citation(self.title, self.paper)

    @property
    def year(self) -> int | None:
        """The year of the paper, where the spec gives one."""
        year = self.paper.get("year", "")
        return int(year) if re.fullmatch(r"\d{4}", year) else None
