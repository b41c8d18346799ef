"""A network's page: columns of feature maps above, the blocks that they are made of below."""

from __future__ import annotations

from collections.abc import Sequence

from cnncost import numbers
from cnncost.charts.architecture import panel
from cnncost.charts.architecture.blocks import DrawnBlock, blocks_at, in_a_row
from cnncost.charts.architecture.drawn_columns import MOST, columns_of
from cnncost.charts.architecture.maps import LabelledMap
from cnncost.charts.architecture.packing import bands
from cnncost.charts.architecture.shapes import EDGE, HEIGHT, WIDTH, Drawing, Word
from cnncost.charts.architecture.text import LINE, shortened, text_width
from cnncost.charts.architecture.units import LayerUnit, side_heads, units_of
from cnncost.count.profile import NetworkCost, add_up
from cnncost.count.rows import channels_first
from cnncost.dims import Shape

HEAD, FOOT = 0.72, 0.5
"""Inches for the title and for the legend."""
TITLE = 12.0
"""Points."""


def page_of(
    profile: NetworkCost, width: float = WIDTH, layer: str | None = None, depth: int | None = None
) -> Drawing:
    """The drawing of a network.

    Args:
        profile: the network.
        width: of the page, in inches.
        layer: a stage or block to open, by its name; the whole network by default.
        depth: columns by the first N parts of layer names; 0 for one column per layer, None for the default.

    Raises:
        NameUnknown: there is no layer of this name.
    """
    units = units_of(profile)
    block = DrawnBlock("", units) if layer is None else block_named(profile, units, layer)
    page = Drawing(width)
    if layer is None or depth is not None or (len(block.children) > 2 and in_a_row(block.children)):
        parts = (block.name.count(".") + 1 if block.name else 0) + depth if depth else 10**6
        page.columns = columns_of(parts_of(block) if depth is None else blocks_at(block.units, parts))
        draw_overview(page, profile, units, block)
    else:
        draw_close_up(page, profile, units, block)
    write_title(page, profile, block)
    return page


def block_named(profile: NetworkCost, units: Sequence[LayerUnit], name: str) -> DrawnBlock:
    """The units below a name; in-place layers are shown with the layer before them."""
    wanted = {node.name for node in profile.graph.find(name)}
    found = [unit for unit in units if unit.main.name in wanted]
    found = found or [unit for unit in units if any(cost.name in wanted for cost in unit.costs)]
    return DrawnBlock(name, tuple(found))


def parts_of(block: DrawnBlock) -> list[DrawnBlock]:
    """The blocks that become columns: the stages; where they are few, the largest opened."""
    parts = list(block.children) if block.name else blocks_at(block.units, 1)
    while len(parts) < 4:
        big = max(parts, key=lambda p: len(p.units))
        more = list(big.children)
        if len(more) < 2 or len(big.run) > 1 or not in_a_row(more) or len(parts) + len(more) > MOST:
            break
        parts[parts.index(big) : parts.index(big) + 1] = more
    return parts


def draw_overview(page: Drawing, profile: NetworkCost, units: Sequence[LayerUnit], block: DrawnBlock) -> None:
    """Draw the columns in a row, and the blocks that repeat opened below."""
    heads = side_heads(profile, units) if not block.name else []
    lines = bands(page.columns, entrance(profile, block, units), heads, page.width)
    page.opened = panel.blocks_shown(page.columns, units, page.width)
    below = panel.height(page.opened)
    room = (HEIGHT - HEAD - FOOT - below - sum(line.fixed for line in lines)) / len(lines)
    high = min(max(room, 1.15 if len(lines) == 1 else 0.8), 5.0 if lines[0].valley else 4.2)
    y = HEAD
    for line in lines:
        y = line.draw(page, y, high)
    if lines[0].valley:
        page.notes.append("below each map: its output, params and layers")
    if page.opened:
        panel.draw_blocks(page, y)
        y += below
    page.height = y + FOOT


def draw_close_up(page: Drawing, profile: NetworkCost, units: Sequence[LayerUnit], block: DrawnBlock) -> None:
    """Draw one block over the whole page, with the output shape of each layer."""
    room = (page.width - 2 * EDGE, HEIGHT - HEAD - FOOT)
    opened = panel.close_up(block, units, input_shape(profile), room)
    page.opened = [opened]
    page.height = max(HEAD + opened.height + 0.3 + FOOT, 4.2)
    top = HEAD + (page.height - HEAD - FOOT - opened.height) / 2
    panel.draw_block(page, opened, (page.width - opened.width) / 2, top)


def entrance(profile: NetworkCost, block: DrawnBlock, units: Sequence[LayerUnit]) -> LabelledMap:
    """The first map: the network's input, or the map before a stage."""
    name, shape = ", ".join(profile.graph.inputs), input_shape(profile)
    if block.name and block.entries and block.entries[0] >= 0:
        unit = units[block.entries[0]]
        name, shape = unit.parts[0], unit.shape
    return LabelledMap((name,), (numbers.shape(shape), ""), (), shape, "")


def input_shape(profile: NetworkCost) -> Shape:
    """The shape of the network's first input, channels first."""
    return channels_first(profile.graph.input_shape, profile.graph.axes[profile.graph.first_input])


def write_title(page: Drawing, profile: NetworkCost, block: DrawnBlock) -> None:
    """Write the network's name, its paper's title and its totals in the left top corner."""
    totals = add_up(cost for unit in block.units for cost in unit.costs) if block.name else profile.totals
    x, y, room = EDGE, EDGE + TITLE * LINE / 2, page.width - 2 * EDGE
    name = shortened(f"{profile.name}, {block.name}" if block.name else profile.name, TITLE, True, room)
    page.shapes.append(Word(x, y, name, TITLE, True, across="left"))
    behind = x + text_width(name, TITLE, True) + 0.15
    paper = ", ".join(str(part) for part in (profile.graph.title, profile.graph.year) if part)
    if paper and page.width - EDGE - behind > 1.5:
        paper = shortened(paper, 9.0, False, page.width - EDGE - behind)
        page.shapes.append(Word(behind, y, paper, 9.0, muted=True, across="left"))
    facts = [f"input {profile.graph.input_text}"] if not block.name else []
    facts.append(f"{numbers.human(int(totals.params))} params")
    facts.append(f"{numbers.human(int(totals.flops))} {profile.convention.flops_label}")
    facts.append(f"convention {profile.convention.name}")
    facts += [f"batch {profile.batch}"] * (profile.batch > 1) + page.notes
    text = shortened(", ".join(facts), 8.5, False, room)
    page.shapes.append(Word(x, y + 0.24, text, 8.5, muted=True, across="left"))
