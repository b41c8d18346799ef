"""A layer in a word or two, `3×3, 64, /2`, and the layers of a column, each kind once with its count."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cnncost.charts.families import layer_family
from cnncost.count.profile import LayerCost
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
WORKS = ("conv", "pool", "linear", "attention")
MOST_LINES = 7
"""Of more kinds of layers in a column, those that differ only in width are written together."""


@dataclass(frozen=True)
class LayerWords:
    """A layer's type and kernel, its width, and its stride and the like: `3×3, `, 64, `, /2`."""

    head: str
    width: int | None = None
    tail: str = ""

    def __str__(self) -> str:
        return self.text(() if self.width is None else (self.width,))

    def text(self, widths: Iterable[int]) -> str:
        """The words for layers of these widths: `3×3, 64`, `1×1, 16–256`."""
        ends = sorted(set(widths))
        middle = f"{ends[0]}–{ends[-1]}" if len(ends) > 1 else "".join(map(str, ends))
        return f"{self.head if middle else self.head.removesuffix(', ')}{middle}{self.tail}"


def layer_name(layer: Layer) -> str:
    """A layer's type, short: `BN`, `ReLU`, `flatten`."""
    plain = re.sub(r"(?<=[a-z])[123]d$", "", type(layer).__name__)
    return SHORT.get(plain, plain)


def words_of(layer: Any) -> LayerWords:
    """A layer's words in their parts."""
    match layer_family(layer):
        case "conv":
            return conv_words(layer)
        case "pool":
            return LayerWords(pool_words(layer))
        case "linear" if hasattr(layer, "out_features"):
            return LayerWords("linear ", layer.out_features)
        case "linear" if hasattr(layer, "hidden_size"):
            return LayerWords(f"{layer_name(layer)} ", layer.hidden_size)
        case "linear":
            return LayerWords(f"{getattr(layer, 'experts', '')} experts".strip())
        case "attention":
            heads = getattr(layer, "num_heads", None) or getattr(layer, "nhead", None)
            kind = SHORT.get(type(layer).__name__, "attention")
            return LayerWords(f"{kind}, {heads} heads" if heads else kind)
    return LayerWords(layer_name(layer))


def layer_words(layer: Any) -> str:
    """A layer in a word or two."""
    return str(words_of(layer))


def inventory(costs: Iterable[LayerCost]) -> list[str]:
    """Every layer that has weights or works, each kind once with its count: `3×3, 64, /2`, `1×1, 256 ×3`.

    Those that work come first. Many kinds are written without telling widths apart: `1×1, 16–256 ×20`.
    """
    shown = [cost for cost in costs if cost.params or layer_family(cost.node.layer) in WORKS]
    shown.sort(key=lambda cost: layer_family(cost.node.layer) not in WORKS)
    counted = Counter(words_of(cost.node.layer) for cost in shown)
    if len(counted) <= MOST_LINES:
        return [times_as_text(str(words), count) for words, count in counted.items()]
    kinds: dict[LayerWords, Counter[int]] = {}
    for words, count in counted.items():
        widths = kinds.setdefault(LayerWords(words.head, None, words.tail), Counter())
        widths[words.width or 0] += count
    return [times_as_text(kind.text(filter(None, widths)), widths.total()) for kind, widths in kinds.items()]


def times_as_text(text: str, count: int) -> str:
    """`3×3, 64 ×2`; nothing for one."""
    return f"{text} ×{count}" if count > 1 else text


def followers(layers: Iterable[Layer]) -> str:
    """The in-place layers after a layer: `BN, ReLU`."""
    return ", ".join(n for n in dict.fromkeys(map(layer_name, layers)) if n not in SILENT)


def conv_words(layer: Any) -> LayerWords:
    """`3×3, 64`; `3×3 dw` if depthwise; `g32`: groups, `d2`: dilation, `/2`: stride, `↑2`: upwards."""
    name = type(layer).__name__
    up = "Transpose" in name
    turned = "up " if up else "deform " if "Deform" in name else ""
    depthwise = layer.groups == layer.out_channels > 1
    head = f"{turned}{times(layer.kernel_size)}{' dw' if depthwise else ''}, "
    groups = f", g{layer.groups}" if layer.groups > 1 and not depthwise else ""
    dilation = "" if set(layer.dilation) == {1} else f", d{layer.dilation[0]}"
    tail = f"{groups}{dilation}{stride(layer, '↑' if up else '/')}"
    return LayerWords(head, None if depthwise else layer.out_channels, tail)


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


def stride(layer: Any, sign: str = "/") -> str:
    """`, /2` for a stride of 2; `, /2×1` if the axes differ."""
    strides = tuple(getattr(layer, "stride", (1,)))  # a fractional pool has none
    if set(strides) == {1}:
        return ""
    return f", {sign}{strides[0]}" if len(set(strides)) == 1 else f", {sign}{times(strides)}"
