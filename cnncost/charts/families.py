"""The families of layers that charts show in different colours."""

from __future__ import annotations

from cnncost.layers.base import Layer

FAMILY_OF_MODULE = {
    "conv": "conv",
    "deform": "conv",
    "pool": "pool",
    "adaptive_pool": "pool",
    "other_pool": "pool",
    "linear": "linear",
    "recurrent": "linear",
    "experts": "linear",
    "attention": "attention",
    "transformer": "attention",
    "window_attention": "attention",
    "batch_norm": "norm",
    "norm": "norm",
    "merge": "merge",
    "join": "merge",
}
"""The family of each module of layers; all others are `other`."""

FAMILY_NAMES = {
    "conv": "convolution",
    "pool": "pooling",
    "linear": "linear",
    "attention": "attention",
    "norm": "norm",
    "merge": "merge",
    "other": "other",
}
"""The families' names in a legend; the keys are those of a theme's `layers`."""


def layer_family(layer: Layer) -> str:
    """The family of a layer, by the module of its class."""
    return FAMILY_OF_MODULE.get(type(layer).__module__.rpartition(".")[2], "other")
