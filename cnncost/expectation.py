"""The expected cost of a training step with stochastic depth: what is dropped is not computed.

A :class:`~cnncost.layers.residual.StochasticDepth` at the end of a branch drops the branch with
probability p, and then nothing that only this branch needs has to run. So each node runs with the
probability that its output is wanted: 1 at the network's output and its side heads, and from there
backwards the largest of those of its readers, times 1 - p before a layer that drops.

Source: Huang et al., Deep Networks with Stochastic Depth, ECCV 2016, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from cnncost import dims
from cnncost.graph import Graph
from cnncost.layers.residual import StochasticDepth
from cnncost.profile import Profile

DENOMINATOR = 10**6
"""A float that is written for a fraction, such as 1/54, is read as that fraction."""


@dataclass(frozen=True)
class Expected:
    """Operations of a forward pass in training, on average: fractions, or expressions in symbols."""

    macs: Any
    flops: Any


def expected(profile: Profile) -> Expected | None:
    """The expected operations of the profile's layers in training; None where nothing is dropped.

    Side heads count as the profile counts them.
    """
    if not any(isinstance(node.layer, StochasticDepth) for node in profile.graph.nodes):
        return None
    runs = survival(profile.graph)
    counted = profile.counted
    return Expected(
        sum(cost.macs * runs[cost.name] for cost in counted),
        sum(cost.flops * runs[cost.name] for cost in counted),
    )


def survival(graph: Graph) -> dict[str, Any]:
    """The probability, by name, that a training step has to run a node."""
    read = {name for node in graph.nodes for name in node.inputs}
    runs: dict[str, Any] = {node.name: Fraction(0) for node in graph.nodes}
    for node in reversed(graph.nodes):
        if node.name == graph.output or (node.aux and node.name not in read):
            runs[node.name] = Fraction(1)
        passed = runs[node.name]
        if isinstance(node.layer, StochasticDepth):
            passed = passed * (1 - exact(node.layer.p))
        for name in node.inputs:
            if name in runs:
                runs[name] = likelier(runs[name], passed)
    return runs


def likelier(a: Any, b: Any) -> Any:
    """The larger of two probabilities, which may be symbols; 1 is the largest there is."""
    if a in (b, 1) or b == 0:
        return a
    if b == 1 or a == 0:
        return b
    return symbolic_maximum(a, b) if dims.is_symbolic(a) or dims.is_symbolic(b) else max(a, b)


def symbolic_maximum(a: Any, b: Any) -> Any:
    """The larger of two expressions: a multiple of a probability is no larger than it."""
    import sympy

    a, b = (sympy.Rational(str(each)) if isinstance(each, Fraction) else each for each in (a, b))
    over = sympy.fraction(sympy.cancel(b / a))
    if over[1].is_number:
        return a
    if over[0].is_number:
        return b
    return sympy.Max(a, b, evaluate=False)


def exact(p: Any) -> Any:
    """A probability as a fraction; in an expression, its floats."""
    if not dims.is_symbolic(p):
        return Fraction(p).limit_denominator(DENOMINATOR)
    import sympy

    return p.xreplace({f: sympy.Rational(str(exact(float(f)))) for f in p.atoms(sympy.Float)})
