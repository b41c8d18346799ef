"""Attention: tokens that look at each other, and what makes tokens of a map.

A sequence is tokens × features. Further axes before these two are a batch: windows, each of which
attends within itself.
"""

from __future__ import annotations

from typing import Any

from cnncost import dims
from cnncost.dims import Shape, Size, product
from cnncost.errors import ArgumentError, ShapeError
from cnncost.layers.base import (
    Layer,
    Work,
    axes_of,
    example,
    flag,
    layer,
    no_work,
    number,
    one_input,
    per_axis,
    settle,
    whole,
)
from cnncost.layers.window import Reach, Whole, Window


def tokens_and_features(in_shapes: tuple[Shape, ...]) -> tuple[Size, Size, Size]:
    """The sequences, their tokens and features.

    Raises:
        ShapeError: the input is no sequence.
    """
    shape = one_input(in_shapes)
    if len(shape) < 2:
        raise ShapeError(f"it takes tokens × features, not {axes_of(shape)}")
    return product(shape[:-2]), shape[-2], shape[-1]


def among_tokens(in_shape: Shape) -> tuple[Reach | None, ...]:
    """Every token sees all tokens and features, and no other sequence."""
    return (*(None for _ in in_shape[:-2]), *map(Whole, in_shape[-2:]))


def attending(
    sequences: Size, heads: Size, queries: Size, keys: Size, features: Size, scaled: bool = True
) -> Work:
    """Dot-product attention: queries `scaled` by 1/√d, Q·Kᵀ, softmax, times V.

    Each of the two matrix products takes queries · keys · features multiply-adds over all heads;
    the softmax a comparison, two additions, an exponential and a division a score.
    """
    products = 2 * queries * keys * features
    scores = Work(compares=1, adds=2, exps=1, divs=1).times(heads * queries * keys)
    muls = queries * features if scaled else 0
    return scores.plus(Work(macs=products, products=products, muls=muls)).times(sequences)


@layer
class MultiheadAttention(Layer):
    """Self-attention: every token becomes a weighted mean over all tokens, in several heads.

    Shape: (T, F), unchanged; axes before the tokens are sequences of their own.
    Counts: the projections to queries, keys, values and output, 4·T·F² multiply-adds, and the two
        matrix products Q·Kᵀ and softmax·V, 2·T²·F; biases, the scaling and the softmax apart.
    Errors: features that `num_heads` does not divide.
    Reference: Vaswani et al., 2017, section 3.2;
        https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html

    Example:
        >>> MultiheadAttention(12).weights((197, 768))["in_proj_weight"]
        (2304, 768)
    """

    num_heads: Size
    dropout: float = 0.0
    bias: bool = True

    letters = ("T", "F")
    twin_name = "cnncost.measure.modules.MultiheadAttention"
    examples = (
        example("MultiheadAttention(4)", (10, 32)),
        example("MultiheadAttention(2, bias=False)", (3, 9, 16)),
        example(
            "MultiheadAttention(3)", (10, 32), fails="its 32 features are not divisible by `num_heads` 3"
        ),
        example("MultiheadAttention(4)", (32,), fails="it takes tokens × features, not 1 axis"),
        example("MultiheadAttention(32, 4)", (10, 32), fails="`dropout` must lie between 0 and 1, got 4"),
    )

    def __post_init__(self) -> None:
        whole("num_heads", self.num_heads, 1)
        if not 0 <= number("dropout", self.dropout) <= 1:
            raise ArgumentError(f"`dropout` must lie between 0 and 1, got {self.dropout}")
        settle(self, bias=flag("bias", self.bias))

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
        projections = Work(macs=4 * t * f * f, adds=4 * t * f if self.bias else 0).times(sequences)
        return projections.plus(attending(sequences, self.num_heads, t, t, f))

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return among_tokens(in_shape)

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"embed_dim": in_shapes[0][-1]}


