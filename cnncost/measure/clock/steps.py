"""What is timed: a forward pass or a training step, plain or with a time mark around each layer."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from cnncost.measure.building import Network
from cnncost.network.graph import Node

Key = tuple[str, str]
"""A node and ``forward`` or ``backward``; or ``loss`` or ``optimizer step`` and ``step``."""
Mark = Callable[[], Any]
Marks = list[tuple[Key, Any, Any]]


class Step:
    """A network with its inputs; `compiled` runs instead of it where there is one.

    `views` are the layers that return their input's own memory, once `explore` has run.
    """

    def __init__(self, network: Network, *inputs: Tensor) -> None:
        self.network, self.inputs = network, inputs
        self.compiled: Callable[..., Any] = network
        self.views: set[str] = set()

    def run(self) -> None:
        """Run the step as a user would."""
        raise NotImplementedError

    def run_layers(self, mark: Mark, marks: Marks, at: Callable[[str], None]) -> None:
        """Run the step layer by layer; `at` is called with the name of each before it runs."""
        raise NotImplementedError

    def explore(self, at: Callable[[str], None]) -> None:
        """Run once without marks."""
        self.run_layers(lambda: None, [], at)

    def marked(self, mark: Mark) -> Marks:
        """Run once with a mark before and after each layer."""
        marks: Marks = []
        self.run_layers(mark, marks, lambda _: None)
        return marks

    def run_layer(self, name: str, inputs: tuple[Tensor, ...], mark: Mark, marks: Marks) -> Tensor:
        """Run one layer forward, and note whether its output is a view of an input, as Flatten's is."""
        start = mark()
        out: Tensor = self.network.nodes[name](*inputs)
        marks.append(((name, "forward"), start, mark()))
        memory = out.untyped_storage().data_ptr()
        if any(memory == x.untyped_storage().data_ptr() for x in inputs):
            self.views.add(name)
        return out


class Inference(Step):
    """A forward pass in inference mode."""

    def __init__(self, network: Network, *inputs: Tensor) -> None:
        super().__init__(network.eval(), *inputs)

    def run(self) -> None:
        with torch.inference_mode():
            self.compiled(*self.inputs)

    def run_layers(self, mark: Mark, marks: Marks, at: Callable[[str], None]) -> None:
        def probe(name: str) -> Callable[..., Tensor]:
            def call(*inputs: Tensor) -> Tensor:
                at(name)
                return self.run_layer(name, inputs, mark, marks)

            return call

        probed = copy.copy(self.network)  # shares everything but the table of modules
        probed.nodes = {name: probe(name) for name in self.network.nodes}
        with torch.inference_mode():
            Network.forward(probed, *self.inputs)


class Training(Step):
    """Forward pass, cross-entropy of all heads, backward pass, and a step of SGD with momentum."""

    def __init__(self, network: Network, *inputs: Tensor) -> None:
        super().__init__(network.train(), *inputs)
        for module in network.modules():
            if getattr(module, "inplace", False):
                module.inplace = (
                    False  # each layer is differentiated on its own, from an input kept unchanged
                )
        self.optimizer = torch.optim.SGD(network.parameters(), lr=1e-6, momentum=0.9)

    def run(self) -> None:
        self.optimizer.zero_grad()
        results = self.compiled(*self.inputs)
        loss(results if isinstance(results, tuple) else (results,)).backward()
        self.optimizer.step()

    def run_layers(self, mark: Mark, marks: Marks, at: Callable[[str], None]) -> None:
        """Run each layer forward, detached from the others, then each backward, then the optimizer."""
        self.optimizer.zero_grad()
        network, graph = self.network, self.network.graph
        leaves = dict(zip(graph.inputs, self.inputs, strict=True))
        outs: list[tuple[Node, Tensor]] = []
        for node in graph.nodes:
            at(node.name)
            inputs = tuple(leaves[name] for name in node.inputs) or self.inputs[:1]
            out = self.run_layer(node.name, inputs, mark, marks)
            leaves[node.name] = out.detach().requires_grad_(out.requires_grad)
            outs.append((node, out))
        at("loss")
        start = mark()
        loss(tuple(leaves[name] for name in (*graph.outputs, *network.heads))).backward()
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
