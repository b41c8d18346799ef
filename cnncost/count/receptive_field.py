"""Receptive fields: which part of the input each output can see.

Along an axis, a field is an interval of input positions for output 0, and the jump: how far the
interval moves from one output to the next. A merge takes the outermost ends, so that unaligned
branches and residuals need no special case.

Upsampling and adaptive pooling do not move evenly: their interval repeats its pattern every few
outputs. So `first` and `last` hold one value for each output of a period, and `shift` says how far
the next period begins. A period of 1, with `shift` equal to the jump, is the ordinary case.

Of several inputs, a field is that in all that the layer sees, laid on top of each other: the two images
of a Siamese network, an image and its mask. There is none where these are of different sizes.

Intervals run past the ends of the input, into the padding: the field in the sense of the
literature, which does not depend on where on the map one looks. Each axis is looked at by itself:
where branches have holes in both (transposed convolutions with a stride beyond their kernel), a
field is the smallest product of intervals that holds all that is seen, for some outputs more.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from cnncost.dims import Shape, Size, is_symbolic
from cnncost.layers.window import Reach, Taps, UnknownReach, Window
from cnncost.network.graph import Graph, Node, axes_of_input, channel_axis


@dataclass(frozen=True)
class AxisField:
    """The field along one axis. `jump` is the input distance between neighbouring outputs."""

    first: tuple[Any, ...]
    last: tuple[Any, ...]
    shift: Any
    jump: Any
    count: int | None = None
    """The number of outputs, if there are fewer than a period."""

    def interval(self, o: int) -> tuple[int, int]:
        """The first and last input position that output `o` sees."""
        turn, phase = divmod(o, len(self.first))
        return self.first[phase] + turn * self.shift, self.last[phase] + turn * self.shift

    @property
    def size(self) -> Any:
        """The largest number of input positions that an output spans."""
        sizes = [b - a + 1 for a, b in zip(self.first[: self.count], self.last[: self.count], strict=True)]
        return sizes[0] if len(sizes) == 1 else max(sizes)


START = AxisField((0,), (0,), 1, 1)
"""The input itself: each position sees itself."""

CHANNELS = AxisField((0,), (0,), 0, 1)
"""The axis of the channels or features, which all see the same positions: it has no field."""

NOTHING = AxisField((0,), (-1,), 0, 1)
"""What a learned constant sees of the input, along any axis."""

UNKNOWN = AxisField((0,), (-1,), 0, 0)
"""No field is known: it takes too much effort, depends on symbols, or mixes axes."""


def fixed(field: AxisField) -> bool:
    """Whether a field is one that no layer changes."""
    return field is CHANNELS or field is UNKNOWN or field is NOTHING


class Effort:
    """How many intervals may still be looked at for one network.

    Real networks take a few thousand; patterns of coprime strides could take billions.
    """

    def __init__(self, left: int = 400_000) -> None:
        self.left = left

    def allows(self, looks: int) -> bool:
        """Whether `looks` more intervals may be looked at; if so, they are counted."""
        if looks > self.left:
            return False
        self.left -= looks
        return True


Field = tuple[AxisField, ...]
"""One entry per axis: of the positions when it is shown, of all axes while it is computed."""


def through(field: AxisField, window: Window) -> AxisField:
    """The field behind a sliding window, in arithmetic that symbols pass too.

    R' = R + (k - 1)·d·J and J' = J·s; the first position moves by -p·J.
    """
    first = field.first[0] - window.padding[0] * field.shift
    last = field.last[0] + (window.extent - 1 - window.padding[0]) * field.shift
    return AxisField((first,), (last,), field.shift * window.stride, field.jump * window.stride)


def step(field: AxisField, reach: Reach | None, effort: Effort) -> AxisField:
    """The field behind one layer along an axis; UNKNOWN where that takes too much effort."""
    if reach is None or fixed(field):
        return field
    if isinstance(reach, UnknownReach):
        return UNKNOWN
    if isinstance(reach, Window) and len(field.first) == 1 and not sees_nothing(field):
        still = reach.kernel == 1 and reach.stride == 1 and reach.padding == (0, 0)
        return field if still else through(field, reach)
    if any(map(is_symbolic, (*vars(reach).values(), *field.first, *field.last))):
        return UNKNOWN
    outputs, inputs = reach.period
    period = len(field.first)
    turns = 1 if inputs == 0 else period // gcd(period, inputs)
    ends_tell = rises(field)
    looks = 2 if ends_tell else min(len(reach.taps(0)), 2 * period)
    if not effort.allows(outputs * turns * (1 + looks)):
        return UNKNOWN
    spans = [span(field, reach.taps(o), ends_tell) for o in range(outputs * turns)]
    shift = field.shift * (inputs * turns // period)
    jump = field.jump * inputs / Fraction(outputs) if inputs else field.jump
    return repeating(spans, shift, reduced(jump))


def sees_nothing(field: AxisField) -> bool:
    """Whether a field of one interval sees nothing: every output falls in a gap of a transposed stride."""
    first, last = field.first[0], field.last[0]
    return not is_symbolic(first) and not is_symbolic(last) and bool(last < first)


def rises(field: AxisField) -> bool:
    """Whether no output looks further back than the one before it, as in all common patterns."""
    first = (*field.first, field.first[0] + field.shift)
    last = (*field.last, field.last[0] + field.shift)
    in_order = all(a <= b for ends in (first, last) for a, b in itertools.pairwise(ends))
    return in_order and all(a <= b for a, b in zip(field.first, field.last, strict=True))


def span(field: AxisField, taps: Taps, ends_tell: bool) -> tuple[int, int] | None:
    """The hull of what several positions see; None where a transposed stride leaves a gap."""
    if not taps:
        return None
    if ends_tell:
        return field.interval(taps[0])[0], field.interval(taps[-1])[1]
    period = len(field.first)
    if len(taps) > 2 * period:  # a period from either end holds both extremes
        return hull(field.interval(tap) for tap in (*taps[:period], *taps[-period:]))
    return hull(field.interval(tap) for tap in taps)


def hull(intervals: Iterable[tuple[Any, Any]]) -> tuple[Any, Any] | None:
    """From the first to the last position of several intervals; None if all are empty."""
    seen = [(a, b) for a, b in intervals if a <= b]
    return (min(a for a, _ in seen), max(b for _, b in seen)) if seen else None


def repeating(spans: list[tuple[Any, Any] | None], shift: Any, jump: Any) -> AxisField:
    """The field of a period's intervals; what sees nothing has one that ends before it begins."""
    some = next((s for s in spans if s is not None), (0, -1))
    known = [s if s is not None else (some[0], some[0] - 1) for s in spans]
    return AxisField(tuple(a for a, _ in known), tuple(b for _, b in known), shift, jump)


