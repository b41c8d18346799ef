"""A quiz on a network: questions in order, answers judged, hints, and a score.

Nothing is printed here. An answer right at once is a point, one after a hint or a wrong answer half.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.count.rows import Row
from cnncost.deviation import Given, explain
from cnncost.errors import CnncostError
from cnncost.formulas.explanation import Explanation as Worked
from cnncost.formulas.explanation import explain_layer
from cnncost.formulas.notation import Text
from cnncost.homework.make.sheet import COLUMNS, sheet_of
from cnncost.homework.mark.judging import judge
from cnncost.homework.read.cells import Answer, read_cell
from cnncost.homework.read.grid import Cell
from cnncost.homework.read.quantities import QUANTITIES, Quantity, Value
from cnncost.numbers import Printed

TRIES = 3
"""After so many wrong answers the right one is told."""

EASY = 0.15
"""How likely a question is asked whose answer needs no work, beside others."""

WORKED = {
    "out_channels": ("output channels", "features"),
    "out_size": ("output size",),
    "params": ("parameters",),
    "memory": ("memory",),
    "receptive_field": ("receptive field", "jump"),
}
"""The titles of the worked solutions that lead to a quantity; the FLOPs' is the convention's own."""


KEPT = "As many as the layer has filters or features; a layer without them keeps what enters."
"""The hint for channels that no formula gives."""


@dataclass(frozen=True, eq=False)
class Question:
    """A quantity of one row of a network's table, and its right value."""

    profile: NetworkCost
    row: Row
    quantity: Quantity
    value: Value

    @property
    def easy(self) -> bool:
        """Whether the answer is 0, or can be read off the layer or its input."""
        row = self.row
        read_off = (row.argument("out_channels"), row.argument("out_features"), (row.in_shape or (None,))[0])
        return not self.value or (self.quantity.key == "out_channels" and self.value in read_off)

    @property
    def layers(self) -> tuple[LayerCost, ...]:
        """The row's layer, and what follows in place and adds to what is asked."""
        key = self.quantity.key
        return tuple(
            cost
            for cost in self.row.costs
            if cost is self.row.main or (key in ("params", "flops") and getattr(cost, key))
        )


def questions(profile: NetworkCost, count: int, level: int = 3, seed: int = 0) -> list[Question]:
    """Some questions in the order of the network, the same ones for the same seed; all where there are fewer.

    Layers that are alike are asked once.

    Raises:
        CnncostError: less than one question.
    """
    if count < 1:
        raise CnncostError(f"a quiz has a question or more, not {count}")
    found = possible(profile, level)
    rng = random.Random(seed)
    turns = [rng.random() ** (1 / (EASY if question.easy else 1)) for question in found]
    order = sorted(range(len(found)), key=lambda i: -turns[i])
    return [found[i] for i in sorted(order[:count])]


def possible(profile: NetworkCost, level: int) -> list[Question]:
    """Every question of a level, row by row."""
    found: dict[tuple[object, ...], Question] = {}
    for row in sheet_of(profile, level).rows:
        for key in COLUMNS:
            quantity = QUANTITIES[key]
            value = quantity.value(row)
            if row.main is None or not 1 <= quantity.level <= level or value is None:
                continue
            node = row.main.node
            found.setdefault(
                (node.layer, node.in_shapes, key, value), Question(profile, row, quantity, value)
            )
    return list(found.values())


@dataclass(frozen=True)
class Reply:
    """What is said to an answer: its lines, and whether the question is over."""

    lines: tuple[str, ...]
    over: bool = False


@dataclass
class Asked:
    """A question while it is asked: wrong answers so far, and what was told."""

    question: Question
    wrong: list[Answer] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    points: Fraction = Fraction(0)

    def answer(self, text: str) -> Reply:
        """What is said to an answer, or to what cannot be read as one."""
        q = self.question
        answer = read_cell(Cell(text, 1), q.quantity.kind, kilo=q.profile.convention.kilo)
        if not answer.readable:
            problem = answer.problem or "an answer, `hint`, `skip`, `why` or `quit` belongs here"
            return Reply((as_sentence(problem),))
        verdict = judge(answer, q.value, q.quantity.kind)
        if verdict.fits:
            self.points = Fraction(1, 2) if self.wrong or self.told else Fraction(1)
            remark = f" ({verdict.remark})" if verdict.remark else ""
            return Reply((f"Right{remark}.",), over=True)
        self.wrong.append(answer)
        if len(self.wrong) < TRIES:
            return Reply(("Not right. Once more, or `hint`, `skip` or `why`.",))
        said = diagnosis(q, answer)
        return Reply(("Not right.", *([said[1]] if said else [])), over=True)

    def hint(self) -> Reply:
        """The next hint: what the last answer points to, the formula, the formula with its numbers."""
        said = diagnosis(self.question, self.wrong[-1]) if self.wrong else None
        hints = [*([said[0]] if said else []), *formulas(self.question)]
        fresh = [hint for hint in hints if hint not in self.told]
        if not fresh:
            left = "no further hint" if self.told else "no hint for this one"
            return Reply((f"There is {left}; `why` shows the solution.",))
        self.told.append(fresh[0])
        return Reply((fresh[0],))


def diagnosis(question: Question, answer: Answer) -> tuple[str, str] | None:
    """The engine's hint and its sentence for a wrong answer; None where no slip gives it."""
    number = answer.numbers[0] if answer.numbers else number_of(answer.sizes)
    if number is None:
        return None
    try:
        found = explain(question.profile, [Given(question.quantity.key, number, question.row.label)], most=1)
    except CnncostError:  # a row or a quantity that the engine does not look at
        return None
    return (as_sentence(found[0].hint), as_sentence(found[0].sentence)) if found else None


def as_sentence(text: str) -> str:
    """With a capital and a full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?")) else ".")


def number_of(sizes: Sequence[int]) -> Printed | None:
    """Equal sizes as one number."""
    return Printed(sizes[0], Fraction(1), Fraction(1), 0, "") if len(set(sizes)) == 1 else None


def formulas(question: Question) -> list[str]:
    """The formulas that lead to the answer, then those with numbers put in."""
    steps = [
        (quantity.symbol, quantity.steps(Text()))
        for worked in solution(question)
        for quantity in worked.quantities
    ]
    bare = [f"{symbol} = {lines[0]}" if symbol else lines[0] for symbol, lines in steps]
    filled = [lines[1] for _, lines in steps if len(lines) > 2]
    found = [", ".join(part) for part in (bare, filled) if part]
    return found or ([KEPT] if question.quantity.key == "out_channels" else [])


def solution(question: Question) -> list[Worked]:
    """The worked solutions of what was asked; where nothing tells, what is remarked of the layer."""
    profile, key = question.profile, question.quantity.key
    titles = WORKED.get(key, (profile.convention.flops_label,))
    worked = []
    for cost in question.layers:
        whole = explain_layer(profile, cost)
        chosen = tuple(q for q in whole.quantities if q.title.partition(",")[0] in titles)
        worked.append(replace(whole, quantities=chosen, remarks=() if chosen else whole.remarks))
    return worked


@dataclass
class Quiz:
    """Questions one after the other, and the points so far."""

    questions: Sequence[Question]
    asked: list[Asked] = field(default_factory=list)

    def ask(self) -> Asked | None:
        """The next question; None behind the last."""
        if len(self.asked) == len(self.questions):
            return None
        self.asked.append(Asked(self.questions[len(self.asked)]))
        return self.asked[-1]

    @property
    def points(self) -> Fraction:
        """The points so far."""
        return sum((asked.points for asked in self.asked), Fraction(0))
