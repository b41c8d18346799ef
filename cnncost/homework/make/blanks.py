"""Which cells a worksheet asks: drawn by a seed, so that every one follows from what remains.

The rule: going down the rows, what a layer puts out and costs follows from its input and its
arguments, so these may be asked as they come. A layer's arguments are asked only where its input and
what remains of its output's shape and receptive field leave one choice among windows of ordinary
sizes (`CHOICES`), and its filters only where the output's channels remain. Rows of several layers are
given in full; below one, receptive fields are too, as nobody sees how far its strides have led.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from cnncost.count.receptive_field import receptive_fields
from cnncost.errors import ArgumentError, CnncostError, ShapeError
from cnncost.homework.make.sheet import ARGUMENTS, INPUTS, LEVELS, Cell, Sheet, up_to
from cnncost.layers.base import Layer
from cnncost.network.graph import Node, channel_axis

CHOICES = {"kernel": range(1, 16), "stride": range(1, 9), "padding": range(8)}
"""What a reader would try for an argument that is asked."""

FIELD = "receptive_field"

ARGUMENT_SHARE = 0.25
"""How likely an argument is drawn, beside what follows from the arguments."""


def blanked(sheet: Sheet, count: int, seed: int) -> Sheet:
    """The sheet with `count` cells asked, the same ones for the same seed.

    What the next rows repeat of an output that is asked is asked there too: it would give it away.

    Raises:
        CnncostError: fewer cells than that can be asked.
    """
    if count < 1:
        raise CnncostError(f"a worksheet asks for a cell or more, not {count}")
    chosen = sheet
    for group in drawn(sheet, seed):
        wider = replace(chosen, blanks=chosen.blanks | group)
        if len(wider.blanks) <= count and all(one_answer(wider, row) for row, _ in group):
            chosen = wider
        if len(chosen.blanks) == count:
            return chosen
    most = len(chosen.blanks)
    name = next(name for name, level in LEVELS.items() if level == sheet.level)
    raise CnncostError(
        f"{sheet.profile.name}: {count} blanks are too many at level {name}:"
        f" with this seed {most} cells follow from the others"
    )


def drawn(sheet: Sheet, seed: int) -> list[frozenset[Cell]]:
    """The groups of cells that can be asked together, in the order of the draw.

    Only `Random.random` is used, whose numbers are the same in every version of Python.
    """
    rng = random.Random(seed)

    def turn(group: frozenset[Cell]) -> float:
        weight = ARGUMENT_SHARE if any(key in ARGUMENTS for _, key in group) else 1.0
        return float(rng.random() ** (1 / weight))

    turns = [(turn(group), i, group) for i, group in enumerate(groups(sheet))]
    return [group for _, _, group in sorted(turns, key=lambda t: (-t[0], t[1]))]


def groups(sheet: Sheet) -> Iterator[frozenset[Cell]]:
    """Each cell that can be asked, with the copies of it in the rows that it enters."""
    for i, row in enumerate(sheet.rows):
        if row.main is None:
            continue
        for key in sheet.keys:
            if key in INPUTS.values() or sheet.value((i, key)) is None:
                continue
            if key == FIELD and below_stage(sheet, i):
                continue
            if key in ARGUMENTS and not is_single(row.argument(argument_of(row.main.node.layer, key))):
                continue
            yield frozenset({(i, key), *copies(sheet, i, key)})


def below_stage(sheet: Sheet, i: int) -> bool:
    """Whether a row of several layers stands above this one."""
    return any(row.main is None for row in sheet.rows[:i])


def is_single(value: Any) -> bool:
    """Whether an argument is one number, or the same number for each axis."""
    return isinstance(value, int) or (isinstance(value, tuple) and len(set(value)) == 1)


def argument_of(layer: Layer, key: str) -> str:
    """The name of the argument that a column holds."""
    return next(name for name in ARGUMENTS[key] if name in layer.names())


def copies(sheet: Sheet, row: int, key: str) -> Iterator[Cell]:
    """Where other rows repeat what this one puts out, as their input."""
    repeats = INPUTS.get(key)
    for i, sources in enumerate(sheet.sources):
        if repeats and sources == (row,) and sheet.value((i, repeats)) == sheet.value((row, key)):
            yield i, repeats


# one answer


def one_answer(sheet: Sheet, i: int) -> bool:
    """Whether a row's arguments that are asked have one value each that fits what remains of the row."""
    row = sheet.rows[i]
    asked = [key for key in ARGUMENTS if (i, key) in sheet.blanks]
    if not asked or row.main is None:
        return True
    if "filters" in asked and not remains(sheet, i, "out_channels"):
        return False
    found = list(fitting(sheet, i, [key for key in asked if key != "filters"]))
    return found == [row.main.node.layer]


def remains(sheet: Sheet, i: int, key: str) -> bool:
    """Whether a part of a row's output can be read, there or where it enters another row."""
    places = [(i, key), *copies(sheet, i, key)]
    return any(cell not in sheet.blanks for cell in places)


def fitting(sheet: Sheet, i: int, asked: list[str]) -> Iterator[Layer]:
    """Every layer that differs at most in the arguments asked and agrees with what remains of the row."""
    main = sheet.rows[i].main
    assert main is not None
    node, axes = main.node, sheet.profile.graph.axes
    channels = channel_axis(axes[node.name])
    for layer in candidates(node.layer, asked):
        try:
            out = layer.out_shape(*node.in_shapes)
        except ShapeError:
            continue
        sizes = [(n, m) for a, (n, m) in enumerate(zip(out, node.out_shape, strict=True)) if a != channels]
        if remains(sheet, i, "out_size") and any(n != m for n, m in sizes):
            continue
        if layer == node.layer or same_field(sheet, i, node._replace(layer=layer, out_shape=out)):
            yield layer


def candidates(layer: Layer, asked: list[str]) -> Iterator[Layer]:
    """The layer with every choice for some of its arguments, its own among them."""
    names = [argument_of(layer, key) for key in asked]
    own = [getattr(layer, name) for name in names]
    ranges = [sorted({*CHOICES[key], first(value)}) for key, value in zip(asked, own, strict=True)]
    for values in product(*ranges):
        settings = {
            name: (value,) * len(was) if isinstance(was, tuple) else value
            for name, value, was in zip(names, values, own, strict=True)
        }
        try:
            yield type(layer)(**{**layer.arguments(), **settings})
        except ArgumentError:
            continue


def first(value: Any) -> int:
    """A number, or the first of several equal ones."""
    return int(value[0] if isinstance(value, tuple) else value)


def same_field(sheet: Sheet, i: int, changed: Node) -> bool:
    """Whether a changed layer has the same receptive field, as far as the sheet shows it."""
    told = sheet.value((i, FIELD))
    hidden = FIELD not in sheet.keys or (i, FIELD) in sheet.blanks or below_stage(sheet, i)
    if hidden or told is None:
        return True
    graph = up_to(sheet.profile.graph, changed.name)
    graph = graph.replace(nodes=(*graph.nodes[:-1], changed))
    field = receptive_fields(graph)[changed.name]
    return field is not None and tuple(axis.size for axis in field) == told
