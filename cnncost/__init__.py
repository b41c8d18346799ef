"""What a convolutional network costs: exact, explained, and without torch.

>>> import cnncost
>>> cnncost.profile("alexnet").totals.params
62378344

Whatever a command does, a function of the same name does in Python; `cnncost.__all__` lists them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cnncost import convert
from cnncost.api.profiles import Profile, profile
from cnncost.count.convention import Convention
from cnncost.count.conventions import CONVENTIONS, register_convention
from cnncost.count.dtype import register_dtype
from cnncost.count.profile import LayerCost, NetworkCost, Totals
from cnncost.errors import CnncostError, NameUnknown, ShapeError, SpecError
from cnncost.layers import layer as register_layer
from cnncost.network.catalogue import layer_graph, load, load_text
from cnncost.network.graph import Graph, Node
from cnncost.spec.structure import Spec

if TYPE_CHECKING:  # the names that __getattr__ finds, for type checkers and editors
    from cnncost.api.classroom import check, grade, worksheet
    from cnncost.api.comparisons import compare, diff, names, networks, reconcile, sweep
    from cnncost.api.exports import export
    from cnncost.api.figures import audit, chart, diagnose
    from cnncost.api.latencies import latency
    from cnncost.api.modules import import_torch
    from cnncost.api.needs import memory, training, training_runs
    from cnncost.api.pytorch import build, time, verify
    from cnncost.api.solutions import explain, formula
    from cnncost.network.graph_builder import GraphBuilder

__version__ = "0.1.0"

convert.register()

HOMES = {
    "GraphBuilder": "network.graph_builder",
    "audit": "api.figures",
    "build": "api.pytorch",
    "chart": "api.figures",
    "check": "api.classroom",
    "compare": "api.comparisons",
    "diagnose": "api.figures",
    "diff": "api.comparisons",
    "explain": "api.solutions",
    "export": "api.exports",
    "formula": "api.solutions",
    "grade": "api.classroom",
    "import_torch": "api.modules",
    "latency": "api.latencies",
    "memory": "api.needs",
    "names": "api.comparisons",
    "networks": "api.comparisons",
    "reconcile": "api.comparisons",
    "sweep": "api.comparisons",
    "time": "api.pytorch",
    "training": "api.needs",
    "training_runs": "api.needs",
    "verify": "api.pytorch",
    "worksheet": "api.classroom",
}
"""The files of the names that are imported when they are first used."""

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
    "audit",
    "build",
    "chart",
    "check",
    "compare",
    "diagnose",
    "diff",
    "explain",
    "export",
    "formula",
    "grade",
    "import_torch",
    "latency",
    "layer_graph",
    "load",
    "load_text",
    "memory",
    "names",
    "networks",
    "profile",
    "reconcile",
    "register_convention",
    "register_dtype",
    "register_layer",
    "sweep",
    "time",
    "training",
    "training_runs",
    "verify",
    "worksheet",
]


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"cnncost.{HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
