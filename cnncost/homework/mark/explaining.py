"""Finds the mistake behind each wrong answer, with the deviation engine.

The wrong answers of a column are explained together first, so that one cause is one remark; then each by
itself; then starting from the student's own earlier answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from cnncost.count.profile import NetworkCost, profile_graph
from cnncost.deviation import QUANTITIES, Given, explain
from cnncost.errors import CnncostError
from cnncost.homework.mark.judging import exact_value
from cnncost.homework.mark.marks import RIGHT, WRONG, Mark, Marked
from cnncost.homework.read import SHAPE, SIZE, TOTAL, Address
from cnncost.network.graph import Graph
from cnncost.numbers import Printed

ENGINE_NAMES = {"out_shape": "shape"}
"""The engine's names for quantities, where they differ."""
SHAPES = ("out_shape", "out_channels", "out_size")
SIZES = ("in_size", "out_size", "receptive_field")
"""The sizes that the engine knows, where they are equal along all axes."""
FOUR_DIGITS = 1000
"""Two deviations together explain four in ten random numbers of fewer digits, so one must do for these."""
ONE = Fraction(1)
EFFORT, EFFORT_TOGETHER = 3_000, 20_000
"""The limits of the search, in answers times nodes: a sheet of wrong numbers must not take minutes."""
ENTERING = 2
"""How many shapes above a cost its explanation must leave right: each makes the search longer."""
FIELD_NODES = 40
"""A receptive field is walked through all nodes before it: with this many nodes the effort is doubled."""


def with_explanations(marked: Marked, most: int = 2) -> Marked:
    """The marks with an explanation for each wrong answer that has one.

    Where too many answers are wrong, the last ones are marked as not sought.

    Args:
        marked: a submission.
        most: the most deviations in an explanation.
    """
    found: dict[Address, Mark] = {}
    left = EFFORT
    for key in marked.columns:
        wrong = [mark for mark in marked.marks if mark.key == key and mark.status == WRONG]
        together = explain_together(marked, key, wrong)
        alone = [mark for mark in wrong if mark.address not in together]
        affordable = left // effort(marked.network, key)
        left -= effort(marked.network, key) * min(len(alone), affordable)
        found |= together
        found |= {mark.address: explain_alone(marked, mark, most) for mark in alone[:affordable]}
        found |= {mark.address: replace(mark, sought=False) for mark in alone[affordable:]}
    return replace(marked, marks=tuple(found.get(mark.address, mark) for mark in marked.marks))


def effort(network: NetworkCost, key: str) -> int:
    """The effort to explain one answer of a column."""
    nodes = len(network.graph.nodes)
    return nodes * (1 + nodes // FIELD_NODES) if key == "receptive_field" else nodes


def explain_together(marked: Marked, key: str, wrong: Sequence[Mark]) -> dict[Address, Mark]:
    """The marks of a column's wrong answers, where one deviation explains at least two of them."""
    by = marked.interpretations[key]
    most = EFFORT_TOGETHER // effort(marked.network, key)
    left = {given: mark for mark in wrong[:most] if (given := given_of(mark, by.factor)) is not None}
    if len(left) < 2:
        return {}
    right = [mark for mark in marked.marks if mark.key == key and mark.status == RIGHT][:most]
    others = [given for mark in right if (given := given_of(mark, by.factor)) is not None]
    if key not in SHAPES:
        shapes = dict.fromkeys(given for mark in left.values() for given in right_shapes(marked, mark))
        others += [given for given in shapes if given not in others][:most]
    found: dict[Address, Mark] = {}
    for explanation in explain(by.network, [*left, *others], most=1):
        covered = [left[given] for given in explanation.covers if given in left]
        new = [mark for mark in covered if mark.address not in found]
        if len(new) > 1:
            found |= {mark.address: replace(mark, cause=explanation) for mark in new}
    return found


def explain_alone(marked: Marked, mark: Mark, most: int) -> Mark:
    """The mark of a wrong answer with the simplest explanation of it, if there is one.

    The right shapes must stay right. One deviation from the student's own earlier answers is simpler than
    two from the right ones.
    """
    by = marked.interpretations[mark.key]
    given = given_of(mark, by.factor)
    if given is None:
        return mark
    others = right_shapes(marked, mark)
    own = network_of_row(marked, mark, by.network)
    if isinstance(given.printed, Printed) and abs(given.printed.digits) < FOUR_DIGITS:
        most = 1
    for deviations in range(1 if own is not None else most, most + 1):
        if found := explain(by.network, [given, *others], most=deviations, limit=1):
            return replace(mark, cause=found[0])
        if own is not None and (found := explain(own, [given], most=deviations, limit=1)):
            return replace(mark, cause=found[0], at_own=True)
    return mark


def right_shapes(marked: Marked, mark: Mark) -> list[Given]:
    """The right answers that an explanation of a wrong one must leave right.

    For a shape, the shapes above it. For a cost, the shape of its own row, from which it was worked out,
    and the last shapes above it. For a receptive field, the last field above it instead.
    """
    order = {label: i for i, label in enumerate(marked.labels)}
    right = [other for other in marked.marks if other.status == RIGHT]
    above = [other for other in right if order[other.label] < order[mark.label]]
    shapes = [other for other in above if other.key in SHAPES]
    if mark.key == "receptive_field":
        shapes = [other for other in above if other.key == mark.key][-1:]
    elif mark.key not in SHAPES:
        own = [other for other in right if other.key in SHAPES and other.label == mark.label]
        shapes = [*own, *shapes[-ENTERING:]]
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
