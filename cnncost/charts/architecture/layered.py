"""The layout of a directed graph: from left to right by longest path, few crossings, straight main lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cnncost.charts.placement import spaced

Edge = tuple[int, int]
Size = tuple[float, float, float]
"""A box: its width, and how far it reaches up and down from where its edges meet it."""
Point = tuple[float, float]
Stop = int | tuple[int, int, int]
"""A box by its number, or the place (from, to, rank) where an edge passes a rank."""
Link = tuple[Stop, Stop]

SWEEPS, SETTLING = 12, 60
"""How often the ranks are sorted, and how often the heights of boxes are adjusted."""
SETTLED = 2e-3
"""Inches: boxes that move less have their heights."""
STRAIGHT = 60.0
"""How much more an edge of the main line, or one that only passes, is kept straight."""


@dataclass(frozen=True)
class GraphLayout:
    """Where the edges of each box meet it, in the middle; the points of each edge; the size of the whole."""

    centres: list[Point]
    ways: dict[Edge, list[Point]]
    width: float
    height: float


def lay_out(
    sizes: Sequence[Size],
    edges: Sequence[Edge],
    main: Collection[int],
    gap: tuple[float, float],
    width: float = 0,
    ends: Collection[int] = (),
    level: Collection[Edge] | None = None,
) -> GraphLayout:
    """The layout of a graph, y downwards.

    Args:
        sizes: of each box, in an order in which every edge goes forward.
        edges: which box leads to which.
        main: the boxes of the main line.
        gap: the least distance between ranks, and between boxes of a rank.
        width: the ranks are spread over this width, if they need less.
        ends: boxes to put into the last rank.
        level: where edges of the main line pass boxes above them: those that are to be level.
    """
    rank = ranks(len(sizes), edges)
    for box in ends:
        rank[box] = max(rank)
    chains = {edge: split(edge, rank) for edge in edges}
    passed: list[Stop] = [stop for way in chains.values() for stop in way[1:-1]]
    passes: dict[Stop, Size] = dict.fromkeys(passed, (0.0, 0.0, 0.0))
    boxes: dict[Stop, Size] = dict(enumerate(sizes))
    stops = boxes | passes
    layers: list[list[Stop]] = [[] for _ in range(max(rank) + 1)]
    for stop in stops:
        layers[rank_of(stop, rank)].append(stop)
    firm = firm_edges(edges, set(main))
    links = {link: weight(link, edge in firm) for edge, way in chains.items() for link in pairwise(way)}
    order = untangled(layers, list(links))
    if level is not None:
        order = [sorted(layer, key=lambda stop: not passes_main(stop, main)) for layer in order]
    y = valley(stops, rank, level, gap[1]) if level else levels(order, links, stops, gap[1])
    return on_page(order, chains, stops, y, rank, gap[0], width)


def on_page(
    order: Sequence[Sequence[Stop]],
    chains: Mapping[Edge, Sequence[Stop]],
    stops: Mapping[Stop, Size],
    y: Mapping[Stop, float],
    rank: Sequence[int],
    gap: float,
    width: float,
) -> GraphLayout:
    """The ranks from left to right, each as wide as its widest box; the top at 0."""
    widths = [max(stops[stop][0] for stop in layer) for layer in order]
    gap = max(gap, (width - sum(widths)) / max(len(order) - 1, 1))
    left = [sum(widths[:r]) + gap * r for r in range(len(order))]
    top = min(y[stop] - size[1] for stop, size in stops.items())
    bottom = max(y[stop] + size[2] for stop, size in stops.items())
    centres = [(left[r] + widths[r] / 2, y[i] - top) for i, r in enumerate(rank)]
    ways: dict[Edge, list[Point]] = {}
    for (a, b), chain in chains.items():
        points = [(centres[a][0] + stops[a][0] / 2, centres[a][1])]
        for stop in chain[1:-1]:
            r = rank_of(stop, rank)
            points += [(left[r], y[stop] - top), (left[r] + widths[r], y[stop] - top)]
        ways[a, b] = [*points, (centres[b][0] - stops[b][0] / 2, centres[b][1])]
    return GraphLayout(centres, ways, left[-1] + widths[-1], bottom - top)


def ranks(count: int, edges: Sequence[Edge]) -> list[int]:
    """The largest number of boxes before each box."""
    rank = [0] * count
    for a, b in sorted(edges):
        rank[b] = max(rank[b], rank[a] + 1)
    return rank


def rank_of(stop: Stop, rank: Sequence[int]) -> int:
    """The rank of a stop."""
    return rank[stop] if isinstance(stop, int) else stop[2]


def passes_main(stop: Stop, main: Collection[int]) -> bool:
    """Whether an edge between boxes of the main line passes here."""
    return isinstance(stop, tuple) and stop[0] in main and stop[1] in main


def split(edge: Edge, rank: Sequence[int]) -> list[Stop]:
    """An edge with a stop in each rank that it passes."""
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
    """The weight with which a link is kept straight; one that only passes counts like a firm one."""
    passing = [isinstance(stop, tuple) for stop in link]
    return STRAIGHT if all(passing) or (firm and not any(passing)) else 1.0


def untangled(layers: list[list[Stop]], links: Sequence[Link]) -> list[list[Stop]]:
    """The ranks in an order with few crossings: each box among those that it is tied to."""
    before: dict[Stop, list[Stop]] = {}
    behind: dict[Stop, list[Stop]] = {}
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


def sorted_by(layers: Sequence[list[Stop]], near: Mapping[Stop, list[Stop]]) -> list[list[Stop]]:
    """The ranks, each sorted by the mean place of its neighbours in the rank before it."""
    done = [layers[0]]
    for layer in layers[1:]:
        place = {stop: i for i, stop in enumerate(done[-1])}
        wish: dict[Stop, tuple[float, int]] = {}
        for i, stop in enumerate(layer):
            ties = [place[other] for other in near.get(stop, []) if other in place]
            wish[stop] = (sum(ties) / len(ties) if ties else i, i)
        done.append(sorted(layer, key=wish.__getitem__))
    return done


def crossings(layers: Sequence[Sequence[Stop]], links: Sequence[Link]) -> int:
    """How many links cross."""
    place = {stop: (r, i) for r, layer in enumerate(layers) for i, stop in enumerate(layer)}
    by_rank: dict[int, list[tuple[int, int]]] = {}
    for a, b in links:
        by_rank.setdefault(place[a][0], []).append((place[a][1], place[b][1]))
    return sum(
        (a1 - b1) * (a2 - b2) < 0
        for found in by_rank.values()
        for i, (a1, a2) in enumerate(found)
        for b1, b2 in found[i + 1 :]
    )


def valley(
    sizes: Mapping[Stop, Size], rank: Sequence[int], level: Collection[Edge], gap: float
) -> dict[Stop, float]:
    """The height of each stop where edges are level: the more of them span a box, the deeper it is."""

    def depth(stop: Stop) -> int:
        box = stop if isinstance(stop, int) else stop[0]
        return sum(rank[a] < rank[box] < rank[b] for a, b in level)

    depths = {stop: depth(stop) for stop in sizes}
    y = [0.0]
    for deeper in range(1, max(depths.values()) + 1):
        y.append(y[-1] + gap + max(sizes[stop][1] for stop, found in depths.items() if found == deeper))
    return {stop: y[found] for stop, found in depths.items()}


def levels(
    order: Sequence[Sequence[Stop]], links: Mapping[Link, float], sizes: Mapping[Stop, Size], gap: float
) -> dict[Stop, float]:
    """The height of each stop: near those that it is tied to, none over another."""
    near: dict[Stop, list[tuple[Stop, float]]] = {}
    for (a, b), tie in links.items():
        near.setdefault(a, []).append((b, tie))
        near.setdefault(b, []).append((a, tie))
    y: dict[Stop, float] = {}
    for layer in order:
        y |= {stop: (i - (len(layer) - 1) / 2) * (gap + 0.2) for i, stop in enumerate(layer)}
    tied = []  # what stays the same in all sweeps
    for layer in order:
        ties = [near.get(stop, [(stop, 1.0)]) for stop in layer]
        room = [sizes[a][2] + sizes[b][1] + gap for a, b in pairwise(layer)]
        tied.append((layer, ties, [sum([tie for _, tie in found]) for found in ties], room))
    for sweep in range(SETTLING):
        before = dict(y)
        for layer, ties, pull, room in tied if sweep % 2 else reversed(tied):
            wanted = [sum([y[q] * tie for q, tie in found]) / p for found, p in zip(ties, pull, strict=True)]
            y.update(zip(layer, spaced(wanted, pull, room) if room else wanted, strict=True))
        if all(abs(y[stop] - before[stop]) < SETTLED for stop in y):
            break
    return y
