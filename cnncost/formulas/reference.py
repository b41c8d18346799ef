"""The documentation of a layer class: arguments, sections, and formulas from its methods."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass
from typing import Any

from cnncost.errors import CnncostError, NameUnknown, did_you_mean
from cnncost.layers import MERGES, Layer, Work, catalogue
from cnncost.layers.base import Example
from cnncost.layers.left_out import LEFT_OUT, left_out
from cnncost.layers.shapes import CHANNELS, map_axes
from cnncost.network.builder import build
from cnncost.network.catalogue import find, layer_graph, read_network
from cnncost.network.graph import Node
from cnncost.network.graph_builder import layer_of
from cnncost.spec.foreign import right_form

SECTIONS = ("Shape", "Counts", "Errors", "Reference", "Example")


@dataclass(frozen=True)
class LayerReference:
    """A layer type: its call, its one-sentence summary, and the sections of its docstring."""

    name: str
    call: str
    summary: str
    arguments: dict[str, Any]
    sections: dict[str, str]


def is_network(name: str) -> bool:
    """Whether a name is that of a network or a file, not of a layer."""
    return name == "-" or name.partition("::")[0].endswith((".yaml", ".yml")) or bool(find(name))


def own_types(name: str) -> Mapping[str, type[Layer]]:
    """The types that a network's spec defines, with the layers of the network as their examples.

    Raises:
        CnncostError: there is no such network, or its spec defines none.
    """
    spec, variant, _ = read_network(name)
    if not spec.types:
        raise CnncostError(f"{spec.name} defines no types of its own: a spec does under `types:`")
    uses: dict[str, dict[Example, None]] = {kind: {} for kind in spec.types}
    for node in build(spec, variant).nodes:
        if node.type in uses:
            uses[node.type][Example(str(node.layer), node.in_shapes)] = None
    for kind, layer in spec.types.items():
        layer.examples = tuple(uses[kind])
    return spec.types


def layer_type(name: str, known: Mapping[str, type[Layer]] | None = None) -> type[Layer]:
    """The layer type of this name, in the catalogue or among `known`; a merge also as specs spell it.

    Raises:
        NameUnknown: there is none.
    """
    known = known or catalogue()
    name = MERGES.get(name, name)
    if name not in known:
        plain = name.rpartition(".")[2]
        if plain in LEFT_OUT:
            raise NameUnknown(left_out(plain))
        form = right_form(ast.Name(plain)) if plain.isidentifier() else ""
        hint = f"; write `{form}`" if form else did_you_mean(name, [*known, *MERGES, *LEFT_OUT])
        hint = f"; did you mean {form}?" if form in known else hint
        raise NameUnknown(f"no layer `{name}`{hint}")
    return known[name]


def reference(layer: type[Layer]) -> LayerReference:
    """The documentation of a class: its docstring, completed from its methods and examples."""
    summary = (inspect.getdoc(layer) or "").partition("\n")[0]
    arguments = {f.name: None if f.default is MISSING else f.default for f in layer.parameters()}
    return LayerReference(layer.__name__, call(layer), summary, arguments, documentation(layer))


def documentation(layer: type[Layer]) -> dict[str, str]:
    """The sections of a layer's documentation.

    What the docstring leaves out is that of the class it is derived from; what this leaves out too
    is read from the layer's examples, its work and its name in PyTorch.
    """
    written: dict[str, str] = {}
    for cls in reversed(layer.__mro__[: layer.__mro__.index(Layer)]):
        written.update(sections(inspect.cleandoc(cls.__doc__ or "")))
    derived = {"Shape": shapes, "Counts": counts, "Errors": errors, "Reference": pages, "Example": example}
    known = good_examples(layer)  # without one, nothing more can be said
    found = {name: written.get(name) or (derived[name](layer) if known else "") for name in SECTIONS}
    if "Reference" in written and "://" not in written["Reference"] and (page := pages(layer)):
        found["Reference"] = f"{written['Reference']}; {page}"
    return found


def shapes(layer: type[Layer]) -> str:
    """`(C, H, W) to (C, H', W')`, from the examples."""
    nodes = [example_node(layer, number) for number in range(len(good_examples(layer)))]
    first, count = nodes[0].layer, len(nodes[0].in_shapes[0])
    known = first.first_axes(count)
    if all(node.out_shape == node.in_shape for node in nodes):
        return f"{tuple_text(known)}, unchanged." if known else "any, unchanged."
    before = known or map_axes(count)
    after = list(first.out_axes(before))
    for place, letter in enumerate(after):
        axis = before.index(letter) if letter in before else -1
        sizes = [(n.out_shape[place], n.in_shape[axis]) for n in nodes if len(n.out_shape) == len(after)]
        slides = first.window is not None and letter not in CHANNELS
        if slides or any(n != m for n, m in sizes):
            after[place] = f"{letter}'"
    if "out_channels" in layer.names():
        after[0] = "`out_channels`"
    return f"{tuple_text(before)} to {tuple_text(after)}."


def tuple_text(axes: Iterable[str]) -> str:
    """`(C, H, W)`."""
    return f"({', '.join(axes)})"


def counts(layer: type[Layer]) -> str:
    """`each value takes a comparison and a multiplication`; nothing, and why, if it is free."""
    each = getattr(layer, "per_element", None)
    if each is None:  # `no_work` has the reason in its docstring
        return (layer.work.__doc__ or "").replace("None:", "nothing:")
    words = [
        one if each[place] == 1 else f"{NUMBERS[each[place]]} {several}"
        for place, one, several in OPERATIONS
        if each[place]
    ]
    return f"each value takes {' and '.join(filter(None, (', '.join(words[:-1]), words[-1])))}."


NUMBERS = ("no", "one", "two", "three", "four")
OPERATIONS = tuple(
    (Work._fields.index(field), one, several)
    for field, one, several in (
        ("compares", "a comparison", "comparisons"),
        ("exps", "an exponential", "exponentials"),
        ("adds", "an addition", "additions"),
        ("divs", "a division", "divisions"),
        ("muls", "a multiplication", "multiplications"),
    )
)
"""Where `Work` has each kind of operation, and what people call it."""


def errors(layer: type[Layer]) -> str:
    """The message of its first refused example."""
    refused = next((e for e in layer.examples if e.fails), None)
    if refused:
        inputs = " and ".join("×".join(map(str, shape)) for shape in refused.in_shapes)
        return f"`{refused.call}` on {inputs}: {refused.fails}."
    return "an argument of the wrong kind." if layer.parameters() else "none."


def pages(layer: type[Layer]) -> str:
    """Its page in PyTorch's manual; nothing for a layer of others, or where torch.nn has no such layer."""
    page = f"https://docs.pytorch.org/docs/stable/generated/torch.nn.{layer.__name__}.html"
    return page if layer.__module__.startswith("cnncost.") and layer.twin_name == "" else ""


