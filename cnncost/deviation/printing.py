"""Slips in writing a number down: where the true value may lie that was printed so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import permutations

from cnncost.deviation.kinds import Interval, printing
from cnncost.dims import Shape
from cnncost.numbers import Printed, swaps

SHAPES = "shape"


def rounded(printed: Printed) -> Interval:
    """What prints as this number: from half a step below it."""
    return (printed.digits - Fraction(1, 2)) * printed.place, (
        printed.digits + Fraction(1, 2)
    ) * printed.place


@printing("{it} is cut off, not rounded", "how is it rounded?", 1)
def cut_off(printed: Printed) -> Iterator[Interval]:
    if printed.place > 1:
        yield printed.value, (printed.digits + 1) * printed.place


@printing("{it} is rounded up", "how is it rounded?", 5)
def rounded_up(printed: Printed) -> Iterator[Interval]:
    if printed.place > 1 and printed.digits > 1:
        yield (printed.digits - 1) * printed.place, printed.value


@printing("{it} is rounded, its last zeros too", "how many digits are meant?", 2)
def zeros_rounded(printed: Printed) -> Iterator[Interval]:
    digits, place = printed.digits, printed.place
    while digits >= 100 and digits % 10 == 0:
        digits, place = digits // 10, place * 10
        yield rounded(replace(printed, digits=digits, place=place))


@printing("{it} has two digits swapped", "read the digits again", 4)
def digits_swapped(printed: Printed) -> Iterator[Interval]:
    for digits in swaps(str(printed.digits)) - {str(printed.digits)}:
        if digits[0] != "0":
            yield rounded(replace(printed, digits=int(digits)))


PLACES = {"one place": 1, "two places": 2}


@printing("{it} has its point {detail} too far left", "look at the decimal point", 3, over=PLACES)
def point_too_far_left(printed: Printed, places: str) -> Iterator[Interval]:
    yield rounded(replace(printed, place=printed.place * 10 ** PLACES[places]))


@printing("{it} has its point {detail} too far right", "look at the decimal point", 3, over=PLACES)
def point_too_far_right(printed: Printed, places: str) -> Iterator[Interval]:
    yield rounded(replace(printed, place=printed.place / 10 ** PLACES[places]))


TIMES = {"a thousand": 1000, "a million": 10**6, "a billion": 10**9}


@printing("{it} is {detail} times too small: another prefix", "k, M or G?", 2, over=TIMES)
def prefix_too_small(printed: Printed, times: str) -> Iterator[Interval]:
    yield rounded(replace(printed, place=printed.place * TIMES[times]))


@printing("{it} is {detail} times too large: another prefix", "k, M or G?", 2, over=TIMES)
def prefix_too_large(printed: Printed, times: str) -> Iterator[Interval]:
    yield rounded(replace(printed, place=printed.place / TIMES[times]))


@printing("{it} takes 1000 for 1024", "how many bytes has a KB?", 1, over=(1, 2, 3))
def thousand_for_1024(printed: Printed, power: int) -> Iterator[Interval]:
    if printed.scale == 1024**power:
        yield rounded(replace(printed, place=printed.place * Fraction(1000, 1024) ** power))


@printing("{it} takes 1024 for 1000", "how large is a k?", 3, over=(1, 2, 3))
def k_of_1024(printed: Printed, power: int) -> Iterator[Interval]:
    if printed.scale == 1000**power:
        yield rounded(replace(printed, place=printed.place * Fraction(1024, 1000) ** power))


@printing("H and W are exchanged", "which side is the height?", 1, SHAPES)
def height_and_width_exchanged(shape: Shape) -> Iterator[Shape]:
    if len(shape) == 3:
        yield (shape[0], shape[2], shape[1])


@printing(
    "the first axis is the batch, which is no part of a shape here",
    "is every axis one of the sample?",
    1,
    SHAPES,
)
def batch_in_front(shape: Shape) -> Iterator[Shape]:
    if len(shape) > 1:
        yield shape[1:]


@printing("the axes stand in another order than C, H, W", "in which order are the axes?", 1, SHAPES)
def axes_in_another_order(shape: Shape) -> Iterator[Shape]:
    yield from permutations(shape)
