"""Whether an answer is right, at the precision in which it was given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from cnncost.homework.read import NUMBER, SHAPE, SIZE, Answer, Value
from cnncost.numbers import Printed, decimal


class Verdict(NamedTuple):
    """Whether an answer fits a value, and a remark on how it was read."""

    fits: bool
    remark: str = ""


MISFIT = Verdict(False)
ROUNDED = "taken as rounded"
ROUNDED_TO, FEWEST_ROUNDED = 100, 10
"""A number in full that ends in two zeros may have been rounded; two digits must be left."""


def judge_answer(answer: Answer, right: Value, kind: str, tolerance: Fraction = Fraction(0)) -> Verdict:
    """Whether an answer means a value.

    A number does if the value prints as it does, in any of the ways to read the number. A shape may have
    its channels first or last.
    """
    if kind in (SHAPE, SIZE):
        return Verdict(any(same_sizes(sizes, right, kind) for sizes in possible_sizes(answer)))
    assert isinstance(right, int)
    value = Fraction(right)
    for i, number in enumerate(answer.numbers):
        verdict = judge_number(number, value, tolerance)
        if verdict.fits:
            reading = reading_remark(answer.numbers[0], number) if i else ""
            return Verdict(True, "; ".join(filter(None, (reading, verdict.remark))))
    return MISFIT


def reading_remark(first: Printed, number: Printed) -> str:
    """How a number was read, if it is right only when read in a less likely way."""
    if number.suffix != first.suffix:
        return f"read as written in full, not in the {first.suffix} of the header"
    return f"read as {decimal(number.value / number.scale)}{number.suffix}"


def judge_number(number: Printed, value: Fraction, tolerance: Fraction) -> Verdict:
    """Whether a number, as it was written, means a value."""
    if (number.digits == 0) != (value == 0):
        return MISFIT  # 0 G is no rounded value
    if number.value == value or (number.fits(value) and not vague(number)):
        return Verdict(True)
    if any(coarser.fits(value) for coarser in with_rounded_zeros(number)):
        return Verdict(True, ROUNDED)
    if tolerance and abs(number.value - value) <= tolerance * abs(value):
        return Verdict(True, f"within {decimal(tolerance * 100)} %")
    return MISFIT


def vague(number: Printed) -> bool:
    """Whether a number in full has one digit only, and zeros: 1e6 says hardly more than its length."""
    return not number.suffix and number.place > 1 and abs(number.digits) < FEWEST_ROUNDED


def with_rounded_zeros(number: Printed) -> Iterator[Printed]:
    """A number written in full with its last zeros as rounding: 105 400 000 as 1054 times 10⁵."""
    if number.suffix or number.place != 1 or number.digits % ROUNDED_TO:
        return
    digits, place = number.digits, number.place
    while digits % 10 == 0 and abs(digits) >= 100:
        digits, place = digits // 10, place * 10
        if place >= ROUNDED_TO:
            yield replace(number, digits=digits, place=place)


def possible_sizes(answer: Answer) -> Iterator[tuple[int, ...]]:
    """The sizes that an answer can mean: `9,216` is (9, 216), or 9216."""
    if answer.sizes:
        yield answer.sizes
        if len(answer.sizes) == 4 and answer.sizes[0] == 1:  # the batch
            yield answer.sizes[1:]
    for number in answer.numbers:
        if number.value.denominator == 1:
            yield (int(number.value),)


def same_sizes(sizes: tuple[int, ...], right: Value, kind: str) -> bool:
    """Whether sizes are right: one number for equal axes; a shape with its channels first or last."""
    wanted = right if isinstance(right, tuple) else (right,)
    if kind == SIZE:
        return same_along_axes(sizes, wanted) or same_along_axes(wanted, sizes)
    if sizes in (wanted, (*wanted[1:], wanted[0])):
        return True
    return without_ones(wanted) == without_ones(sizes) and len(without_ones(wanted)) <= 1


def same_along_axes(sizes: Value, others: Value) -> bool:
    """Whether sizes agree; a single one agrees with several that equal it."""
    a, b = (value if isinstance(value, tuple) else (value,) for value in (sizes, others))
    return a == b or (len(a) == 1 and all(n == a[0] for n in b))


def without_ones(sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Sizes without the axes of size 1: 1×1×4096 is a vector."""
    return tuple(n for n in sizes if n != 1)


def exact_value(answer: Answer, right: Value | None, kind: str) -> Value | None:
    """The exact value of an answer in the form of the right one; None where it has none.

    The channels of a shape are in front. The notation says where they were, else the likeness to the
    right shape.
    """
    if kind == SIZE:
        return next(possible_sizes(answer), None)
    if kind == NUMBER:
        value = answer.numbers[0].value if answer.numbers else Fraction(0)
        return int(value) if value.denominator == 1 and value > 0 else None
    if kind != SHAPE:
        return None
    wanted = right if isinstance(right, tuple) else ()
    orders = []
    for sizes in possible_sizes(answer):
        orders.append(sizes)
        if answer.channels is None and len(sizes) > 1:  # the channels may be last
            orders.append((sizes[-1], *sizes[:-1]))
    if len(wanted) == 1:
        orders = [without_ones(sizes) or (1,) for sizes in orders]
    elif all(n == 1 for n in wanted[1:]):  # 120 for 120×1×1
        orders += [(*sizes, *wanted[1:]) for sizes in orders if len(sizes) == 1]
    fitting = [sizes for sizes in orders if len(sizes) == len(wanted)]
    return max(fitting, key=lambda sizes: likeness(sizes, wanted), default=None)


def likeness(sizes: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[int, bool, bool]:
    """How much a shape resembles the right one: in its sizes, its equal axes, its channels."""
    agree = sum(a == b for a, b in zip(sizes, wanted, strict=True))
    return agree, len(set(sizes[1:])) == len(set(wanted[1:])), sizes[0] == wanted[0]


def wrong_number_of_sizes(answer: Answer, right: Value, kind: str) -> str:
    """What is wrong with a shape that has too few or too many sizes; empty for any other answer."""
    if kind != SHAPE or not isinstance(right, tuple) or exact_value(answer, right, kind) is not None:
        return ""
    count, wanted = len(answer.sizes), len(right)
    if not count:
        return ""
    form = {1: "one number", 3: "C×H×W"}.get(wanted, f"{wanted} sizes")
    return f"{count} size{'s' * (count > 1)}, but this shape has {wanted}: write {form}"
