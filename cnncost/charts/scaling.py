"""Cost against the input's size or a param of the spec: a line a network, named at its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from cnncost import numbers
from cnncost.charts import MANY
from cnncost.charts.labelled import size_of
from cnncost.charts.panels import (
    CHARACTER,
    QUANTITIES,
    Quantity,
    counted,
    even_ticks,
    headed,
    log_ticks,
    short,
)
from cnncost.charts.request import COUNTING, Request
from cnncost.charts.spread import apart
from cnncost.charts.theme import SMALL, THEMES, Theme
from cnncost.dims import Shape
from cnncost.errors import CnncostError
from cnncost.space.sweep import NEAR, Curve, Over, exponent, parse_over, sweep
from cnncost.spec.expression import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NETWORKS = (1, MANY)
READS = ("over", "quantity", *COUNTING)
WIDTH, HEIGHT, REST = 5.4, 4.4, 1.4
"""Inches: the width without the names, the least height, and how much of the height is not the axes'."""
LINE = 1.5 * SMALL
"""Points from one name to the next."""
SPREAD = 100
"""Where the largest cost is more than so many times the smallest, the scales are logarithmic."""
STYLES = ("-", "--", ":", "-.")
LONGEST = 24
"""Characters of a value that is no number."""


def figure(request: Request) -> Figure:
    """The chart of some networks over what is asked for."""
    from matplotlib.figure import Figure

    if request.over is None:
        raise CnncostError("chart scaling: say what varies, as --over input=128,160,192,224")
    quantity = QUANTITIES[request.chosen(("macs", "params", "flops", "memory"))]
    over = parse_over(request.over)
    curves = [sweep(name, over, **request.options) for name in request.names]
    request.notes.extend(note for curve in curves for note in notes(curve, over))
    curves = fitting(curves, over)
    labels = [label(curve, over, quantity) for curve in curves]
    width, height = (
        WIDTH + max(map(len, labels)) * CHARACTER / 72,
        max(HEIGHT, REST + len(curves) * LINE / 72),
    )
    made = Figure(figsize=(width, height))
    place = {"left": 1 / width, "right": WIDTH / width, "bottom": 1 / height, "top": 1 - 0.4 / height}
    draw(curves, over, made.subplots(gridspec_kw=place), quantity.key, request.theme)
    title = f"{quantity.name(curves[0].convention)} against {what(over)}"
    said = below(curves[0], over, quantity, request.options.get("input"))
    law = f" ∝: the power that every point of a line keeps to within {NEAR:.0%}."
    headed(made, title, said + (law if any("∝" in name for name in labels) else ""), request.theme)
    return made


def fitting(curves: Sequence[Curve], over: Over) -> list[Curve]:
    """Those that have points.

    Raises:
        CnncostError: none has.
    """
    found = [curve for curve in curves if curve.points]
    if not found:
        raise CnncostError(
            f"--over {over.param}: no value fits {curves[0].network}: {curves[0].left_out[0][1]}"
        )
    return found


def notes(curve: Curve, over: Over) -> Iterator[str]:
    """Which values were left out, and why; a reason that several share is that of the first."""
    for _, group in groupby(curve.left_out, key=lambda found: found[1].partition(":")[0]):
        found = list(group)
        values = ", ".join(value.text for value, _ in found)
        yield f"left out: {curve.network} at {over.param}={shorten(values)}: {found[0][1]}"


def what(over: Over) -> str:
    """What varies, as the x axis says it."""
    return "input size (pixels)" if over.param == "input" else over.param


def below(curve: Curve, over: Over, quantity: Quantity, given: Shape | None) -> str:
    """What the numbers hold for."""
    said = [f"batch {curve.batch}, {curve.dtype}, convention {curve.convention.name}."]
    if over.param != "input":
        said.insert(0, f"input {numbers.shape(given)}," if given else "each network on its own input,")
    return " ".join([*said, *counted(curve.convention, [quantity])])


def label(curve: Curve, over: Over, quantity: Quantity) -> str:
    """The network's name and, where one holds, the law by which its cost grows."""
    power = exponent(curve, quantity.value)
    name = short(curve.network)
    return name if power is None else f"{name}  ∝ {over.param}^{power:.2f}"


