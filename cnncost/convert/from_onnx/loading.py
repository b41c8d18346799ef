"""An ONNX file as a spec, compared with what the file says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cnncost import numbers
from cnncost.convert.agreement import AGAIN, against_state
from cnncost.convert.conversion import Conversion
from cnncost.convert.from_onnx.checking import check
from cnncost.convert.from_onnx.model import prepared, read_model
from cnncost.convert.from_onnx.walk import Walk
from cnncost.convert.naming import clean
from cnncost.convert.network import Imported, network_of
from cnncost.convert.operations import Value
from cnncost.convert.sources import Given, Source
from cnncost.convert.structure import spec_of
from cnncost.dims import Shape, product
from cnncost.errors import CnncostError
from cnncost.spec.expression import shorten

BATCHES = (1009, 1013, 1019, 1021, 1031, 1033, 1039, 1049, 1051, 1061)


MOST_AXES = 4
"""The most axes that the input of a spec has."""


def load(source: Source) -> Conversion:
    """The conversion of a file.

    Raises:
        CnncostError: there is no such file, it is no ONNX model, or a shape in it depends on values.
    """
    if source.arguments:
        raise CnncostError(f"{source.name}: an ONNX file takes no --set: it is made already")
    return converted(read_model(source.name), source.input, source.name, titled(source.network))


def titled(name: str) -> str:
    """A name that a spec can have."""
    return re.sub(r"[^A-Za-z0-9_.+-]+", "_", name).strip("_.+-") or "model"


def converted(model: Any, input: Given, name: str, title: str) -> Conversion:
    """A model as a spec: as one of a batch, or as it is where that does not fit."""
    inputs, remarks = inputs_of(model, input, name)
    first: Imported | CnncostError
    try:
        first, walk = read(model, inputs, batch_for(model, inputs), input, name, title)
    except CnncostError as error:
        first = error
    if isinstance(first, CnncostError) or first.unknown:
        try:
            second, other = read(model, inputs, 1, input, name, title)
        except CnncostError:
            if isinstance(first, CnncostError):
                raise first from None
        else:
            if isinstance(first, CnncostError) or len(second.unknown) < len(first.unknown):
                first, walk = second, other
    assert not isinstance(first, CnncostError)
    spec = spec_of(first.graph, first.traced.classes)
    checked = check(first, model, walk)
    notes = (*remarks, *quantised(walk), *counted_again(first))
    return Conversion(spec, first.graph, first.unknown, checked, notes, "onnx")


def counted_again(found: Imported) -> list[str]:
    """What is said of tensors that several layers have, which are counted in each."""
    several = [p for p in against_state(found, sorted)[0] if p.ours == AGAIN]
    if not several:
        return []
    return [
        f"{len(several)} weights are equal to others, which the file holds once; they count in each layer"
    ]


def read(
    model: Any, inputs: Mapping[str, tuple[Shape, int | None]], size: int, given: Given, name: str, title: str
) -> tuple[Imported, Walk]:
    """The network of a model for a batch of this size."""
    copy = type(model)()
    copy.CopyFrom(model)
    values = {}
    for key, (shape, batch) in inputs.items():
        full = shape if batch is None else (*shape[:batch], size, *shape[batch:])
        values[key] = Value(safe(key), full, batch, size)
    walk = Walk(copy, values, size, name, given is None)
    traced = walk.traced()
    return network_of(type(traced)(**{**vars(traced), "name": title})), walk


def safe(name: str) -> str:
    """The name of an input as a spec can have it."""
    cleaned = clean(name.replace(".", "_").replace("-", "_")).strip("_")
    return cleaned if cleaned[:1].isalpha() else f"input_{cleaned}"


def batch_for(model: Any, inputs: Mapping[str, tuple[Shape, int | None]]) -> int:
    """A batch that divides no size of the weights and inputs."""
    sizes = {n for tensor in model.graph.initializer for n in tensor.dims}
    sizes.update(n for shape, _ in inputs.values() for n in shape)
    return next(prime for prime in BATCHES if not any(n and n % prime == 0 for n in sizes))


def inputs_of(
    model: Any, given: Given, name: str
) -> tuple[dict[str, tuple[Shape, int | None]], tuple[str, ...]]:
    """The shapes of the inputs for one sample, each with the axis of the batch; what was assumed.

    Raises:
        CnncostError: a size is not fixed and not given, or inputs are given that the file does not have.
    """
    held = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in held and sizes_of(value, name)]
    if not inputs:
        raise CnncostError(f"{name}: it has no inputs besides single numbers")
    wanted = shapes_given([value.name for value in inputs], given, name)
    found, remarks = {}, []
    for value in inputs:
        dims = sizes_of(value, name)
        batch = batch_of(dims) if len(dims) > 1 or (dims and not isinstance(dims[0], int)) else None
        if batch is not None:
            if dims[batch] != 1:
                size = f"not fixed ({dims[batch]})" if isinstance(dims[batch], str) else dims[batch]
                remarks.append(f"The batch of `{shorten(value.name)}` is {size}; one sample is counted")
            dims = [*dims[:batch], *dims[batch + 1 :]]
        found[value.name] = fixed(value.name, dims, wanted.get(value.name), name), batch
    return found, tuple(dict.fromkeys(remarks))


def shapes_given(names: Sequence[str], given: Given, file: str) -> dict[str, Shape]:
    """The shapes that a user gives, by the file's names of the inputs."""
    if given is None:
        return {}
    known = {safe(name): name for name in names} | {name: name for name in names}
    if [key for key, _ in given] in ([""], ["input"]) and not {"input"} & {*names}:
        return dict.fromkeys(names, given[0][1])
    for key, _ in given:
        if key and key not in known:
            raise CnncostError(f"{file}: no input `{shorten(key)}`; it has {', '.join(map(shorten, names))}")
    return {known[key] if key else names[0]: shape for key, shape in given}


