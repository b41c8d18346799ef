"""A layer in a word or two: `3×3, 64, /2`, `max 2×2`, `BN`."""

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
    "TransformerEncoderLayer": "encoder",
    "TransformerDecoderLayer": "decoder",
    **{
        name: name.lower()
        for name in ("Concat", "Mean", "Matmul", "Maximum", "Minimum", "Flatten", "Softmax", "Permute")
    },
}
SILENT = ("Identity", "Dropout", "StochasticDepth", "AlphaDropout")
"""Layers that do nothing at inference."""


def layer_name(layer: Layer) -> str:
    """A layer's type, short: `BN`, `ReLU`, `flatten`."""
    plain = re.sub(r"(?<=[a-z])[123]d$", "", type(layer).__name__)
    return SHORT.get(plain, plain)


def layer_words(layer: Any, brief: bool = False) -> str:
    """A layer in a word or two; `brief` omits the number of heads."""
    match layer_family(layer):
        case "conv":
            return conv_words(layer)
        case "pool":
            return pool_words(layer)
        case "linear" if hasattr(layer, "out_features"):
            return f"linear {layer.out_features}"
        case "linear" if hasattr(layer, "hidden_size"):
            return f"{layer_name(layer)} {layer.hidden_size}"
        case "linear":
            return f"{getattr(layer, 'experts', '')} experts".strip()
        case "attention":
            heads = None if brief else getattr(layer, "num_heads", None) or getattr(layer, "nhead", None)
            kind = SHORT.get(type(layer).__name__, "attention")
            return f"{kind}, {heads} heads" if heads else kind
    return layer_name(layer)


def followers(layers: Iterable[Layer]) -> str:
    """The in-place layers after a layer: `BN, ReLU`."""
    return ", ".join(n for n in dict.fromkeys(map(layer_name, layers)) if n not in SILENT)


def conv_words(layer: Any) -> str:
    """`3×3, 64`; `3×3 dw` if depthwise; then `g32` for groups, `d2` for dilation, `/2` for a stride."""
    name = type(layer).__name__
    turned = "up " if "Transpose" in name else "deform " if "Deform" in name else ""
    depthwise = layer.groups == layer.out_channels > 1
    width = " dw" if depthwise else f", {layer.out_channels}"
    groups = f", g{layer.groups}" if layer.groups > 1 and not depthwise else ""
    dilation = "" if set(layer.dilation) == {1} else f", d{layer.dilation[0]}"
    return f"{turned}{times(layer.kernel_size)}{width}{groups}{dilation}{stride(layer)}"


def pool_words(layer: Any) -> str:
    """`max 3×3, /2`, `global avg`, `avg to 7×7`, `unpool 2×2`."""
    kind = next(word for part, word in POOLS.items() if part in type(layer).__name__)
    if target := getattr(layer, "output_size", None):
        return f"global {kind}" if set(target) == {1} else f"{kind} to {times(target)}"
    return f"{kind} {times(layer.kernel_size)}{stride(layer) if kind != 'unpool' else ''}"


POOLS = {"Unpool": "unpool", "Max": "max", "Avg": "avg", "LP": "LP"}
"""The word of a pool, by a part of its type's name."""


def times(values: Iterable[Any]) -> str:
    """Sizes along all axes: `3×3`."""
    return "×".join("·" if value is None else str(value) for value in values)


def stride(layer: Any) -> str:
    """`, /2` for a stride of 2; `, /2×1` if the axes differ."""
    strides = tuple(getattr(layer, "stride", (1,)))  # a fractional pool has none
    if set(strides) == {1}:
        return ""
    return f", /{strides[0]}" if len(set(strides)) == 1 else f", /{times(strides)}"
