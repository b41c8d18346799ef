"""Attention with its projections: tokens that look at each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cnncost import dims
from cnncost.dims import Shape, Size
from cnncost.errors import ShapeError
from cnncost.layers.arguments import Count, Share
from cnncost.layers.base import Layer, Twin, example, layer, torchs_own
from cnncost.layers.saved import Kept, Saved
from cnncost.layers.shapes import axes_of
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


def attending_keeps(
    before: Shape, heads: Size, queries: Size, keys: Size, features: Size, fused: bool, drops: bool = False
) -> tuple[Kept, ...]:
    """What dot-product attention keeps of queries, keys and values that it has no copies of.

    The fused kernel keeps one number a query and head, and makes the scores again. Otherwise scaled copies,
    the values and every score are kept, and with dropout its mask and the scores that are left.
    """
    scores = (*before, heads, queries, keys)
    if fused:
        return (Kept("log-sum-exp", scores[:-1], "statistic"),)
    copies = {"scaled queries": queries, "scaled keys": keys, "values": keys}
    made = [Kept(name, (*before, n, features)) for name, n in copies.items()]
    dropped = (Kept("mask", scores, "mask"), Kept("scores left", scores)) if drops else ()
    return (*made, Kept("scores", scores), *dropped)


def attending_needs(made: tuple[Kept, ...]) -> tuple[Kept, ...]:
    """What attention has in memory besides its inputs and output, of what it keeps in training.

    Written out, it has scaled copies of queries and keys all the time. At its softmax it has the scores
    twice and no output yet, which is as large as the queries; then a copy of the values and the output.
    """
    sizes = {one.name: dims.product(one.shape) for one in made}
    if "scores" not in sizes:
        return made
    written_out = ("scaled queries", "scaled keys", "values", "scores")
    queries, keys, values, scores = map(sizes.__getitem__, written_out)
    most = keys + scores + dims.maximum(scores, queries + values)
    others = tuple(one for one in made if one.name not in written_out)
    return (*others, Kept("scores and copies", (most,)))


@layer
class MultiheadAttention(Layer):
    """Every token becomes a weighted mean over all tokens, its own or those of another sequence.

    Shape: (T, F), unchanged; axes before the tokens are a batch of sequences. `key=ref(memory)` attends to
        another sequence, whose values are another one still with `value=`; their features may differ.
    Counts: the projections to queries, keys, values and output, 4·T·F² multiply-adds, and the two matrix
        products Q·Kᵀ and softmax·V, 2·T²·F. On keys of S tokens and K features, values of V features,
        these are 2·T·F² + S·F·(K + V) and 2·T·S·F. Biases, the scaling and the softmax are counted
        separately.
    Errors: features that `num_heads` does not divide; keys and values of different tokens.
    Reference: Vaswani et al., 2017, section 3.2;
        https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
    """

    num_heads: Count
    dropout: Share = 0.0
    bias: bool = True
    add_bias_kv: bool = False
    add_zero_attn: bool = False

    letters = ("T", "F")
    other_inputs = ("key", "value")
    twin_name = "cnncost.measure.twins.attention.MultiheadAttentionModule"
    examples = (
        example("MultiheadAttention(4)", (10, 32)),
        example("MultiheadAttention(2, bias=False)", (3, 9, 16)),
        example("MultiheadAttention(2, add_bias_kv=True, add_zero_attn=True)", (9, 16)),
        example("MultiheadAttention(4)", (10, 32), (7, 12)),
        example("MultiheadAttention(2, bias=False)", (10, 16), (7, 12), (7, 6)),
        example(
            "MultiheadAttention(3)", (10, 32), fails="its 32 features are not divisible by `num_heads` 3"
        ),
        example("MultiheadAttention(4)", (32,), fails="it takes tokens × features, not 1 axis"),
        example("MultiheadAttention(32, 4)", (10, 32), fails="drop the first 32 and write"),
        example(
            "MultiheadAttention(4)",
            (9, 8),
            (7, 8),
            (6, 8),
            fails="its 7 keys have 6 values: one each is needed",
        ),
        example("MultiheadAttention(4)", (2, 9, 8), (7, 8), fails="its keys are of 2 axes, its queries of 3"),
    )

    def sequences(self, in_shapes: tuple[Shape, ...]) -> tuple[Shape, Shape, Shape]:
        """The shapes of queries, keys and values: what is not given is the one before."""
        if len(in_shapes) > 3:
            raise ShapeError(f"it takes queries, keys and values, not {len(in_shapes)} inputs")
        query, key, value = (*in_shapes, *in_shapes[-1:] * (3 - len(in_shapes)))
        return query, key, value

    def out_shape(self, *in_shapes: Shape) -> Shape:
        query, key, value = self.sequences(in_shapes)
        _, _, f = tokens_and_features((query,))
        rule = "its {} features are not divisible by `num_heads` {}"
        dims.require(dims.divisible(f, self.num_heads), rule, f, self.num_heads)
        for name, other in (("keys", key), ("values", value)):
            if len(other) != len(query):
                raise ShapeError(f"its {name} are of {axes_of(other)}, its queries of {len(query)}")
        rule = "its {} keys have {} values: one each is needed"
        dims.require(dims.same(key[-2], value[-2]), rule, key[-2], value[-2])
        return query

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        f, k, v = (shape[-1] for shape in self.sequences(in_shapes))
        weights: dict[str, Shape] = {"out_proj.weight": (f, f)}
        if dims.alike(f, k) and dims.alike(f, v):
            weights["in_proj_weight"] = (3 * f, f)
        else:
            weights.update(q_proj_weight=(f, f), k_proj_weight=(f, k), v_proj_weight=(f, v))
        if self.bias:
            weights.update({"in_proj_bias": (3 * f,), "out_proj.bias": (f,)})
        if self.add_bias_kv:
            weights.update(bias_k=(1, 1, f), bias_v=(1, 1, f))
        return weights

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        query, (*_, keys, k), (*_, v) = self.sequences(in_shapes)
        sequences, t, f = tokens_and_features((query,))
        outputs = 2 * (t + keys) * f
        macs = 2 * t * f * f + keys * f * (k + v)
        projections = Work(macs=macs, adds=outputs if self.bias else 0, macts=outputs)
        added = self.add_bias_kv + self.add_zero_attn  # one key each, behind the others
        attended = attending(sequences, self.num_heads, t, keys + added, f)
        return projections.times(sequences).plus(attended)

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        query, (*_, keys, _), _ = self.sequences(in_shapes)
        *before, t, f = query
        s = keys + self.add_bias_kv + self.add_zero_attn
        fused = not before and self.dropout == 0
        made = attending_keeps(tuple(before), self.num_heads, t, s, f, fused, self.dropout > 0)
        if fused:
            alone = len(in_shapes) == 1 and not (self.add_bias_kv or self.add_zero_attn)
            joined, apart = {"queries, keys and values": 3 * t}, {"queries": t, "keys": s, "values": s}
            parts = joined if alone else apart
            made += tuple(Kept(name, (n, f)) for name, n in parts.items())
        attended = Kept("attended", (*before, t, f))
        return Saved(factors=tuple(range(len(in_shapes))), made=(*made, attended))

    def temporaries(self, in_shapes: tuple[Shape, ...], out: Shape) -> tuple[Kept, ...]:
        return attending_needs(self.saved(in_shapes, out).made)

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return among_tokens(in_shape)

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        f, k, v = (shape[-1] for shape in self.sequences(in_shapes))
        given = {"embed_dim": f}
        return given if len(in_shapes) == 1 else {**given, "kdim": k, "vdim": v}

    def written(self, *in_shapes: Shape) -> Twin:
        inputs = ", ".join(f"{{{min(i, len(in_shapes) - 1)}}}" for i in range(3))
        twin = torchs_own(self, in_shapes, f"{{module}}({inputs}, need_weights=False)[0]")
        usual = {"kdim": in_shapes[0][-1], "vdim": in_shapes[0][-1]}
        given = {name: value for name, value in twin.arguments.items() if usual.get(name) != value}
        return replace(twin, arguments=given)


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
    twin_name = "cnncost.measure.twins.attention.AttentionPoolModule"
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

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        t, f = in_shapes[0]
        made = attending_keeps((), self.num_heads, 1, t, f, fused=True)
        parts = {"query": 1, "keys and values": 2 * t, "attended": 1}
        return Saved(factors=(0,), made=(*made, *(Kept(name, (n, f)) for name, n in parts.items())))

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"embed_dim": in_shapes[0][-1]}
