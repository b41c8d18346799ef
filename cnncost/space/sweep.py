"""How a network's costs grow: counted anew for each size of the input, or each value of a param of the spec.

>>> curve = sweep("vgg16", parse_over("input=112,224"))
>>> [point.totals.params for point in curve.points]
[54471464, 138357544]
"""

from __future__ import annotations

import ast
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from cnncost.count.convention import Convention
from cnncost.count.conventions import convention_named
from cnncost.count.profile import Totals, profile_graph
from cnncost.dims import Inputs, Shape
from cnncost.errors import CnncostError, NameUnknown, Place, SpecError, SpecErrors, did_you_mean, shown
from cnncost.layers.shapes import CHANNELS
from cnncost.network.builder import build
from cnncost.network.catalogue import read
from cnncost.network.graph import Graph
from cnncost.numbers import decimal
from cnncost.spec import limits
from cnncost.spec.evaluator import Evaluator
from cnncost.spec.expression import Expression, parse, parts, shorten
from cnncost.spec.structure import Spec

FEWEST, MOST = 2, 200
"""How many values a sweep takes."""
NEAR = 0.02
"""By what share a cost may miss a power law that is still reported."""


@dataclass(frozen=True)
class SweptValue:
    """One value: as it is written, as the spec's notation has it, and as a number where it is one."""

    text: str
    expression: Expression
    number: Fraction | None = None


@dataclass(frozen=True)
class Over:
    """What a sweep varies: ``input``, the size along each spatial axis, or a param; and its values.

    `text` is how it was written.
    """

    param: str
    values: tuple[SweptValue, ...]
    text: str

    def check_count(self) -> None:
        """Refuse too few or too many values.

        Raises:
            CnncostError: how many there may be.
        """
        if not FEWEST <= len(self.values) <= MOST:
            allowed = f"takes {FEWEST} to {MOST} values, got {len(self.values)}"
            raise CnncostError(f"--over {shorten(self.text)}: {allowed}")

    @property
    def numeric(self) -> bool:
        """Whether every value is a number."""
        return all(value.number is not None for value in self.values)


@dataclass(frozen=True)
class Point:
    """A network's totals at one value."""

    value: SweptValue
    totals: Totals


@dataclass(frozen=True)
class Curve:
    """A network's totals at each value that fits it, and why the others do not."""

    network: str
    points: tuple[Point, ...]
    left_out: tuple[tuple[SweptValue, str], ...]
    convention: Convention
    batch: int = 1
    dtype: str = "float32"


def parse_over(text: str) -> Over:
    """`input=128,160,192`, `input=128:512:32` (both ends belong to it) or `depths=[2,2,2,2],[3,4,6,3]`.

    Values are written in the notation of the spec; numbers are put in order.

    Raises:
        CnncostError: no `=`, no expression, no range, or a range of too many values.
    """
    if not isinstance(text, str):
        raise CnncostError(f'over is a text, such as "input=128,160,192", not {shown(text)}')
    param, equals, written = (part.strip() for part in text.partition("="))
    if not equals or not param:
        raise CnncostError(f"--over {shorten(text)}: write --over input=128,160,192, or a param of the spec")
    values = elements(listed_values(written, text), Place(f"--over {param}", 1, 1, written))
    if all(value.number is not None for value in values):
        values = sorted(
            {value.number: value for value in values}.values(), key=lambda value: value.number or 0
        )
    return Over(param, tuple(values), text)


NUMBER = r"\s*(\d+(?:\.\d+)?)\s*"


def listed_values(written: str, option: str) -> str:
    """A range `first:last:step` as its values; other values as they are written."""
    found = re.fullmatch(f"{NUMBER}:{NUMBER}(?::{NUMBER})?", written)
    if found is None:
        return written
    first, last, step = (Fraction(part or 1) for part in found.groups())
    if last <= first or step == 0:
        raise CnncostError(f"--over {option}: a range goes up, first:last:step with a step above 0")
    count = (last - first) // step + 1
    if count > MOST:
        raise CnncostError(f"--over {option}: takes {FEWEST} to {MOST} values, got {count}")
    return ",".join(decimal(first + i * step) for i in range(count))


def elements(written: str, place: Place) -> list[SweptValue]:
    """The values that are written one behind the other."""
    whole = parse(written, place)
    tree = whole.tree
    several = isinstance(tree, ast.Tuple) and tree.elts and tree.elts[0].col_offset == tree.col_offset
    trees = tree.elts if several and isinstance(tree, ast.Tuple) else [tree]
    return [
        value_of(Expression(whole.text, part, place, size=parts(part)), whole.typed(part)) for part in trees
    ]


