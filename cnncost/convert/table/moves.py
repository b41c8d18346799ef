"""Operators that compute nothing: other views of the same values, parts of them, and copies."""

from __future__ import annotations

from cnncost.convert.draft import Made
from cnncost.convert.operations import Operation, Value
from cnncost.convert.table.entry import Entry, Steps, layer
from cnncost.dims import Shape, product
from cnncost.layers import Layer


def reshape(operation: Operation) -> list[Made] | None:
    """The same values in the same order, in another shape."""
    source = operation.inputs[0]
    return reshaped(source, operation.out.shape)


def reshaped(source: Value, shape: Shape) -> list[Made] | None:
    """Another shape of a tensor's values; nothing where it is the shape that it has."""
    if source.shape == shape:
        return []
    if product(source.shape) != product(shape):
        return None
    return [Made(reshaping(source.shape, shape), (source,))]


def reshaping(before: Shape, after: Shape) -> Layer:
    """The layer that makes one shape of another: Flatten or Unflatten where one is enough."""
    start = next(
        (i for i, (n, m) in enumerate(zip(before, after, strict=False)) if n != m),
        min(map(len, (before, after))),
    )
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    joined, made = before[start : len(before) - end], after[start : len(after) - end]
    if len(made) == 1 and len(joined) > 1:
        last = start + len(joined)
        return layer("Flatten", start + 1, -1 if last == len(before) else last)
    if not made and start:  # trailing axes of size 1 join the axis before
        return layer("Flatten", start, -1 if start + len(joined) == len(before) else start + len(joined))
    if len(joined) == 1 and len(made) > 1:
        return layer("Unflatten", start + 1, made)
    if not joined and start:
        return layer("Unflatten", start, (before[start - 1], *made))
    return layer("Reshape", after)


def unchanged(_: Operation) -> list[Made] | None:
    """A copy, or a view of everything."""
    return []


def expand(operation: Operation) -> list[Made] | None:
    """Axes of size 1 stretched: another shape where only the batch is, else copies."""
    if product(operation.inputs[0].shape) == product(operation.out.shape):
        return reshaped(operation.inputs[0], operation.out.shape)
    return gather(operation)


def picked(operation: Operation) -> Layer:
    """The layer that picks values at fixed places."""
    return layer("Gather", operation.out.shape, of=product(operation.inputs[0].shape))


def gather(operation: Operation) -> list[Made] | None:
    """Values at fixed places: what is copied depends on no value."""
    given = {key: value for key, value in operation.arguments.items() if key not in SOURCES}
    if operation.operator != "expand_as" and any(isinstance(value, Value) for value in given.values()):
        return None
    return [Made(picked(operation), operation.inputs[:1])]


SOURCES = ("self", "input", "x")


def pad(operation: Operation) -> list[Made] | None:
    """Values around a tensor: zeros around a map, and along one axis, have a layer."""
    sides, source = list(operation["pad"]), operation.inputs[0]
    if not any(sides):
        return []
    zeros = operation.arguments.get("mode", "constant") == "constant" and not operation.arguments.get("value")
    axes = len(source.shape) - 1
    if zeros and axes in (2, 3) and source.batch == 0 and not any(sides[2 * axes :]):
        around = tuple([*sides, *[0] * 2 * axes][: 2 * axes])
        same = around[0] if len(set(around)) == 1 else around
        return [Made(layer(f"ZeroPad{axes}d", same), (source,))]
    pairs = list(zip(sides[::2], sides[1::2], strict=True))  # those of the last axis come first
    padded = [number for number, pair in enumerate(pairs) if any(pair)]
    if zeros and source.batch == 0 and len(padded) == 1 and min(pairs[padded[0]]) >= 0:
        return [Made(layer("PadChannels", *pairs[padded[0]], len(source.shape) - padded[0]), (source,))]
    return gather(operation)


def stack(operation: Operation) -> list[Made] | None:
    """Tensors side by side along a new axis."""
    tensors, out = tuple(operation["tensors"]), operation.out
    axis = out.axis(operation["dim"])
    if axis is None:
        return None
    steps = Steps()
    dim = operation["dim"] % len(out.full)
    full = (*out.full[:dim], 1, *out.full[dim + 1 :])
    parts = [steps.reshape(tensor, full) for tensor in tensors]
    if len(parts) > 1:
        steps.add(layer("Concat", axis + 1), *parts, full=out.full)
    return steps.made


def indexed(operation: Operation) -> list[Made] | None:
    """Values at the places that a fixed table says."""
    return [Made(picked(operation), operation.inputs[:1])]


