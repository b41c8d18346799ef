"""The memory that a network takes to run or to train: at the peak, and where that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from cnncost.count.dtype import DTYPE_BITS, dtype_bytes, whole_bytes
from cnncost.count.optimizers import optimizer_named
from cnncost.count.storage import Run, Trace, always, trace
from cnncost.count.timeline import KEPT, WEIGHTS, Timeline, inference, training
from cnncost.dims import product
from cnncost.errors import CnncostError
from cnncost.network.graph import Graph, Node

MOST_BATCH = 2**24
"""The largest batch that is looked for."""


@dataclass(frozen=True)
class MemoryUse:
    """What a network takes: bytes.

    `run` is how it is run. In training, `optimizer` keeps its state in float32 and, for maps of 16 bits,
    `master` weights besides; `checkpoint` keeps only what passes from stage to stage.
    """

    graph: Graph
    run: Run
    optimizer: str = "sgd"
    master: bool = True
    checkpoint: bool = False

    @cached_property
    def trace(self) -> Trace:
        """Where every tensor lies."""
        return trace(self.graph, self.run)

    @cached_property
    def timeline(self) -> Timeline:
        """What is in memory besides weights and optimizer state, step by step."""
        if not self.run.train:
            return inference(self.trace)
        return training(self.trace, self.weight_gradients, self.checkpoint)

    @property
    def weight_gradients(self) -> dict[str, int]:
        """The bytes of the gradients of each trained layer's weights."""
        return {node.name: self.bytes_of(self.learned(node)) for node in self.owners if self.trains(node)}

    @property
    def owners(self) -> list[Node]:
        """The layers that have weights of their own and run."""
        return [node for node in self.graph.nodes if not node.shares and (self.run.train or not node.aux)]

    def trains(self, node: Node) -> bool:
        """Whether the weights of a layer are trained."""
        return self.run.train and self.run.trains(node.name)

    def learned(self, node: Node) -> int:
        """The parameters of a layer."""
        weights = node.layer.weights(*node.in_shapes).items()
        return sum(product(shape) for name, shape in weights if name not in node.layer.buffer_names)

    def bytes_of(self, values: int, dtype: str = "") -> int:
        """The bytes of some values, of the run's dtype if no other is given."""
        return int(whole_bytes(values, dtype_bytes(dtype or self.run.dtype)))

    @cached_property
    def params(self) -> int:
        """The parameters, trained or not."""
        return sum(map(self.learned, self.owners))

    @cached_property
    def trained_params(self) -> int:
        """The parameters that are trained."""
        return sum(self.learned(node) for node in self.owners if self.trains(node))

    @cached_property
    def weights_bytes(self) -> int:
        """Parameters and buffers."""
        weights = (node.layer.weights(*node.in_shapes).values() for node in self.owners)
        return self.bytes_of(sum(product(shape) for shapes in weights for shape in shapes))

    @property
    def gradients_bytes(self) -> int:
        """The gradients of all trained parameters, which are there at the end of the backward pass."""
        return self.bytes_of(self.trained_params)

    @property
    def optimizer_bytes(self) -> int:
        """The optimizer's state, and the master weights of mixed precision."""
        if not self.run.train:
            return 0
        state = optimizer_named(self.optimizer).state * self.trained_params
        return self.bytes_of(state, "float32" if self.mixed else self.run.dtype) + self.master_bytes

    @property
    def mixed(self) -> bool:
        """Whether weights and state are in float32 besides 16-bit ones."""
        return self.master and self.run.train and DTYPE_BITS[self.run.dtype] < DTYPE_BITS["float32"]

    @property
    def master_bytes(self) -> int:
        """The float32 weights of mixed precision."""
        return self.bytes_of(self.trained_params, "float32") if self.mixed else 0

    @property
    def saved_bytes(self) -> int:
        """What autograd keeps of the whole forward pass, each storage once; 0 in inference."""
        kept = {name for step in self.trace.steps for name in step.kept}
        return sum(self.trace.sizes[name] for name in kept)

    @property
    def always_bytes(self) -> int:
        """What is there all the time: weights, buffers and the optimizer's state."""
        return self.weights_bytes + self.optimizer_bytes

    @cached_property
    def total_bytes(self) -> int:
        """The most that is in memory at once."""
        return self.always_bytes + max(self.timeline.live)

    @property
    def peak_bytes(self) -> int:
        """The maps at that moment, their gradients and what is kept: all but weights and their gradients."""
        return max(self.timeline.live) - self.gradients_at_peak_bytes

    @property
    def gradients_at_peak_bytes(self) -> int:
        """The gradients of weights that are there at that moment."""
        return self.timeline.of_kind(WEIGHTS, self.timeline.peak)

    @property
    def kept_only_bytes(self) -> int:
        """Masks, indices and the like at that moment."""
        return self.timeline.of_kind(KEPT, self.timeline.peak)

    @property
    def peak_at(self) -> str:
        """The layer at whose step the peak is; in training with its direction."""
        event = self.timeline.events[self.timeline.peak]
        return f"{event.layer}, {event.phase}" if self.run.train else event.layer

    @cached_property
    def lower_bound_bytes(self) -> int:
        """What no order of the layers goes below in inference: the inputs, and what one layer needs."""
        sizes, inputs = self.trace.sizes, set(self.trace.inputs)
        needed = (inputs | {*step.reads, step.writes, *step.fresh} for step in self.trace.steps)
        return max(sum(map(sizes.__getitem__, names)) for names in needed)

    @cached_property
    def again_macs(self) -> int:
        """The multiply-adds of the second forward pass that checkpoints need, for the whole batch."""
        macs = {node.name: node.layer.work(node.in_shapes, node.out_shape).macs for node in self.graph.nodes}
        events = (event for event in self.timeline.events if event.phase == "forward again")
        return int(self.run.batch * sum(macs[event.layer] for event in events))

    def with_batch(self, batch: int) -> MemoryUse:
        """The same with another batch."""
        return replace(self, run=replace(self.run, batch=batch))

    def in_dtype(self, dtype: str) -> MemoryUse:
        """The same in another dtype."""
        return replace(self, run=replace(self.run, dtype=dtype))

    def changed(self, **changes: Any) -> MemoryUse:
        """The same with another optimizer, checkpoints or network."""
        return replace(self, **changes)


