"""What `cnncost list` tells of the catalogue: every network, built and counted."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from cnncost.catalogue import chosen_specs, networks_of
from cnncost.profile import Known, params_and_macs
from cnncost.spec.builder import build
from cnncost.spec.structure import Spec


def entries(specs: Iterable[Spec] | None = None) -> list[dict[str, Any]]:
    """What is in the catalogue: each network with its family, paper, params, macs, input and top-1 error.

    Args:
        specs: only the networks of these; all if left out.
    """
    known: Known = {}
    with uncollected():
        return [
            entry(spec, name, known)
            for spec in (chosen_specs() if specs is None else specs)
            for name in networks_of(spec)
        ]


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the search for cyclic garbage: there is none to speak of, and it takes a tenth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def entry(spec: Spec, name: str, known: Known) -> dict[str, Any]:
    """One network of a spec: built and counted; `known` as in `params_and_macs`."""
    graph = build(spec, name if name in spec.variants else None)
    params, macs = params_and_macs(graph, known)
    error, source = top1_error(spec, name)
    return {
        "name": name,
        "family": spec.name,
        "year": spec.year,
        "params": params,
        "macs": macs,
        "input": list(graph.input_shape),
        "top1_error": error,
        "top1_source": source,
        "title": spec.title,
        "paper": dict(spec.paper),
        "aliases": [alias for alias, network in spec.aliases.items() if network == name],
    }


def top1_error(spec: Spec, name: str) -> tuple[float, str] | tuple[None, None]:
    """The first top-1 error in percent that the spec's facts have for a network, and who prints it."""
    for fact in spec.facts:
        if fact.network == name and fact.quantity in ("top1_error", "error"):
            return float(fact.printed), fact.source
        if fact.network == name and fact.quantity in ("top1_accuracy", "accuracy"):
            return float(100 - Fraction(fact.printed)), fact.source
    return None, None
