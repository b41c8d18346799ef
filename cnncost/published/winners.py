"""The winners of the ImageNet challenge by year: errors as printed, layers as computed."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from fractions import Fraction

from cnncost.count.depth import depth
from cnncost.count.profile import profile_graph
from cnncost.network.catalogue import load
from cnncost.published.tables import folder, read_table
from cnncost.spec.facts import slug

TABLE = "ilsvrc_winners.csv"


@dataclass(frozen=True)
class Winner:
    """An entry of the challenge: its top-5 error in percent, who prints it, and its layers.

    `layers` is a number, or the word that is printed instead (`shallow`); empty if nothing is.
    """

    year: int | None
    name: str
    layers: int | str
    error: Fraction
    source: str


def winners() -> list[Winner]:
    """The best entries of each year and a person, in the order of the table."""
    path = folder() / TABLE
    claims = {cell.id: cell.claim for cell in read_table(path)}
    with path.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    found = []
    for line in lines:
        name = slug(f"{line['year']}-{line['entry']}")
        claim = claims.get(f"{path.stem}/{name}/layers")
        found.append(entry(line, claim.network if claim else None))
    return found


def entry(line: dict[str, str], network: str | None) -> Winner:
    """One line; the layers of a network of the catalogue are counted."""
    layers: int | str = line["layers"]
    if network:
        layers = layers_of(network)
    elif line["layers"].isdigit():
        layers = int(line["layers"])
    year = int(line["year"]) if line["year"] else None
    return Winner(year, line["entry"], layers, Fraction(line["top5_error"]), line["source"])


def layers_of(network: str) -> int:
    """The layers with weights of a network, along its longest path."""
    return depth(profile_graph(load(network), fields=False).counted)
