"""The bytes of all storages that live while a network runs in PyTorch, operation by operation."""

from __future__ import annotations

import weakref
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class LiveBytes(TorchDispatchMode):
    """Adds up the storages that operations make, and takes them off when the last tensor of them goes."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.peak = 0
        self.operation = self.peak_at = ""
        self.known: dict[int, Any] = {}

    def pass_over(self, network: torch.nn.Module) -> None:
        """Leave out parameters and buffers, which are there all the time."""
        for tensor in (*network.parameters(), *network.buffers()):
            self.known[tensor.untyped_storage()._cdata] = None

    def note(self, value: Any) -> None:
        """Count a tensor's storage, if it is new."""
        if not isinstance(value, Tensor):
            return
        storage = value.untyped_storage()
        if storage._cdata in self.known:
            return
        size = storage.nbytes()
        self.known[storage._cdata] = weakref.finalize(storage, self.gone, storage._cdata, size)
        self.now += size
        if self.now > self.peak:
            self.peak, self.peak_at = self.now, self.operation

    def gone(self, key: int, size: int) -> None:
        """Take off a storage."""
        self.now -= size
        del self.known[key]

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.operation = str(func)
        result = func(*args, **(kwargs or {}))
        # on the meta device alone, batch norm in inference returns statistics that nobody needs
        normal = func is torch.ops.aten.native_batch_norm.default and not args[5]
        for value in tree_leaves(result)[: 1 if normal else None]:
            self.note(value)
        return result


def inference_peak(network: torch.nn.Module, inputs: list[Tensor]) -> LiveBytes:
    """A forward pass without gradients; the inputs are held by the caller."""
    live = LiveBytes()
    live.pass_over(network)
    for x in inputs:
        live.note(x)
    with torch.no_grad(), live:
        network.eval()(*inputs)
    return live


def training_peak(network: torch.nn.Module, inputs: list[Tensor]) -> LiveBytes:
    """A forward and a backward pass; the gradients of the weights stay."""
    live = LiveBytes()
    live.pass_over(network)
    for x in inputs:
        live.note(x)
    with live:
        outputs = network.train()(*inputs)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        torch.autograd.backward(outputs, [torch.empty_like(y) for y in outputs])
    return live
