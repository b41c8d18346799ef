"""What a network needs: memory to run and to train, and what its training takes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cnncost.api.profiles import NetworkLike
from cnncost.api.results import Shown
from cnncost.count.memory import largest_batch, memory_use
from cnncost.dims import Inputs
from cnncost.errors import CnncostError
from cnncost.network.catalogue import load
from cnncost.space.sweep import graphs_over, parse_over
from cnncost.timing.requirement import Requirement, Size, budget_of, trained_layers

if TYPE_CHECKING:
    from cnncost.tables.table import Content


class MemoryResult(Shown, Requirement):
    """The memory that a network needs, with ways to show it."""

    def content(self, format: str = "terminal") -> Content:  # noqa: ARG002 - the same in every format
        """The parts of the memory at the peak."""
        from cnncost.views.memory import document

        return document(self)


def memory(
    network: NetworkLike,
    *,
    batch: int = 1,
    dtype: str = "float32",
    train: bool = False,
    optimizer: str = "sgd",
    master: bool = True,
    checkpoint: str | None = None,
    inplace: bool = False,
    freeze: Sequence[str] | str = (),
    train_only: Sequence[str] | str = (),
    fits: str | None = None,
    device: str | None = None,
    over: str | None = None,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
) -> MemoryResult:
    """The memory that a network needs to run, or to train: the peak, where it is, and what fits.

    Args:
        network: as in `profile`.
        batch: samples.
        dtype: the type of maps and weights.
        train: a training step instead of inference.
        optimizer: what trains it: sgd, momentum, adam, adamw, …
        master: with 16-bit maps, keep float32 weights and optimizer state besides.
        checkpoint: ``"stage"`` keeps only what passes from stage to stage and computes the rest again.
        inplace: every activation that can overwrite its input does so, as in torchvision's networks.
        freeze: names or patterns of layers that are not trained.
        train_only: names or patterns of the only layers that are trained.
        fits: memory that there is, such as ``"24GB"``: also find the largest batch.
        device: a device by name instead, such as ``"rtx3090"``.
        over: also count it at several sizes: ``"input=160,192,224"``.
        input: a shape (C, H, W) instead of the spec's own.
        params: values instead of the spec's params.

    Raises:
        CnncostError: a name, size or option that cannot be used.

    >>> memory("alexnet", batch=128).use.peak_at
    'conv1.ReLU'
    """
    if checkpoint not in (None, "stage"):
        raise CnncostError(f"checkpoints are set by `stage`, not by `{checkpoint}`")
    frozen, only = several(freeze), several(train_only)
    if (frozen or only) and not train:
        raise CnncostError("--freeze and --train-only are for training: give --train")
    budget = budget_of(fits, device)
    graph = load(network, input=input, params=params)
    use = memory_use(
        graph,
        batch,
        dtype,
        train,
        optimizer,
        master,
        checkpoint is not None,
        inplace,
        trained_layers(graph, frozen, only),
    )
    if over is None:
        return MemoryResult(use, budget)
    if not isinstance(network, (str, os.PathLike)):
        raise CnncostError("over takes a name or a path, which can be built at several sizes")
    sizes, left_out = [], []
    for value, built in graphs_over(network, parse_over(over), input, params, train)[1]:
        if isinstance(built, str):
            left_out.append((value.text, built))
            continue
        one = use.changed(graph=built)
        sizes.append(Size(value.text, one, largest_batch(one, budget.bytes) if budget else None))
    return MemoryResult(use, budget, tuple(sizes), tuple(left_out))


def several(names: Sequence[str] | str) -> Sequence[str]:
    """Names; a single one may be given without a list."""
    return [names] if isinstance(names, str) else names
