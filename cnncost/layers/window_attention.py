"""Attention without projections: on queries, keys and values side by side in one tensor, also in windows."""

from __future__ import annotations

from cnncost import dims
from cnncost.dims import Shape, Size, product
from cnncost.errors import ArgumentError
from cnncost.layers.arguments import Count, Counts, Sizes, pair_or_triple
from cnncost.layers.attention import attending, attending_keeps, attending_needs
from cnncost.layers.base import Layer, example, layer
from cnncost.layers.partition import by, covering
from cnncost.layers.saved import Kept, Saved
from cnncost.layers.tokens import among_tokens, tokens_and_features
from cnncost.layers.window import Reach
from cnncost.layers.work import Work


def check_shift(layer: ScaledDotProductAttention | CosineAttention) -> None:
    """Refuse windows that are moved on a map of unknown size."""
    if layer.size is None and any(layer.shift):
        raise ArgumentError("a `shift` needs the map's `size`")


def attended(layer: ScaledDotProductAttention | CosineAttention, in_shapes: tuple[Shape, ...]) -> Shape:
    """The output shape, if the heads divide the features and the tokens are those of the windows."""
    _, t, f = tokens_and_features(in_shapes)
    shape, window = in_shapes[0], layer.window_size
    rule = "its {} features are not divisible by 3 · {} heads"
    dims.require(dims.divisible(f, 3 * layer.num_heads), rule, f, layer.num_heads)
    if window is not None:
        rule = f"its {{}} tokens are not a window of {by(window)}"
        dims.require(dims.same(t, product(window)), rule, t, *window)
    if layer.size is not None:
        windows = shape[-3] if len(shape) > 2 else 1
        rule = f"{{}} windows of {by(window)} do not make {by(layer.size)}"
        fit = dims.same(windows, covering(window, layer.size))
        dims.require(fit, rule, windows, *window, *layer.size)
    return (*shape[:-1], f // 3)


def biases_of(layer: ScaledDotProductAttention | CosineAttention, out: Shape) -> tuple[Kept, ...]:
    """The biases of all scores, the same for all samples; with the mask of moved windows, for each window."""
    if layer.window_size is None:
        return ()
    *before, t, _ = out
    moved = layer.size is not None and any(
        shift and n > w for shift, n, w in zip(layer.shift, layer.size, layer.window_size, strict=True)
    )
    biases = Kept("score biases", (layer.num_heads, t, t), batch=False)
    masked = Kept("masked biases", (*before, layer.num_heads, t, t), batch=False)
    return (biases, masked) if moved else (biases,)


def offsets(window: Shape) -> Size:
    """How many offsets there are between two positions of a window."""
    return product(2 * n - 1 for n in window)


@layer
class ScaledDotProductAttention(Layer):
    """Attention without its projections, on queries, keys and values side by side in one tensor.

    With a `window_size`, the tokens are the positions of an h×w or t×h×w window or map, and every head adds
    a learned bias to the score of two tokens, by how far apart they are. Where the windows of a map
    of `size` are moved by a `shift`, tokens from its opposite ends do not see each other.

    Shape: (T, 3·F) to (T, F); axes before the tokens are a batch of sequences.
    Counts: the two matrix products Q·Kᵀ and softmax·V, 2·T²·F multiply-adds. The scaling, the biases
        and the softmax are counted separately. The mask of shifted windows is not counted.
    Errors: features that are not three times a multiple of `num_heads`; tokens that do not fill the
        window; windows that do not make the map; a `shift` without the map's `size`, or either without a
        window.
    Reference: Vaswani et al., 2017, section 3.2.1; Liu et al., 2021, section 3.2 (bias);
        https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
    """

    num_heads: Count
    window_size: Counts = None
    shift: Sizes = 0
    size: Counts = None

    letters = ("T", "F")
    equal_axes_once = False
    twin_name = "cnncost.measure.twins.attention.ScaledDotProductAttentionModule"
    buffer_names = frozenset({"relative_position_index"})
    examples = (
        example("ScaledDotProductAttention(4)", (10, 96)),
        example("ScaledDotProductAttention(2, (3, 4))", (5, 12, 24)),
        example("ScaledDotProductAttention(2, (3, 4), (1, 2), (8, 7))", (6, 12, 24)),
        example("ScaledDotProductAttention(2, (2, 3, 2), (1, 1, 0), (4, 5, 2))", (4, 12, 12)),
        example("ScaledDotProductAttention(2, 3, 1)", (9, 12), fails="a `shift` needs the map's `size`"),
        example("ScaledDotProductAttention(2, shift=1, size=4)", (9, 12), fails="need a `window_size`"),
        example(
            "ScaledDotProductAttention(2, 3, 1, 6)", (2, 9, 12), fails="2 windows of 3×3 do not make 6×6"
        ),
        example(
            "ScaledDotProductAttention(2)", (10, 32), fails="its 32 features are not divisible by 3 · 2 heads"
        ),
        example("ScaledDotProductAttention(2, 3)", (8, 12), fails="its 8 tokens are not a window of 3×3"),
    )

    @property
    def sizes_given(self) -> int:
        return pair_or_triple(self.window_size)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.window_size is not None:
            check_shift(self)
        elif self.size is not None or any(self.shift):
            raise ArgumentError("`shift` and `size` are of windows: they need a `window_size`")

    def out_shape(self, *in_shapes: Shape) -> Shape:
        return attended(self, in_shapes)

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

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        *before, t, f = out
        fused = not before and self.window_size is None
        made = attending_keeps(tuple(before), self.num_heads, t, t, f, fused)
        return Saved(inputs=(0,), output=True, made=made) if fused else Saved(made=made)

    def temporaries(self, in_shapes: tuple[Shape, ...], out: Shape) -> tuple[Kept, ...]:
        return (*attending_needs(self.saved(in_shapes, out).made), *biases_of(self, out))

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return among_tokens(in_shape)


@layer
class CosineAttention(Layer):
    """Attention by the angle between queries and keys, with a position bias from a small network.

    Windows are as in ScaledDotProductAttention. Scores are cosines times a learned factor a head;
    the bias of an offset comes from a network of one layer of `hidden` units on its coordinates.

    Shape: (T, 3·F) to (T, F); axes before the tokens are a batch of sequences.
    Counts: the two matrix products, 2·T²·F multiply-adds, and the network on (2h - 1)(2w - 1) offsets,
        for each sample, though a batch needs it once. Normalising, scaling, biases and softmax are counted
        separately. The mask of shifted windows is not counted.
    Errors: features that are not three times a multiple of `num_heads`; tokens that do not fill the
        window; windows that do not make the map; a `shift` without the map's `size`.
    Reference: Liu et al., 2022, sections 3.2 and 3.3 (Swin v2)
    """

    num_heads: Count
    window_size: Counts
    shift: Sizes = 0
    size: Counts = None
    hidden: Count = 512

    letters = ("T", "F")
    twin_name = "cnncost.measure.twins.attention.CosineAttentionModule"
    buffer_names = frozenset({"relative_position_index", "relative_coords_table"})
    examples = (
        example("CosineAttention(2, (3, 4))", (5, 12, 24)),
        example("CosineAttention(2, 4, 2, (7, 8))", (4, 16, 24)),
        example("CosineAttention(4, 2, hidden=8)", (4, 96)),
        example("CosineAttention(2, 3)", (8, 12), fails="its 8 tokens are not a window of 3×3"),
        example("CosineAttention(2, 3, size=7)", (2, 9, 12), fails="2 windows of 3×3 do not make 7×7"),
        example("CosineAttention(2, None)", (4, 12), fails="`window_size` must be a whole number, got None"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_shift(self)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        return attended(self, in_shapes)

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
        # a norm takes a square and an addition per value, a root and a comparison (with ε) a vector
        norms = Work(muls=f, adds=f, divs=f, sqrts=heads, compares=heads).times(2 * sequences * t)
        scaling = Work(muls=sequences * heads * t * t, adds=sequences * heads * t * t)
        network = Work(macs=units * (2 + heads), adds=units, compares=units)
        network = network.plus(Work(macts=units + offsets(self.window_size) * heads))
        biases = Work(exps=1, adds=1, divs=1, muls=1).times(heads * t * t)  # 16 times the sigmoid
        factors = Work(compares=heads, exps=heads)
        attention = attending(sequences, heads, t, t, f, scaled=False)
        return attention.plus(norms).plus(scaling).plus(network).plus(biases).plus(factors)

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        *before, t, f = out
        heads = self.num_heads
        network = {
            "factors": (heads,),
            "hidden": (offsets(self.window_size), self.hidden),
            "biases": (heads, t, t),
        }
        once = [Kept(name, shape, batch=False) for name, shape in network.items()]
        lengths = [Kept(f"length {i + 1}", (*before, heads, t)) for i in range(4)]
        unit = Kept("unit queries", (*before, t, f))
        attention = attending_keeps(tuple(before), heads, t, t, f, fused=False)
        return Saved(inputs=(0,), made=(*once, *lengths, unit, *attention))

    def temporaries(self, in_shapes: tuple[Shape, ...], out: Shape) -> tuple[Kept, ...]:
        return (*attending_needs(self.saved(in_shapes, out).made), *biases_of(self, out))

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return among_tokens(in_shape)
