"""Finds the mistake behind each wrong answer, with the deviation engine.

The wrong answers of a column are explained together first, so that one cause is one remark; then each by
itself; then starting from the student's own earlier answers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import log2
from typing import Any

from cnncost.count.profile import NetworkCost, profile_graph
from cnncost.deviation import QUANTITIES, Cause, Given, as_written, explain
from cnncost.deviation.confidence import Evidence
from cnncost.deviation.deviations import of_kind
from cnncost.errors import CnncostError
from cnncost.homework.mark.interpretations import Interpretation
from cnncost.homework.mark.judging import exact_value
from cnncost.homework.mark.marks import RIGHT, WRONG, Mark, Marked
from cnncost.homework.read import COUNT, SHAPE, SIZE, TOTAL, Address
from cnncost.network.graph import Graph
from cnncost.numbers import Printed

ENGINE_NAMES = {"out_shape": "shape"}
"""The engine's names for quantities, where they differ."""
SHAPES = ("out_shape", "out_channels", "out_size")
SIZES = ("in_size", "out_size", "receptive_field")
"""The sizes that the engine knows, where they are equal along all axes."""
FOUR_DIGITS = 1000
"""Two deviations together explain four in ten random numbers of fewer digits, so only the commonest may."""
MOST_FOR_FEW = 3.5
"""The highest cost of two deviations that explain a number of fewer digits."""
COMMON = 2
"""The highest cost of a mistake that is commoner than rounding to the same digits."""
IN_A_LAYER = frozenset(deviation.name for deviation in of_kind("layer"))
SEEN, SHOWN, NEARLY = 8, 3, 2
"""The most causes that are looked at, and that are shown; how much less simple than the first they may be."""
ONE = Fraction(1)
EFFORT, EFFORT_TOGETHER = 3_000, 20_000
"""The limits of the search, in answers times nodes: a sheet of wrong numbers must not take minutes."""
ENTERING = 2
"""How many shapes above a cost its explanation must leave right: each makes the search longer."""
FIELD_NODES = 40
"""A receptive field is walked through all nodes before it: with this many nodes the effort is doubled."""


class Search:
    """The search for causes; what was found is kept, as students of a class make the same mistakes."""

    def __init__(self) -> None:
        self.known: dict[tuple[Any, ...], list[Cause]] = {}

    def causes(self, by: Interpretation, givens: Sequence[Given], most: int, limit: int = 5) -> list[Cause]:
        """The causes of some answers, counted in one way of a task."""
        key = (by.remark, tuple(givens), most, limit)
        if key not in self.known:
            self.known[key] = explain(by.network, givens, most=most, limit=limit)
        return self.known[key]


def with_explanations(marked: Marked, search: Search, most: int = 2) -> Marked:
    """The marks with an explanation for each wrong answer that has one.

    Where too many answers are wrong, the last ones are marked as not sought.

    Args:
        marked: a submission.
        search: what was found for others of the same task.
        most: the most deviations in an explanation.
    """
    found: dict[Address, Mark] = {}
    left = EFFORT
    for key in marked.columns:
        wrong = [mark for mark in marked.marks if mark.key == key and mark.status == WRONG]
        together = explain_together(marked, key, wrong, search)
        alone = [mark for mark in wrong if mark.address not in together]
        affordable = left // effort(marked.network, key)
        left -= effort(marked.network, key) * min(len(alone), affordable)
        found |= together
        found |= agreeing(
            {mark.address: explain_alone(marked, mark, most, search) for mark in alone[:affordable]}
        )
        found |= {mark.address: replace(mark, sought=False) for mark in alone[affordable:]}
    return replace(marked, marks=tuple(found.get(mark.address, mark) for mark in marked.marks))


