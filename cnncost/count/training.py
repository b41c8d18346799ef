"""The work of training, counted from the same formulas as inference: forward, backward and update.

A layer's multiply-adds are products of its input with its weights, or of two inputs. The backward pass does
each of them once more for every factor that needs a gradient: a convolution once for its input and once for
its weights. The first layer needs none for the network's input; below the first trained layer there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from cnncost.count.expectation import survival
from cnncost.count.memory import MemoryUse
from cnncost.count.optimizers import optimizer_named
from cnncost.count.storage import Tensor
from cnncost.network.graph import Graph, Node


@dataclass(frozen=True)
class StepWork:
    """Multiply-adds of a training step for one sample, and the operations of an update."""

    forward_macs: int
    backward_macs: int
    update_ops: int

    @property
    def macs(self) -> int:
        """Forward and backward."""
        return self.forward_macs + self.backward_macs


@dataclass(frozen=True)
class Training:
    """A network in training: what its memory says of it, and what one step takes."""

    use: MemoryUse

    @property
    def graph(self) -> Graph:
        """The network."""
        return self.use.graph

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """The layers, side heads too."""
        return self.graph.nodes

    @cached_property
    def work(self) -> StepWork:
        """The whole step."""
        return self.added(lambda node: 1)  # noqa: ARG005

    @cached_property
    def expected(self) -> StepWork | None:
        """The step on average where branches are dropped at random; None where none is."""
        runs = survival(self.graph)
        if runs is None or all(share == 1 for share in runs.values()):
            return None
        return self.added(lambda node: Fraction(runs[node.name]))

    def added(self, share: Callable[[Node], int | Fraction]) -> StepWork:
        """The step, of which each layer runs in a share of cases."""
        tensors = self.use.trace.tensors
        forward = sum(share(node) * macs_of(node) for node in self.nodes)
        backward = sum(
            share(node) * backward_macs(node, tensors, self.use.trains(node)) for node in self.nodes
        )
        update = optimizer_named(self.use.optimizer).operations * self.use.trained_params
        return StepWork(int(forward), int(backward), update)

    @cached_property
    def frozen_macs(self) -> int:
        """The forward pass of the layers that no gradient reaches: the same for an image in every epoch."""
        tensors = self.use.trace.tensors
        return sum(macs_of(node) for node in self.nodes if not tensors[node.name].trained)

    @cached_property
    def features(self) -> dict[str, Tensor]:
        """What the trained layers read of the others: what a cache of features holds."""
        tensors = self.use.trace.tensors
        read = {name for node in self.nodes if tensors[node.name].trained for name in node.inputs}
        return {name: tensors[name] for name in read if not tensors[name].trained}

    @cached_property
    def head(self) -> Training:
        """The trained layers alone, on cached features."""
        tensors = self.use.trace.tensors
        nodes = tuple(node for node in self.nodes if tensors[node.name].trained)
        inputs = {name: tensor.shape for name, tensor in sorted(self.features.items())}
        graph = self.graph.replace(nodes=nodes, inputs=inputs)
        return Training(self.use.changed(graph=graph))


def macs_of(node: Node) -> int:
    """The multiply-adds of a layer for one sample."""
    return int(node.layer.work(node.in_shapes, node.out_shape).macs)


def backward_macs(node: Node, tensors: Mapping[str, Tensor], trains: bool) -> int:
    """The multiply-adds of a layer's backward pass for one sample."""
    if not tensors[node.name].trained:
        return 0
    work = node.layer.work(node.in_shapes, node.out_shape)
    flowing = [tensors[name].trained for name in node.inputs]
    if not node.layer.weights(*node.in_shapes):  # a product of inputs: one for each that needs a gradient
        if len(flowing) > 1:
            return int(sum(flowing) * work.macs)
        return int(2 * any(flowing) * work.macs)
    return int((any(flowing) + trains) * (work.macs - work.products) + 2 * work.products)