def value_of(expression: Expression, text: str) -> SweptValue:
    """A value with its number, if it is one by itself."""
    try:
        found = Evaluator(expression, {}, list).value()
    except SpecError:  # a name of the spec's own
        found = None
    is_number = isinstance(found, (int, float)) and not isinstance(found, bool) and math.isfinite(found)
    return SweptValue(text, expression, Fraction(found) if is_number else None)


def sweep(
    network: str | os.PathLike[str],
    over: Over,
    *,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
    convention: str | Convention = "lecture",
    batch: int = 1,
    dtype: str = "float32",
    train: bool = False,
) -> Curve:
    """Count a network at each value; those that do not fit it are left out, with the reason.

    Args:
        network: a catalogue name, a path to a YAML spec, or ``"-"``.
        over: what varies, and its values.
        input: a shape (C, H, W) instead of the spec's own.
        params: values instead of the spec's other params.
        convention, batch, dtype, train: as in `cnncost.profile`.

    Raises:
        CnncostError: no such network or param, a value that is no size of an input, or an option that
            cannot be used.
    """
    counting = convention_named(convention) if isinstance(convention, str) else convention
    name, built = graphs_over(network, over, input, params, train)
    points: list[Point] = []
    left_out: list[tuple[SweptValue, str]] = []
    for value, graph in built:
        if isinstance(graph, str):
            left_out.append((value, graph))
        else:
            totals = profile_graph(graph, counting, batch, dtype, train, fields=False).totals
            points.append(Point(value, totals))
    return Curve(name, tuple(points), tuple(left_out), counting, batch, dtype)


def graphs_over(
    network: str | os.PathLike[str],
    over: Over,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
    train: bool = False,
) -> tuple[str, Iterator[tuple[SweptValue, Graph | str]]]:
    """The network's name, and the network at each value, or why it cannot be built there.

    Raises:
        CnncostError: as `sweep`.
    """
    spec, variant = read(os.fspath(network))
    change = changes(spec, variant, over, input, dict(params or {}))
    over.check_count()

    def built(value: SweptValue) -> Graph | str:
        shape, given = change(value)
        try:
            graph = build(spec, variant, input_shape=shape, params=given)
        except SpecError as error:
            return reason(error)
        return graph.unfit[0] if train and graph.unfit else graph

    return variant or spec.name, ((value, built(value)) for value in over.values)


def changes(
    spec: Spec, variant: str | None, over: Over, input: Inputs | None, params: Mapping[str, Any]
) -> Callable[[SweptValue], tuple[Inputs | None, Mapping[str, Any]]]:
    """The input and the params of a network at each value."""
    if over.param in spec.params:
        return lambda value: (input, {**params, over.param: value.expression})
    if over.param != "input":
        known = ["input", *spec.params]
        hint = did_you_mean(over.param, known) or f"; it has {', '.join(known)}"
        raise NameUnknown(f"--over {over.param}: {spec.name} has no param `{over.param}`{hint}")
    graph = build(spec, variant, input_shape=input, params=params)
    if all(letter in CHANNELS for name in graph.inputs for letter in graph.axes[name]):
        raise CnncostError(f"--over input: the input of {graph.name} is a vector, without height and width")
    shapes = {
        value.text: {name: resized(shape, graph.axes[name], value) for name, shape in graph.inputs.items()}
        for value in over.values
    }
    return lambda value: (shapes[value.text], params)


def resized(shape: Shape, letters: tuple[str, ...], value: SweptValue) -> Shape:
    """An input of another size along all but its channels."""
    size = value.number
    if size is None or size.denominator != 1 or not 0 < size <= limits.INPUT:
        rule = f"a size is a whole number from 1 to {limits.INPUT}"
        raise CnncostError(f"--over input: {rule}, got {value.text}")
    return tuple(n if letter in CHANNELS else int(size) for n, letter in zip(shape, letters, strict=True))


def reason(error: SpecError) -> str:
    """The first thing that an error says, without its place."""
    while isinstance(error, SpecErrors):
        error = error.errors[0]
    return error.message


def exponent(curve: Curve, cost: Callable[[Totals], int]) -> float | None:
    """The b of cost = a · value^b, by least squares of the logarithms; None where no such law holds.

    It holds where there are three points or more and none misses it by more than two hundredths.
    """
    from statistics import linear_regression

    pairs = [(point.value.number, cost(point.totals)) for point in curve.points]
    if len(pairs) < 3 or any(value is None or value <= 0 or count <= 0 for value, count in pairs):
        return None
    xs = [math.log(value) for value, _ in pairs if value]
    ys = [math.log(count) for _, count in pairs]
    slope, intercept = linear_regression(xs, ys)
    misses = [abs(y - slope * x - intercept) for x, y in zip(xs, ys, strict=True)]
    return slope if max(misses) <= math.log1p(NEAR) else None
