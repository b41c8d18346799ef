"""Which figures an audit covers: all of them, or those of a family, a network or a file."""

from __future__ import annotations

from cnncost.network.catalogue import networks_of, read_network
from cnncost.published.claim import Claim
from cnncost.published.facts import catalogue_facts, facts_of
from cnncost.published.tables import PrintedCell, read_tables


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
    networks = [variant] if variant else networks_of(spec)
    return [*(cell for cell in read_tables() if not networks_in(cell.claim).isdisjoint(networks)), *facts]


def networks_in(claim: Claim) -> set[str]:
    """The networks that a claim names."""
    inner = [*claim.all, *([claim.per] if claim.per else [])]
    return {name for name in (claim.network, claim.waits) if name}.union(*map(networks_in, inner))
