"""What a convolutional network costs: exact, explained, and without torch.

>>> import cnncost
>>> cnncost.profile("alexnet").totals.params
62378344
"""

from __future__ import annotations

from cnncost.api import Profile, profile
from cnncost.count.convention import CONVENTIONS, Convention, register_convention
from cnncost.count.dtype import register_dtype
from cnncost.count.profile import LayerCost, NetworkCost, Totals
from cnncost.errors import CnncostError, NameUnknown, ShapeError, SpecError
from cnncost.network.catalogue import layer_graph, load, load_text
from cnncost.network.graph import Graph, Node
from cnncost.network.graph_builder import GraphBuilder
from cnncost.spec.structure import Spec

__version__ = "0.1.0"

__all__ = [
    "CONVENTIONS",
    "CnncostError",
    "Convention",
    "Graph",
    "GraphBuilder",
    "LayerCost",
    "NameUnknown",
    "NetworkCost",
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
    "register_convention",
    "register_dtype",
]
