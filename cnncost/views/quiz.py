"""A quiz in words: questions, right answers, solutions and the score."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from fractions import Fraction

from cnncost import numbers
from cnncost.count.profile import LayerCost
from cnncost.count.receptive_field import START, AxisField
from cnncost.count.rows import fold
from cnncost.homework.make.quiz import Question, Quiz, solution
from cnncost.homework.read.quantities import BYTES, COUNT, Value
from cnncost.views.explanation import paragraph
from cnncost.views.network_table import caption

FORMS = {
    COUNT: "a number, such as 12,345 or 12k",
    BYTES: "bytes, or KB and MB of {kilo}",
}
"""How an answer may be written, where it is not plain."""

WIDTH = 80


def opening(quiz: Quiz) -> str:
    """What the quiz is about, and what can be typed."""
    asked = "1 question" if len(quiz.questions) == 1 else f"{len(quiz.questions)} questions"
    head = f"{caption(quiz.questions[0].profile)}\n{asked}." if quiz.questions else asked
    return f"{head} Type an answer, or hint, skip, why (the solution) or quit."


def prompt(question: Question, number: int, of: int) -> str:
    """A question: the layer, what enters it, and what is asked of it."""
    lines = [f"{number}/{of}  {question.row.label}: {calls(question)} on {entering(question)}"]
    indent = " " * (len(f"{number}/{of}") + 2)
    for line in given(question):
        lines += textwrap.wrap(line, WIDTH, initial_indent=indent, subsequent_indent=indent)
    form = FORMS.get(question.quantity.kind, "").format(kilo=question.profile.convention.kilo)
    words = asked_words(question)
    return "\n".join([*lines, f"{indent}{words[0].upper()}{words[1:]}{f' ({form})' if form else ''}? "])


def asked_words(question: Question) -> str:
    """The name of what is asked; FLOPs as the convention calls them."""
    quantity, convention = question.quantity, question.profile.convention
    if quantity.key == "out_channels" and len(question.row.out_shape) == 1:
        return "output features"
    return quantity.label(convention) if quantity.key == "flops" else quantity.words


def calls(question: Question) -> str:
    """The row's layers as a spec writes them."""
    return " >> ".join(str(cost.node.layer) for cost in question.layers)


def entering(question: Question) -> str:
    """The shapes that enter the row."""
    return " and ".join(map(numbers.shape, question.row.costs[0].node.in_shapes))


def given(question: Question) -> Iterator[str]:
    """What the question needs besides the layer and its input."""
    key, profile = question.quantity.key, question.profile
    if key == "memory":
        yield f"the output is kept in {profile.dtype}"
    if key == "flops":
        yield f"convention {profile.convention.name}: {profile.convention.summary}"
    if key in ("memory", "flops") and profile.batch != 1:
        yield f"a batch of {profile.batch}"
    if key == "receptive_field":
        yield from (f"before it: {field}" for field in fields(question))


def fields(question: Question) -> Iterator[str]:
    """The receptive field and jump of each input of the row."""
    for name in question.row.costs[0].node.inputs:
        cost = question.profile.by_name.get(name)
        axes = field_of(question, cost)
        if axes is not None:
            size, jump = (numbers.sizes([getattr(axis, part) for axis in axes]) for part in ("size", "jump"))
            yield f"receptive field {size}, jump {jump} ({label_of(question, name)})"


def label_of(question: Question, name: str) -> str:
    """The row that a node is in: what works in place has none of its own."""
    rows = fold(question.profile)
    return next((row.label for row in rows if any(cost.name == name for cost in row.costs)), name)


def field_of(question: Question, cost: LayerCost | None) -> tuple[AxisField, ...] | None:
    """The receptive field of an input; the network's own sees itself."""
    if cost is None:
        return (START,) * (len(question.profile.graph.input_shape) - 1)
    return cost.receptive_field


def right(question: Question) -> str:
    """The right answer as a sentence."""
    value, kind = question.value, question.quantity.kind
    return f"The answer is {shown(value, kind, question.profile.convention.kilo)}."


def shown(value: Value, kind: str, kilo: int) -> str:
    """A value in full, and in short where it is long."""
    if isinstance(value, tuple):
        return numbers.sizes(value)
    if kind == BYTES:
        short = numbers.human(value, numbers.BYTE_UNITS, kilo)
        return f"{value} bytes" if value < kilo else f"{value} bytes, {short}"
    return str(value) if value < 1000 or kind != COUNT else f"{value}, {numbers.human(value)}"


def why(question: Question) -> str:
    """The worked solution of what was asked."""
    return "".join(map(paragraph, solution(question)))


def score(quiz: Quiz) -> str:
    """The points, and how many questions were asked where it ended early."""
    of, asked = len(quiz.questions), len(quiz.asked)
    return f"Score: {points(quiz.points)} of {of}" + (f"; {asked} asked." if asked < of else ".")


def points(value: Fraction) -> str:
    """`7`, `7½`."""
    whole, half = divmod(value, 1)
    return f"{int(whole) if whole or not half else ''}{'½' if half else ''}"
