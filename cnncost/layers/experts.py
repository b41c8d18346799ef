"""Experts: a router chooses a few of them for each token."""

from __future__ import annotations

from typing import Any

from cnncost import dims
from cnncost.dims import Shape
from cnncost.errors import ArgumentError
from cnncost.layers.arguments import Count
from cnncost.layers.base import Layer, example, layer
from cnncost.layers.saved import Kept, Saved
from cnncost.layers.smooth_activation import GELU
from cnncost.layers.tokens import tokens_and_features
from cnncost.layers.window import Reach, Whole
from cnncost.layers.work import Work


@layer
class MixtureOfExperts(Layer):
    """Several MLPs, the experts; a router sends each token through `top_k` of them.

    Shape: (T, F), unchanged; axes before the tokens are a batch of sequences.
    Counts: the router, T·F·`experts` multiply-adds, and `top_k` experts per token, 2·F·`hidden` each.
        Biases, the GELU, the router's softmax and the weighted sum of the experts are counted separately.
        Choosing the largest is not counted, nor are places that a batch leaves empty.
    Errors: more experts for a token than there are.
    Reference: Riquelme et al., 2021, section 2
    """

    experts: Count
    hidden: Count
    top_k: Count = 1

    letters = ("T", "F")
    twin_name = "cnncost.measure.twins.experts.MixtureOfExpertsModule"
    examples = (
        example("MixtureOfExperts(4, 24, top_k=2)", (10, 6)),
        example("MixtureOfExperts(3, 8)", (2, 5, 6)),
        example("MixtureOfExperts(4, 24, top_k=5)", (10, 6), fails="`top_k` 5 of only 4 experts"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
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
        router = Work(macs=f, compares=1, adds=2, exps=1, divs=1, macts=1).times(self.experts)
        up = Work(macs=f, adds=1, macts=1).plus(GELU.per_element).times(self.hidden)
        down = Work(macs=self.hidden, adds=1, muls=1, macts=1).times(f)  # and times the router's weight
        joined = Work(adds=(self.top_k - 1) * f)
        return router.plus(up.plus(down).times(self.top_k)).plus(joined).times(tokens)

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        tokens, f = in_shapes[0][:-1], in_shapes[0][-1]
        sent = (*tokens, self.top_k)
        router = (
            Kept("shares", (*tokens, self.experts)),
            Kept("chosen", sent, "index"),
            Kept("weights", sent),
        )
        hidden = (Kept("hidden", (*sent, self.hidden)), Kept("activated", (*sent, self.hidden)))
        copies = (Kept("sent tokens", (*sent, f)), Kept("answers", (*sent, f)))
        return Saved(inputs=(0,), made=(*router, *copies, *hidden))

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return (*(None for _ in in_shape[:-1]), Whole(in_shape[-1]))

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"features": in_shapes[0][-1]}