@layer
class ScaledDotProductAttention(Layer):
    """Attention without its projections, on queries, keys and values that lie side by side.

    With a `window_size`, the tokens are the positions of an h×w window or map, and every head adds
    a learned bias to the score of two tokens, by how far apart they are. Where the windows of a map
    of `size` are moved by a `shift`, tokens from its opposite ends do not see each other.

    Shape: (T, 3·F) to (T, F); axes before the tokens are sequences of their own.
    Counts: the two matrix products Q·Kᵀ and softmax·V, 2·T²·F multiply-adds; the scaling, the
        biases and the softmax apart. The mask of shifted windows is not counted.
    Errors: features that are not three times a multiple of `num_heads`; tokens that do not fill
        the window; a `shift` without the map's `size`.
    Reference: Vaswani et al., 2017, section 3.2.1; Liu et al., 2021, section 3.2 (bias);
        https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html

    Example:
        >>> ScaledDotProductAttention(3, (7, 7)).out_shape((64, 49, 288))
        (64, 49, 96)
    """

    num_heads: Size
    window_size: Any = None
    shift: Any = 0
    size: Any = None

    letters = ("T", "F")
    twin_name = "cnncost.measure.modules.ScaledDotProductAttention"
    buffer_names = frozenset({"relative_position_index"})
    examples = (
        example("ScaledDotProductAttention(4)", (10, 96)),
        example("ScaledDotProductAttention(2, (3, 4))", (5, 12, 24)),
        example("ScaledDotProductAttention(2, (3, 4), (1, 2), (8, 7))", (6, 12, 24)),
        example("ScaledDotProductAttention(2, 3, 1)", (9, 12), fails="a `shift` needs the map's `size`"),
        example(
            "ScaledDotProductAttention(2)", (10, 32), fails="its 32 features are not divisible by 3 · 2 heads"
        ),
        example("ScaledDotProductAttention(2, 3)", (8, 12), fails="its 8 tokens are not a window of 3×3"),
    )

    def __post_init__(self) -> None:
        whole("num_heads", self.num_heads, 1)
        settle_windows(self)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        _, t, f = tokens_and_features(in_shapes)
        rule = "its {} features are not divisible by 3 · {} heads"
        dims.require(dims.divisible(f, 3 * self.num_heads), rule, f, self.num_heads)
        if self.window_size is not None:
            rule = "its {} tokens are not a window of {}×{}"
            dims.require(dims.same(t, product(self.window_size)), rule, t, *self.window_size)
        return (*in_shapes[0][:-1], f // 3)

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        if self.window_size is None:
            return {}
        t = product(self.window_size)
        table = (offsets(self.window_size), self.num_heads)
        return {"relative_position_bias_table": table, "relative_position_index": (t, t)}

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        sequences, t, f = tokens_and_features((out,))
        scores = sequences * self.num_heads * t * t
        biases = Work(adds=scores if self.window_size is not None else 0)
        return attending(sequences, self.num_heads, t, t, f).plus(biases)

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return among_tokens(in_shape)


@layer
class CosineAttention(Layer):
    """Attention by the angle between queries and keys, with a position bias from a small network.

    Windows are as in ScaledDotProductAttention. Scores are cosines times a learned factor a head;
    the bias of an offset comes from a network of one layer of `hidden` units on its coordinates.

    Shape: (T, 3·F) to (T, F); axes before the tokens are sequences of their own.
    Counts: the two matrix products, 2·T²·F multiply-adds, and the network on (2h - 1)(2w - 1)
        offsets, for each sample, though a batch needs it once; normalising, scaling, biases and
        softmax apart. The mask of shifted windows is not counted.
    Errors: features that are not three times a multiple of `num_heads`; tokens that do not fill
        the window; a `shift` without the map's `size`.
    Reference: Liu et al., 2022, sections 3.2 and 3.3 (Swin v2)

    Example:
        >>> CosineAttention(3, (8, 8)).weights((64, 64, 288))["cpb_mlp.0.weight"]
        (512, 2)
    """

    num_heads: Size
    window_size: Any
    shift: Any = 0
    size: Any = None
    hidden: Size = 512

    letters = ("T", "F")
    twin_name = "cnncost.measure.modules.CosineAttention"
    buffer_names = frozenset({"relative_position_index", "relative_coords_table"})
    examples = (
        example("CosineAttention(2, (3, 4))", (5, 12, 24)),
        example("CosineAttention(2, 4, 2, (7, 8))", (4, 16, 24)),
        example("CosineAttention(4, 2, hidden=8)", (4, 96)),
        example("CosineAttention(2, 3)", (8, 12), fails="its 8 tokens are not a window of 3×3"),
    )

    def __post_init__(self) -> None:
        whole("num_heads", self.num_heads, 1)
        whole("hidden", self.hidden, 1)
        settle_windows(self)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        return ScaledDotProductAttention(self.num_heads, self.window_size).out_shape(*in_shapes)

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        t = product(self.window_size)
        return {
            "logit_scale": (self.num_heads, 1, 1),
            "relative_coords_table": (1, *(2 * n - 1 for n in self.window_size), 2),
            "relative_position_index": (t, t),
            "cpb_mlp.0.weight": (self.hidden, 2),
            "cpb_mlp.0.bias": (self.hidden,),
            "cpb_mlp.2.weight": (self.num_heads, self.hidden),
        }

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        sequences, t, f = tokens_and_features((out,))
        heads, units = self.num_heads, offsets(self.window_size) * self.hidden
        # a norm takes a square and an addition a value, a root and a comparison (with ε) a vector
        norms = Work(muls=f, adds=f, divs=f, sqrts=heads, compares=heads).times(2 * sequences * t)
        scaling = Work(muls=sequences * heads * t * t, adds=sequences * heads * t * t)
        network = Work(macs=units * (2 + heads), adds=units, compares=units)
        biases = Work(exps=1, adds=1, divs=1, muls=1).times(heads * t * t)  # 16 times the sigmoid
        factors = Work(compares=heads, exps=heads)
        attention = attending(sequences, heads, t, t, f, scaled=False)
        return attention.plus(norms).plus(scaling).plus(network).plus(biases).plus(factors)

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return among_tokens(in_shape)


def settle_windows(layer: ScaledDotProductAttention | CosineAttention) -> None:
    """Bring the window, its shift and the map's size into their normal form."""
    settle(layer, shift=per_axis("shift", layer.shift, 2))
    if layer.window_size is not None:
        settle(layer, window_size=per_axis("window_size", layer.window_size, 2, 1))
    if layer.size is not None:
        settle(layer, size=per_axis("size", layer.size, 2, 1))
    elif any(layer.shift):
        raise ArgumentError("a `shift` needs the map's `size`")


def offsets(window: Shape) -> Size:
    """How many offsets there are between two positions of a window."""
    return product(2 * n - 1 for n in window)


@layer
class AttentionPool(Layer):
    """One learned query that attends to all tokens: multihead attention pooling.

    Shape: (T, F) to (F,).
    Counts: the projections of keys and values, 2·T·F² multiply-adds, of the query and the output,
        2·F², and two matrix products of T·F; biases, the scaling and the softmax apart.
    Errors: features that `num_heads` does not divide; an input that is not tokens × features.
    Reference: Lee et al., 2019 (Set Transformer), section 3.2; Zhai et al., 2022, section 3.2

    Example:
        >>> AttentionPool(16).out_shape((256, 1664))
        (1664,)
    """

    num_heads: Size
    bias: bool = True

    letters = ("T", "F")
    twin_name = "cnncost.measure.modules.AttentionPool"
    examples = (
        example("AttentionPool(4)", (10, 32)),
        example("AttentionPool(2, bias=False)", (9, 16)),
        example("AttentionPool(3)", (10, 32), fails="its 32 features are not divisible by `num_heads` 3"),
        example("AttentionPool(4)", (2, 10, 32), fails="it takes tokens × features, not 3 axes"),
    )

    def __post_init__(self) -> None:
        whole("num_heads", self.num_heads, 1)
        settle(self, bias=flag("bias", self.bias))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        if len(shape) != 2:
            raise ShapeError(f"it takes tokens × features, not {axes_of(shape)}")
        return MultiheadAttention(self.num_heads).out_shape(shape)[1:]

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        attention = MultiheadAttention(self.num_heads, bias=self.bias).weights(*in_shapes)
        return {"query": (1, 1, in_shapes[0][-1]), **attention}

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        _, t, f = tokens_and_features(in_shapes)
        projected = 2 * (t + 1)
        projections = Work(macs=projected * f * f, adds=projected * f if self.bias else 0)
        return projections.plus(attending(1, self.num_heads, 1, t, f))

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"embed_dim": in_shapes[0][-1]}