def effort(network: NetworkCost, key: str) -> int:
    """The effort to explain one answer of a column."""
    nodes = len(network.graph.nodes)
    return nodes * (1 + nodes // FIELD_NODES) if key == "receptive_field" else nodes


def explain_together(marked: Marked, key: str, wrong: Sequence[Mark], search: Search) -> dict[Address, Mark]:
    """The marks of a column's wrong answers, where one deviation explains at least two of them.

    Each of them gets the words for its own row, and the evidence of all.
    """
    by = marked.interpretations[key]
    most = EFFORT_TOGETHER // effort(marked.network, key)
    left = {given: mark for mark in wrong[:most] if (given := given_of(mark, by.factor)) is not None}
    if len(left) < 2 or not any(
        sum(given in left for given in cause.covers) > 1 for cause in search.causes(by, list(left), 1)
    ):
        return {}  # whatever the right answers rule out, no cause explains two
    right = [mark for mark in marked.marks if mark.key == key and mark.status == RIGHT][:most]
    others = [given for mark in right if (given := given_of(mark, by.factor)) is not None]
    if key not in SHAPES:
        shapes = dict.fromkeys(given for mark in left.values() for given in right_shapes(marked, mark))
        others += [given for given in shapes if given not in others][:most]
    found: dict[Address, Mark] = {}
    for cause in search.causes(by, [*left, *others], 1):
        covered = [(left[given], given) for given in cause.covers if given in left]
        new = [(mark, given) for mark, given in covered if mark.address not in found]
        if len(new) > 1:
            for mark, given in new:
                found[mark.address] = replace(
                    mark, cause=at_row(search.causes(by, [given, *others], 1), cause, given)
                )
    return found


def at_row(causes: Sequence[Cause], cause: Cause, given: Given) -> Cause:
    """A cause of several answers in the words for one of them, which has these causes."""
    for own in causes:
        if own.deviations == cause.deviations:
            return replace(own, evidence=cause.evidence)
    written = as_written(given.printed)
    return replace(cause, sentence=re.sub(r"^what is given\b", written, cause.sentence))


def explain_alone(marked: Marked, mark: Mark, most: int, search: Search) -> Mark:
    """The mark of a wrong answer with the simplest explanations of it, if there are any.

    The right shapes must stay right. One deviation from the student's own earlier answers is simpler than
    two from the right ones.
    """
    by = marked.interpretations[mark.key]
    given = given_of(mark, by.factor)
    if given is None:
        return mark
    others = right_shapes(marked, mark)
    own = network_of_row(marked, mark, by.network)
    few = isinstance(given.printed, Printed) and abs(given.printed.digits) < FOUR_DIGITS
    copied = copied_row(marked, mark, given)
    shifted = shifted_field(marked, mark, given)
    for deviations in range(1 if own is not None or shifted is not None else most, most + 1):
        found = search.causes(by, [given, *others], deviations, SEEN)
        if copied is not None:
            rivals = len(found)
            found = [replace(copied, evidence=replace(copied.evidence, rivals=rivals)), *found]
        from_own = explain(own, [given], most=deviations, limit=SEEN) if own is not None else []
        from_own += explain(by.network, [shifted], most=1, limit=SEEN) if shifted is not None else []
        found, from_own = ([each for each in causes if believable(each, few)] for causes in (found, from_own))
        if from_own and (not found or continues(mark, found[0], from_own[0])):
            return told(mark, from_own, at_own=True)
        if found:
            return told(mark, found)
    return mark


def continues(mark: Mark, cause: Cause, from_own: Cause) -> bool:
    """Whether an answer is explained better from the student's own answers before it: a size is."""
    growing = mark.key in SHAPES or mark.key == "receptive_field"
    return growing and from_own.deviations != cause.deviations


def shifted_field(marked: Marked, mark: Mark, given: Given) -> Given | None:
    """A receptive field as it would be if the student's fields before it were right.

    A field grows by the same at a layer, however large it was. None where those before are right.
    """
    row = marked.own.rows.get(mark.label)
    if mark.key != "receptive_field" or row is None or not isinstance(given.printed, Printed):
        return None
    followed = marked.own.fields.get(row.last.name)
    right = mark.right if isinstance(mark.right, tuple) else (mark.right,)
    if not followed or followed[0].size == right[0]:
        return None
    digits = given.printed.digits - followed[0].size + right[0]
    return replace(given, printed=replace(given.printed, digits=digits)) if digits > 0 else None


def told(mark: Mark, found: Sequence[Cause], at_own: bool = False) -> Mark:
    """A mark with its causes; of those with the same hint the simplest, as the same in other words."""
    simplest: dict[str, Cause] = {}
    for cause in found:
        simplest.setdefault(cause.hint, cause)
    first, *others = simplest.values()
    near = tuple(
        other
        for other in others
        if len(other.deviations) == len(first.deviations) and other.cost <= first.cost + NEARLY
    )
    fitting = first.evidence.fitting - len(found) + 1 + len(near)
    evidence = replace(first.evidence, fitting=max(1, fitting))
    return replace(mark, cause=replace(first, evidence=evidence), others=near[: SHOWN - 1], at_own=at_own)


def agreeing(marks: Mapping[Address, Mark]) -> dict[Address, Mark]:
    """The marks of a column; of several causes of one, what another answer surely has comes first."""
    sure = Counter(mark.cause.deviations for mark in marks.values() if mark.cause and not mark.hedged)
    found = dict(marks)
    for address, mark in marks.items():
        shared = [cause for cause in mark.others if mark.hedged and cause.deviations in sure]
        if mark.cause and mark.cause.deviations not in sure and shared:
            others = (mark.cause, *(cause for cause in mark.others if cause is not shared[0]))
            found[address] = replace(mark, cause=shared[0], others=others)
    return found


def is_a_mistake(mark: Mark, by: Interpretation) -> bool:
    """Whether an answer that may be rounded is to the digit what a common mistake in its layer gives."""
    given = given_of(mark, by.factor)
    found = explain(by.network, [given], most=1, limit=1) if given is not None else []
    return any(cause.cost <= COMMON and cause.deviations[0] in IN_A_LAYER for cause in found)


def believable(cause: Cause, few: bool) -> bool:
    """Whether a cause is worth telling: of two deviations, only what is no chance."""
    if len(cause.deviations) < 2:
        return True
    return cause.cost <= MOST_FOR_FEW if few else cause.convincing


def copied_row(marked: Marked, mark: Mark, given: Given) -> Cause | None:
    """The cause of an answer that is also the right one of the row above: it was copied."""
    labels = marked.labels
    above = labels[: labels.index(mark.label)][-1:]
    for label in above if mark.quantity.kind == COUNT else ():
        other = marked.by_address.get((label, mark.key))
        same = other is not None and other.answer.numbers == mark.answer.numbers
        if same and other is not None and other.accepted and other.right:
            bits = log2(abs(other.answer.numbers[0].digits) + 1)
            sentence = f"{as_written(given.printed)} is your answer for {label}, the row above"
            evidence = Evidence(bits, tried=1, cost=1)
            return Cause(("row above copied",), (given,), sentence, "is it the right row?", evidence=evidence)
    return None


def right_shapes(marked: Marked, mark: Mark) -> list[Given]:
    """The right answers that an explanation of a wrong one must leave right.

    For a shape, the shapes above it. For a cost, the shape of its own row, from which it was worked out,
    and the last shapes above it. For a receptive field, the last field above it instead.
    """
    order = {label: i for i, label in enumerate(marked.labels)}
    right = [other for other in marked.marks if other.status == RIGHT]
    above = [other for other in right if order[other.label] < order[mark.label]]
    shapes = [other for other in above if other.key in SHAPES]
    if mark.key not in SHAPES:
        own = [other for other in right if other.key in SHAPES and other.label == mark.label]
        fields = [other for other in above if other.key == mark.key == "receptive_field"]
        entering = fields[-1:] if mark.key == "receptive_field" else shapes[-ENTERING:]
        shapes = [*own, *entering]
    return [given for other in shapes if (given := given_of(other)) is not None]


def given_of(mark: Mark, factor: int = 1) -> Given | None:
    """An answer as the engine takes it, divided by the factor of its interpretation.

    None where the answer has no exact value, or a negative one.
    """
    at = "" if mark.label == TOTAL else mark.label
    quantity = ENGINE_NAMES.get(mark.key, mark.key)
    kind = mark.quantity.kind
    number = next(iter(mark.answer.numbers), None)
    if quantity not in QUANTITIES:
        return None
    if mark.key in ("out_shape", "out_size") and number is not None and number.value.denominator != 1:
        return Given("out_size", number, at)
    if kind in (SHAPE, SIZE):
        value = exact_value(mark.answer, mark.right, kind)
        if not isinstance(value, tuple):
            return None
        if kind == SHAPE:
            return Given(quantity, value, at)
        equal = len(set(value)) == 1 and mark.key in SIZES
        return Given(quantity, Printed(value[0], ONE, ONE, 0, ""), at) if equal else None
    if number is None or number.digits < 0:
        return None
    return Given(quantity, replace(number, place=number.place / factor, scale=number.scale / factor), at)


def network_of_row(marked: Marked, mark: Mark, network: NetworkCost) -> NetworkCost | None:
    """A network of a mark's row alone, on the input that the student's earlier answers give it.

    None where that is the right input, or does not fit.
    """
    row = None if mark.label == TOTAL else marked.own.rows[mark.label]
    if row is None or row.main is None or len(row.main.node.inputs) != 1:
        return None
    entering = marked.own.in_shapes[row.main.name][0]
    if entering == row.main.node.in_shape:
        return None
    nodes, shape = [], entering
    try:
        for cost in row.costs:
            source = "input" if cost.name == row.main.name else row.main.name
            out = cost.node.layer.out_shape(shape)
            nodes.append(cost.node._replace(inputs=(source,), in_shapes=(shape,), out_shape=out, aux=False))
            shape = out if cost.name == row.main.name else shape
    except CnncostError:
        return None
    graph = Graph(marked.network.name, entering, tuple(nodes), output=nodes[-1].name)
    return profile_graph(graph, network.convention, network.batch, network.dtype)
