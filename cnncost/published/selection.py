"""Which figures an audit covers: all of them, or those of a family, a network or a file."""

from __future__ import annotations

from collections.abc import Collection

from cnncost.network.catalogue import networks_of, read_network
from cnncost.published.claim import Claim
from cnncost.published.facts import catalogue_facts, facts_of
from cnncost.published.tables import Cell, read_tables


def cells_of(name: str | None = None) -> list[Cell]:
    """The figures of the tables and of the specs' facts.

    Args:
        name: only those of a network, of a family's networks, or of a spec's file; all if it is None.

    Raises:
        SpecError: the file is wrong.
        NameUnknown: nothing has this name.
    """
    if name is None:
        return [*read_tables(), *catalogue_facts()]
    spec, variant, catalogued = read_network(name)
    if not catalogued:
        return facts_of(spec, variant, catalogued=False)
    return [*printed_of([variant] if variant else networks_of(spec)), *facts_of(spec, variant)]


def printed_of(networks: Collection[str]) -> list[Cell]:
    """The cells of the tables that say something of these networks."""
    return [cell for cell in read_tables() if not named(cell.claim).isdisjoint(networks)]


def named(claim: Claim) -> set[str]:
    """The networks that a claim names."""
    inner = [*claim.all, *([claim.per] if claim.per else [])]
    return {name for name in (claim.network, claim.waits) if name}.union(*map(named, inner))
