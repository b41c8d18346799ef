"""Every import compared with torch: parameters by name, output shapes, multiply-adds."""

from __future__ import annotations

import contextlib

import torch
from torch import nn
from torch._subclasses import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode

from cnncost.convert.agreement import against_state, macs_of, shapes_differing
from cnncost.convert.conversion import Checked, Mismatch
from cnncost.convert.network import Imported
from cnncost.convert.tracing import quietly


def check(found: Imported, module: nn.Module, batch: int, device: str) -> Checked:
    """Compare an import with its module."""
    parameters, idle = against_state(found)
    ours, theirs = macs_of(found), counted_macs(found, module, batch, device)
    macs = [Mismatch("macs", found.graph.name, ours, theirs)] if ours != theirs else []
    sizes = found.traced.parameters
    compared = {"parameters": len(sizes) - len(idle), "shapes": len(found.graph.nodes), "macs": ours}
    count = sum(int(torch.Size(sizes[name]).numel()) for name in idle)
    return Checked(compared, (*parameters, *shapes_differing(found), *macs), tuple(idle), count)


def counted_macs(found: Imported, module: nn.Module, batch: int, device: str) -> int:
    """The multiply-adds that FlopCounterMode counts on one sample of a batch, run without values."""
    shapes = [(batch, *value.shape) for value in found.traced.inputs]
    values = contextlib.nullcontext() if device == "meta" else FakeTensorMode(allow_non_fake_inputs=True)
    with quietly(), values, torch.device(device), torch.no_grad(), FlopCounterMode(display=False) as counter:
        kind = torch.int64 if found.traced.whole else torch.float32
        module(*(torch.empty(shape, dtype=kind) for shape in shapes))
    return int(counter.get_total_flops()) // (2 * batch)
