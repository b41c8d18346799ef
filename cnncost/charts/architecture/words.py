"""What a drawing says of a layer in a word or two: `3×3, 64, /2`, `max 2×2`, `BN`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from cnncost.charts.families import layer_family
from cnncost.layers.base import Layer

SHORT = {
    "BatchNorm": "BN",
    "LayerNorm": "LN",
    "GroupNorm": "GN",
    "InstanceNorm": "IN",
    "LocalResponseNorm": "LRN",
}
PLAIN = {"Concat": "concat", "Mean": "mean", "Flatten": "flatten", "Softmax": "softmax", "Permute": "permute"}
SILENT = ("Identity", "Dropout", "StochasticDepth", "AlphaDropout")
"""What says nothing about the architecture at inference."""


def name(layer: Layer) -> str:
    """A layer's type, short: `BN`, `ReLU`, `Flatten`."""
    plain = re.sub(r"(?<=[a-z])[123]d$", "", type(layer).__name__)
    return SHORT.get(plain) or PLAIN.get(plain, plain)


def says(layer: Layer) -> str:
    """A layer in a word or two."""
    words = {"conv": conv, "pool": pool, "linear": linear, "attention": attention}.get(
        layer_family(layer), name
    )
    return words(layer)


def brief(layer: Layer) -> str:
    """A layer in a word or two, heads left out: for a narrow column."""
    return "attention" if layer_family(layer) == "attention" else says(layer)


def followers(layers: Iterable[Layer]) -> str:
    """What follows a layer in place: `BN, ReLU`."""
    return ", ".join(n for n in dict.fromkeys(map(name, layers)) if n not in SILENT)


def conv(layer: Any) -> str:
    """`3×3, 64`, `3×3 dw` of a filter a channel, with `, g32` for groups and `, /2` for a stride."""
    turned = "up " if "Transpose" in type(layer).__name__ else ""
    depthwise = layer.groups == layer.out_channels > 1
    width = " dw" if depthwise else f", {layer.out_channels}"
    groups = f", g{layer.groups}" if layer.groups > 1 and not depthwise else ""
    spread = "" if set(layer.dilation) == {1} else f", d{layer.dilation[0]}"
    return f"{turned}{sizes(layer.kernel_size)}{width}{groups}{spread}{step(layer)}"


def pool(layer: Any) -> str:
    """`max 3×3, /2`, `global avg`."""
    kind = "max" if "Max" in type(layer).__name__ else "avg"
    if hasattr(layer, "output_size"):
        target = layer.output_size
        return f"global {kind}" if set(target) == {1} else f"{kind} to {sizes(target)}"
    return f"{kind} {sizes(layer.kernel_size)}{step(layer)}"


def linear(layer: Any) -> str:
    """`linear 4096`, `8 experts`."""
    out = getattr(layer, "out_features", None)
    return f"linear {out}" if out is not None else f"{getattr(layer, 'experts', '')} experts".strip()


def attention(layer: Any) -> str:
    """`attention, 12 heads`."""
    heads = getattr(layer, "num_heads", None)
    return f"attention, {heads} heads" if heads else "attention"


def sizes(values: Iterable[Any]) -> str:
    """Sizes along all axes: `3×3`."""
    return "×".join("·" if value is None else str(value) for value in values)


def step(layer: Any) -> str:
    """`, /2` for a stride of 2; `, /2×1` where the axes differ."""
    strides = tuple(layer.stride)
    if set(strides) == {1}:
        return ""
    return f", /{strides[0]}" if len(set(strides)) == 1 else f", /{sizes(strides)}"
