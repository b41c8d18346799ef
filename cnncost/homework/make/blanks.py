"""Which cells a worksheet asks: drawn by a seed, so that each follows from the cells that remain.

Going down the rows, the output and the costs of a layer follow from its input and its arguments, so any of
them may be asked. An argument is only asked where the layer's input, and what remains of its output's shape
and receptive field, leave one choice among windows of ordinary sizes (`CHOICES`); the filters only where the
output's channels remain. Rows of several layers are given in full. Receptive fields below such a row are
too, because the table does not show how far the strides inside it have led.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from cnncost.count.receptive_field import receptive_fields
from cnncost.errors import ArgumentError, CnncostError, ShapeError, shown
from cnncost.homework.make.worksheet import ARGUMENTS, LEVELS, PAGE, REPEATED, CellIndex, Worksheet
from cnncost.layers.base import Layer
from cnncost.network.graph import Node, channel_axis

CHOICES = {"kernel": range(1, 16), "stride": range(1, 9), "padding": range(8)}
"""The values that a student would try for an argument that is asked."""

FIELD = "receptive_field"

PLACE, SPREAD = 8, 3
"""The rows of a place, and how many cells there must be to choose from for each that is asked."""

ARGUMENT_SHARE = 0.25
"""The weight of an argument in the draw; outputs and costs follow from arguments and have the weight 1."""


def with_blanks(sheet: Worksheet, count: int, seed: int) -> Worksheet:
    """The worksheet with `count` cells asked, the same ones for the same seed.

    Where the next row repeats an output that is asked, its input is asked too: it would give the output away.

    Raises:
        CnncostError: fewer cells can be asked.
    """
    if isinstance(count, bool) or not isinstance(count, int):
        raise CnncostError(f"the number of blanks is a whole number, not {shown(count)}")
    if count < 1:
        raise CnncostError(f"a worksheet asks at least one cell, not {count}")
    chosen = sheet
    for group in together(sheet, drawn_groups(sheet, seed), count, seed):
        wider = replace(chosen, blanks=chosen.blanks | group)
        if len(wider.blanks) <= count and all(has_one_answer(wider, row) for row, _ in group):
            chosen = wider
        if len(chosen.blanks) == count:
            return chosen
    name = next(name for name, level in LEVELS.items() if level == sheet.level)
    raise CnncostError(
        f"{sheet.network.name}: {count} blanks are too many at level {name}:"
        f" with this seed {len(chosen.blanks)} cells follow from the others"
    )


def drawn_groups(sheet: Worksheet, seed: int) -> list[frozenset[CellIndex]]:
    """The groups of cells that are asked together, in the order of the draw.

    Only `Random.random` is used, because its numbers are the same in every version of Python.
    """
    rng = random.Random(seed)

    def turn(group: frozenset[CellIndex]) -> float:
        weight = ARGUMENT_SHARE if any(key in ARGUMENTS for _, key in group) else 1.0
        return float(rng.random() ** (1 / weight))

    turns = [(turn(group), i, group) for i, group in enumerate(groups(sheet))]
    return [group for _, _, group in sorted(turns, key=lambda t: (-t[0], t[1]))]


def together(
    sheet: Worksheet, drawn: Sequence[frozenset[CellIndex]], count: int, seed: int
) -> list[frozenset[CellIndex]]:
    """The groups of a long table with those of a few places first, so that little of it has to be printed."""
    if len(sheet.rows) <= PAGE:
        return list(drawn)
    place_of = {group: min(row for row, _ in group) // PLACE for group in drawn}
    rng = random.Random(f"{seed} places")
    order = sorted(set(place_of.values()), key=lambda _: rng.random())
    chosen: set[int] = set()
    for place in order:
        if sum(place_of[group] in chosen for group in drawn) < SPREAD * count:
            chosen.add(place)
    return sorted(drawn, key=lambda group: place_of[group] not in chosen)


def groups(sheet: Worksheet) -> Iterator[frozenset[CellIndex]]:
    """Each cell that can be asked, with the cells that repeat it."""
    for i, row in enumerate(sheet.rows):
        if row.main is None:
            continue
        for key in sheet.keys:
            if key in REPEATED.values() or sheet.value((i, key)) is None:
                continue
            if key == FIELD and below_folded(sheet, i):
                continue
            if key in ARGUMENTS:
                if row.main.node.layer.names().isdisjoint(ARGUMENTS[key]):
                    continue  # the window of a spec's own type, which is no argument
                value = row.argument(argument_name(row.main.node.layer, key))
                if isinstance(value, str) or (isinstance(value, tuple) and len(set(value)) > 1):
                    continue  # one cell holds one number
            yield frozenset({(i, key), *repetitions(sheet, i, key)})


def below_folded(sheet: Worksheet, i: int) -> bool:
    """Whether there is a row of several layers above this one."""
    return any(row.main is None for row in sheet.rows[:i])


def argument_name(layer: Layer, key: str) -> str:
    """The name of the argument that a column holds."""
    return next(name for name in ARGUMENTS[key] if name in layer.names())


def repetitions(sheet: Worksheet, row: int, key: str) -> Iterator[CellIndex]:
    """The cells of other rows that repeat an output of this one as their input."""
    repeats = REPEATED.get(key)
    for i, sources in enumerate(sheet.sources):
        if repeats and sources == (row,) and sheet.value((i, repeats)) == sheet.value((row, key)):
            yield i, repeats


# Whether there is one answer


def has_one_answer(sheet: Worksheet, i: int) -> bool:
    """Whether the arguments that are asked in a row have one value each that fits the rest of the row."""
    row = sheet.rows[i]
    asked = [key for key in ARGUMENTS if (i, key) in sheet.blanks]
    if not asked or row.main is None:
        return True
    if "filters" in asked and not remains(sheet, i, "out_channels"):
        return False
    return list(fitting_layers(sheet, i, [key for key in asked if key != "filters"])) == [row.main.node.layer]


def remains(sheet: Worksheet, i: int, key: str) -> bool:
    """Whether a part of a row's output is given, there or where another row repeats it."""
    return any(cell not in sheet.blanks for cell in [(i, key), *repetitions(sheet, i, key)])


