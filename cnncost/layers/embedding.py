"""Embeddings: whole numbers, such as words, looked up in a learned table."""

from __future__ import annotations

from typing import Any

from cnncost import dims
from cnncost.dims import Shape, product
from cnncost.errors import ArgumentError, ShapeError
from cnncost.layers.arguments import Count, one_of, settle
from cnncost.layers.base import Layer, example, layer, no_work
from cnncost.layers.saved import Kept, Saved, keeps
from cnncost.layers.shapes import Letters, axes_of, one_input
from cnncost.layers.work import Work


@layer
class _Table(Layer, abstract=True):
    """A learned vector for each of `num_embeddings` numbers.

    Errors: an input of another number of axes; a size below 1.
    """

    num_embeddings: Count
    embedding_dim: Count

    letters = ("T",)

    def __post_init__(self) -> None:
        super().__post_init__()
        settle(self, whole_below=self.num_embeddings)

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        return {"weight": (self.num_embeddings, self.embedding_dim)}


@layer
class Embedding(_Table):
    """A learned vector for each number of a sequence: words become tokens × features.

    Shape: (T,) to (T, `embedding_dim`); the input is whole numbers below `num_embeddings`. With more axes,
        (…, T) to (…, T, `embedding_dim`).
    Counts: nothing: rows of the table are copied. Parameters: `num_embeddings` · `embedding_dim`.
    Errors: a size below 1; a `padding_idx` that the table does not have.
    """

    num_embeddings: Count
    embedding_dim: Count
    padding_idx: Any = None
    max_norm: Any = None
    norm_type: float = 2.0
    scale_grad_by_freq: bool = False
    sparse: bool = False

    examples = (
        example("Embedding(1000, 16)", (35,)),
        example("Embedding(20, 6, padding_idx=0)", (4, 9)),
        example("Embedding(20)", (9,), fails="needs `embedding_dim`"),
        example("Embedding(20, 6, 20)", (9,), fails="`padding_idx` must be one of the 20 rows, got 20"),
    )
    work = no_work("rows of a table are copied")
    saved = keeps(0)

    def __post_init__(self) -> None:
        super().__post_init__()
        index, rows = self.padding_idx, self.num_embeddings
        if index is None:
            return
        rule = "`padding_idx` must be one of the {} rows, got {!r}"
        if isinstance(index, bool) or not isinstance(index, int):
            raise ArgumentError(rule.format(rows, index))
        needed = index + 1 if index >= 0 else -index
        dims.require(needed <= rows, rule, rows, index, error=ArgumentError)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        return (*one_input(in_shapes), self.embedding_dim)

    def out_axes(self, letters: Letters) -> Letters:
        return (*letters, "F")


@layer
class EmbeddingBag(_Table):
    """The sum, mean or maximum of the learned vectors of a sequence of numbers.

    Shape: (T,) to (`embedding_dim`,).
    Counts: an addition per looked-up value for 'sum' and 'mean', a comparison for 'max'; for 'mean' also a
        division per output. Parameters: `num_embeddings` · `embedding_dim`.
    """

    num_embeddings: Count
    embedding_dim: Count
    max_norm: Any = None
    norm_type: float = 2.0
    scale_grad_by_freq: bool = False
    mode: str = "mean"
    sparse: bool = False

    out_letters = ("F",)
    examples = (
        example("EmbeddingBag(1000, 16)", (35,)),
        example("EmbeddingBag(20, 6, mode='sum')", (9,)),
        example("EmbeddingBag(20, 6, mode='max')", (9,)),
        example("EmbeddingBag(20, 6, mode='min')", (9,), fails="`mode` must be one of 'sum', 'mean', 'max'"),
        example("EmbeddingBag(20, 6)", (4, 9), fails="it takes one sequence of whole numbers, not 2 axes"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("mode", self.mode, ("sum", "mean", "max"))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        if len(shape) != 1:
            raise ShapeError(f"it takes one sequence of whole numbers, not {axes_of(shape)}")
        return (self.embedding_dim,)

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        taken = product(in_shapes[0]) * product(out)
        if self.mode == "max":
            return Work(compares=taken)
        return Work(adds=taken, divs=product(out) if self.mode == "mean" else 0)

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        made = [
            Kept("starts", (1,), "index"),
            Kept("bags", in_shapes[0], "index"),
            Kept("sizes", (1,), "index"),
        ]
        if self.mode == "max":
            made.append(Kept("maxima", out, "index"))
        return Saved(inputs=(0,), made=tuple(made))
