"""Opened blocks on a page: which ones are shown, and where."""

from __future__ import annotations

from collections.abc import Sequence

from cnncost import numbers
from cnncost.charts.architecture.blocks import DrawnBlock
from cnncost.charts.architecture.drawn_columns import DrawnColumn
from cnncost.charts.architecture.opened import OpenedBlock, open_block
from cnncost.charts.architecture.shapes import EDGE, Box, Drawing, Point, Way, Word
from cnncost.charts.architecture.text import LINE, shortened, text_width
from cnncost.charts.architecture.units import OUTSIDE, LayerUnit
from cnncost.dims import Shape

SIZES, CLOSE = (8.5, 8.0, 7.5, 7.0, 6.5), (13.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.5)
"""Points: the text of opened blocks below the columns, and of one that fills a page."""
TALL, LOW = 3.3, 2.7
"""Inches: the greatest height of an opened block below the columns, and of one with larger text."""
NARROWEST = 2.2
"""Inches: the least width of a frame, with room for its heading."""
MARGIN = 0.16
"""Inches between a block and its frame."""
HEADING = 8.0
"""Points: the size of a heading."""


def blocks_shown(
    columns: Sequence[DrawnColumn], units: Sequence[LayerUnit], width: float
) -> list[OpenedBlock]:
    """The blocks to open: one of each design with branches, the most frequent first, while they fit."""
    room = width - 2 * EDGE

    def at_size(block: DrawnBlock, size: float) -> OpenedBlock:
        def enter(number: int) -> str:
            if number == OUTSIDE:
                return "input"
            return numbers.shape(units[number].shape) if len(block.entries) == 1 else units[number].parts[0]

        return open_block(block, enter, (room - 2 * MARGIN, TALL), size, False)

    def total(blocks: Sequence[OpenedBlock]) -> float:
        return sum(max(one.width, NARROWEST) + 3 * MARGIN for one in blocks) - MARGIN

    found: list[OpenedBlock] = []
    for block in candidates(columns):
        opened = at_size(block, SIZES[-1])
        if total([*found, opened]) <= room and opened.height <= TALL + 0.6:
            found.append(opened)
    for size in SIZES:
        larger = [at_size(one.block, size) for one in found]
        same = all(len(a.items) == len(b.items) for a, b in zip(larger, found, strict=True))
        if same and total(larger) <= room and all(one.height <= LOW for one in larger):
            return larger
    return found


def candidates(columns: Sequence[DrawnColumn]) -> list[DrawnBlock]:
    """Blocks with branches, one of each design: the most frequent first, then others of those stages."""
    firsts = sorted(
        (c for c in columns if c.opened.branches and len(c.opened.units) > 2 and c.equal),
        key=lambda c: (-len(c.repeated), c.units[0].number),
    )
    found: dict[object, DrawnBlock] = {}
    for block in (*(c.opened for c in firsts), *(b for c in firsts for b in c.repeated if b.branches)):
        found.setdefault(block.design, block)
    return list(found.values())


def height(opened: Sequence[OpenedBlock]) -> float:
    """Inches that the opened blocks take, with their frames and headings."""
    return max([one.height for one in opened], default=-0.6) + 0.6


def draw_blocks(page: Drawing, y: float) -> None:
    """Draw the page's opened blocks side by side, each in a frame with its name."""
    tall = height(page.opened) - 0.1
    widths = [max(one.width, NARROWEST) + 2 * MARGIN for one in page.opened]
    spare = page.width - 2 * EDGE - sum(widths)
    gap = min(spare / max(len(widths) - 1, 1), 0.4)
    x = EDGE + (spare - gap * (len(widths) - 1)) / 2
    for opened, width in zip(page.opened, widths, strict=True):
        page.shapes.append(Box(x, y, width, tall))
        write_heading(page, opened, x + 0.1, y + 0.15, width - 0.2)
        draw_block(page, opened, x + (width - opened.width) / 2, y + 0.28 + (tall - 0.28 - opened.height) / 2)
        x += width + gap


def write_heading(page: Drawing, opened: OpenedBlock, x: float, y: float, room: float) -> None:
    """Write which block it is, and which others it represents if there is room."""
    name = shortened(opened.block.name, HEADING, True, room)
    page.shapes.append(Word(x, y, name, HEADING, bold=True, across="left"))
    done = text_width(name, HEADING, True) + 0.1
    texts = represented(opened.block, page.columns)
    if text := next((t for t in texts if text_width(t, HEADING - 1) <= room - done), ""):
        page.shapes.append(Word(x + done, y, text, HEADING - 1, muted=True, across="left"))


def represented(block: DrawnBlock, columns: Sequence[DrawnColumn]) -> list[str]:
    """How many blocks of its stage are like an opened one, and where else they occur; long text first."""
    own = next(c for c in columns if set(block.inside) <= {u.number for u in c.units})
    count = len(own.repeated)
    many = f"{sum(b.design == block.design for b in own.repeated)} of {count} blocks" if count > 1 else ""
    others = [c.name for c in columns if c is not own and any(b.design == block.design for b in c.repeated)]
    also = f"also in {', '.join(others)}" if others else ""
    return [", ".join(filter(None, (many, also))), many or f"and {len(others)} more stages like it"]


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
            draw_item(page, opened, k, centre, opened.sizes[i])


def draw_item(page: Drawing, opened: OpenedBlock, k: int, centre: Point, box: Point) -> None:
    """Draw one box of an opened block with its texts."""
    item, size = opened.items[k], opened.size
    (x, y), (width, height) = centre, box
    step = size * LINE
    if item.sign:
        first, *rest = item.lines
        side = height - 2 * len(rest) * step
        page.shapes.append(Way(((x - width / 2, y), (x + width / 2, y)), arrow=False))
        page.shapes.append(Box(x - side / 2, y - side / 2, side, side, item.family, round=True))
        page.shapes.append(Word(x, y, first, size + 1, bold=True))
        for i, text in enumerate(rest):
            page.shapes.append(Word(x, y + side / 2 + (i + 0.5) * step, text, size, muted=True))
        return
    page.shapes.append(Box(x - width / 2, y - height / 2, width, height, item.family))
    for i, text in enumerate(item.lines):
        off = (i + 0.5 - len(item.lines) / 2) * step
        spot = (x + off, y) if item.merge else (x, y + off)
        page.shapes.append(Word(*spot, text, size, muted=i > 0, upright=item.merge))


def close_up(
    block: DrawnBlock, units: Sequence[LayerUnit], entering: Shape, room: tuple[float, float]
) -> OpenedBlock:
    """A block over a whole page, at the largest size of text that fits."""

    def enter(number: int) -> str:
        shape = units[number].shape if number >= 0 else entering
        return f"{units[number].parts[0] if number >= 0 else 'input'} {numbers.shape(shape)}"

    made = [open_block(block, enter, room, size, True) for size in CLOSE]
    return next((opened for opened in made if opened.fits(room)), made[-1])
