"""A network's page: columns of feature maps above, the blocks that they are made of below."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from cnncost import numbers
from cnncost.charts.architecture.blocks import MOST, DrawnBlock, blocks_at, columns_of, in_a_row
from cnncost.charts.architecture.insets import TALL, close_up, draw_insets, height, insets
from cnncost.charts.architecture.maps import LabelledMap, broken
from cnncost.charts.architecture.opened import draw_block
from cnncost.charts.architecture.overview import columns_on, draw_columns, least_height
from cnncost.charts.architecture.shapes import EDGE, HEIGHT, WIDTH, Drawing, Word
from cnncost.charts.architecture.text import LINE, shortened, text_width
from cnncost.charts.architecture.units import LayerUnit, side_heads, units_of
from cnncost.count.profile import NetworkCost, add_up
from cnncost.count.rows import channels_first
from cnncost.dims import Shape
from cnncost.errors import CnncostError

SCALE = (
    "Feature maps to scale by square roots: height √H, depth √W, thickness √C; "
    "a vector is a bar √F high. "
    "×n: n blocks, or n equal layers; /2: stride 2; ↑2: upwards by 2; dw: depthwise."
)
SMALLEST = 6.0
"""Points: the least size of text."""


def page_of(
    profile: NetworkCost,
    width: float = WIDTH,
    layer: str | None = None,
    depth: int | None = None,
    font: float = 9.0,
    titled: bool = True,
) -> Drawing:
    """The drawing of a network.

    Args:
        profile: the network.
        width: of the page, in inches.
        layer: a stage or block to open, by its name; the whole network by default.
        depth: columns by the first N parts of layer names; 0 for one column per layer, None for the default.
        font: the greatest size of text in points; below the title, smaller text is used where it is needed.
        titled: whether the page has a title.

    Raises:
        NameUnknown: there is no layer of this name.
        CnncostError: the page is too narrow.
    """
    units = units_of(profile)
    block = DrawnBlock("", units) if layer is None else block_named(profile, units, layer)
    page = Drawing(width, font=font)
    top = write_title(page, profile, block, titled)
    if layer is None or depth is not None or (len(block.children) > 2 and in_a_row(block.children)):
        draw_overview(page, profile, units, block, depth, top)
    else:
        draw_close_up(page, profile, units, block, top)
    return page


def legend_size(font: float) -> float:
    """The size of the legend's text in points."""
    return max(font * 7 / 9, SMALLEST)


def scale_lines(width: float, font: float) -> list[str]:
    """What explains the scale, in lines of a page of this width."""
    return textwrap.wrap(SCALE, int((width - 2 * EDGE) / (0.58 * legend_size(font) / 72)))


def foot(page: Drawing) -> float:
    """Inches for the legend."""
    return EDGE + (len(scale_lines(page.width, page.font)) + 1) * legend_size(page.font) * LINE


def sizes_down(font: float) -> list[float]:
    """Sizes of text, the largest first."""
    return [font - step / 2 for step in range(int(2 * (font - SMALLEST)) + 1)]


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
        if len(more) < 2 or not in_a_row(more) or len(parts) + len(more) > MOST:
            break
        parts[parts.index(big) : parts.index(big) + 1] = more
    return parts


def draw_overview(
    page: Drawing,
    profile: NetworkCost,
    units: Sequence[LayerUnit],
    block: DrawnBlock,
    depth: int | None,
    top: float,
) -> None:
    """Draw the columns in a row, and the blocks that repeat opened below."""
    deep = (block.name.count(".") + 1 if block.name else 0) + depth if depth else 10**6
    blocks = columns_of(parts_of(block) if depth is None else blocks_at(block.units, deep))
    page.columns = blocks
    heads = side_heads(profile, units) if not block.name else []
    sizes = sizes_down(page.font)
    columns = columns_on(blocks, entrance(profile, block, units), heads, page.width, sizes)
    room = HEIGHT * max(page.width / WIDTH, 1) - top - foot(page)
    below = insets(blocks, units, page.width, min(TALL, room - least_height(columns)), sizes)
    page.opened = [one for row in below for one in row]
    y = draw_columns(page, columns, top, room - height(below))
    for column, one in zip(blocks, columns.maps[1:], strict=True):
        count = f" (×{one.count})" if one.count > 1 else ""
        layers = "; ".join(column.layers) or "no layer with weights"
        page.words_of_parts.append(
            f"{column.name}{count}: {numbers.shape(one.shape)}, {one.params} params: {layers}"
        )
    page.height = draw_insets(page, below, blocks, y) + foot(page)


