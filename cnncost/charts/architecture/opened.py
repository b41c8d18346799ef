"""A block, opened: its layers as boxes and its branches as lanes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cnncost import numbers
from cnncost.charts.architecture.blocks import DrawnBlock, blocks_at, longest_way
from cnncost.charts.architecture.layer_words import followers, layer_words
from cnncost.charts.architecture.layered import GraphLayout, Size, lay_out
from cnncost.charts.architecture.shapes import Box, Drawing, Point, Way, Word
from cnncost.charts.architecture.text import LINE, text_width
from cnncost.charts.architecture.units import OUTSIDE, LayerUnit

RADIUS = 0.0135
"""Inches per point of text: the circle around a merge's sign."""


@dataclass(frozen=True, eq=False)
class OpenedItem:
    """A box of an opened block: a layer, several in a chain, or a block that stays closed.

    `lines` are its texts, the first in full, the others muted.
    """

    units: tuple[LayerUnit, ...]
    lines: tuple[str, ...]
    family: str

    @property
    def merge(self) -> bool:
        """Whether it only joins branches."""
        return len(self.units) == 1 and self.family == "merge"

    @property
    def sign(self) -> bool:
        """Whether it is drawn as a sign in a circle, with other texts below."""
        return self.merge and len(self.lines[0]) == 1

    def box_size(self, size: float) -> Size:
        """The size of its box; words of a merge are upright, those below a sign are outside its circle."""
        width = max(text_width(line, size) for line in self.lines)
        if self.sign:
            radius = RADIUS * size
            return max(2 * radius, width), radius, radius + (len(self.lines) - 1) * size * LINE
        width, height = width + 0.14, len(self.lines) * size * LINE + 0.07
        return (height, width / 2, width / 2) if self.merge else (width, height / 2, height / 2)


@dataclass(frozen=True, eq=False)
class OpenedBlock:
    """A block with its boxes laid out in inches, y downwards: the inputs, the items, then the output."""

    block: DrawnBlock
    items: tuple[OpenedItem, ...]
    inputs: tuple[str, ...]
    output: str
    sizes: tuple[Size, ...]
    layout: GraphLayout
    size: float

    @property
    def width(self) -> float:
        """Its width in inches."""
        return self.layout.width

    @property
    def height(self) -> float:
        """Its height in inches."""
        return self.layout.height

    @property
    def words(self) -> str:
        """What it shows, in words: its boxes in order, and which leads to which where they branch."""
        return " → ".join(" ".join(item.lines) for item in self.items)

    def fits(self, room: tuple[float, float]) -> bool:
        """Whether it fits into a room of this width and height."""
        return self.width <= room[0] and self.height <= room[1]


def open_block(
    block: DrawnBlock, enter: Callable[[int], str], room: tuple[float, float], size: float, shapes: bool
) -> OpenedBlock:
    """A block opened as far as it fits: into its layers, else its chains, else the blocks in it.

    Args:
        block: the block.
        enter: names an input, by the number of its unit.
        room: width and height in inches that it should fit into.
        size: of the text in points.
        shapes: whether each box also shows its output's shape.
    """
    tried: list[OpenedBlock] = []
    for items in foldings(block):
        if shapes:
            items = [with_shape(item) for item in items]
        tried.append(arranged(block, items, enter, size))
        if tried[-1].fits(room):
            return tried[-1]
    return min(tried, key=lambda opened: max(opened.width / room[0], opened.height / room[1]))


def foldings(block: DrawnBlock) -> list[list[OpenedItem]]:
    """The items of a block, from every layer to a few blocks."""
    single = [layer_item(unit) for unit in block.units]
    found = [single, chained(block, single)] if len(block.units) <= 120 else []
    depths = max(len(unit.parts) for unit in block.units)
    for parts in range(depths, block.name.count(".") + 1, -1):
        found.append([closed(part) for part in blocks_at(block.units, parts)])
    return [items for items in found if len(items) <= 60] or [[closed(block)]]


def layer_item(unit: LayerUnit) -> OpenedItem:
    """A layer, and below it the in-place layers after it; a merge that calculates as its sign."""
    first = {"Add": "+", "Multiply": "×", "Subtract": "−", "Divide": "÷"}.get(unit.main.type) or layer_words(
        unit.layer
    )
    lines = (first, followers(unit.layers[1:]))
    if unit.layer.in_place and len(unit.layers) > 1:
        lines = (followers(unit.layers), "")
    return OpenedItem((unit,), lines if lines[1] else lines[:1], unit.family)


def chained(block: DrawnBlock, single: Sequence[OpenedItem]) -> list[OpenedItem]:
    """The items, with layers that follow one another without a branch as one box."""
    users = Counter(source for unit in block.units for source in unit.sources)
    home: dict[int, int] = {}
    chains: list[list[OpenedItem]] = []
    for item in single:
        (unit,) = item.units
        source = unit.sources[0] if len(unit.sources) == 1 else OUTSIDE
        if source in home and users[source] == 1 and not item.merge and not chains[home[source]][-1].merge:
            home[unit.number] = home[source]
            chains[home[source]].append(item)
        else:
            home[unit.number] = len(chains)
            chains.append([item])
    return [chain[0] if len(chain) == 1 else chain_item(chain) for chain in chains]


