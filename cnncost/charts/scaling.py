"""Cost against the input's size or a param of the spec: one line per network, with its name at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from cnncost import numbers
from cnncost.charts import panels
from cnncost.charts.axes import ChartFigure, on_axes
from cnncost.charts.labels import axes_position, axes_size
from cnncost.charts.placement import spaced_out
from cnncost.charts.request import Request
from cnncost.charts.theme import SMALL, THEMES, Theme, points
from cnncost.errors import CnncostError
from cnncost.space.sweep import NEAR, Curve, Over, exponent, parse_over, sweep
from cnncost.spec.expression import shorten

WIDTH, HEIGHT, REST = 5.4, 4.4, 1.4
"""Inches: the width without the names, the least height, and the part of the height outside the axes."""
LINE = 1.5 * SMALL
"""Points from one name to the next."""
WIDE = 100
"""The scales are logarithmic if the largest cost is more than this many times the smallest."""
RAISED = str.maketrans("0123456789.-", "⁰¹²³⁴⁵⁶⁷⁸⁹·⁻")
STYLES = ("-", "--", ":", "-.")
LONGEST = 24
"""The most characters of a value that is no number."""


def figure(request: Request) -> ChartFigure:
    """The chart of some networks over the values of one parameter."""
    if request.over is None:
        raise CnncostError("chart scaling: give what varies: --over input=128,160,192,224")
    cost = panels.COSTS[request.chosen_quantity(("macs", "params", "flops", "memory"))]
    over = parse_over(request.over)
    every = [sweep(name, over, **request.options) for name in request.names]
    request.notes.extend(note for curve in every for note in skipped_values(curve, over))
    curves = [curve for curve in every if curve.points]
    if not curves:
        first = every[0]
        raise CnncostError(f"--over {over.param}: no value fits {first.network}: {first.left_out[0][1]}")
    labels = [line_label(curve, over, cost) for curve in curves]
    names = max(map(len, labels)) * panels.CHARACTER / 72
    width = request.across(WIDTH + names)
    height = max(HEIGHT, REST + len(curves) * LINE / 72)
    made = request.figure(width, height)
    margins = {
        "left": min(1, 0.2 * width) / width,
        "right": 1 - names / width,
        "bottom": 1 / height,
        "top": 1 - 0.4 / height,
    }
    draw(curves, over, made.subplots(gridspec_kw=margins), cost.key, request.theme)
    first = curves[0]
    note = f"batch {first.batch}, {first.dtype}, convention {first.convention.name}."
    if over.param != "input":
        given = request.options.get("input")
        note = f"{f'input {numbers.shape(given)}' if given else 'each network on its own input'}, {note}"
    note = " ".join([note, *panels.definitions(first.convention, [cost])])
    if any("∝" in label for label in labels):
        note += f" ∝: every point of the line follows this power law to within {NEAR:.0%}."
    panels.title_and_note(
        made, f"{cost.name(first.convention)} against {axis_name(over)}", note, request.theme
    )
    return made


def skipped_values(curve: Curve, over: Over) -> Iterator[str]:
    """The values that were left out, and why; a reason that several values share is given once."""
    for _, group in groupby(curve.left_out, key=lambda found: found[1].partition(":")[0]):
        found = list(group)
        values = ", ".join(value.text for value, _ in found)
        yield f"left out: {curve.network} at {over.param}={shorten(values)}: {found[0][1]}"


def axis_name(over: Over) -> str:
    """What varies, as the x axis names it."""
    return "input size (pixels)" if over.param == "input" else over.param


def line_label(curve: Curve, over: Over, cost: panels.ChartedCost) -> str:
    """The network's name and, if there is one, the power law of its cost."""
    power = exponent(curve, cost.value)
    name = panels.short_name(curve.network)
    return name if power is None else f"{name}  ∝ {over.param}{raised(power)}"


def raised(power: float) -> str:
    """An exponent as raised digits: `²`, `¹·⁹⁹`; none for 1."""
    text = f"{power:.2f}".removesuffix(".00")
    return "" if text == "1" else text.translate(RAISED)


