"""The expected cost of a training step with stochastic depth: what is dropped is not computed.

A :class:`~cnncost.layers.residual.StochasticDepth` at the end of a branch drops the branch with
probability p, and then nothing that only this branch needs has to run. So a node runs if, on some way
from it to the network's output or to a side head, no branch is dropped. Branches are dropped
independently of each other.

Source: Huang et al., Deep Networks with Stochastic Depth, ECCV 2016, section 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import prod
from typing import Any

from cnncost import dims
from cnncost.count.profile import NetworkCost
from cnncost.layers.residual import StochasticDepth
from cnncost.network.graph import Graph

DENOMINATOR = 10**6
"""A float that is written for a fraction, such as 1/54, is read as that fraction."""
TOLERANCE = Fraction(1, 10**12)


@dataclass(frozen=True)
class Expected:
    """Operations of a forward pass in training, on average: fractions, or expressions in symbols."""

    macs: Any
    flops: Any


def expected(profile: NetworkCost) -> Expected | None:
    """The expected operations of the profile's layers in training.

    None where nothing is dropped, or where too many branches can be dropped independently. Side heads
    count as the profile counts them.
    """
    if not any(isinstance(node.layer, StochasticDepth) for node in profile.graph.nodes):
        return None
    runs = survival(profile.graph)
    counted = profile.counted
    if runs is None:
        return None
    return Expected(
        sum(cost.macs * runs[cost.name] for cost in counted),
        sum(cost.flops * runs[cost.name] for cost in counted),
    )


Ways = frozenset[frozenset[str]]
"""The ways from a node to the end, each as the drops that it passes; only those that no other contains."""

ALWAYS: Ways = frozenset({frozenset()})
MOST_WAYS = 8


def survival(graph: Graph) -> dict[str, Any] | None:
    """The probability, by name, that a training step has to run a node; None for too many ways."""
    read = {name for node in graph.nodes for name in node.inputs}
    ways: dict[str, Ways] = {node.name: frozenset() for node in graph.nodes}
    survives: dict[str, Any] = {}
    for node in reversed(graph.nodes):
        if node.name in graph.outputs or (node.aux and node.name not in read):
            ways[node.name] = ALWAYS
        passed = ways[node.name]
        if isinstance(node.layer, StochasticDepth):
            survives[node.name] = 1 - exact(node.layer.p)
            passed = frozenset(way | {node.name} for way in passed)
        for name in node.inputs:
            if name in ways:
                ways[name] = shortest(ways[name] | passed)
                if len(ways[name]) > MOST_WAYS:
                    return None
    known: dict[Ways, Any] = {}
    for each in ways.values():
        if each not in known:
            known[each] = probability(each, survives)
    return {name: known[each] for name, each in ways.items()}


def shortest(ways: Ways) -> Ways:
    """Without those that pass all the drops of another, and so never lead further than it."""
    if len(ways) < 2:
        return ways
    return frozenset(way for way in ways if not any(other < way for other in ways))


def probability(ways: Ways, survives: Mapping[str, Any]) -> Any:
    """The probability that at least one path has no drop, by inclusion and exclusion."""
    total: Any = Fraction(0)
    for n in range(1, len(ways) + 1):
        for some in combinations(ways, n):
            passed = frozenset().union(*some)
            total += (-1) ** (n + 1) * prod([survives[drop] for drop in passed], start=Fraction(1))
    return total


def exact(p: Any) -> Any:
    """A probability as the fraction that its decimal text means; in an expression, its floats."""
    if not dims.is_symbolic(p):
        written = Fraction(p).limit_denominator(DENOMINATOR)
        return written if abs(written - Fraction(p)) < TOLERANCE else Fraction(p)
    import sympy

    return p.xreplace({f: sympy.Rational(str(exact(float(f)))) for f in p.atoms(sympy.Float)})
