"""Networks written for other programs: PyTorch source, ONNX, Graphviz, JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cnncost.api.profiles import NetworkLike, profile
from cnncost.dims import Inputs
from cnncost.errors import CnncostError, did_you_mean
from cnncost.network.catalogue import load
from cnncost.network.graph import Graph


def to_torch(graph: Graph, depth: int) -> str:  # noqa: ARG001
    """PyTorch source that runs with torch alone."""
    from cnncost.convert.source import torch_source

    return torch_source(graph)


def to_onnx(graph: Graph, depth: int) -> bytes:  # noqa: ARG001
    """An ONNX file with random weights."""
    from cnncost.convert.onnx_export import onnx_file

    return onnx_file(graph)


def to_dot(graph: Graph, depth: int) -> str:
    """A Graphviz digraph."""
    from cnncost.convert.dot import dot_source

    return dot_source(graph, depth)


def to_json(graph: Graph, depth: int) -> str:  # noqa: ARG001
    """The JSON of `cnncost table`: every layer with its arguments and inputs."""
    return str(profile(graph).render("json"))


FORMATS: dict[str, Callable[[Graph, int], str | bytes]] = {
    "torch": to_torch,
    "onnx": to_onnx,
    "dot": to_dot,
    "json": to_json,
}
"""What a network can be written as."""


def export(
    network: NetworkLike,
    to: str = "torch",
    *,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
    depth: int = 0,
) -> str | bytes:
    """A network as PyTorch source, as an ONNX file, as Graphviz text or as JSON.

    Args:
        network: as in `profile`.
        to: `torch`, `onnx`, `dot` or `json`; ONNX is bytes, the others are text.
        input: a shape (C, H, W) instead of the spec's own.
        params: values instead of the spec's params.
        depth: in `dot`, one box per first N parts of layer names; 0 for one per layer.

    Raises:
        CnncostError: no such network or format, or a layer that PyTorch has no counterpart for.

    >>> print(export("alexnet").splitlines()[8])
    class AlexNet(nn.Module):
    """
    if to not in FORMATS:
        raise CnncostError(f"no format `{to}`{did_you_mean(to, FORMATS)}; there are {', '.join(FORMATS)}")
    return FORMATS[to](load(network, input=input, params=params), depth)
