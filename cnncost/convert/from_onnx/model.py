"""An ONNX file as a model: read, looked at for what no import can use, with its functions written out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import onnx
import onnx.inliner
from google.protobuf.message import DecodeError

from cnncost.errors import CnncostError
from cnncost.spec.expression import shorten

LARGEST = 2 * 1024**3
"""The bytes that a file of this form can have at most."""
OLDEST = 6
"""The first set of operators whose shapes ONNX infers."""
STANDARD = ("", "ai.onnx")
MICROSOFT = ("Gelu", "QuantizeLinear", "DequantizeLinear")
"""Operators of the domain com.microsoft that have become standard ones."""


def read_model(path: str) -> Any:
    """The model in a file, without weights that lie in other files.

    Raises:
        CnncostError: there is no such file, or it is no ONNX model.
    """
    file = Path(path)
    if file.is_dir():
        raise CnncostError(f"{path}: a folder, not an ONNX file")
    if not file.is_file():
        raise CnncostError(f"{path}: no such file")
    if os.path.getsize(file) >= LARGEST:
        raise CnncostError(
            f"{path}: {os.path.getsize(file) / 1024**3:.1f} GiB; an ONNX file has less than 2 GiB: "
            "save it with its weights as external data, which cnncost does not need"
        )
    try:
        model = onnx.load(file, load_external_data=False)
    except (DecodeError, ValueError, OSError) as error:
        raise CnncostError(f"{path}: not an ONNX file, or a damaged one") from error
    return prepared(model, path)


def prepared(model: Any, name: str) -> Any:
    """A model that an import can use, with its functions written out.

    Raises:
        CnncostError: it has no graph, is older than is known, or is wrong.
    """
    if not model.graph.node and not model.graph.output:
        raise CnncostError(f"{name}: not an ONNX file, or a damaged one: it holds no graph")
    if version_of(model) < OLDEST:
        raise CnncostError(
            f"{name}: operators of opset {version_of(model)}; the oldest that is known is {OLDEST}"
        )
    newest = onnx.defs.onnx_opset_version()
    if version_of(model) > newest:
        raise CnncostError(
            f"{name}: operators of opset {version_of(model)}; onnx {onnx.__version__} knows them to {newest}"
        )
    apart(model.graph)
    return onnx.inliner.inline_local_functions(model) if model.functions else model


def apart(graph: Any) -> None:
    """Write a convolution with its activation as two nodes, where onnxruntime has made them one."""
    nodes = []
    for node in graph.node:
        nodes.append(node)
        if node.op_type == "FusedConv" and node.domain == "com.microsoft":
            kind = next((a.s.decode() for a in node.attribute if a.name == "activation"), "")
            plain = [a for a in node.attribute if not a.name.startswith("activation")]
            inner = f"{node.output[0]}/conv" if kind else node.output[0]
            conv = onnx.helper.make_node("Conv", node.input[:3], [inner], node.name)
            conv.attribute.extend(plain)
            acts = [onnx.helper.make_node(kind, [inner], [node.output[0]], node.name)] if kind else []
            nodes[-1:] = [conv, *acts]
    if len(nodes) > len(graph.node) or any(node.op_type == "FusedConv" for node in graph.node):
        del graph.node[:]
        graph.node.extend(nodes)


def version_of(model: Any) -> int:
    """The version of the standard operators; those of other domains have their own."""
    return int(max((opset.version for opset in model.opset_import if opset.domain in STANDARD), default=1))


def version(node: Any, opset: int) -> int:
    """The version of an operator: the newest of one that is standard by now."""
    return opset if node.domain in STANDARD else int(onnx.defs.onnx_opset_version())


def ordered(graph: Any, name: str) -> list[Any]:
    """The nodes of a graph, each behind those that it needs.

    Raises:
        CnncostError: an output is made twice, an input by nobody, or nodes wait for each other.
    """
    made = {"", *(value.name for value in (*graph.input, *graph.initializer))}
    made.update(sparse.values.name for sparse in graph.sparse_initializer)
    makers: dict[str, int] = {}
    for number, node in enumerate(graph.node):
        for output in filter(None, node.output):
            if output in makers or output in made:
                raise CnncostError(f"{name}: two nodes make `{shorten(output)}`")
            makers[output] = number
    wants = [set(needed(node)) for node in graph.node]
    missing = next((n for n, want in enumerate(wants) if want - made - makers.keys()), None)
    if missing is not None:
        source = min(wants[missing] - made - makers.keys())
        raise CnncostError(
            f"{name}: {label(graph.node[missing])} takes `{shorten(source)}`, which nothing makes"
        )
    before = {n: {makers[source] for source in want - made} for n, want in enumerate(wants)}
    if all(n > other for n, others in before.items() for other in others):
        return list(graph.node)  # as files should be
    try:
        return [graph.node[n] for n in TopologicalSorter(before).static_order()]
    except CycleError as error:
        raise CnncostError(
            f"{name}: a cycle: {label(graph.node[error.args[1][0]])} needs its own output"
        ) from None


def needed(node: Any) -> Sequence[str]:
    """What a node takes, also in graphs within it."""
    inner = [a.g for a in node.attribute if a.HasField("g")]
    return [*node.input, *(source for graph in inner for source in outer_names(graph))]


def outer_names(graph: Any) -> Iterator[str]:
    """What the nodes of an inner graph take from outside."""
    own = {v.name for v in (*graph.input, *graph.initializer)} | {o for n in graph.node for o in n.output}
    yield from (source for node in graph.node for source in needed(node) if source and source not in own)


def label(node: Any) -> str:
    """A node as messages name it."""
    return f"{node.op_type} `{shorten(node.name)}`" if node.name else f"a {node.op_type}"
