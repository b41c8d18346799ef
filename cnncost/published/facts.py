"""The figures that an audit can cover: the printed tables, and the facts of the specs as cells."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cnncost.network.catalogue import chosen_specs, networks_of, read_network
from cnncost.published.claim import Claim, claim_of
from cnncost.published.sources import rule_for
from cnncost.published.tables import Excuse, PrintedCell, read_tables
from cnncost.spec.facts import Fact, slug
from cnncost.spec.structure import Spec

MEASURED = "it is measured on trained networks, not counted"


def cells_of(name: str | None = None) -> list[PrintedCell]:
    """The figures of the tables and of the specs' facts.

    Args:
        name: only those of a network, of a family's networks, or of a spec's file; None for all.

    Raises:
        SpecError: the file is wrong.
        NameUnknown: nothing has this name.
    """
    if name is None:
        return [*read_tables(), *catalogue_facts()]
    spec, variant, catalogued = read_network(name)
    facts = facts_of(spec, variant, catalogued=catalogued)
    if not catalogued:
        return facts
    return [*table_cells([variant] if variant else networks_of(spec)), *facts]


def family_cells(spec: Spec) -> list[PrintedCell]:
    """The figures of all networks of one of the catalogue's specs."""
    return [*table_cells(networks_of(spec)), *facts_of(spec)]


def table_cells(networks: Collection[str]) -> list[PrintedCell]:
    """The figures of the printed tables that are about some networks."""
    return [cell for cell in read_tables() if not networks_in(cell.claim).isdisjoint(networks)]


def networks_in(claim: Claim) -> set[str]:
    """The networks that a claim names."""
    inner = [*claim.all, *([claim.per] if claim.per else [])]
    return {name for name in (claim.network, claim.waits) if name}.union(*map(networks_in, inner))


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
    rule = rule_for(fact.source, fact.quantity, fact.network) if catalogued else None
    so = rule.change if rule else {}
    counted = {"network": fact.network, "convention": convention, "value": fact.quantity, **fact.terms, **so}
    change = fact.change
    if not catalogued:
        counted, change = with_text(counted, spec), change and with_text(change, spec)
    excuse = Excuse(fact.because, change, fact.alone) if fact.because else None
    because = rule.because if rule else ""
    return PrintedCell(name, fact.source, fact.printed, claim_of(counted), excuse, rule=because)


def fact_id(spec: Spec, fact: Fact) -> str:
    """The id of a fact's figure: `resnet/resnet50/macs/he-2016-table-1`."""
    return f"{spec.name}/{fact.network}/{fact.quantity}/{slug(fact.source)}"


def with_text(claim: Mapping[str, Any], spec: Spec) -> dict[str, Any]:
    """A claim with the text of this spec if its network is in it; else the network is the catalogue's."""
    if "network" not in claim:
        return dict(claim)
    return {**claim, "spec": spec.text if claim["network"] in networks_of(spec) else None}
