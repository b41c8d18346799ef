"""A block, opened: its layers as boxes and its branches as lanes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from cnncost import numbers
from cnncost.charts.architecture import words
from cnncost.charts.architecture.blocks import Block, blocks_at, main_path
from cnncost.charts.architecture.layered import Placed, place
from cnncost.charts.architecture.units import OUTSIDE, Unit

Measure = Callable[[str, float, bool], float]
"""The width of a text in inches: text, size in points, whether bold."""

LINE = 1.28 / 72
"""Inches a point of text takes from line to line."""


@dataclass(frozen=True, eq=False)
class Item:
    """A box of an opened block: a layer, several in a chain, or a block that stays closed.

    `lines` are its texts, the first in full, the others muted.
    """

    units: tuple[Unit, ...]
    lines: tuple[str, ...]
    family: str

    @property
    def merge(self) -> bool:
        """Whether it only brings branches together."""
        return len(self.units) == 1 and self.family == "merge"


@dataclass(frozen=True, eq=False)
class Cell:
    """An opened block with everything in its place, in inches; y grows downwards.

    The first boxes of `placed` are the inputs, then the items, then the output.
    """

    block: Block
    items: tuple[Item, ...]
    inputs: tuple[str, ...]
    output: str
    sizes: tuple[tuple[float, float], ...]
    placed: Placed
    size: float

    @cached_property
    def width(self) -> float:
        """Its width in inches."""
        return self.placed.width

    @property
    def height(self) -> float:
        """Its height in inches."""
        return self.placed.height


def opened(
    block: Block,
    enter: Callable[[int], str],
    measure: Measure,
    room: tuple[float, float],
    size: float,
    shapes: bool,
) -> Cell:
    """A block opened as far as it fits into the room: its layers, else its chains, else the blocks in it.

    Args:
        block: what to open.
        enter: what to call an input, by the number of its unit.
        measure: the width of a text.
        room: width and height in inches that it should fit into.
        size: of the text in points.
        shapes: whether each box also says its output's shape.
    """
    tried: list[Cell] = []
    for items in foldings(block):
        cell = arranged(block, items, enter, measure, size, shapes)
        if cell.width <= room[0] and cell.height <= room[1]:
            return cell
        tried.append(cell)
    return min(tried, key=lambda cell: max(cell.width / room[0], cell.height / room[1]))


def foldings(block: Block) -> list[list[Item]]:
    """The items of a block, from every layer to a few blocks."""
    single = [Item((unit,), said(unit), unit.family) for unit in block.units]
    found = [single, chained(block, single)] if len(block.units) <= 120 else []
    depths = max(len(unit.parts) for unit in block.units)
    for parts in range(depths, block.name.count(".") + 1, -1):
        found.append([closed(part) for part in blocks_at(block.units, parts)])
    few = [items for items in found if len(items) <= 60]
    return few or [[closed(block)]]


def said(unit: Unit) -> tuple[str, ...]:
    """A layer, and below it what follows in place."""
    if unit.layer.in_place and len(unit.layers) > 1:
        return (words.followers(unit.layers),)
    more = words.followers(unit.layers[1:])
    return (merge_sign(unit), more) if more else (merge_sign(unit),)


def merge_sign(unit: Unit) -> str:
    """The layer in a word or two; a merge that calculates as its sign."""
    return {"Add": "+", "Multiply": "×"}.get(unit.main.type, words.says(unit.layer))


def chained(block: Block, single: Sequence[Item]) -> list[Item]:
    """Layers that follow one another without a branch, as one box."""
    users: dict[int, int] = {}
    for unit in block.units:
        for source in unit.sources:
            users[source] = users.get(source, 0) + 1
    home: dict[int, int] = {}
    chains: list[list[Item]] = []
    for item in single:
        (unit,) = item.units
        source = unit.sources[0] if len(unit.sources) == 1 else OUTSIDE
        if source in home and users[source] == 1 and not item.merge and not chains[home[source]][-1].merge:
            home[unit.number] = home[source]
            chains[home[source]].append(item)
        else:
            home[unit.number] = len(chains)
            chains.append([item])
    return [chain[0] if len(chain) == 1 else one(chain) for chain in chains]


def one(chain: Sequence[Item]) -> Item:
    """A chain as one item, what repeats in it said once."""
    units = tuple(unit for item in chain for unit in item.units)
    lines = [item.lines[0] for item in chain]
    return Item(units, tuple(repeating(lines)), Block("", units).family)


def repeating(lines: list[str]) -> list[str]:
    """`a, b, a, b` as `a`, `b`, `×2`."""
    for period in range(1, len(lines) // 2 + 1):
        times, rest = divmod(len(lines), period)
        if rest == 0 and [plain(line) for line in lines] == [plain(line) for line in lines[:period]] * times:
            return [*lines[:period], f"×{times}"]
    return lines


def plain(line: str) -> str:
    """A line without its stride: a chain mostly strides in its first layer."""
    return line.partition(", /")[0]


def closed(block: Block) -> Item:
    """A block that stays closed: its name and how much is in it; a lone layer as itself."""
    if len(block.units) == 1:
        (unit,) = block.units
        return Item(block.units, said(unit), unit.family)
    tail = block.name.rpartition(".")[2]
    return Item(block.units, (tail, f"{len(block.units)} layers"), block.family)


def arranged(
    block: Block,
    items: Sequence[Item],
    enter: Callable[[int], str],
    measure: Measure,
    size: float,
    shapes: bool,
) -> Cell:
    """The items of a block in their places."""
    items = tuple(with_shape(item) for item in items) if shapes else tuple(items)
    inputs = tuple(enter(number) for number in block.entries)
    output = numbers.shape(block.units[-1].shape)
    texts = [*((name,) for name in inputs), *(item.lines for item in items), (output,)]
    merges = [False] * len(inputs) + [item.merge for item in items] + [False]
    sizes = [box_size(lines, merge, measure, size) for lines, merge in zip(texts, merges, strict=True)]
    links = sorted(links_of(block, items))
    way = {unit.number for unit in main_path(block)}
    main = [len(inputs) + i for i, item in enumerate(items) if any(u.number in way for u in item.units)]
    main = [links_in(links, main[0]), *main, len(texts) - 1] if main else []
    placed = place(sizes, links, main, (0.30, 0.11))
    return Cell(block, items, inputs, output, tuple(sizes), placed, size)


def links_in(links: Sequence[tuple[int, int]], item: int) -> int:
    """The first that leads to an item."""
    return next((a for a, b in links if b == item), 0)


def with_shape(item: Item) -> Item:
    """The item with its output's shape as a last line."""
    if item.merge:
        return item
    return Item(item.units, (*item.lines, numbers.shape(item.units[-1].shape)), item.family)


