"""The networks that claims speak of: built and counted, each once, and without sympy if possible."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cnncost.count.conventions import convention_named
from cnncost.count.profile import NetworkCost, profile_graph
from cnncost.errors import CnncostError, Place
from cnncost.network.builder import build
from cnncost.network.catalogue import read_catalogued
from cnncost.published.claim import Claim
from cnncost.published.quantities import QUANTITIES, Part, part_of
from cnncost.spec.expression import parse
from cnncost.spec.reader import parse_spec
from cnncost.spec.structure import Spec


def plain_quantity(claim: Claim) -> Any:
    """The claim's quantity, if it is one quantity of a part of a network; None if it is more than that."""
    more = claim.text or claim.formula or claim.quotient or claim.per or claim.limit or claim.call
    if claim.value not in QUANTITIES or claim.network is None or more:
        return None
    return QUANTITIES[str(claim.value)](part(claim, claim.params))


def part(claim: Claim, params: Mapping[str, Any]) -> Part:
    """The part of a network that the claim is about."""
    return part_of(profile_of(claim, params), claim.at, claim.only)


def profile_of(claim: Claim, params: Mapping[str, Any]) -> NetworkCost:
    """The claim's network, counted under its convention."""
    parts = (claim.network, claim.call, claim.spec, claim.input, claim.biases, claim.train, claim.convention)
    fields = "rf" in f"{claim.value} {claim.text} {claim.holds}"
    return count_network(*parts, tuple(params.items()), fields)


@lru_cache(maxsize=64)
def count_network(
    network: str | None,
    call: str | None,
    text: str | None,
    shape: tuple[int | str, ...] | None,
    biases: bool | None,
    train: bool,
    convention: str,
    params: tuple[tuple[str, Any], ...],
    fields: bool,
) -> NetworkCost:
    """A network counted once for all the claims that describe it in the same way."""
    spec, variant = spec_named(network, call, text)
    graph = build(
        spec,
        variant,
        input_shape=input_sizes(shape),
        params={name: param(name, value) for name, value in params},
        symbols=network is None,  # only a call or a text can have symbols for sizes
    )
    counting = convention_named(convention)
    if biases is not None:
        counting = counting.replace(biases=biases)
    return profile_graph(graph, counting, train=train, fields=fields)


def spec_named(network: str | None, call: str | None, text: str | None) -> tuple[Spec, str | None]:
    """The spec that a claim names, and the variant: of a text, the catalogue, or a call."""
    if text is not None:
        spec = parse_spec(text, "published")
        return spec, network if network in spec.variants else None
    if call is not None:
        expression = parse(call, Place("published", 1, 1, call))
        return Spec(name=call, source="", text=call, layers=expression), None
    if network is None:
        raise CnncostError("the claim names no network, call or spec")
    return read_catalogued(network)


def input_sizes(shape: tuple[int | str, ...] | None) -> tuple[Any, ...] | None:
    """An input shape of numbers and symbols."""
    if shape is None or all(isinstance(n, int) for n in shape):
        return shape
    from cnncost.published.exact import evaluate
    from cnncost.spec.names import WithSymbols

    return tuple(n if isinstance(n, int) else evaluate(n, WithSymbols()) for n in shape)


def param(name: str, value: Any) -> Any:
    """A param's value; a text is an expression: `bottleneck` or `BatchNorm2d(eps=0.001)`."""
    return parse(value, Place(f"param {name}", 1, 1, value)) if isinstance(value, str) else value