def sizes_of(value: Any, file: str) -> list[int | str]:
    """The sizes of an input: numbers, or the names of those that are not fixed.

    Raises:
        CnncostError: it is no tensor.
    """
    if not value.type.HasField("tensor_type"):
        raise CnncostError(f"{file}: the input `{shorten(value.name)}` is no tensor")
    if not value.type.tensor_type.HasField("shape"):
        raise CnncostError(
            f"{file}: the file does not say how many axes its input `{shorten(value.name)}` has"
        )
    return [
        dim.dim_value if dim.HasField("dim_value") and dim.dim_value > 0 else dim.dim_param or "?"
        for dim in value.type.tensor_type.shape.dim
    ]


def batch_of(dims: Sequence[int | str]) -> int:
    """The axis of the batch: the one called so, else the first."""
    named = [
        i for i, n in enumerate(dims) if isinstance(n, str) and n.lower() in ("batch", "batch_size", "n", "b")
    ]
    return named[0] if named else 0


def fixed(name: str, dims: Sequence[int | str], given: Shape | None, file: str) -> Shape:
    """The sizes of one sample, with those that a user gives.

    Raises:
        CnncostError: one is not known.
    """
    if given is not None:
        if len(given) != len(dims):
            shown = numbers.shape(tuple(dims)) if dims else "a single number"
            raise CnncostError(
                f"{file}: the input `{shorten(name)}` of one sample is {shown}, not {numbers.shape(given)}"
            )
        return given
    if len(dims) > MOST_AXES:
        raise CnncostError(
            f"{file}: the input `{shorten(name)}` has {len(dims)} axes besides the batch, not 1 to 4"
        )
    unknown = [str(n) for n in dims if isinstance(n, str)]
    if unknown:
        usual = {4: "3x224x224", 3: "3x224x224", 2: "16x64"}.get(len(dims), "128")
        shown = "×".join(map(str, dims))
        raise CnncostError(
            f"{file}: the sizes of the input `{shorten(name)}` are not all fixed: {shown}; "
            f"give them, as in --input {usual}"
        )
    return tuple(n for n in dims if isinstance(n, int))


def quantised(walk: Walk) -> list[str]:
    """What is said of weights that are whole numbers."""
    from cnncost.convert.from_onnx.quantised import name_of

    sizes: dict[str, int] = {}
    for name in walk.whole & {*walk.parameters}:
        kind = name_of(walk.kinds[name])
        sizes[kind] = sizes.get(kind, 0) + product(walk.parameters[name])
    kinds = sorted(sizes, key=lambda kind: (-sizes[kind], kind))
    if not kinds:
        return []
    return [f"The weights are quantised to {' and '.join(kinds)}; for their memory: --dtype {kinds[0]}"]


def imported(model: Any, input: Given = None) -> Conversion:
    """The conversion of a model in memory."""
    title = titled(model.graph.name)
    return converted(prepared(model, title), input, title, title)
