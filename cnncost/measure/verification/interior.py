"""Where receptive fields are exact: the outputs of each map whose paths avoid all padding.

Near the ends of a map a field is an upper bound, because there is nothing beyond.
"""

from __future__ import annotations

from cnncost.count.receptive_field import receptive_fields
from cnncost.dims import Shape
from cnncost.layers.window import Reach
from cnncost.network.graph import Graph, Node


def exact_at_ends(graph: Graph) -> set[str]:
    """The nodes whose every output, the first and last too, sees exactly what its field says.

    A field treats positions beyond a map as if they looked at the input like the map's own. That makes
    no difference where a window that reaches beyond also covers the first or last position of the
    map, and that position sees the input's end. A padding that repeats the map sees more.
    """
    fields = receptive_fields(graph)
    exact, reaching = set(graph.inputs), set(graph.inputs)
    for node in graph.nodes:
        field = fields[node.name]
        looking = reaches(node) if len(node.inputs) == 1 else None
        if field is None or repeats(node) or not (reaching if looking else exact).issuperset(node.inputs):
            continue
        sizes = list(zip(field, node.out_shape[1:], graph.size_seen(node.name) or (), strict=True))
        if looking and not all(
            borders(taps(way, o, m), m)
            for way, n, m in zip(looking, node.out_shape[1:], node.in_shape[1:], strict=True)
            for o in range(n)
        ):
            continue
        exact.add(node.name)
        if all(axis.interval(0)[0] <= 0 and axis.interval(o - 1)[1] >= n - 1 for axis, o, n in sizes):
            reaching.add(node.name)
    return exact


def interior(graph: Graph) -> dict[str, list[set[int]]]:
    """The outputs of each node, per axis, whose paths to the input avoid all padding."""
    inside = {name: [set(range(n)) for n in shape[1:]] for name, shape in graph.inputs.items()}
    for node in graph.nodes:
        parts = [inside[name] for name in node.inputs]
        sizes = node.out_shape[1:]
        if any(len(part) != len(sizes) for part in parts):  # a flatten: its output has no such axes
            inside[node.name] = []
            continue
        reach = node.layer.reach(node.in_shape, node.out_shape) if len(parts) == 1 else None
        inside[node.name] = [
            {o for o in range(n) if all(taps(way, o, m) <= part for m, part in sources)}
            for axis, (n, way) in enumerate(
                zip(sizes, reach[1:] if reach else (None,) * len(sizes), strict=True)
            )
            for sources in [
                [(shape[axis + 1], part[axis]) for shape, part in zip(node.in_shapes, parts, strict=True)]
            ]
        ]
    return inside


def reaches(node: Node) -> tuple[Reach | None, ...] | None:
    """Which input positions a node's outputs see, per axis; None where each sees only its own."""
    reach = node.layer.reach(node.in_shape, node.out_shape)
    return reach[1:] if reach and any(reach[1:]) else None


def repeats(node: Node) -> bool:
    """Whether a node's padding holds values of the map, as `reflect` does."""
    return getattr(node.layer, "padding_mode", "zeros") != "zeros"


def borders(seen: set[int], size: int) -> bool:
    """Whether a window overlaps a map, and covers the map's end wherever it reaches beyond."""
    return (
        any(tap in range(size) for tap in seen)
        and (min(seen) >= 0 or 0 in seen)
        and (max(seen) < size or size - 1 in seen)
    )


def taps(reach: Reach | None, o: int, n: int) -> set[int]:
    """The positions that an output sees; on a broadcast axis, the only one."""
    if reach is None:
        return {o if n != 1 else 0}
    return set(reach.taps(o))


def first_middle_last(sizes: Shape) -> list[tuple[int, ...]]:
    """Three positions, or fewer on a small map."""
    return sorted({tuple(n * third // 2 - (third == 2) for n in sizes) for third in range(3)})


def around_the_middle(inside: list[set[int]]) -> list[tuple[int, ...]]:
    """Up to six interior positions, along the diagonal, nearest to the middle."""
    chosen = []
    for positions in map(sorted, inside):
        start = max(len(positions) // 2 - 3, 0)
        chosen.append(positions[start : start + 6])
    if not all(chosen):
        return []
    longest = max(map(len, chosen))
    return [tuple(axis[i % len(axis)] for axis in chosen) for i in range(longest)]
