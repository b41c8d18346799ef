"""What `cnncost list` tells of the catalogue: every network, built and counted."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from cnncost.comparison.accuracy import first_error
from cnncost.count.profile import Known, params_and_macs
from cnncost.network.builder import build
from cnncost.network.catalogue import chosen_specs, networks_of
from cnncost.spec.structure import Spec


def entries(specs: Iterable[Spec] | None = None) -> list[dict[str, Any]]:
    """What is in the catalogue: each network with its family, paper, params, macs, input and top-1 error.

    An error is on the data set that stands beside it, not on ImageNet always.

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
    fact = first_error(spec, name)
    return {
        "name": name,
        "family": spec.name,
        "year": spec.year,
        "params": params,
        "macs": macs,
        "input": list(graph.input_shape),
        "top1_error": float(fact.error) if fact else None,
        "top1_data_set": fact.data_set if fact else None,
        "top1_source": fact.source if fact else None,
        "top1_input": list(fact.terms.get("input") or graph.input_shape) if fact else None,
        "title": spec.title,
        "paper": dict(spec.paper),
        "aliases": [alias for alias, network in spec.aliases.items() if network == name],
    }
