"""Opened blocks on a page: which ones are shown, and where."""

from __future__ import annotations

from collections.abc import Sequence

from cnncost import numbers
from cnncost.charts.architecture.blocks import Block
from cnncost.charts.architecture.cells import LINE, Cell, Measure, is_sign, opened
from cnncost.charts.architecture.columns import Column, name_of
from cnncost.charts.architecture.shapes import EDGE, Box, Page, Way, Word
from cnncost.charts.architecture.stands import shortened
from cnncost.charts.architecture.units import OUTSIDE, Unit
from cnncost.count.profile import NetworkCost
from cnncost.count.rows import channels_first
from cnncost.dims import Shape

SIZES, CLOSE = (8.5, 8.0, 7.5, 7.0, 6.5), (13.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.5)
"""Points: the text of opened blocks below the columns, and of one that fills a page."""
TALL, LOW = 3.3, 2.7
"""Inches that an opened block below the columns may be high, and up to which it may have larger text."""
NARROWEST = 2.2
"""Inches: the least width of a frame, so that its heading fits."""
MARGIN = 0.16
"""Inches between a block and its frame."""


def chosen(columns: Sequence[Column], units: Sequence[Unit], measure: Measure, width: float) -> list[Cell]:
    """The blocks to open: one of each design with branches, those that repeat most first, while they fit."""
    room = width - 2 * EDGE
    found: list[Cell] = []
    for block in candidates(columns):
        cell = at_size(block, units, measure, room, SIZES[-1])
        if total([*found, cell]) <= room and cell.height <= TALL + 0.6:
            found.append(cell)
    for size in SIZES:
        larger = [at_size(cell.block, units, measure, room, size) for cell in found]
        same = all(len(a.items) == len(b.items) for a, b in zip(larger, found, strict=True))
        if same and total(larger) <= room and all(cell.height <= LOW for cell in larger):
            return larger
    return found


def at_size(block: Block, units: Sequence[Unit], measure: Measure, room: float, size: float) -> Cell:
    """A block opened with its text at one size."""
    return opened(block, lambda n: enters(n, block, units), measure, (room - 2 * MARGIN, TALL), size, False)


def total(cells: Sequence[Cell]) -> float:
    """Inches that opened blocks take side by side."""
    return sum(max(cell.width, NARROWEST) + 3 * MARGIN for cell in cells) - MARGIN


def candidates(columns: Sequence[Column]) -> list[Block]:
    """Blocks with branches, one of a design: by how often they occur, then others of those stages."""
    firsts = sorted(
        (c for c in columns if c.opened.branches and len(c.opened.units) > 2 and c.alike),
        key=lambda c: (-c.count, c.units[0].number),
    )
    found: dict[object, Block] = {}
    for column in firsts:
        found.setdefault(design(column.opened), column.opened)
    for column in firsts:
        for block in column.repeated:
            if block.branches:
                found.setdefault(design(block), block)
    return list(found.values())


def design(block: Block) -> object:
    """What a block is but for widths and strides."""
    return tuple((u.kind, tuple(block.inside.get(s, -1) for s in u.sources)) for u in block.units)


def enters(number: int, block: Block, units: Sequence[Unit]) -> str:
    """What to call an input of a block: its shape, and its stage where there are several."""
    if number == OUTSIDE:
        return "input"
    shape = numbers.shape(units[number].shape)
    return shape if len(block.entries) == 1 else units[number].parts[0]


def height(cells: Sequence[Cell]) -> float:
    """Inches that the opened blocks take, their frames and headings included."""
    return max([cell.height for cell in cells], default=-0.6) + 0.6


def draw(page: Page, cells: Sequence[Cell], y: float, measure: Measure) -> None:
    """Opened blocks side by side, each in a frame with its name."""
    tall = height(cells) - 0.1
    spare = page.width - 2 * EDGE - sum(max(cell.width, NARROWEST) + 2 * MARGIN for cell in cells)
    gap = min(spare / max(len(cells) - 1, 1), 0.4)
    x = EDGE + (spare - gap * (len(cells) - 1)) / 2
    for cell in cells:
        width = max(cell.width, NARROWEST) + 2 * MARGIN
        page.shapes.append(Box(x, y, width, tall))
        heading(page, cell, measure, x + 0.1, y + 0.15, width - 0.2)
        draw_cell(page, cell, x + (width - cell.width) / 2, y + 0.28 + (tall - 0.28 - cell.height) / 2)
        x += width + gap


