"""Two trials of the same layers: the second is made on what the first one has left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from cnncost.deviation.asked import Asked, Values
from cnncost.deviation.declaring import NodeChange, Nodes
from cnncost.deviation.target import Target, whole_number
from cnncost.deviation.trials import Trial
from cnncost.network.graph import Node

MOST_COMPOSED = 5
"""The highest cost of a trial of many layers after which others are tried."""


class Composer:
    """The trials of a search, one after another."""

    def __init__(self, asked: Asked, trials: Sequence[Trial]) -> None:
        self.asked = asked
        self.net = asked.net
        self.trials = trials
        self.gains: dict[Any, Any] = {}

    def pairs(self) -> Iterator[tuple[Trial, Trial, Values]]:
        """Two trials with some nodes in common, and the values of the numbers with both."""
        for first in self.trials:
            for second in self.after(first):
                yield first, second, self.both(first, second)
        if self.asked.of_one_row:
            yield from self.of_own_layer()

    def of_own_layer(self) -> Iterator[tuple[Trial, Trial, Values]]:
        """Two mistakes about the output of the layer that a number is about."""
        own = [
            (i, trial)
            for trial in self.trials
            if trial.at_node and trial.deviation.follows and not trial.where.everywhere and trial.nodes
            if (i := min(trial.nodes)) in self.asked.own
        ]
        for i, first in own:
            for j, second in own:
                if i == j and first.deviation is not second.deviation:
                    nodes = self.net.followed({i: one_after_other(first, second)}, self.asked.last)
                    if nodes is not None:
                        tallies = (target.tally(nodes) for target in self.asked.targets)
                        both = zip(self.asked.targets, tallies, strict=True)
                        yield first, second, tuple(target.value(nodes, tally) for target, tally in both)

    def after(self, first: Trial) -> Iterator[Trial]:
        """The trials to make after another: of the same layer, or of any if the first one changes many."""
        if len(first.nodes) == 1:
            if first.deviation.kind == "layer" or first.deviation.of_rows:
                known = self.of_one_node[next(iter(first.nodes))]
                yield from (second for second in known if comes_first(first, second))
        elif first.cost <= MOST_COMPOSED:
            for second in self.local:
                if comes_first(first, second) and not first.nodes.keys().isdisjoint(second.nodes):
                    yield second

    @cached_property
    def local(self) -> list[Trial]:
        """The trials that change each node in the same way, and no later ones."""
        return [trial for trial in self.trials if trial.at_node and not trial.deviation.follows]

    @cached_property
    def of_one_node(self) -> dict[int, list[Trial]]:
        """Those of a single node, by its number."""
        found: dict[int, list[Trial]] = defaultdict(list)
        for trial in self.local:
            if len(trial.nodes) == 1:
                found[next(iter(trial.nodes))].append(trial)
        return found

    def both(self, first: Trial, second: Trial) -> Values:
        """The values of the numbers with one trial after another."""
        return tuple(self.value(j, target, first, second) for j, target in enumerate(self.asked.targets))

    def value(self, j: int, target: Target, first: Trial, second: Trial) -> Any:
        """The value of a number with one trial after another."""
        if not second.deviation.about(target.given.quantity):
            return first.values[j]
        if not first.deviation.about(target.given.quantity):
            return second.values[j]
        change = second.at_node
        assert change is not None
        if target.measure is not None:
            shared = (first.nodes.keys() & second.nodes.keys()) & target.part
            gain = sum(self.gain(j, change, first.nodes[i]) - self.gain_at(j, change, i) for i in shared)
            both = first.values[j] + second.values[j] - self.asked.base[j]
            return whole_number(both + target.measure.times * gain)
        nodes = self.net.nodes
        left = {i: first.nodes.get(i) or (nodes[i],) for i in second.nodes if first.nodes.get(i) != ()}
        after = {i: tuple(n for node in each for n in self.changed(change, node)) for i, each in left.items()}
        return target.value({**first.nodes, **after}, [])

    def changed(self, change: NodeChange, node: Node) -> Nodes:
        """A node after a change; the node itself if the change does not apply."""
        found = self.net.attempt(change, node)
        return (node,) if found is None else found

    def gain_at(self, j: int, change: NodeChange, i: int) -> Any:
        """What a change adds to a number at a node of the network, worked out once for each kind of node."""
        key = j, change, self.net.kind[i]
        if key not in self.gains:
            self.gains[key] = self.gain(j, change, (self.net.nodes[i],))
        return self.gains[key]

    def gain(self, j: int, change: NodeChange, nodes: Nodes) -> Any:
        """What a change adds to a number at some nodes, worked out once for nodes of the same kinds."""
        kind = self.net.kinds.of
        key = j, change, tuple(map(kind, nodes))
        if key not in self.gains:
            amounts = self.asked.targets[j].amounts
            self.gains[key] = sum(
                sum(amounts[kind(new)] for new in self.changed(change, node)) - amounts[kind(node)]
                for node in nodes
            )
        return self.gains[key]


def one_after_other(first: Trial, second: Trial) -> NodeChange:
    """The change that makes one trial and then another at a node."""

    def change(node: Node) -> Nodes | None:
        between = first.at_node(node) if first.at_node else None
        return second.at_node(between[0]) if between and second.at_node else None

    return change


def comes_first(first: Trial, second: Trial) -> bool:
    """Whether this is the order to try two trials in: what changes shapes comes first."""
    if first.deviation is second.deviation:
        return False
    both = len(first.nodes) == len(second.nodes) == 1 or (first.where.everywhere and second.where.everywhere)
    return not both or first.deviation.follows or first.deviation.name < second.deviation.name
