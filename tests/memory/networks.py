"""Networks in PyTorch: what autograd keeps of them, and the peaks of inference and training."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import torch
from torch import Tensor

from cnncost import Graph
from cnncost.count.memory import memory_use
from cnncost.count.storage import Run, trace
from cnncost.count.timeline import training
from cnncost.measure import build
from tests.memory.live import inference_peak, training_peak
from tests.memory.saved import Watch, fused_on_meta

BATCH = 2


@dataclass(frozen=True)
class Found:
    """Bytes in PyTorch and here; `kept` are those of each kept storage, with how many there are."""

    kept: Counter[int]
    kept_here: Counter[int]
    inference: tuple[int, int]
    training: tuple[int, int]


def inputs_of(graph: Graph) -> list[Tensor]:
    """A batch for each input, without values."""
    whole = {name for node in graph.nodes if node.layer.whole_below is not None for name in node.inputs}
    kinds = {name: torch.int64 if name in whole else torch.float32 for name in graph.inputs}
    return [
        torch.empty(BATCH, *shape, dtype=kinds[name], device="meta") for name, shape in graph.inputs.items()
    ]


def kept_by_torch(graph: Graph) -> Counter[int]:
    """The sizes of the storages that autograd keeps of a training step's forward pass."""
    network = build(graph, "meta").train()
    watch = Watch(network)
    with watch.open():
        network(*inputs_of(graph))
    return Counter(one.bytes for one in watch.seen.values() if one.bytes)


def kept_here(graph: Graph) -> Counter[int]:
    """The same as counted here; on the meta device and a CPU, a dropout mask has the dtype of its map."""
    found = trace(graph, Run(BATCH, train=True, masks="float32"))
    kept = {name for step in found.steps for name in step.kept}
    return Counter(found.sizes[name] for name in kept)


def compared(graph: Graph) -> Found:
    """Everything that is compared."""
    with fused_on_meta():
        inference = inference_peak(build(graph, "meta"), inputs_of(graph)).peak
        train = training_peak(build(graph, "meta"), inputs_of(graph)).peak
    ours = memory_use(graph, BATCH)
    trained = memory_use(graph, BATCH, train=True)
    traced = training(
        trace(graph, Run(BATCH, train=True, masks="float32")), trained.weight_gradients, in_place=False
    )
    return Found(
        kept_by_torch(graph),
        kept_here(graph),
        (inference, max(ours.timeline.live)),
        (train, max(traced.live)),
    )
