"""Each layer under a device's roofline: where it was measured, or on the roof itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from math import log10
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from cnncost import numbers
from cnncost.charts.axes import ChartFigure, on_axes
from cnncost.charts.families import FAMILY_NAMES, layer_family
from cnncost.charts.labels import axes_position, axes_size, label_size, points_per_pixel, write_label
from cnncost.charts.panels import short_name, wrapped
from cnncost.charts.placement import Disc, LabelBox, LabelSpot, best_spot
from cnncost.charts.request import Request
from cnncost.charts.roofline_data import RowsUnderRoof, position_of, rows_under_roof
from cnncost.charts.theme import SMALL, THEMES, TITLE, Theme, points
from cnncost.count.profile import NetworkCost
from cnncost.timing.placed_rows import PlacedRow
from cnncost.timing.reports import ROOF_ALONE, Measured, measured_device
from cnncost.timing.roofline import Roof

RADII = (2.2, 16.0)
"""Points: the smallest radius of a dot, and the radius of one that takes all the time."""
HOLLOW = 3.2
"""Points: the radius of a dot that was not measured."""
NAMED, LABELLED = 8, 24
"""How many layers have a name in any case, the slowest first, and how many where there is room."""
LONGEST = 18
"""The most characters of a layer's name."""
NARROW = 7.0
"""Inches: in a narrower figure the legend is below the chart."""


def figure(request: Request) -> ChartFigure:
    """The layers of one network under the roof of a device."""
    (profile,) = request.profiles
    given = request.device
    names = [None] if given is None else [name.strip() for name in given.split(";")]
    device, *others = [measured_device(name) for name in names]
    under = rows_under_roof(profile, device, request.notes)
    width = request.across(9.2)
    wide = width > NARROW
    height = 5.2 if wide else 0.75 * width + 1.9
    made = request.figure(width, height)
    made.set_layout_engine("none")  # the labels need the final size of the Axes
    made.title, made.description = title_of(under), "; ".join(request.notes)
    heading = wrapped(made.title, made.get_figwidth(), 0.74 * TITLE) if request.title else ""
    head = 0.2 + 0.2 * (heading.count("\n") + bool(heading))
    across, below = width - (2.7 if wide else 0.8), 0.55 if wide else 1.45
    axes = made.add_axes((0.7 / width, below / height, across / width, (height - below - head) / height))
    draw_rows(
        under,
        axes,
        request.theme,
        [(name_of(one, under.profile.dtype), one.roof(under.profile.dtype)) for one in others],
        wide,
    )
    made.suptitle(heading, x=0.01, ha="left", y=1 - 0.08 / height, va="top")
    return made


@on_axes(2, 1.5)
def draw(
    profile: NetworkCost, axes: Axes, device: Measured | str | None = None, theme: Theme = THEMES["light"]
) -> Axes:
    """Draw a network's layers under a device's roof, both axes logarithmic.

    Args:
        profile: the network; batch, dtype and training choose among the measurements.
        axes: the Axes, with their final size.
        device: a device, or as `cnncost.timing.reports.measured_device` takes it.
        theme: the colours.

    Raises:
        CnncostError: there is no such device, or it has no roof for the dtype.
    """
    known = device if isinstance(device, Measured) else measured_device(device)
    return draw_rows(rows_under_roof(profile, known, []), axes, theme)


def title_of(under: RowsUnderRoof) -> str:
    """The network, the device and the conditions."""
    profile, result = under.profile, under.result
    kind = ", training" if profile.train else ""
    layout = ", channels last" if result and result.get("channels_last") else ""
    where = name_of(under.device, profile.dtype)
    return f"{short_name(profile.name)}, batch {profile.batch}, {profile.dtype}{kind}{layout}: {where}"


def name_of(device: Measured, dtype: str) -> str:
    """A device's name; of one given by two numbers, these."""
    roof = device.roof(dtype)
    flops, moved = rate(roof.flops_per_second), rate(roof.bytes_per_second)
    return f"a device of {flops}FLOP/s and {moved}B/s" if device.label == ROOF_ALONE else device.label