def draw_close_up(
    page: Drawing, profile: NetworkCost, units: Sequence[LayerUnit], block: DrawnBlock, top: float
) -> None:
    """Draw one block over the whole page, with the output shape of each layer."""
    room = (page.width - 2 * EDGE, HEIGHT - top - foot(page))
    opened = close_up(block, units, input_shape(profile), room, sizes_down(page.font * 13 / 9))
    if opened.width > room[0] + EDGE:
        raise CnncostError(
            f"chart diagram: {block.name} needs {opened.width + 2 * EDGE:.1f} inches; give more --width"
        )
    page.opened = [opened]
    page.height = max(top + opened.height + 0.3 + foot(page), min(4.2, 0.5 * page.width))
    down = top + (page.height - top - foot(page) - opened.height) / 2
    draw_block(page, opened, (page.width - opened.width) / 2, down)
    page.words_of_parts.append(f"{block.name}, opened: {opened.words}")


def entrance(profile: NetworkCost, block: DrawnBlock, units: Sequence[LayerUnit]) -> LabelledMap:
    """The first map: the network's input, or the map before a stage."""
    name, shape = ", ".join(profile.graph.inputs), input_shape(profile)
    if block.name and block.entries and block.entries[0] >= 0:
        unit = units[block.entries[0]]
        name, shape = unit.parts[0], unit.shape
    return LabelledMap([name], [numbers.shape(shape)], "", [], shape, "")


def input_shape(profile: NetworkCost) -> Shape:
    """The shape of the network's first input, channels first."""
    return channels_first(profile.graph.input_shape, profile.graph.axes[profile.graph.first_input])


def write_title(page: Drawing, profile: NetworkCost, block: DrawnBlock, titled: bool) -> float:
    """Write the network's name, its paper's title and its totals in the left top corner; return their end."""
    totals = add_up(cost for unit in block.units for cost in unit.costs) if block.name else profile.totals
    page.title = f"{profile.name}, {block.name}" if block.name else profile.name
    facts = [f"input {profile.graph.input_text}"] if not block.name else []
    facts.append(f"{numbers.human(int(totals.params))} params")
    facts.append(f"{numbers.human(int(totals.flops))} {profile.convention.flops_label}")
    facts.append(f"convention {profile.convention.name}")
    facts += [f"batch {profile.batch}"] * (profile.batch > 1)
    page.facts = ", ".join(facts)
    if not titled:
        return EDGE
    large, middle, small = (page.font * part for part in (4 / 3, 1, 17 / 18))
    x, y, room = EDGE, EDGE + large * LINE / 2, page.width - 2 * EDGE
    name = shortened(page.title, large, True, room)
    page.shapes.append(Word(x, y, name, large, True, across="left"))
    behind = x + text_width(name, large, True) + 0.15
    paper = ", ".join(str(part) for part in (profile.graph.title, profile.graph.year) if part)
    if paper and page.width - EDGE - behind > 2.5:
        paper = shortened(paper, middle, False, page.width - EDGE - behind)
        page.shapes.append(Word(behind, y, paper, middle, muted=True, across="left"))
    y += 0.24 * page.font / 9
    for line in broken(page.facts, small, room):
        page.shapes.append(Word(x, y, line, small, muted=True, across="left"))
        y += small * LINE
    return y + 0.1
