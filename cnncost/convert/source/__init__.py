"""A graph as PyTorch source that runs with torch alone. Nothing here needs torch: it writes text."""

from __future__ import annotations

import re
from textwrap import fill

from cnncost.convert.source.classes import Classes
from cnncost.convert.source.helpers import Helpers
from cnncost.convert.source.layout import WIDTH
from cnncost.convert.source.units import Reader
from cnncost.errors import CnncostError
from cnncost.network.graph import Graph, Node

IMPORTS = {
    "import math": r"\bmath\.",
    "from collections import OrderedDict": r"\bOrderedDict\b",
    "from typing import Any": r"\bAny\b",
    "import torch": r"\btorch\.",
    "import torch.nn.functional as F": r"\bF\b",
}
"""The imports by what needs them."""


def torch_source(graph: Graph) -> str:
    """The source of a module that computes what the network does.

    A part of the network that is a block of its spec is a class. The state_dict has the names of the
    layers. A name that cannot follow a dot in Python, such as `3x3` or `class`, is added by `add_module`.

    Raises:
        CnncostError: a layer has no counterpart in PyTorch.
    """
    for node in graph.nodes:
        refuse_without_twin(node)
    helpers = Helpers()
    forms = Classes(helpers).write(Reader(graph).root())
    classes = "\n\n\n".join("\n".join(form.lines) for form in forms)
    body = "\n\n\n".join(filter(None, (helpers.text, classes)))
    blank = "\n\n\n" if body.startswith(("class", "def", "@")) else "\n\n"
    return f"{docstring(graph)}\n\n{imports(body)}{blank}{body}\n"


def refuse_without_twin(node: Node) -> None:
    """Refuse a layer that PyTorch has no counterpart for.

    Raises:
        CnncostError: this one is such a layer.
    """
    if "training" in node.name.split("."):
        raise CnncostError(f"{node.name}: torch has a setting `training` in every module: rename the layer")
    if not node.layer.cost_known:
        operator = getattr(node.layer, "operator", node.type)
        raise CnncostError(f"{node.name}: what `{operator}` computes is not known: it cannot be exported")
    ours = type(node.layer).__module__.startswith("cnncost.")
    named = node.layer.written(*node.in_shapes).name if node.layer.twin_name is not None else "-"
    if not named.startswith("torch.") and not (ours and named != "-"):
        rule = "is a type of the spec's own or of a plugin: PyTorch has no module for it"
        raise CnncostError(f"{node.name}: {node.type} {rule}. Write it with PyTorch's layers to export it")


def docstring(graph: Graph) -> str:
    """What the file is."""
    year = f" ({graph.year})" if graph.year else ""
    title = f"{graph.name}: {graph.title}{year}." if graph.title else f"{graph.name}."
    several = len(graph.inputs) > 1
    inputs = ", ".join(
        f"{f'{name} ' if several else ''}(N, {', '.join(map(str, shape))})"
        for name, shape in graph.inputs.items()
    )
    return f'"""{fill(title, WIDTH - 4)}\n\nInput: {inputs}. Written by cnncost.\n"""'


def imports(body: str) -> str:
    """The imports that a source needs."""
    found = [line for line, needed in IMPORTS.items() if re.search(needed, body)]
    standard = [line for line in found if "torch" not in line]
    names = ["Tensor"] * bool(re.search(r"\bTensor\b", body)) + ["nn"]
    torchs = [line for line in found if "torch" in line] + [f"from torch import {', '.join(names)}"]
    return "\n\n".join("\n".join(group) for group in (standard, torchs) if group)
