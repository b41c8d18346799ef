"""How raw counts become the "FLOPs", "params" and "memory" that people print.

A convention is data: a weight for each kind of work, by layer type, and what counts as a
parameter, an element and a kilobyte. Those that come with cnncost are in `conventions.py`, where
your own are registered too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cnncost.count.dtype import whole_bytes
from cnncost.dims import Shape, Size, product
from cnncost.layers.base import Layer
from cnncost.layers.work import Work
from cnncost.numbers import BYTE_UNITS, PREFIXES

Weights = Mapping[str, int]


@dataclass(frozen=True)
class Convention:
    """A way of counting.

    `weights` gives, by layer type (``Conv``, or ``Conv2d`` where it holds for two spatial axes only;
    ``*`` for all others), the weight of each field of `Work`; ``inputs`` and ``outputs`` weigh the
    elements that the layer reads and writes.
    """

    name: str
    summary: str
    source: str
    weights: Mapping[str, Weights] = field(hash=False)
    biases: bool = True
    element_bytes: int | None = None
    kilo: int = 1024
    flops_label: str = "FLOPs"

    def weights_of(self, layer: Layer, axes: int) -> Weights:
        """The weights that hold for this layer on an input with `axes` spatial axes."""
        kind = layer.cost_type
        names = (f"{kind}{axes}d", kind, "*")
        return next((self.weights[name] for name in names if name in self.weights), {})

    def flops(self, layer: Layer, work: Work, in_shapes: tuple[Shape, ...], out: Shape) -> Size:
        """What this convention calls the FLOPs of one sample."""
        total: Size = 0
        for name, weight in self.weights_of(layer, len(in_shapes[0] if in_shapes else out) - 1).items():
            if name == "inputs":
                total += weight * sum(product(shape) for shape in in_shapes)
            elif name == "outputs":
                total += weight * product(out)
            else:
                total += weight * getattr(work, name)
        return total

    def params(self, layer: Layer, weights: Mapping[str, Shape]) -> Size:
        """The learned parameters that this convention counts."""
        return sum(
            product(shape)
            for name, shape in weights.items()
            if name not in layer.buffer_names and (self.biases or not is_bias(name))
        )

    def memory(self, layer: Layer, out: Shape, element_bytes: Size) -> Size:
        """The output of one sample in bytes; none for what overwrites its input in place."""
        return 0 if layer.in_place else whole_bytes(product(out), self.bytes_of(element_bytes))

    def bytes_of(self, element_bytes: Size) -> Size:
        """The bytes of an element: those of the dtype unless the convention counts otherwise."""
        return self.element_bytes if self.element_bytes is not None else element_bytes

    def weights_where(self, work: str, instead: Mapping[int, int]) -> dict[str, Weights]:
        """The weights with others for one field of `Work`: ``("macs", {1: 2})`` doubles multiply-adds."""
        return {
            kind: {name: instead.get(n, n) if name == work else n for name, n in each.items()}
            for kind, each in self.weights.items()
        }

    def replace(self, **changes: Any) -> Convention:
        """A copy with some fields changed, which its name then lists."""
        listed = ", ".join(f"{name}={value}" for name, value in changes.items())
        return replace(self, **{"name": f"{self.name} with {listed}", **changes})


def is_bias(weight: str) -> bool:
    """Whether a weight is a bias by its name: `bias`, `in_proj_bias`, `bias_ih_l0`."""
    return weight.endswith("bias") or weight.startswith("bias_")


def memory_steps(convention: Convention) -> tuple[tuple[str, ...], int]:
    """The symbols of memory's units, and how many of one make the next: bytes, or elements if these count."""
    return (PREFIXES, 1000) if convention.element_bytes == 1 else (BYTE_UNITS, convention.kilo)
