"""Multiply-adds compared with fvcore's, which needs numbers: it traces each distinct layer on its own."""

from __future__ import annotations

from functools import lru_cache

import torch

from cnncost.count.profile import NetworkCost
from cnncost.dims import Shape, product
from cnncost.layers import Layer
from cnncost.measure.building import build_layer, has_twin
from cnncost.measure.counters import ONE_VALUE_REFUSED, first_line, fvcore_analysis
from cnncost.measure.inputs import random_input
from cnncost.measure.verification.results import NO_TWIN, QuantityCheck

COMPARED_OPERATORS = ("conv", "linear", "addmm", "matmul", "bmm", "einsum")
"""The operators whose counts by fvcore are multiply-adds. Its counts of norms, adaptive pooling and
upsampling are not; the tests of the convention `fvcore` compare those."""

UNSUPPORTED = {
    "aten::_convolution_mode": "fvcore misses a convolution whose padding is a word",
    **{f"aten::{kind}": "fvcore misses recurrent layers" for kind in ("rnn_tanh", "rnn_relu", "lstm", "gru")},
    "aten::scaled_dot_product_attention": "fvcore misses the products of attention",
}
"""Operators that multiply, which fvcore does not support: it counts 0."""

MOST_WEIGHTS = 10**8
"""The most weights of a layer that fvcore traces; it needs them all as numbers."""

MOST_MACS = 4 * 10**10
"""The most multiply-adds of such a layer; tracing computes them."""


def against_fvcore(profile: NetworkCost) -> QuantityCheck:
    """Compare multiply-adds with fvcore's counts of operators that multiply and add."""
    check = QuantityCheck(
        "fvcore", "fvcore's convolution and linear rows, each distinct layer traced on its own"
    )
    for cost in profile.costs:
        if not has_twin(cost.node.layer):
            check.not_checked[NO_TWIN.format(cost.type)] += 1
            continue
        if sum(map(product, cost.weights.values())) > MOST_WEIGHTS or cost.work.macs > MOST_MACS:
            check.not_checked["too large to run with numbers"] += 1
            continue
        try:
            theirs, missed = fvcore_macs(cost.node.layer, cost.node.in_shapes)
        except ImportError:
            check.not_checked["fvcore is not installed: pip install 'cnncost[torch]'"] += 1
            continue
        except Exception as error:
            check.not_checked[f"fvcore cannot trace {cost.type}: {first_line(error)}"] += 1
            continue
        ours = cost.work.macs - (cost.work.products if missed else 0)
        if theirs == 0 and missed:
            check.not_counted[UNSUPPORTED[missed]] += 1
        elif theirs or ours:
            check.compare(cost.name, ours, theirs)
        else:
            check.not_counted["no convolution or matrix product, 0 here too"] += 1
    return check


@lru_cache(maxsize=20_000)
def fvcore_macs(layer: Layer, in_shapes: tuple[Shape, ...]) -> tuple[int, str]:
    """The multiply-adds that fvcore finds in a layer, and an unsupported operator that multiplies too."""
    module = build_layer_of_zeros(layer, in_shapes)
    for batch in (1, 2):  # torch refuses to normalise a single value, but not two
        try:
            inputs = tuple(random_input(shape, layer.whole_below, batch) for shape in in_shapes)
            analysis = fvcore_analysis(module, inputs)
            break
        except ValueError as error:
            if batch == 2 or ONE_VALUE_REFUSED not in str(error):
                raise
    counts = analysis.by_operator()
    missed = next((name for name in analysis.unsupported_ops() if name in UNSUPPORTED), "")
    return sum(int(counts[name]) for name in COMPARED_OPERATORS) // batch, missed


def build_layer_of_zeros(layer: Layer, in_shapes: tuple[Shape, ...]) -> torch.nn.Module:
    """A layer's module on the CPU, without the time that random numbers take."""
    with torch.device("meta"):
        module = build_layer(layer, *in_shapes)
    module = module.to_empty(device="cpu")
    with torch.no_grad():
        for tensor in (*module.parameters(), *module.buffers()):
            tensor.zero_()
    return module
