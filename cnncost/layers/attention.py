"""Attention with its projections: tokens that look at each other."""

from __future__ import annotations

from typing import Any

from cnncost import dims
from cnncost.dims import Shape, Size
from cnncost.layers.arguments import Count, Share
from cnncost.layers.base import Layer, example, layer
from cnncost.layers.tokens import among_tokens, tokens_and_features
from cnncost.layers.window import Reach
from cnncost.layers.work import Work


def attending(
    sequences: Size, heads: Size, queries: Size, keys: Size, features: Size, scaled: bool = True
) -> Work:
    """Dot-product attention: queries `scaled` by 1/√d, Q·Kᵀ, softmax, times V.

    Each of the two matrix products takes queries · keys · features multiply-adds over all heads;
    the softmax a comparison, two additions, an exponential and a division a score.
    """
    products = 2 * queries * keys * features
    scores = Work(compares=1, adds=2, exps=1, divs=1, macts=1).times(heads * queries * keys)
    outputs = queries * features
    muls = outputs if scaled else 0
    return scores.plus(Work(macs=products, products=products, muls=muls, macts=outputs)).times(sequences)


@layer
class MultiheadAttention(Layer):
    """Self-attention: every token becomes a weighted mean over all tokens, in several heads.

    Shape: (T, F), unchanged; axes before the tokens are a batch of sequences.
    Counts: the projections to queries, keys, values and output, 4·T·F² multiply-adds, and the two matrix
        products Q·Kᵀ and softmax·V, 2·T²·F. Biases, the scaling and the softmax are counted
        separately.
    Errors: features that `num_heads` does not divide.
    Reference: Vaswani et al., 2017, section 3.2;
        https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
    """

    num_heads: Count
    dropout: Share = 0.0
    bias: bool = True

    letters = ("T", "F")
    twin_name = "cnncost.measure.attention.MultiheadAttentionModule"
    examples = (
        example("MultiheadAttention(4)", (10, 32)),
        example("MultiheadAttention(2, bias=False)", (3, 9, 16)),
        example(
            "MultiheadAttention(3)", (10, 32), fails="its 32 features are not divisible by `num_heads` 3"
        ),
        example("MultiheadAttention(4)", (32,), fails="it takes tokens × features, not 1 axis"),
        example("MultiheadAttention(32, 4)", (10, 32), fails="drop the first 32 and write"),
    )

    def out_shape(self, *in_shapes: Shape) -> Shape:
        _, _, f = tokens_and_features(in_shapes)
        rule = "its {} features are not divisible by `num_heads` {}"
        dims.require(dims.divisible(f, self.num_heads), rule, f, self.num_heads)
        return in_shapes[0]

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        f = in_shapes[0][-1]
        weights: dict[str, Shape] = {"in_proj_weight": (3 * f, f), "out_proj.weight": (f, f)}
        return {**weights, "in_proj_bias": (3 * f,), "out_proj.bias": (f,)} if self.bias else weights

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        sequences, t, f = tokens_and_features(in_shapes)
        outputs = 4 * t * f
        projections = Work(macs=outputs * f, adds=outputs if self.bias else 0, macts=outputs)
        return projections.times(sequences).plus(attending(sequences, self.num_heads, t, t, f))

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return among_tokens(in_shape)

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"embed_dim": in_shapes[0][-1]}


@layer
class AttentionPool(Layer):
    """One learned query that attends to all tokens: multihead attention pooling.

    Shape: (T, F) to (F,).
    Counts: the projections of keys and values, 2·T·F² multiply-adds, of the query and the output, 2·F²,
        and two matrix products of T·F. Biases, the scaling and the softmax are counted separately.
    Errors: features that `num_heads` does not divide; an input that is not tokens × features.
    Reference: Lee et al., 2019 (Set Transformer), section 3.2; Zhai et al., 2022, section 3.2
    """

    num_heads: Count
    bias: bool = True

    letters = ("T", "F")
    out_letters = ("F",)
    twin_name = "cnncost.measure.attention.AttentionPoolModule"
    examples = (
        example("AttentionPool(4)", (10, 32)),
        example("AttentionPool(2, bias=False)", (9, 16)),
        example("AttentionPool(3)", (10, 32), fails="its 32 features are not divisible by `num_heads` 3"),
        example("AttentionPool(4)", (2, 10, 32), fails="it takes tokens × features, not 3 axes"),
    )

    def out_shape(self, *in_shapes: Shape) -> Shape:
        tokens_and_features(in_shapes, alone=True)
        return MultiheadAttention(self.num_heads).out_shape(*in_shapes)[1:]

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        attention = MultiheadAttention(self.num_heads, bias=self.bias).weights(*in_shapes)
        return {"query": (1, 1, in_shapes[0][-1]), **attention}

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        _, t, f = tokens_and_features(in_shapes)
        outputs = 2 * (t + 1) * f
        projections = Work(macs=outputs * f, adds=outputs if self.bias else 0, macts=outputs)
        return projections.plus(attending(1, self.num_heads, 1, t, f))

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"embed_dim": in_shapes[0][-1]}
