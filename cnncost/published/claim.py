"""A claim: what a printed cell says of a network, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from cnncost.errors import CnncostError, did_you_mean

AS_PRINTED = "as printed"
"""Instead of a claim's formula: the printed one."""


@dataclass(frozen=True)
class Claim:
    """What a cell is compared with. The keys are those of the YAML next to each table.

    Which network: `network` by name, `call` (a layer or a chain) or `spec` (a whole text, which may have
    several networks), with another `input` and other `params`, counted under `convention`, with or without
    `biases`, for training (`train`) with its side heads. A text among the params is an expression.

    Which part: `at` a node, a stage or a range; `only` some types.

    Which quantity: `value`, an expression with the quantities of the part, divided by that of the claim
    `per`, or the `quotient` of two printed figures; or `text`, a template with expressions in braces; or
    `formula`, to be proved on symbols, for each of 1 to n of a param (`over`), or in the limit of a large
    symbol (`limit`). `all` are several claims, about the cell's text, a `part` of it, or a `printed` number
    that its words mean; `holds` is a condition that must be true as well.

    How it is printed: in units of `unit`, with K for `kilo`, with `significant` digits; `digits` are
    rounded, truncated or swapped.

    Why it is not compared: it `waits` for a network, or is `recorded` for the reason given.
    """

    network: str | None = None
    call: str | None = None
    spec: str | None = None
    input: tuple[int | str, ...] | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    convention: str = "lecture"
    biases: bool | None = None
    train: bool = False
    at: str | None = None
    only: tuple[str, ...] = ()
    value: str | None = None
    per: Claim | None = None
    quotient: tuple[str, ...] = ()
    text: str | None = None
    formula: str | tuple[str, ...] | None = None
    over: Mapping[str, int] = field(default_factory=dict)
    limit: str | None = None
    all: tuple[Claim, ...] = ()
    part: str | None = None
    printed: str | None = None
    holds: str | None = None
    unit: str | int = 1
    kilo: int = 1000
    significant: int = 0
    digits: str = "rounded"
    waits: str | None = None
    recorded: str | None = None

    def changed(self, changes: Mapping[str, Any]) -> Claim:
        """A claim that differs in the given keys; so do the claims that it consists of."""
        inner = tuple(each.changed(changes) for each in self.all)
        return replace(self, all=inner, **checked(changes))


KEYS = tuple(f.name for f in fields(Claim))


def claim_of(values: Mapping[str, Any]) -> Claim:
    """A claim from the YAML's keys.

    Raises:
        CnncostError: an unknown key.
    """
    settled = checked(values)
    inner = settled.pop("all", ())
    outer = {key: value for key, value in values.items() if key != "all"}
    return Claim(**settled, all=tuple(claim_of({**outer, **each}) for each in inner))


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values by key, with lists as tuples and inner claims made; unknown keys are refused."""
    for key in values:
        if key not in KEYS:
            raise CnncostError(f"`{key}` is no part of a claim{did_you_mean(key, KEYS)}")
    settled = {key: frozen(value) for key, value in values.items()}
    if settled.get("per") is not None:
        settled["per"] = claim_of(values["per"])
    return settled


def frozen(value: Any) -> Any:
    """Lists as tuples, all the way down."""
    if isinstance(value, list):
        return tuple(map(frozen, value))
    if isinstance(value, dict):
        return {key: frozen(each) for key, each in value.items()}
    return value