def draw_rows(
    under: RowsUnderRoof,
    axes: Axes,
    theme: Theme,
    others: Sequence[tuple[str, Roof]] = (),
    wide: bool = True,
) -> Axes:
    """Draw the roof, other roofs to compare it with, the layers, their labels and a legend."""
    set_axes(axes, under, others)
    fixed = draw_roof(axes, under, theme)
    for (label, roof), style in zip(others, cycle(("--", ":", "-.")), strict=False):
        left, right = axes.get_xlim()
        corners = roof_corners(roof, left, right)
        axes.plot(*zip(*corners, strict=True), style, color=theme.muted, linewidth=1.2, zorder=2, label=label)
    draw_dots(axes, under, theme)
    label_dots(axes, under, fixed, theme)
    draw_legend(axes, under, theme, wide)
    return axes


def set_axes(axes: Axes, under: RowsUnderRoof, others: Sequence[tuple[str, Roof]]) -> None:
    """Set logarithmic axes with room for every layer, and for the roof's corner."""
    roof = under.roof
    x, y = zip(*map(position_of, under.rows), strict=True)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(min(*x, roof.ridge / 10) / 1.8, max(*x, roof.ridge * 10) * 1.8)
    highest = max(*y, roof.flops_per_second, *(other.flops_per_second for _, other in others))
    axes.set_ylim(min(*y, roof.flops_per_second / 100) / 2, highest * 3)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.significant(value, 1)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(value)))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(numticks=12))
        axis.set_minor_formatter(NullFormatter())
    axes.grid()
    axes.set_xlabel("operations per byte moved (FLOP/byte)")
    axes.set_ylabel("operations per second (FLOP/s)")


