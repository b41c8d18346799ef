"""What checks of imports share: parameters by name, shapes, multiply-adds. Nothing here needs torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnncost.convert.conversion import Mismatch
from cnncost.convert.network import Imported
from cnncost.dims import Shape
from cnncost.layers import Layer

AGAIN = "counted again"
"""What is said of a parameter that several layers have."""


def against_state(found: Imported, form: Callable[[Shape], Any] = tuple) -> tuple[list[Mismatch], list[str]]:
    """The parameters that differ from those of the source, and those that no layer has.

    `form` is what shapes are compared in, without axes of size 1: `sorted` where matrices may be turned.
    """
    different = []
    claimed: dict[str, Shape] = {}
    for node in found.graph.nodes:
        for role, shape in node.layer.weights(*node.in_shapes).items():
            name = found.weights.get((node.name, role))
            if role in node.layer.buffer_names:
                continue
            theirs = found.traced.parameters.get(name or "")
            if name in claimed and not node.shares:
                tied = f"{node.name}.{role}, which is {name}"
                different.append(Mismatch("parameters", tied, AGAIN, "counted once"))
            if name is None or theirs is None or form(squeezed(theirs)) != form(squeezed(shape)):
                different.append(Mismatch("parameters", f"{node.name}.{role}", shape, theirs))
            claimed[name or ""] = shape
    used = {value.parameter for op in found.traced.operations for value in op.inputs}
    different += [
        Mismatch("parameters", name, None, shape)
        for name, shape in found.traced.parameters.items()
        if name not in claimed and name in used
    ]
    return different, [name for name in found.traced.parameters if name not in used and name not in claimed]


def squeezed(shape: Shape) -> Shape:
    """A shape without axes of size 1, which are there for broadcasting."""
    return tuple(n for n in shape if n != 1)


def shapes_differing(found: Imported) -> list[Mismatch]:
    """The nodes whose output shape is another than in the source."""
    return [
        Mismatch("shapes", node.name, node.out_shape, found.shapes[node.name])
        for node in found.graph.nodes
        if node.out_shape != found.shapes[node.name]
    ]


def macs_of(found: Imported) -> int:
    """The multiply-adds of the graph."""
    return sum(multiply_adds(n.layer, n.in_shapes, n.out_shape) for n in found.graph.nodes)


def multiply_adds(layer: Layer, in_shapes: tuple[Shape, ...], out: Shape) -> int:
    """The multiply-adds of one layer."""
    return int(layer.work(in_shapes, out).macs)
