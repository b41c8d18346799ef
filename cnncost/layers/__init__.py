"""The layer catalogue: one class a layer type, one family a file.

To add a layer, write its class in the file of its family (or a new one, imported here): the class
statement registers it, and its `examples` test it against PyTorch.
"""

from __future__ import annotations

from functools import cache

from cnncost.layers import (
    activation,
    adaptive_pool,
    attention,
    batch_norm,
    conv,
    experts,
    linear,
    merge,
    norm,
    partition,
    pool,
    resample,
    reshape,
    residual,
    smooth_activation,
    softmax,
    take,
    tokens,
    window_attention,
)
from cnncost.layers.base import Layer, Work

__all__ = ["Layer", "Work", "catalogue"]

MERGES = {"add": "Add", "concat": "Concat", "multiply": "Multiply", "mean": "Mean"}
"""How a spec spells the merges."""


FAMILIES = (
    conv,
    pool,
    adaptive_pool,
    linear,
    batch_norm,
    norm,
    activation,
    smooth_activation,
    softmax,
    reshape,
    take,
    resample,
    residual,
    tokens,
    attention,
    window_attention,
    partition,
    experts,
    merge,
)


@cache
def catalogue() -> dict[str, type[Layer]]:
    """Every layer type by name, family by family, in the order of its file."""
    return {
        name: cls
        for family in FAMILIES
        for name, cls in Layer.registry.items()
        if cls.__module__ == family.__name__
    }
