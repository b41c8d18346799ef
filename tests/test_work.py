from __future__ import annotations

import pytest

from cnncost.catalogue import layer_graph
from cnncost.layers.base import Work
from cnncost.profile import profile_graph

# Counted by hand from the definitions, for 2×3×4 = 24 values, as an oracle that shares no code.
PER_VALUE = {
    "ReLU": Work(compares=1),  # max(0, x)
    "ReLU6": Work(compares=2),
    "LeakyReLU": Work(compares=1, muls=1),
    "PReLU": Work(compares=1, muls=1),
    "Hardtanh": Work(compares=2),
    "Hardsigmoid": Work(muls=1, adds=1, compares=2),  # x/6 + 1/2, cut at 0 and 1
    "Hardswish": Work(muls=2, adds=1, compares=2),  # x times the same
    "Threshold(0.5, 0)": Work(compares=1),
    "Sigmoid": Work(exps=1, adds=1, divs=1),  # 1 / (1 + e^-x)
    "SiLU": Work(exps=1, adds=1, divs=1, muls=1),
    "LogSigmoid": Work(exps=2, adds=1),
    "Tanh": Work(exps=1),
    "Tanhshrink": Work(exps=1, adds=1),
    "Softsign": Work(adds=1, divs=1),
    "Softplus": Work(compares=1, exps=2, adds=1, muls=1, divs=1),
    "ELU": Work(compares=1, exps=1, adds=1, muls=1),
    "SELU": Work(compares=1, exps=1, adds=1, muls=1),
    "CELU": Work(compares=1, exps=1, adds=1, muls=1, divs=1),
    "GELU": Work(exps=1, adds=1, muls=2, divs=1),  # x · (1 + erf(x/√2)) · 1/2
    "Mish": Work(exps=3, adds=1, muls=1),  # x · tanh(log(1 + e^x))
    "Softmax": Work(compares=1, adds=2, exps=1, divs=1),  # max, x - max, e^, sum, over the sum
    "LocalResponseNorm(5)": Work(muls=2, adds=6, exps=1, divs=1),  # square, 5 in the sum, ·α + k, ^β
    "BatchNorm2d": Work(muls=1, adds=1),
    "Dropout": Work(),
    "Identity": Work(),
}


def work(call: str, shape: tuple[int, ...] = (2, 3, 4)) -> Work:
    """The work of a layer on an input."""
    return profile_graph(layer_graph(call, shape)).costs[0].work


@pytest.mark.parametrize("call", PER_VALUE)
def test_elementwise_work_is_as_counted_by_hand(call: str) -> None:
    """So much for each of the 24 values, by kind."""
    assert work(call) == Work(*(24 * n for n in PER_VALUE[call]))


def test_interpolation_weighs_its_neighbours() -> None:
    """Bilinear takes 4 products and 3 sums an output, linear 2 and 1, trilinear 8 and 7."""
    assert work("Upsample(scale_factor=2, mode='bilinear')") == Work(muls=4 * 96, adds=3 * 96)
    assert work("Upsample(scale_factor=2, mode='linear')", (2, 5)) == Work(muls=2 * 20, adds=20)
    assert work("Upsample(scale_factor=2, mode='trilinear')", (1, 2, 2, 2)) == Work(muls=8 * 64, adds=7 * 64)


def test_a_log_softmax_takes_one_logarithm_a_group() -> None:
    """Ten scores: a maximum, 2 subtractions and a sum each, an exponential each, one logarithm."""
    assert work("LogSoftmax", (10,)) == Work(compares=10, adds=30, exps=11)


def test_statistics_of_a_group_are_counted_once() -> None:
    """LayerNorm of 8 values: mean and variance, ε, root and reciprocal, then scale and shift."""
    # sums for mean, difference, variance: 3·8, ε: 1, shift: 8; squares and scaling: 2·8, γ: 8
    assert work("LayerNorm", (8,)) == Work(adds=33, muls=24, divs=3, sqrts=1)
