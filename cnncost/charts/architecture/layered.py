"""A directed graph on the plane: from left to right by longest path, few crossings, straight main lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cnncost.charts.placement import spaced

Edge = tuple[int, int]
Size = tuple[float, float]
Point = tuple[float, float]
Spot = int | tuple[int, int, int]
"""A box by its number, or where an edge (from, to) passes a rank."""
Link = tuple[Spot, Spot]

SWEEPS, SETTLING = 12, 120
"""Passes over the ranks: to untangle them, and to let every box find its height."""
STRAIGHT = 60.0
"""How much more an edge of the main line, or one that only passes, insists on being straight."""


@dataclass(frozen=True)
class Placed:
    """Where everything stands: the centre of each box, the way of each edge, and the size of it all."""

    centres: list[Point]
    ways: dict[Edge, list[Point]]
    width: float
    height: float


def place(sizes: Sequence[Size], edges: Sequence[Edge], main: Sequence[int], gap: Size) -> Placed:
    """Lay a graph out, y downwards.

    Args:
        sizes: width and height of each box, in an order in which every edge goes forward.
        edges: which box leads to which.
        main: the boxes of the main line.
        gap: the least distance between ranks, and between boxes of a rank.
    """
    rank = ranks(len(sizes), edges)
    chains = {edge: split(edge, rank) for edge in edges}
    passed: list[Spot] = [spot for way in chains.values() for spot in way[1:-1]]
    spots: dict[Spot, Size] = {**dict(enumerate(sizes)), **dict.fromkeys(passed, (0.0, 0.0))}
    layers: list[list[Spot]] = [[] for _ in range(max(rank) + 1)]
    for spot in spots:
        layers[rank_of(spot, rank)].append(spot)
    firm = firm_edges(edges, set(main))
    links = {link: weight(link, edge in firm) for edge, way in chains.items() for link in pairwise(way)}
    order = untangled(layers, list(links))
    y = levels(order, links, spots, gap[1])
    return on_page(order, chains, spots, y, rank, gap[0])


def on_page(
    order: Sequence[Sequence[Spot]],
    chains: Mapping[Edge, Sequence[Spot]],
    spots: Mapping[Spot, Size],
    y: Mapping[Spot, float],
    rank: Sequence[int],
    gap: float,
) -> Placed:
    """The ranks from left to right, each as wide as its widest box; the top at 0."""
    widths = [max(spots[spot][0] for spot in layer) for layer in order]
    left = [sum(widths[:r]) + gap * r for r in range(len(order))]
    top = min(y[spot] - size[1] / 2 for spot, size in spots.items())
    bottom = max(y[spot] + size[1] / 2 for spot, size in spots.items())
    centres = [(left[r] + widths[r] / 2, y[i] - top) for i, r in enumerate(rank)]
    ways: dict[Edge, list[Point]] = {}
    for (a, b), chain in chains.items():
        points = [(centres[a][0] + spots[a][0] / 2, centres[a][1])]
        for spot in chain[1:-1]:
            r = rank_of(spot, rank)
            points += [(left[r], y[spot] - top), (left[r] + widths[r], y[spot] - top)]
        ways[a, b] = [*points, (centres[b][0] - spots[b][0] / 2, centres[b][1])]
    return Placed(centres, ways, left[-1] + widths[-1], bottom - top)


def ranks(count: int, edges: Sequence[Edge]) -> list[int]:
    """How many boxes lie before each, at most."""
    rank = [0] * count
    for a, b in sorted(edges):
        rank[b] = max(rank[b], rank[a] + 1)
    return rank


def rank_of(spot: Spot, rank: Sequence[int]) -> int:
    """The rank in which a spot stands."""
    return rank[spot] if isinstance(spot, int) else spot[2]


def split(edge: Edge, rank: Sequence[int]) -> list[Spot]:
    """An edge with a spot in each rank that it passes."""
    a, b = edge
    return [a, *((a, b, r) for r in range(rank[a] + 1, rank[b])), b]


def firm_edges(edges: Sequence[Edge], main: set[int]) -> set[Edge]:
    """The edges to keep straight: within a branch, and along the main line where it parts in two at most."""
    out, into = (Counter(edge[i] for edge in edges) for i in (0, 1))
    return {
        (a, b)
        for a, b in edges
        if (out[a] == 1 and into[b] == 1) or ({a, b} <= main and out[a] <= 2 and into[b] <= 2)
    }


def weight(link: Link, firm: bool) -> float:
    """How straight a link wants to be: one that only passes by, as much as one that is firm."""
    passing = [isinstance(spot, tuple) for spot in link]
    return STRAIGHT if all(passing) or (firm and not any(passing)) else 1.0


def untangled(layers: list[list[Spot]], links: Sequence[Link]) -> list[list[Spot]]:
    """The ranks in an order with few crossings: each box among those that it is tied to."""
    before: dict[Spot, list[Spot]] = {}
    behind: dict[Spot, list[Spot]] = {}
    for a, b in links:
        behind.setdefault(a, []).append(b)
        before.setdefault(b, []).append(a)
    best, fewest = layers, crossings(layers, links)
    for sweep in range(SWEEPS if fewest else 0):
        layers = sorted_by(layers, before) if sweep % 2 == 0 else sorted_by(layers[::-1], behind)[::-1]
        found = crossings(layers, links)
        if found < fewest:
            best, fewest = layers, found
    return best


def sorted_by(layers: Sequence[list[Spot]], near: Mapping[Spot, list[Spot]]) -> list[list[Spot]]:
    """The ranks one after the other, each sorted by the places of its neighbours in the one before."""
    done = [layers[0]]
    for layer in layers[1:]:
        place = {spot: i for i, spot in enumerate(done[-1])}
        wish = {
            spot: (mean([place[q] for q in near.get(spot, []) if q in place], i), i)
            for i, spot in enumerate(layer)
        }
        done.append(sorted(layer, key=lambda spot: wish[spot]))
    return done


def mean(values: Sequence[float], otherwise: float) -> float:
    """The mean; `otherwise` of nothing."""
    return sum(values) / len(values) if values else otherwise


def crossings(layers: Sequence[Sequence[Spot]], links: Sequence[Link]) -> int:
    """How many links cross."""
    place = {spot: (r, i) for r, layer in enumerate(layers) for i, spot in enumerate(layer)}
    by_rank: dict[int, list[tuple[int, int]]] = {}
    for a, b in links:
        by_rank.setdefault(place[a][0], []).append((place[a][1], place[b][1]))
    return sum(
        (a1 - b1) * (a2 - b2) < 0
        for found in by_rank.values()
        for i, (a1, a2) in enumerate(found)
        for b1, b2 in found[i + 1 :]
    )


def levels(
    order: Sequence[Sequence[Spot]], links: Mapping[Link, float], sizes: Mapping[Spot, Size], gap: float
) -> dict[Spot, float]:
    """The height of each spot: near those that it is tied to, none over another."""
    near: dict[Spot, list[tuple[Spot, float]]] = {}
    for (a, b), tie in links.items():
        near.setdefault(a, []).append((b, tie))
        near.setdefault(b, []).append((a, tie))
    y: dict[Spot, float] = {}
    for layer in order:
        y |= {spot: (i - (len(layer) - 1) / 2) * (gap + 0.2) for i, spot in enumerate(layer)}
    for sweep in range(SETTLING):
        for layer in order if sweep % 2 else order[::-1]:
            ties = [near.get(spot, [(spot, 1.0)]) for spot in layer]
            pull = [sum(tie for _, tie in found) for found in ties]
            wanted = [sum(y[q] * tie for q, tie in found) / p for found, p in zip(ties, pull, strict=True)]
            room = [(sizes[a][1] + sizes[b][1]) / 2 + gap for a, b in pairwise(layer)]
            y |= dict(zip(layer, spaced(wanted, pull, room), strict=True))
    return y
