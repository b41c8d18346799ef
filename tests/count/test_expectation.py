"""Stochastic depth: what a training step computes on average."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
import sympy

from cnncost import Graph, profile
from cnncost.count.expectation import expected, survival
from cnncost.dims import symbol
from cnncost.formulas.closed_form import closed_form
from cnncost.network.catalogue import load_text
from tests.command_line import cnncost

NET = """\
name: net
input: [4, 8, 8]
params: {survival: 0.75}
blocks:
  conv: Conv2d(4, 3, padding=1)
  drop: StochasticDepth(1 - survival)
  block(inner=Identity):
    - add:
        body: conv >> inner >> conv >> drop
        shortcut: Identity
layers:
  - stem: conv
  - a: block
  - b: block(block)
  - aux: {side: Flatten >> Linear(2)}
  - fc: Flatten >> Linear(10)
"""


def enumerated(graph: Graph, convention: str) -> Fraction:
    """The expected FLOPs by going through all outcomes: drop, then run what the output needs."""
    costs = profile(graph, convention=convention).by_name
    drops = [node for node in graph.nodes if node.type == "StochasticDepth"]
    total = Fraction(0)
    for kept in product((False, True), repeat=len(drops)):
        chance = Fraction(1)
        for node, keep in zip(drops, kept, strict=True):
            p = Fraction(node.layer.p)  # type: ignore[attr-defined]
            chance *= 1 - p if keep else p
        dropped = {node.name for node, keep in zip(drops, kept, strict=True) if not keep}
        wanted = {graph.output}
        for node in reversed(graph.nodes):
            if node.name in wanted and node.name not in dropped:
                wanted.update(node.inputs)
        total += chance * sum(costs[name].flops for name in wanted if name in costs)
    return total


NO_SHORTCUT = """\
input: [4, 8, 8]
layers:
  - z: Conv2d(4, 1)
  - add:
      a: Conv2d(4, 1) >> StochasticDepth(0.5)
      b: Conv2d(4, 3, padding=1) >> StochasticDepth(0.25) >> Conv2d(4, 1) >> StochasticDepth(0.125)
  - y: Conv2d(4, 1)
  - concat:
      a: Conv2d(4, 1) >> StochasticDepth(0.5)
      b: ref(z) >> StochasticDepth(0.0000001)
"""


@pytest.mark.parametrize("text", [NET, NO_SHORTCUT], ids=["residual", "no shortcut"])
@pytest.mark.parametrize("convention", ["lecture", "macs", "flops"])
def test_the_expectation_is_that_over_all_outcomes(convention: str, text: str) -> None:
    """Blocks one after the other, within and next to each other: as enumerating every drop gives."""
    graph = load_text(text)
    found = expected(profile(graph, convention=convention))
    assert found is not None
    assert found.flops == enumerated(graph, convention)


def test_probabilities() -> None:
    """A branch runs with its own probability, one within it with the product; the rest always."""
    runs = survival(load_text(NET))
    assert runs is not None
    assert runs["stem.Conv2d"] == runs["a.add"] == runs["fc.Linear"] == runs["side.Linear"] == 1
    assert runs["a.body.conv.Conv2d"] == runs["b.body.conv.Conv2d"] == Fraction(3, 4)
    assert runs["b.body.block.body.conv.Conv2d"] == Fraction(9, 16)


def test_the_paper_s_expected_depth() -> None:
    """Huang 2016, section 3: 54 blocks whose survival falls from 1 to 0.5 come to (3·54 - 1)/4."""
    runs = survival(load_text(LINEAR_DECAY, source="decay"))
    assert runs is not None
    bodies = [chance for name, chance in runs.items() if name.endswith("body.Conv2d")]
    assert len(bodies) == 54
    assert sum(bodies) == Fraction(3 * 54 - 1, 4)


LINEAR_DECAY = """\
params: {n: 54}
input: [4, 8, 8]
blocks:
  block(p):
    - add:
        body: Conv2d(4, 1) >> StochasticDepth(p)
        shortcut: Identity
layers: n * block((index + 1) / n / 2)
"""


def test_too_many_branches_beside_each_other_are_not_worked_out() -> None:
    """Ten ways to drop all that reads a layer: it prints nothing rather than something wrong."""
    branches = "".join(f"      b{n}: Conv2d(1, 1) >> StochasticDepth(0.1)\n" for n in range(10))
    graph = load_text("input: [1, 4, 4]\nlayers:\n  - z: Conv2d(1, 1)\n  - concat:\n" + branches)
    assert expected(profile(graph)) is None


def test_without_stochastic_depth_there_is_no_expectation() -> None:
    """There is no remark for networks that always run as a whole."""
    assert expected(profile("alexnet")) is None


def test_the_cost_as_a_function_of_the_survival_probability(tmp_path: Path) -> None:
    """On symbols: a polynomial that agrees with the counted numbers."""
    path = tmp_path / "net.yaml"
    path.write_text(NET, encoding="utf-8")
    p = symbol("p")
    form = closed_form(str(path), convention="macs", params={"survival": p})
    assert form.training.free_symbols == {p}
    for value in (0, Fraction(1, 4), 1):
        found = expected(profile(path, convention="macs", params={"survival": float(value)}))
        assert found is not None
        assert form.training.subs(p, sympy.Rational(str(value))) == sympy.Rational(str(found.macs))
    assert form.training.subs(p, 1) == form.macs


def test_the_command_line_says_it(tmp_path: Path) -> None:
    """`table` in a footnote and in JSON, `formula` as an expression."""
    path = tmp_path / "net.yaml"
    path.write_text(NET, encoding="utf-8")
    shown = " ".join(cnncost("table", str(path), "--convention", "macs").out.split())
    assert "Stochastic depth: in training 49.8 k MACs are expected, 74.2% of the total" in shown
    data = json.loads(cnncost("table", str(path), "--convention", "macs", "--format", "json").out)
    assert data["expected_training"] == {"macs": 49792.0, "flops": 49792.0}
    formula = cnncost("formula", str(path), "--set", "survival=p", "--convention", "macs").out
    assert "expected in training  18432p² + 36864p + 11776" in formula
    alone = json.loads(cnncost("table", "alexnet", "--format", "json").out)
    assert alone["expected_training"] is None
