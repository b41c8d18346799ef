"""Another convention: what counts as an operation, a parameter or a byte."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial

from cnncost.count.conventions import CONVENTIONS
from cnncost.count.dtype import DTYPE_BITS
from cnncost.count.tools import TOOLS
from cnncost.deviation.declaring import counting
from cnncost.deviation.measure import Measure, bare

params = partial(counting, touches="params")
work = partial(counting, touches="macs flops")
memory = partial(counting, touches="memory")
elements = partial(counting, touches="elements")
"""The decorators of other conventions for these quantities."""

MULTIPLY_ADD = "is a multiply-add one operation or two?"
OPERATIONS = "which operations are counted?"
BYTES = "how many bytes has an element?"
BIASES = "look at the biases again"


@work("{it} counts each multiply-add as two", MULTIPLY_ADD, 1)
def multiply_and_add_counted(measure: Measure) -> Measure | None:
    """`alexnet conv1.macs=210830400`"""
    return weighed(measure, "macs", {1: 2})


@work("{it} counts each multiply-add as one", MULTIPLY_ADD, 1)
def multiply_add_counted_once(measure: Measure) -> Measure | None:
    """`alexnet --convention torch conv1.flops=105415200`"""
    return weighed(measure, "macs", {2: 1})


@work("{it} is half of all operations, elementwise ones included", OPERATIONS, 4.5)
def half_of_all_operations(measure: Measure) -> Measure:
    """`alexnet --macs 1136465956`"""
    return measure.replace(convention=bare(CONVENTIONS["flops"]), times=measure.times / 2)


@work("{it} is what the convention {detail} calls FLOPs", OPERATIONS, 2, over=CONVENTIONS)
def another_convention(measure: Measure, name: str) -> Measure:
    """`alexnet --macs 1136358272`"""
    return measure.replace(convention=bare(CONVENTIONS[name]))


THOP = {"thop": TOOLS["thop"].weights, "thop before version 0.1": TOOLS["thop-old"].weights}


@work("{it} is what {detail} counts", OPERATIONS, 2, over=THOP)
def as_thop_counts(measure: Measure, version: str) -> Measure:
    """`resnet18 --macs 1824033792`"""
    return measure.weighing(THOP[version])


ADDED = {
    "the residual additions": ("Add",),
    "the residual additions and the scalings": ("Add", "Multiply"),
    "an addition for each output of batch norm": ("BatchNorm",),
    "an operation for each output of batch norm and of the residual additions": ("BatchNorm", "Add"),
    "an operation for each output of ReLU": ("ReLU", "ReLU6"),
    "an operation for each output of batch norm and ReLU": ("BatchNorm", "ReLU", "ReLU6"),
}


@work("{it} counts {detail} too", OPERATIONS, 2, over=ADDED)
def elementwise_counted(measure: Measure, what: str) -> Measure:
    """`resnet101 --macs 7.58G`"""
    return measure.weighing({**measure.convention.weights, **{kind: {"outputs": 1} for kind in ADDED[what]}})


@work("{it} counts an addition for each bias too", OPERATIONS, 3)
def bias_additions_counted(measure: Measure) -> Measure:
    """`alexnet --macs 1135915368`"""
    weights = measure.convention.weights
    return measure.weighing({**weights, "Conv": {"macs": 1, "adds": 1}, "Linear": {"macs": 1, "adds": 1}})


@work("{it} is for training, backward pass included", "is it a forward pass alone?", 4)
def training_step(measure: Measure) -> Measure:
    """`alexnet --macs 3405768288`"""
    return measure.replace(times=3 * measure.times)


@memory("{it} counts elements, not bytes", BYTES, 1)
def elements_for_bytes(measure: Measure) -> Measure:
    """`alexnet conv1.memory=290400`"""
    return measure.replace(convention=replace(measure.convention, element_bytes=1))


@elements("{it} counts bytes, not elements", "is it bytes or elements?", 1)
def bytes_for_elements(measure: Measure) -> Measure:
    """`alexnet conv1.elements=1161600`"""
    return measure.replace(convention=replace(measure.convention, element_bytes=None))


@memory("{it} counts bits, not bytes", "bits or bytes?", 2)
def bits_for_bytes(measure: Measure) -> Measure:
    """`alexnet conv1.memory=9292800`"""
    return measure.replace(times=8 * measure.times)


@memory(
    "{it} counts {detail} bytes per element",
    BYTES,
    2,
    over=sorted({bits // 8 for bits in DTYPE_BITS.values() if bits > 8}),
)
def other_elements(measure: Measure, size: int) -> Measure | None:
    """`alexnet conv1.memory=580800`"""
    return measure.replace(element_bytes=size) if size != measure.element_bytes else None


@memory("{it} is the memory of the parameters, not of the outputs", "the memory of what?", 2)
def memory_of_the_parameters(measure: Measure) -> Measure:
    """`resnet18 --memory 44.6MiB`"""
    return measure.replace(field="params", times=Fraction(measure.convention.bytes_of(measure.element_bytes)))


@params("{it} leaves out all biases", BIASES, 2)
def biases_not_counted(measure: Measure) -> Measure | None:
    """`resnet50-v1.5 --params 25529472`"""
    return biased(measure, False)


@params("{it} counts the biases, which the convention leaves out", BIASES, 2)
def biases_counted(measure: Measure) -> Measure | None:
    """`alexnet --convention unbiased.yaml conv1.params=34944`"""
    return biased(measure, True)


@counting(
    "{it} is for a batch of {detail}",
    "for how many samples is it?",
    3,
    touches="macs flops memory elements",
    over=(2, 4, 8, 10, 16, 32, 64, 100, 128, 256, 512),
)
def batch(measure: Measure, samples: int) -> Measure:
    """`alexnet --macs 4541024384`"""
    return measure.replace(times=samples * measure.times)


@counting(
    "{it} is for a single sample, not for the batch",
    "how large is the batch?",
    1,
    touches="macs flops memory elements",
)
def batch_forgotten(measure: Measure) -> Measure | None:
    """`alexnet --batch 8 conv1.memory=1161600`"""
    return measure.replace(times=Fraction(1)) if measure.times > 1 else None


def weighed(measure: Measure, work: str, others: Mapping[int, int]) -> Measure | None:
    """A measure with other weights for a kind of work; None where it has none of these."""
    weights = measure.convention.weights_where(work, others)
    return measure.weighing(weights) if weights != measure.convention.weights else None


def biased(measure: Measure, biases: bool) -> Measure | None:
    """A measure that counts biases, or does not."""
    if measure.convention.biases == biases:
        return None
    return measure.replace(convention=replace(measure.convention, biases=biases))
