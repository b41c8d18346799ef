"""Operators that reduce axes: means, sums, largest values, norms."""

from __future__ import annotations

from cnncost.convert.draft import Made
from cnncost.convert.operations import Operation
from cnncost.convert.table.entry import Entry, layer


def reduction(name: str) -> Entry:
    """One value for all positions of some axes; the batch axis cannot be one of them."""

    def entry(operation: Operation) -> list[Made] | None:
        source, dims = operation.inputs[0], operation.arguments.get("dim")
        rank = len(source.full)
        dims = list(range(rank)) if dims is None else dims if isinstance(dims, list) else [dims]
        axes = [source.axis(dim) for dim in dims]
        if None in axes or not axes or source.batch in [dim % rank for dim in dims]:
            return None
        keep = bool(operation.arguments.get("keepdim"))
        numbers = tuple(sorted(axis + 1 for axis in axes if axis is not None))
        if name == "mean" and keep and numbers == (2, 3) and len(source.shape) == 3:
            return [Made(layer("AdaptiveAvgPool2d", 1), (source,))]
        if not keep and len(numbers) == len(source.shape):
            return None
        return [Made(layer("Reduce", name, numbers, keepdim=keep), (source,))]

    return entry


def norm(operation: Operation) -> list[Made] | None:
    """The Euclidean norm."""
    if operation.arguments.get("ord", 2) != 2 and operation.arguments.get("p", 2) != 2:
        return None
    return reduction("norm")(operation)


def spread(name: str) -> Entry:
    """Variance or standard deviation."""
    return reduction(name)


TABLE: dict[str, Entry] = {
    "mean": reduction("mean"),
    "sum": reduction("sum"),
    "amax": reduction("max"),
    "amin": reduction("min"),
    "max": reduction("max"),
    "min": reduction("min"),
    "var": spread("var"),
    "std": spread("std"),
    "linalg_vector_norm": norm,
    "norm": norm,
}
