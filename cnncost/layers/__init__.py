"""The layer catalogue: one class per layer type, one family per file.

To add a layer, write its class in the file of its family (or a new one, imported here): the class
statement registers it, and its `examples` test it against PyTorch.

A layer of your own needs no change here. Write its class in a file of yours, or in a notebook:

    import math

    from cnncost import register_layer
    from cnncost.layers import Layer, Work, no_weights

    @register_layer
    class Square(Layer):
        "x², value by value."

        in_place = True
        weights = no_weights("a fixed function")

        def out_shape(self, *in_shapes):
            return in_shapes[0]

        def work(self, in_shapes, out):
            return Work(muls=math.prod(out))

Once the class is defined, specs and `cnncost.layer_graph` can use `Square`.

A spec can also define a layer for itself, without Python; see `cnncost.spec.own_layer`:

    types:
      CoordConv(filters, kernel=3):
        out: [filters, ...]
        window: {kernel: kernel}
        weights: {weight: [filters, in_channels + 2, kernel, kernel], bias: [filters]}
        macs: prod(out_shape) * (in_channels + 2) * kernel ** 2
"""

from __future__ import annotations

from collections.abc import Mapping

from cnncost.layers import (
    activation,
    adaptive_pool,
    attention,
    batch_norm,
    conv,
    deform,
    embedding,
    experts,
    function,
    join,
    linear,
    merge,
    norm,
    other_pool,
    padding,
    pairs,
    parameter,
    partition,
    patches,
    pool,
    quantize,
    recurrent,
    reduction,
    resample,
    reshape,
    residual,
    smooth_activation,
    softmax,
    take,
    tokens,
    transformer,
    unknown,
    window_attention,
)
from cnncost.layers.base import Layer, example, layer, no_weights, no_work
from cnncost.layers.work import Work

__all__ = ["Layer", "Work", "catalogue", "example", "layer", "no_weights", "no_work"]

MERGES = {
    cls.__name__.lower(): cls.__name__
    for cls in Layer.registry.values()
    if issubclass(cls, merge.Merge) and cls.__module__.startswith("cnncost.")
}
"""How a spec spells the merges."""


FAMILIES = (
    conv,
    deform,
    pool,
    adaptive_pool,
    other_pool,
    linear,
    pairs,
    batch_norm,
    norm,
    activation,
    smooth_activation,
    softmax,
    function,
    quantize,
    reshape,
    padding,
    patches,
    take,
    reduction,
    resample,
    residual,
    embedding,
    recurrent,
    parameter,
    tokens,
    attention,
    transformer,
    window_attention,
    partition,
    experts,
    merge,
    join,
    unknown,
)


_FAMILY_ORDER = {family.__name__: place for place, family in enumerate(FAMILIES)}
_by_family = sorted(Layer.registry.items(), key=lambda item: _FAMILY_ORDER[item[1].__module__])
Layer.registry.clear()
Layer.registry.update(_by_family)


def catalogue() -> Mapping[str, type[Layer]]:
    """Every layer type by name: cnncost's family by family, then those of others as they were defined."""
    return Layer.registry
