"""Every import of an ONNX file compared with the file: its tensors, its shapes, and another tool's count."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy

from cnncost.convert.agreement import AGAIN, against_state, macs_of, multiply_adds, shapes_differing
from cnncost.convert.conversion import Checked, Mismatch
from cnncost.convert.from_onnx.walk import Walk
from cnncost.convert.network import Imported
from cnncost.convert.operations import Value
from cnncost.dims import Shape, product


def check(found: Imported, model: Any, walk: Walk) -> Checked:
    """Compare an import with its file.

    Parameters are the tensors that the file holds, shapes those of ONNX's inference for each node and those
    that the file notes. Multiply-adds are compared where onnx-tool is installed and can read the file.
    """
    parameters, idle = against_state(found, sorted)
    parameters = [p for p in parameters if p.ours != AGAIN]
    noted, shapes = against_notes(walk)
    sizes = found.traced.parameters
    theirs = counted_macs(model, walk)
    ours = sum(
        multiply_adds(n.layer, n.in_shapes, n.out_shape) for n in found.graph.nodes if n.type in COUNTED
    )
    macs = (
        [Mismatch("macs", "convolutions and matrix products", ours, theirs)]
        if theirs not in (None, ours)
        else []
    )
    compared = {
        "parameters": len(sizes) - len(idle),
        "shapes": len(found.graph.nodes),
        "noted": noted,
        "macs": macs_of(found),
    }
    if theirs is not None:
        compared["onnx-tool"] = theirs
    different = (*parameters, *shapes_differing(found), *shapes, *macs)
    return Checked(compared, different, tuple(idle), sum(product(sizes[name]) for name in idle))


def against_notes(walk: Walk) -> tuple[int, list[Mismatch]]:
    """How many shapes the file itself notes, and those that are others than the inferred ones."""
    count, different = 0, []
    for name, note in walk.noted.items():
        _, full = walk.typed(note.type)
        value = walk.values.get(name)
        if full is None or value is None or not full:
            continue
        count += 1
        at = len(full) if value.batch is None else value.batch
        ours, theirs = ((*shape[:at], *shape[at + 1 :]) for shape in (value.full, full))
        if ours != theirs and walk.fixed:
            different.append(Mismatch("shapes", name, ours, theirs))
    return count, different


COUNTED = ("Conv1d", "Conv2d", "Conv3d", "Convolve", "Linear", "Matmul")
"""The layers whose multiply-adds are compared: of transposed convolutions, onnx-tool has another idea."""


def counted_macs(model: Any, walk: Walk) -> int | None:
    """The multiply-adds of convolutions and matrix products by onnx-tool; None where it cannot say them."""
    try:
        import onnx_tool
    except ImportError:
        return None
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            graph = onnx_tool.Model(model).graph
            shapes = {name: one(value, walk.size) for name, value in walk.inputs.items()}
            graph.shape_infer(
                {name: numpy.zeros(shape, walk.dtype_of(name)) for name, shape in shapes.items()}
            )
            graph.profile()
        nodes = [n for n in graph.nodemap.values() if n.op_type in ("Conv", "Gemm", "MatMul")]
        biases = [n for n in nodes if len(n.input) > 2]
        return int(
            sum(n.macs[0] for n in nodes) - sum(product(graph.tensormap[n.output[0]].shape) for n in biases)
        )
    except Exception:  # it needs the values of weights, and knows fewer operators
        return None


def one(value: Value, size: int) -> Shape:
    """The shape of an input for a batch of 1."""
    return (
        tuple(1 if axis == value.batch else n for axis, n in enumerate(value.full))
        if size > 1
        else value.full
    )