@on_axes(1.5, 1.2)
def draw(
    curves: Sequence[Curve], over: Over, axes: Axes, quantity: str = "macs", theme: Theme = THEMES["light"]
) -> Axes:
    """Draw sweeps of the same values into Axes, one line per network.

    Costs that span more than two decades have logarithmic scales, on which a power law is a straight
    line; so do the values, if they are positive numbers.

    Args:
        curves: what `cnncost.space.sweep.sweep` found for each network.
        over: what varies.
        axes: the Axes; names are written to its right, outside.
        quantity: macs, params, flops or memory.
        theme: the colours.
    """
    cost = panels.COSTS[quantity]
    positions = {
        value.text: float(value.number or 0) if over.numeric else at for at, value in enumerate(over.values)
    }
    unit = scale_costs(axes, curves, cost)
    scale_values(axes, over, positions)
    lines = []
    for at, curve in enumerate(curves):
        xs = [positions[point.value.text] for point in curve.points]
        ys = [cost.value(point.totals) / unit for point in curve.points]
        colour = theme.series[at % len(theme.series)]
        style = STYLES[at // len(theme.series) % len(STYLES)]
        axes.plot(xs, ys, style, color=colour, marker="o", markersize=3.5 if len(xs) <= 40 else 0)
        lines.append((line_label(curve, over, cost), (xs[-1], ys[-1]), colour))
    name_ends(axes, lines)
    return axes


def scale_costs(axes: Axes, curves: Sequence[Curve], cost: panels.ChartedCost) -> int:
    """Set the y axis and return the size of its unit."""
    convention = curves[0].convention
    costs = [cost.value(point.totals) for curve in curves for point in curve.points]
    low, high = min(costs), max(costs)
    wide = 0 < WIDE * low < high
    unit = numbers.Unit("", 1) if wide else numbers.axis_unit(high, *cost.steps(convention))
    if wide:
        axes.set_yscale("log")
        axes.set_ylim(low / 1.3, high * 1.3)
        panels.log_ticks(axes.yaxis, cost.steps(convention))
    else:
        axes.set_ylim(0, 1.06 * high / unit.size or 1)
        panels.even_ticks(axes.yaxis)
    axes.set_ylabel(cost.label(convention, unit) + (", log scale" if wide else ""))
    return unit.size


def scale_values(axes: Axes, over: Over, positions: Mapping[str, float]) -> None:
    """Set the x axis, with a tick at each value for which there is room."""
    low, high = min(positions.values()), max(positions.values())
    if axes.get_yscale() == "log" and over.numeric and low > 0:
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
        margin = (high / low) ** 0.04
        axes.set_xlim(low / margin, high * margin)
    else:
        axes.set_xlim(low - 0.04 * (high - low), high + 0.04 * (high - low))
    texts = {text: shorten(text, LONGEST) for text in positions}
    slanted = not over.numeric and sum(map(len, texts.values())) * panels.CHARACTER > 0.8 * axes_size(axes)[0]
    kept = with_room(axes, positions, texts, slanted)
    axes.set_xticks([positions[text] for text in kept], [texts[text] for text in kept])
    if slanted:
        axes.tick_params(axis="x", labelrotation=30)
        for tick in axes.get_xticklabels():
            tick.set(ha="right", rotation_mode="anchor")
    axes.set_xlabel(axis_name(over))


def with_room(
    axes: Axes, positions: Mapping[str, float], texts: Mapping[str, str], slanted: bool
) -> list[str]:
    """The last value, and those before it whose texts overlap no other."""
    spans = {}
    for text, position in positions.items():
        middle, _ = axes_position(axes, position, axes.get_ylim()[0])
        half = LINE / 2 if slanted else (len(texts[text]) * panels.CHARACTER + SMALL) / 2
        spans[text] = (middle - half, middle + half)
    *before, last = positions
    kept: list[str] = []
    for text in before:
        if spans[text][1] <= spans[last][0] and (not kept or spans[text][0] >= spans[kept[-1]][1]):
            kept.append(text)
    return [*kept, last]


def name_ends(axes: Axes, lines: Sequence[tuple[str, tuple[float, float], str]]) -> None:
    """Write names at the right of the Axes, each with a thin line from the end of its own line."""
    _, height = axes_size(axes)
    wanted = [axes_position(axes, *end)[1] / height for _, end, _ in lines]
    for (text, end, colour), at in zip(lines, spaced_out(wanted, LINE / height), strict=True):
        arrow = {"arrowstyle": "-", "color": colour, "linewidth": 0.8, "relpos": (0, 0.5), "shrinkA": 1}
        axes.annotate(
            text,
            end,
            (1.04, at),
            textcoords="axes fraction",
            va="center",
            fontsize=points(SMALL),
            annotation_clip=False,
            arrowprops=arrow,
        )