def links_of(block: Block, items: Sequence[Item]) -> set[tuple[int, int]]:
    """Which box leads to which: inputs, items, then the output."""
    count = len(block.entries)
    home = {number: i for i, number in enumerate(block.entries)}
    home |= {unit.number: count + i for i, item in enumerate(items) for unit in item.units}
    links = {
        (home[source], home[unit.number])
        for unit in block.units
        for source in unit.sources
        if home[source] != home[unit.number]
    }
    return links | {(home[block.units[-1].number], count + len(items))}


def box_size(lines: Sequence[str], merge: bool, measure: Measure, size: float) -> tuple[float, float]:
    """Width and height of a box around its lines; a sign has a circle, words of a merge stand upright."""
    width = max(measure(line, size, False) for line in lines)
    if is_sign(lines, merge):
        side = 2 * RADIUS * size
        return max(side, width), side + 2 * (len(lines) - 1) * size * LINE
    width, height = width + 0.14, len(lines) * size * LINE + 0.07
    return (height, width) if merge else (width, height)


RADIUS = 0.0135
"""Inches a point of text: the circle around a merge's sign."""


def is_sign(lines: Sequence[str], merge: bool) -> bool:
    """Whether a merge is drawn as a sign in a circle, with the rest below."""
    return merge and len(lines[0]) == 1