@layer
class MixtureOfExperts(Layer):
    """Several MLPs, the experts, of which each token passes through the `top_k` that a router chooses.

    Shape: (T, F), unchanged; axes before the tokens are sequences of their own.
    Counts: the router, T·F·`experts` multiply-adds, and `top_k` experts a token, 2·F·`hidden` each;
        biases, the GELU, the router's softmax and the weighted sum of the experts apart. Choosing
        the largest is not counted, nor are places that a batch leaves empty.
    Errors: more experts for a token than there are.
    Reference: Riquelme et al., 2021, section 2

    Example:
        >>> MixtureOfExperts(32, 4096, top_k=2).weights((197, 1024))["up.weight"]
        (32, 1024, 4096)
    """

    experts: Size
    hidden: Size
    top_k: Size = 1

    letters = ("T", "F")
    twin_name = "cnncost.measure.modules.MixtureOfExperts"
    examples = (
        example("MixtureOfExperts(4, 24, top_k=2)", (10, 6)),
        example("MixtureOfExperts(3, 8)", (2, 5, 6)),
        example("MixtureOfExperts(4, 24, top_k=5)", (10, 6), fails="`top_k` 5 of only 4 experts"),
    )

    def __post_init__(self) -> None:
        for name in ("experts", "hidden", "top_k"):
            whole(name, getattr(self, name), 1)
        rule = "`top_k` {} of only {} experts"
        dims.require(self.top_k <= self.experts, rule, self.top_k, self.experts, error=ArgumentError)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        tokens_and_features(in_shapes)
        return in_shapes[0]

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        f = in_shapes[0][-1]
        return {
            "router.weight": (self.experts, f),
            "up.weight": (self.experts, f, self.hidden),
            "up.bias": (self.experts, 1, self.hidden),
            "down.weight": (self.experts, self.hidden, f),
            "down.bias": (self.experts, 1, f),
        }

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        sequences, t, f = tokens_and_features(in_shapes)
        tokens = sequences * t
        router = Work(macs=f, compares=1, adds=2, exps=1, divs=1).times(self.experts)
        up = Work(macs=f, adds=1).plus(GELU).times(self.hidden)
        down = Work(macs=self.hidden, adds=1, muls=1).times(f)  # and times the router's weight
        joined = Work(adds=(self.top_k - 1) * f)
        return router.plus(up.plus(down).times(self.top_k)).plus(joined).times(tokens)

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return (*(None for _ in in_shape[:-1]), Whole(in_shape[-1]))

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"features": in_shapes[0][-1]}


