"""What is timed: a forward pass or a training step, plain or with a time mark around each layer."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from cnncost.measure.building import Network
from cnncost.network.graph import INPUT, Node

Key = tuple[str, str]
"""A node and ``forward`` or ``backward``; or ``loss`` or ``optimizer step`` and ``step``."""
Mark = Callable[[], Any]
Marks = list[tuple[Key, Any, Any]]


class Inference:
    """A forward pass in inference mode; a `compiled` network runs instead of the plain one."""

    def __init__(self, network: Network, x: Tensor, compiled: Callable[[Tensor], Any] | None = None) -> None:
        self.network, self.x, self.compiled = network.eval(), x, compiled or network
        self.views: set[str] = set()

    def run(self) -> None:
        """Run the pass as a user would."""
        with torch.inference_mode():
            self.compiled(self.x)

    def marked(self, mark: Mark) -> Marks:
        """Run the same pass with a mark before and after each layer."""
        marks: Marks = []
        probe = copy.copy(self.network)  # shares everything but the table of modules
        probe.nodes = {
            name: marking((name, "forward"), module, mark, marks)
            for name, module in self.network.nodes.items()
        }
        with torch.inference_mode():
            Network.forward(probe, self.x)
        return marks

    def explore(self, at: Callable[[str], None]) -> None:
        """Run once and note the layers that return a view of their input; `at` is called with each name."""
        probe = copy.copy(self.network)
        probe.nodes = {
            name: exploring(name, module, at, self.views) for name, module in self.network.nodes.items()
        }
        with torch.inference_mode():
            Network.forward(probe, self.x)


def marking(key: Key, module: nn.Module, mark: Mark, marks: Marks) -> Callable[..., Tensor]:
    """The module's call, with a mark before and after it."""

    def call(*inputs: Tensor) -> Tensor:
        start = mark()
        out: Tensor = module(*inputs)
        marks.append((key, start, mark()))
        return out

    return call


def exploring(name: str, module: nn.Module, at: Callable[[str], None], views: set[str]) -> Any:
    """The module's call, which notes whether the output is a view."""

    def call(*inputs: Tensor) -> Tensor:
        at(name)
        out: Tensor = module(*inputs)
        if is_view(out, inputs):
            views.add(name)
        return out

    return call


def is_view(out: Tensor, inputs: tuple[Tensor, ...]) -> bool:
    """Whether an output shares the memory of an input, as Flatten's does."""
    return any(out.untyped_storage().data_ptr() == x.untyped_storage().data_ptr() for x in inputs)


class Training:
    """Forward pass, cross-entropy of all heads, backward pass, and a step of SGD with momentum."""

    def __init__(self, network: Network, x: Tensor, compiled: Callable[[Tensor], Any] | None = None) -> None:
        self.network, self.x, self.compiled = network.train(), x, compiled or network
        for module in network.modules():
            if getattr(module, "inplace", False):
                module.inplace = (
                    False  # each layer is differentiated on its own, from an input kept unchanged
                )
        self.optimizer = torch.optim.SGD(network.parameters(), lr=1e-6, momentum=0.9)
        self.views: set[str] = set()

    def run(self) -> None:
        """Run the step as a user would."""
        self.optimizer.zero_grad()
        results = self.compiled(self.x)
        loss(results if isinstance(results, tuple) else (results,)).backward()
        self.optimizer.step()

    def explore(self, at: Callable[[str], None]) -> None:
        """Run once layer by layer; `at` is called with each name."""
        self.step(lambda: None, [], at)

    def marked(self, mark: Mark) -> Marks:
        """Run the same step layer by layer, each detached from the others, with marks around each."""
        marks: Marks = []
        self.step(mark, marks, lambda _: None)
        return marks

    def step(self, mark: Mark, marks: Marks, at: Callable[[str], None]) -> None:
        """Run each layer forward, then each layer backward, then the optimizer."""
        self.optimizer.zero_grad()
        network, graph = self.network, self.network.graph
        leaves: dict[str, Tensor] = {INPUT: self.x}
        outs: list[tuple[Node, Tensor]] = []
        for node in graph.nodes:
            at(node.name)
            inputs = tuple(leaves[name] for name in node.inputs)
            start = mark()
            out: Tensor = network.nodes[node.name](*inputs)
            marks.append(((node.name, "forward"), start, mark()))
            if is_view(out, inputs):
                self.views.add(node.name)
            leaves[node.name] = out.detach().requires_grad_(out.requires_grad)
            outs.append((node, out))
        at("loss")
        start = mark()
        loss(tuple(leaves[name] for name in (graph.output, *network.heads))).backward()
        marks.append((("loss", "step"), start, mark()))
        while outs:
            node, out = outs.pop()
            gradient = leaves.pop(node.name).grad
            if gradient is None or not out.requires_grad:
                continue
            at(node.name)
            start = mark()
            torch.autograd.backward(out, gradient)
            marks.append(((node.name, "backward"), start, mark()))
        start = mark()
        self.optimizer.step()
        marks.append((("optimizer step", "step"), start, mark()))


def loss(outputs: tuple[Tensor, ...]) -> Tensor:
    """The sum of the cross-entropies of all outputs against class 0."""
    terms = [
        functional.cross_entropy(y, torch.zeros(y.shape[:1] + y.shape[2:], dtype=torch.long, device=y.device))
        for y in outputs
    ]
    return torch.stack(terms).sum()
