"""A quiz about a network: its questions, the reply to each answer, hints, and a score.

Nothing is printed here. A right answer is worth a point, or half a point after a hint or a wrong answer.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.count.rows import Row
from cnncost.deviation import Cause, Given, explain
from cnncost.errors import CnncostError
from cnncost.formulas.explanation import Explanation
from cnncost.formulas.notation import Text
from cnncost.homework.make.worksheet import COLUMNS, Worksheet
from cnncost.homework.mark import judge_answer
from cnncost.homework.read import QUANTITIES, Answer, AnswerCell, Quantity, Value, as_sentence, read_cell
from cnncost.homework.solutions import layers_of, worked_solution
from cnncost.numbers import Printed

TRIES = 3
"""The number of wrong answers after which the right one is shown."""

EASY = 0.15
"""The weight in the draw of a question that needs no work; other questions have the weight 1."""

CHANNELS_HINT = (
    "One per filter or feature of the layer; a layer without filters keeps the channels of its input."
)
"""The hint for output channels, which have no formula."""


@dataclass(frozen=True, eq=False)
class Question:
    """A quantity of one row of a network's table, and its right value."""

    network: NetworkCost
    row: Row
    quantity: Quantity
    value: Value

    @property
    def easy(self) -> bool:
        """Whether the answer is 0, or is written in the layer or its input."""
        row = self.row
        written = (row.argument("out_channels"), row.argument("out_features"), (row.in_shape or (None,))[0])
        return not self.value or (self.quantity.key == "out_channels" and self.value in written)

    @property
    def layers(self) -> tuple[LayerCost, ...]:
        """The row's layer, and the in-place layers that add to what is asked."""
        return layers_of(self.row, self.quantity.key)


def questions(network: NetworkCost, count: int, level: int = 3, seed: int = 0) -> list[Question]:
    """At most `count` questions in the order of the network, the same ones for the same seed.

    Equal layers are asked about once.

    Raises:
        CnncostError: less than one question.
    """
    if count < 1:
        raise CnncostError(f"a quiz has at least one question, not {count}")
    found = possible(network, level)
    rng = random.Random(seed)
    turns = [rng.random() ** (1 / (EASY if question.easy else 1)) for question in found]
    order = sorted(range(len(found)), key=lambda i: -turns[i])
    return [found[i] for i in sorted(order[:count])]


def possible(network: NetworkCost, level: int) -> list[Question]:
    """Every question of a level, row by row."""
    found: dict[tuple[object, ...], Question] = {}
    for row in Worksheet.of(network, level).rows:
        for key in COLUMNS:
            quantity = QUANTITIES[key]
            value = quantity.value(row)
            if row.main is None or not 1 <= quantity.level <= level or value is None:
                continue
            node = row.main.node
            found.setdefault(
                (node.layer, node.in_shapes, key, value), Question(network, row, quantity, value)
            )
    return list(found.values())


@dataclass(frozen=True)
class Reply:
    """The reply to an answer: its lines, and whether the question is over."""

    lines: tuple[str, ...]
    over: bool = False


@dataclass
class QuizTurn:
    """A question while it is asked, with the wrong answers and the hints so far."""

    question: Question
    wrong: list[Answer] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    points: Fraction = Fraction(0)

    def answer(self, text: str) -> Reply:
        """The reply to an answer."""
        q = self.question
        answer = read_cell(AnswerCell(text, 1), q.quantity.kind, kilo=q.network.convention.kilo)
        if not answer.readable:
            problem = answer.problem or "type an answer, `hint`, `skip`, `why` or `quit`"
            return Reply((as_sentence(problem),))
        verdict = judge_answer(answer, q.value, q.quantity.kind)
        if verdict.fits:
            self.points = Fraction(1, 2) if self.wrong or self.hints else Fraction(1)
            remark = f" ({verdict.remark})" if verdict.remark else ""
            return Reply((f"Right{remark}.",), over=True)
        self.wrong.append(answer)
        if len(self.wrong) < TRIES:
            return Reply(("Not right. Try again, or type `hint`, `skip` or `why`.",))
        found = mistake_behind(q, answer)
        return Reply(("Not right.", *([as_sentence(found.sentence)] if found else [])), over=True)

    def hint(self) -> Reply:
        """The next hint: about the last wrong answer, the formula, the formula with numbers."""
        found = mistake_behind(self.question, self.wrong[-1]) if self.wrong else None
        hints = [*([as_sentence(found.hint)] if found else []), *formula_hints(self.question)]
        new = next((hint for hint in hints if hint not in self.hints), None)
        if new is None:
            none = "no further hint" if self.hints else "no hint for this question"
            return Reply((f"There is {none}; `why` shows the solution.",))
        self.hints.append(new)
        return Reply((new,))


def mistake_behind(question: Question, answer: Answer) -> Cause | None:
    """The mistake that gives a wrong answer; None where none does."""
    sizes = set(answer.sizes)
    equal = Printed(sizes.pop(), Fraction(1), Fraction(1), 0, "") if len(sizes) == 1 else None
    number = next(iter(answer.numbers), equal)
    if number is None:
        return None
    try:
        found = explain(question.network, [Given(question.quantity.key, number, question.row.label)], most=1)
    except CnncostError:  # the engine does not know this row or quantity
        return None
    return found[0] if found else None


def formula_hints(question: Question) -> list[str]:
    """The formulas that lead to the answer, then the same with numbers."""
    steps = [
        (quantity.symbol, quantity.steps(Text()))
        for worked in solution(question)
        for quantity in worked.quantities
    ]
    bare = [f"{symbol} = {lines[0]}" if symbol else lines[0] for symbol, lines in steps]
    filled = [lines[1] for _, lines in steps if len(lines) > 2]
    found = [", ".join(part) for part in (bare, filled) if part]
    return found or ([CHANNELS_HINT] if question.quantity.key == "out_channels" else [])


def solution(question: Question) -> list[Explanation]:
    """The worked solutions of what is asked; where there is none, the remarks on the layer."""
    return worked_solution(question.network, question.row, question.quantity.key)


@dataclass
class Quiz:
    """Questions that are asked one after the other, and the points so far."""

    questions: Sequence[Question]
    turns: list[QuizTurn] = field(default_factory=list)

    def next_turn(self) -> QuizTurn | None:
        """The next question; None after the last."""
        if len(self.turns) == len(self.questions):
            return None
        self.turns.append(QuizTurn(self.questions[len(self.turns)]))
        return self.turns[-1]

    @property
    def points(self) -> Fraction:
        """The points so far."""
        return sum((turn.points for turn in self.turns), Fraction(0))