GELU = Work(exps=1, adds=1, muls=2, divs=1)
"""The work of a value of GELU, as of the layer of that name."""


@layer
class ClassToken(Layer):
    """A learned token before the others, from which the class is read.

    Shape: (T, F) to (1 + T, F).
    Counts: nothing: it is a constant.
    Errors: an input that is not tokens × features.
    Reference: Dosovitskiy et al., 2021, section 3.1

    Example:
        >>> ClassToken().out_shape((196, 768))
        (197, 768)
    """

    letters = ("T", "F")
    twin_name = "cnncost.measure.modules.ClassToken"
    examples = (
        example("ClassToken", (9, 16)),
        example("ClassToken", (4, 3, 3), fails="it takes tokens × features, not 3 axes"),
    )
    work = no_work("a constant joins the input")

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        if len(shape) != 2:
            raise ShapeError(f"it takes tokens × features, not {axes_of(shape)}")
        return (1 + shape[0], shape[1])

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        return {"weight": (1, 1, in_shapes[0][1])}

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return (Window(1, 1, (1, 0), 1), None)

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"features": in_shapes[0][1]}


@layer
class PositionEmbedding(Layer):
    """A learned value for each position and feature, added to the input.

    Shape: any, unchanged.
    Counts: an addition a value.
    Errors: none.
    Reference: Dosovitskiy et al., 2021, section 3.1

    Example:
        >>> PositionEmbedding().weights((197, 768))
        {'weight': (1, 197, 768)}
    """

    in_place = True
    twin_name = "cnncost.measure.modules.PositionEmbedding"
    examples = (example("PositionEmbedding", (10, 16)), example("PositionEmbedding", (4, 5, 7)))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        return one_input(in_shapes)

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        return {"weight": (1, *in_shapes[0])}

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(adds=product(out))

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"shape": in_shapes[0]}
