"""Every import compared with torch: parameters by name, output shapes, multiply-adds."""

from __future__ import annotations

import contextlib

import torch
from torch import nn
from torch._subclasses import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode

from cnncost.convert.conversion import Checked, Mismatch
from cnncost.convert.network import Imported
from cnncost.convert.tracing import quietly
from cnncost.dims import Shape
from cnncost.layers import Layer


def check(found: Imported, module: nn.Module, batch: int, device: str) -> Checked:
    """Compare an import with its module."""
    parameters, idle = against_state(found)
    ours, theirs = macs_of(found), counted_macs(found, module, batch, device)
    macs = [Mismatch("macs", found.graph.name, ours, theirs)] if ours != theirs else []
    shapes = [
        Mismatch("shapes", node.name, node.out_shape, found.shapes[node.name])
        for node in found.graph.nodes
        if node.out_shape != found.shapes[node.name]
    ]
    sizes = found.traced.parameters
    compared = {"parameters": len(sizes) - len(idle), "shapes": len(found.graph.nodes), "macs": ours}
    count = sum(int(torch.Size(sizes[name]).numel()) for name in idle)
    return Checked(compared, (*parameters, *shapes, *macs), tuple(idle), count)


def against_state(found: Imported) -> tuple[list[Mismatch], list[str]]:
    """The parameters that differ from those in the state_dict, and those that no layer has."""
    different = []
    claimed: dict[str, Shape] = {}
    for node in found.graph.nodes:
        for role, shape in node.layer.weights(*node.in_shapes).items():
            name = found.weights.get((node.name, role))
            if role in node.layer.buffer_names:
                continue
            torchs = found.traced.parameters.get(name or "")
            if name in claimed and not node.shares:
                tied = f"{node.name}.{role}, which is {name}"
                different.append(Mismatch("parameters", tied, "counted again", "counted once"))
            if name is None or torchs is None or squeezed(torchs) != squeezed(shape):
                different.append(Mismatch("parameters", f"{node.name}.{role}", shape, torchs))
            claimed[name or ""] = shape
    used = {value.parameter for op in found.traced.operations for value in op.inputs}
    different += [
        Mismatch("parameters", name, None, shape)
        for name, shape in found.traced.parameters.items()
        if name not in claimed and name in used
    ]
    return different, [name for name in found.traced.parameters if name not in used and name not in claimed]


def squeezed(shape: Shape) -> Shape:
    """A shape without axes of size 1, which torch adds for broadcasting."""
    return tuple(n for n in shape if n != 1)


def macs_of(found: Imported) -> int:
    """The multiply-adds of the graph."""
    return sum(multiply_adds(n.layer, n.in_shapes, n.out_shape) for n in found.graph.nodes)


def multiply_adds(layer: Layer, in_shapes: tuple[Shape, ...], out: Shape) -> int:
    """The multiply-adds of one layer."""
    return int(layer.work(in_shapes, out).macs)


def counted_macs(found: Imported, module: nn.Module, batch: int, device: str) -> int:
    """The multiply-adds that FlopCounterMode counts on one sample of a batch, run without values."""
    shapes = [(batch, *value.shape) for value in found.traced.inputs]
    values = contextlib.nullcontext() if device == "meta" else FakeTensorMode(allow_non_fake_inputs=True)
    with quietly(), values, torch.device(device), torch.no_grad(), FlopCounterMode(display=False) as counter:
        kind = torch.int64 if found.traced.whole else torch.float32
        module(*(torch.empty(shape, dtype=kind) for shape in shapes))
    return int(counter.get_total_flops()) // (2 * batch)