def transpose(operation: Operation) -> list[Made] | None:
    """Two axes in each other's places."""
    order = list(range(len(operation.out.full)))
    names = ("dim0", "dim1") if "dim0" in operation.arguments else ("axis0", "axis1")
    a, b = (operation[name] % len(order) for name in names)
    order[a], order[b] = order[b], order[a]
    return permuted(operation.inputs[0], order)


def turn(operation: Operation) -> list[Made] | None:
    """The transpose of a matrix."""
    return permuted(operation.inputs[0], list(range(len(operation.out.full)))[::-1])


def permute(operation: Operation) -> list[Made] | None:
    """The axes in another order."""
    rank = len(operation.out.full)
    return permuted(operation.inputs[0], [d % rank for d in operation["dims"]])


def permuted(source: Value, order: list[int]) -> list[Made]:
    """The axes of one sample in the order that those of the batch take."""
    axes = [axis for dim in order if (axis := source.axis(dim)) is not None]
    if axes == sorted(axes):
        return []
    return [Made(layer("Permute", (0, *(axis + 1 for axis in axes))), (source,))]


def select(operation: Operation) -> list[Made] | None:
    """One position of an axis."""
    source = operation.inputs[0]
    return selected(source, operation["dim"], operation["index"], operation.out)


def selected(source: Value, dim: int, index: int, out: Value) -> list[Made] | None:
    """One position of an axis, which must not be the batch's."""
    axis = source.axis(dim)
    if axis is None or not isinstance(index, int):
        return None
    if source.shape[axis] == 1:
        return reshaped(source, out.shape)
    return [Made(layer("Select", index, axis + 1), (source,))]


def cut(operation: Operation) -> list[Made] | None:
    """A range of positions of an axis."""
    source, dim = operation.inputs[0], operation["dim"]
    n = source.full[dim]
    start, stop, _ = slice(operation["start"], operation["end"]).indices(n)
    if (start, stop, operation["step"]) == (0, n, 1):
        return []
    return gather(operation) if operation["step"] != 1 else sliced(source, dim, start, stop)


def narrow(operation: Operation) -> list[Made] | None:
    """A range of positions, by its start and length."""
    start = operation["start"]
    return sliced(operation.inputs[0], operation["dim"], start, start + operation["length"])


def sliced(source: Value, dim: int, start: int, stop: int) -> list[Made] | None:
    """A range of positions of an axis, which must not be the batch's."""
    axis = source.axis(dim)
    if axis is None or (axis == source.batch and not source.alone) or stop <= start:
        return None
    n = source.shape[axis]
    if (start, stop) == (0, n):
        return []
    return [Made(layer("Slice", start, None if stop == n else stop, axis + 1), (source,))]


def part(operation: Operation, index: int) -> list[Made] | None:
    """One of the results of an operation that cuts a tensor into several."""
    source, dim = operation.inputs[0], operation.arguments.get("dim", 0)
    if operation.operator == "unbind":
        return selected(source, dim, index, operation.results[index])
    if operation.operator not in CUTS:
        return None
    sizes = [result.full[dim] for result in operation.results]
    start = sum(sizes[:index])
    return sliced(source, dim, start, start + sizes[index])


CUTS = ("split", "split_with_sizes", "chunk", "tensor_split", "unsafe_split", "unsafe_chunk")

UNCHANGED = (
    "contiguous",
    "clone",
    "detach",
    "alias",
    "lift_fresh_copy",
    "lift_fresh",
    "identity",
    "to",
    "_to_copy",
    "type_as",
    "float",
    "half",
)
RESHAPES = (
    "view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "view_as", "reshape_as",
    "_unsafe_view", "_reshape_alias", "ravel",
)  # fmt: skip

COPIES = (
    "roll",
    "flip",
    "repeat",
    "tile",
    "repeat_interleave",
    "rot90",
    "unfold",
    "triu",
    "tril",
    "diagonal",
)

TABLE: dict[str, Entry] = {
    **dict.fromkeys(UNCHANGED, unchanged),
    **dict.fromkeys(RESHAPES, reshape),
    "expand": expand,
    "expand_as": expand,
    "transpose": transpose,
    "swapaxes": transpose,
    "t": turn,
    "numpy_T": turn,
    "permute": permute,
    "select": select,
    "slice": cut,
    "narrow": narrow,
    "pad": pad,
    "constant_pad_nd": pad,
    "stack": stack,
    "index": indexed,
    "index_select": indexed,
    **dict.fromkeys(COPIES, gather),
}