def reduced(jump: Any) -> Any:
    """A fraction that is a whole number, as an int."""
    return int(jump) if isinstance(jump, Fraction) and jump.denominator == 1 else jump


def merged_field(fields: Iterable[tuple[AxisField, int]], size: int, effort: Effort) -> AxisField:
    """The field of a merge along an axis; each field comes with its own size there."""
    parts = [broadcast(field, n, size) for field, n in fields if field is not NOTHING] or [NOTHING]
    if all(part is parts[0] for part in parts):
        return parts[0]
    if any(part is CHANNELS or part is UNKNOWN for part in parts):
        return UNKNOWN
    if any(is_symbolic(end) for part in parts for end in (*part.first, *part.last)):
        return UNKNOWN
    first, jump = parts[0], min(part.jump for part in parts)
    if all(part.shift * len(first.first) == first.shift * len(part.first) for part in parts):
        period = lcm(*(len(part.first) for part in parts))
        shift = first.shift * (period // len(first.first))
    else:  # fields that move differently
        fixed = hull(part.interval(0) for part in parts if part.shift == 0 and len(part.first) == 1)
        if fixed and fixed == hull(part.interval(o) for part in parts for o in (0, size - 1)):
            return AxisField((fixed[0],), (fixed[1],), 0, jump)  # a gate that looks at all the others do
        # say where each output looks; positions past the ends move with the fastest
        period, shift = size, max(part.shift * size // len(part.first) for part in parts)
    if not effort.allows(period * len(parts)):
        return UNKNOWN
    return repeating([hull(part.interval(o) for part in parts) for o in range(period)], shift, jump)


def broadcast(field: AxisField, n: int, size: int) -> AxisField:
    """The field of a branch that is stretched from `n` to `size`: one output looks the same everywhere."""
    if n != 1 or size == 1 or fixed(field):
        return field
    first, last = field.interval(0)
    return AxisField((first,), (last,), 0, field.jump)


def receptive_fields(graph: Graph) -> dict[str, Field | None]:
    """The field of every node by name: one entry per axis, without the channels.

    None where there are no spatial axes, and where telling it takes too much effort.
    """
    shown: dict[str, Field | None] = {}
    last, of_last = None, None
    for name, field in every_field(graph)[0].items():
        if field is not last or field is None:  # activations and norms pass theirs on
            last, of_last = field, positions(field)
        shown[name] = of_last
    return shown


def every_field(graph: Graph) -> tuple[dict[str, Field | None], dict[str, Any]]:
    """The fields by name, with an entry for the channels too, and the shapes: what `node_field` needs."""
    fields, sizes, effort = fields_of_inputs(graph), dict(graph.inputs), Effort()
    for node in graph.nodes:
        mixed = len(graph.inputs) > 1 and graph.size_seen(node.name) is None
        fields[node.name] = None if mixed else node_field(node, fields, sizes, effort)
        sizes[node.name] = node.out_shape
    return fields, sizes


def fields_of_inputs(graph: Graph) -> dict[str, Field | None]:
    """The fields of the inputs themselves, by name; None for features, which have no positions."""
    fields: dict[str, Field | None] = {}
    for name, shape in graph.inputs.items():
        channels = channel_axis(axes_of_input(graph.nodes, name, len(shape)))
        start = tuple(CHANNELS if axis == channels else START for axis in range(len(shape)))
        fields[name] = start if len(shape) > 1 else None
    return fields


def positions(field: Field | None) -> Field | None:
    """The entries of the axes along which there are positions."""
    if field is None or any(axis is NOTHING for axis in field):
        return None
    return tuple([axis for axis in field if axis is not CHANNELS])


def node_field(
    node: Node, fields: Mapping[str, Field | None], sizes: Mapping[str, Shape], effort: Effort
) -> Field | None:
    """The field of one node from those of its inputs; None where it is not known along every axis."""
    layer, out = node.layer, node.out_shape
    branches = []
    for name in node.inputs:
        field = fields[name]
        if field is None or len(field) != len(out):
            return None
        branches.append(field)
    if len(out) < 2 or (layer.other_inputs and len(branches) > 1):
        return None  # it looks where its further inputs tell it to
    if not branches:
        return (NOTHING,) * len(out)
    if len(branches) > 1:
        field = behind_merge(branches, [sizes[name] for name in node.inputs], out, effort)
    elif layer.order is not None:
        return tuple(branches[0][axis] for axis in layer.order)
    else:
        field = branches[0]
    reach = layer.reach(node.in_shape, out)
    if reach is not None:
        field = behind_layer(field, reach, out, effort)
    return None if any(axis is UNKNOWN for axis in field) else field


def behind_layer(field: Field, reach: Sequence[Reach | None], out: Shape, effort: Effort) -> Field:
    """The field behind a layer, axis by axis; an axis equal to the one before it is not computed again."""
    found: list[AxisField] = []
    for axis, (before, way, n) in enumerate(zip(field, reach, out, strict=True)):
        if axis and before is field[axis - 1] and way is reach[axis - 1] and n == out[axis - 1]:
            found.append(found[-1])
        else:
            found.append(counted(step(before, way, effort), n))
    return tuple(found)


def behind_merge(branches: Sequence[Field], sizes: Sequence[Shape], out: Shape, effort: Effort) -> Field:
    """The field of a merge, axis by axis; an axis equal to the one before it is not computed again."""
    found: list[AxisField] = []
    for axis, n in enumerate(out):
        before = axis - 1
        if (
            axis
            and all(field[axis] is field[before] for field in branches)
            and all(size[axis] == size[before] for size in sizes)
        ):
            found.append(found[-1])
        else:
            parts = [(field[axis], size[axis]) for field, size in zip(branches, sizes, strict=True)]
            found.append(merged_field(parts, n, effort))
    return tuple(found)


def counted(field: AxisField, outputs: Size) -> AxisField:
    """The field with its number of outputs, where that cuts a period short."""
    short = len(field.first) > 1 and len(field.first) > outputs
    return replace(field, count=outputs) if short else field
