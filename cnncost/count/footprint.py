"""A network's memory: its input, its outputs and its parameters, in bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cnncost.count.dtype import dtype_bytes, whole_bytes
from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.dims import product


@dataclass(frozen=True)
class Footprint:
    """Bytes, or elements where the convention counts these."""

    input_bytes: int
    outputs_bytes: int
    params_bytes: int

    @property
    def total_bytes(self) -> int:
        """All three together."""
        return self.input_bytes + self.outputs_bytes + self.params_bytes


def footprint(profile: NetworkCost) -> Footprint:
    """The input of the whole batch, the outputs that the memory column adds up, and the parameters."""
    elements = profile.batch * sum(map(product, profile.graph.inputs.values()))
    return Footprint(
        stored(profile, elements), profile.totals.memory_bytes, params_bytes(profile, profile.counted)
    )


def params_bytes(profile: NetworkCost, costs: Iterable[LayerCost]) -> int:
    """The bytes of the parameters of some layers."""
    return sum(stored(profile, cost.params) for cost in costs)


def stored(profile: NetworkCost, elements: int) -> int:
    """The bytes of some elements in the profile's dtype, rounded up where elements are parts of a byte."""
    return int(whole_bytes(elements, profile.convention.bytes_of(dtype_bytes(profile.dtype))))
