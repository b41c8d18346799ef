"""The texts of a quiz: questions, right answers, solutions and the score."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from fractions import Fraction

from cnncost import numbers
from cnncost.count.receptive_field import START
from cnncost.count.rows import fold
from cnncost.homework.make import Question, Quiz, solution
from cnncost.homework.read import BYTES, COUNT, Value
from cnncost.views.explanation import paragraph
from cnncost.views.network_table import caption

FORMS = {COUNT: "a number, such as 12,345 or 12k", BYTES: "bytes, or KB and MB of {kilo}"}
"""How an answer may be written, where that is not obvious."""

WIDTH = 80


def opening(quiz: Quiz) -> str:
    """What the quiz is about, and what can be typed."""
    count = len(quiz.questions)
    about = f"{caption(quiz.questions[0].network)}\n" if count else ""
    return (
        f"{about}{count} question{'s' * (count != 1)}."
        " Type an answer, or hint, skip, why (the solution) or quit."
    )


def prompt(question: Question, number: int, of: int) -> str:
    """A question: the layer, its input, and what is asked."""
    start = f"{number}/{of}  "
    calls = " >> ".join(str(cost.node.layer) for cost in question.layers)
    entering = " and ".join(map(numbers.shape, question.row.costs[0].node.in_shapes))
    indent = " " * len(start)
    lines = [f"{start}{question.row.label}: {calls} on {entering}"]
    for line in known_facts(question):
        lines += textwrap.wrap(line, WIDTH, initial_indent=indent, subsequent_indent=indent)
    form = FORMS.get(question.quantity.kind, "").format(kilo=question.network.convention.kilo)
    words = asked_words(question)
    lines.append(f"{indent}{words[0].upper()}{words[1:]}{f' ({form})' if form else ''}? ")
    return "\n".join(lines)


def asked_words(question: Question) -> str:
    """The name of what is asked; for FLOPs the convention's."""
    quantity = question.quantity
    if quantity.key == "out_channels" and len(question.row.out_shape) == 1:
        return "output features"
    return quantity.label(question.network.convention) if quantity.key == "flops" else quantity.words


def known_facts(question: Question) -> Iterator[str]:
    """What is needed besides the layer and its input."""
    key, network = question.quantity.key, question.network
    if key == "memory":
        yield f"the output is kept in {network.dtype}"
    if key == "flops":
        yield f"convention {network.convention.name}: {network.convention.summary}"
    if key in ("memory", "flops") and network.batch != 1:
        yield f"a batch of {network.batch}"
    if key == "receptive_field":
        yield from (f"before it: {field}" for field in entering_fields(question))


def entering_fields(question: Question) -> Iterator[str]:
    """The receptive field and jump of each input of the row."""
    network = question.network
    for name in question.row.costs[0].node.inputs:
        cost = network.by_name.get(name)
        axes = cost.receptive_field if cost else (START,) * (len(network.graph.inputs[name]) - 1)
        if axes is not None:
            size, jump = (numbers.sizes([getattr(axis, part) for axis in axes]) for part in ("size", "jump"))
            rows = (row.label for row in fold(network) if any(cost.name == name for cost in row.costs))
            yield f"receptive field {size}, jump {jump} ({next(rows, name)})"


def right_answer(question: Question) -> str:
    """The right answer as a sentence."""
    text = with_rounded(question.value, question.quantity.kind, question.network.convention.kilo)
    return f"The answer is {text}."


def with_rounded(value: Value, kind: str, kilo: int) -> str:
    """A value in full, and rounded too where it is long."""
    if isinstance(value, tuple):
        return numbers.sizes(value)
    if kind == BYTES:
        rounded = numbers.human(value, numbers.BYTE_UNITS, kilo)
        return f"{value} bytes" if value < kilo else f"{value} bytes, {rounded}"
    return str(value) if value < 1000 or kind != COUNT else f"{value}, {numbers.human(value)}"


def why(question: Question) -> str:
    """The worked solution."""
    return "".join(map(paragraph, solution(question)))


def final_score(quiz: Quiz) -> str:
    """The points, and the number of questions that were asked if that is not all of them."""
    of, asked = len(quiz.questions), len(quiz.turns)
    return f"Score: {half_points(quiz.points)} of {of}" + (f"; {asked} asked." if asked < of else ".")


def half_points(value: Fraction) -> str:
    """Points in halves: `7`, `7½`."""
    whole, half = divmod(value, 1)
    return f"{int(whole) if whole or not half else ''}{'½' if half else ''}"
