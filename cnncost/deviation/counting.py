"""Another convention: what is counted as one, and in what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from cnncost.count.convention import CONVENTIONS
from cnncost.count.dtype import DTYPE_BITS
from cnncost.deviation.kinds import counting
from cnncost.deviation.measure import Measure, bare

WORK = "macs flops"
SPACE = "memory"


@counting("{it} counts each multiply-add as two", "is a multiply-add one operation or two?", 1, WORK)
def multiply_and_add_counted(measure: Measure) -> Measure | None:
    return weighed(measure, "macs", {1: 2})


@counting("{it} counts each multiply-add as one", "is a multiply-add one operation or two?", 1, WORK)
def multiply_add_counted_once(measure: Measure) -> Measure | None:
    return weighed(measure, "macs", {2: 1})


@counting(
    "{it} is half of all operations, the elementwise ones among them",
    "which operations are counted?",
    4.5,
    WORK,
)
def half_of_all_operations(measure: Measure) -> Measure:
    return measure.replace(convention=bare(CONVENTIONS["flops"]), times=measure.times / 2)


@counting(
    "{it} is what the convention {detail} calls FLOPs",
    "which operations are counted?",
    2,
    WORK,
    over=CONVENTIONS,
)
def another_convention(measure: Measure, name: str) -> Measure:
    return measure.replace(convention=bare(CONVENTIONS[name]))


THOP = {
    "thop": {
        **{kind: {"macs": 1} for kind in ("Conv", "Linear")},
        **{f"{kind}Norm": {"outputs": 4} for kind in ("Batch", "Layer", "Instance")},
        **{f"{kind}Norm-plain": {"outputs": 2} for kind in ("Batch", "Layer", "Instance")},
        "AvgPool": {"outputs": 1},
        "AdaptiveAvgPool": {"inputs": 1, "outputs": 1},
    },
    "thop before version 0.1": {
        "Conv": {"macs": 1, "adds": 1},
        "Linear": {"macs": 1},
        "BatchNorm": {"outputs": 2},
        "AvgPool": {"outputs": 1},
        "AdaptiveAvgPool": {"inputs": 1, "outputs": 1},
    },
}
"""What thop counts, as weights of a convention: https://github.com/Lyken17/pytorch-OpCounter,
thop/vision/basic_hooks.py. Softmax, transposed convolutions and attention it counts otherwise."""


@counting("{it} is what {detail} counts", "which operations are counted?", 2, WORK, over=THOP)
def as_thop_counts(measure: Measure, version: str) -> Measure:
    return measure.weighing(THOP[version])


ADDED = {
    "the residual additions": ("Add",),
    "the residual additions and the scalings": ("Add", "Multiply"),
    "an addition for each output of batch norm": ("BatchNorm",),
    "an operation for each output of batch norm and of the residual additions": ("BatchNorm", "Add"),
    "an operation for each output of ReLU": ("ReLU", "ReLU6"),
    "an operation for each output of batch norm and ReLU": ("BatchNorm", "ReLU", "ReLU6"),
}


@counting("{it} counts {detail} too", "which operations are counted?", 2, WORK, over=ADDED)
def elementwise_counted(measure: Measure, what: str) -> Measure:
    return measure.weighing({**measure.convention.weights, **{kind: {"outputs": 1} for kind in ADDED[what]}})


@counting("{it} counts an addition for each bias too", "which operations are counted?", 3, WORK)
def bias_additions_counted(measure: Measure) -> Measure:
    weights = measure.convention.weights
    return measure.weighing({**weights, "Conv": {"macs": 1, "adds": 1}, "Linear": {"macs": 1, "adds": 1}})


@counting("{it} is that of training, backward pass included", "is it a forward pass alone?", 4, WORK)
def training_step(measure: Measure) -> Measure:
    return measure.replace(times=3 * measure.times)


@counting("{it} counts elements, not bytes", "how many bytes has an element?", 1, SPACE)
def elements_for_bytes(measure: Measure) -> Measure:
    return measure.replace(convention=replace(measure.convention, element_bytes=1))


@counting("{it} counts bytes, not elements", "is it bytes or elements?", 1, "elements")
def bytes_for_elements(measure: Measure) -> Measure:
    return measure.replace(convention=replace(measure.convention, element_bytes=None))


@counting("{it} counts bits, not bytes", "bits or bytes?", 2, SPACE)
def bits_for_bytes(measure: Measure) -> Measure:
    return measure.replace(times=8 * measure.times)


@counting(
    "{it} takes {detail} bytes for an element",
    "how many bytes has an element?",
    2,
    SPACE,
    over=sorted({bits // 8 for bits in DTYPE_BITS.values() if bits > 8}),
)
def other_elements(measure: Measure, size: int) -> Measure | None:
    return measure.replace(element_bytes=size) if size != measure.element_bytes else None


@counting("{it} is the memory of the parameters, not of the outputs", "the memory of what?", 2, SPACE)
def memory_of_the_parameters(measure: Measure) -> Measure:
    return measure.replace(field="params", times=Fraction(measure.convention.bytes_of(measure.element_bytes)))


@counting("{it} leaves out all biases", "look at the biases again", 2, "params")
def biases_not_counted(measure: Measure) -> Measure | None:
    return biased(measure, False)


@counting("{it} counts the biases, which the convention leaves out", "look at the biases again", 2, "params")
def biases_counted(measure: Measure) -> Measure | None:
    return biased(measure, True)


@counting(
    "{it} is for a batch of {detail}",
    "for how many samples is it?",
    3,
    "macs flops memory elements",
    over=(2, 4, 8, 10, 16, 32, 64, 100, 128, 256, 512),
)
def batch(measure: Measure, samples: int) -> Measure:
    return measure.replace(times=samples * measure.times)


def weighed(measure: Measure, work: str, others: Mapping[int, int]) -> Measure | None:
    """A measure with other weights for a kind of work; None where it has none of these."""
    weights = measure.convention.weights_where(work, others)
    return measure.weighing(weights) if weights != measure.convention.weights else None


def biased(measure: Measure, biases: bool) -> Measure | None:
    """A measure that counts biases, or does not."""
    if measure.convention.biases == biases:
        return None
    return measure.replace(convention=replace(measure.convention, biases=biases))