def example(layer: type[Layer]) -> str:
    """The first example as typed in Python, with its result."""
    node, (first, *_) = example_node(layer), good_examples(layer)
    call = first.call if "(" in first.call else f"{first.call}()"
    return f">>> {call}.out_shape({', '.join(map(str, first.in_shapes))})\n{node.out_shape}"


def call(layer: type[Layer]) -> str:
    """The call with its arguments and defaults, as a spec writes it."""
    spelling = next((word for word, name in MERGES.items() if name == layer.__name__), None)
    words = [f.name if f.default is MISSING else f"{f.name}={f.default!r}" for f in layer.parameters()]
    if spelling:
        options = f"({', '.join(words)})" if words else ""
        return f"{spelling}{options}: {{a: …, b: …}}"
    words += [f"{name}=…" for name in layer.other_inputs]
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


def good_examples(layer: type[Layer]) -> list[Example]:
    """The examples that are not there to be refused."""
    return [example for example in layer.examples if not example.fails]


def example_node(layer: type[Layer], number: int = 0) -> Node:
    """The layer on the input of its first example, or another one that works."""
    example = good_examples(layer)[number]
    if len(example.in_shapes) <= 1:
        shape = example.in_shapes[0] if example.in_shapes else (1,)
        return layer_graph(example.call, shape, types={layer.__name__: layer}).nodes[-1]
    made, _ = layer_of(layer.__name__, example.call, example.in_shapes[0], {layer.__name__: layer})
    inputs = tuple(f"input{i}" for i in range(len(example.in_shapes)))
    return Node(layer.__name__, made, inputs, example.in_shapes, made.out_shape(*example.in_shapes))


def formulas(layer: type[Layer]) -> list[tuple[str, Any]]:
    """Output, parameters and operations in letters, from the layer's own methods."""
    from cnncost.count.conventions import CONVENTIONS
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
