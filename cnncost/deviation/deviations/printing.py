"""Mistakes in writing a number down: from the printed number, the range of the true value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import permutations

from cnncost.deviation.declaring import Bounds, printing
from cnncost.dims import Shape
from cnncost.numbers import Printed, swaps

ROUNDING = "how is it rounded?"
POINT = "look at the decimal point"
PREFIX = "k, M or G?"


def bounds_of(printed: Printed) -> Bounds:
    """The values that print as this number: from half a step below it to half a step above."""
    half = printed.place / 2
    return Bounds(printed.value - half, printed.value + half)


@printing("{it} is cut off, not rounded", ROUNDING, 1)
def cut_off(printed: Printed) -> Iterator[Bounds]:
    """`resnet50 --macs 3.8e9`"""
    if printed.place > 1:
        yield Bounds(printed.value, printed.value + printed.place)


@printing("{it} is rounded up", ROUNDING, 5)
def rounded_up(printed: Printed) -> Iterator[Bounds]:
    """`vgg16 --params 139M`"""
    if printed.place > 1 and printed.digits > 1:
        yield Bounds(printed.value - printed.place, printed.value)


@printing("{it} is rounded to fewer digits than it shows", "how many digits are meant?", 2)
def zeros_rounded(printed: Printed) -> Iterator[Bounds]:
    """`vgg16 --macs 15.500G`"""
    digits, place = printed.digits, printed.place
    while digits >= 100 and digits % 10 == 0:
        digits, place = digits // 10, place * 10
        yield bounds_of(replace(printed, digits=digits, place=place))


@printing("{it} has two digits swapped", "read the digits again", 4)
def digits_swapped(printed: Printed) -> Iterator[Bounds]:
    """`googlenet ..pool2.flops=418M`"""
    for digits in swaps(str(printed.digits)) - {str(printed.digits)}:
        if digits[0] != "0":
            yield bounds_of(replace(printed, digits=int(digits)))


PLACES = {"one place": 1, "two places": 2}


@printing("{it} has its point {detail} too far left", POINT, 3, over=PLACES)
def point_too_far_left(printed: Printed, places: str) -> Iterator[Bounds]:
    """`alexnet --params 6.24M`"""
    yield bounds_of(replace(printed, place=printed.place * 10 ** PLACES[places]))


@printing("{it} has its point {detail} too far right", POINT, 3, over=PLACES)
def point_too_far_right(printed: Printed, places: str) -> Iterator[Bounds]:
    """`alexnet --params 624M`"""
    yield bounds_of(replace(printed, place=printed.place / 10 ** PLACES[places]))


POWERS = (1, 2, 3)
TIMES = {"a thousand": 1000, "a million": 10**6, "a billion": 10**9}


@printing("{it} is {detail} times too small: its prefix is wrong", PREFIX, 2, over=TIMES)
def prefix_too_small(printed: Printed, times: str) -> Iterator[Bounds]:
    """`alexnet --params 62.4k`"""
    yield bounds_of(replace(printed, place=printed.place * TIMES[times]))


@printing("{it} is {detail} times too large: its prefix is wrong", PREFIX, 2, over=TIMES)
def prefix_too_large(printed: Printed, times: str) -> Iterator[Bounds]:
    """`alexnet --params 62.4G`"""
    yield bounds_of(replace(printed, place=printed.place / TIMES[times]))


@printing("{it} is counted in units of 1000, not 1024", "how many bytes has a KB?", 1, over=POWERS)
def thousand_for_1024(printed: Printed, power: int) -> Iterator[Bounds]:
    """`alexnet --memory 3.16MB`"""
    if printed.scale == 1024**power:
        yield bounds_of(replace(printed, place=printed.place * Fraction(1000, 1024) ** power))


@printing("{it} is counted in units of 1024, not 1000", "how large is a k?", 3, over=POWERS)
def k_of_1024(printed: Printed, power: int) -> Iterator[Bounds]:
    """`alexnet --params 59.5M`"""
    if printed.scale == 1000**power:
        yield bounds_of(replace(printed, place=printed.place * Fraction(1024, 1000) ** power))


@printing("H and W are exchanged", "which side is the height?", 1, touches="shape")
def height_and_width_exchanged(shape: Shape) -> Iterator[Shape]:
    """`alexnet --input 3x227x131 conv1.shape=96x31x55`"""
    if len(shape) == 3:
        yield (shape[0], shape[2], shape[1])


@printing(
    "the first axis is the batch, which shapes leave out here",
    "is every axis one of the sample?",
    1,
    touches="shape",
)
def batch_in_front(shape: Shape) -> Iterator[Shape]:
    """`alexnet conv1.shape=1x96x55x55`"""
    if len(shape) > 1:
        yield shape[1:]


@printing("the axes are in another order than C, H, W", "in which order are the axes?", 1, touches="shape")
def axes_in_another_order(shape: Shape) -> Iterator[Shape]:
    """`alexnet conv1.shape=55x55x96`"""
    yield from permutations(shape)
