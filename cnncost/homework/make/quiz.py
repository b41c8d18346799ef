"""A quiz about a network: its questions, the reply to each answer, hints, and a score.

Nothing is printed here. A right answer is worth a point, or half a point after a hint or a wrong answer.
"""

from __future__ import annotations

import random
import re
from collections import Counter
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

SPACE = 1
"""How many other questions come before one like a question that was not right at once."""

TRIES = 3
"""The number of wrong answers after which the right one is shown."""

EASY = 0.15
"""The weight in the draw of a question whose answer is 0; other questions have the weight 1."""

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
        """Whether the answer is 0."""
        return not self.value

    @property
    def told(self) -> bool:
        """Whether the answer stands in the question: in the layer, its input or the field before it."""
        values = set(self.value) if isinstance(self.value, tuple) else {self.value}
        return not self.easy and values <= self.numbers

    @property
    def numbers(self) -> set[int]:
        """The numbers that the question shows."""
        node, graph = self.row.costs[0].node, self.network.graph
        found = {int(n) for cost in self.layers for n in re.findall(r"\d+", str(cost.node.layer))}
        found |= {n for shape in node.in_shapes for n in shape}
        if self.quantity.key == "receptive_field":
            fields = [
                self.network.by_name[name].receptive_field for name in node.inputs if name not in graph.inputs
            ]
            found |= {axis.size for field in fields for axis in field or ()}
        return found

    @property
    def layers(self) -> tuple[LayerCost, ...]:
        """The row's layer, and the in-place layers that add to what is asked."""
        return layers_of(self.row, self.quantity.key)


def questions(network: NetworkCost, count: int, level: int = 3, seed: int = 0) -> list[Question]:
    """At most `count` questions in the order of the network, the same ones for the same seed.

    Equal layers are asked about once, and a layer twice only after all others.

    Raises:
        CnncostError: less than one question.
    """
    if count < 1:
        raise CnncostError(f"a quiz has at least one question, not {count}")
    found = possible(network, level)
    rng = random.Random(seed)
    turns = [rng.random() ** (1 / (EASY if question.easy else 1)) for question in found]
    asked: Counter[str] = Counter()
    order: list[tuple[int, float, int]] = []
    for i in sorted(range(len(found)), key=lambda i: -turns[i]):
        order.append((asked[found[i].row.label], -turns[i], i))
        asked[found[i].row.label] += 1
    return [found[i] for i in sorted(i for *_, i in sorted(order)[:count])]


def possible(network: NetworkCost, level: int) -> list[Question]:
    """Every question of a level whose answer does not stand in it, row by row."""
    found: dict[tuple[object, ...], Question] = {}
    for row in Worksheet.of(network, level).rows:
        for key in COLUMNS:
            quantity = QUANTITIES[key]
            value = quantity.value(row)
            if row.main is None or not 1 <= quantity.level <= level or value is None:
                continue
            node = row.main.node
            question = Question(network, row, quantity, value)
            if not question.told:
                found.setdefault((node.layer, node.in_shapes, key, value), question)
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
        start = "Possibly: " if found and found.confidence == "possible" else ""
        return Reply(("Not right.", *([start + as_sentence(found.sentence)] if found else [])), over=True)

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
    return next((cause for cause in found if cause.convincing), None)


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
    """Questions that are asked one after the other, and the points so far.

    What was not right at once is asked again two questions later, about another layer of `more`.
    """

    questions: list[Question]
    turns: list[QuizTurn] = field(default_factory=list)
    more: Sequence[Question] = ()
    repeated: set[int] = field(default_factory=set)

    def next_turn(self) -> QuizTurn | None:
        """The next question; None after the last."""
        now = len(self.turns)
        if now == len(self.questions):
            return None
        self.questions[now] = self.again() or self.questions[now]
        self.turns.append(QuizTurn(self.questions[now]))
        return self.turns[-1]

    def again(self) -> Question | None:
        """A question like an earlier one that was not right at once, about a layer not asked yet."""
        for i, turn in enumerate(self.turns[:-SPACE]):
            if turn.points == 1 or i in self.repeated:
                continue
            self.repeated.add(i)
            asked = {each.row.label for each in self.questions}
            for question in self.more:
                alike = question.quantity is turn.question.quantity and not question.easy
                if alike and question.row.label not in asked:
                    return question
        return None

    @property
    def points(self) -> Fraction:
        """The points so far."""
        return sum((turn.points for turn in self.turns), Fraction(0))
