"""Linear: the fully connected layer."""

from __future__ import annotations

from typing import Any

from cnncost.dims import Shape, product
from cnncost.layers.arguments import Count
from cnncost.layers.base import Layer, example, layer
from cnncost.layers.saved import keeps
from cnncost.layers.shapes import one_input
from cnncost.layers.window import Reach, Whole
from cnncost.layers.work import Work


@layer
class Linear(Layer):
    """A fully connected layer: every output is a weighted sum of the whole last axis.

    Shape: (F,) to (`out_features`,); with more axes, (…, F) to (…, `out_features`), as in torch.
    Counts: F multiply-adds per output; the bias, one addition per output.
    Errors: `out_features` below 1.
    """

    out_features: Count
    bias: bool = True

    features_last = True
    saved = keeps(factors=(0,))
    examples = (
        example("Linear(10)", (84,)),
        example("Linear(7, bias=False)", (5, 12)),
        example("Linear(84, 10)", (84,), fails="drop the first 84 and write `Linear(10)`"),
        example("Linear(0)", (84,), fails="`out_features` must be at least 1, got 0"),
    )

    def out_shape(self, *in_shapes: Shape) -> Shape:
        return (*one_input(in_shapes)[:-1], self.out_features)

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        weight = (self.out_features, in_shapes[0][-1])
        return {"weight": weight, "bias": (self.out_features,)} if self.bias else {"weight": weight}

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        outputs = product(out)
        return Work(macs=outputs * in_shapes[0][-1], adds=outputs if self.bias else 0, macts=outputs)

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return (*(None for _ in in_shape[:-1]), Whole(in_shape[-1]))

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"in_features": in_shapes[0][-1]}
