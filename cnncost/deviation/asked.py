"""All given numbers together: which of them are right, and which nodes they are about."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from cnncost.count.profile import NetworkCost
from cnncost.deviation.given import Given
from cnncost.deviation.numbered import NumberedGraph
from cnncost.deviation.target import Target, fits

Values = tuple[Any, ...]
"""The value of each given number, in their order."""


class Asked:
    """Some numbers given for a network; `base` are their values without a deviation."""

    def __init__(self, profile: NetworkCost, givens: Sequence[Given]) -> None:
        self.net = NumberedGraph(profile)
        self.targets = [Target(given, self.net) for given in givens]
        self.base: Values = tuple(target.value({}, []) for target in self.targets)
        self.right = self.covered(self.base)
        self.wrong = frozenset(range(len(givens))) - self.right

    def covered(self, values: Values) -> frozenset[int]:
        """Which numbers print as these values."""
        pairs = enumerate(zip(self.targets, values, strict=True))
        return frozenset(j for j, (target, value) in pairs if fits(value, target.meant))

    def by_given(self, values: Values) -> dict[Given, Any]:
        """The values by the numbers given."""
        return {target.given: value for target, value in zip(self.targets, values, strict=True)}

    @cached_property
    def only_sums(self) -> bool:
        """Whether all numbers add up: a missing layer that keeps the shape is then a layer left out."""
        return all(target.measure is not None for target in self.targets)

    @cached_property
    def of_rows(self) -> bool:
        """Whether all wrong numbers are about single rows or layers."""
        return all({self.targets[j].given.at} & {*self.net.rows, *self.net.number} for j in self.wrong)

    @cached_property
    def of_one_row(self) -> bool:
        """Whether all wrong numbers are about the same row or layer."""
        places = {self.targets[j].given.at for j in self.wrong}
        return len(places) == 1 and not places.isdisjoint({*self.net.rows, *self.net.number})

    @cached_property
    def last(self) -> int:
        """The last node that a number is about."""
        return max((max(target.numbers, default=0) for target in self.targets), default=0)

    @cached_property
    def nodes(self) -> frozenset[int]:
        """The nodes that any number is about."""
        return frozenset().union(*(target.part for target in self.targets))

    @cached_property
    def own(self) -> frozenset[int]:
        """The nodes that a wrong number is about."""
        return frozenset().union(*(self.targets[j].part for j in self.wrong))

    @cached_property
    def reads_input(self) -> bool:
        """Whether a wrong number is about a layer that reads the network's input."""
        inputs = self.net.graph.inputs.keys()
        return any(not inputs.isdisjoint(self.net.nodes[i].inputs) for i in self.own)

    @cached_property
    def membership(self) -> list[tuple[bool, ...]]:
        """For each node, which numbers are about it."""
        parts = [target.part for target in self.targets]
        return [tuple(i in part for part in parts) for i in range(len(self.net.nodes))]