def power_of_ten(value: float) -> str:
    """A power of ten with its prefix: `10 G`."""
    prefix = min(max(0, round(log10(value)) // 3), len(numbers.PREFIXES) - 1)
    return f"{numbers.significant(value / 1000**prefix, 1)} {numbers.PREFIXES[prefix]}".rstrip()


def draw_roof(axes: Axes, under: RowsUnderRoof, theme: Theme) -> list[Text]:
    """Draw the roof; its bandwidth, ridge and peak are written above it, and above faster layers."""
    (left, _), (ridge, peak), (right, _) = corners = roof_corners(under.roof, *axes.get_xlim())
    axes.plot(*zip(*corners, strict=True), color=theme.text, linewidth=1.6, zorder=2)
    slope = under.roof.bytes_per_second
    middle = (max(left, axes.get_ylim()[0] / slope) * ridge) ** 0.5
    fastest = max(peak, *(position_of(row)[1] * 1.08 for row in under.rows))
    texts = [
        (middle, middle * slope, f"{rate(slope)}B/s"),
        (ridge, peak, f"ridge {numbers.significant(ridge)} FLOP/byte"),
        (right, fastest, f"peak {rate(peak)}FLOP/s"),
    ]
    above: dict[str, Any] = {"textcoords": "offset points", "va": "bottom", "fontsize": points(SMALL)}
    return [
        axes.annotate(text, (x, y), (-4, 3), ha="right", color=theme.muted, **above) for x, y, text in texts
    ]


def roof_corners(roof: Roof, left: float, right: float) -> list[tuple[float, float]]:
    """The roof's left end, its ridge and its right end, in data."""
    peak = roof.flops_per_second
    return [(left, left * roof.bytes_per_second), (roof.ridge, peak), (right, peak)]


def rate(value: float) -> str:
    """A rate with three digits and its prefix: `441 G`."""
    text = numbers.human(round(value))
    return text if text[-1].isalpha() else f"{text} "


def draw_dots(axes: Axes, under: RowsUnderRoof, theme: Theme) -> None:
    """Draw a dot for each layer in the colour of its family: filled if measured, its area shows its time."""
    for row in sorted(under.rows, key=lambda row: -row.placed.seconds):
        colour = theme.layers[row_family(row)]
        axes.plot(
            *position_of(row),
            "o",
            markersize=2 * radius(row, under),
            markerfacecolor=colour if row.measured else theme.ground,
            markeredgecolor=theme.ground if row.measured else colour,
            markeredgewidth=0.5 if row.measured else 1.2,
            alpha=0.85 if row.measured else 1,
            zorder=3,
        )


def radius(row: PlacedRow, under: RowsUnderRoof) -> float:
    """The radius of a dot in points: its area is the layer's part of the time."""
    if not row.measured:
        return HOLLOW
    part = row.placed.seconds / under.seconds if under.seconds else 0
    return float(max(RADII[0], RADII[1] * part**0.5))


def row_family(row: PlacedRow) -> str:
    """The family of a row's main layer; for a stage, of the layer that computes most."""
    main = row.row.main or max(row.row.costs, key=lambda cost: int(cost.flops))
    return layer_family(main.node.layer)


def label_dots(axes: Axes, under: RowsUnderRoof, fixed: Sequence[Text], theme: Theme) -> None:
    """Write the names of the slowest layers, or of the largest, where there is room."""
    ordered = sorted(under.rows, key=lambda row: (-row.measured, -row.placed.seconds, -row.placed.flops))
    distinct = {position_of(row): row for row in reversed(ordered)}  # one label per position
    rows = sorted(distinct.values(), key=ordered.index)
    discs = [
        Disc(
            *axes_position(axes, *position_of(row)),
            radius(row, under),
            *label_size(axes, short_name(row.row.label, LONGEST)),
            needed=i < NAMED,
        )
        for i, row in enumerate(rows)
    ]
    corners = roof_corners(under.roof, *axes.get_xlim())
    start, ridge, end = (axes_position(axes, *corner) for corner in corners)
    taken = [LabelSpot(text_box(text, axes)) for text in fixed]
    taken += [LabelSpot(LabelBox(0, 0, 0, 0), line) for line in ((start, ridge), (ridge, end))]
    width, height = axes_size(axes)
    leader = {"arrowstyle": "-", "color": theme.muted, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0}
    places: dict[str, Any] = {"xycoords": "axes points", "textcoords": "axes points"}
    for row, disc in [*zip(rows, discs, strict=True)][:LABELLED]:
        spot = best_spot(disc, discs, taken, LabelBox(2, 2, width - 4, height - 4))
        if spot is not None and spot.leader:
            axes.annotate("", *spot.leader, arrowprops=leader, zorder=3, **places)
        if spot is not None:
            taken.append(spot)
            write_label(axes, short_name(row.row.label, LONGEST), spot.box, theme)


def text_box(text: Text, axes: Axes) -> LabelBox:
    """Where a text is, in points from the lower left corner of its Axes."""
    box, frame, per_pixel = text.get_window_extent(), axes.get_window_extent(), points_per_pixel(axes)
    left, bottom = (box.x0 - frame.x0) * per_pixel, (box.y0 - frame.y0) * per_pixel
    return LabelBox(left, bottom, box.width * per_pixel, box.height * per_pixel)


def draw_legend(axes: Axes, under: RowsUnderRoof, theme: Theme, wide: bool) -> None:
    """Explain colours, filling, area and what is above the roof next to the Axes."""

    def entry(text: str, colour: str, filled: bool = True) -> Line2D:
        dot: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 6}
        return Line2D(
            [], [], color=colour, markerfacecolor=colour if filled else theme.ground, label=text, **dot
        )

    present = {row_family(row) for row in under.rows}
    entries = [entry(name, theme.layers[key]) for key, name in FAMILY_NAMES.items() if key in present]
    if any(row.measured for row in under.rows):
        entries.append(entry("measured:\narea shows its time", theme.muted))
    if not all(row.measured for row in under.rows):
        entries.append(entry("not measured:\non the roof", theme.muted, filled=False))
    if any(row.measured and (row.placed.share or 0) > 1 for row in under.rows):
        entries.append(entry("above the roof:\ndata from a cache, or\na faster algorithm", "none"))
    lines = [line for line in axes.lines if not str(line.get_label()).startswith("_")]
    beside: dict[str, Any] = {"bbox_to_anchor": (1.01, 1.0), "labelspacing": 0.8, "loc": "upper left"}
    if not wide:
        low = -points(32) / axes_size(axes)[1]
        beside = {"bbox_to_anchor": (0.5, low), "ncols": 2, "loc": "upper center", "columnspacing": 0.8}
    axes.legend(handles=[*lines, *entries], borderaxespad=0, **beside)
