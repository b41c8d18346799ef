"""What a network needs: memory to run and to train, and what its training takes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cnncost.api.profiles import NetworkLike
from cnncost.api.results import Shown, ShownTable
from cnncost.count.memory import largest_batch, memory_use
from cnncost.count.training import Training
from cnncost.dims import Inputs
from cnncost.errors import CnncostError
from cnncost.network.catalogue import load
from cnncost.space.sweep import graphs_over, parse_over
from cnncost.timing.cards import cards_named
from cnncost.timing.requirement import Requirement, Size, budget_of, trained_layers
from cnncost.timing.training_plan import (
    Plan,
    PublishedRun,
    published_runs,
    read_count,
    read_duration,
    read_price,
    read_share,
)

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
    'ReLU'
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


class TrainingResult(Shown):
    """What a training run takes, with ways to show it; `plan` has the numbers, `plans` the other ways too."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self.plans = tuple(plans)

    @property
    def plan(self) -> Plan:
        """The run that was asked for."""
        return self.plans[-1]

    def content(self, format: str = "terminal") -> Content:  # noqa: ARG002 - the same in every format
        """One row per quantity."""
        from cnncost.views.training import document

        return document(self.plans)


def training(
    network: NetworkLike,
    *,
    images: str | int = "imagenet",
    epochs: str | int = 90,
    batch: int = 256,
    device: str | None = None,
    utilisation: str | float | None = None,
    took: str | None = None,
    price: str | float | None = None,
    dtype: str = "float32",
    optimizer: str = "momentum",
    freeze: Sequence[str] | str = (),
    train_only: Sequence[str] | str = (),
    cache_features: bool = False,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
) -> TrainingResult:
    """What training takes: work, time, energy and price, memory, and what devices send each other.

    Args:
        network: as in `profile`.
        images: the training images: a number, ``"1.28M"``, or a data set such as ``"imagenet"``.
        epochs: how often each image is seen.
        batch: the images of a step, on all devices together.
        device: one or several devices, such as ``"gtx580 x 2"``.
        utilisation: the share of their peak that they reach: ``0.3`` or ``"30%"``.
        took: how long the run took, such as ``"5.5 days"``, from which the utilisation follows.
        price: of one device-hour.
        dtype: the type of maps and weights.
        optimizer: what trains it.
        freeze: names or patterns of layers that are not trained.
        train_only: names or patterns of the only layers that are trained.
        cache_features: run the frozen layers once for each image, not once an epoch.
        input: a shape (C, H, W) instead of the spec's own.
        params: values instead of the spec's params.

    Raises:
        CnncostError: a name, number or option that cannot be used.

    >>> training("alexnet", images=1000, epochs=1).plan.work.forward_macs
    1135256096
    """
    frozen, only = several(freeze), several(train_only)
    if cache_features and not (frozen or only):
        raise CnncostError("--cache-features is for frozen layers: give --freeze or --train-only")
    if utilisation is not None and took is not None:
        raise CnncostError("give --utilisation or --took, not both: one follows from the other")
    if (utilisation is not None or took is not None or price is not None) and device is None:
        raise CnncostError("--utilisation, --took and --price are of devices: give --device")
    graph = load(network, input=input, params=params)
    whole = Training(memory_use(graph, batch, dtype, True, optimizer))
    first = Plan(
        "all layers",
        whole,
        read_count(images, "--images"),
        read_count(epochs, "--epochs"),
        batch,
        cards_named(device) if device else None,
        read_share(utilisation),
        read_price(price),
        read_duration(took),
    )
    first.seconds_at_peak  # noqa: B018 - a dtype that the device does not have is refused at once
    if not (frozen or only):
        return TrainingResult([first])
    trains = trained_layers(graph, frozen, only)
    part = Training(memory_use(graph, batch, dtype, True, optimizer, trains=trains))
    name = f"only {', '.join(only)}" if only else f"all but {', '.join(frozen)}"
    plans = [first, replace(first, name=name, training=part)]
    if cache_features:
        if not part.frozen_macs:
            raise CnncostError("--cache-features: no frozen layer lies before the first trained one")
        plans.append(replace(plans[-1], name=f"{name}, features cached", cached=True))
    return TrainingResult(plans)


def training_runs() -> ShownTable:
    """Published training runs, with the utilisation that they imply.

    Raises:
        CnncostError: a record names a network or a device that there is not.
    """
    from cnncost.views.training import runs

    return ShownTable(runs([published_run(record) for record in published_runs()]))


def published_run(record: Mapping[str, Any]) -> PublishedRun:
    """A run on record, with its plan where the network is known."""
    fast, slow = (read_duration(took) or 0 for took in record["took"])
    source, assumed = record["source"], record.get("assumed", "")
    if "network" not in record:
        return PublishedRun(
            record["title"], record["devices"], (fast, slow), source, assumed, record["networks"]
        )
    given = {key: record[key] for key in ("images", "epochs", "batch", "device")}
    plan = training(record["network"], **given).plan
    return PublishedRun(record["network"], plan.devices, (fast, slow), source, assumed, plan=plan)
