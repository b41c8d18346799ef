"""Transformer layers: attention, an MLP and their norms, as torch puts them together.

Nothing is counted here but what joins the parts: the weights and the work are those of the layers that
they consist of.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from cnncost import dims
from cnncost.dims import Shape, product
from cnncost.errors import ShapeError
from cnncost.layers.activation import ReLU
from cnncost.layers.arguments import Count, Epsilon, Share, one_of
from cnncost.layers.attention import MultiheadAttention
from cnncost.layers.base import Layer, Twin, example, layer, torchs_own
from cnncost.layers.linear import Linear
from cnncost.layers.norm import LayerNorm
from cnncost.layers.saved import Kept, Saved
from cnncost.layers.smooth_activation import GELU
from cnncost.layers.tokens import among_tokens, tokens_and_features
from cnncost.layers.window import Reach
from cnncost.layers.work import NO_WORK, Work

ACTIVATIONS: dict[str, Work] = {"relu": ReLU.per_element, "gelu": GELU.per_element}
"""What an activation takes for each value."""

Part = tuple[str, Layer, tuple[Shape, ...]]
"""A part of a layer: the name of its weights, the part, and its inputs."""


@layer
class _TransformerLayer(Layer, abstract=True):
    """Fields and formulas of the transformer's layers.

    Errors: features that `nhead` does not divide; an `activation` other than 'relu' and 'gelu'.
    """

    nhead: Count
    dim_feedforward: Count = 2048
    dropout: Share = 0.1
    activation: str = "relu"
    layer_norm_eps: Epsilon = 1e-5
    batch_first: bool = False
    norm_first: bool = False
    bias: bool = True

    letters = ("T", "F")
    attentions: ClassVar[tuple[str, ...]]
    """The names of its attentions; the second one attends to the second input."""

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("activation", self.activation, tuple(ACTIVATIONS))

    def parts(self, in_shapes: tuple[Shape, ...]) -> Iterator[Part]:
        """The layers that it consists of."""
        tokens, f = in_shapes[0], in_shapes[0][-1]
        attention = MultiheadAttention(self.nhead, self.dropout, self.bias)
        for name, shape in zip(self.attentions, in_shapes, strict=True):
            yield name, attention, (tokens, (*shape[:-1], f))
        yield "linear1", Linear(self.dim_feedforward, self.bias), (tokens,)
        yield "linear2", Linear(f, self.bias), ((*tokens[:-1], self.dim_feedforward),)
        norm = LayerNorm(None, self.layer_norm_eps, True, self.bias)
        for number in range(len(in_shapes) + 1):
            yield f"norm{number + 1}", norm, (tokens,)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        names = ("a sequence", "a sequence and a `memory`")[len(self.attentions) - 1]
        if len(in_shapes) != len(self.attentions):
            raise ShapeError(f"it takes {names}, not {len(in_shapes)} input{'s' * (len(in_shapes) > 1)}")
        tokens_and_features(in_shapes[:1])
        for memory in in_shapes[1:]:
            fits = dims.same(memory[-1], in_shapes[0][-1])
            rule = "its `memory` has {} features, the sequence {}"
            dims.require(fits, rule, memory[-1], in_shapes[0][-1])
        for _, part, shapes in self.parts(in_shapes):
            part.out_shape(*shapes)
        return in_shapes[0]

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        return {
            f"{name}.{weight}": shape
            for name, part, shapes in self.parts(in_shapes)
            for weight, shape in part.weights(*shapes).items()
        }

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        found = NO_WORK
        for _, part, shapes in self.parts(in_shapes):
            found = found.plus(part.work(shapes, part.out_shape(*shapes)))
        hidden = product(out[:-1]) * self.dim_feedforward
        residuals = Work(adds=len(self.attentions) + 1).times(product(out))
        return found.plus(ACTIVATIONS[self.activation].times(hidden)).plus(residuals)

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        drops = self.dropout > 0
        masks = (Kept("mask", out, "mask"),) * drops
        made: tuple[Kept, ...] = ()
        for _, part, shapes in self.parts(in_shapes):
            kept = part.saved(shapes, part.out_shape(*shapes))
            made += kept.made + masks * (not isinstance(part, (LayerNorm, Linear)))
        # each residual sum is the input of a norm, and each norm's output that of a part; the last is `out`
        between = (Kept("between", out),) * (2 * len(self.attentions) + 1)
        return Saved(tuple(range(len(in_shapes))), made=(*made, *masks, *between, *self.hidden_kept(out)))

    def hidden_kept(self, out: Shape) -> tuple[Kept, ...]:
        """What the MLP keeps between its two linear layers."""
        hidden = (*out[:-1], self.dim_feedforward)
        activated = (Kept("hidden", hidden),)
        if self.dropout > 0:
            return (*activated, Kept("mask", hidden, "mask"), Kept("hidden left", hidden))
        return activated * (1 if self.activation == "relu" else 2)

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"d_model": in_shapes[0][-1]}

    def written(self, *in_shapes: Shape) -> Twin:
        return torchs_own(self, in_shapes)


@layer
class TransformerEncoderLayer(_TransformerLayer):
    """Self-attention and an MLP, each with a residual connection and a norm: one layer of BERT.

    Shape: (T, F), unchanged. A stack of six, with the norm behind it, is
        `6 * TransformerEncoderLayer(8) >> LayerNorm`; `batch_first` changes nothing here.
    Counts: what its parts count: MultiheadAttention, Linear(`dim_feedforward`), Linear(F), two LayerNorms;
        the activation, and an addition per value for each of the two residuals.
    Reference: Vaswani et al., 2017, section 3.1;
        https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerEncoderLayer.html
    """

    attentions = ("self_attn",)
    twin_name = "cnncost.measure.twins.transformer.TransformerEncoderLayerModule"
    examples = (
        example("TransformerEncoderLayer(4)", (10, 32)),
        example("TransformerEncoderLayer(2, 24, activation='gelu', norm_first=True)", (9, 16)),
        example("TransformerEncoderLayer(2, 24, bias=False)", (3, 9, 16)),
        example(
            "TransformerEncoderLayer(3)", (10, 32), fails="32 features are not divisible by `num_heads` 3"
        ),
        example(
            "TransformerEncoderLayer(4, activation='silu')", (10, 32), fails="must be one of 'relu', 'gelu'"
        ),
        example("TransformerEncoderLayer(4)", (32,), fails="it takes tokens × features, not 1 axis"),
    )

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return among_tokens(in_shape)


@layer
class TransformerDecoderLayer(_TransformerLayer):
    """Self-attention, attention to a memory and an MLP, each with a residual connection and a norm.

    Shape: (T, F) and a memory of S tokens, (S, F), to (T, F):
        `TransformerDecoderLayer(8, memory=ref(encoder))`. `batch_first` changes nothing here.
    Counts: what its parts count: two times MultiheadAttention, Linear(`dim_feedforward`), Linear(F), three
        LayerNorms; the activation, and an addition per value for each of the three residuals.
    Reference: Vaswani et al., 2017, section 3.1;
        https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerDecoderLayer.html
    """

    attentions = ("self_attn", "multihead_attn")
    other_inputs = ("memory",)
    twin_name = "cnncost.measure.twins.transformer.TransformerDecoderLayerModule"
    examples = (
        example("TransformerDecoderLayer(4)", (10, 32), (7, 32)),
        example("TransformerDecoderLayer(2, 24, 0.0, 'gelu', norm_first=True, bias=False)", (9, 16), (5, 16)),
        example(
            "TransformerDecoderLayer(4)", (10, 32), fails="it takes a sequence and a `memory`, not 1 input"
        ),
        example(
            "TransformerDecoderLayer(4)", (10, 32), (7, 16), fails="`memory` has 16 features, the sequence 32"
        ),
    )
