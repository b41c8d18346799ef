"""The networks that claims speak of: built and counted, each once, and without sympy where it can be."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cnncost.count.convention import convention_named
from cnncost.count.profile import NetworkCost, profile_graph
from cnncost.errors import CnncostError, Place
from cnncost.network.builder import build
from cnncost.network.catalogue import read_catalogued
from cnncost.published.claim import Claim
from cnncost.published.quantities import QUANTITIES, Part, part_of
from cnncost.spec.expression import parse
from cnncost.spec.reader import parse_spec
from cnncost.spec.structure import Spec


def quantity(claim: Claim) -> Any:
    """The claim's quantity, where it is no more than one of a part of a network; None where it is more."""
    more = (
        claim.text or claim.formula or claim.quotient or claim.per or claim.limit or claim.call or claim.spec
    )
    if claim.value not in QUANTITIES or claim.network is None or more:
        return None
    return QUANTITIES[str(claim.value)](part(claim, claim.params))


def part(claim: Claim, params: Mapping[str, Any]) -> Part:
    """The part of a network that the claim is about."""
    return part_of(profile_of(claim, params), claim.at, claim.only)


def symbols_in(shape: tuple[int | str, ...] | None) -> tuple[Any, ...] | None:
    """An input shape of numbers and symbols."""
    if shape is None or all(isinstance(n, int) for n in shape):
        return shape
    from cnncost.published.exact import evaluate
    from cnncost.spec.names import WithSymbols

    return tuple(n if isinstance(n, int) else evaluate(n, WithSymbols()) for n in shape)


def spec_of(claim: Claim) -> tuple[Spec, str | None]:
    """The spec of the claim's network, and the variant."""
    if claim.spec is not None:
        return parse_spec(claim.spec, "published"), None
    if claim.call is not None:
        expression = parse(claim.call, Place("published", 1, 1, claim.call))
        return Spec(name=claim.call, source="", text=claim.call, layers=expression), None
    if claim.network is None:
        raise CnncostError("the claim names no network, call or spec")
    return network_spec(claim.network)


def network_spec(name: str) -> tuple[Spec, str | None]:
    """The spec and the variant of a network: one of the catalogue, or of a spec that was read elsewhere."""
    key, _, variant = name.rpartition("::")
    return (_elsewhere[key], variant or None) if key in _elsewhere else read_catalogued(name)


def named(spec: Spec, network: str) -> str:
    """A name by which claims find a network of a spec that is not in the catalogue."""
    key = f"{spec.source}, {hash(spec.text):x}"  # a file may have changed since it was last read
    _elsewhere[key] = spec
    return f"{key}::{network if network in spec.variants else ''}"


_elsewhere: dict[str, Spec] = {}


def profile_of(claim: Claim, params: Mapping[str, Any]) -> NetworkCost:
    """The claim's network, counted under its convention."""
    parts = (claim.network, claim.call, claim.spec, claim.input, claim.biases, claim.train, claim.convention)
    fields = claim.network is None or "rf" in f"{claim.value} {claim.text}"
    return profiled(*parts, tuple(params.items()), fields)


@lru_cache(maxsize=64)
def profiled(
    network: str | None,
    call: str | None,
    spec: str | None,
    shape: tuple[int | str, ...] | None,
    biases: bool | None,
    train: bool,
    convention: str,
    params: tuple[tuple[str, Any], ...],
    fields: bool,
) -> NetworkCost:
    """A network counted once for all the claims that say the same of it."""
    parsed, variant = spec_of(Claim(network=network, call=call, spec=spec))
    graph = build(
        parsed,
        variant,
        input_shape=symbols_in(shape),
        params={name: param(name, value) for name, value in params},
        symbols=bool(call or spec),  # only a call or a text can have symbols for sizes
    )
    counting = convention_named(convention)
    if biases is not None:
        counting = counting.replace(biases=biases)
    return profile_graph(graph, counting, train=train, fields=fields)


def param(name: str, value: Any) -> Any:
    """A param's value: a text is an expression, `bottleneck` or `BatchNorm2d(eps=0.001)`."""
    return parse(value, Place(f"param {name}", 1, 1, value)) if isinstance(value, str) else value
