"""The parts of a network that a deviation can leave out or double, under the names that people give them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from cnncost.count.rows import prefixes
from cnncost.deviation.numbered import NumberedGraph
from cnncost.network.graph import Node

KEPT = {"convolutions": ("Conv",), "convolutions and linear layers": ("Conv", "Linear")}
LAST_STAGES = 3


@dataclass(frozen=True)
class Region:
    """Some nodes under a name; `plural` if the name is one of several things."""

    label: str
    nodes: tuple[int, ...]
    sort: str
    plural: bool = False


def regions_of(net: NumberedGraph) -> list[Region]:
    """Rows, blocks and stages, types of layers, parts with the same name, and ends."""
    below = by_key(net, lambda node: prefixes(node.name)[:-1])
    return [
        *row_regions(net),
        *block_regions(net, below),
        *type_regions(net),
        *namesakes(below),
        *end_regions(net),
    ]


def by_key(net: NumberedGraph, keys: Callable[[Node], Iterable[str]]) -> dict[str, list[int]]:
    """The nodes that share a key."""
    found: dict[str, list[int]] = defaultdict(list)
    for i, node in enumerate(net.nodes):
        for key in keys(node):
            found[key].append(i)
    return found


def row_regions(net: NumberedGraph) -> Iterator[Region]:
    """Each row of the table."""
    for label, row in net.rows.items():
        yield Region(label, tuple(net.number[cost.name] for cost in row.costs), "row")


def block_regions(net: NumberedGraph, below: dict[str, list[int]]) -> Iterator[Region]:
    """Each block and stage of several rows."""
    for path, nodes in below.items():
        if len({net.row_of.get(i) for i in nodes}) > 1:
            yield Region(path, tuple(nodes), "block")


def type_regions(net: NumberedGraph) -> Iterator[Region]:
    """All layers of a type; all layers except the convolutions."""
    for name, nodes in by_key(net, lambda node: [node.type]).items():
        several = len(nodes) > 1
        yield Region(f"all {name} layers" if several else name, tuple(nodes), "type", several)
    for label, kept in KEPT.items():
        others = tuple(i for i, node in enumerate(net.nodes) if not node.type.startswith(kept))
        yield Region(f"all but {label}", others, "kept", True)


def namesakes(below: dict[str, list[int]]) -> Iterator[Region]:
    """The parts that have the same last name in several blocks: every `shortcut`."""
    named: dict[str, list[str]] = defaultdict(list)
    for path in below:
        head, _, last = path.rpartition(".")
        if head and not last.isdigit():
            named[last].append(path)
    for name, paths in named.items():
        if len(paths) > 1:
            nodes = sorted({i for path in paths for i in below[path]})
            yield Region(f"every `{name}`", tuple(nodes), "type")


def end_regions(net: NumberedGraph) -> Iterator[Region]:
    """The last stages together."""
    stages = by_key(net, lambda node: [] if node.aux else [node.stage])
    names = list(stages)
    for n in range(1, min(LAST_STAGES, len(names) - 1) + 1):
        label = names[-1] if n == 1 else f"everything from {names[-n]} on"
        yield Region(label, tuple(i for name in names[-n:] for i in stages[name]), "end")
