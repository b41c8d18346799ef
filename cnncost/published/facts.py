"""The figures inside the specs: each fact as a cell with a claim about its network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncost.network.catalogue import chosen_specs, networks_of
from cnncost.published.claim import claim_of
from cnncost.published.tables import Excuse, PrintedCell
from cnncost.spec.facts import Fact, slug
from cnncost.spec.structure import Spec

MEASURED = "it is measured on trained networks, not counted"


def catalogue_facts() -> list[PrintedCell]:
    """The facts of every spec of the catalogue."""
    return [cell for spec in chosen_specs() for cell in facts_of(spec)]


def facts_of(spec: Spec, network: str | None = None, *, catalogued: bool = True) -> list[PrintedCell]:
    """The facts of a spec as cells: `resnet/resnet50/macs/he-2016-table-1`.

    Args:
        spec: a spec.
        network: only the facts of this one of its networks.
        catalogued: whether the spec is the catalogue's; the networks of another are found in its text.
    """
    return [cell_of(fact, spec, catalogued) for fact in spec.facts if network in (None, fact.network)]


def cell_of(fact: Fact, spec: Spec, catalogued: bool) -> PrintedCell:
    """One fact as a cell."""
    name = fact_id(spec, fact)
    if fact.measured:
        claim = claim_of({"network": fact.network, "recorded": MEASURED})
        return PrintedCell(name, fact.source, fact.printed, claim)
    convention = "flops" if fact.quantity == "flops" else "macs"
    counted = {"network": fact.network, "convention": convention, "value": fact.quantity, **fact.terms}
    change = fact.change
    if not catalogued:
        counted, change = with_text(counted, spec), change and with_text(change, spec)
    excuse = Excuse(fact.because, change) if fact.because else None
    return PrintedCell(name, fact.source, fact.printed, claim_of(counted), excuse)


def fact_id(spec: Spec, fact: Fact) -> str:
    """The id of a fact's figure: `resnet/resnet50/macs/he-2016-table-1`."""
    return f"{spec.name}/{fact.network}/{fact.quantity}/{slug(fact.source)}"


def with_text(claim: Mapping[str, Any], spec: Spec) -> dict[str, Any]:
    """A claim with the text of this spec if its network is in it; else the network is the catalogue's."""
    if "network" not in claim:
        return dict(claim)
    return {**claim, "spec": spec.text if claim["network"] in networks_of(spec) else None}