def draw(
    curves: Sequence[Curve], over: Over, axes: Axes, quantity: str = "macs", theme: Theme = THEMES["light"]
) -> Axes:
    """Draw sweeps of the same values into Axes, a line each.

    Costs that span more than two decades stand on logarithmic scales, on which a power is a straight
    line; so do the values, if they are positive numbers.

    Args:
        curves: what `cnncost.space.sweep.sweep` found of each network.
        over: what varies.
        axes: the Axes; names stand at its right, outside.
        quantity: macs, params, flops or memory.
        theme: the colours.
    """
    shown = QUANTITIES[quantity]
    places = {
        value.text: float(value.number or 0) if over.numeric else at for at, value in enumerate(over.values)
    }
    unit = scale_costs(axes, curves, shown)
    scale_values(axes, over, places)
    lines = []
    for at, curve in enumerate(curves):
        xs = [places[point.value.text] for point in curve.points]
        ys = [shown.value(point.totals) / unit for point in curve.points]
        colour = theme.series[at % len(theme.series)]
        style = STYLES[at // len(theme.series) % len(STYLES)]
        axes.plot(xs, ys, style, color=colour, marker="o", markersize=3.5 if len(xs) <= 40 else 0)
        lines.append((label(curve, over, shown), (xs[-1], ys[-1]), colour))
    name_ends(axes, lines)
    return axes


def scale_costs(axes: Axes, curves: Sequence[Curve], quantity: Quantity) -> int:
    """Set the y axis; what a unit of it is worth."""
    convention = curves[0].convention
    costs = [quantity.value(point.totals) for curve in curves for point in curve.points]
    low, high = min(costs), max(costs)
    wide = 0 < SPREAD * low < high
    unit = numbers.Unit("", 1) if wide else quantity.unit(high, convention)
    if wide:
        axes.set_yscale("log")
        axes.set_ylim(low / 1.3, high * 1.3)
        log_ticks(axes.yaxis, quantity.steps(convention))
    else:
        axes.set_ylim(0, 1.06 * high / unit.size or 1)
        even_ticks(axes.yaxis)
    axes.set_ylabel(quantity.label(convention, unit) + (", log scale" if wide else ""))
    return unit.size


def scale_values(axes: Axes, over: Over, places: Mapping[str, float]) -> None:
    """Set the x axis, with a tick at each value as far as there is room."""
    from matplotlib.ticker import NullLocator

    low, high = min(places.values()), max(places.values())
    if axes.get_yscale() == "log" and over.numeric and low > 0:
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
        margin = (high / low) ** 0.04
        axes.set_xlim(low / margin, high * margin)
    else:
        axes.set_xlim(low - 0.04 * (high - low), high + 0.04 * (high - low))
    texts = {text: shorten(text, LONGEST) for text in places}
    slanted = not over.numeric and sum(map(len, texts.values())) * CHARACTER > 0.8 * size_of(axes)[0]
    kept = with_room(axes, places, texts, slanted)
    axes.set_xticks([places[text] for text in kept], [texts[text] for text in kept])
    if slanted:
        axes.tick_params(axis="x", labelrotation=30)
        for tick in axes.get_xticklabels():
            tick.set(ha="right", rotation_mode="anchor")
    axes.set_xlabel(what(over))


def with_room(axes: Axes, places: Mapping[str, float], texts: Mapping[str, str], slanted: bool) -> list[str]:
    """The last value, and those before it whose texts run into no other."""
    across, along = axes.transAxes.inverted(), size_of(axes)[0]
    spans = {}
    for text, place in places.items():
        middle = across.transform(axes.transData.transform((place, axes.get_ylim()[0])))[0] * along
        half = LINE / 2 if slanted else (len(texts[text]) * CHARACTER + SMALL) / 2
        spans[text] = (middle - half, middle + half)
    *before, last = places
    kept: list[str] = []
    for text in before:
        if spans[text][1] <= spans[last][0] and (not kept or spans[text][0] >= spans[kept[-1]][1]):
            kept.append(text)
    return [*kept, last]


def name_ends(axes: Axes, lines: Sequence[tuple[str, tuple[float, float], str]]) -> None:
    """Names at the right of the Axes, each led to by a thin line from the end of its own."""
    _, height = size_of(axes)
    scaled = axes.transAxes.inverted()
    wanted = [scaled.transform(axes.transData.transform(end))[1] for _, end, _ in lines]
    for (text, end, colour), at in zip(lines, apart(wanted, LINE / height), strict=True):
        axes.annotate(
            text,
            end,
            (1.04, at),
            textcoords="axes fraction",
            va="center",
            fontsize=SMALL,
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "linewidth": 0.8,
                "relpos": (0, 0.5),
                "shrinkA": 1,
            },
        )
