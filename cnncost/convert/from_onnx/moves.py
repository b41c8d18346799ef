"""Operators of ONNX that compute nothing: other shapes, parts, copies."""

from __future__ import annotations

from typing import Any

from cnncost.convert.from_onnx.call import Call
from cnncost.convert.from_onnx.entries import Entry, same
from cnncost.convert.operations import Operation, Value


def transpose(call: Call) -> list[Operation]:
    """The axes in another order; without one given, reversed."""
    order = call["perm"] or list(range(len(call.out.full)))[::-1]
    return [call.operation("permute", self=call.live(), dims=order)]


def concat(call: Call) -> list[Operation]:
    """Tensors side by side."""
    tensors = [value for value in call.inputs if value is not None]
    return [call.operation("cat", tensors=tensors, dim=call["axis"])]


def split(call: Call) -> list[Operation]:
    """A tensor cut into several."""
    return [call.operation("split", call.results, self=call.live(), dim=call["axis"])]


def cut(call: Call) -> list[Operation] | None:
    """Ranges of positions, one axis after the other."""
    if call.opset < 10:
        starts, ends, axes = call["starts"], call["ends"], call["axes"]
        steps = None
    else:
        starts, ends, axes, steps = (call.constant(place) for place in range(1, 5))
        if (call.given(3) and axes is None) or (call.given(4) and steps is None):
            return None
    if starts is None or ends is None:
        return None
    axes, steps = axes or list(range(len(starts))), steps or [1] * len(starts)
    found, source = [], call.live()
    for number, (axis, start, end, step) in enumerate(zip(axes, starts, ends, steps, strict=True), 1):
        axis %= len(source.full)
        size = len(range(*slice(start, end, step).indices(source.full[axis])))
        full = (*source.full[:axis], size, *source.full[axis + 1 :])
        result = call.out if number == len(axes) else call.step(full)
        found.append(
            call.operation("slice", [result], self=source, dim=axis, start=start, end=end, step=step)
        )
        source = result
    return found


def gather(call: Call) -> list[Operation] | None:
    """Rows of a table for whole numbers; else positions of an axis that a constant names."""
    source, indices, axis = call.live(), call.live(1), call["axis"]
    if indices.name not in call.tensors.constant:
        table = call.weight(0)
        if axis != 0 or table is None or len(table.full) != 2:
            return None
        return [call.operation("embedding", weight=table, indices=indices)]
    index = call.constant(1)
    axis %= len(source.full)
    if isinstance(index, int):
        return [call.operation("select", self=source, dim=axis, index=index % source.full[axis])]
    places = index if isinstance(index, list) and all(isinstance(n, int) for n in index) else []
    if places and places == list(range(max(places[0], 0), places[0] + len(places))):
        end = places[0] + len(places)
        return [call.operation("slice", self=source, dim=axis, start=places[0], end=end, step=1)]
    return [call.operation("index", self=source)]


def picked(call: Call) -> list[Operation] | None:
    """Values at the places that a constant names."""
    known = call.node.input[1] in call.tensors.constant
    return [call.operation("index", self=call.live())] if known else None


def pad(call: Call) -> list[Operation] | None:
    """Values around a tensor."""
    source = call.live()
    pads = call["pads"] if call.opset < 11 else call.constant(1)
    axes = call.constant(3) if call.opset >= 18 and call.given(3) else list(range(len(source.full)))
    if pads is None or axes is None:
        return None
    sides = [0] * 2 * len(source.full)
    for place, axis in enumerate(axes):
        at = 2 * (len(source.full) - 1 - axis % len(source.full))
        sides[at], sides[at + 1] = pads[place], pads[place + len(axes)]
    value: Any = (
        call.constant(2) if call.opset >= 11 and call.given(2) else call["value"] if call.opset < 11 else 0
    )
    mode = call["mode"]
    while sides and not any(sides[-2:]):
        sides = sides[:-2]
    return [call.operation("pad", self=source, pad=sides, mode=mode, value=value)]


def rearranged(call: Call) -> list[Operation]:
    """Channels into space or back, in another order than torch's."""
    return [call.operation("roll", self=call.live())]


def depth_to_space(call: Call) -> list[Operation]:
    """Channels into space."""
    if call.opset >= 11 and call["mode"] == "CRD":
        return [call.operation("pixel_shuffle", self=call.live(), upscale_factor=call["blocksize"])]
    return rearranged(call)


def kept(call: Call) -> list[Operation]:
    """The same values, whatever their type."""
    return [call.operation("identity", self=call.live())]


def repeated(operator: str) -> Entry:
    """Copies whose number a constant says."""

    def entry(call: Call) -> list[Operation] | None:
        known = call.inputs[1] is not None and call.node.input[1] in call.tensors.constant
        return [call.operation(operator, self=call.live())] if known else None

    return entry


def expand(call: Call) -> list[Operation] | None:
    """Axes of size 1 stretched; a constant of one number is a constant of a larger shape."""
    source = call.live()
    if isinstance(call.operand(0), Value):
        return repeated("expand")(call)
    return [call.operation("full_like", self=source)]


TABLE: dict[str, Entry] = {
    **{name: same("reshape") for name in ("Reshape", "Flatten", "Squeeze", "Unsqueeze")},
    "Identity": kept,
    "Cast": kept,
    "CastLike": kept,
    "Transpose": transpose,
    "Concat": concat,
    "Split": split,
    "Slice": cut,
    "Gather": gather,
    "GatherND": picked,
    "Pad": pad,
    "Expand": expand,
    "Tile": repeated("repeat"),
    "DepthToSpace": depth_to_space,
    "SpaceToDepth": rearranged,
    "Trilu": same("triu"),
}
