"""What a layer's class says of itself: arguments, documentation, and formulas from its methods."""

from __future__ import annotations

import inspect
from dataclasses import MISSING, dataclass
from typing import Any

from cnncost.errors import NameUnknown, did_you_mean
from cnncost.layers import MERGES, Layer, catalogue
from cnncost.network.catalogue import layer_graph
from cnncost.network.graph import Node

SECTIONS = ("Shape", "Counts", "Errors", "Reference", "Example")


@dataclass(frozen=True)
class LayerReference:
    """A layer type: its call, its one-sentence summary, and the sections of its docstring."""

    name: str
    call: str
    summary: str
    arguments: dict[str, Any]
    sections: dict[str, str]


def layer_type(name: str) -> type[Layer]:
    """The layer type of this name; a merge also under its spelling in specs.

    Raises:
        NameUnknown: there is none.
    """
    known = catalogue()
    name = MERGES.get(name, name)
    if name not in known:
        raise NameUnknown(f"no layer `{name}`{did_you_mean(name, [*known, *MERGES])}")
    return known[name]


def reference(layer: type[Layer]) -> LayerReference:
    """What the class says."""
    doc = inspect.getdoc(layer) or ""
    summary, _, rest = doc.partition("\n")
    arguments = {f.name: None if f.default is MISSING else f.default for f in layer.parameters()}
    return LayerReference(layer.__name__, call(layer), summary, arguments, sections(rest))


def call(layer: type[Layer]) -> str:
    """The call with its arguments and defaults, as a spec writes it."""
    spelling = next((word for word, name in MERGES.items() if name == layer.__name__), None)
    if spelling:
        return f"{spelling}: {{a: …, b: …}}"
    words = [f.name if f.default is MISSING else f"{f.name}={f.default!r}" for f in layer.parameters()]
    return f"{layer.__name__}({', '.join(words)})"


def sections(text: str) -> dict[str, str]:
    """The docstring's sections by title, each as one paragraph; the example line by line."""
    found: dict[str, list[str]] = {}
    title = ""
    for line in text.splitlines():
        head, colon, rest = line.partition(":")
        if colon and head in SECTIONS:
            title, line = head, rest
        if title:
            found.setdefault(title, []).append(line.strip())
    joiner = {"Example": "\n"}
    return {name: joiner.get(name, " ").join(filter(None, lines)) for name, lines in found.items()}


def example_node(layer: type[Layer]) -> Node:
    """The layer on the input of its first example."""
    example = layer.examples[0]
    if layer.__name__ in MERGES.values():
        instance = layer()
        inputs = tuple(f"input{i}" for i in range(len(example.in_shapes)))
        return Node(
            layer.__name__, instance, inputs, example.in_shapes, instance.out_shape(*example.in_shapes)
        )
    return layer_graph(example.call, example.in_shapes[0]).nodes[-1]


def formulas(layer: type[Layer]) -> list[tuple[str, Any]]:
    """Output, parameters and operations in letters, from the layer's own methods."""
    from cnncost.count.convention import CONVENTIONS
    from cnncost.formulas.symbolic import simplest, symbolic

    walked = symbolic(example_node(layer))
    found: list[tuple[str, Any]] = [
        (f"{letter.name}", formula)
        for letter, formula in zip(walked.out_letters, walked.out_formulas, strict=True)
        if letter != formula
    ]
    found.append(("params", walked.params(CONVENTIONS["lecture"])))
    for name in ("macs", "lecture", "flops"):
        value = simplest(walked.flops(CONVENTIONS[name]))
        title = "MACs" if name == "macs" else f"FLOPs ({name})"
        if value != 0:
            found.append((title, value))
    return found
