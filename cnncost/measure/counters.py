"""What torch and fvcore themselves say of a module that runs: shapes, bytes and operations."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode
from torch.utils.hooks import RemovableHandle

from cnncost.dims import Shape


@dataclass(frozen=True, eq=False)
class Call:
    """A module that ran once: shapes without the batch, and the FLOPs that FlopCounterMode saw.

    `out_bytes` are those of its output, for the whole batch; `own` are the FLOPs less those of watched
    modules that ran inside it; `inside` is how many did.
    """

    name: str
    module: nn.Module
    in_shape: Shape
    out_shape: Shape
    flops: int
    own: int
    inside: int
    out_bytes: int


def watch(
    network: nn.Module, x: torch.Tensor, modules: Iterable[tuple[str, nn.Module]]
) -> tuple[Any, list[Call]]:
    """Run a network without gradients: its output, and the calls of named modules as they end.

    A linear layer whose weights the module around it uses by itself has run too. Its sample is all that
    it is given: windows of an image may lie in the batch.
    """
    watched = Watched(modules)
    output = watched.run(network, x)
    return output, watched.calls


class Watched(TorchFunctionMode):
    """The calls of some modules, from hooks, and of linear layers that are passed by, from their weights."""

    def __init__(self, modules: Iterable[tuple[str, nn.Module]]) -> None:
        super().__init__()
        self.modules = dict(modules)
        self.calls: list[Call] = []
        self.running = [Running("", 0)]
        self.counter = FlopCounterMode(display=False)
        self.linears = {id(m.weight): name for name, m in self.modules.items() if type(m) is nn.Linear}

    def run(self, network: nn.Module, x: torch.Tensor) -> Any:
        """The network's output; should it fail, `running` says where."""
        handles = [handle for name, module in self.modules.items() for handle in self.hooks(name, module)]
        try:
            with self.counter, self, torch.no_grad():
                return network(x)
        finally:
            for handle in handles:
                handle.remove()

    def hooks(self, name: str, module: nn.Module) -> Iterator[RemovableHandle]:
        """What records the calls of a module."""
        yield module.register_forward_pre_hook(lambda *_: self.begin(name))
        yield module.register_forward_hook(
            lambda _, inputs, output: self.end(sample_shape(inputs), sample_shape(output), size(output))
        )

    def begin(self, name: str) -> None:
        """A module starts to run."""
        self.running.append(Running(name, self.counter.get_total_flops()))

    def end(self, in_shape: Shape, out_shape: Shape, out_bytes: int) -> None:
        """It has run."""
        this, outer = self.running.pop(), self.running[-1]
        flops = self.counter.get_total_flops() - this.start
        outer.flops, outer.calls = outer.flops + flops, outer.calls + this.calls + 1
        own = flops - this.flops
        module = self.modules[this.name]
        self.calls.append(Call(this.name, module, in_shape, out_shape, flops, own, this.calls, out_bytes))

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = self.linears.get(id(args[1])) if func is nn.functional.linear else None
        if name is None or name == self.running[-1].name:
            return func(*args, **kwargs or {})
        self.begin(name)
        output = func(*args, **kwargs or {})
        self.end(tuple(args[0].shape), tuple(output.shape), size(output))
        return output


@dataclass
class Running:
    """A call that has not ended: the FLOPs when it began, and those of calls that ended inside it."""

    name: str
    start: int
    flops: int = 0
    calls: int = 0


def first(tensors: Any) -> Any:
    """A tensor, or the first of several."""
    while isinstance(tensors, (tuple, list)):
        tensors = tensors[0]
    return tensors


def sample_shape(tensors: Any) -> Shape:
    """The shape of a tensor, or the first of several, without the batch."""
    return tuple(first(tensors).shape[1:])


def size(tensors: Any) -> int:
    """The bytes of a tensor's elements, or those of the first of several."""
    tensor = first(tensors)
    return int(tensor.numel() * tensor.element_size())


def run_counted(module: nn.Module, *in_shapes: Shape, device: str = "meta") -> tuple[Any, int]:
    """A module's output on one sample, and the FLOPs that FlopCounterMode counts for it."""
    inputs = [torch.ones(1, *shape, device=device) for shape in in_shapes]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        output = module.eval()(*inputs)
    return output, counter.get_total_flops()


def fvcore_analysis(module: nn.Module, x: torch.Tensor | tuple[torch.Tensor, ...]) -> Any:
    """fvcore's analysis of an inference run, finished, without its notes on uncounted operators."""
    with warnings.catch_warnings():
        # importing and tracing use torch.jit, which torch deprecates
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        from fvcore.nn import FlopCountAnalysis

        analysis = FlopCountAnalysis(module.eval(), x)
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        analysis.total()
    return analysis
