"""How raw counts become the "FLOPs", "params" and "memory" that people print.

A convention is data: a weight for each kind of work, by layer type, and what counts as a
parameter, an element and a kilobyte. Those that come with cnncost are entries of the table below. One of
your own is a `Convention` given to :func:`register_convention`, or a YAML file of the same fields.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cnncost.count.dtype import whole_bytes
from cnncost.dims import Shape, Size, product
from cnncost.errors import CnncostError, NameUnknown, did_you_mean
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
        for name, weight in self.weights_of(layer, len(in_shapes[0]) - 1).items():
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
            if name not in layer.buffer_names and (self.biases or not name.endswith("bias"))
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


STRICT = {"macs": 2, "adds": 1, "muls": 1, "compares": 1, "divs": 1, "exps": 1, "sqrts": 1}

CONVENTIONS: dict[str, Convention] = {
    convention.name: convention
    for convention in (
        Convention(
            "lecture",
            "multiply-adds of convolutions, linear layers and attention, kernel² a pooled output, "
            "nothing else",
            "the lecture tables",
            {
                "*": {"macs": 1},
                "MaxPool": {"compares": 1},
                "AvgPool": {"adds": 1},
                "AdaptiveAvgPool": {"adds": 1},
                "AdaptiveMaxPool": {"compares": 1},
            },
        ),
        Convention(
            "macs",
            "multiply-adds of convolutions, linear layers and attention only",
            "torchvision's tables and most papers",
            {"*": {"macs": 1}},
            flops_label="MACs",
        ),
        Convention(
            "flops",
            "two for each multiply-add, and every addition, comparison, division and exponential",
            "strict counting",
            {"*": STRICT},
        ),
        Convention(
            "torch",
            "two for each multiply-add of convolutions and matrix products",
            "torch.utils.flop_counter.FlopCounterMode",
            {"*": {"macs": 2}},
        ),
        Convention(
            "fvcore",
            "multiply-adds, and a few of a value for norms, adaptive average pooling and upsampling",
            "fvcore.nn.FlopCountAnalysis, most of timm's GMACs",
            {
                "*": {"macs": 1, "products": -1},  # it passes over scaled_dot_product_attention
                "BatchNorm": {"outputs": 2},
                "BatchNorm-plain": {"outputs": 1},
                **{f"{kind}Norm": {"outputs": 5} for kind in ("Instance", "Layer", "Group")},
                **{f"{kind}Norm-plain": {"outputs": 4} for kind in ("Instance", "Layer", "Group")},
                "AdaptiveAvgPool2d": {"inputs": 1},
                "Upsample-nearest2d": {"outputs": 1},
                "Upsample-bilinear": {"outputs": 4},
            },
        ),
    )
}

BUILT_IN = frozenset(CONVENTIONS)


def register_convention(convention: Convention | str | os.PathLike[str]) -> Convention:
    """Make a convention of your own known by its name; a path is that of a YAML file.

    Raises:
        CnncostError: a file that cannot be used, or the name of one of cnncost's own.
    """
    if not isinstance(convention, Convention):
        from cnncost.count.convention_file import read_convention

        convention = read_convention(convention)
    if convention.name in BUILT_IN and convention != CONVENTIONS[convention.name]:
        raise CnncostError(f"cnncost has a convention `{convention.name}` of its own; choose another name")
    CONVENTIONS[convention.name] = convention
    return convention


def convention_named(name: str | Convention) -> Convention:
    """The convention of this name, or that of a YAML file, which is then known by its own name.

    Raises:
        NameUnknown: there is none; the nearest is named.
        CnncostError: the file cannot be used.
    """
    if isinstance(name, Convention):
        return name
    if name.endswith((".yaml", ".yml")):
        return register_convention(name)
    if name not in CONVENTIONS:
        known = ", ".join(CONVENTIONS)
        hint = did_you_mean(name, CONVENTIONS)
        raise NameUnknown(f"no convention `{name}`{hint}; there are {known}")
    return CONVENTIONS[name]


def memory_steps(convention: Convention) -> tuple[tuple[str, ...], int]:
    """The symbols of memory's units, and how many of one make the next: bytes, or elements if these count."""
    return (PREFIXES, 1000) if convention.element_bytes == 1 else (BYTE_UNITS, convention.kilo)
