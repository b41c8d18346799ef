"""Tokens: learned tokens, and embeddings of their positions.

A sequence is tokens × features. Axes before these two are a batch: each window, for example, is a
separate sequence.
"""

from __future__ import annotations

from typing import Any

from cnncost.dims import Shape, Size, product
from cnncost.errors import ShapeError
from cnncost.layers.base import Layer, example, layer, no_work, same_shape
from cnncost.layers.saved import keeps_nothing
from cnncost.layers.shapes import axes_of, one_input
from cnncost.layers.window import Reach, Whole, Window
from cnncost.layers.work import Work


def tokens_and_features(in_shapes: tuple[Shape, ...], alone: bool = False) -> tuple[Size, Size, Size]:
    """The sequences, their tokens and features.

    Raises:
        ShapeError: the input is no sequence, or, if it must be `alone`, several.
    """
    shape = one_input(in_shapes)
    if len(shape) < 2 or (alone and len(shape) > 2):
        raise ShapeError(f"it takes tokens × features, not {axes_of(shape)}")
    return product(shape[:-2]), shape[-2], shape[-1]


def among_tokens(in_shape: Shape) -> tuple[Reach | None, ...]:
    """Every token sees all tokens and features, and no other sequence."""
    return (*(None for _ in in_shape[:-2]), *map(Whole, in_shape[-2:]))


@layer
class ClassToken(Layer):
    """A learned token before the others, from which the class is read.

    Shape: (T, F) to (1 + T, F).
    Errors: an input that is not tokens × features.
    Reference: Dosovitskiy et al., 2021, section 3.1
    """

    letters = ("T", "F")
    twin_name = "cnncost.measure.twins.modules.ClassTokenModule"
    examples = (
        example("ClassToken", (9, 16)),
        example("ClassToken", (4, 3, 3), fails="it takes tokens × features, not 3 axes"),
    )
    work = no_work("a constant joins the input")
    saved = keeps_nothing("values are copied")

    def out_shape(self, *in_shapes: Shape) -> Shape:
        _, t, f = tokens_and_features(in_shapes, alone=True)
        return (1 + t, f)

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        return {"weight": (1, 1, in_shapes[0][1])}

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        return (Window(1, 1, (1, 0), 1), None)

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"features": in_shapes[0][1]}


@layer
class PositionEmbedding(Layer):
    """A learned value for each position and feature, added to the input.

    Counts: an addition per value.
    Errors: none.
    Reference: Dosovitskiy et al., 2021, section 3.1
    """

    in_place = True
    twin_name = "cnncost.measure.twins.modules.PositionEmbeddingModule"
    examples = (example("PositionEmbedding", (10, 16)), example("PositionEmbedding", (4, 5, 7)))

    out_shape = same_shape
    saved = keeps_nothing("the slope of a sum is 1")

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        return {"weight": (1, *in_shapes[0])}

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(adds=product(out))

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"shape": in_shapes[0]}
