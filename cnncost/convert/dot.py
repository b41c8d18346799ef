"""A graph as Graphviz text: a box for each layer, a cluster for each stage, shapes on the arrows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from cnncost import numbers
from cnncost.network.graph import Graph, Node

HEADING = (
    "  rankdir=TB;",
    '  node [shape=box, style=rounded, fontname="Helvetica"];',
    '  edge [fontname="Helvetica", fontsize=10];',
)


def dot_source(graph: Graph, depth: int = 0) -> str:
    """The text of a digraph; with a `depth`, one box per first N parts of layer names."""
    boxes = {node.name: folded(node.name, depth) for node in graph.nodes}
    boxes |= {name: name for name in graph.inputs}
    lines = [f"digraph {quoted(graph.name)} {{", *HEADING]
    lines += [
        f"  {quoted(name)} [label={label(name, numbers.shape(s))}];" for name, s in graph.inputs.items()
    ]
    for stage, nodes in groupby(graph.nodes, key=lambda node: node.stage):
        lines += stage_lines(stage, list(nodes), boxes)
    return "\n".join([*lines, *edges(graph, boxes), "}", ""])


def folded(name: str, depth: int) -> str:
    """The box that a layer is in."""
    return ".".join(name.split(".")[:depth]) if depth else name


def stage_lines(stage: str, nodes: list[Node], boxes: dict[str, str]) -> Iterator[str]:
    """The boxes of a stage; a cluster where there are several."""
    groups = [(box, list(inner)) for box, inner in groupby(nodes, key=lambda node: boxes[node.name])]
    lines = [f"{quoted(box)} [label={box_label(box, stage, inner)}];" for box, inner in groups]
    if len(groups) == 1:
        yield f"  {lines[0]}"
        return
    yield f"  subgraph {quoted(f'cluster_{nodes[0].name}')} {{"
    yield f"    label={quoted(stage)};"
    yield from (f"    {line}" for line in lines)
    yield "  }"


def box_label(box: str, stage: str, nodes: list[Node]) -> str:
    """A layer's name and call; a group's name and how many layers it has."""
    name = box.removeprefix(f"{stage}.")
    return label(name, str(nodes[0].layer) if len(nodes) == 1 else f"{len(nodes)} layers")


def edges(graph: Graph, boxes: dict[str, str]) -> Iterator[str]:
    """An arrow for each output that enters another box, with its shape."""
    shapes = {**graph.inputs, **{node.name: node.out_shape for node in graph.nodes}}
    drawn = dict.fromkeys(
        (boxes[source], boxes[node.name], numbers.shape(shapes[source]))
        for node in graph.nodes
        for source in node.inputs
        if boxes[source] != boxes[node.name]
    )
    for source, target, shape in drawn:
        yield f"  {quoted(source)} -> {quoted(target)} [label={quoted(shape)}];"


def label(*lines: str) -> str:
    """A text of several lines."""
    return '"' + "\\n".join(quoted(line)[1:-1] for line in lines) + '"'


def quoted(text: str) -> str:
    """A text as DOT quotes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
