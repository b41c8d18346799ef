"""Which part of a network's costs each stage, block and layer has: nested boxes, as high as their part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from cnncost.charts import panels
from cnncost.charts.axes import ChartFigure, on_axes
from cnncost.charts.families import FAMILY_NAMES, layer_family
from cnncost.charts.request import Request
from cnncost.charts.theme import BODY, SMALL, THEMES, Theme, ink, points
from cnncost.count.profile import LayerCost, NetworkCost, add_up
from cnncost.count.rows import fold

HEIGHT = 5.0
"""Inches: the height of the boxes of a whole network."""
LEVELS = 2


@dataclass(frozen=True)
class SharedPart:
    """A stage, block or layer: its name's last part, its level, and from which percent to which it is."""

    name: str
    level: int
    start: float
    end: float
    family: str


def figure(request: Request) -> ChartFigure:
    """The chart of one network; of one cost if `quantity` names it."""
    (profile,) = request.profiles
    chosen = request.chosen_quantity(("", "memory", "params", "flops", "macs"))
    shown = [panels.COSTS[chosen]] if chosen else [panels.COSTS[key] for key in ("params", "flops", "memory")]
    made = request.figure(request.across(panels.WIDTH), HEIGHT + 1.3)
    axes = made.subplots(1, len(shown), squeeze=False)[0]
    draw(profile, axes, [cost.key for cost in shown], request.depth, request.theme)
    families = {part.family for cost in shown for part in parts_of(profile, cost, request.depth or LEVELS)}
    there = [name for name in FAMILY_NAMES if name in families]
    handles = [Rectangle((0, 0), 1, 1, color=request.theme.layers[name]) for name in there]
    columns = len(there) if request.across(panels.WIDTH) > 6 else 3
    names = [FAMILY_NAMES[name] for name in there]
    made.legend(
        handles,
        names,
        loc="outside upper left",
        ncols=columns,
        title=profile.name,
        alignment="left",
        title_fontproperties={"weight": "bold", "size": points(BODY)},
    )
    note = panels.conditions(profile, shown=shown)
    panels.title_and_note(made, f"{profile.name}: shares of its costs", note, request.theme, headed=False)
    return made


@on_axes(0.8, 1.5)
def draw(
    profile: NetworkCost,
    axes: Sequence[Axes],
    costs: Sequence[str] = ("params", "flops", "memory"),
    depth: int | None = None,
    theme: Theme = THEMES["light"],
) -> Sequence[Axes]:
    """Draw into one Axes per cost: stages on the left, what they are made of to their right.

    Args:
        profile: the network.
        axes: one Axes per cost.
        costs: params, flops, memory or macs.
        depth: how many levels of names; 2 by default.
        theme: the colours, by the type of layer that costs most.
    """
    for key, panel in zip(costs, axes, strict=True):
        cost = panels.COSTS[key]
        parts = parts_of(profile, cost, depth or LEVELS)
        levels = 1 + max((part.level for part in parts), default=0)
        for part in parts:
            draw_part(panel, part, levels, theme)
        panel.set(xlim=(0, levels), ylim=(100, 0), xticks=[], yticks=[])
        for spine in panel.spines.values():
            spine.set_visible(False)
        panels.panel_title(panel, cost.headline(profile))
    return axes


def parts_of(profile: NetworkCost, cost: panels.ChartedCost, levels: int) -> list[SharedPart]:
    """The boxes of a network, each level within the one before it; layers without this cost have none."""
    total = cost.total(profile)
    if not total:
        return []
    found: list[SharedPart] = []

    def open_up(costs: Sequence[tuple[str, Sequence[LayerCost]]], level: int, start: float) -> None:
        for name, group in groupby(costs, key=lambda pair: ".".join(pair[0].split(".")[: level + 1])):
            inside = list(group)
            layers = [layer for _, some in inside for layer in some]
            part = 100 * cost.value(add_up(layers)) / total
            if not part:
                continue
            heaviest = max(layers, key=lambda layer: cost.value(layer.totals))
            family = layer_family(heaviest.node.layer)
            tail = name if level == 0 else f".{name.rpartition('.')[2]}"
            found.append(SharedPart(tail, level, start, start + part, family))
            if level + 1 < levels and any(label != name for label, _ in inside):
                open_up(inside, level + 1, start)
            start += part

    open_up([(row.label, row.costs) for row in fold(profile)], 0, 0.0)
    return found


def draw_part(axes: Axes, part: SharedPart, levels: int, theme: Theme) -> None:
    """Draw a box with its name and percentage, as far as they fit."""
    high = part.end - part.start
    ground, colour = to_rgb(theme.ground), to_rgb(theme.layers[part.family])
    share = 0.75 if part.level % 2 == 0 else 0.5
    face = tuple(share * a + (1 - share) * b for a, b in zip(colour, ground, strict=True))
    look = {"facecolor": face, "edgecolor": theme.ground, "linewidth": 0.7}
    axes.add_artist(Rectangle((part.level, part.start), 1, high, **look))  # type: ignore[arg-type]
    characters = (panels.width_of(axes) - 0.2) / levels * 72 / panels.CHARACTER
    if high < 100 * 0.14 / HEIGHT or characters < 4:
        return
    name, percent = part.name, f"{high:.0f} %" if high >= 1 else f"{high:.1f} %"
    room = int(characters - len(percent) - 2)
    text = (
        f"{panels.short_name(name, room)}  {percent}"
        if room >= 4
        else panels.short_name(name, int(characters))
    )
    axes.text(
        part.level + 0.04, part.start + high / 2, text, va="center", size=points(SMALL), clip_on=True,
        color=ink(face),
    )  # fmt: skip
