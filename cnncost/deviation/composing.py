"""Two changes of the same layers: the second is made upon what the first has left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from cnncost.deviation.kinds import NodeChange, Nodes
from cnncost.deviation.measure import kind_of
from cnncost.deviation.search import Change, Search
from cnncost.deviation.targets import Target, Values
from cnncost.deviation.words import number
from cnncost.network.graph import Node

MOST_COMPOSED = 5
"""What a change of many layers may cost for others to be tried upon it."""


class Composer:
    """The changes of a search, one upon another."""

    def __init__(self, search: Search, changes: Sequence[Change]) -> None:
        self.search = search
        self.targets = search.targets
        self.changes = changes
        self.gains: dict[Any, Any] = {}

    def pairs(self) -> Iterator[tuple[Change, Change, Values]]:
        """Two changes of some nodes in common, and what the numbers come to with both."""
        for first in self.changes:
            for second in self.behind(first):
                yield first, second, self.upon(first, second)

    def behind(self, first: Change) -> Iterator[Change]:
        """The changes to try upon another: of the same layer, or of any that many are changed with."""
        if len(first.nodes) == 1:
            if first.deviation.kind == "layer":
                known = self.of_one_node[next(iter(first.nodes))]
                yield from (second for second in known if once(first, second))
        elif first.cost <= MOST_COMPOSED:
            for second in self.changes:
                local = second.at_node and not second.deviation.follows
                if local and once(first, second) and not first.nodes.keys().isdisjoint(second.nodes):
                    yield second

    @cached_property
    def of_one_node(self) -> dict[int, list[Change]]:
        """The changes of a single layer, by its number, that nothing follows."""
        found: dict[int, list[Change]] = defaultdict(list)
        for change in self.changes:
            if change.at_node and not change.deviation.follows and len(change.nodes) == 1:
                found[next(iter(change.nodes))].append(change)
        return found

    def upon(self, first: Change, second: Change) -> Values:
        """What the numbers come to with a change upon another, as far as they are about it."""
        return tuple(
            first.values[j]
            if not second.deviation.about(target.given.quantity)
            else second.values[j]
            if not first.deviation.about(target.given.quantity)
            else self.both(j, target, first, second)
            for j, target in enumerate(self.targets)
        )

    def both(self, j: int, target: Target, first: Change, second: Change) -> Any:
        """What a number comes to with two changes that it is about, the second upon the first."""
        nodes, at_node = self.search.net.nodes, second.at_node
        assert at_node is not None
        before = {i: first.nodes.get(i) or (nodes[i],) for i in second.nodes if first.nodes.get(i) != ()}
        if target.measure is not None:
            gain = sum(self.gain(j, at_node, each) for i, each in before.items() if i in target.part)
            return number(first.values[j] + target.measure.times * gain)
        after = {i: tuple(n for node in each for n in self.made(at_node, node)) for i, each in before.items()}
        return target.value({**first.nodes, **after}, [])

    def made(self, at_node: NodeChange, node: Node) -> Nodes:
        """What a change makes of a node; the node itself where it does not apply."""
        found = self.search.net.attempt(at_node, node)
        return (node,) if found is None else found

    def gain(self, j: int, at_node: NodeChange, before: Nodes) -> Any:
        """What a change adds to a number at some nodes, worked out once for alike ones."""
        key = j, at_node, *map(kind_of, before)
        if key not in self.gains:
            of = self.targets[j].ledger.of
            self.gains[key] = sum(sum(map(of, self.made(at_node, node))) - of(node) for node in before)
        return self.gains[key]


def once(first: Change, second: Change) -> bool:
    """Whether of two changes this is the order to try: what changes shapes comes first."""
    if first.deviation is second.deviation:
        return False
    both = len(first.nodes) == len(second.nodes) == 1 or (first.where.everywhere and second.where.everywhere)
    return not both or first.deviation.follows or first.deviation.name < second.deviation.name
