"""A graph as a torch module: the same nodes under the same names, in the same order."""

from __future__ import annotations

from importlib import import_module

import torch
from torch import Tensor, nn

from cnncost.dims import Shape
from cnncost.errors import CnncostError, shown
from cnncost.layers import Layer
from cnncost.measure.twins.modules import ExpressionModule
from cnncost.network.graph import Graph, Node


def build_layer(layer: Layer, *in_shapes: Shape) -> nn.Module:
    """The torch module of one layer, from its twin.

    Raises:
        CnncostError: it has none.
    """
    if not has_twin(layer):
        raise CnncostError(f"{type(layer).__name__} has no torch twin: PyTorch cannot run it")
    twin = layer.twin(*in_shapes)
    if not twin.name:
        return ExpressionModule(twin.call, len(in_shapes))
    room, _, name = twin.name.rpartition(".")
    module: nn.Module = getattr(import_module(room), name)(**twin.arguments)
    return module


def has_twin(layer: Layer) -> bool:
    """Whether a layer has a counterpart in PyTorch: a layer of others may name none."""
    if layer.twin_name is None:
        return False
    ours = type(layer).__module__.startswith("cnncost.")
    return ours or bool(layer.twin_name) or hasattr(nn, type(layer).__name__)


class StandIn(nn.Module):
    """In the place of a layer without a twin: zeros of the shape that cnncost says."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, *inputs: Tensor) -> Tensor:
        return inputs[0].new_zeros(len(inputs[0]), *self.shape)


def build(graph: Graph, device: torch.device | str | None = None, stand_ins: bool = False) -> Network:
    """The torch module of a graph.

    Its state_dict has the names of the nodes: ``conv3_x.0.body.conv_bn.Conv2d.weight``. On the
    ``meta`` device it has shapes but no values, and takes no memory. With `stand_ins`, layers without a
    twin have one that makes zeros of their shape.

    Raises:
        CnncostError: a layer has no twin, or the device cannot be used.
    """
    with usable_device(device):
        return Network(graph, stand_ins)


def usable_device(device: torch.device | str | None) -> torch.device:
    """The device of this name; torch's default for None.

    Raises:
        CnncostError: torch has none of this name, or it cannot be used here.
    """
    try:
        found = torch.device(device) if device is not None else torch.get_default_device()
        torch.empty(0, device=found)
    except (RuntimeError, TypeError, AssertionError, NotImplementedError):
        raise CnncostError(f"no device {shown(device)} here; use cpu, cuda or meta") from None
    return found


class Network(nn.Module):
    """Runs the nodes of a graph in order.

    It takes the graph's inputs in their order. In inference it leaves the side heads out and returns the
    graph's output, a tuple where there are several; in training that of each side head too. A layer that
    is used again is one module, under its first name.
    """

    def __init__(self, graph: Graph, stand_ins: bool = False) -> None:
        super().__init__()
        self.graph = graph
        self.nodes: dict[str, nn.Module] = {}
        for node in graph.nodes:
            if stand_ins and not has_twin(node.layer):
                self.nodes[node.name] = StandIn(node.out_shape)
                continue
            try:
                self.nodes[node.name] = (
                    SecondUse(self.nodes[node.shares])
                    if node.shares
                    else build_layer(node.layer, *node.in_shapes)
                )
            except Exception as error:
                error.add_note(node.name)
                raise
        used = {name for node in graph.nodes for name in node.inputs}
        self.heads = [node.name for node in graph.nodes if node.aux and node.name not in used]
        for name, module in self.nodes.items():
            if not isinstance(module, SecondUse):
                attach(self, name.split("."), module)

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        outputs = dict(zip(self.graph.inputs, inputs, strict=True))
        wanted = [*self.graph.outputs, *(self.heads if self.training else ())]
        nodes = [node for node in self.graph.nodes if self.training or not node.aux]
        last = last_uses(nodes)
        for node in nodes:
            entering = [outputs[name] for name in node.inputs] or inputs[
                :1
            ]  # a parameter takes the batch from it
            outputs[node.name] = self.nodes[node.name](*entering)
            for name in node.inputs:
                if last[name] is node and name not in wanted:
                    outputs.pop(name, None)  # free each map after its last use
        results = tuple(outputs[name] for name in wanted)
        return results if len(results) > 1 else results[0]


class SecondUse(nn.Module):
    """A module once more: it has its weights, and is no part of the state_dict."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.first = (module,)  # in a tuple torch does not see it

    def forward(self, *inputs: Tensor) -> Tensor:
        output: Tensor = self.first[0](*inputs)
        return output


def attach(parent: nn.Module, path: list[str], module: nn.Module) -> None:
    """Make a module the descendant of `parent` at its path.

    A merge comes after its branches, whose paths may be below its own: it adopts them.
    """
    # not add_module, which refuses names such as `train` and `type`
    children = parent._modules
    name, *rest = path
    present = children.get(name)
    if rest:
        attach(children.setdefault(name, nn.Module()), rest, module)
    else:
        if present is not None:
            module._modules.update(present._modules)
        children[name] = module


def last_uses(nodes: list[Node]) -> dict[str, Node]:
    """The last node that reads each output."""
    return {name: node for node in nodes for name in node.inputs}
