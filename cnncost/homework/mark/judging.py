"""Whether an answer is right, at the precision in which it was given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from cnncost.homework.read.cells import Answer
from cnncost.homework.read.quantities import NUMBER, SHAPE, SIZE, Value
from cnncost.numbers import Printed, decimal


class Verdict(NamedTuple):
    """Whether an answer fits a value, and what is to be said of how it was read."""

    fits: bool
    remark: str = ""


NO = Verdict(False)
ROUNDED_BY = 1000
"""A number in full that ends in three zeros may have been rounded to thousands."""


def judge(answer: Answer, right: Value, kind: str, tolerance: Fraction = Fraction(0)) -> Verdict:
    """Whether an answer comes to a value.

    A number fits if the value prints as it does, in any of the ways in which it can be read; a shape
    in either order, channels first or last.
    """
    if kind in (SHAPE, SIZE):
        return Verdict(any(same_sizes(sizes, right, kind) for sizes in readings(answer)))
    value = Fraction(right if isinstance(right, int) else right[0])
    for i, number in enumerate(answer.numbers):
        verdict = judge_number(number, value, tolerance)
        if verdict.fits:
            said = how_read(answer.numbers[0], number) if i else ""
            return Verdict(True, "; ".join(filter(None, (said, verdict.remark))))
    return NO


def how_read(first: Printed, number: Printed) -> str:
    """How a number was read that is not right in the likeliest way."""
    if number.suffix != first.suffix:
        return f"read as written in full, not in the {first.suffix} of the header"
    return f"read as {decimal(number.value / number.scale)}{number.suffix}"


def judge_number(number: Printed, value: Fraction, tolerance: Fraction) -> Verdict:
    """Whether a number as it was written stands for a value."""
    if (number.digits == 0) != (value == 0):
        return NO  # 0 G says nothing of what is not nothing
    if number.fits(value):
        return Verdict(True)
    if any(coarser.fits(value) for coarser in rounder(number)):
        return Verdict(True, "taken as rounded")
    if tolerance and abs(number.value - value) <= tolerance * abs(value):
        return Verdict(True, f"within {decimal(tolerance * 100)} %")
    return NO


def rounder(number: Printed) -> Iterator[Printed]:
    """A number that was written in full, with its zeros taken for rounding: 105 400 000 as 1054 times 10⁵."""
    if number.suffix or number.decimals or number.place != 1 or number.digits % ROUNDED_BY:
        return
    digits, place = number.digits, number.place
    while digits % 10 == 0 and abs(digits) >= 100:
        digits, place = digits // 10, place * 10
        if place >= ROUNDED_BY:
            yield replace(number, digits=digits, place=place)


def readings(answer: Answer) -> Iterator[tuple[int, ...]]:
    """The sizes that an answer can stand for: (9, 216), and 9216."""
    if answer.sizes:
        yield answer.sizes
    for number in answer.numbers:
        if number.value.denominator == 1:
            yield (int(number.value),)


def same_sizes(sizes: tuple[int, ...], right: Value, kind: str) -> bool:
    """Whether sizes are the right ones: one for all axes where they agree; a shape in either order."""
    wanted = right if isinstance(right, tuple) else (right,)
    if kind == SIZE:
        return (
            sizes == wanted
            or (len(sizes) == 1 and all(n == sizes[0] for n in wanted))
            or (len(wanted) == 1 and all(n == wanted[0] for n in sizes))
        )
    if sizes in (wanted, (*wanted[1:], wanted[0])):
        return True
    return without_ones(wanted) == without_ones(sizes) and len(without_ones(wanted)) <= 1


def without_ones(sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Sizes less the axes of 1: 1×1×4096 is a vector."""
    return tuple(n for n in sizes if n != 1)


def exact(answer: Answer, right: Value | None, kind: str) -> Value | None:
    """What an answer says exactly, in the form of the right value; None where it says nothing exact.

    A shape's channels come first: they are where its notation, or its likeness to the right one, says.
    """
    if kind == SIZE:
        return next(readings(answer), None)
    if kind == NUMBER:
        value = answer.numbers[0].value if answer.numbers else Fraction(0)
        return int(value) if value.denominator == 1 and value > 0 else None
    if kind != SHAPE:
        return None
    wanted = right if isinstance(right, tuple) else ()
    orders = [order for sizes in readings(answer) for order in both_orders(sizes, answer.channels)]
    if len(wanted) == 1:
        orders = [without_ones(sizes) or (1,) for sizes in orders]
    elif all(n == 1 for n in wanted[1:]):  # 120 of 120×1×1
        orders += [(*sizes, *wanted[1:]) for sizes in orders if len(sizes) == 1]
    fitting = [sizes for sizes in orders if len(sizes) == len(wanted)]
    return max(fitting, key=lambda sizes: likeness(sizes, wanted), default=None)


def both_orders(sizes: tuple[int, ...], channels: int | None) -> list[tuple[int, ...]]:
    """A shape with its channels in front, if they are first and if they are last."""
    last = [] if channels is not None or len(sizes) < 2 else [(sizes[-1], *sizes[:-1])]
    return [sizes, *last]


def likeness(sizes: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[int, bool, bool]:
    """How much a shape looks like the right one: in its sizes, its channels, its equal axes."""
    agree = sum(a == b for a, b in zip(sizes, wanted, strict=True))
    return agree, sizes[0] == wanted[0], len(set(sizes[1:])) == len(set(wanted[1:]))


def missing_sizes(answer: Answer, right: Value | None, kind: str) -> str:
    """What is wrong with the form of a shape: too few or too many sizes; nothing if nothing is."""
    if kind != SHAPE or not isinstance(right, tuple):
        return ""
    if exact(answer, right, kind) is not None:
        return ""
    count, wanted = len(answer.sizes), len(right)
    if count == wanted or not count:
        return ""
    form = {1: "one number", 3: "C×H×W"}.get(wanted, f"{wanted} sizes")
    return f"{count} size{'s' * (count > 1)} where this shape has {wanted}: write {form}"
