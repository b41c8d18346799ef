"""A profile to a page: columns of feature maps above, the blocks that they are made of below."""

from __future__ import annotations

from collections.abc import Sequence

from cnncost import numbers
from cnncost.charts.architecture import panel
from cnncost.charts.architecture.blocks import Block, blocks_at, spine
from cnncost.charts.architecture.cells import LINE, Measure
from cnncost.charts.architecture.columns import MOST, Column, columns_of
from cnncost.charts.architecture.packing import bands
from cnncost.charts.architecture.shapes import EDGE, HEIGHT, WIDTH, Page, Word
from cnncost.charts.architecture.stands import Stand, shortened
from cnncost.charts.architecture.units import Unit, side_heads, units_of
from cnncost.count.profile import NetworkCost
from cnncost.count.rows import channels_first
from cnncost.network.graph import Graph

HEAD, FOOT = 0.72, 0.5
"""Inches for the title and for the legend."""
TITLE, NOTE = 12.0, 7.0
"""Points."""


def page_of(
    profile: NetworkCost,
    measure: Measure,
    width: float = WIDTH,
    layer: str | None = None,
    depth: int | None = None,
) -> Page:
    """The drawing of a network.

    Args:
        profile: the network.
        measure: the width of a text in inches.
        width: of the page, in inches.
        layer: a stage or block to open, by its name; all of the network if None.
        depth: columns by so many parts of the names; 0 for a column a layer, None leaves it to the network.

    Raises:
        NameUnknown: no layer of this name.
    """
    units = units_of(profile)
    block = Block("", units) if layer is None else part(profile.graph, units, layer)
    page = Page(width)
    if layer is None or depth is not None or (len(block.children) > 2 and spine(block.children)):
        columns = columns_of(parts_of(block) if depth is None else deeper(block, depth))
        overview(page, profile, units, block, columns, measure)
    else:
        closeup(page, profile, units, block, measure)
    title(page, profile, block, measure)
    return page


def part(graph: Graph, units: Sequence[Unit], name: str) -> Block:
    """The units below a name; what works in place is shown with the layer that it follows."""
    wanted = {node.name for node in graph.find(name)}
    found = [unit for unit in units if unit.main.name in wanted]
    found = found or [unit for unit in units if any(cost.name in wanted for cost in unit.costs)]
    return Block(name, tuple(found))


def deeper(block: Block, depth: int) -> list[Block]:
    """The blocks so many name parts below one; every layer for 0."""
    base = block.name.count(".") + 1 if block.name else 0
    return blocks_at(block.units, base + depth if depth else 10**6)


def parts_of(block: Block) -> list[Block]:
    """What the columns are: the stages; where they are few, the largest opened."""
    parts = list(block.children) if block.name else blocks_at(block.units, 1)
    while len(parts) < 4:
        big = max(parts, key=lambda p: len(p.units))
        more = list(big.children)
        if len(more) < 2 or len(big.run) > 1 or not spine(more) or len(parts) + len(more) > MOST:
            break
        parts[parts.index(big) : parts.index(big) + 1] = more
    return parts


def overview(
    page: Page,
    profile: NetworkCost,
    units: Sequence[Unit],
    block: Block,
    columns: list[Column],
    measure: Measure,
) -> None:
    """Columns of maps in a row, and the blocks that repeat opened below."""
    page.columns = columns
    heads = side_heads(profile, units) if not block.name else []
    lines = bands(columns, [entrance(profile, block, units)], heads, measure, page.width)
    page.cells = panel.chosen(columns, units, measure, page.width)
    below = panel.height(page.cells)
    texts = sum(line.fixed for line in lines)
    room = (HEIGHT - HEAD - FOOT - below - texts) / len(lines)
    high = min(max(room, 1.15 if len(lines) == 1 else 0.8), 5.0 if lines[0].valley else 4.2)
    y = HEAD
    for line in lines:
        y = line.draw(page, y, high)
    if lines[0].valley:
        page.notes.append("below each map: its output, params and layers")
    if page.cells:
        panel.draw(page, page.cells, y, measure)
        y += below
    page.height = y + FOOT


def closeup(page: Page, profile: NetworkCost, units: Sequence[Unit], block: Block, measure: Measure) -> None:
    """One block over the whole page, with the shape that leaves each layer."""
    room = (page.width - 2 * EDGE, HEIGHT - HEAD - FOOT)
    cell = panel.closeup(block, units, profile, measure, room)
    page.cells = [cell]
    page.height = max(HEAD + cell.height + 0.3 + FOOT, 4.2)
    top = HEAD + (page.height - HEAD - FOOT - cell.height) / 2
    panel.draw_cell(page, cell, (page.width - cell.width) / 2, top)


def entrance(profile: NetworkCost, block: Block, units: Sequence[Unit]) -> Stand:
    """The column of what enters: the network's input, or the map before a stage."""
    if block.name and block.entries and block.entries[0] >= 0:
        unit = units[block.entries[0]]
        return Stand((unit.parts[0],), (numbers.shape(unit.shape), ""), (), unit.shape, "")
    graph = profile.graph
    shape = channels_first(graph.input_shape, graph.axes["input"])
    return Stand(("input",), (numbers.shape(shape), ""), (), shape, "")


def title(page: Page, profile: NetworkCost, block: Block, measure: Measure) -> None:
    """The network's name and totals, in the page's left top corner."""
    totals = block_totals(profile, block)
    name = f"{profile.name}, {block.name}" if block.name else profile.name
    shape = numbers.shape(profile.graph.input_shape)
    flops = f"{numbers.human(int(totals[1]))} {profile.convention.flops_label}"
    said = [f"{numbers.human(int(totals[0]))} params", flops, f"convention {profile.convention.name}"]
    said = [f"input {shape}", *said] if not block.name else said
    said += [f"batch {profile.batch}"] * (profile.batch > 1) + page.notes
    x, y = EDGE, EDGE + TITLE * LINE / 2
    room = page.width - 2 * EDGE
    name = shortened(name, measure, TITLE, True, room)
    page.shapes.append(Word(x, y, name, TITLE, True, across="left"))
    about(page, profile, measure, x + measure(name, TITLE, True) + 0.15, y)
    text = shortened(", ".join(said), measure, 8.5, False, room)
    page.shapes.append(Word(x, y + 0.24, text, 8.5, muted=True, across="left"))


def about(page: Page, profile: NetworkCost, measure: Measure, x: float, y: float) -> None:
    """The paper's title and year behind the name, if there is room for them."""
    graph = profile.graph
    text = ", ".join(str(part) for part in (graph.title, graph.year) if part)
    if text and (room := page.width - EDGE - x) > 1.5:
        page.shapes.append(
            Word(x, y, shortened(text, measure, 9.0, False, room), 9.0, muted=True, across="left")
        )


def block_totals(profile: NetworkCost, block: Block) -> tuple[int, int]:
    """Params and FLOPs of what is shown."""
    if not block.name:
        return profile.totals.params, profile.totals.flops
    costs = [cost for unit in block.units for cost in unit.costs]
    return sum(c.params for c in costs), sum(c.flops for c in costs)
