"""Multiply-adds held against fvcore's, which needs numbers: it traces each distinct layer on its own."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import torch

from cnncost.count.profile import NetworkCost
from cnncost.dims import Shape, product
from cnncost.layers import Layer
from cnncost.measure.build import build_layer
from cnncost.measure.counters import fvcore_analysis
from cnncost.timing.verification import Comparison, Tally

ALONE = "Expected more than 1 value"
"""How torch refuses to normalise a single value, which has no variance; of two samples it takes them."""

ROWS = ("conv", "linear", "addmm", "matmul", "bmm", "einsum")
"""The operators of fvcore that are multiply-adds. Its counts of norms, adaptive pooling and upsampling
are no multiply-adds, and are not compared here but by the convention `fvcore`."""

UNSUPPORTED = {
    "aten::_convolution_mode": "fvcore misses a convolution whose padding is a word",
    "aten::scaled_dot_product_attention": "fvcore misses the products of attention",
}
"""Operators that do multiply, which fvcore passes over as unsupported: it counts 0."""

LARGEST = 10**8
"""Weights of a layer that fvcore is given; it needs them all as numbers."""

MOST = 4 * 10**10
"""Multiply-adds of such a layer, which have to be computed."""


def against_fvcore(profile: NetworkCost) -> Comparison:
    """Multiply-adds, against the rows of fvcore that count some, a distinct layer at a time."""
    tally = Tally("fvcore", "fvcore's convolution and linear rows, each distinct layer traced on its own")
    for cost in profile.costs:
        ours = cost.work.macs - cost.work.products
        if sum(map(product, cost.weights.values())) > LARGEST or cost.work.macs > MOST:
            tally.not_checked("too large to run with numbers")
            continue
        try:
            rows, missed = fvcore_rows(cost.node.layer, cost.node.in_shapes)
        except ImportError:
            tally.not_checked("fvcore is not installed: pip install 'cnncost[torch]'")
            continue
        except Exception as error:
            tally.not_checked(f"fvcore cannot trace {cost.type}: {first_line(error)}")
            continue
        if rows == 0 and missed:
            tally.not_counted(UNSUPPORTED[missed])
        elif rows or ours:
            tally.compare(cost.name, ours, rows)
        else:
            tally.not_counted("no convolution or matrix product, 0 here too")
    return tally.comparison


@lru_cache(maxsize=20_000)
def fvcore_rows(layer: Layer, in_shapes: tuple[Shape, ...]) -> tuple[int, str]:
    """The multiply-adds that fvcore finds in a layer, and an operator that it should have counted too."""
    module = build_layer_of_zeros(layer, in_shapes)
    try:
        batch, analysis = 1, fvcore_analysis(module, zeros(1, in_shapes))
    except ValueError as error:
        if ALONE not in str(error):
            raise
        batch, analysis = 2, fvcore_analysis(module, zeros(2, in_shapes))
    counts = analysis.by_operator()
    missed = next((name for name in analysis.unsupported_ops() if name in UNSUPPORTED), "")
    return sum(int(counts[name]) for name in ROWS) // batch, missed


def zeros(batch: int, shapes: Iterable[Shape]) -> tuple[torch.Tensor, ...]:
    """Inputs of these shapes."""
    return tuple(torch.zeros(batch, *shape) for shape in shapes)


def build_layer_of_zeros(layer: Layer, in_shapes: tuple[Shape, ...]) -> torch.nn.Module:
    """A layer's module on the CPU, without the time that random numbers take."""
    with torch.device("meta"):
        module = build_layer(layer, *in_shapes)
    module = module.to_empty(device="cpu")
    with torch.no_grad():
        for tensor in (*module.parameters(), *module.buffers()):
            tensor.zero_()
    return module


def first_line(error: Exception) -> str:
    """What an error says, in one line."""
    return str(error).partition("\n")[0]
