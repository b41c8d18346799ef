"""The families of layers that charts tell apart by colour, and their names in a legend."""

from __future__ import annotations

from cnncost.layers.base import Layer

FAMILIES = {
    "conv": "conv",
    "pool": "pool",
    "adaptive_pool": "pool",
    "linear": "linear",
    "experts": "linear",
    "attention": "attention",
    "window_attention": "attention",
    "batch_norm": "norm",
    "norm": "norm",
    "merge": "merge",
}
"""The family of each module of layers; all others are `other`."""

SAID = {
    "conv": "convolution",
    "pool": "pooling",
    "linear": "linear",
    "attention": "attention",
    "norm": "norm",
    "merge": "merge",
    "other": "other",
}
"""The families as a legend names them; the keys are those of a theme's `layers`."""


def family(layer: Layer) -> str:
    """The family of a layer: the module of its class."""
    return FAMILIES.get(type(layer).__module__.rpartition(".")[2], "other")
