"""Opened blocks on a page: which ones are shown, and where."""

from __future__ import annotations

from collections.abc import Sequence

from cnncost import numbers
from cnncost.charts.architecture.blocks import DrawnBlock, DrawnColumn, commonest
from cnncost.charts.architecture.opened import OpenedBlock, draw_block, open_block
from cnncost.charts.architecture.shapes import EDGE, Box, Drawing, Word
from cnncost.charts.architecture.text import shortened, text_width
from cnncost.charts.architecture.units import OUTSIDE, LayerUnit
from cnncost.dims import Shape

TALL = 3.3
"""Inches: the greatest height of all opened blocks below the columns of a slide."""
SMALL = 6.5 / 9
"""The smallest text of an opened block, as a part of the largest."""
NARROWEST = 2.2
"""Inches: the least width of a frame, with room for its heading."""
MARGIN, HEAD = 0.16, 0.28
"""Inches between a block and its frame, and above it for the heading."""

Rows = list[list[OpenedBlock]]


def insets(
    columns: Sequence[DrawnColumn],
    units: Sequence[LayerUnit],
    width: float,
    tall: float,
    sizes: Sequence[float],
) -> Rows:
    """The blocks to open: one of each design with branches, the most frequent first, while they fit."""
    room = width - 2 * EDGE
    candidates = designs(columns)
    best: Rows = []
    for size in (one for one in reversed(sizes) if one >= SMALL * sizes[0] or one == sizes[0]):
        rows: Rows = []
        for block in candidates:
            opened = opened_at(block, units, size, (room - 2 * MARGIN, TALL))
            more = added(rows, opened, room)
            few = len(more) == 1 or (len(more) == 2 and len(more[0]) == 1)
            told = len(opened.items) > 2  # not a single closed box
            if opened.width <= room - 2 * MARGIN and told and few and (not rows or height(more) <= tall):
                rows = more
        if best and (
            boxes(rows) < boxes(best)
            or len(rows) > len(best)
            or height(rows) > max(height(best), 0.85 * tall)
        ):
            break
        best = rows
    return best


def boxes(rows: Rows) -> int:
    """How many boxes opened blocks have."""
    return sum(len(one.items) for row in rows for one in row)


def opened_at(
    block: DrawnBlock, units: Sequence[LayerUnit], size: float, room: tuple[float, float]
) -> OpenedBlock:
    """A block, opened as far as it fits, with its inputs named if there are several."""

    def enter(number: int) -> str:
        if number == OUTSIDE:
            return "input"
        return numbers.shape(units[number].shape) if len(block.entries) == 1 else units[number].parts[0]

    return open_block(block, enter, room, size, False)


def added(rows: Rows, opened: OpenedBlock, room: float) -> Rows:
    """The rows with one more block: in the last row, if there is room."""
    if rows and sum(frame(one) + MARGIN for one in (*rows[-1], opened)) - MARGIN <= room:
        return [*rows[:-1], [*rows[-1], opened]]
    return [*rows, [opened]]


def frame(opened: OpenedBlock) -> float:
    """The width of a block's frame."""
    return max(opened.width, NARROWEST) + 2 * MARGIN


def height(rows: Rows) -> float:
    """Inches that the opened blocks take, with their frames and headings."""
    return sum(max(one.height for one in row) + HEAD + 0.32 for row in rows)


def designs(columns: Sequence[DrawnColumn]) -> list[DrawnBlock]:
    """Blocks with branches, one of each design: the most frequent first, then others of those stages."""
    runs = sorted(
        (column for column in columns if column.run and any(b.branches for b in column.repeated)),
        key=lambda column: (-len(column.repeated), column.units[0].number),
    )
    firsts = [commonest(column.repeated) for column in runs]
    others = [block for column in runs for block in column.repeated]
    found: dict[object, DrawnBlock] = {}
    for block in (*firsts, *others):
        if block.branches and len(block.units) > 2:
            found.setdefault(block.design, block)
    return list(found.values())


def draw_insets(page: Drawing, rows: Rows, columns: Sequence[DrawnColumn], y: float) -> float:
    """Draw the opened blocks, each in a frame with its name; return where they end."""
    for row in rows:
        tall = max(one.height for one in row) + HEAD + 0.16
        widths = [frame(one) for one in row]
        spare = page.width - 2 * EDGE - sum(widths)
        gap = min(spare / max(len(widths) - 1, 1), 0.4)
        x = EDGE + (spare - gap * (len(widths) - 1)) / 2
        for opened, width in zip(row, widths, strict=True):
            page.shapes.append(Box(x, y, width, tall))
            write_heading(page, opened, columns, x + 0.1, y + 0.15, width - 0.2)
            down = HEAD + (tall - HEAD - 0.08 - opened.height) / 2
            draw_block(page, opened, x + (width - opened.width) / 2, y + down)
            x += width + gap
        y += tall + 0.16
    return y


def write_heading(
    page: Drawing, opened: OpenedBlock, columns: Sequence[DrawnColumn], x: float, y: float, room: float
) -> None:
    """Write which block it is, and which others are like it if there is room."""
    size = max(opened.size - 0.5, 6.0)
    name = shortened(opened.block.name, size, True, room)
    page.shapes.append(Word(x, y, name, size, bold=True, across="left"))
    done = text_width(name, size, True) + 0.1
    texts = represented(opened.block, columns)
    page.words_of_parts.append(f"{opened.block.name}, opened: {opened.words}. {texts[0]}".strip())
    if text := next((t for t in texts if text_width(t, size) <= room - done), ""):
        page.shapes.append(Word(x + done, y, text, size, muted=True, across="left"))


def represented(block: DrawnBlock, columns: Sequence[DrawnColumn]) -> list[str]:
    """Which blocks are of the design of an opened one, strides included; long text first."""
    own = next(c for c in columns if set(block.inside) <= {u.number for u in c.units})
    count = len(own.repeated)
    alike = sum(b.design == block.design for b in own.repeated)
    many = f"{alike} of {count} blocks" if count > 1 else ""
    others = [c for c in columns if c is not own and any(b.design == block.design for b in c.repeated)]
    equal = all(
        b.signature == block.signature for c in others for b in c.repeated if b.design == block.design
    )
    same = "also in" if equal else "with other widths in"
    long = f"{same} {', '.join(c.name for c in others)}" if others else ""
    short = f"{same} {len(others)} more stages" if others else ""
    return [", ".join(filter(None, (many, text))) for text in (long, short, "")]


def close_up(
    block: DrawnBlock,
    units: Sequence[LayerUnit],
    entering: Shape,
    room: tuple[float, float],
    sizes: Sequence[float],
) -> OpenedBlock:
    """A block over a whole page, at the largest size of text that fits, with the shape after each layer."""

    def enter(number: int) -> str:
        shape = units[number].shape if number >= 0 else entering
        return f"{units[number].parts[0] if number >= 0 else 'input'} {numbers.shape(shape)}"

    made = [open_block(block, enter, room, size, True) for size in sizes]
    return next((opened for opened in made if opened.fits(room)), made[-1])
