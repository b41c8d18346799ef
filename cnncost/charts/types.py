"""What the types of layers cost across networks: stacked bars, each network as 100 percent."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from cnncost.charts import panels
from cnncost.charts.axes import ChartFigure, on_axes
from cnncost.charts.families import FAMILY_NAMES, layer_family
from cnncost.charts.request import Request
from cnncost.charts.theme import SMALL, THEMES, Theme, ink, points
from cnncost.count.profile import NetworkCost, Totals

REST = 1.6
"""Inches: the height of legend, axes and note."""
LEAST = 0.27
"""Inches: the least width of a part that has its number in it."""


def figure(request: Request) -> ChartFigure:
    """The chart of some networks; of one cost if `quantity` names it."""
    profiles = request.profiles
    chosen = request.chosen_quantity(("", "memory", "params", "flops", "macs"))
    shown = [panels.COSTS[chosen]] if chosen else [panels.COSTS[key] for key in ("params", "flops", "memory")]
    names = [panels.short_name(profile.name) for profile in profiles]
    made = request.figure(
        request.across(panels.width_for(names)), REST + 1.4 * panels.ROW * max(len(names), 2)
    )
    axes = made.subplots(1, len(shown), squeeze=False)[0]
    draw(profiles, axes, [cost.key for cost in shown], request.theme)
    handles = {one.get_label(): one for panel in axes for one in panel.containers}
    columns = len(handles) if request.across(9.6) > 6 else 3
    made.legend(handles=list(handles.values()), loc="outside upper left", ncols=columns)
    shapes = len({profile.graph.input_text for profile in profiles}) > 1
    note = panels.conditions(*profiles, shown=shown, inputs="each network on its own input" if shapes else "")
    panels.title_and_note(made, "Costs by type of layer", note, request.theme, headed=False)
    return made


@on_axes(0.8, 0.5)
def draw(
    profiles: Sequence[NetworkCost],
    axes: Sequence[Axes],
    costs: Sequence[str] = ("params", "flops", "memory"),
    theme: Theme = THEMES["light"],
) -> Sequence[Axes]:
    """Draw into one Axes per cost: a bar per network, in parts by type of layer, its total behind it.

    Args:
        profiles: the networks, all counted by the same convention.
        axes: one Axes per cost.
        costs: params, flops, memory or macs.
        theme: the colours.
    """
    by_family = [family_totals(profile) for profile in profiles]
    for key, panel in zip(costs, axes, strict=True):
        draw_cost(panel, profiles, by_family, panels.COSTS[key], theme)
    axes[0].set_yticks(range(len(profiles)), [panels.short_name(profile.name) for profile in profiles])
    return axes


def family_totals(profile: NetworkCost) -> dict[str, Totals]:
    """What each family of layers costs; an in-place layer belongs to its own family."""
    found: dict[str, Totals] = {}
    for cost in profile.counted:
        family = layer_family(cost.node.layer)
        found[family] = found.get(family, Totals()) + cost.totals
    return found


def draw_cost(
    axes: Axes,
    profiles: Sequence[NetworkCost],
    by_family: Sequence[dict[str, Totals]],
    cost: panels.ChartedCost,
    theme: Theme,
) -> None:
    """Draw one cost of all networks."""
    totals = [cost.total(profile) for profile in profiles]
    left = [0.0] * len(profiles)
    for family, name in FAMILY_NAMES.items():
        values = [cost.value(found.get(family, Totals())) for found in by_family]
        parts = [100 * value / total if total else 0.0 for value, total in zip(values, totals, strict=True)]
        if not any(parts):
            continue
        look = {"color": theme.layers[family], "edgecolor": theme.ground, "linewidth": 0.5}
        drawn = axes.barh(range(len(parts)), parts, 0.75, left=left, label=name, **look)  # type: ignore[arg-type]
        least = 100 * LEAST / max(panels.width_of(axes) - 0.75, LEAST)
        texts = [f"{part:.0f} %" if part >= least else "" for part in parts]
        colour = ink(theme.layers[family])
        axes.bar_label(drawn, texts, label_type="center", fontsize=points(SMALL), color=colour)
        left = [before + part for before, part in zip(left, parts, strict=True)]
    for at, (profile, total) in enumerate(zip(profiles, totals, strict=True)):
        text = cost.amount(total, profile.convention)
        axes.annotate(text, (100, at), (3, 0), textcoords="offset points", va="center", size=points(SMALL))
    axes.set_xlim(0, 100 * panels.beyond(axes) + 4)
    axes.set_xticks([0, 100], ["0", "100 %"])
    axes.set_yticks([])
    axes.set_ylim(len(profiles) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    panels.panel_title(axes, cost.name(profiles[0].convention))
