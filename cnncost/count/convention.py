"""How raw counts become the "FLOPs", "params" and "memory" that people print.

A convention is data: a weight for each kind of work, by layer type, and what counts as a
parameter, an element and a kilobyte. Those that come with cnncost are in `conventions.py`, where
your own are registered too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from cnncost.count.dtype import whole_bytes
from cnncost.count.sizes import SIZES
from cnncost.dims import Shape, Size, product
from cnncost.layers.base import Layer
from cnncost.layers.work import Work
from cnncost.numbers import BYTE_UNITS, PREFIXES

Weights = Mapping[str, int]

FUNCTIONAL, FOLDED = "functional", "folded"
"""What else can change how a tool counts a layer: the model calls it as a function (`F.relu`), which a
tool that hooks modules does not see; or an exporter folds a batch norm into the convolution before it."""


@dataclass(frozen=True)
class Convention:
    """A way of counting.

    `weights` gives, by layer type (``Conv``, or ``Conv2d`` where it holds for two spatial axes only;
    ``*`` for all others), the weight of each field of `Work` and of each size in `count.sizes`, such as
    ``outputs``. Types like ``ReLU-functional`` and ``BatchNorm-folded`` hold for layers that are called
    as functions, or folded into the convolution before them. `version` is that of the tool which counts so;
    it counts the types in `unknown` by a rule that is not known, and here they count nothing. `called` is
    its name in a sentence, if not `name`.
    """

    name: str
    summary: str
    source: str
    weights: Mapping[str, Weights] = field(hash=False)
    biases: bool = True
    element_bytes: int | None = None
    kilo: int = 1024
    flops_label: str = "FLOPs"
    version: str = ""
    unknown: tuple[str, ...] = ()
    called: str = ""

    @property
    def title(self) -> str:
        """What it is called in a sentence."""
        return self.called or self.name

    def weights_of(self, layer: Layer, axes: int, ways: Collection[str] = ()) -> Weights:
        """The weights that hold for this layer on an input with `axes` spatial axes."""
        key = type(layer), layer.cost_type, axes, *ways
        if key not in self.found:
            self.found[key] = self.find_weights(layer, axes, ways)
        return self.found[key]

    @cached_property
    def found(self) -> dict[object, Weights]:
        """The weights that were looked up: there are few types of layers, and many layers."""
        return {}

    def find_weights(self, layer: Layer, axes: int, ways: Collection[str]) -> Weights:
        """The same, looked up by the names that hold for the layer, from the narrowest to `*`."""
        kind, of_axes = layer.cost_type, f"{axes}d"
        family = kind.partition("-")[0]  # `BatchNorm` of `BatchNorm-plain`
        names = [kind + of_axes, kind, family + of_axes, family]
        if Layer.registry.get(family + of_axes, type(layer)) is not type(layer):
            names = [kind, family]  # `LayerNorm2d` is a layer of its own, not LayerNorm on a map
        known = (*(f"{family}-{way}" for way in ways), *names, "*")
        return next((self.weights[name] for name in known if name in self.weights), {})

    def parts(
        self, layer: Layer, work: Work, in_shapes: tuple[Shape, ...], out: Shape, ways: Collection[str] = ()
    ) -> dict[str, Size]:
        """What each weighted kind of work and size adds to the FLOPs of one sample."""
        axes = len(in_shapes[0] if in_shapes else out) - 1
        return {
            name: weight * (SIZES[name](layer, in_shapes, out) if name in SIZES else getattr(work, name))
            for name, weight in self.weights_of(layer, axes, ways).items()
        }

    def flops(
        self, layer: Layer, work: Work, in_shapes: tuple[Shape, ...], out: Shape, ways: Collection[str] = ()
    ) -> Size:
        """What this convention calls the FLOPs of one sample."""
        return sum(self.parts(layer, work, in_shapes, out, ways).values())

    @cached_property
    def ways(self) -> frozenset[str]:
        """Which of `functional` and `folded` it distinguishes."""
        return frozenset(name.rpartition("-")[2] for name in self.weights) & {FUNCTIONAL, FOLDED}

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