def memory_use(
    graph: Graph,
    batch: int = 1,
    dtype: str = "float32",
    train: bool = False,
    optimizer: str = "sgd",
    master: bool = True,
    checkpoint: bool = False,
    overwrites: bool = False,
    trains: Callable[[str], bool] = always,
) -> MemoryUse:
    """What a network takes to run, or to train.

    Raises:
        CnncostError: a batch below 1, an unknown dtype or optimizer, a network that cannot be trained so.
    """
    if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
        raise CnncostError(f"the batch must be a whole number from 1, got {batch!r}")
    dtype_bytes(dtype)
    optimizer_named(optimizer)
    if train and "int" in dtype:
        raise CnncostError(f"{dtype} has no gradients: train with float32, bfloat16 or float16")
    if train and graph.unfit:
        raise CnncostError(f"{graph.name} cannot be trained on this input: {graph.unfit[0]}")
    if checkpoint and not train:
        raise CnncostError("checkpoints are for training: give --train")
    run = Run(batch, dtype, train, overwrites=overwrites, trains=trains)
    return MemoryUse(graph, run, optimizer, master, checkpoint)


def largest_batch(use: MemoryUse, budget: int) -> int:
    """The largest batch that fits into some bytes, 0 where not even one sample does."""
    if use.with_batch(1).total_bytes > budget:
        return 0
    low, high = 1, 2
    while high <= MOST_BATCH and use.with_batch(high).total_bytes <= budget:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if use.with_batch(middle).total_bytes <= budget else (low, middle)
    return low
