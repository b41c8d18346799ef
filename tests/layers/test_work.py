from __future__ import annotations

import pytest

from cnncost.count.profile import profile_graph
from cnncost.layers import catalogue
from cnncost.layers.work import Work
from cnncost.network.catalogue import layer_graph, load

# Counted on paper from the definitions, for 2×3×4 = 24 values, as an oracle that shares no code.
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
    "Scale(0.2)": Work(muls=1),
    "Scale(-1, 1)": Work(adds=1),  # 1 - x
    "LayerScale(0.1)": Work(muls=1),
    "PositionEmbedding": Work(adds=1),
    "StochasticDepth(0.1)": Work(),
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
    """Bilinear takes 4 products and 3 sums per output, linear 2 and 1, trilinear 8 and 7."""
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


def test_a_map_is_normalised_position_by_position() -> None:
    """LayerNorm2d of 8 channels at 2·3 positions is six times LayerNorm of 8 values."""
    assert work("LayerNorm2d", (8, 2, 3)) == work("LayerNorm", (8,)).times(6)


def test_attention_by_hand() -> None:
    """Two heads, 3 tokens of 4 features: 4·3·4² in projections, 2·3²·4 in products, a softmax of 2·3²."""
    scores = 2 * 3 * 3
    assert work("MultiheadAttention(2)", (3, 4)) == Work(
        macs=192 + 72,
        products=72,
        muls=12,  # the queries by 1/√2
        adds=4 * 12 + 2 * scores,
        compares=scores,
        exps=scores,
        divs=scores,
        macts=4 * 12 + scores + 12,  # queries, keys, values, output; Q·Kᵀ and its product with V
    )


def test_a_position_bias_is_added_to_every_score() -> None:
    """Two heads, 2 windows of 2×2 positions and 4 features: 2·2·4² scores."""
    scores = 2 * 2 * 16
    plain = work("ScaledDotProductAttention(2)", (2, 4, 12))
    products = 2 * 2 * 16 * 4
    assert plain == Work(
        macs=products,
        products=products,
        muls=2 * 16,
        adds=2 * scores,
        compares=scores,
        exps=scores,
        divs=scores,
        macts=scores + 2 * 16,
    )
    biased = work("ScaledDotProductAttention(2, 2)", (2, 4, 12))
    assert biased == plain.plus(Work(adds=scores))


def test_cosine_attention_by_hand() -> None:
    """One head, one window of 1×2 positions, 2 features; 3 offsets through 5 hidden units."""
    scores, values = 4, 4  # 2·2 scores; queries and keys have 2·2 values each
    assert work("CosineAttention(1, (1, 2), hidden=5)", (2, 6)) == Work(
        macs=2 * 4 * 2 + 3 * 5 * (2 + 1),
        products=2 * 4 * 2,
        muls=2 * values + scores + scores,  # squares; times the head's factor; 16 times the sigmoid
        adds=2 * values + 2 * scores + scores + 3 * 5 + scores,  # norms, softmax, bias; network, sigmoid
        divs=2 * values + scores + scores,
        compares=2 * 2 + scores + 3 * 5 + 1,  # norms with ε, softmax, ReLU, the factor's limit
        exps=scores + scores + 1,
        sqrts=2 * 2,
        macts=scores + values + 3 * (5 + 1),  # and the network's hidden units and biases
    )


def test_pooling_by_attention_has_one_query() -> None:
    """Two heads, 3 tokens of 4 features: keys and values of 3 tokens, one query, one output."""
    assert work("AttentionPool(2)", (3, 4)) == Work(
        macs=(2 * 3 + 2) * 16 + 2 * 3 * 4,
        products=2 * 3 * 4,
        muls=4,
        adds=(2 * 3 + 2) * 4 + 2 * 2 * 3,
        compares=2 * 3,
        exps=2 * 3,
        divs=2 * 3,
        macts=(2 * 3 + 2) * 4 + 2 * 3 + 4,
    )


def test_a_token_passes_through_top_k_experts() -> None:
    """3 tokens of 4 features, 2 of 5 experts with 6 hidden units each."""
    once = Work(macs=2 * 4 * 6, adds=6 + 4, muls=4, macts=6 + 4).plus(
        work("GELU", (6,))
    )  # and times its share
    router = Work(macs=4 * 5, macts=5).plus(work("Softmax", (5,)))
    token = once.times(2).plus(router).plus(Work(adds=4))  # the two are added
    assert work("MixtureOfExperts(5, 6, top_k=2)", (3, 4)) == token.times(3)


def test_a_mean_divides_once() -> None:
    """Three branches of 24 values: two additions and one division a value."""
    shape = (2, 3, 4)
    assert catalogue()["Mean"]().work((shape,) * 3, shape) == Work(adds=48, divs=24)


def test_transposed_convolutions_add_a_bias_only_where_they_have_one() -> None:
    """Each of 8 inputs takes 3·2 multiply-adds; each of the 3·4·4 outputs an addition for its bias."""
    call = "ConvTranspose2d(3, 2, stride=2{})"
    expected = Work(macs=2 * 4 * 3 * 4, macts=3 * 16)
    assert work(call.format(", bias=False"), (2, 2, 2)) == expected
    assert work(call.format(""), (2, 2, 2)) == expected.plus(Work(adds=3 * 16))


def test_macts_are_the_outputs_of_convolutions_and_matrix_products() -> None:
    """By hand: 4·6·6 of a convolution, none of norm, activation and pool, 5 of a linear layer."""
    call = "Conv2d(4, 3) >> BatchNorm2d >> ReLU >> MaxPool2d(2) >> Flatten >> Linear(5)"
    profile = profile_graph(layer_graph(call, (2, 8, 8)), batch=3)
    assert [cost.macts for cost in profile.costs] == [3 * 144, 0, 0, 0, 0, 3 * 5]
    assert profile.totals.macts == 3 * 149


def test_macts_of_networks_are_timms() -> None:
    """In millions, as timm prints them with attention's matrix products: ResNet-50 and ViT-B/16."""
    macts = {name: profile_graph(load(name)).totals.macts for name in ("resnet50-v1.5", "vit_b_16")}
    assert [f"{n / 1e6:.1f}" for n in macts.values()] == ["11.1", "23.9"]
