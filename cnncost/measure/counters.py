"""What torch and fvcore count themselves in a module that runs: shapes, bytes and operations."""

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
from cnncost.measure.inputs import random_input

ONE_VALUE_REFUSED = "Expected more than 1 value"
"""How torch refuses to normalise a single value, which has no variance; it accepts two samples."""


@dataclass(frozen=True, eq=False)
class ModuleCall:
    """A module that ran once: shapes without the batch, and the FLOPs that FlopCounterMode counted.

    `out_bytes` is the size of its output for the whole batch, `inside` the number of watched modules
    that ran inside it, and `own` the FLOPs without theirs.
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
) -> tuple[Any, list[ModuleCall]]:
    """Run a network without gradients; return its output, and the calls of the modules as they end.

    A linear layer counts as called when the module around it uses its weights directly. Its shapes then
    keep the batch axis, which may hold the windows of one image.
    """
    watched = Watched(modules)
    output = watched.run(network, x)
    return output, watched.calls


class Watched(TorchFunctionMode):
    """Records the calls of modules by hooks; of linear layers that others bypass, by their weights."""

    def __init__(self, modules: Iterable[tuple[str, nn.Module]]) -> None:
        super().__init__()
        self.modules = dict(modules)
        self.calls: list[ModuleCall] = []
        self.running = [Running("", 0)]
        self.counter = FlopCounterMode(display=False)
        self.batch = 1
        self.linears = {m.weight: name for name, m in self.modules.items() if type(m) is nn.Linear}

    def run(self, network: nn.Module, *inputs: torch.Tensor) -> Any:
        """The network's output; where it fails, the last of `running` is the module that failed."""
        self.batch = inputs[0].shape[0]
        handles = [handle for name, module in self.modules.items() for handle in self.hooks(name, module)]
        try:
            with self.counter, self, torch.no_grad():
                return network(*inputs)
        finally:
            for handle in handles:
                handle.remove()

    def hooks(self, name: str, module: nn.Module) -> Iterator[RemovableHandle]:
        """Hook a module, so that its calls are recorded."""
        yield module.register_forward_pre_hook(lambda *_: self.begin(name))
        yield module.register_forward_hook(
            lambda _, inputs, output: self.end(self.sample(inputs), self.sample(output), byte_size(output))
        )

    def sample(self, tensors: Any) -> Shape:
        """The shape of a tensor, or the first of several, for one sample.

        A first axis of another size than the batch holds parts of a sample: the windows of one image.
        """
        shape = tuple(first_tensor(tensors).shape)
        return shape[1:] if shape[:1] == (self.batch,) else shape

    def begin(self, name: str) -> None:
        """A module starts to run."""
        self.running.append(Running(name, self.counter.get_total_flops()))

    def end(self, in_shape: Shape, out_shape: Shape, out_bytes: int) -> None:
        """The innermost running module has ended."""
        this, outer = self.running.pop(), self.running[-1]
        flops = self.counter.get_total_flops() - this.start
        outer.flops, outer.calls = outer.flops + flops, outer.calls + this.calls + 1
        own = flops - this.flops
        module = self.modules[this.name]
        self.calls.append(
            ModuleCall(this.name, module, in_shape, out_shape, flops, own, this.calls, out_bytes)
        )

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = self.linears.get(args[1]) if func is nn.functional.linear else None
        if name is None or name == self.running[-1].name:
            return func(*args, **kwargs or {})
        self.begin(name)
        output = func(*args, **kwargs or {})
        self.end(tuple(args[0].shape), tuple(output.shape), byte_size(output))
        return output


@dataclass
class Running:
    """A call that has not ended: the FLOPs when it began, and the FLOPs and number of calls inside it."""

    name: str
    start: int
    flops: int = 0
    calls: int = 0


def first_tensor(tensors: Any) -> Any:
    """A tensor, or the first of several, which may have names."""
    while isinstance(tensors, (tuple, list, dict)):
        tensors = next(iter(tensors.values() if isinstance(tensors, dict) else tensors))
    return tensors


def byte_size(tensors: Any) -> int:
    """The bytes of a tensor, or of the first of several."""
    tensor = first_tensor(tensors)
    return int(tensor.numel() * tensor.element_size())


def run_counted(
    module: nn.Module, *in_shapes: Shape, device: str = "meta", below: Any = None
) -> tuple[Any, int]:
    """A module's output on one sample, and the FLOPs that FlopCounterMode counts for it.

    `below` says that the input is whole numbers, and how many there are.
    """
    inputs = [random_input(shape, below, device=device) for shape in in_shapes]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        output = module.eval()(*inputs)
    return output, counter.get_total_flops()


def fvcore_analysis(module: nn.Module, x: torch.Tensor | tuple[torch.Tensor, ...]) -> Any:
    """fvcore's finished analysis of an inference run, without its notes on uncounted operators."""
    with warnings.catch_warnings():
        # importing and tracing use torch.jit, which torch deprecates
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        warnings.filterwarnings("ignore", "LSTM with projections is not supported with oneDNN")
        from fvcore.nn import FlopCountAnalysis

        analysis = FlopCountAnalysis(module.eval(), x)
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        analysis.total()
    return analysis


def first_line(error: BaseException) -> str:
    """The first line of an error's message, or its class where it has none."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
