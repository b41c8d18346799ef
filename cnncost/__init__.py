"""What a convolutional network costs: exact, explained, and without torch.

>>> import cnncost
>>> cnncost.profile("alexnet").totals.params
62378344
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from cnncost.catalogue import layer_graph, load, load_text
from cnncost.convention import CONVENTIONS, Convention
from cnncost.dims import Shape
from cnncost.errors import CnncostError, NameUnknown, ShapeError, SpecError
from cnncost.graph import Graph, Node
from cnncost.profile import LayerCost, Profile, Totals, profile_graph
from cnncost.spec.structure import Spec

__version__ = "0.1.0"

__all__ = [
    "CONVENTIONS",
    "CnncostError",
    "Convention",
    "Graph",
    "LayerCost",
    "NameUnknown",
    "Node",
    "Profile",
    "ShapeError",
    "Spec",
    "SpecError",
    "Totals",
    "layer_graph",
    "load",
    "load_text",
    "profile",
]


def profile(
    network: str | os.PathLike[str] | Graph | Spec,
    *,
    input: Shape | None = None,
    params: Mapping[str, Any] | None = None,
    convention: str | Convention = "lecture",
    batch: int = 1,
    dtype: str = "float32",
    train: bool = False,
) -> Profile:
    """Count what a network costs.

    Args:
        network: a catalogue name, a path to a YAML spec, ``"-"``, a Spec or a Graph.
        input: a shape (C, H, W) in place of the spec's own.
        params: values in place of the spec's params.
        convention: what "FLOPs" means: lecture, macs, flops, torch, fvcore.
        batch: samples; multiplies operations and memory, not parameters.
        dtype: the type of an element, for memory.
        train: count auxiliary heads too.

    Raises:
        CnncostError: a name, spec, input or option that cannot be used.
    """
    graph = load(network, input=input, params=params)
    return profile_graph(graph, convention, batch, dtype, train)
