"""Which mistake makes a wrong answer come out, told by the deviation engine.

The wrong answers of a column are explained together first, so that one cause is told once; then each
by itself; then on the student's own earlier answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from cnncost.count.profile import NetworkCost, profile_graph
from cnncost.deviation import QUANTITIES, Cause, Given, explain
from cnncost.errors import CnncostError
from cnncost.homework.mark.judging import exact
from cnncost.homework.mark.marks import RIGHT, WRONG, Mark, Marked, Place
from cnncost.homework.read.matching import TOTAL
from cnncost.homework.read.quantities import SHAPE, SIZE
from cnncost.network.graph import Graph
from cnncost.numbers import Printed

ASKED = {"out_shape": "shape"}
"""The engine's names for quantities, where they are others."""
SHAPES = ("out_shape", "out_channels", "out_size")
SIZES = ("in_size", "out_size", "receptive_field")
"""The sizes of which the engine knows, where they agree along all axes."""
TELLING = 1000
"""A number of fewer than four digits comes out of some two deviations by chance: of two, 4 in 10 do."""
ONE = Fraction(1)
EFFORT, TOGETHER = 3_000, 20_000
"""How much is searched for the answers one by one, and for a column's together, in cells times nodes: a
sheet full of wrong numbers must not take minutes."""
ENTERING = 2
"""How many of the shapes above a cost are held against its explanation: each makes the search longer."""
FIELD_NODES = 40
"""A receptive field is walked through all nodes before it: in a network of so many, it is twice the work."""


def diagnose(marked: Marked, most: int = 2) -> Marked:
    """The marks with an explanation for each wrong answer that has one.

    Of very many wrong answers, the last are not looked into, and marked so.

    Args:
        marked: a submission.
        most: how many deviations an explanation may have.
    """
    found: dict[Place, Mark] = {}
    left = EFFORT
    for key in marked.columns:
        wrong = [mark for mark in marked.marks if mark.key == key and mark.status == WRONG]
        together = explain_together(marked, key, wrong)
        alone = [mark for mark in wrong if mark.place not in together]
        affordable = left // effort(marked.profile, key)
        left -= effort(marked.profile, key) * min(len(alone), affordable)
        found |= together
        found |= {mark.place: explain_alone(marked, mark, most) for mark in alone[:affordable]}
        found |= {mark.place: replace(mark, sought=False) for mark in alone[affordable:]}
    return replace(marked, marks=tuple(found.get(mark.place, mark) for mark in marked.marks))


def effort(profile: NetworkCost, key: str) -> int:
    """How much work it is to explain one number of a column."""
    nodes = len(profile.graph.nodes)
    return nodes * (1 + nodes // FIELD_NODES) if key == "receptive_field" else nodes


def explain_together(marked: Marked, key: str, wrong: Sequence[Mark]) -> dict[Place, Mark]:
    """The wrong answers of a column that one deviation explains, two or more at once, with it."""
    counting = marked.countings[key]
    most = TOGETHER // effort(marked.profile, key)
    left = {given: mark for mark in wrong[:most] if (given := given_of(mark, counting.factor)) is not None}
    if len(left) < 2:
        return {}
    right = [mark for mark in marked.marks if mark.key == key and mark.status == RIGHT][:most]
    others = [given for mark in right if (given := given_of(mark, counting.factor)) is not None]
    if key not in SHAPES:
        about = dict.fromkeys(given for mark in left.values() for given in known(marked, mark))
        others += [given for given in about if given not in others][:most]
    found: dict[Place, Mark] = {}
    for explanation in explain(counting.profile, [*left, *others], most=1):
        covered = [left[given] for given in explanation.covers if given in left]
        unexplained = [mark for mark in covered if mark.place not in found]
        if len(unexplained) > 1:
            found |= {mark.place: replace(mark, explanation=explanation) for mark in unexplained}
    return found


def explain_alone(marked: Marked, mark: Mark, most: int) -> Mark:
    """A wrong answer with what explains it, if anything does."""
    counting = marked.countings[mark.key]
    given = given_of(mark, counting.factor)
    if given is None:
        return mark
    found, at_own = explain_one(marked, mark, [given, *known(marked, mark)], counting.profile, most)
    return replace(mark, explanation=found, at_own=at_own)


def explain_one(
    marked: Marked, mark: Mark, givens: Sequence[Given], profile: NetworkCost, most: int
) -> tuple[Cause | None, bool]:
    """The simplest explanation of the first number, and whether it starts from the student's own answers.

    The others are right, and stay so.
    """
    own = own_row(marked, mark, profile)
    printed = givens[0].printed
    if isinstance(printed, Printed) and abs(printed.digits) < TELLING:
        most = 1
    for deviations in range(1 if own is not None else most, most + 1):
        if found := explain(profile, givens, most=deviations, limit=1):
            return found[0], False
        if own is not None and (found := explain(own, givens[:1], most=deviations, limit=1)):
            return found[0], True
    return None, False


def known(marked: Marked, mark: Mark) -> list[Given]:
    """Right answers about shapes that an explanation must leave right.

    Of a shape, those above it: a mistake that would have changed them was not made. Of a cost, that of
    its own row, from which it was worked out, and the last ones above it, which enter. Of a receptive
    field, the last one above it too, from which it was worked out.
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
    """An answer as the engine takes it, counted once where all is counted `factor` times.

    None where it says nothing exact, or less than nothing.
    """
    at = "" if mark.label == TOTAL else mark.label
    quantity = ASKED.get(mark.key, mark.key)
    kind = mark.quantity.kind
    if quantity not in QUANTITIES:
        return None
    if mark.key in ("out_shape", "out_size") and decimal_size(mark):
        return Given("out_size", mark.answer.numbers[0], at)
    if kind == SHAPE:
        shape = exact(mark.answer, mark.right, kind)
        return Given(quantity, shape, at) if isinstance(shape, tuple) else None
    if kind == SIZE:
        value = exact(mark.answer, mark.right, kind)
        sizes = set(value) if isinstance(value, tuple) and mark.key in SIZES else set()
        return Given(quantity, Printed(sizes.pop(), ONE, ONE, 0, ""), at) if len(sizes) == 1 else None
    number = next(iter(mark.answer.numbers), None)
    if number is None or number.digits < 0:
        return None
    return Given(quantity, replace(number, place=number.place / factor, scale=number.scale / factor), at)


def decimal_size(mark: Mark) -> bool:
    """Whether a size was given that is not whole."""
    numbers = mark.answer.numbers
    return bool(numbers) and numbers[0].value.denominator != 1


def own_row(marked: Marked, mark: Mark, profile: NetworkCost) -> NetworkCost | None:
    """A network of one row alone, on the input that the student's earlier answers give it."""
    if mark.label == TOTAL or marked.own is None:
        return None
    row, own = marked.own.rows[mark.label], marked.own.own
    if row.main is None or len(row.main.node.inputs) != 1:
        return None
    entering = own.in_shapes[row.main.name][0]
    if entering == row.main.node.in_shapes[0]:
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
    graph = Graph(marked.profile.name, entering, tuple(nodes), output=nodes[-1].name)
    return profile_graph(graph, profile.convention, profile.batch, profile.dtype)
