"""A calibration: what each operation costs on a device, from the measured times of single layers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cnncost.dims import Shape
from cnncost.errors import CnncostError
from cnncost.layers import Layer
from cnncost.timing.operations import COMPUTE, TERMS, VIEW, operation, terms
from cnncost.timing.samples import Sample

MEMORY = "memory-bound"
"""Any operation that was not measured by itself and computes no matrix product."""
PRODUCT = "Linear"
"""The operation that stands in for a matrix product that was not measured by itself."""
ROUNDS = 5000
CLOSE = 1e-9
"""When the search for the costs ends."""


@dataclass(frozen=True)
class Predicted:
    """A predicted time in seconds, and what most of it is: ``compute``, ``memory`` or ``launch``."""

    seconds: float
    bound: str


@dataclass(frozen=True)
class Calibration:
    """Seconds a unit of each of TERMS, by operation, for one device and dtype.

    `errors` are the median differences from what was measured, by operation: 0.1 is 10 %.
    """

    device: str
    dtype: str
    size: float
    torch: str
    date: str
    costs: Mapping[str, Sequence[float]]
    errors: Mapping[str, float]

    def layer(self, layer: Layer, in_shapes: Sequence[Shape], out: Shape, batch: int) -> Predicted:
        """The time of a layer for a batch."""
        costs = self.costs[self.known(operation(layer, in_shapes), layer, in_shapes, out)]
        seconds = dict(zip(TERMS, parts(costs, terms(layer, in_shapes, out, batch, self.size)), strict=True))
        computing = sum(seconds[term] for term in COMPUTE)
        by_kind = {
            "launch": seconds["launches"],
            "compute": computing,
            "memory": sum(seconds.values()) - computing - seconds["launches"],
        }
        return Predicted(sum(seconds.values()), max(by_kind, key=by_kind.__getitem__))

    def known(self, name: str, layer: Layer, in_shapes: Sequence[Shape], out: Shape) -> str:
        """The operation whose costs stand for this one."""
        if name in self.costs:
            return name
        return PRODUCT if layer.work(tuple(in_shapes), out).macs else MEMORY

    def to_plain(self) -> dict[str, Any]:
        """As a file has it, with four digits."""
        costs = {name: [float(f"{cost:.4g}") for cost in costs] for name, costs in self.costs.items()}
        return {**asdict(self), "costs": costs, "errors": {n: round(e, 4) for n, e in self.errors.items()}}

    @classmethod
    def from_plain(cls, entry: Mapping[str, Any], source: str) -> Calibration:
        """From a file's entry.

        Raises:
            CnncostError: it is none of this version.
        """
        try:
            found = cls(**entry)
            right = all(len(costs) == len(TERMS) for costs in found.costs.values())
        except (TypeError, AttributeError):
            right = False
        if not right:
            raise CnncostError(f"{source} has a calibration of another version: measure it again")
        return found


def parts(costs: Sequence[float], amounts: Sequence[float]) -> list[float]:
    """The seconds of each term."""
    return [cost * amount for cost, amount in zip(costs, amounts, strict=True)]


def fitted(measured: Iterable[tuple[Sample, float]], size: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """The costs that explain measured seconds best, by operation, and the median differences.

    Costs are not negative, and each measurement weighs the same whatever its time.
    """
    rows: dict[str, list[tuple[list[float], float]]] = defaultdict(list)
    for sample, seconds in measured:
        row = terms(sample.layer, sample.in_shapes, sample.out, sample.batch, size), seconds
        name = operation(sample.layer, sample.in_shapes)
        rows[name].append(row)
        if name != VIEW and not row[0][1]:
            rows[MEMORY].append(row)
    costs, errors = {}, {}
    for name, some in rows.items():
        costs[name], errors[name] = least_squares(some)
    return costs, errors


def least_squares(rows: Sequence[tuple[Sequence[float], float]]) -> tuple[list[float], float]:
    """Non-negative least squares of relative differences by coordinate descent; and the median one."""
    import numpy as np

    amounts = np.array([row for row, _ in rows])
    seconds = np.array([taken for _, taken in rows])
    scale = amounts.max(axis=0)
    scale[scale == 0] = 1
    matrix = amounts / scale / seconds[:, None]
    gram, goal = matrix.T @ matrix, matrix.sum(axis=0)
    found = np.zeros(len(TERMS))
    used = np.flatnonzero(np.diag(gram))
    for _ in range(ROUNDS):
        before = found.copy()
        for term in used:
            step = (goal[term] - gram[term] @ found) / gram[term, term]
            found[term] = max(0.0, found[term] + step)
        if abs(found - before).max() <= CLOSE * found.max():
            break
    median = float(np.median(abs(matrix @ found - 1)))
    return (found / scale).tolist(), median
