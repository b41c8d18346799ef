"""Mistakes in a receptive field: what it grows by at each layer, and where it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from cnncost.count.receptive_field import every_field
from cnncost.deviation.altering import axis_values, has, is_strided, with_rule
from cnncost.deviation.declaring import Edit, NodeChange, Nodes, argument, network
from cnncost.deviation.numbered import NumberedGraph
from cnncost.layers.window import Taps, Window
from cnncost.network.graph import Node

JUMP = "which strides have come before this layer?"
GROWTH = "by how much does the field grow here?"
START = "how much of the input does one input position see?"

of_windows = partial(argument, touches="receptive_field", of_rows=True)
growing = partial(network, touches="receptive_field", of_rows=True)


@of_windows("the stride{of} is counted in its own jump; it counts from the next layer on", JUMP, 2)
def own_stride_in_the_jump(node: Node) -> Node | None:
    """`alexnet pool1.receptive_field=27`"""
    return rewound(node, lambda w: replace(w, dilation=w.dilation * w.stride)) if is_strided(node) else None


@of_windows("the field grows by the whole kernel times the jump{of}, not by the kernel less 1", GROWTH, 2)
def whole_kernel_times_the_jump(node: Node) -> Node | None:
    """`alexnet conv3.receptive_field=115`"""
    return rewound(node, lambda w: replace(w, kernel=w.kernel + 1))


@of_windows("the dilation{of} is left out of its reach", GROWTH, 2)
def dilation_not_in_the_field(node: Node) -> Node | None:
    """`dilated.yaml conv.receptive_field=3`"""
    dilated = any(d != 1 for d in axis_values(node, "dilation"))
    return rewound(node, lambda w: replace(w, dilation=1)) if dilated else None


@growing(
    "the stride is left out of the jump, the distance on the input between neighbouring outputs",
    "how far apart are the outputs before it, on the input?",
    2,
)
def jump_left_out(net: NumberedGraph) -> Iterator[Edit]:
    """`alexnet conv2.receptive_field=23`"""
    yield from grown(net, lambda step, _: step.reach)


@growing("only the stride just before is in the jump, not all strides before", JUMP, 2)
def only_the_last_stride(net: NumberedGraph) -> Iterator[Edit]:
    """`alexnet conv2.receptive_field=27`"""
    yield from grown(net, lambda step, _: step.reach * step.stride_before)


@growing("the layer's own stride is used for the jump, not the strides before it", JUMP, 2.5)
def own_stride_for_the_jump(net: NumberedGraph) -> Iterator[Edit]:
    """`alexnet pool2.receptive_field=55`"""
    yield from grown(net, lambda step, _: step.reach * step.stride)


@growing("it is the kernel alone, not the field on the input", GROWTH, 2)
def own_kernel_only(net: NumberedGraph) -> Iterator[Edit]:
    """`alexnet conv2.receptive_field=5`"""
    yield from grown(net, lambda step, field: step.reach + 1 - field)


@growing("the field starts at 0, where one input position sees 1", START, 2)
def field_starts_at_zero(net: NumberedGraph) -> Iterator[Edit]:
    """`alexnet conv2.receptive_field=50`"""
    first = [
        i for i, node in enumerate(net.nodes) if node.inputs and set(node.inputs) <= net.graph.inputs.keys()
    ]
    yield Edit("", dict.fromkeys(first, narrower))


class Growing(Window):
    """A window by which a field grows as a mistake has it: its dilation may be a fraction."""

    def taps(self, o: int) -> Taps:  # noqa: ARG002  (no output looks at whole positions)
        return ()


class Step(NamedTuple):
    """A layer with a window: how far its kernel reaches, its stride and the one before, jump and field."""

    node: int
    reach: int
    stride: int
    jump: int
    field: int
    stride_before: int


Growth = Callable[[Step, int], int]
"""How much a field grows at a step, from how large it is."""


def grown(net: NumberedGraph, growth: Growth) -> Iterator[Edit]:
    """The fields with another growth: at each layer, and at all of them."""
    found = list(steps(net))
    changed = [step for step in found if growth(step, step.field) != step.reach * step.jump]
    for step in changed:
        yield Edit(net.label_of(step.node), {step.node: growing_by(growth(step, step.field), step)})
    if len(changed) > 1:
        edits: dict[int, NodeChange] = {}
        now: dict[int, int] = {}
        for step in found:
            before = max((now[j] for j in net.ancestors(step.node)[:-1] if j in now), default=1)
            by = growth(step, before)
            now[step.node] = before + by
            edits[step.node] = growing_by(by, step)
        yield Edit("", edits)


def steps(net: NumberedGraph) -> Iterator[Step]:
    """The layers with a square window and a kernel above 1, on fields that are the same along all axes."""
    fields = every_field(net.graph)[0]
    strides: dict[str, int] = dict.fromkeys(net.graph.inputs, 1)
    for i, node in enumerate(net.nodes):
        before = strides.get(node.source, 1)
        strides[node.name] = before
        entering, windows = fields.get(node.source), ordinary(node)
        if entering is None or windows is None or len(node.inputs) != 1:
            continue
        strides[node.name] = windows[0].stride
        axis = entering[-1]
        if len(axis.first) == 1 and windows[0].kernel > 1 and isinstance(axis.jump, int) and axis.jump > 0:
            yield Step(i, windows[0].extent - 1, windows[0].stride, axis.jump, axis.size, before)


def ordinary(node: Node) -> Sequence[Window] | None:
    """The windows of a layer that slides the same one along all axes."""
    windows = node.layer.window
    if not windows or not has(node, "kernel_size") or not all(type(w) is Window for w in windows):
        return None
    return windows if len({(w.kernel, w.stride, w.dilation) for w in windows}) == 1 else None


def growing_by(growth: int, step: Step) -> NodeChange:
    """A layer whose field grows by so much: as if its kernel were dilated otherwise."""
    share = Fraction(growth, step.jump)

    def change(node: Node) -> Nodes | None:
        changed = rewound(node, lambda w: Growing(w.kernel, w.stride, w.padding, share / (w.kernel - 1)))
        return None if changed is None else (changed,)

    return change


def narrower(node: Node) -> Nodes | None:
    """A layer with a kernel that is one position smaller."""
    changed = rewound(node, lambda w: replace(w, kernel=w.kernel - 1))
    return (node,) if changed is None else (changed,)


def rewound(node: Node, change: Callable[[Window], Any]) -> Node | None:
    """A layer with another window for its field, and the same output."""
    windows = ordinary(node)
    if windows is None or all(k == 1 for k in axis_values(node, "kernel_size")):
        return None
    return node._replace(layer=with_rule(node.layer, window=tuple(map(change, windows))))