def fitting_layers(sheet: Worksheet, i: int, asked: list[str]) -> Iterator[Layer]:
    """The layers that agree with what remains of a row, with any values for the arguments that are asked."""
    main = sheet.rows[i].main
    assert main is not None
    node = main.node
    channels = channel_axis(sheet.network.graph.axes[node.name])
    for layer in possible_layers(node.layer, asked):
        try:
            out = layer.out_shape(*node.in_shapes)
        except ShapeError:
            continue
        sizes = [(n, m) for a, (n, m) in enumerate(zip(out, node.out_shape, strict=True)) if a != channels]
        if remains(sheet, i, "out_size") and any(n != m for n, m in sizes):
            continue
        if layer == node.layer or same_field(sheet, i, node._replace(layer=layer, out_shape=out)):
            yield layer


def possible_layers(layer: Layer, asked: list[str]) -> Iterator[Layer]:
    """The layer with every choice for some of its arguments, its own values included."""
    names = [argument_name(layer, key) for key in asked]
    own = [getattr(layer, name) for name in names]
    ranges = [
        sorted({*CHOICES[key], value[0] if isinstance(value, tuple) else value})
        for key, value in zip(asked, own, strict=True)
    ]
    for values in product(*ranges):
        settings = {
            name: (value,) * len(was) if isinstance(was, tuple) else value
            for name, value, was in zip(names, values, own, strict=True)
        }
        try:
            yield type(layer)(**{**layer.arguments(), **settings})
        except ArgumentError:
            continue


def same_field(sheet: Worksheet, i: int, changed: Node) -> bool:
    """Whether a changed layer has the receptive field that the worksheet shows, if it shows it."""
    shown = sheet.value((i, FIELD))
    hidden = FIELD not in sheet.keys or (i, FIELD) in sheet.blanks or below_folded(sheet, i)
    if hidden or shown is None:
        return True
    graph = sheet.network.graph
    before = graph.nodes[: next(n for n, node in enumerate(graph.nodes) if node.name == changed.name)]
    field = receptive_fields(graph.replace(nodes=(*before, changed), output=changed.name))[changed.name]
    return field is not None and tuple(axis.size for axis in field) == shown