def heading(page: Page, cell: Cell, measure: Measure, x: float, y: float, room: float) -> None:
    """Which block it is, and which others it stands for, as far as there is room."""
    name, size = shortened(cell.block.name, measure, HEADING, True, room), HEADING
    page.shapes.append(Word(x, y, name, size, bold=True, across="left"))
    x += measure(name, size, True) + 0.1
    room -= measure(name, size, True) + 0.1
    text = next((t for t in stands_for(cell.block, page.columns) if measure(t, size - 1, False) <= room), "")
    if text:
        page.shapes.append(Word(x, y, text, size - 1, muted=True, across="left"))


HEADING = 8.0


def stands_for(block: Block, columns: Sequence[Column]) -> list[str]:
    """How many blocks of its stage are like an opened one, and where else they occur; the longest first."""
    own = next(c for c in columns if set(block.inside) <= {u.number for u in c.units})
    alike = sum(design(b) == design(block) for b in own.repeated)
    many = f"{alike} of {own.count} blocks" if own.count > 1 else ""
    others = [
        name_of(c) for c in columns if c is not own and any(design(b) == design(block) for b in c.repeated)
    ]
    also = f"also in {', '.join(others)}" if others else ""
    return [
        f"{many}, {also}" if many and also else many or also,
        many or f"and {len(others)} more stages like it",
    ]


def draw_cell(page: Page, cell: Cell, x: float, y: float) -> None:
    """A block with its layers and lanes, its left top corner at (x, y)."""
    for way in cell.placed.ways.values():
        page.shapes.append(Way(tuple((x + px, y + py) for px, py in way), curved=True))
    texts = [*((name,) for name in cell.inputs), *(item.lines for item in cell.items), (cell.output,)]
    for i, (lines, centre, size) in enumerate(zip(texts, cell.placed.centres, cell.sizes, strict=True)):
        place = x + centre[0], y + centre[1]
        k = i - len(cell.inputs)
        if 0 <= k < len(cell.items):
            draw_item(page, cell, k, place, size)
        else:
            page.shapes.append(Word(*place, lines[0], cell.size, muted=True))


def draw_item(page: Page, cell: Cell, k: int, place: tuple[float, float], size: tuple[float, float]) -> None:
    """One box of an opened block with its texts."""
    item = cell.items[k]
    (x, y), (width, height) = place, size
    first, *rest = item.lines
    step = cell.size * LINE
    if is_sign(item.lines, item.merge):
        side = height - 2 * len(rest) * step
        page.shapes.append(Way(((x - width / 2, y), (x + width / 2, y)), arrow=False))
        page.shapes.append(Box(x - side / 2, y - side / 2, side, side, item.family, round=True))
        page.shapes.append(Word(x, y, first, cell.size + 1, bold=True))
        for i, text in enumerate(rest):
            page.shapes.append(Word(x, y + side / 2 + (i + 0.5) * step, text, cell.size, muted=True))
        return
    page.shapes.append(Box(x - width / 2, y - height / 2, width, height, item.family))
    top = -len(item.lines) * step / 2 + step / 2
    for i, text in enumerate(item.lines):
        off = top + i * step
        spot = (x + off, y) if item.merge else (x, y + off)
        page.shapes.append(Word(*spot, text, cell.size, muted=i > 0, upright=item.merge))


def closeup(
    block: Block, units: Sequence[Unit], profile: NetworkCost, measure: Measure, room: tuple[float, float]
) -> Cell:
    """A block over a whole page, at the largest size of text that fits."""

    def enter(number: int) -> str:
        shape: Shape = units[number].shape if number >= 0 else entering(profile)
        stage = units[number].parts[0] if number >= 0 else "input"
        return f"{stage} {numbers.shape(shape)}"

    made = [opened(block, enter, measure, room, size, True) for size in CLOSE]
    return next((c for c in made if c.width <= room[0] and c.height <= room[1]), made[-1])


def entering(profile: NetworkCost) -> Shape:
    """The network's input, channels first."""
    return channels_first(profile.graph.input_shape, profile.graph.axes["input"])
