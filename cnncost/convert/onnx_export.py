"""A graph as an ONNX file, by torch's own exporter. Needs torch, onnx and onnxscript."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Collection, Iterator
from typing import Any

from cnncost.errors import CnncostError
from cnncost.measure import build
from cnncost.network.graph import Graph

MOST_BYTES = 2**31
"""The largest file that ONNX can be without external data."""


def onnx_file(graph: Graph) -> bytes:
    """The file of a network with random weights, for a batch of one.

    Raises:
        CnncostError: something is not installed, a layer has no counterpart in PyTorch, torch cannot export
            it, or the file would be too large.
    """
    require_exporter()
    import torch
    from onnxscript import optimizer

    from cnncost.measure.inputs import inputs_of

    params = sum(p.numel() for p in build(graph, "meta").parameters())
    if 4 * params >= MOST_BYTES:
        raise CnncostError(
            f"{graph.name}: an ONNX file is below 2 GB, and its weights are {4 * params} bytes"
        )
    network = build(graph).eval()
    inputs = tuple(inputs_of(graph))
    try:
        with torch.no_grad(), silence():
            program = torch.onnx.export(
                network, inputs, dynamo=True, verbose=False, optimize=False, input_names=[*graph.inputs]
            )
            # no rewriting, which would put batch norms into convolutions
            optimizer.fold_constants(program.model)
            without_zero_biases(program.model, {*network.state_dict()})
            optimizer.remove_unused_nodes(program.model)
    except Exception as error:
        reason = str(error.__cause__ or error).strip().partition("\n")[0]
        raise CnncostError(f"{graph.name}: torch cannot export it to ONNX: {reason}") from None
    made: bytes = program.model_proto.SerializeToString()
    return made


def without_zero_biases(model: Any, own: Collection[str]) -> None:
    """Remove the biases of zero that torch gives convolutions which have none of their `own`."""
    for node in model.graph:
        if node.op_type in ("Conv", "ConvTranspose") and len(node.inputs) > 2:
            bias = node.inputs[2]
            if bias is not None and bias.name not in own:
                node.replace_input_with(2, None)


def require_exporter() -> None:
    """Refuse where torch's exporter is missing.

    Raises:
        CnncostError: it is.
    """
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        rule = "is not installed: pip install 'cnncost[torch,onnx]'"
        raise CnncostError(f"{error.name or 'onnx'} {rule}") from None


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Torch's exporter without its remarks."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
