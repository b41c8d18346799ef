"""What PyTorch keeps for the backward pass, seen by hooks on saved tensors: distinct storages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from cnncost.dims import Shape


class Seen(NamedTuple):
    """A storage that autograd keeps: its bytes, and a tensor that lies in it."""

    bytes: int
    shape: Shape
    dtype: torch.dtype


class Watch:
    """The storages that autograd keeps while it is open, those of parameters and buffers left out."""

    def __init__(self, module: nn.Module) -> None:
        self.own = {key(t) for t in (*module.parameters(), *module.buffers())}
        self.seen: dict[int, Seen] = {}
        self.alive: list[Any] = []  # a freed storage's address would be given to another one

    def pack(self, tensor: Tensor) -> Tensor:
        """Note the storage of a saved tensor."""
        self.alive.append(tensor.untyped_storage())
        if key(tensor) not in self.own:
            found = Seen(tensor.untyped_storage().nbytes(), tuple(tensor.shape), tensor.dtype)
            self.seen.setdefault(key(tensor), found)
        return tensor

    @contextmanager
    def open(self) -> Iterator[None]:
        """Watch what is computed in the block."""
        with torch.autograd.graph.saved_tensors_hooks(self.pack, lambda t: t), fused_on_meta():
            yield


def key(tensor: Tensor) -> int:
    """What two tensors of one storage have in common."""
    return tensor.untyped_storage()._cdata


@contextmanager
def fused_on_meta() -> Iterator[None]:
    """Let attention choose the kernel on the meta device that it chooses on a CPU."""
    plain = functional.scaled_dot_product_attention

    def attend(
        q: Tensor, k: Tensor, v: Tensor, attn_mask: Any = None, dropout_p: float = 0.0, **more: Any
    ) -> Tensor:
        if q.dim() != 4 or attn_mask is not None or dropout_p:
            return plain(q, k, v, attn_mask, dropout_p, **more)
        flash = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
        result: Tensor = flash(q, k, v, 0.0, False, **more)[0]
        return result

    functional.scaled_dot_product_attention = attend
    try:
        yield
    finally:
        functional.scaled_dot_product_attention = plain


def total(seen: Iterable[Seen]) -> int:
    """The bytes of some storages."""
    return sum(one.bytes for one in seen)