def chain_item(chain: Sequence[OpenedItem]) -> OpenedItem:
    """A chain as one item; `a, b, a, b` becomes `a`, `b`, `×2`."""
    units = tuple(unit for item in chain for unit in item.units)
    lines = [item.lines[0] for item in chain]
    plain = [line.partition(", /")[0] for line in lines]  # a chain mostly has its stride in its first layer
    for period in range(1, len(lines) // 2 + 1):
        times, rest = divmod(len(lines), period)
        if rest == 0 and plain == plain[:period] * times:
            lines = [*lines[:period], f"×{times}"]
            break
    return OpenedItem(units, tuple(lines), DrawnBlock("", units).family)


def closed(block: DrawnBlock) -> OpenedItem:
    """A block that stays closed: its name and the number of its layers; a single layer as itself."""
    if len(block.units) == 1:
        return layer_item(block.units[0])
    tail = block.name.rpartition(".")[2]
    return OpenedItem(block.units, (tail, f"{len(block.units)} layers"), block.family)


def with_shape(item: OpenedItem) -> OpenedItem:
    """The item with its output's shape as a last line."""
    lines = item.lines if item.merge else (*item.lines, numbers.shape(item.units[-1].shape))
    return OpenedItem(item.units, lines, item.family)


def arranged(
    block: DrawnBlock, items: Sequence[OpenedItem], enter: Callable[[int], str], size: float
) -> OpenedBlock:
    """The items of a block, laid out."""
    inputs = tuple(enter(number) for number in block.entries)
    output = numbers.shape(block.units[-1].shape)
    ends = [OpenedItem((), (text,), "") for text in (*inputs, output)]
    boxes = [*ends[:-1], *items, ends[-1]]
    sizes = tuple(box.box_size(size) for box in boxes)
    links = sorted(links_of(block, items))
    way = set(longest_way(block))
    main = [len(inputs) + i for i, item in enumerate(items) if any(u.number in way for u in item.units)]
    if main:
        entry = next((a for a, b in links if b == main[0]), 0)
        main = [entry, *main, len(boxes) - 1]
    return OpenedBlock(
        block, tuple(items), inputs, output, sizes, lay_out(sizes, links, main, (0.30, 0.11)), size
    )


def links_of(block: DrawnBlock, items: Sequence[OpenedItem]) -> set[tuple[int, int]]:
    """Which box leads to which, by their numbers: inputs, items, then the output."""
    count = len(block.entries)
    home = {number: i for i, number in enumerate(block.entries)}
    home |= {unit.number: count + i for i, item in enumerate(items) for unit in item.units}
    links = {(home[source], home[unit.number]) for unit in block.units for source in unit.sources}
    output = (home[block.units[-1].number], count + len(items))
    return {(a, b) for a, b in links if a != b} | {output}


def draw_block(page: Drawing, opened: OpenedBlock, x: float, y: float) -> None:
    """Draw a block with its layers and lanes, its left top corner at (x, y)."""
    for way in opened.layout.ways.values():
        page.shapes.append(Way(tuple((x + px, y + py) for px, py in way), curved=True))
    last = len(opened.sizes) - 1
    for i, (across, down) in enumerate(opened.layout.centres):
        centre, k = (x + across, y + down), i - len(opened.inputs)
        if k < 0 or i == last:
            text = opened.inputs[i] if k < 0 else opened.output
            page.shapes.append(Word(*centre, text, opened.size, muted=True))
        else:
            draw_item(page, opened.items[k], opened.size, centre, opened.sizes[i])


def draw_item(page: Drawing, item: OpenedItem, size: float, centre: Point, box: Size) -> None:
    """Draw one box of an opened block with its texts."""
    (x, y), (width, up, down) = centre, box
    step = size * LINE
    if item.sign:
        first, *rest = item.lines
        page.shapes.append(Way(((x - width / 2, y), (x + width / 2, y)), arrow=False))
        page.shapes.append(Box(x - up, y - up, 2 * up, 2 * up, item.family, round=True))
        page.shapes.append(Word(x, y, first, size + 1, bold=True))
        for i, text in enumerate(rest):
            page.shapes.append(Word(x, y + up + (i + 0.5) * step, text, size, muted=True))
        return
    page.shapes.append(Box(x - width / 2, y - up, width, up + down, item.family))
    for i, text in enumerate(item.lines):
        off = (i + 0.5 - len(item.lines) / 2) * step
        spot = (x + off, y) if item.merge else (x, y + off)
        page.shapes.append(Word(*spot, text, size, muted=i > 0, upright=item.merge))
