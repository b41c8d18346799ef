"""The figures inside the specs: each fact as a cell that makes a claim of its network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncost.network.catalogue import chosen_specs, networks_of
from cnncost.published.claim import claim_of
from cnncost.published.counting import named
from cnncost.published.tables import Cell, Excuse
from cnncost.published.verdicts import Figure
from cnncost.spec.facts import Fact, slug
from cnncost.spec.structure import Spec

MEASURED = "it is measured on trained networks, not counted"
CONVENTIONS = {"flops": "flops"}
"""What a quantity counts as where the fact does not say; the others are multiply-adds."""


def catalogue_facts() -> list[Cell]:
    """The facts of every spec of the catalogue."""
    return [cell for spec in chosen_specs() for cell in facts_of(spec)]


def facts_of(spec: Spec, network: str | None = None, *, catalogued: bool = True) -> list[Cell]:
    """The facts of a spec as cells: `resnet/resnet50/macs/he-2016-table-1`.

    Args:
        spec: a spec.
        network: only the facts of this one of its networks.
        catalogued: whether the spec is the catalogue's; another's networks are found in itself.
    """
    return [cell_of(fact, spec, catalogued) for fact in spec.facts if network in (None, fact.network)]


def cell_of(fact: Fact, spec: Spec, catalogued: bool) -> Cell:
    """One fact as a cell."""
    name = fact_id(spec, fact)
    if fact.measured:
        return Cell(
            name, fact.source, fact.printed, claim_of({"network": fact.network, "recorded": MEASURED})
        )
    convention = CONVENTIONS.get(fact.quantity, "macs")
    counted = {"network": fact.network, "convention": convention, "value": fact.quantity, **fact.terms}
    change = fact.change
    if not catalogued:
        counted, change = located(counted, spec), change and located(change, spec)
    excuse = Excuse(fact.because, change) if fact.because else None
    return Cell(name, fact.source, fact.printed, claim_of(counted), excuse)


def fact_id(spec: Spec, fact: Fact) -> str:
    """The id of a fact's figure: `resnet/resnet50/macs/he-2016-table-1`."""
    return f"{spec.name}/{fact.network}/{fact.quantity}/{slug(fact.source)}"


def located(claim: Mapping[str, Any], spec: Spec) -> dict[str, Any]:
    """A claim whose network, where it is one of this spec's, is found in this spec."""
    network = str(claim.get("network"))
    return {**claim, "network": named(spec, network)} if network in networks_of(spec) else dict(claim)


def quantity_of(figure: Figure) -> str:
    """The quantity that a fact is of, as its id has it."""
    return figure.id.split("/")[2]
